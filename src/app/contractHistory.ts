import {
  addFloorUse,
  feesTowards,
  fulfilmentWindow,
  fulfilmentWindows,
  historyDaysMax,
  noFloorUse,
  settleFloorInterval,
  type Contract,
  type FloorContract,
  type FloorUse,
  type PoolContract,
} from '../contracts/index.ts';
import { nanoUsd, type NanoUsd } from '../kernel/index.ts';
import { contractSpendIn, contractUseByInterval, type Database } from '../store/index.ts';

const dayMs = 86_400_000;

/** The ledger, and whose part of it is looked at. */
export interface LedgerView {
  readonly database: Database;
  readonly organisations: readonly string[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** What was spent under a pool, by records. */
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

/** What records say was spent under a pool in the true-up interval that runs. */
export const poolDrawn = async (
  { database, organisations, nowMs }: LedgerView,
  pool: PoolContract,
): Promise<NanoUsd> => {
  const { fromMs } = fulfilmentWindow(pool, nowMs);
  const [drawn] = await contractSpendIn(database, { organisations, contract: pool.id }, [
    fromMs,
    Math.max(nowMs, fromMs) + 1,
  ]);
  return nanoUsd(drawn ?? 0n);
};

/** A pool as the ledger knows it, in each true-up interval. */
export const poolSpent = async (
  { database, organisations, nowMs }: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
): Promise<PoolSpent> => {
  const current = fulfilmentWindow(pool, nowMs);
  const begun = fulfilmentWindows(pool).slice(0, current.index + 1);
  const fees = (fromMs: number, untilMs: number): bigint => feesTowards(pool, contracts, fromMs, untilMs);
  const spent = await contractSpendIn(database, { organisations, contract: pool.id }, [
    ...begun.map(({ fromMs }) => fromMs),
    Math.max(nowMs, current.fromMs) + 1,
  ]);
  return {
    drawnNanoUsd: nanoUsd(spent[current.index] ?? 0n),
    feesNanoUsd: nanoUsd(fees(current.fromMs, nowMs)),
    wholeFeesNanoUsd: nanoUsd(fees(current.fromMs, current.untilMs)),
    earlierNanoUsd: begun
      .slice(0, -1)
      .map(({ fromMs, untilMs }, index) => nanoUsd((spent[index] ?? 0n) + fees(fromMs, untilMs))),
  };
};

/** The same, and on each day. */
export const poolHistory = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
): Promise<PoolHistory> => {
  const { database, organisations, nowMs } = view;
  const borders = dayBorders(pool, nowMs);
  const shared = { organisations, contract: pool.id };
  const days = borders.length < 2 ? [] : await contractSpendIn(database, shared, borders);
  return { ...(await poolSpent(view, contracts, pool)), days: days.map(nanoUsd) };
};

/** What a floor took, in all and on each day. */
export interface FloorHistory {
  readonly use: FloorUse;
  readonly days: readonly FloorUse[];
}

/** A floor as the ledger knows it: each of its intervals settled by itself. */
export const floorHistory = async (
  { database, organisations, nowMs }: LedgerView,
  floor: FloorContract,
): Promise<FloorHistory> => {
  const { fromMs: startMs, intervalMs } = floor;
  const none = noFloorUse(floor);
  const byDay = new Map<number, FloorUse>();
  const stretch = { organisations, contract: floor.id, startMs, intervalMs, toMs: Math.min(nowMs + 1, floor.untilMs) };
  for await (const intervals of contractUseByInterval(database, stretch))
    for (const { interval, amountNanoUsd, spilledNanoUsd, usage } of intervals) {
      const settled = settleFloorInterval(floor, { amountNanoUsd: nanoUsd(amountNanoUsd), usage });
      const use = addFloorUse(settled, { ...none, spilledNanoUsd: nanoUsd(spilledNanoUsd) });
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
