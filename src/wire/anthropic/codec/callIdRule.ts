import type { CallIdRule } from '../../codec/CallIdRule.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** "String should match pattern '^[a-zA-Z0-9_-]+$'" */
const pattern = /^[a-zA-Z0-9_-]{1,128}$/;

/** What the vendor takes as the id of a call. Of 62^24 made ones no two meet. */
export const callIdRule: CallIdRule = {
  fits: (id) => pattern.test(id),
  make: (...seed) => `toolu_${lettersOf(seed, 24)}`,
};
