import type { UnknownCost } from '../../test/rigs/ledgerRows.ts';
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
  /** In the order of time. */
  readonly unknown: readonly UnknownCost[];
}

/** Who was blocked while there was room: what was spent, and what was under way would still cost, was below 90 % of the cap. */
export interface FalseBlocks {
  /** Asked while there was room. */
  readonly askedWithRoom: number;
  /** Of those: blocked while all replicas served. */
  readonly falselyBlocked: number;
  /** Of those: blocked while a replica was dead or stood still, whose part nobody else may have. */
  readonly falselyBlockedInTrouble: number;
}

/** What is under way in a process that dies was spent at the most that it can have cost, since nobody knows until the vendor's bill is there. */
export interface BudgetFigures extends FalseBlocks {
  readonly spentNanoUsd: bigint;
  readonly samples: number;
  /** Most that any sample has beyond the cap; negative where none has. */
  readonly mostOverNanoUsd: bigint;
  readonly served: number;
  /** Requests that the budget refused, or whose answer it ended. */
  readonly blocked: number;
  /** Of them, those that were told to come again: their replica had no room, and heard of none in time. */
  readonly unleased: number;
  /** The same where what died cost what its bill says, which nobody knew then. */
  readonly byBills: FalseBlocks;
  readonly faults: readonly string[];
}

/** Of the cap: below it nobody is blocked by right. */
const room = { numerator: 9n, denominator: 10n };

const isUnleased = ({ errorCode }: Outcome): boolean => errorCode === 'ledger_unavailable';

/** The code of a budget that refuses, and words of one that ends a stream. */
export const isExhausted = (outcome: Outcome): boolean =>
  outcome.errorCode === 'budget_exhausted' ||
  (outcome.fault !== null && /budget/.test(outcome.fault) && !isUnleased(outcome));

const isBlocked = (outcome: Outcome): boolean => isExhausted(outcome) || isUnleased(outcome);

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

/** Sums of the first so many. */
const sumsOf = (amounts: readonly bigint[]): readonly bigint[] => {
  let sum = 0n;
  return [0n, ...amounts.map((amount) => (sum += amount))];
};

/**
 * What had been spent at a moment, with all that the calls under way would still cost: the lines of the bill up to the last sample before it, and behind them as
 * many more as there were calls under way.
 */
const commitments = ({ bill, samples }: Spending): ((atMs: number) => bigint) => {
  const lines = bill.toSorted((one, other) => one.atMs - other.atMs);
  const billedAtMs = lines.map(({ atMs }) => atMs);
  const sums = sumsOf(lines.map(({ nanoUsd }) => nanoUsd));
  const sampledAtMs = samples.map(({ atMs }) => atMs);
  return (atMs) => {
    const sample = samples[countUntil(sampledAtMs, atMs) - 1];
    if (sample === undefined) return 0n;
    return sums[Math.min(lines.length, countUntil(billedAtMs, sample.atMs) + sample.underWay)] ?? 0n;
  };
};

/** By how much at the least what died up to a moment may have cost more than it was billed: none was billed more than the largest line. */
const unknownExcess = ({ bill, unknown }: Spending): ((atMs: number) => bigint) => {
  const largest = bill.reduce((most, { nanoUsd }) => (nanoUsd > most ? nanoUsd : most), 0n);
  const toldAtMs = unknown.map(({ atMs }) => atMs);
  const sums = sumsOf(unknown.map(({ mostNanoUsd }) => (mostNanoUsd > largest ? mostNanoUsd - largest : 0n)));
  return (atMs) => sums[countUntil(toldAtMs, atMs)] ?? 0n;
};

const endOf = ({ askedAtMs, durationMs }: Outcome): number => askedAtMs + durationMs;

const falseBlocks = (
  { capNanoUsd, outcomes, troubles }: Spending,
  committed: (atMs: number) => bigint,
): FalseBlocks => {
  const hadRoom = (atMs: number): boolean => committed(atMs) * room.denominator < capNanoUsd * room.numerator;
  const wrongly = outcomes.filter((one) => isBlocked(one) && hadRoom(endOf(one)));
  const inTrouble = wrongly.filter((one) =>
    troubles.some(({ fromMs, untilMs }) => one.askedAtMs < untilMs && endOf(one) > fromMs),
  );
  return {
    askedWithRoom: outcomes.filter((one) => hadRoom(isBlocked(one) ? endOf(one) : one.askedAtMs)).length,
    falselyBlocked: wrongly.length - inTrouble.length,
    falselyBlockedInTrouble: inTrouble.length,
  };
};

/** Judges by the vendors' bills and the clients' answers; of what is judged it takes only what died at the most. */
export const judgeBudget = (spending: Spending): BudgetFigures => {
  const { capNanoUsd, boundNanoUsd, samples, bill, outcomes } = spending;
  const spent = bill.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
  const mostOver = samples.reduce((most, { billNanoUsd }) => {
    const over = billNanoUsd - capNanoUsd;
    return over > most ? over : most;
  }, spent - capNanoUsd);
  const [billed, unknown] = [commitments(spending), unknownExcess(spending)];
  const faults = mostOver > boundNanoUsd ? [`${mostOver} nano-dollars beyond the cap of ${capNanoUsd}`] : [];
  return {
    spentNanoUsd: spent,
    samples: samples.length,
    mostOverNanoUsd: mostOver,
    served: outcomes.filter(({ fault }) => fault === null).length,
    blocked: outcomes.filter(isBlocked).length,
    unleased: outcomes.filter(isUnleased).length,
    ...falseBlocks(spending, (atMs) => billed(atMs) + unknown(atMs)),
    byBills: falseBlocks(spending, billed),
    faults,
  };
};
