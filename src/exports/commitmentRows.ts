import {
  countsTowards,
  countsUse,
  feeBetween,
  fulfilmentWindows,
  meterCapacity,
  settleFloorInterval,
  type Contract,
  type FloorContract,
  type PoolContract,
  type SlotContract,
} from '../contracts/index.ts';
import { assert, divideHalfEven, nanoUsd } from '../kernel/index.ts';
import type { LedgerSlice, ModelBucket } from '../vocabulary/index.ts';
import { chargePeriodsIn, common, type ChargePeriodName, type Stretch } from './chargePeriod.ts';
import { appliedAt } from './contractCommitmentRow.ts';
import { decimalText, usdText } from './decimalText.ts';
import type { FocusRow } from './focusColumns.ts';
import { type AppliedTo, contractApplied, costColumns, descriptionOf, usageRow, vendorColumns } from './usageRow.ts';

/** A contract that is paid for whether it is used or not: what FOCUS calls a commitment discount. */
export type Commitment = FloorContract | SlotContract;

export const isCommitment = (contract: Contract): contract is Commitment => contract.kind !== 'pool';

const hourMs = 3_600_000;

/** Stretches that stand for themselves: what one does not use, another cannot make up for. */
export const intervalMsOf = (commitment: Commitment): number =>
  commitment.kind === 'floor' ? commitment.intervalMs : hourMs;

/** How a commitment counts: dollars at list prices, the time of a floor that counts tokens (normalized to all that it can take), accelerator-seconds. */
type Count = 'USD' | 'Normalized Milliseconds' | 'Accelerator-Seconds';

const countOf = (commitment: Commitment): Count => {
  if (commitment.kind === 'slot') return 'Accelerator-Seconds';
  return commitment.meters.length === 0 ? 'USD' : 'Normalized Milliseconds';
};

/** What a stretch can give, as the commitment counts; dollars in nano-USD. */
const quantityIn = (commitment: Commitment, { fromMs, untilMs }: Stretch): bigint => {
  const lengthMs = BigInt(untilMs - fromMs);
  if (commitment.kind === 'slot') return (BigInt(commitment.count) * lengthMs) / 1_000n;
  return commitment.meters.length === 0
    ? (commitment.quantityNanoUsd * lengthMs) / BigInt(commitment.unitMs)
    : lengthMs;
};

const quantityText = (commitment: Commitment, quantity: bigint): string =>
  countOf(commitment) === 'USD' ? usdText(quantity) : decimalText(quantity, 0);

const typeOf = (commitment: Commitment): string =>
  commitment.kind === 'floor' ? 'Reserved Throughput' : 'Reserved Capacity';

const commitmentColumns = (commitment: Commitment): FocusRow => ({
  CommitmentDiscountCategory: countOf(commitment) === 'USD' ? 'Spend' : 'Usage',
  CommitmentDiscountId: commitment.id,
  CommitmentDiscountName: commitment.id,
  CommitmentDiscountType: typeOf(commitment),
});

/** Columns of a row that is about the commitment itself rather than about a model. */
const itselfColumns = (commitment: Commitment, period: Stretch): FocusRow => ({
  ...vendorColumns(commitment.vendor, period),
  ...commitmentColumns(commitment),
  ResourceId: commitment.id,
  ResourceType: 'Commitment',
  ServiceCategory: commitment.kind === 'floor' ? 'AI and Machine Learning' : 'Compute',
  ServiceSubcategory: commitment.kind === 'floor' ? 'Generative AI' : 'Other (Compute)',
  ServiceName: `${commitment.vendor} ${commitment.kind === 'floor' ? 'models' : 'accelerators'}`,
  SkuId: `${commitment.vendor}/${commitment.id}`,
  SkuMeter: typeOf(commitment),
  SkuPriceId: `${commitment.vendor}/${commitment.id}`,
});

const itself = ({ id }: Commitment): AppliedTo => ({ contractId: id, commitmentId: id });

/** What pools have of a commitment's fee for a stretch, by true-up. */
const towardsPools = (
  pools: readonly PoolContract[],
  commitment: Commitment,
  stretch: Stretch,
): readonly (AppliedTo & { readonly cost: bigint })[] =>
  pools
    .filter((pool) => countsTowards(pool, commitment))
    .flatMap((pool) =>
      fulfilmentWindows(pool).flatMap((window) => {
        const within = common(window, stretch);
        const cost = within === null ? 0n : feeBetween(commitment, within.fromMs, within.untilMs);
        return cost === 0n ? [] : [{ ...appliedAt(pool, window.fromMs), cost }];
      }),
    );

/** One commitment bought, at what it costs for the period: the list price and the agreed one are the same. */
const boughtColumns = (fee: bigint): FocusRow => ({
  PricingQuantity: '1',
  PricingUnit: 'Commitments',
  ListUnitPrice: usdText(fee),
  ListCost: usdText(fee),
  ContractedUnitPrice: usdText(fee),
  ContractedCost: usdText(fee),
  PricingCurrencyListUnitPrice: usdText(fee),
  PricingCurrencyContractedUnitPrice: usdText(fee),
});

const purchaseRow = (
  commitment: Commitment,
  pools: readonly PoolContract[],
  period: Stretch,
  frequency: 'One-Time' | 'Recurring',
): FocusRow => {
  const fee = feeBetween(commitment, period.fromMs, period.untilMs);
  const quantity = quantityText(commitment, quantityIn(commitment, period));
  return {
    ...itselfColumns(commitment, period),
    ...boughtColumns(fee),
    // What it pays for is told by the rows of its use.
    ...costColumns(fee, 0n),
    ChargeCategory: 'Purchase',
    ChargeDescription: `${typeOf(commitment)} ${commitment.id} of ${commitment.vendor}`,
    ChargeFrequency: frequency,
    PricingCategory: 'Standard',
    CommitmentDiscountQuantity: quantity,
    CommitmentDiscountUnit: countOf(commitment),
    ContractApplied: contractApplied({ ...itself(commitment), cost: fee }, ...towardsPools(pools, commitment, period)),
  };
};

/** What became of so much of a commitment, and what of its fee that bears (nano-USD): billed was the purchase. */
const statusColumns = (
  commitment: Commitment,
  status: 'Used' | 'Unused',
  { quantity, effective }: { readonly quantity: bigint; readonly effective: bigint },
): FocusRow => {
  const written = quantityText(commitment, quantity);
  const unit = countOf(commitment);
  return {
    ...costColumns(0n, effective),
    PricingCategory: 'Committed',
    CommitmentDiscountQuantity: written,
    CommitmentDiscountStatus: status,
    CommitmentDiscountUnit: unit,
    ...(commitment.kind === 'slot' ? { CapacityReservationId: commitment.id, CapacityReservationStatus: status } : {}),
    ContractApplied: contractApplied({ ...itself(commitment), quantity: written, unit }),
  };
};

/**
 * What a commitment was bought for within a stretch: in each period, or at once at its beginning where its fee is for the whole period.
 * @param pools that its fee may count towards.
 */
export function* purchaseRows(
  commitment: Commitment,
  pools: readonly PoolContract[],
  by: ChargePeriodName,
  stretch: Stretch,
): Generator<FocusRow> {
  if (commitment.fee?.per === 'period') {
    const isWithin = stretch.fromMs <= commitment.fromMs && commitment.fromMs < stretch.untilMs;
    if (isWithin) yield purchaseRow(commitment, pools, commitment, 'One-Time');
    return;
  }
  const inForce = common(stretch, commitment);
  if (inForce)
    for (const period of chargePeriodsIn(by, inForce)) yield purchaseRow(commitment, pools, period, 'Recurring');
}

/** What of one slice was within a commitment, and what beyond. */
interface Shared {
  readonly slice: LedgerSlice;
  /** Counted as the commitment counts. */
  used: bigint;
  /** What of the fee it bears. Nano-USD. */
  effective: bigint;
  /** Within, and beyond: nano-USD of the slice, and its units. */
  withinUnits: bigint;
  beyondUnits: bigint;
  beyondNanoUsd: bigint;
  /** What is beyond draws it; null where it is paid as it goes. */
  pool: PoolContract | null;
}

/** Where goes what is beyond a commitment: to another one, which takes it over, to a pool, or nowhere. */
export interface WhereBeyond {
  /** @returns null where no other takes it over. */
  takeOver(slice: LedgerSlice, atMs: number): ((beyond: LedgerSlice) => void) | null;
  pool(slice: LedgerSlice, atMs: number): PoolContract | null;
}

/** Half-even, of a divisor of either sign: that of a correction may be below 0. */
const divided = (numerator: bigint, denominator: bigint): bigint =>
  denominator < 0n ? divideHalfEven(-numerator, -denominator) : divideHalfEven(numerator, denominator);

/**
 * Slices of one interval share what it can give in proportion, to the last unit: what rounding leaves falls to the later ones.
 * @param all Whether they share all of it, however little they drew; else none has more than it drew.
 */
export const shareOut = (quantity: bigint, drawn: readonly bigint[], all = false): readonly bigint[] => {
  const total = sum(drawn);
  if (total === 0n || (!all && total <= quantity)) return drawn;
  let before = 0n;
  let given = 0n;
  return drawn.map((part) => {
    before += part;
    const upTo = divided(quantity * before, total);
    const share = upTo - given;
    given = upTo;
    return share;
  });
};

/** What of the slices of one interval a commitment takes. */
interface Taken {
  /** Of each slice, as the commitment counts. */
  readonly used: readonly bigint[];
  /** Which share of each slice that is: `part` of `of`. */
  readonly part: readonly bigint[];
  readonly of: readonly bigint[];
}

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n);

/** Of each bucket what the slices have. */
const usageOf = (slices: readonly LedgerSlice[]): Readonly<Partial<Record<ModelBucket, bigint>>> => {
  const usage: Partial<Record<ModelBucket, bigint>> = {};
  for (const { bucket, units } of slices)
    if (bucket !== 'acceleratorSeconds') usage[bucket] = (usage[bucket] ?? 0n) + units;
  return usage;
};

/** The fullest meter says how much of its time a floor was in use; each slice has a part by its price, or by its units where it costs nothing. */
const takenByMeters = (floor: FloorContract, lengthMs: number, slices: readonly LedgerSlice[]): Taken => {
  const amounts = slices.map(({ amountNanoUsd }) => amountNanoUsd);
  const weights = sum(amounts) > 0n ? amounts : slices.map(({ units }) => units);
  const total = sum(weights);
  const cut = { ...floor, intervalMs: lengthMs };
  const settled = settleFloorInterval(cut, { amountNanoUsd: nanoUsd(total), usage: usageOf(slices) });
  let usedMs = 0n;
  for (const [index, meter] of floor.meters.entries()) {
    const capacity = meterCapacity(floor, meter, lengthMs);
    const within = settled.meters[index]?.within ?? 0n;
    const here = capacity === 0n ? 0n : divideHalfEven(BigInt(lengthMs) * within, capacity);
    if (here > usedMs) usedMs = here;
  }
  return { used: shareOut(usedMs, weights, true), part: shareOut(settled.withinNanoUsd, weights), of: weights };
};

const takenBy = (commitment: Commitment, interval: Stretch, slices: readonly LedgerSlice[]): Taken => {
  const lengthMs = interval.untilMs - interval.fromMs;
  if (commitment.kind === 'floor' && commitment.meters.length > 0) return takenByMeters(commitment, lengthMs, slices);
  const drawn = slices.map((slice) => (commitment.kind === 'floor' ? slice.amountNanoUsd : slice.units));
  const used = shareOut(quantityIn(commitment, interval), drawn);
  return { used, part: used, of: drawn };
};

/** What a vendor itself says it served beyond what was reserved. */
const isSpilled = ({ servedTier }: LedgerSlice): boolean => servedTier === 'spillover';

const thingName = ({ operation, provider, targetModel }: LedgerSlice): string =>
  JSON.stringify([operation === 'compute', provider, targetModel]);

/** What of the slices of one interval a commitment may take: nothing that spilled, and of things that a floor of tokens counts nothing of, nothing either. */
const countedSlices = (commitment: Commitment, slices: readonly LedgerSlice[]): ReadonlySet<LedgerSlice> => {
  const served = slices.filter((slice) => !isSpilled(slice));
  if (commitment.kind === 'slot') return new Set(served);
  const things = Map.groupBy(served, thingName).values();
  return new Set([...things].filter((its) => countsUse(commitment, usageOf(its))).flat());
};

/** What tells slices of one row apart. */
const sameRow = (slice: LedgerSlice): string =>
  JSON.stringify([
    slice.provider,
    slice.vendor,
    slice.targetModel,
    slice.model,
    slice.lab,
    slice.region,
    slice.hosts,
    slice.team,
    slice.key,
    slice.operation,
    slice.servedTier,
    slice.basis,
    slice.bucket,
    slice.nanoUsdPerMillion.toString(),
    slice.discount,
    slice.source,
    slice.isCorrection,
  ]);

/** Use of a commitment in one period, gathered interval by interval. */
export class CommitmentUse {
  readonly #commitment: Commitment;
  readonly #where: WhereBeyond;
  readonly #period: Stretch;
  readonly #byRow = new Map<string, Shared>();
  #used = 0n;
  #effective = 0n;

  constructor(commitment: Commitment, where: WhereBeyond, period: Stretch) {
    this.#commitment = commitment;
    this.#where = where;
    this.#period = period;
  }

  get period(): Stretch {
    return this.#period;
  }

  /** Takes everything that was drawn in one interval. */
  add(interval: Stretch, slices: readonly LedgerSlice[]): void {
    const quantity = quantityIn(this.#commitment, interval);
    const fee = feeBetween(this.#commitment, interval.fromMs, interval.untilMs);
    const taken = countedSlices(this.#commitment, slices);
    const counted = slices.filter((slice) => taken.has(slice));
    const { used, part, of } = takenBy(this.#commitment, interval, counted);
    const borne = shareOut(quantity === 0n ? 0n : divideHalfEven(fee * sum(used), quantity), used, true);
    const { fromMs } = interval;
    for (const [index, slice] of counted.entries()) {
      const share = { part: part[index] ?? 0n, of: of[index] ?? 0n };
      this.#count(slice, share, { used: used[index] ?? 0n, borne: borne[index] ?? 0n }, fromMs);
    }
    for (const slice of slices)
      if (!taken.has(slice)) this.#count(slice, { part: 0n, of: 1n }, { used: 0n, borne: 0n }, fromMs);
  }

  #count(
    slice: LedgerSlice,
    share: { readonly part: bigint; readonly of: bigint },
    { used, borne }: { readonly used: bigint; readonly borne: bigint },
    atMs: number,
  ): void {
    const key = sameRow(slice);
    const row = this.#byRow.get(key) ?? {
      slice,
      used: 0n,
      effective: 0n,
      withinUnits: 0n,
      beyondUnits: 0n,
      beyondNanoUsd: 0n,
      pool: null,
    };
    // What counts nothing is within.
    const within = (whole: bigint): bigint => (share.of === 0n ? whole : divided(whole * share.part, share.of));
    row.used += used;
    row.effective += borne;
    row.withinUnits += within(slice.units);
    this.#used += used;
    this.#effective += borne;
    const beyond = {
      ...slice,
      units: slice.units - within(slice.units),
      amountNanoUsd: slice.amountNanoUsd - within(slice.amountNanoUsd),
    };
    const isBeyond = beyond.units !== 0n || beyond.amountNanoUsd !== 0n;
    // A vendor that says it served something beyond what was reserved speaks of all that was.
    const takeOver = isBeyond && !isSpilled(slice) ? this.#where.takeOver(slice, atMs) : null;
    if (takeOver !== null) takeOver({ ...beyond, fromMs: atMs });
    else if (isBeyond) {
      row.beyondUnits += beyond.units;
      row.beyondNanoUsd += beyond.amountNanoUsd;
      row.pool = this.#where.pool(slice, atMs);
    }
    this.#byRow.set(key, row);
  }

  *rows(): Generator<FocusRow> {
    for (const row of this.#byRow.values()) {
      // Corrections may be below 0, and have their rows all the same: what all rows bear is the fee.
      if (row.used !== 0n || row.effective !== 0n || row.withinUnits !== 0n) yield this.#usedRow(row);
      if (row.beyondNanoUsd !== 0n || row.beyondUnits !== 0n) yield this.#beyondRow(row);
    }
    const unused = this.#unusedRow();
    if (unused) yield unused;
  }

  #usedRow({ slice, used, effective, withinUnits }: Shared): FocusRow {
    return {
      ...usageRow({ ...slice, units: withinUnits, amountNanoUsd: 0n }, this.#period, null),
      ...commitmentColumns(this.#commitment),
      ...statusColumns(this.#commitment, 'Used', { quantity: used, effective }),
    };
  }

  /** What the commitment did not take is bought at the agreed price. */
  #beyondRow({ slice, beyondUnits, beyondNanoUsd, pool }: Shared): FocusRow {
    const beyond = { ...slice, units: beyondUnits, amountNanoUsd: beyondNanoUsd };
    return {
      ...usageRow(beyond, this.#period, pool && appliedAt(pool, this.#period.fromMs)),
      ChargeDescription: `${descriptionOf(slice)}, beyond ${this.#commitment.id}`,
    };
  }

  #unusedRow(): FocusRow | null {
    const commitment = this.#commitment;
    const unused = quantityIn(commitment, this.#period) - this.#used;
    const rest = feeBetween(commitment, this.#period.fromMs, this.#period.untilMs) - this.#effective;
    assert(unused >= 0n, 'no more of a commitment is used than there is');
    if (unused === 0n && rest === 0n) return null;
    return {
      ...itselfColumns(commitment, this.#period),
      ...boughtColumns(rest),
      ...statusColumns(commitment, 'Unused', { quantity: unused, effective: rest }),
      ChargeCategory: 'Usage',
      ChargeDescription: `${typeOf(commitment)} ${commitment.id}, not used`,
      ChargeFrequency: 'Usage-Based',
    };
  }
}
