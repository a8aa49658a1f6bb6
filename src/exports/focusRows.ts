import {
  BeyondFloors,
  fulfilmentWindows,
  haveInCommon,
  type Contract,
  type PoolContract,
  type TrueUp,
} from '../contracts/index.ts';
import type { LedgerSlice } from '../vocabulary/index.ts';
import { chargePeriodOf, type ChargePeriodName, type Stretch } from './chargePeriod.ts';
import { isCommitment, purchaseRows, type Commitment } from './commitmentRows.ts';
import { appliedAt } from './contractCommitmentRow.ts';
import { usdText } from './decimalText.ts';
import type { FocusRow } from './focusColumns.ts';
import { contractApplied, costColumns, usageRow, vendorColumns } from './usageRow.ts';
import { gridOf, stacksOf, thingOf, useRows } from './useRows.ts';

/** Where slices come from: a ledger, read once from beginning to end. */
export interface LedgerSlices {
  /**
   * Everything but what counts against these contracts while they are in force, period by period. A period is cut where one of the borders lies in it.
   * @param bordersMs in order.
   */
  ordinary(asked: {
    readonly stretch: Stretch;
    readonly by: ChargePeriodName;
    readonly without: readonly Commitment[];
    readonly bordersMs: readonly number[];
  }): AsyncIterable<LedgerSlice>;
  /** What counts against contracts while they are in force, in the order of time, by stretches of one length counted from an origin that is not after it. */
  ofContracts(asked: {
    readonly stretch: Stretch;
    readonly contracts: readonly Commitment[];
    readonly originMs: number;
    readonly intervalMs: number;
  }): AsyncIterable<LedgerSlice>;
  /** The true-up intervals of a pool that have begun. */
  trueUps(pool: PoolContract): Promise<readonly TrueUp[]>;
}

export interface FocusQuestion {
  readonly by: ChargePeriodName;
  readonly stretch: Stretch;
  readonly contracts: readonly Contract[];
  /** Unix milliseconds: what is owed at the end of a true-up is known once that is past. */
  readonly nowMs: number;
}

const isPool = (contract: Contract): contract is PoolContract => contract.kind === 'pool';

/** Ends of true-ups, in order: use before and after one counts against different commitments. */
const bordersOf = (contracts: readonly Contract[]): readonly number[] => {
  const borders = contracts.filter(isPool).flatMap((pool) => {
    const windows = fulfilmentWindows(pool);
    return [pool.fromMs, ...windows.map(({ untilMs }) => untilMs)];
  });
  return [...new Set(borders)].toSorted((one, other) => one - other);
};

const cutPeriod = (by: ChargePeriodName, fromMs: number, bordersMs: readonly number[]): Stretch => {
  const { untilMs } = chargePeriodOf(by, fromMs);
  const border = bordersMs.find((at) => at > fromMs);
  return { fromMs, untilMs: border === undefined ? untilMs : Math.min(border, untilMs) };
};

/** What a pool's vendor bills for what was not spent by the end of a true-up. */
const shortfallRow = (pool: PoolContract, by: ChargePeriodName, trueUp: TrueUp): FocusRow => {
  const owed = trueUp.shortfallNanoUsd;
  return {
    ...vendorColumns(pool.vendor, chargePeriodOf(by, trueUp.untilMs - 1)),
    ...costColumns(owed, owed),
    ListCost: usdText(owed),
    ContractedCost: usdText(owed),
    ServiceCategory: 'Other',
    ServiceSubcategory: 'Other (Other)',
    ServiceName: `${pool.vendor} commitment`,
    ChargeCategory: 'Adjustment',
    ChargeDescription: `Shortfall of ${pool.id}`,
    ChargeFrequency: 'One-Time',
    ContractApplied: contractApplied({ ...appliedAt(pool, trueUp.fromMs), cost: owed }),
  };
};

async function* shortfallRows(question: FocusQuestion, slices: LedgerSlices): AsyncGenerator<FocusRow> {
  const { by, contracts, stretch, nowMs } = question;
  const endsHere = ({ untilMs }: Stretch): boolean =>
    stretch.fromMs < untilMs && untilMs <= Math.min(stretch.untilMs, nowMs);
  for (const pool of contracts.filter(isPool)) {
    if (!fulfilmentWindows(pool).some(endsHere)) continue;
    for (const trueUp of (await slices.trueUps(pool)).filter(endsHere)) {
      if (trueUp.shortfallNanoUsd > 0n) yield shortfallRow(pool, by, trueUp);
    }
  }
}

/**
 * The ledger as a Cost and Usage dataset: what was used, what commitments were bought and how they were used, and what is owed for pools that were not spent.
 * Rows are made one by one; memory grows with the different things used in one period, never with the number of records.
 */
export async function* focusRows(question: FocusQuestion, slices: LedgerSlices): AsyncGenerator<FocusRow> {
  const { by, stretch, contracts } = question;
  const commitments = contracts.filter(isCommitment);
  const bordersMs = bordersOf(contracts);
  const beyond = new BeyondFloors(contracts);
  const byId = new Map(contracts.filter(isPool).map((pool) => [pool.id, pool]));
  // What names a contract that is not in force, or that the file does not have, is wholly beyond it.
  const drawnBy = (slice: LedgerSlice): PoolContract | null =>
    slice.contract === null ? null : (byId.get(slice.contract) ?? beyond.pool(thingOf(slice), slice.fromMs));
  const ordinary = slices.ordinary({ stretch, by, without: commitments, bordersMs });
  for await (const slice of ordinary) {
    const pool = drawnBy(slice);
    const applied = pool && appliedAt(pool, slice.fromMs);
    yield usageRow(slice, cutPeriod(by, slice.fromMs, bordersMs), applied);
  }
  const pools = contracts.filter(isPool);
  for (const stack of stacksOf(commitments)) {
    for (const commitment of stack) yield* purchaseRows(commitment, pools, by, stretch);
    const drawn = slices.ofContracts({ stretch, contracts: stack, ...gridOf(stack) });
    const drawnPools = pools.filter((pool) => stack.some((commitment) => haveInCommon(pool, commitment)));
    yield* useRows(stack, { stretch, by, contracts, bordersMs: bordersOf(drawnPools), slices: drawn });
  }
  yield* shortfallRows(question, slices);
}
