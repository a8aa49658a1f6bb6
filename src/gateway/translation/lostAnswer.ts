import type { Failure } from '../../vocabulary/index.ts';
import { errorText } from '../errorText.ts';
import type { Refusal } from '../Refusal.ts';
import { retryAfterUnstatedMs } from '../retryAfterUnstatedMs.ts';
import type { TranslatorFault } from './Translator.ts';

const causes = { full: 'translator_full', broken: 'translator_broken', abandoned: 'translator_broken' } as const;

/** The failure of an answer that came, and could not be translated here. */
export const lostAnswer = (fault: TranslatorFault): Failure => ({ class: 'protocol', cause: causes[fault] });

/** Why there is no translation now. One that is abandoned is told so by whoever abandons it. */
export const untranslatedNow = (fault: TranslatorFault): Refusal => {
  const code = fault === 'full' ? 'overloaded' : 'internal_error';
  return { code, message: errorText(code), retryAfterMs: retryAfterUnstatedMs };
};

/** What to say of a failure in which its vendor has no part, since the answer was lost here; null of all others. */
export const lostHere = ({ cause }: Failure): Refusal | null => {
  if (cause === causes.full) return untranslatedNow('full');
  return cause === causes.broken ? untranslatedNow('broken') : null;
};
