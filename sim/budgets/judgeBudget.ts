import type { Outcome } from '../../test/rigs/load.ts';
import type { Trouble } from '../../test/rigs/Replica.ts';
import type { BillLine } from '../../test/rigs/rivals.ts';

/** What vendors' own bills came to at one moment. */
export interface BillSample {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly billNanoUsd: bigint;
  /** Calls that vendors had not ended yet. */
  readonly underWay: number;
}

/** All that was seen while one budget was spent. */
export interface Spending {
  readonly capNanoUsd: bigint;
  /** Most that may be spent beyond the cap, as is stated. */
  readonly boundNanoUsd: bigint;
  /** Of this budget's spending alone. */
  readonly samples: readonly BillSample[];
  readonly bill: readonly BillLine[];
  readonly outcomes: readonly Outcome[];
  readonly troubles: readonly Trouble[];
}

export interface BudgetFigures {
  readonly spentNanoUsd: bigint;
  readonly samples: number;
  /** Most that any sample has beyond the cap; negative where none has. */
  readonly mostOverNanoUsd: bigint;
  readonly served: number;
  /** Requests that the budget refused, or whose answer it ended. */
  readonly blocked: number;
  /** Asked while what was spent, and what was under way would still cost, was below 90 % of the cap. */
  readonly askedWithRoom: number;
  /** Of those: blocked while all replicas served. */
  readonly falselyBlocked: number;
  /** Of those: blocked while a replica was dead or stood still, whose part nobody else may have. */
  readonly falselyBlockedInTrouble: number;
  readonly faults: readonly string[];
}

/** Of the cap: below it nobody is blocked by right. */
const room = { numerator: 9n, denominator: 10n };

/** Codes of a budget that refuses, and words of one that ends a stream. */
export const isBlocked = ({ errorCode, fault }: Outcome): boolean =>
  errorCode === 'budget_exhausted' || (fault !== null && /budget/.test(fault));

/** How many of these moments, in the order of time, are not later than one. */
const countUntil = (momentsMs: readonly number[], atMs: number): number => {
  let [low, high] = [0, momentsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((momentsMs[middle] ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * What had been spent at a moment, with all that the calls under way would still cost: the lines of the bill up to the last sample before it, and behind them as
 * many more as there were calls under way.
 */
const commitments = ({ bill, samples }: Spending): ((atMs: number) => bigint) => {
  const lines = bill.toSorted((one, other) => one.atMs - other.atMs);
  const billedAtMs = lines.map(({ atMs }) => atMs);
  let sum = 0n;
  const sums = [0n, ...lines.map(({ nanoUsd }) => (sum += nanoUsd))];
  const sampledAtMs = samples.map(({ atMs }) => atMs);
  return (atMs) => {
    const sample = samples[countUntil(sampledAtMs, atMs) - 1];
    if (sample === undefined) return 0n;
    return sums[Math.min(lines.length, countUntil(billedAtMs, sample.atMs) + sample.underWay)] ?? 0n;
  };
};

const endOf = ({ askedAtMs, durationMs }: Outcome): number => askedAtMs + durationMs;

/** Judges by the vendors' bills and the clients' answers alone: nothing of what is judged is asked. */
export const judgeBudget = (spending: Spending): BudgetFigures => {
  const { capNanoUsd, boundNanoUsd, samples, bill, outcomes, troubles } = spending;
  const spent = bill.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
  const mostOver = samples.reduce((most, { billNanoUsd }) => {
    const over = billNanoUsd - capNanoUsd;
    return over > most ? over : most;
  }, spent - capNanoUsd);
  const committed = commitments(spending);
  const hadRoom = (atMs: number): boolean => committed(atMs) * room.denominator < capNanoUsd * room.numerator;
  const blocked = outcomes.filter(isBlocked);
  const wrongly = blocked.filter((one) => hadRoom(endOf(one)));
  const inTrouble = wrongly.filter((one) =>
    troubles.some(({ fromMs, untilMs }) => one.askedAtMs < untilMs && endOf(one) > fromMs),
  );
  const faults = mostOver > boundNanoUsd ? [`${mostOver} nano-dollars beyond the cap of ${capNanoUsd}`] : [];
  return {
    spentNanoUsd: spent,
    samples: samples.length,
    mostOverNanoUsd: mostOver,
    served: outcomes.filter(({ fault }) => fault === null).length,
    blocked: blocked.length,
    askedWithRoom: outcomes.filter((one) => hadRoom(isBlocked(one) ? endOf(one) : one.askedAtMs)).length,
    falselyBlocked: wrongly.length - inTrouble.length,
    falselyBlockedInTrouble: inTrouble.length,
    faults,
  };
};
