import type { Result } from '../../kernel/index.ts';
import type { TranslationEnds, TranslationJobs, TranslationKind } from '../../wire/index.ts';
import type { Abandonment } from '../Abandonment.ts';

/**
 * Why a piece of translation was not done. `full`: too much waits already · `broken`: the thread that had it died, hung or made a mistake ·
 * `abandoned`: nobody waits for it any more.
 */
export type TranslatorFault = 'full' | 'broken' | 'abandoned';

/** Translates what would hold up everybody else, elsewhere. */
export interface Translator {
  /**
   * Does one piece, after those that came before it. Never rejects.
   * @param abandonment Of whom it is for; null where it is done to its end in any case.
   */
  translate<Kind extends TranslationKind>(
    kind: Kind,
    job: TranslationJobs[Kind],
    abandonment: Abandonment | null,
  ): Promise<Result<TranslationEnds[Kind], TranslatorFault>>;
}
