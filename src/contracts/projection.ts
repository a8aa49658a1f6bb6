import type { NanoUsd } from '../kernel/index.ts';
import { nanoUsd } from '../kernel/index.ts';
import type { Contract, FloorContract, PoolContract } from './Contract.ts';
import { drawRest, historyDaysMax } from './drawRest.ts';
import { reservedSince } from './feeBetween.ts';
import { countedScale, meterCapacity, type FloorUse } from './floorUse.ts';
import type { FulfilmentWindow } from './fulfilmentWindow.ts';
import { poolSettler, type TrueUp } from './poolSettler.ts';
import { countedElsewhere } from './countedElsewhere.ts';

const dayMs = 86_400_000;

/** Share of futures that lie between the ends of a band. */
export const projectionConfidence = 0.8;

/** A figure at the end, with what a tenth of all futures stays below and above. */
export interface Band<Figure> {
  readonly low: Figure;
  /** The mean of all futures. */
  readonly expected: Figure;
  readonly high: Figure;
}

/** What the ledger says of a contract's days. */
export interface DailyHistory<Day> {
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Whole days of 24 hours since the start of the contract, the oldest first; the last of them ended at most a day ago. */
  readonly days: readonly Day[];
}

/** Where a pool's true-up interval is likely to end, if spending goes on as it did. */
export interface PoolProjection {
  readonly historyDays: number;
  readonly spentNanoUsd: Band<NanoUsd>;
  /** Missing and to be paid for. */
  readonly missingNanoUsd: Band<NanoUsd>;
  /** What the missing costs. */
  readonly shortfallNanoUsd: Band<NanoUsd>;
}

/** How much of a floor is likely to go unused over its whole period. */
export interface FloorProjection {
  readonly historyDays: number;
  /** Of several meters, of the fullest. */
  readonly unusedShare: Band<number>;
  /** At list prices; null where use is counted by meters. */
  readonly unusedNanoUsd: Band<NanoUsd> | null;
}

/** Days of a history that count: from the first with any use on. */
const usedDays = <Day>(days: readonly Day[], isUsed: (day: Day) => boolean): readonly Day[] => {
  const first = days.findIndex(isUsed);
  return first < 0 ? [] : days.slice(Math.max(first, days.length - historyDaysMax));
};

const restOf = (
  contract: Contract,
  nowMs: number,
  untilMs: number,
  days: readonly number[],
): readonly number[] | null =>
  nowMs < contract.fromMs || nowMs >= untilMs
    ? null
    : drawRest(days, ((nowMs - contract.fromMs) % dayMs) / dayMs, (untilMs - nowMs) / dayMs);

const tailOf = <Figure>(sorted: readonly Figure[], share: number): Figure | undefined =>
  sorted[Math.round(share * (sorted.length - 1))];

const tail = (1 - projectionConfidence) / 2;

const numberBand = (figures: readonly number[]): Band<number> => {
  const sorted = figures.toSorted((one, other) => one - other);
  return {
    low: tailOf(sorted, tail) ?? 0,
    expected: sorted.reduce((sum, figure) => sum + figure, 0) / Math.max(1, sorted.length),
    high: tailOf(sorted, 1 - tail) ?? 0,
  };
};

const moneyBand = (amounts: readonly NanoUsd[]): Band<NanoUsd> => {
  const sorted = amounts.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const sum = sorted.reduce((total, amount) => total + amount, 0n);
  return {
    low: tailOf(sorted, tail) ?? nanoUsd(0n),
    expected: nanoUsd(sum / BigInt(Math.max(1, sorted.length))),
    high: tailOf(sorted, 1 - tail) ?? nanoUsd(0n),
  };
};

/** What is certain of a pool's current true-up interval. */
export interface PoolSpending extends DailyHistory<NanoUsd> {
  readonly window: FulfilmentWindow;
  /** Told by records in the current interval. */
  readonly drawnNanoUsd: NanoUsd;
  /** Fees that count towards the pool within the whole interval, those to come included. */
  readonly feesNanoUsd: NanoUsd;
  /** As `TrueUp.spentNanoUsd` of all earlier intervals. */
  readonly earlierNanoUsd: readonly NanoUsd[];
}

/** Where a pool's current interval is likely to end; null where it is not in force, or the ledger knows too few days. */
export const projectPool = (pool: PoolContract, spending: PoolSpending): PoolProjection | null => {
  const { window, nowMs, drawnNanoUsd, feesNanoUsd, earlierNanoUsd } = spending;
  const days = usedDays(spending.days, (day) => day !== 0n);
  const rest = restOf(pool, nowMs, window.untilMs, days.map(Number));
  if (rest === null) return null;
  const certain = drawnNanoUsd + feesNanoUsd + countedElsewhere(pool, window, window.untilMs);
  const settle = poolSettler(pool);
  const ends = rest.flatMap((money): readonly TrueUp[] => {
    const spent = nanoUsd(certain + BigInt(Math.round(money)));
    return settle([...earlierNanoUsd, spent]).slice(-1);
  });
  return {
    historyDays: days.length,
    spentNanoUsd: moneyBand(ends.map(({ spentNanoUsd }) => spentNanoUsd)),
    missingNanoUsd: moneyBand(ends.map(({ missingNanoUsd }) => missingNanoUsd)),
    shortfallNanoUsd: moneyBand(ends.map(({ shortfallNanoUsd }) => shortfallNanoUsd)),
  };
};

/** One thing that a floor is counted in: what was used and can be, and how much on each day. */
interface Gauge {
  readonly used: number;
  readonly capacity: number;
  readonly days: readonly number[];
}

const gaugesOf = (floor: FloorContract, use: FloorUse, days: readonly FloorUse[]): readonly Gauge[] =>
  floor.meters.length === 0
    ? [
        {
          used: Number(use.withinNanoUsd),
          capacity: Number(reservedSince(floor, floor.untilMs)),
          days: days.map(({ withinNanoUsd }) => Number(withinNanoUsd)),
        },
      ]
    : floor.meters.map((meter, index) => {
        const scale = Number(countedScale(meter));
        const within = ({ meters }: FloorUse): number => Number(meters[index]?.within ?? 0n) / scale;
        return {
          used: within(use),
          capacity: Number(meterCapacity(floor, meter, floor.untilMs - floor.fromMs)) / scale,
          days: days.map(within),
        };
      });

const isUsed = ({ withinNanoUsd, meters }: FloorUse): boolean =>
  withinNanoUsd !== 0n || meters.some(({ within }) => within > 0n);

/** How much of a floor is likely to go unused; null where it is not in force, or the ledger knows too few days. */
export const projectFloor = (
  floor: FloorContract,
  use: FloorUse,
  { nowMs, days: allDays }: DailyHistory<FloorUse>,
): FloorProjection | null => {
  const days = usedDays(allDays, isUsed);
  const gauges = gaugesOf(floor, use, days).map((gauge) => ({
    ...gauge,
    rest: restOf(floor, nowMs, floor.untilMs, gauge.days),
  }));
  const [first] = gauges;
  if (!first?.rest) return null;
  // Each gauge drew the same weeks, so that one future is one of all.
  const unusedIn = (future: number): number =>
    Math.min(
      ...gauges.map(({ used, capacity, rest }) =>
        capacity > 0 ? Math.max(0, 1 - (used + (rest?.[future] ?? 0)) / capacity) : 0,
      ),
    );
  const shares = first.rest.map((_, future) => unusedIn(future));
  return {
    historyDays: days.length,
    unusedShare: numberBand(shares),
    unusedNanoUsd:
      floor.meters.length === 0
        ? moneyBand(shares.map((share) => nanoUsd(BigInt(Math.round(share * first.capacity)))))
        : null,
  };
};
