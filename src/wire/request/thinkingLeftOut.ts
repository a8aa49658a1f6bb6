import type { RequestEdits } from '../wire.ts';

/** What of the thinking of earlier answers does not go to a target: all of it, what vendors of other wires have thought, or none. */
export type ThinkingLeftOut = 'all' | 'foreign' | 'none';

/** Of a body that is edited. A client may bring anything, and a large body takes a while to look through. */
export const thinkingLeftOut = ({
  withoutThinking = false,
  translated = false,
}: Pick<RequestEdits, 'withoutThinking' | 'translated'>): ThinkingLeftOut => {
  if (withoutThinking) return 'all';
  return translated ? 'none' : 'foreign';
};
