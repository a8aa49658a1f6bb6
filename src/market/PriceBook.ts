import { emptyPrice, type PriceEntry } from './PriceEntry.ts';
import { samePrices } from './priceChange.ts';
import { mapVariants, withVariants } from './priceVariants.ts';
import type { PriceRow } from './readPriceList.ts';
import { sellersOf } from './sellersOf.ts';
import { variantsIn } from './variantsIn.ts';

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

const inForce = (
  entry: Pick<PriceEntry, 'fromMs' | 'untilMs' | 'region'>,
  question: Pick<PriceQuestion, 'atMs' | 'region'>,
): boolean =>
  entry.fromMs <= question.atMs &&
  (entry.untilMs === null || question.atMs < entry.untilMs) &&
  (entry.region === null || entry.region === question.region);

/** The entry itself under the name that was asked for, saying whose price it is. */
const onBehalfOf = (entry: PriceEntry, model: string): PriceEntry =>
  mapVariants(entry, (one) => ({
    ...one,
    model,
    baseModel: one.baseModel ?? one.model,
    source: `${one.source} (price of ${one.model})`,
  }));

/** What a price says of its model beside prices: taken from an older book where a newer one does not know it. */
const described = (entry: PriceEntry, known: PriceEntry | null): PriceEntry =>
  known === null
    ? entry
    : {
        ...entry,
        baseModel: entry.baseModel ?? known.baseModel,
        contextTokens: entry.contextTokens ?? known.contextTokens,
        maxOutputTokens: entry.maxOutputTokens ?? known.maxOutputTokens,
        reasoning: entry.reasoning ?? known.reasoning,
        toolCall: entry.toolCall ?? known.toolCall,
      };

const isVariant = ({ tier, aboveTokens }: PriceRow): boolean => tier !== null || aboveTokens !== null;

const entryOf = ({ vendor, model, region, fromMs, untilMs, perMillion, source }: PriceRow): PriceEntry => ({
  ...emptyPrice({ vendor, model, source }),
  region,
  fromMs,
  untilMs,
  perMillion,
});

/** All prices known, with their dates. Built once per configuration; asked for every attempt; never changed. */
export class PriceBook {
  readonly #byModel = new Map<string, PriceEntry[]>();
  readonly #byBaseModel = new Map<string, PriceEntry[]>();
  readonly #modelsBySeller = new Map<string, Set<string>>();
  /** Tiers and bands, by seller and model. */
  readonly #variants = new Map<string, PriceRow[]>();
  /** Asked where this one knows no price. */
  readonly #under: PriceBook | null;
  /** A price stays the same object while its tiers and bands do: what is worked out of it is kept by it. */
  readonly #composed = new WeakMap<PriceEntry, { readonly rows: readonly PriceRow[]; readonly entry: PriceEntry }>();

  /** @param rows Prices of lists, with their tiers and bands; these also belong to prices of `entries` and `under`. */
  constructor(entries: Iterable<PriceEntry>, rows: Iterable<PriceRow> = [], under: PriceBook | null = null) {
    this.#under = under;
    for (const entry of entries) this.#add(entry);
    for (const row of rows) {
      if (isVariant(row)) fileUnder(this.#variants, keyOf(row.vendor, row.model), row);
      else this.#add(entryOf(row));
    }
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
   * The price in force with its tiers and bands, or null where none is known. The first of these that finds one:
   * the file's own; the model by its exact name; the model without the day its name is pinned to; the only price at which this seller
   * offers the lab's model of that name. The last two say in `source` whose price was taken. A model that has prices before and after, and none
   * at that time, has none; else the book under this one is asked.
   */
  find(question: PriceQuestion): PriceEntry | null {
    if (question.override) return question.override;
    const own = this.#own(question);
    if (this.#under === null) return own;
    const known = this.#under.find(question);
    if (own !== null) return this.#kept(own, [], () => described(own, known));
    if (known === null || this.#hasGap(question)) return null;
    return this.#withVariants(known, this.#variantsOf(question));
  }

  #own(question: PriceQuestion): PriceEntry | null {
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
    const key = keyOf(seller, model);
    for (const entry of this.#byModel.get(key) ?? []) {
      if (inForce(entry, question) && better(entry, best)) best = entry;
    }
    return best === null ? null : this.#withVariants(best, this.#variantRows(key, question));
  }

  /** Tiers and bands of this book for a price of another one. */
  #variantsOf(question: PriceQuestion): readonly PriceRow[] {
    if (this.#variants.size === 0) return [];
    const names = [question.model, undatedName(question.model) ?? question.model];
    const keys = sellersOf(question.vendor).flatMap((seller) => names.map((name) => keyOf(seller, name)));
    return this.#variantRows(keys.find((key) => this.#variants.has(key)) ?? '', question);
  }

  /** Of several rows for the same thing that of the region, else that for all. */
  #variantRows(key: string, question: PriceQuestion): readonly PriceRow[] {
    const rows = (this.#variants.get(key) ?? []).filter((row) => inForce(row, question));
    if (rows.length < 2) return rows;
    const things = Map.groupBy(rows, ({ tier, aboveTokens }) => `${tier} ${aboveTokens}`);
    return [...things.values()].flatMap((same) => same.find(({ region }) => region !== null) ?? same.slice(0, 1));
  }

  #withVariants(base: PriceEntry, rows: readonly PriceRow[]): PriceEntry {
    return rows.length === 0 ? base : this.#kept(base, rows, () => withVariants(base, variantsIn(rows)));
  }

  #kept(base: PriceEntry, rows: readonly PriceRow[], make: () => PriceEntry): PriceEntry {
    const found = this.#composed.get(base);
    if (found?.rows.length === rows.length && rows.every((row, index) => row === found.rows[index])) return found.entry;
    const entry = make();
    this.#composed.set(base, { rows, entry });
    return entry;
  }

  /** Whether the model has a price before that moment and another one after it. */
  #hasGap({ vendor, model, region, atMs }: PriceQuestion): boolean {
    const names = [model, undatedName(model) ?? model];
    return sellersOf(vendor).some((seller) =>
      names.some((name) => {
        const entries = (this.#byModel.get(keyOf(seller, name)) ?? []).filter(
          (entry) => entry.region === null || entry.region === region,
        );
        return (
          entries.some(({ untilMs }) => untilMs !== null && untilMs <= atMs) &&
          entries.some(({ fromMs }) => fromMs > atMs)
        );
      }),
    );
  }

  /** The seller's offer of a lab's model, unless it has several at different prices. */
  #onlyOffer(seller: string, question: PriceQuestion): PriceEntry | null {
    const models = new Set(this.#byBaseModel.get(keyOf(seller, question.model))?.map((entry) => entry.model));
    const offers = [...models].flatMap((model) => this.#exact(seller, model, question) ?? []);
    const [first] = offers;
    return first && offers.every((offer) => samePrices(first.perMillion, offer.perMillion)) ? first : null;
  }

  /** Regions in which a vendor's model, or a tier or long inputs of it, has a price of its own at some time. */
  regionsOf(vendor: string, model: string): readonly string[] {
    const keys = sellersOf(vendor).map((seller) => keyOf(seller, model));
    const rows = keys.flatMap((key) => [...(this.#byModel.get(key) ?? []), ...(this.#variants.get(key) ?? [])]);
    const own = rows.flatMap(({ region }) => region ?? []);
    return [...new Set([...own, ...(this.#under?.regionsOf(vendor, model) ?? [])])];
  }

  /** Who sells something here, by the names of the lists. */
  sellers(): readonly string[] {
    const own = [...this.#modelsBySeller.keys()];
    return this.#under === null ? own : [...new Set([...own, ...this.#under.sellers()])];
  }

  /** Names of a vendor's models, for messages about unknown ones. */
  modelsOf(vendor: string): readonly string[] {
    const own = sellersOf(vendor).flatMap((seller) => [...(this.#modelsBySeller.get(seller) ?? [])]);
    return this.#under === null ? own : [...new Set([...own, ...this.#under.modelsOf(vendor)])];
  }
}

const fileUnder = <Filed>(map: Map<string, Filed[]>, key: string, filed: Filed): void => {
  const all = map.get(key);
  if (all) all.push(filed);
  else map.set(key, [filed]);
};
