import type { Contract, SlotContract } from '../../contracts/index.ts';
import { contractByTheHour, coveringContracts } from '../../contracts/index.ts';
import type { NanoUsd } from '../../kernel/index.ts';
import { hostsOf } from '../../vocabulary/index.ts';
import type { CapacityUse } from '../control/ControllerPorts.ts';
import type { Offer } from '../decide/Offer.ts';
import type { SiteConfiguration } from '../schema.ts';
import { afterDiscount } from './capacityPrice.ts';
import { unknownEgressUsdPerGigabyte } from './limits.ts';
import type { OfferBook } from './OfferBook.ts';
import { sitePrices } from './sitePrices.ts';

/** All that the file's own capacity depends on. */
export interface SiteOfferGrounds {
  readonly sites: ReadonlyMap<string, SiteConfiguration>;
  readonly contracts: readonly Contract[];
  readonly book: OfferBook;
  /** Every attempt that holds something, also under a contract that is over or no longer in the file. */
  readonly uses: readonly CapacityUse[];
  readonly nowMs: number;
}

const dollarsOf = (amount: NanoUsd): number => Number(amount) / 1e9;

const egressOf = ({ egressUsdPerGB, executor }: SiteConfiguration): number => {
  if (egressUsdPerGB !== null) return dollarsOf(egressUsdPerGB);
  return executor === 'local' ? 0 : unknownEgressUsdPerGigabyte;
};

/** What part of a site's accelerators of a kind a slot holds there, and how much of that is free. */
interface HeldSlot {
  readonly slot: SlotContract;
  readonly held: number;
  readonly free: number;
}

/** Who holds how many of a kind at a site. */
interface Occupation {
  readonly slots: readonly HeldSlot[];
  /** What no slot holds. */
  readonly rest: number;
  readonly restFree: number;
}

const sumOf = (uses: readonly CapacityUse[]): number => uses.reduce((sum, { accelerators }) => sum + accelerators, 0);

const isSlotOf =
  (accelerator: string) =>
  (contract: Contract): contract is SlotContract =>
    contract.kind === 'slot' && contract.accelerator === accelerator;

/** A slot's part of a site, and how much of that runs something already. */
interface SlotShare {
  readonly slot: SlotContract;
  readonly held: number;
  readonly busy: number;
  /** What the slot itself has left: one that covers several sites is not there twice. */
  readonly left: number;
}

/** Slots in force take theirs in the order of the file, as far as the site goes. */
const slotShares = (
  { contracts, nowMs }: SiteOfferGrounds,
  uses: readonly CapacityUse[],
  { site, accelerator, count }: { readonly site: string; readonly accelerator: string; readonly count: number },
): readonly SlotShare[] => {
  let rest = count;
  return coveringContracts(contracts, { site }, nowMs)
    .filter(isSlotOf(accelerator))
    .map((slot) => {
      const its = uses.filter((use) => use.basis === 'slot' && use.contract === slot.id);
      const held = Math.min(slot.count, rest);
      rest -= held;
      return { slot, held, busy: sumOf(its.filter((use) => use.site === site)), left: slot.count - sumOf(its) };
    });
};

/**
 * Shares a site's accelerators out: what no slot in force holds can be had by the hour. Nothing is free twice: what runs on a slot that is over or gone, or
 * beyond what one holds, takes from the rest, and where the rest does not suffice from what slots have free.
 */
const occupationOf = (grounds: SiteOfferGrounds, site: string, accelerator: string, count: number): Occupation => {
  const uses = grounds.uses.filter((use) => use.accelerator === accelerator);
  const busyHere = sumOf(uses.filter((use) => use.site === site));
  const shares = slotShares(grounds, uses, { site, accelerator, count });
  const rest = count - shares.reduce((sum, { held }) => sum + held, 0);
  const restBusy = busyHere - shares.reduce((sum, { held, busy }) => sum + Math.min(held, busy), 0);
  const restFree = Math.max(0, rest - restBusy);
  let freeForSlots = Math.max(0, count - busyHere);
  const slots = shares.map(({ slot, held, busy, left }): HeldSlot => {
    const free = Math.max(0, Math.min(left, held - busy, freeForSlots));
    freeForSlots -= free;
    return { slot, held, free };
  });
  return { slots, rest, restFree };
};

/** Offers of one kind of accelerator at one site. */
const offersOfKind = (
  grounds: SiteOfferGrounds,
  name: string,
  site: SiteConfiguration,
  { kind, count, domain }: SiteConfiguration['accelerators'][number],
): readonly Offer[] => {
  const { slots, rest, restFree } = occupationOf(grounds, name, kind, count);
  const { onDemand, spot } = sitePrices(site, kind, grounds.book);
  const drawn = contractByTheHour(grounds.contracts, name, grounds.nowMs);
  const common = {
    site: name,
    vendor: site.vendor,
    region: site.region,
    hosts: hostsOf(site.host),
    jurisdiction: site.jurisdiction,
    accelerator: kind,
    domain,
    egressUsdPerGigabyte: egressOf(site),
    gigabytesPerHour: site.gigabytesPerHour,
  };
  const ofSlots = slots.map(({ slot, held, free }): Offer => ({
    ...common,
    basis: 'slot',
    contract: slot.id,
    hourUsd: 0,
    count: held,
    free,
    untilMs: slot.untilMs,
    interruptionsPerHour: 0,
    source: 'file',
  }));
  const byTheHour = { ...common, contract: drawn?.id ?? null, count: rest, free: restFree, untilMs: null };
  const offers: readonly (Offer | null)[] = [
    ...ofSlots,
    {
      ...byTheHour,
      basis: 'onDemand',
      hourUsd: onDemand && dollarsOf(afterDiscount(onDemand.hourNanoUsd, drawn)),
      interruptionsPerHour: 0,
      source: onDemand?.source ?? 'file',
    },
    spot && {
      ...byTheHour,
      basis: 'spot',
      hourUsd: dollarsOf(afterDiscount(spot.hourNanoUsd, drawn)),
      interruptionsPerHour: spot.interruptionsPerHour,
      ...(spot.machine === null ? {} : { acceleratorsPerMachine: spot.machine }),
      source: spot.source,
    },
  ];
  return offers.filter((offer) => offer !== null).filter((offer) => offer.count > 0);
};

/**
 * What jobs can be given at the file's sites. Of each kind at each site: one offer for each slot in force, one on demand, and one spot where its price
 * is known. The last two stand for the same accelerators: `free` of both leaves out what is busy on either, so offers are made anew once one is taken.
 * Slots that have not begun, or are over, hold nothing.
 */
export const siteOffers = (grounds: SiteOfferGrounds): readonly Offer[] =>
  [...grounds.sites].flatMap(([name, site]) =>
    site.accelerators.flatMap((accelerator) => offersOfKind(grounds, name, site, accelerator)),
  );
