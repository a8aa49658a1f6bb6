import type { CallIdRule } from '../../codec/CallIdRule.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** What this wire takes as the id of a call: any text. Those that are made, where clients send none, fit every other wire. */
export const callIdRule: CallIdRule = {
  fits: (id) => id !== '',
  make: (...seed) => lettersOf(seed, 9),
};
