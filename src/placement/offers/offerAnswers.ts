import { offerLimits } from './limits.ts';
import type { ImportedOfferList } from './importOfferList.ts';
import type { OfferBook } from './OfferBook.ts';
import { listSource, pricedRows, type OfferList, type OfferRow } from './OfferList.ts';
import { formatOfferListFinding } from './readOfferList.ts';

/** What the control plane answers to an import. */
export interface ImportedOffersAnswer {
  readonly name: string;
  readonly date: string | null;
  readonly rows: number;
  readonly priced: number;
  /** In words, each with its line and how to mend it. */
  readonly warnings: readonly string[];
}

export const importedOffersAnswer = ({ list, warnings }: ImportedOfferList): ImportedOffersAnswer => ({
  name: list.name,
  date: list.date,
  rows: list.rows.length,
  priced: pricedRows(list),
  warnings: warnings.map(formatOfferListFinding),
});

/** One list as the control plane shows it. */
export interface ShownOfferList {
  readonly name: string;
  readonly date: string | null;
  /** ISO 8601. */
  readonly importedAt: string;
  readonly rows: number;
  readonly priced: number;
}

/** One offer of a list. Amounts are nano-USD as decimal strings; null: unpriced. */
export interface ShownOffer {
  readonly cloud: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly instance: string;
  readonly accelerator: string;
  readonly count: number;
  /** Of one accelerator. */
  readonly hourNanoUsd: string | null;
  readonly spotHourNanoUsd: string | null;
  readonly spotEstimated: boolean;
  /** Of the whole instance. */
  readonly instanceHourNanoUsd: string | null;
  readonly spotInstanceHourNanoUsd: string | null;
  /** Expected interruptions an hour of one spot instance; null: not told. */
  readonly interruptionsPerHour: number | null;
  /** Name and date of the list, and where the list has it from. */
  readonly source: string;
}

export interface OffersAnswer {
  readonly lists: readonly ShownOfferList[];
  /** How many were asked for; `offers` has the cheapest `offerLimits.shownOffers` of them, unpriced ones last. */
  readonly matched: number;
  readonly offers: readonly ShownOffer[];
}

const shownList = (list: OfferList): ShownOfferList => ({
  name: list.name,
  date: list.date,
  importedAt: new Date(list.importedAtMs).toISOString(),
  rows: list.rows.length,
  priced: pricedRows(list),
});

const shownOffer = (row: OfferRow, list: OfferList): ShownOffer => ({
  cloud: row.cloud,
  region: row.region,
  zone: row.zone,
  instance: row.instance,
  accelerator: row.accelerator,
  count: row.count,
  hourNanoUsd: row.onDemand?.hourNanoUsd.toString() ?? null,
  spotHourNanoUsd: row.spot?.hourNanoUsd.toString() ?? null,
  spotEstimated: row.spot?.estimated ?? false,
  instanceHourNanoUsd: row.onDemand?.instanceHourNanoUsd.toString() ?? null,
  spotInstanceHourNanoUsd: row.spot?.instanceHourNanoUsd.toString() ?? null,
  interruptionsPerHour: row.interruptionsPerHour,
  source: row.source === null ? listSource(list) : `${listSource(list)}: ${row.source}`,
});

const cheapestHour = ({ onDemand, spot }: OfferRow): bigint | null =>
  [onDemand?.hourNanoUsd ?? null, spot?.hourNanoUsd ?? null].toSorted(byPrice)[0] ?? null;

/** The cheaper one first, and what has no price last. */
const byPrice = (a: bigint | null, b: bigint | null): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : a > b ? 1 : 0;
};

/** What the control plane shows of the imported lists. @param accelerator Only this kind; null for all. */
export const offersAnswer = ({ lists }: OfferBook, accelerator: string | null): OffersAnswer => {
  const matched = lists.flatMap((list) =>
    list.rows
      .filter((row) => accelerator === null || row.accelerator === accelerator)
      .map((row) => ({ row, list, hour: cheapestHour(row) })),
  );
  const shown = matched.toSorted((a, b) => byPrice(a.hour, b.hour)).slice(0, offerLimits.shownOffers);
  return {
    lists: lists.map(shownList),
    matched: matched.length,
    offers: shown.map(({ row, list }) => shownOffer(row, list)),
  };
};
