import type { Json } from '../../http/index.ts';
import type { CapacityMarket, CapacityUse, Offer, SiteConfiguration } from '../../placement/index.ts';
import { hostsOf } from '../../vocabulary/index.ts';

type Use = CapacityUse & { readonly jobId: string };

/** What the rows are made from. */
export interface SiteGrounds {
  readonly sites: ReadonlyMap<string, SiteConfiguration>;
  readonly market: CapacityMarket;
  readonly inUse: readonly Use[];
  /** Weather of a simulated site; null where the site is none. */
  readonly conditionOf: (site: string) => string | null;
  readonly nowMs: number;
}

const busyIn = (uses: readonly Use[]): number => uses.reduce((sum, { accelerators }) => sum + accelerators, 0);

const slotRow = (offer: Offer, uses: readonly Use[]): Json => ({
  contract: offer.contract,
  count: offer.count,
  busy: busyIn(uses.filter(({ basis, contract }) => basis === 'slot' && contract === offer.contract)),
  until: offer.untilMs === null ? null : new Date(offer.untilMs).toISOString(),
});

const acceleratorRow = (
  { kind, count }: SiteConfiguration['accelerators'][number],
  offers: readonly Offer[],
  uses: readonly Use[],
  { market, nowMs }: SiteGrounds,
): Json => {
  const ofKind = offers.filter(({ accelerator }) => accelerator === kind);
  const usesOfKind = uses.filter(({ accelerator }) => accelerator === kind);
  const sold = ofKind.find(({ basis }) => basis === 'onDemand');
  const price = sold && market.priceOf(sold, nowMs);
  return {
    kind,
    count,
    busy: busyIn(usesOfKind),
    slots: ofKind.filter(({ basis }) => basis === 'slot').map((offer) => slotRow(offer, usesOfKind)),
    hourNanoUsd: price?.hourNanoUsd ?? null,
    source: price?.source ?? null,
  };
};

/** Sites, what they have, what of it is held by which jobs, and what more of it costs. */
export const siteRows = (grounds: SiteGrounds): Json => {
  const { sites, market, inUse, conditionOf, nowMs } = grounds;
  const offers = Map.groupBy(market.offers(nowMs, inUse), ({ site }) => site);
  return [...sites].map(([name, site]): Json => {
    const uses = inUse.filter((use) => use.site === name);
    return {
      name,
      executor: site.executor,
      vendor: site.vendor,
      region: site.region,
      hosts: hostsOf(site.host),
      jurisdiction: site.jurisdiction,
      condition: conditionOf(name),
      accelerators: site.accelerators.map((one) => acceleratorRow(one, offers.get(name) ?? [], uses, grounds)),
      jobs: uses.map(({ jobId }) => jobId),
    };
  });
};
