import { divideHalfEven, nanoUsd, zeroUsd, type NanoUsd } from '../kernel/index.ts';
import { modelBuckets, type ModelBucket } from '../vocabulary/index.ts';
import type { BeyondFloors } from './BeyondFloors.ts';
import type { FloorContract, PoolContract } from './Contract.ts';
import type { CoveredThing } from './contractFor.ts';
import {
  addFloorUse,
  countsUse,
  noFloorUse,
  settleFloorInterval,
  shareWithin,
  type FloorUse,
  type IntervalUse,
  type Share,
} from './floorUse.ts';
import { intervalFromMs } from './intervalFromMs.ts';

/** What came of one thing to a floor in one of its intervals. */
export interface FloorDraw extends IntervalUse {
  readonly thing: CoveredThing;
  /** 0 for the first interval of the floor. */
  readonly interval: number;
  /** What the vendor itself says it served beyond what was reserved; not in the amount, nor in the usage. */
  readonly spilledNanoUsd: NanoUsd;
}

/** One interval of a floor in which something was used. */
export interface SettledInterval {
  readonly floor: FloorContract;
  readonly interval: number;
  readonly use: FloorUse;
}

/** What went beyond the floors and draws a pool. */
export interface PoolOverflow {
  readonly pool: PoolContract;
  /** Where the interval of the floor begins, Unix milliseconds. */
  readonly atMs: number;
  readonly amountNanoUsd: NanoUsd;
}

export interface SettledFloors {
  readonly intervals: readonly SettledInterval[];
  readonly overflows: readonly PoolOverflow[];
  /** Of each floor what came to intervals that more may come to: they are settled with that. */
  readonly open: ReadonlyMap<FloorContract, readonly FloorDraw[]>;
}

const nothing: Share = { part: 0n, of: 1n };

const usageOf = (draws: readonly FloorDraw[]): IntervalUse['usage'] => {
  const [only] = draws;
  if (only !== undefined && draws.length === 1) return only.usage;
  const usage: Partial<Record<ModelBucket, bigint>> = {};
  for (const bucket of modelBuckets) usage[bucket] = draws.reduce((sum, draw) => sum + (draw.usage[bucket] ?? 0n), 0n);
  return usage;
};

/** What of a use is beyond a share, to whole tokens. */
const usageBeyond = (usage: IntervalUse['usage'], { part, of }: Share): IntervalUse['usage'] => {
  const beyond: Partial<Record<ModelBucket, bigint>> = {};
  for (const bucket of modelBuckets) {
    const units = usage[bucket] ?? 0n;
    if (units !== 0n) beyond[bucket] = units - (units * part) / of;
  }
  return beyond;
};

/** What is beyond of each draw by its amount, to the last nano-dollar: what rounding leaves falls to the later ones. */
const amountsBeyond = (draws: readonly FloorDraw[], total: bigint, spilled: bigint): readonly NanoUsd[] => {
  if (draws.length === 1) return [nanoUsd(spilled)];
  let before = 0n;
  let given = 0n;
  return draws.map(({ amountNanoUsd }) => {
    before += amountNanoUsd;
    const upTo = total === 0n ? 0n : divideHalfEven(spilled * before, total);
    const share = nanoUsd(upTo - given);
    given = upTo;
    return share;
  });
};

/**
 * Settles the intervals of floors that use goes through one after the other: each takes what fits, of what came to it and of what is beyond those before
 * it, and what is beyond the last draws the pool. Nothing is lost and nothing made: what the floors took, what draws pools and what is paid as it goes
 * are what was used.
 * @param floors in the order in which use goes through them (`BeyondFloors.above`); what is beyond them and falls to another floor is left out.
 * @param drawnOf what records say came to each of them, in each of its intervals that begin before `untilMs`, and what was `open` before.
 * @param untilMs Where records are still to come from, Unix milliseconds: what they may come to stays open, by what is beyond the floors before, too, whose
 * intervals need not lie within those of the later ones. Infinity where all were read.
 */
export const settleFloors = (
  beyond: BeyondFloors,
  floors: readonly FloorContract[],
  drawnOf: (floor: FloorContract) => readonly FloorDraw[],
  untilMs = Infinity,
): SettledFloors => {
  const intervals: SettledInterval[] = [];
  const overflows: PoolOverflow[] = [];
  const passedOn = new Map<FloorContract, FloorDraw[]>(floors.map((floor) => [floor, []]));
  const passOn = (floor: FloorContract, atMs: number, draw: FloorDraw, amountNanoUsd: NanoUsd, share: Share): void => {
    const { thing, usage, spilledNanoUsd: served } = draw;
    const next = share.part < share.of ? beyond.next(floor, thing, atMs) : null;
    if (next?.kind === 'floor')
      passedOn.get(next)?.push({
        thing,
        interval: Math.floor((atMs - next.fromMs) / next.intervalMs),
        amountNanoUsd,
        usage: usageBeyond(usage, share),
        spilledNanoUsd: zeroUsd,
      });
    // A vendor that says it served something beyond what was reserved speaks of all that was.
    const pool = next?.kind === 'pool' ? next : served === 0n ? null : beyond.pool(thing, atMs);
    const drawn = (next?.kind === 'pool' ? amountNanoUsd : 0n) + served;
    if (pool !== null && drawn !== 0n) overflows.push({ pool, atMs, amountNanoUsd: nanoUsd(drawn) });
  };
  const settle = (floor: FloorContract, interval: number, draws: readonly FloorDraw[]): void => {
    const atMs = floor.fromMs + interval * floor.intervalMs;
    const counted = draws.filter(({ usage }) => countsUse(floor, usage));
    // What a floor counts nothing of takes none of its room, and is not free for that: it goes beyond whole.
    const others = counted.length === draws.length ? [] : draws.filter(({ usage }) => !countsUse(floor, usage));
    const total = counted.reduce((sum, draw) => sum + draw.amountNanoUsd, 0n);
    const spilledNanoUsd = nanoUsd(
      draws.reduce((sum, draw) => sum + draw.spilledNanoUsd, 0n) +
        others.reduce((sum, draw) => sum + draw.amountNanoUsd, 0n),
    );
    const all = { amountNanoUsd: nanoUsd(total), usage: usageOf(counted) };
    const share = shareWithin(floor, all);
    const use = settleFloorInterval(floor, all, share);
    intervals.push({
      floor,
      interval,
      use: spilledNanoUsd === 0n ? use : addFloorUse(use, { ...noFloorUse(floor), spilledNanoUsd }),
    });
    const beyondEach = amountsBeyond(counted, total, use.spilledNanoUsd);
    for (const [index, draw] of counted.entries()) passOn(floor, atMs, draw, beyondEach[index] ?? zeroUsd, share);
    for (const draw of others) passOn(floor, atMs, draw, draw.amountNanoUsd, nothing);
  };
  const open = new Map<FloorContract, readonly FloorDraw[]>();
  let openMs = untilMs;
  for (const floor of floors) {
    // What is still to come to a floor, from records and from those before it, begins where that is open, and lies in no interval before.
    openMs = intervalFromMs(floor, openMs);
    const openFrom = (openMs - floor.fromMs) / floor.intervalMs;
    const draws = [...drawnOf(floor), ...(passedOn.get(floor) ?? [])];
    open.set(
      floor,
      draws.filter(({ interval }) => interval >= openFrom),
    );
    const settled = draws.filter(({ interval }) => interval < openFrom);
    for (const [interval, its] of Map.groupBy(settled, (draw) => draw.interval)) settle(floor, interval, its);
  }
  return { intervals, overflows, open };
};
