import type { NanoUsd } from '../../kernel/index.ts';
import type { HourPrice, OfferList, OfferRow } from './OfferList.ts';
import { listSource, spotSource } from './OfferList.ts';

/** A price of a list, and where it stands. */
export interface ListedPrice {
  readonly row: OfferRow;
  /** Of one accelerator. */
  readonly hourNanoUsd: NanoUsd;
  /** "gpu-offers 2026-07-02". */
  readonly source: string;
}

/** The cheapest accelerator-hour of a kind in a region, on demand and spot, each of its own instance; null where none is priced. */
export interface ListedPrices {
  readonly onDemand: ListedPrice | null;
  readonly spot: ListedPrice | null;
}

const keyOf = (cloud: string, region: string, accelerator: string): string => `${cloud}\n${region}\n${accelerator}`;

/** The cheaper one of what is known and a price of a row; what is known where the row has none. */
const cheaper = (
  known: ListedPrice | null,
  row: OfferRow,
  price: HourPrice | null,
  source: string,
): ListedPrice | null => {
  if (price === null || (known !== null && known.hourNanoUsd <= price.hourNanoUsd)) return known;
  return { row, hourNanoUsd: price.hourNanoUsd, source };
};

/** The newest prices first; lists that nobody dated count from their import. */
const newestFirst = (lists: readonly OfferList[]): readonly OfferList[] => {
  const dayOf = ({ date, importedAtMs }: OfferList): number => (date === null ? importedAtMs : Date.parse(date));
  return lists.toSorted((a, b) => dayOf(b) - dayOf(a) || b.importedAtMs - a.importedAtMs || (a.name < b.name ? -1 : 1));
};

/** The cheapest of each kind and region within one list; of two that cost the same the first. */
const cheapestOf = (list: OfferList): ReadonlyMap<string, ListedPrices> => {
  const found = new Map<string, ListedPrices>();
  for (const row of list.rows) {
    if (row.region === null) continue;
    const key = keyOf(row.cloud, row.region, row.accelerator);
    const known = found.get(key) ?? { onDemand: null, spot: null };
    found.set(key, {
      onDemand: cheaper(known.onDemand, row, row.onDemand, listSource(list)),
      spot: cheaper(known.spot, row, row.spot, spotSource(list, row)),
    });
  }
  return found;
};

/** All imported lists, by what a site asks of them. Of several lists with a price for the same the newest one's counts. */
export class OfferBook {
  readonly lists: readonly OfferList[];
  readonly #cheapest: readonly ReadonlyMap<string, ListedPrices>[];

  constructor(lists: readonly OfferList[]) {
    this.lists = newestFirst(lists);
    this.#cheapest = this.lists.map(cheapestOf);
  }

  pricesOf(cloud: string, region: string, accelerator: string): ListedPrices {
    const key = keyOf(cloud, region, accelerator);
    const found = this.#cheapest.flatMap((cheapest) => cheapest.get(key) ?? []);
    return {
      onDemand: found.find(({ onDemand }) => onDemand)?.onDemand ?? null,
      spot: found.find(({ spot }) => spot)?.spot ?? null,
    };
  }
}

/** Nothing imported. */
export const emptyOfferBook = new OfferBook([]);
