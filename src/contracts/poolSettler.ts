import type { NanoUsd, Ratio } from '../kernel/index.ts';
import { nanoUsd, scaleUsd } from '../kernel/index.ts';
import type { CarryTerms, PoolContract } from './Contract.ts';
import {
  fulfilmentWindows,
  monthsAfterMs,
  monthsAfterStartMs,
  trueUpMonths,
  type FulfilmentWindow,
} from './fulfilmentWindow.ts';
import { integerSums, settleIntervals, type CarryRule, type CarryRules } from './settleIntervals.ts';

/** A true-up interval that has begun, as if it ended with what was spent in it. */
export interface TrueUp extends FulfilmentWindow {
  readonly spentNanoUsd: NanoUsd;
  /** What counts in it of what earlier ones spent too much. */
  readonly creditedNanoUsd: NanoUsd;
  /** Missing and to be paid for, of it and of earlier ones whose time to be spent ends with it; what may be missing for nothing is taken off. */
  readonly missingNanoUsd: NanoUsd;
  /** What the missing costs. */
  readonly shortfallNanoUsd: NanoUsd;
  /** Missing, and not owed yet: it may be spent later. */
  readonly openNanoUsd: NanoUsd;
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

const scaled = (amount: bigint, share: Ratio): bigint => scaleUsd(nanoUsd(amount), share);

/** When so many months after the end of an interval are over. Counted from the start of the contract, so that short months do not add up. */
const overAtMs = (pool: PoolContract, { index, untilMs }: FulfilmentWindow, months: number): number =>
  pool.milestones.length > 0 || pool.fulfilment === 'total'
    ? monthsAfterMs(untilMs, months, pool.timeZone)
    : monthsAfterStartMs(pool, trueUpMonths[pool.fulfilment] * (index + 1) + months);

const ruleOf = (
  pool: PoolContract,
  windows: readonly FulfilmentWindow[],
  terms: CarryTerms | null,
): CarryRule<bigint> | null =>
  terms && {
    moved: (amount, due) => {
      const moved = scaled(amount, terms.share);
      return terms.upTo === null ? moved : least(moved, scaled(due, terms.upTo));
    },
    lastInterval: (interval) => {
      const window = windows[interval];
      if (terms.months === null || window === undefined) return windows.length - 1;
      const overMs = overAtMs(pool, window, terms.months);
      return windows.findLastIndex(({ untilMs }) => untilMs <= overMs);
    },
  };

/** Milestones are of all that was spent since the start, so what goes beyond one counts for the next. */
const wholeBalance: CarryTerms = { share: { numerator: 1n, denominator: 1n }, upTo: null, months: null };

const rulesOf = (pool: PoolContract, windows: readonly FulfilmentWindow[]): CarryRules<bigint> => ({
  unspent: ruleOf(pool, windows, pool.rollover),
  overspent: ruleOf(pool, windows, pool.milestones.length > 0 ? wholeBalance : pool.carryForward),
});

/**
 * Settles a pool over and over: what is read from its terms once serves for any spending.
 * @returns takes what was spent in each of its first true-up intervals, all that counts included, and settles as many.
 */
export const poolSettler = (pool: PoolContract): ((spent: readonly NanoUsd[]) => readonly TrueUp[]) => {
  const windows = fulfilmentWindows(pool);
  const rules = rulesOf(pool, windows);
  const due = windows.map(({ dueNanoUsd }) => dueNanoUsd);
  return (spent) => {
    const ends = settleIntervals<bigint>(integerSums, due, rules, spent.slice(0, windows.length));
    return windows.slice(0, ends.length).flatMap((window, index): readonly TrueUp[] => {
      const [end, here] = [ends[index], spent[index]];
      if (end === undefined || here === undefined) return [];
      const beyondGrace = end.owed - scaled(window.dueNanoUsd, pool.shortfallGrace);
      const missing = nanoUsd(beyondGrace > 0n ? beyondGrace : 0n);
      return [
        {
          ...window,
          spentNanoUsd: here,
          creditedNanoUsd: nanoUsd(end.credited),
          missingNanoUsd: missing,
          shortfallNanoUsd: scaleUsd(missing, pool.shortfallRate),
          openNanoUsd: nanoUsd(end.open),
        },
      ];
    });
  };
};
