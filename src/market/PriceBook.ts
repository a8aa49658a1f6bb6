import type { PriceEntry } from './PriceEntry.ts';
import { sellersOf } from './sellersOf.ts';

/** What is asked of the book. */
export interface PriceQuestion {
  /** The vendor as the configuration names it. */
  readonly vendor: string;
  /** The vendor's own name of the model. */
  readonly model: string;
  readonly region: string | null;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The price that the file declares for this deployment; it comes before every sheet. */
  readonly override?: PriceEntry | null;
}

/** "-2025-12-11", "-20251211" or "@20251211" at the end of a model's name: the same model, pinned to a day. */
const datedName = /^(.+?)(?:-\d{4}-\d{2}-\d{2}|[-@](?:20)\d{6})$/;

/** The name without the day it is pinned to, or null where it is pinned to none. */
const undatedName = (model: string): string | null => datedName.exec(model)?.[1] ?? null;

const keyOf = (seller: string, model: string): string => `${seller}\n${model}`;

/** Region's own price before the one for all regions; then the latest start; then the one added last. */
const better = (candidate: PriceEntry, best: PriceEntry | null): boolean => {
  if (!best) return true;
  if ((candidate.region === null) !== (best.region === null)) return candidate.region !== null;
  return candidate.fromMs >= best.fromMs;
};

const inForce = (entry: PriceEntry, question: PriceQuestion): boolean =>
  entry.fromMs <= question.atMs &&
  (entry.untilMs === null || question.atMs < entry.untilMs) &&
  (entry.region === null || entry.region === question.region);

const samePrices = (one: PriceEntry, other: PriceEntry): boolean => {
  const buckets = new Set([...Object.keys(one.perMillion), ...Object.keys(other.perMillion)]);
  const prices = (entry: PriceEntry): ReadonlyMap<string, bigint> => new Map(Object.entries(entry.perMillion));
  return [...buckets].every((bucket) => prices(one).get(bucket) === prices(other).get(bucket));
};

/** The entry itself under the name that was asked for, saying whose price it is. */
const onBehalfOf = (entry: PriceEntry, model: string): PriceEntry => ({
  ...entry,
  model,
  baseModel: entry.baseModel ?? entry.model,
  source: `${entry.source} (price of ${entry.model})`,
});

/** All prices known, with their dates. Built once per configuration; asked for every attempt; never changed. */
export class PriceBook {
  readonly #byModel = new Map<string, PriceEntry[]>();
  readonly #byBaseModel = new Map<string, PriceEntry[]>();
  readonly #modelsBySeller = new Map<string, Set<string>>();

  constructor(entries: Iterable<PriceEntry>) {
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: PriceEntry): void {
    fileUnder(this.#byModel, keyOf(entry.vendor, entry.model), entry);
    if (entry.baseModel !== null) {
      fileUnder(this.#byBaseModel, keyOf(entry.vendor, entry.baseModel), entry);
      const withoutLab = entry.baseModel.slice(entry.baseModel.indexOf('/') + 1);
      if (withoutLab !== entry.baseModel) fileUnder(this.#byBaseModel, keyOf(entry.vendor, withoutLab), entry);
    }
    const models = this.#modelsBySeller.get(entry.vendor) ?? new Set();
    this.#modelsBySeller.set(entry.vendor, models.add(entry.model));
  }

  /**
   * The price in force, or null where none is known. The first of these that finds one:
   * the file's own; the model by its exact name; the model without the day its name is pinned to; the only price at which this seller
   * offers the lab's model of that name. The last two say in `source` whose price was taken.
   */
  find(question: PriceQuestion): PriceEntry | null {
    if (question.override) return question.override;
    const sellers = sellersOf(question.vendor);
    const undated = undatedName(question.model);
    for (const seller of sellers) {
      const exact = this.#exact(seller, question.model, question);
      if (exact) return exact;
    }
    for (const seller of sellers) {
      const pinned = undated === null ? null : this.#exact(seller, undated, question);
      if (pinned) return onBehalfOf(pinned, question.model);
    }
    for (const seller of sellers) {
      const lab = this.#onlyOffer(seller, question);
      if (lab) return onBehalfOf(lab, question.model);
    }
    return null;
  }

  #exact(seller: string, model: string, question: PriceQuestion): PriceEntry | null {
    let best: PriceEntry | null = null;
    for (const entry of this.#byModel.get(keyOf(seller, model)) ?? []) {
      if (inForce(entry, question) && better(entry, best)) best = entry;
    }
    return best;
  }

  /** The seller's offer of a lab's model, unless it has several at different prices. */
  #onlyOffer(seller: string, question: PriceQuestion): PriceEntry | null {
    const models = new Set(this.#byBaseModel.get(keyOf(seller, question.model))?.map((entry) => entry.model));
    const offers = [...models].flatMap((model) => this.#exact(seller, model, question) ?? []);
    const [first] = offers;
    return first && offers.every((offer) => samePrices(first, offer)) ? first : null;
  }

  /** Names of a vendor's models, for messages about unknown ones. */
  modelsOf(vendor: string): readonly string[] {
    return sellersOf(vendor).flatMap((seller) => [...(this.#modelsBySeller.get(seller) ?? [])]);
  }
}

const fileUnder = (map: Map<string, PriceEntry[]>, key: string, entry: PriceEntry): void => {
  const entries = map.get(key);
  if (entries) entries.push(entry);
  else map.set(key, [entry]);
};
