import type { NanoUsd } from '../kernel/index.ts';
import { divideHalfEven, nanoUsd, zeroUsd } from '../kernel/index.ts';
import { modelBuckets, type ModelBucket } from '../vocabulary/index.ts';
import type { Contract, FloorContract, FloorMeter } from './Contract.ts';

/** All use under a floor within one of its intervals. */
export interface IntervalUse {
  /** At the prices that the records were booked at. */
  readonly amountNanoUsd: NanoUsd;
  /** Tokens and requests of each bucket; only read where the floor has meters. */
  readonly usage: Readonly<Partial<Record<ModelBucket, bigint>>>;
}

/** Tokens as a meter counts them, in parts of a token of which `countedScale` make one. */
export interface MeterUse {
  /** Within what was bought. */
  readonly within: bigint;
  /** Beyond it: billed apart, or served elsewhere. */
  readonly spilled: bigint;
}

/** What a floor took, and what went beyond it. */
export interface FloorUse {
  readonly withinNanoUsd: NanoUsd;
  readonly spilledNanoUsd: NanoUsd;
  /** In the order of the floor's meters. */
  readonly meters: readonly MeterUse[];
}

/** How a meter counts, in whole numbers. */
interface Counting {
  /** Parts that a counted token is cut into, so that all rates of the meter and its capacity are whole numbers of them. */
  readonly scale: bigint;
  /** What one token of a bucket counts, in such parts; those that count something. */
  readonly parts: readonly (readonly [ModelBucket, bigint])[];
}

const madeCounting = ({ quantity, tokensPerUnit, burndown }: FloorMeter): Counting => {
  // All denominators are powers of ten, so the largest is a multiple of each.
  let scale = quantity.denominator * tokensPerUnit.denominator;
  for (const { denominator } of Object.values(burndown)) if (denominator > scale) scale = denominator;
  const parts = modelBuckets.flatMap((bucket): Counting['parts'] => {
    const rate = burndown[bucket];
    return rate === undefined ? [] : [[bucket, rate.numerator * (scale / rate.denominator)]];
  });
  return { scale, parts };
};

/** A meter counts each interval of its contract anew: how is worked out once. */
const countings = new WeakMap<FloorMeter, Counting>();

const countingOf = (meter: FloorMeter): Counting => {
  let counting = countings.get(meter);
  if (counting === undefined) {
    counting = madeCounting(meter);
    countings.set(meter, counting);
  }
  return counting;
};

/** Parts that a counted token is cut into. */
export const countedScale = (meter: FloorMeter): bigint => countingOf(meter).scale;

/** What a meter can take within a time, in parts of a token; 0 for a time below 0. */
export const meterCapacity = (floor: FloorContract, meter: FloorMeter, ms: number): bigint => {
  const { quantity, tokensPerUnit } = meter;
  const perUnitTime =
    (quantity.numerator * tokensPerUnit.numerator * countedScale(meter)) /
    (quantity.denominator * tokensPerUnit.denominator);
  return (perUnitTime * BigInt(Math.max(0, ms))) / BigInt(floor.unitMs);
};

/** What a use counts on a meter, in parts of a token. */
const countedBy = (meter: FloorMeter, usage: IntervalUse['usage']): bigint => {
  let counted = 0n;
  for (const [bucket, parts] of countingOf(meter).parts) {
    const units = usage[bucket];
    if (units !== undefined && units !== 0n) counted += units * parts;
  }
  return counted;
};

/** Whether a floor counts anything of a use: one of dollars counts all, one of tokens what its meters name a bucket of. */
export const countsUse = ({ meters }: FloorContract, usage: IntervalUse['usage']): boolean =>
  meters.length === 0 ||
  meters.some((meter) => countingOf(meter).parts.some(([bucket]) => (usage[bucket] ?? 0n) !== 0n));

/** Contracts that a use may draw: without floors that count nothing of it, in which it would be free. */
export const drawableBy = (contracts: readonly Contract[], usage: IntervalUse['usage']): readonly Contract[] =>
  contracts.filter((contract) => contract.kind !== 'floor' || countsUse(contract, usage));

/** A share, from nothing to the whole. */
export interface Share {
  readonly part: bigint;
  readonly of: bigint;
}

const isLess = (one: Share, other: Share): boolean => one.part * other.of < other.part * one.of;

const whole: Share = { part: 1n, of: 1n };

/**
 * Which share of the use in one interval a floor takes: what its quantity is of the dollars, or whatever of its meters is the fullest says so. The rest
 * goes beyond it, in proportion, since no vendor says which requests those were. It does not matter in which order they came.
 */
export const shareWithin = (floor: FloorContract, { amountNanoUsd, usage }: IntervalUse): Share => {
  if (floor.meters.length === 0)
    return amountNanoUsd > floor.quantityNanoUsd ? { part: floor.quantityNanoUsd, of: amountNanoUsd } : whole;
  let share = whole;
  for (const meter of floor.meters) {
    const fits: Share = { part: meterCapacity(floor, meter, floor.intervalMs), of: countedBy(meter, usage) };
    if (fits.of > 0n && isLess(fits, share)) share = fits;
  }
  return share;
};

/** What of the use in one interval a floor took, and what went beyond it. @param share `shareWithin` of that use. */
export const settleFloorInterval = (
  floor: FloorContract,
  use: IntervalUse,
  share: Share = shareWithin(floor, use),
): FloorUse => {
  const within = divideHalfEven(use.amountNanoUsd * share.part, share.of);
  return {
    withinNanoUsd: nanoUsd(within),
    spilledNanoUsd: nanoUsd(use.amountNanoUsd - within),
    meters: floor.meters.map((meter) => {
      const counted = countedBy(meter, use.usage);
      const taken = (counted * share.part) / share.of;
      return { within: taken, spilled: counted - taken };
    }),
  };
};

/** A floor that nobody used. */
export const noFloorUse = (floor: FloorContract): FloorUse => ({
  withinNanoUsd: zeroUsd,
  spilledNanoUsd: zeroUsd,
  meters: floor.meters.map(() => ({ within: 0n, spilled: 0n })),
});

/** Two uses of the same floor taken together, each settled by its own intervals. */
export const addFloorUse = (one: FloorUse, other: FloorUse): FloorUse => ({
  withinNanoUsd: nanoUsd(one.withinNanoUsd + other.withinNanoUsd),
  spilledNanoUsd: nanoUsd(one.spilledNanoUsd + other.spilledNanoUsd),
  meters: one.meters.map(({ within, spilled }, index) => ({
    within: within + (other.meters[index]?.within ?? 0n),
    spilled: spilled + (other.meters[index]?.spilled ?? 0n),
  })),
});
