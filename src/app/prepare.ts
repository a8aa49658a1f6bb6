import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashKey } from '../access/index.ts';
import { formatFault, type ConfigurationFault } from '../config/index.ts';
import type { Clock, Log, Result, Secret } from '../kernel/index.ts';
import type { PriceBook } from '../market/index.ts';
import { sandboxCatalogue, startSandboxInWorker, type RunningVendor, type Sandbox } from '../sandbox/index.ts';
import { lockDataDir } from '../store/index.ts';
import {
  chooseConfiguration,
  configuredMarkPath,
  type ConfigurationSource,
  type Surroundings,
} from './chooseConfiguration.ts';
import { chooseDataDir } from './chooseDataDir.ts';
import { appError } from './errors.ts';
import { knownThings } from './knownThings.ts';
import {
  loadConfiguration,
  loadConfigurationFile,
  secretOf,
  type LoadedConfiguration,
  type LoadingContext,
} from './loadConfiguration.ts';
import { refuseRestoring } from './restoringMark.ts';
import { demoKey, sandboxConfiguration, sandboxSecrets } from './sandboxConfiguration.ts';

/** Seed of the sandbox's draws. */
const sandboxSeed = 1;
/** An address where nobody listens, for a sandbox whose vendors do not run. */
const nowhere = 'http://127.0.0.1:9';

/** What a start has before anything serves: a locked data dir and a whole configuration. */
export interface Prepared {
  readonly source: ConfigurationSource;
  readonly dataDir: string;
  /** Where spool and embedded database lie: the data dir, or the sandbox's own corner of it. */
  readonly folder: string;
  readonly loaded: LoadedConfiguration;
  readonly databaseUrl: Secret | null;
  readonly sandbox: Sandbox | null;
  /** Reads the configuration anew. */
  load(): Promise<Result<LoadedConfiguration, readonly ConfigurationFault[]>>;
  release(): Promise<void>;
}

export interface PrepareOptions {
  readonly where: Surroundings;
  readonly book: PriceBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the sandbox's vendors run, where the sandbox is what is served. */
  readonly withVendors: boolean;
}

/** All faults of a file, a line each. */
export const faultLines = (faults: readonly ConfigurationFault[]): string => faults.map(formatFault).join('\n');

const contextOf = (
  { where, book, clock }: PrepareOptions,
  extra: Readonly<Record<string, string>> = {},
): LoadingContext => ({
  known: knownThings(book, clock),
  env: { ...where.env, ...extra },
  readFile: (path) => readFileSync(path, 'utf8'),
});

const orFaulty = (loaded: Result<LoadedConfiguration, readonly ConfigurationFault[]>): LoadedConfiguration => {
  if (!loaded.ok) throw appError('configuration_faulty', faultLines(loaded.fault));
  return loaded.value;
};

/** @throws CodedError `data_dir_live` */
const lockOrThrow = (dataDir: string): { release(): void } => {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDataDir(dataDir);
  if (!lock.ok) throw lock.fault;
  return lock.value;
};

const prepareFile = async (options: PrepareOptions, path: string): Promise<Prepared> => {
  const load = (): ReturnType<Prepared['load']> => loadConfigurationFile(path, contextOf(options));
  const loaded = orFaulty(await load());
  const { store, dataDir: configured } = loaded.configuration;
  const databaseUrl = store.url === null ? null : secretOf(loaded.secrets, store.url);
  const dataDir = chooseDataDir(options.where, configured, databaseUrl === null);
  refuseRestoring(dataDir);
  const lock = lockOrThrow(dataDir);
  writeFileSync(configuredMarkPath(dataDir), '');
  return {
    source: { kind: 'file', path },
    dataDir,
    folder: dataDir,
    loaded,
    databaseUrl,
    sandbox: null,
    load,
    release: () => Promise.resolve(lock.release()),
  };
};

const prepareSandbox = async (options: PrepareOptions): Promise<Prepared> => {
  const { where, log } = options;
  const dataDir = chooseDataDir(where, './data', true);
  refuseRestoring(dataDir);
  const lock = lockOrThrow(dataDir);
  const folder = join(dataDir, 'sandbox');
  try {
    mkdirSync(folder, { recursive: true });
    const sandbox = options.withVendors
      ? await startSandboxInWorker({ directory: join(folder, 'bills'), seed: sandboxSeed, log })
      : null;
    const vendors: readonly RunningVendor[] =
      sandbox?.vendors ?? sandboxCatalogue.vendors.map((vendor) => ({ ...vendor, url: nowhere }));
    const text = sandboxConfiguration(vendors, sandboxCatalogue.embeddingDimensions, hashKey(demoKey));
    const load = (): ReturnType<Prepared['load']> =>
      Promise.resolve(loadConfiguration({ text, file: 'sandbox' }, contextOf(options, sandboxSecrets)));
    return {
      source: { kind: 'sandbox' },
      dataDir,
      folder,
      loaded: orFaulty(await load()),
      databaseUrl: null,
      sandbox,
      load,
      release: async () => {
        await sandbox?.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/**
 * Chooses and reads the configuration, chooses and locks the data dir, starts the sandbox where it is what is served.
 * @throws CodedError `configuration_missing`, `configuration_faulty`, `data_dir_live`
 */
export const prepare = (options: PrepareOptions): Promise<Prepared> => {
  const source = chooseConfiguration(options.where);
  return source.kind === 'file' ? prepareFile(options, source.path) : prepareSandbox(options);
};
