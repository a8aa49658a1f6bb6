import type { CallIdRule } from '../../codec/CallIdRule.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** Longest id that OpenAI takes in a chat completion, in characters (vercel/ai#5171). */
const lengthMax = 40;

/**
 * What this wire takes as the id of a call. Nine letters and digits are the narrowest rule among its vendors (Mistral) and fit all others; 62^9
 * of them do not meet by chance within a conversation.
 */
const idLetters = 9;

/** What a target refuses that takes ids of exactly nine letters and digits only (Mistral: langchain-ai/langchain#24668). */
export const longCallIds = 'longCallIds';

/** The rule of those targets. */
export const shortCallIdRule: CallIdRule = {
  fits: (id) => /^[A-Za-z0-9]{9}$/.test(id),
  make: (...seed) => lettersOf(seed, idLetters),
};

export const callIdRule: CallIdRule = {
  fits: (id) => id !== '' && id.length <= lengthMax,
  make: (...seed) => lettersOf(seed, idLetters),
};
