import type { CallIdRule } from '../../codec/CallIdRule.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** Longest `call_id` that OpenAI takes in a response, in characters. */
const lengthMax = 64;

/** What this wire takes as the id of a call. */
export const callIdRule: CallIdRule = {
  fits: (id) => id !== '' && id.length <= lengthMax,
  make: (...seed) => `call_${lettersOf(seed, 24)}`,
};
