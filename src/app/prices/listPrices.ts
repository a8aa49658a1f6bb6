import { success, utcDay, type Result } from '../../kernel/index.ts';
import {
  declaredPrice,
  flatPrices,
  samePrices,
  shownPrices,
  type FlatPrice,
  type PriceBook,
  type PriceEntry,
} from '../../market/index.ts';
import { providersNamed } from '../../providers/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { isAsked, openPrices, type PriceFilter, type PricesPlace, type SoldName } from './openPrices.ts';

/** A price in force as it is shown: amounts in nano-USD per million units, decimal strings. */
export interface ShownPrice {
  readonly vendor: string;
  readonly model: string;
  readonly region: string | null;
  /** Null for the standard one. */
  readonly tier: string | null;
  /** Holds for inputs of more tokens than this; null for all. */
  readonly aboveTokens: number | null;
  /** First day, UTC; null where it always held. */
  readonly from: string | null;
  /** First day without it; null where it has no end. */
  readonly until: string | null;
  readonly nanoUsdPerMillion: Readonly<Record<string, string>>;
  readonly source: string;
}

export interface PriceListQuestion extends PricesPlace, PriceFilter {
  /** Unix milliseconds. */
  readonly atMs: number;
}

const shownOne = ({ tier, aboveTokens, price }: FlatPrice, region: string | null): ShownPrice => ({
  vendor: price.vendor,
  model: price.model,
  region,
  tier,
  aboveTokens,
  from: price.fromMs === 0 ? null : utcDay(price.fromMs),
  until: price.untilMs === null ? null : utcDay(price.untilMs),
  nanoUsdPerMillion: shownPrices(price.perMillion),
  source: price.source,
});

/** Prices that stand with deployments in the file. */
const declaredIn = ({ models, providers }: ArchipelConfiguration): readonly PriceEntry[] =>
  [...models.values()].flatMap(({ deployments }) =>
    deployments.flatMap(({ provider, model, price }) =>
      price === null
        ? []
        : providersNamed(providers, provider).map(({ vendor, region }) => ({
            ...declaredPrice(price, { vendor, model, source: 'file' }),
            region,
          })),
    ),
  );

/** The prices of a model, those for all regions first, then what is different in a region that has its own. */
const listedOf = (book: PriceBook, { vendor, model }: SoldName, atMs: number): readonly ShownPrice[] => {
  const inRegion = (region: string | null): readonly FlatPrice[] => {
    const found = book.find({ vendor, model, region, atMs });
    return found === null ? [] : flatPrices(found);
  };
  const everywhere = inRegion(null);
  const isEverywhere = ({ tier, aboveTokens, price }: FlatPrice): boolean =>
    everywhere.some(
      (one) =>
        one.tier === tier && one.aboveTokens === aboveTokens && samePrices(one.price.perMillion, price.perMillion),
    );
  return [
    ...everywhere.map((one) => shownOne(one, null)),
    ...book.regionsOf(vendor, model).flatMap((region) =>
      inRegion(region)
        .filter((one) => !isEverywhere(one))
        .map((one) => shownOne(one, region)),
    ),
  ];
};

/** The prices of a configuration and a book at a moment: those of deployments of the file, then those of its lists and of the market. */
export const shownPricesIn = (
  configuration: ArchipelConfiguration | null,
  book: PriceBook,
  question: PriceFilter & { readonly atMs: number },
): readonly ShownPrice[] => {
  const { vendor, model, atMs } = question;
  const declared = configuration === null ? [] : declaredIn(configuration).filter((one) => isAsked(question, one));
  const sellers = vendor === undefined ? book.sellers() : [vendor];
  const names = sellers.flatMap((seller) =>
    book
      .modelsOf(seller)
      .flatMap((name) => (model === undefined || name === model ? { vendor: seller, model: name } : [])),
  );
  return [
    ...declared.flatMap((price) => flatPrices(price).map((one) => shownOne(one, price.region))),
    ...names.flatMap((name) => listedOf(book, name, atMs)),
  ];
};

/** The prices in force at a moment, by the file. Fails with the faults of a file that cannot be read. @throws CodedError `configuration_missing` */
export const listPrices = async (
  question: PriceListQuestion,
): Promise<Result<readonly ShownPrice[], readonly string[]>> => {
  const opened = await openPrices(question);
  if (!opened.ok) return opened;
  return success(shownPricesIn(opened.value.configuration, opened.value.book, question));
};
