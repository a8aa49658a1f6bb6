import type { Offer } from './Offer.ts';

/** How many offers are of a site of the file, and how many of none. */
export interface OfferCount {
  readonly withSite: number;
  readonly withoutSite: number;
}

interface OfferGroup {
  readonly places: number[];
  withSite: number;
  withoutSite: number;
}

const emptyGroup = (): OfferGroup => ({ places: [], withSite: 0, withoutSite: 0 });

/** Offers as they are looked up: by accelerator, and what leaving their sites costs. */
export class OfferIndex {
  readonly offers: readonly Offer[];
  readonly #groups = new Map<string, OfferGroup>();
  #withSite = 0;
  #egress: { readonly bySite: ReadonlyMap<string, number>; readonly most: number } | null = null;

  constructor(offers: readonly Offer[]) {
    this.offers = offers;
    for (const [place, { accelerator, site }] of offers.entries()) {
      const group = this.#groups.get(accelerator) ?? emptyGroup();
      if (group.places.length === 0) this.#groups.set(accelerator, group);
      group.places.push(place);
      if (site === null) group.withoutSite += 1;
      else group.withSite += 1;
      this.#withSite += Number(site !== null);
    }
  }

  /** Kinds that some offer has. */
  get accelerators(): readonly string[] {
    return [...this.#groups.keys()];
  }

  /** Places in `offers` of those that have an accelerator. */
  placesOf(accelerator: string): readonly number[] {
    return this.#groups.get(accelerator)?.places ?? [];
  }

  /** Of one accelerator, or of all. */
  countOf(accelerator: string | null): OfferCount {
    if (accelerator !== null) return this.#groups.get(accelerator) ?? { withSite: 0, withoutSite: 0 };
    return { withSite: this.#withSite, withoutSite: this.offers.length - this.#withSite };
  }

  /** US dollars a gigabyte for what leaves a site. A site without offers costs as much as the dearest one: it is never free because nobody told. */
  readonly egressUsdPerGigabyte = (site: string): number => {
    this.#egress ??= this.#readEgress();
    return this.#egress.bySite.get(site) ?? this.#egress.most;
  };

  #readEgress(): { bySite: ReadonlyMap<string, number>; most: number } {
    const bySite = new Map<string, number>();
    let most = 0;
    for (const { site, egressUsdPerGigabyte } of this.offers) {
      if (site === null) continue;
      bySite.set(site, Math.max(bySite.get(site) ?? 0, egressUsdPerGigabyte));
      most = Math.max(most, egressUsdPerGigabyte);
    }
    return { bySite, most };
  }
}
