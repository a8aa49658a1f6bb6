import type { NanoUsd } from '../kernel/index.ts';
import { assert, divideHalfEven, instantOf, nanoUsd, wallTimeOf } from '../kernel/index.ts';
import type { Contract, PoolContract } from './Contract.ts';

/** One true-up interval of a pool: what must be spent between two instants. */
export interface FulfilmentWindow {
  /** 0 for the first interval of the contract. */
  readonly index: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly dueNanoUsd: NanoUsd;
}

/** Months from one true-up to the next, where the calendar says when they are. */
export const trueUpMonths = { annual: 12, monthly: 1 } as const;

/** Most intervals that a contract may have: a century of months. */
export const fulfilmentWindowsMax = 1_200;

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/**
 * The instant some months after another, on the same day of the month in a zone; where the month is too short, on its last day (31 January plus one
 * month is 28 February).
 */
export const monthsAfterMs = (atMs: number, months: number, timeZone: string): number => {
  const start = wallTimeOf(atMs, timeZone);
  const counted = start.year * 12 + (start.month - 1) + months;
  const year = Math.floor(counted / 12);
  const month = (counted % 12) + 1;
  return instantOf({ ...start, year, month, day: Math.min(start.day, daysInMonth(year, month)) }, timeZone);
};

/** The instant some months after a contract's start, in its own zone. */
export const monthsAfterStartMs = ({ fromMs, timeZone }: Contract, months: number): number =>
  monthsAfterMs(fromMs, months, timeZone);

const boundaries = (pool: PoolContract): readonly number[] => {
  const between = pool.milestones.map(({ byMs }) => byMs).filter((byMs) => byMs < pool.untilMs);
  if (pool.milestones.length > 0) return [pool.fromMs, ...between, pool.untilMs];
  if (pool.fulfilment === 'total') return [pool.fromMs, pool.untilMs];
  const step = trueUpMonths[pool.fulfilment];
  const starts = [pool.fromMs];
  for (let index = 1; ; index++) {
    assert(index <= fulfilmentWindowsMax, `contract ${pool.id} has more than ${fulfilmentWindowsMax} true-ups`);
    const startMs = monthsAfterStartMs(pool, step * index);
    if (startMs >= pool.untilMs) break;
    starts.push(startMs);
  }
  return [...starts, pool.untilMs];
};

/** What is due by the end of each interval, from the start of the contract on. Its last member is the whole commitment. */
const dueByEnd = (pool: PoolContract, count: number): readonly bigint[] => {
  if (pool.milestones.length > 0)
    return [...pool.milestones.slice(0, count - 1).map(({ spentNanoUsd }) => spentNanoUsd), pool.commitmentNanoUsd];
  const scale = pool.ramp.reduce((product, { denominator }) => (denominator > product ? denominator : product), 1n);
  const weights = Array.from({ length: count }, (_, index) => {
    const share = pool.ramp[index];
    if (pool.ramp.length === 0) return 1n;
    return share ? share.numerator * (scale / share.denominator) : 0n;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  assert(total > 0n, `contract ${pool.id} has a ramp without any share`);
  let sum = 0n;
  return weights.map((weight) => divideHalfEven(pool.commitmentNanoUsd * (sum += weight), total));
};

/**
 * All true-up intervals of a pool: years or months from its first day on, the last one cut at its end, or from one milestone to the next. What is due
 * follows the milestones or the ramp, or is the same in each; it is rounded from running totals, so the parts add up to the commitment to the nano-dollar.
 */
export const fulfilmentWindows = (pool: PoolContract): readonly FulfilmentWindow[] => {
  const bounds = boundaries(pool);
  const due = dueByEnd(pool, bounds.length - 1);
  const windows = due.map((byEnd, index) => ({
    index,
    fromMs: bounds[index] ?? pool.fromMs,
    untilMs: bounds[index + 1] ?? pool.untilMs,
    dueNanoUsd: nanoUsd(byEnd - (due[index - 1] ?? 0n)),
  }));
  const sum = windows.reduce((total, window) => total + window.dueNanoUsd, 0n);
  assert(sum === pool.commitmentNanoUsd, `what is due under ${pool.id} adds up to its commitment`);
  return windows;
};

/** The interval that an instant falls into: the first one before the contract, the last one after it. */
export const fulfilmentWindow = (pool: PoolContract, atMs: number): FulfilmentWindow => {
  const windows = fulfilmentWindows(pool);
  const found = windows.find((window) => atMs < window.untilMs) ?? windows.at(-1);
  assert(found, 'a pool has at least one interval');
  return found;
};
