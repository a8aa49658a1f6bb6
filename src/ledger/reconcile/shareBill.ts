import { assert } from '../../kernel/index.ts';

/** What an attempt may have cost: its vendor did not say. Nano-USD. */
export interface CostBounds {
  readonly lowNanoUsd: bigint;
  readonly highNanoUsd: bigint;
}

/**
 * What each of some attempts costs when a bill says what all of them do together: each as far into its bounds as the sum is into theirs, so that they add up to it. What
 * is left of the division goes to the first that have room.
 * @param billedNanoUsd For all of them.
 * @returns null where it lies beyond their bounds: then something else is wrong, and nothing is known.
 */
export const shareBill = (billedNanoUsd: bigint, attempts: readonly CostBounds[]): readonly bigint[] | null => {
  const low = attempts.reduce((sum, { lowNanoUsd }) => sum + lowNanoUsd, 0n);
  const room = attempts.reduce((sum, { lowNanoUsd, highNanoUsd }) => sum + highNanoUsd - lowNanoUsd, 0n);
  const over = billedNanoUsd - low;
  if (over < 0n || over > room) return null;
  const parts = attempts.map(({ lowNanoUsd, highNanoUsd }) =>
    room === 0n ? 0n : ((highNanoUsd - lowNanoUsd) * over) / room,
  );
  let left = parts.reduce((rest, part) => rest - part, over);
  const costs = attempts.map(({ lowNanoUsd, highNanoUsd }, index) => {
    const part = parts[index] ?? 0n;
    const more = left > 0n && lowNanoUsd + part < highNanoUsd ? 1n : 0n;
    left -= more;
    return lowNanoUsd + part + more;
  });
  assert(left === 0n, 'the parts of a bill add up to it');
  return costs;
};
