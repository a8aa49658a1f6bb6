import { randomBytes } from 'node:crypto';
import { noteSecret } from './OutputKeeper.ts';

const canaries = new Map<string, string>();

/** A part that no text has by chance, with signs that each coding writes differently. It has no shape of a key, for which a log would look. */
const part = (): string => `${randomBytes(12).toString('base64url')}"%+/&`;

/**
 * The secret of a slot: one and the same as long as this process lives, and like no other. What servers and commands write is
 * searched for it (tools/scanCanaries.ts).
 */
export const canaryOf = (slot: string): string => {
  const known = canaries.get(slot);
  if (known !== undefined) return known;
  const canary = `${part()}${part()}`;
  canaries.set(slot, canary);
  noteSecret(slot, canary);
  return canary;
};
