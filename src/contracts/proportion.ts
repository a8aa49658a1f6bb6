import type { NanoUsd } from '../kernel/index.ts';
import { divideHalfEven, nanoUsd } from '../kernel/index.ts';

/** An amount in the proportion of a time to a unit of time, rounded half to even; nothing for a time below 0. */
export const proportion = (amount: NanoUsd, partMs: number, wholeMs: number): NanoUsd =>
  nanoUsd(divideHalfEven(amount * BigInt(Math.max(0, partMs)), BigInt(wholeMs)));
