import type { FinishReason } from '../../vocabulary/index.ts';

/** What a vendor's word for the end of an answer means; a word that is not among those known is unknown, never a stop. */
export const finishReasonIn = (words: Readonly<Record<string, FinishReason>>, word: string | null): FinishReason =>
  word !== null && Object.hasOwn(words, word) ? (words[word] ?? 'unknown') : 'unknown';
