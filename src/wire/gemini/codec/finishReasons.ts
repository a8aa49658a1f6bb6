import type { AnswerContent, Finish, FinishReason } from '../../../vocabulary/index.ts';
import { finishReasonIn } from '../../codec/finishReasonIn.ts';
import { textIn, type JsonObject } from '../../json/JsonObject.ts';

/**
 * Words of `finishReason` (@google/genai 3.3.0). What is not here (`MALFORMED_FUNCTION_CALL`, `LANGUAGE`, `OTHER`, words of the future) is unknown, never
 * a stop.
 */
const reasonOfWord: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  ESCALATION: 'content-filter',
};

const wordOfReason: Readonly<Record<Exclude<FinishReason, 'pause' | 'unknown'>, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
};

const known = (word: string | null): FinishReason => finishReasonIn(reasonOfWord, word);

/** Reads why a candidate ended. A plain stop after calls means that they are to be answered. */
export const finishOf = (word: string | null, hasCalls: boolean): Finish => {
  const reason = known(word);
  return { reason: reason === 'stop' && hasCalls ? 'tool-calls' : reason, native: word, stopSequence: null };
};

/** The end of an answer to a prompt that was blocked, whatever the vendor's word for it. */
export const blockedFinish = (blockReason: string): Finish => ({
  reason: 'content-filter',
  native: blockReason,
  stopSequence: null,
});

/** The vendor's own words why it held something back. */
export const explanationIn = (candidate: JsonObject): string | null =>
  known(textIn(candidate, 'finishReason')) === 'content-filter' ? textIn(candidate, 'finishMessage') : null;

/**
 * Members of a candidate that say why it ended. A refusal under a plain stop says what it is. What no word of this wire stands for is another one's own end
 * (`OTHER`), with that vendor's word beside it, so that nobody takes it for a plain one.
 * @param content The kinds of content in it.
 */
export const finishMembers = ({ reason, native }: Finish, content: ReadonlySet<AnswerContent['type']>): JsonObject => {
  if (native !== null && reason !== 'unknown' && known(native) === reason) return { finishReason: native };
  if (reason === 'stop' && content.has('refusal')) return { finishReason: 'SAFETY' };
  if (reason !== 'pause' && reason !== 'unknown') return { finishReason: wordOfReason[reason] };
  const isOwnWord = native !== null && /^[A-Z_]+$/.test(native) && !Object.hasOwn(reasonOfWord, native);
  if (isOwnWord) return { finishReason: native };
  return { finishReason: 'OTHER', ...(native === null || native === '' ? {} : { finishMessage: native }) };
};
