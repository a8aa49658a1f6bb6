import type { NanoUsd } from '../../kernel/index.ts';

/** What an hour of an instance costs. Above 0. */
export interface HourPrice {
  /** As listed. */
  readonly instanceHourNanoUsd: NanoUsd;
  /** For one of its accelerators, rounded half to even once. */
  readonly hourNanoUsd: NanoUsd;
}

/** `estimated`: worked out from typical savings, not a price that the vendor asks. */
export interface SpotHourPrice extends HourPrice {
  readonly estimated: boolean;
}

/** An instance with accelerators that a cloud offers in a region. */
export interface OfferRow {
  readonly cloud: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly instance: string;
  readonly accelerator: string;
  /** Accelerators of one instance; 0 where it has a part of one, which no job can be given. */
  readonly count: number;
  readonly vcpu: number | null;
  readonly memoryGib: number | null;
  /** Null: unpriced, which is never 0. What has no whole accelerator has no price of one. */
  readonly onDemand: HourPrice | null;
  readonly spot: SpotHourPrice | null;
  /** Whether the list has any price of the instance. */
  readonly isPriced: boolean;
  /** Expected interruptions an hour of one spot instance; null where nobody tells. */
  readonly interruptionsPerHour: number | null;
  /** Where the list has it from; null where it does not say. */
  readonly source: string | null;
}

/** Prices that were imported together. */
export interface OfferList {
  readonly name: string;
  /** Day of the prices, "2026-07-02"; null where nobody told. */
  readonly date: string | null;
  /** Unix milliseconds. */
  readonly importedAtMs: number;
  readonly rows: readonly OfferRow[];
}

/** How a price of the list names its origin: "gpu-offers 2026-07-02", "gpu-offers, imported 2026-11-25". */
export const listSource = ({ name, date, importedAtMs }: OfferList): string =>
  date === null ? `${name}, imported ${new Date(importedAtMs).toISOString().slice(0, 10)}` : `${name} ${date}`;

/** The same for a spot price, which may be worked out and not listed. */
export const spotSource = (list: OfferList, { spot }: OfferRow): string =>
  spot?.estimated === true ? `${listSource(list)}, estimated` : listSource(list);

/** Rows that the list has a price of. */
export const pricedRows = ({ rows }: Pick<OfferList, 'rows'>): number => rows.filter(({ isPriced }) => isPriced).length;
