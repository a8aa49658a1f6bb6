import type { CallIdRule } from '../../codec/CallIds.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** Longest id that OpenAI takes in a chat completion, in characters (vercel/ai#5171). */
const lengthMax = 40;

/**
 * What this wire takes as the id of a call. Nine letters and digits are the narrowest rule among its vendors (Mistral) and fit all others; 62^9
 * of them do not meet by chance within a conversation.
 */
export const callIdRule: CallIdRule = {
  fits: (id) => id !== '' && id.length <= lengthMax,
  make: (...seed) => lettersOf(seed, 9),
};
