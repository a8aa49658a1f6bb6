import type { Contract, SlotContract } from '../../contracts/index.ts';
import { discountText, feeBetween } from '../../contracts/index.ts';
import type { NanoUsd, Ratio } from '../../kernel/index.ts';
import { assert, divideHalfEven, nanoUsd, scaleUsd } from '../../kernel/index.ts';
import type { CapacityBasis } from '../decide/Offer.ts';
import type { CapacityPrice } from '../job/Job.ts';
import type { SiteConfiguration } from '../schema.ts';
import type { OfferBook } from './OfferBook.ts';
import { sitePrices } from './sitePrices.ts';

/** What is left of a list price under a contract; null: no contract. Rounded half to even once. */
export const afterDiscount = (list: NanoUsd, contract: Contract | null): NanoUsd =>
  contract === null ? list : scaleUsd(list, restOf(contract.discount));

const restOf = ({ numerator, denominator }: Ratio): Ratio => ({ numerator: denominator - numerator, denominator });

const hourMs = 3_600_000n;

/**
 * A slot's fee over its whole period, spread evenly over its accelerator-hours, used or not: what is left unused is shown as idle, and never laid
 * upon those who use it. A slot without a fee is counted elsewhere, and books 0.
 */
const slotHour = (slot: SlotContract): NanoUsd => {
  const fee = feeBetween(slot, slot.fromMs, slot.untilMs);
  return nanoUsd(divideHalfEven(fee * hourMs, BigInt(slot.count) * BigInt(slot.untilMs - slot.fromMs)));
};

/** The capacity that an attempt takes, as its offer names it. */
export interface TakenCapacity {
  readonly site: SiteConfiguration;
  readonly accelerator: string;
  readonly basis: CapacityBasis;
  /** Slot that it belongs to, or contract that its spending draws down; null for none. */
  readonly contract: string | null;
}

/**
 * What one accelerator-hour is booked at, exact to the nano-dollar. Null where it is unpriced, which is never 0.
 * @throws AssertionError where the contract is none of `contracts`, or a slot's capacity names no slot.
 */
export const capacityPrice = (
  { site, accelerator, basis, contract: id }: TakenCapacity,
  contracts: readonly Contract[],
  book: OfferBook,
): CapacityPrice | null => {
  const contract = contracts.find((one) => one.id === id) ?? null;
  assert(id === null || contract !== null, `there is a contract ${id}`);
  const prices = sitePrices(site, accelerator, book);
  if (basis === 'slot') {
    assert(contract?.kind === 'slot', 'capacity of a slot names its slot');
    const booked = slotHour(contract);
    return priceOf(booked, prices.onDemand?.hourNanoUsd ?? booked, '0', `slot ${contract.id}`);
  }
  const list = basis === 'spot' ? prices.spot : prices.onDemand;
  if (list === null) return null;
  return priceOf(afterDiscount(list.hourNanoUsd, contract), list.hourNanoUsd, discountText(contract), list.source);
};

const priceOf = (booked: NanoUsd, list: NanoUsd, discount: string, source: string): CapacityPrice => ({
  hourNanoUsd: booked.toString(),
  listHourNanoUsd: list.toString(),
  discount,
  source,
});
