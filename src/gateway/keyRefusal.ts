import type { RefusedCredential } from '../access/index.ts';
import { errorRow } from './errors.ts';
import type { Refusal } from './Refusal.ts';

/** What its holder is told; whoever made a key up is told no more than that it is none. */
const words: Readonly<Record<RefusedCredential, string>> = {
  unknown: errorRow('invalid_key').what,
  expired: 'This key is expired.',
  revoked: 'This key is revoked.',
  orphaned: 'This key is orphaned: its team or organisation is no longer there.',
};

/** The refusal of a key, at the beginning of a request or while it runs. */
export const keyRefusal = (fault: RefusedCredential): Refusal => ({
  code: 'invalid_key',
  message: `${words[fault]} ${errorRow('invalid_key').mend}`,
});
