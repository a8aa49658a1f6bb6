import type { CallIdRule } from '../../codec/CallIdRule.ts';
import { lettersOf } from '../../codec/lettersOf.ts';

/** `ToolUseBlock.toolUseId`: "Minimum length of 1. Maximum length of 64. Pattern: [a-zA-Z0-9_-]+". */
const pattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** What the vendor takes as the id of a call. Of 62^22 made ones no two meet. */
export const callIdRule: CallIdRule = {
  fits: (id) => pattern.test(id),
  make: (...seed) => `tooluse_${lettersOf(seed, 22)}`,
};
