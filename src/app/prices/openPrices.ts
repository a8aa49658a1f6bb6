import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatFault } from '../../config/index.ts';
import { failure, success, type Result } from '../../kernel/index.ts';
import type { PriceBook } from '../../market/index.ts';
import { providersNamed } from '../../providers/index.ts';
import { chooseConfiguration } from '../chooseConfiguration.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { bookWith, knownThings, readPriceBook } from '../knownThings.ts';
import { loadConfigurationFile } from '../loadConfiguration.ts';
import { machineClock } from '../machine.ts';
import { noOwnPrices, type OwnPrices } from '../readPriceLists.ts';

/** Where a configuration is looked for. */
export interface PricesPlace {
  /** `--config`, where given. */
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The prices of a configuration, of its lists and those that the program ships with. */
export interface OpenedPrices {
  /** Null where no file was found: then there are only those that ship. */
  readonly configuration: ArchipelConfiguration | null;
  readonly own: OwnPrices;
  readonly shipped: PriceBook;
  /** Both together, as a server asks them. */
  readonly book: PriceBook;
}

/**
 * Reads a configuration for its prices. Fails with the faults of a file that cannot be read.
 * @param missing What a file holds that is not there, by its path as the configuration has it; null where that is a fault.
 * @throws CodedError `configuration_missing`
 */
export const openPrices = async (
  place: PricesPlace,
  missing: (path: string) => string | null = () => null,
): Promise<Result<OpenedPrices, readonly string[]>> => {
  const source = chooseConfiguration({ ...place, dataDir: undefined, tell: () => {} });
  const shipped = readPriceBook();
  if (source.kind === 'sandbox')
    return success({ configuration: null, own: noOwnPrices, shipped, book: bookWith(shipped, noOwnPrices) });
  const readFile = (path: string): string => {
    try {
      return readFileSync(resolve(place.cwd, path), 'utf8');
    } catch (error) {
      const text = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? missing(path) : null;
      if (text === null) throw error;
      return text;
    }
  };
  const loaded = await loadConfigurationFile(source.path, {
    known: knownThings(shipped, machineClock),
    env: place.env,
    readFile,
  });
  if (!loaded.ok) return failure(loaded.fault.map(formatFault));
  const { configuration, prices } = loaded.value;
  return success({ configuration, own: prices, shipped, book: bookWith(shipped, prices) });
};

/** A model at a vendor, as the configuration names both. */
export interface SoldName {
  readonly vendor: string;
  readonly model: string;
}

/** What the deployments of a configuration buy, each once. */
export const boughtIn = ({ models, providers }: ArchipelConfiguration): readonly SoldName[] => {
  const bought = [...models.values()].flatMap(({ deployments }) =>
    deployments.flatMap(({ provider, model }) =>
      providersNamed(providers, provider).map(({ vendor }) => [`${vendor}\n${model}`, { vendor, model }] as const),
    ),
  );
  return [...new Map(bought).values()];
};

/** Only what a vendor sells, and only a model; absent for all. */
export interface PriceFilter {
  readonly vendor: string | undefined;
  readonly model: string | undefined;
}

export const isAsked = ({ vendor, model }: PriceFilter, one: SoldName): boolean =>
  (vendor === undefined || one.vendor === vendor) && (model === undefined || one.model === model);
