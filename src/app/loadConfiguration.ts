import { Findings, readConfiguration, readConfigurationFile, resolveSecret } from '../config/index.ts';
import type {
  ConfigurationFault,
  ConfigurationGrammar,
  ConfigurationPath,
  ConfigurationReading,
  SecretSources,
} from '../config/index.ts';
import { formatSecretReference, success } from '../kernel/index.ts';
import type { Result, Secret, SecretReference } from '../kernel/index.ts';
import { PriceBook } from '../market/index.ts';
import { providerPath, readServiceAccount } from '../providers/index.ts';
import { checkConfiguration } from './checkConfiguration.ts';
import type { KnownThings } from './checkConfiguration.ts';
import { configurationSchema } from './configurationSchema.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { noOwnPrices, readPriceLists, type OwnPrices } from './readPriceLists.ts';

/** Secrets by the text of their reference. */
export type SecretTable = ReadonlyMap<string, Secret>;

/** The secret behind a reference of the configuration that the table belongs to; null where that one has no such reference. */
export const secretOf = (secrets: SecretTable, reference: SecretReference): Secret | null =>
  secrets.get(formatSecretReference(reference)) ?? null;

/** A configuration that may be used, with its secrets. */
export interface LoadedConfiguration {
  readonly configuration: ArchipelConfiguration;
  readonly secrets: SecretTable;
  /** SHA-256 of the file in hexadecimal. */
  readonly hash: string;
  /** Prices of the lists that it names. */
  readonly prices: OwnPrices;
  readonly warnings: readonly ConfigurationFault[];
}

/** What a configuration is checked against. */
export interface LoadingContext extends SecretSources {
  readonly known: KnownThings;
}

/** A reference to a secret, and where it stands. */
export interface PlacedReference {
  readonly path: ConfigurationPath;
  readonly reference: SecretReference;
}

/** Every reference to a secret in a configuration. */
export const secretReferencesOf = (configuration: ArchipelConfiguration): readonly PlacedReference[] => {
  const { store, providers } = configuration;
  const ofProviders = providers.flatMap((provider) =>
    Object.entries(provider.credentials).map(([name, reference]) => ({
      path: [...providerPath(provider), 'credentials', name],
      reference,
    })),
  );
  return store.url === null ? ofProviders : [{ path: ['store', 'url'], reference: store.url }, ...ofProviders];
};

/** What is read of a secret before the first call must be good before the file is taken. */
const checkSecret = (findings: Findings, { path, reference }: PlacedReference, secret: Secret): void => {
  if (path.at(-1) !== 'serviceAccount') return;
  const account = readServiceAccount(secret);
  if (account.ok) return;
  findings.fault(
    path,
    `what ${formatSecretReference(reference)} refers to ${account.fault}`,
    'refer to the JSON key of a service account as it was issued, or put a token under bearerToken',
  );
};

/** What reading a configuration gathers beside it. */
interface Gathered {
  readonly secrets: Map<string, Secret>;
  readonly kept: { prices: OwnPrices };
}

const nothingYet = (): Gathered => ({ secrets: new Map(), kept: { prices: noOwnPrices } });

/** What a list of one's own prices is no longer unpriced. */
const knownWith = (known: KnownThings, { rows }: OwnPrices): KnownThings => {
  if (rows.length === 0 || known.isPriced === undefined) return known;
  const own = new PriceBook([], rows);
  const { isPriced } = known;
  return { ...known, isPriced: (offer) => isPriced(offer) || own.find({ ...offer, atMs: known.nowMs }) !== null };
};

const grammarOf = (
  { known, env, readFile }: LoadingContext,
  { secrets, kept }: Gathered,
): ConfigurationGrammar<ArchipelConfiguration> => ({
  schema: configurationSchema,
  check: (configuration) => {
    const lists = new Findings();
    kept.prices = readPriceLists(configuration, readFile, lists);
    const findings = checkConfiguration(configuration, knownWith(known, kept.prices));
    findings.faults.push(...lists.faults);
    findings.warnings.push(...lists.warnings);
    for (const placed of secretReferencesOf(configuration)) {
      const { path, reference } = placed;
      const secret = resolveSecret(reference, { env, readFile });
      if (!secret.ok) findings.fault(path, secret.fault, 'give the secret there, or refer to where it is');
      else {
        secrets.set(formatSecretReference(reference), secret.value);
        checkSecret(findings, placed, secret.value);
      }
    }
    return findings;
  },
});

const loaded = (
  reading: Result<ConfigurationReading<ArchipelConfiguration>, readonly ConfigurationFault[]>,
  { secrets, kept }: Gathered,
): Result<LoadedConfiguration, readonly ConfigurationFault[]> => {
  if (!reading.ok) return reading;
  const { value, hash, warnings } = reading.value;
  return success({ configuration: value, secrets, hash, prices: kept.prices, warnings });
};

/** Reads, checks and equips a configuration from its text: whole, or every fault. Pure but for the sources of secrets that are handed in. */
export const loadConfiguration = (
  source: { readonly text: string; readonly file: string },
  context: LoadingContext,
): Result<LoadedConfiguration, readonly ConfigurationFault[]> => {
  const gathered = nothingYet();
  return loaded(readConfiguration({ ...source, ...grammarOf(context, gathered) }), gathered);
};

/** The same from a file of the disk. For the first start and for each reload: what it returns is swapped in whole, or not at all. */
export const loadConfigurationFile = async (
  path: string,
  context: LoadingContext,
): Promise<Result<LoadedConfiguration, readonly ConfigurationFault[]>> => {
  const gathered = nothingYet();
  return loaded(await readConfigurationFile(path, grammarOf(context, gathered)), gathered);
};
