import { readFileSync } from 'node:fs';
import { formatFault } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { declaredPrice, type PriceEntry } from '../market/index.ts';
import { providersNamed } from '../providers/index.ts';
import { chooseConfiguration } from './chooseConfiguration.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { bookWith, knownThings, readPriceBook } from './knownThings.ts';
import { loadConfigurationFile } from './loadConfiguration.ts';
import { machineClock } from './machine.ts';

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

export interface PriceListQuestion {
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly vendor: string | undefined;
  readonly model: string | undefined;
  /** Unix milliseconds. */
  readonly atMs: number;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const shownOne = (
  { vendor, model, region, fromMs, untilMs, perMillion, source }: PriceEntry,
  tier: string | null,
  aboveTokens: number | null,
): ShownPrice => ({
  vendor,
  model,
  region,
  tier,
  aboveTokens,
  from: fromMs === 0 ? null : dayOf(fromMs),
  until: untilMs === null ? null : dayOf(untilMs),
  nanoUsdPerMillion: Object.fromEntries(Object.entries(perMillion).map(([bucket, price]) => [bucket, String(price)])),
  source,
});

/** A price with its bands, as rows. */
const withBands = (price: PriceEntry, tier: string | null): readonly ShownPrice[] => [
  shownOne(price, tier, null),
  ...(price.above ?? []).map((band) => shownOne(band.price, tier, band.tokens)),
];

const shown = (price: PriceEntry): readonly ShownPrice[] => [
  ...withBands(price, null),
  ...[...(price.tiers ?? [])].flatMap(([name, tier]) => withBands(tier, name)),
];

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

/**
 * The prices in force at a moment: those of deployments of the file, then those of its lists and of the market. Fails with the faults of a file that cannot be
 * read. @throws CodedError `configuration_missing`
 */
export const listPrices = async (
  question: PriceListQuestion,
): Promise<Result<readonly ShownPrice[], readonly string[]>> => {
  const { vendor, model, atMs, env } = question;
  const source = chooseConfiguration({ ...question, dataDir: undefined, tell: () => {} });
  const shipped = readPriceBook();
  const known = knownThings(shipped, machineClock);
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const loaded = source.kind === 'sandbox' ? null : await loadConfigurationFile(source.path, { known, env, readFile });
  if (loaded !== null && !loaded.ok) return failure(loaded.fault.map(formatFault));
  const book = loaded === null ? shipped : bookWith(shipped, loaded.value.prices);
  const declared = loaded === null ? [] : declaredIn(loaded.value.configuration);
  const isAsked = (price: Pick<PriceEntry, 'vendor' | 'model'>): boolean =>
    (vendor === undefined || price.vendor === vendor) && (model === undefined || price.model === model);
  const sellers = vendor === undefined ? book.sellers() : [vendor];
  const listed = sellers.flatMap((seller) =>
    book
      .modelsOf(seller)
      .filter((name) => model === undefined || name === model)
      .flatMap((name) => book.find({ vendor: seller, model: name, region: null, atMs }) ?? []),
  );
  return success([...declared.filter(isAsked), ...listed].flatMap(shown));
};
