import { setImmediate as turn } from 'node:timers/promises';
import {
  addFloorUse,
  BeyondFloors,
  coversThing,
  feesTowards,
  fulfilmentWindow,
  fulfilmentWindows,
  historyDaysMax,
  intervalBorderMs,
  noFloorUse,
  settleFloors,
  strayStretches,
  type Contract,
  type CoveredThing,
  type FloorContract,
  type FloorDraw,
  type FloorUse,
  type PoolContract,
  type SettledFloors,
} from '../contracts/index.ts';
import { nanoUsd, type NanoUsd } from '../kernel/index.ts';
import {
  contractsNamed,
  contractSpendIn,
  contractUseByInterval,
  strayUseIn,
  type Database,
  type StraySum,
} from '../store/index.ts';
import { FloorSteps } from './FloorSteps.ts';

const dayMs = 86_400_000;

/** The ledger, and whose part of it is looked at. */
export interface LedgerView {
  readonly database: Database;
  readonly organisations: readonly string[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** What was spent under a pool: by records, and of what floors that it covers did not take. */
export interface PoolSpent {
  readonly drawnNanoUsd: NanoUsd;
  /** Fees within the current true-up interval: until now, and until its end. */
  readonly feesNanoUsd: NanoUsd;
  readonly wholeFeesNanoUsd: NanoUsd;
  /** In each earlier interval, with fees. */
  readonly earlierNanoUsd: readonly NanoUsd[];
}

export interface PoolHistory extends PoolSpent {
  /** Of each whole day since the start, or of as many as count. */
  readonly days: readonly NanoUsd[];
}

/** Begins of the last whole days of a contract, and the end of the last of them. */
const dayBorders = ({ fromMs, untilMs }: Contract, nowMs: number): readonly number[] => {
  const days = Math.floor((Math.min(nowMs, untilMs) - fromMs) / dayMs);
  const first = Math.max(0, days - historyDaysMax);
  return Array.from({ length: Math.max(0, days - first + 1) }, (_, index) => fromMs + (first + index) * dayMs);
};

/** The first border of a floor's intervals that is not before an instant, nor before the floor begins. */
const borderFrom = (floor: FloorContract, atMs: number): number =>
  Math.max(floor.fromMs, intervalBorderMs(floor, atMs));

const thingOf = ({
  provider,
  targetModel,
  isCapacity,
}: Pick<StraySum, 'provider' | 'targetModel' | 'isCapacity'>): CoveredThing =>
  isCapacity ? { site: provider } : { provider, model: targetModel };

/** What records say came to a floor in its intervals that begin within a stretch. */
const drawsIn = async (
  { database, organisations, nowMs }: LedgerView,
  floor: FloorContract,
  fromMs: number,
  untilMs: number,
): Promise<readonly FloorDraw[]> => {
  const { fromMs: startMs, intervalMs } = floor;
  const stretch = {
    fromMs: borderFrom(floor, fromMs),
    toMs: Math.min(borderFrom(floor, untilMs), nowMs + 1, floor.untilMs),
  };
  if (stretch.fromMs >= stretch.toMs) return [];
  const rows = await contractUseByInterval(database, {
    organisations,
    contract: floor.id,
    startMs,
    intervalMs,
    ...stretch,
  });
  return rows.map((row) => ({
    thing: thingOf(row),
    interval: row.interval,
    amountNanoUsd: nanoUsd(row.amountNanoUsd),
    spilledNanoUsd: nanoUsd(row.spilledNanoUsd),
    usage: row.usage,
  }));
};

/** Floors that use goes through one after the other, settled in the intervals that begin within a stretch, some thousands at a time. */
async function* settledFloors(
  view: LedgerView,
  beyond: BeyondFloors,
  floors: readonly FloorContract[],
  stretch: { readonly fromMs: number; readonly untilMs: number },
): AsyncGenerator<SettledFloors> {
  if (floors.length === 0) return;
  const steps = new FloorSteps(floors);
  let open: SettledFloors['open'] = new Map();
  for (let { fromMs } = stretch; fromMs < stretch.untilMs;) {
    const untilMs = Math.min(stretch.untilMs, steps.endMs(fromMs));
    const draws = new Map<FloorContract, readonly FloorDraw[]>();
    for (const floor of floors)
      draws.set(floor, [...(open.get(floor) ?? []), ...(await drawsIn(view, floor, fromMs, untilMs))]);
    steps.came([...draws.values()].reduce((count, { length }) => count + length, 0));
    // Requests have their turn between two steps, also where the ledger answers at once.
    await turn();
    const isLast = untilMs === stretch.untilMs;
    const settled = settleFloors(beyond, floors, (floor) => draws.get(floor) ?? [], isLast ? Infinity : untilMs);
    ({ open } = settled);
    yield settled;
    fromMs = untilMs;
  }
}

/** What went beyond floors to a pool in each part of a stretch. @param borders as for `contractSpendIn`. */
const overflowIn = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
  borders: readonly number[],
): Promise<readonly bigint[]> => {
  const beyond = new BeyondFloors(contracts);
  const sums = borders.slice(1).map(() => 0n);
  const stretch = { fromMs: borders[0] ?? 0, untilMs: borders.at(-1) ?? 0 };
  for await (const { overflows } of settledFloors(view, beyond, beyond.above(pool), stretch))
    for (const { pool: drawn, atMs, amountNanoUsd } of overflows) {
      const part = borders.findLastIndex((border) => border <= atMs);
      if (drawn === pool && part >= 0 && part < sums.length) sums[part] = (sums[part] ?? 0n) + amountNanoUsd;
    }
  return sums;
};

/** What records name that is not in the file, or not in force when they began, and the pool covers, in each part of a stretch. @param borders as above. */
const strayIn = async (
  { database, organisations }: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
  borders: readonly number[],
): Promise<readonly bigint[]> => {
  const sums = borders.slice(1).map(() => 0n);
  const fromMs = borders[0] ?? 0;
  const untilMs = Math.min(borders.at(-1) ?? 0, pool.untilMs);
  if (fromMs >= untilMs) return sums;
  const named = await contractsNamed(database, { organisations, fromMs, toMs: untilMs });
  const strays = strayStretches(contracts, named, { fromMs, untilMs });
  if (strays.length === 0) return sums;
  for (const stray of await strayUseIn(database, organisations, strays, borders))
    if (coversThing(pool, thingOf(stray))) sums[stray.part] = (sums[stray.part] ?? 0n) + stray.amountNanoUsd;
  return sums;
};

/** What draws a pool in each part of a stretch, beside fees. */
const drawnIn = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
  borders: readonly number[],
): Promise<readonly NanoUsd[]> => {
  const { database, organisations } = view;
  const byRecords = await contractSpendIn(database, { organisations, contract: pool.id }, borders);
  const beyond = await overflowIn(view, contracts, pool, borders);
  const stray = await strayIn(view, contracts, pool, borders);
  return byRecords.map((amount, part) => nanoUsd(amount + (beyond[part] ?? 0n) + (stray[part] ?? 0n)));
};

/** What was spent under a pool in the true-up interval that runs, beside fees. */
export const poolDrawn = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
): Promise<NanoUsd> => {
  const { fromMs } = fulfilmentWindow(pool, view.nowMs);
  const [drawn] = await drawnIn(view, contracts, pool, [fromMs, Math.max(view.nowMs, fromMs) + 1]);
  return drawn ?? nanoUsd(0n);
};

/** The same in each part of several stretches, read once for all of them. @param stretches borders of each, as above. */
const drawnInEach = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
  stretches: readonly (readonly number[])[],
): Promise<readonly (readonly NanoUsd[])[]> => {
  const borders = [...new Set(stretches.flat())].toSorted((one, other) => one - other);
  const drawn = await drawnIn(view, contracts, pool, borders);
  const between = (fromMs: number, untilMs: number): NanoUsd =>
    nanoUsd(drawn.slice(borders.indexOf(fromMs), borders.indexOf(untilMs)).reduce((sum, amount) => sum + amount, 0n));
  return stretches.map((own) => own.slice(1).map((untilMs, index) => between(own[index] ?? untilMs, untilMs)));
};

/** A pool as the ledger knows it, in each true-up interval, and in each part of another stretch. @param borders of that, as above. */
const poolSpentIn = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
  borders: readonly number[],
): Promise<PoolHistory> => {
  const { nowMs } = view;
  const current = fulfilmentWindow(pool, nowMs);
  const begun = fulfilmentWindows(pool).slice(0, current.index + 1);
  const fees = (fromMs: number, untilMs: number): bigint => feesTowards(pool, contracts, fromMs, untilMs);
  const intervals = [...begun.map(({ fromMs }) => fromMs), Math.max(nowMs, current.fromMs) + 1];
  const [spent = [], days = []] = await drawnInEach(view, contracts, pool, [intervals, borders]);
  return {
    drawnNanoUsd: nanoUsd(spent[current.index] ?? 0n),
    feesNanoUsd: nanoUsd(fees(current.fromMs, nowMs)),
    wholeFeesNanoUsd: nanoUsd(fees(current.fromMs, current.untilMs)),
    earlierNanoUsd: begun
      .slice(0, -1)
      .map(({ fromMs, untilMs }, index) => nanoUsd((spent[index] ?? 0n) + fees(fromMs, untilMs))),
    days,
  };
};

/** A pool as the ledger knows it, in each true-up interval. */
export const poolSpent = (view: LedgerView, contracts: readonly Contract[], pool: PoolContract): Promise<PoolSpent> =>
  poolSpentIn(view, contracts, pool, []);

/** The same, and on each day. */
export const poolHistory = (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
): Promise<PoolHistory> => poolSpentIn(view, contracts, pool, dayBorders(pool, view.nowMs));

/** What a floor took, in all and on each day. */
export interface FloorHistory {
  readonly use: FloorUse;
  readonly days: readonly FloorUse[];
}

/** A floor as the ledger knows it: each of its intervals settled by itself, with what is beyond the floors before it. */
export const floorHistory = async (
  view: LedgerView,
  contracts: readonly Contract[],
  floor: FloorContract,
): Promise<FloorHistory> => {
  const { nowMs } = view;
  const { fromMs: startMs, intervalMs } = floor;
  const none = noFloorUse(floor);
  const byDay = new Map<number, FloorUse>();
  const beyond = new BeyondFloors(contracts);
  const stretch = { fromMs: startMs, untilMs: Math.min(nowMs + 1, floor.untilMs) };
  for await (const { intervals } of settledFloors(view, beyond, beyond.above(floor), stretch))
    for (const { floor: settled, interval, use } of intervals) {
      if (settled !== floor) continue;
      const day = Math.floor((interval * intervalMs) / dayMs);
      byDay.set(day, addFloorUse(byDay.get(day) ?? none, use));
    }
  return {
    use: [...byDay.values()].reduce(addFloorUse, none),
    days: dayBorders(floor, nowMs)
      .slice(0, -1)
      .map((fromMs) => byDay.get(Math.floor((fromMs - startMs) / dayMs)) ?? none),
  };
};
