import { join } from 'node:path';
import {
  readConfiguration,
  readConfigurationFile,
  type ConfigurationFault,
  type ConfigurationGrammar,
} from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import { checkConfiguration } from './checkConfiguration.ts';
import { chooseConfiguration, type ConfigurationSource, type Surroundings } from './chooseConfiguration.ts';
import { chooseDataDir } from './chooseDataDir.ts';
import { configurationSchema, type ArchipelConfiguration } from './configurationSchema.ts';
import { knownThings, readPriceBook } from './knownThings.ts';
import { machineClock } from './machine.ts';

/** Where a program that is started here would run, found without starting or locking anything. */
export interface Installation {
  readonly source: ConfigurationSource;
  /** Its secrets are not looked at; null for the sandbox. */
  readonly configuration: ArchipelConfiguration | null;
  readonly dataDir: string;
  /** Where spool and embedded database lie: the data dir, or the sandbox's own corner of it. */
  readonly folder: string;
}

const sandboxCorner = 'sandbox';

const grammar = (): ConfigurationGrammar<ArchipelConfiguration> => {
  const known = knownThings(readPriceBook(), machineClock);
  return { schema: configurationSchema, check: (configuration) => checkConfiguration(configuration, known) };
};

/** Reads a configuration file as a start would, but for its secrets: an operator's shell has no need of the vendors' keys. */
export const readFileWithoutSecrets = async (
  path: string,
): Promise<Result<ArchipelConfiguration, readonly ConfigurationFault[]>> => {
  const reading = await readConfigurationFile(path, grammar());
  return reading.ok ? success(reading.value.value) : reading;
};

/** The same from its text. @param file How faults call it. */
export const readWithoutSecrets = (
  text: string,
  file: string,
): Result<ArchipelConfiguration, readonly ConfigurationFault[]> => {
  const reading = readConfiguration({ text, file, ...grammar() });
  return reading.ok ? success(reading.value.value) : reading;
};

/** The folder of spool and embedded database in a data dir. */
export const folderOf = (dataDir: string, sandbox: boolean): string =>
  sandbox ? join(dataDir, sandboxCorner) : dataDir;

/**
 * Finds the installation that a command line means.
 * @returns every fault of a configuration that cannot be read.
 * @throws CodedError configuration_missing
 */
export const findInstallation = async (
  where: Surroundings,
): Promise<Result<Installation, readonly ConfigurationFault[]>> => {
  const source = chooseConfiguration(where);
  if (source.kind === 'sandbox') {
    const dataDir = chooseDataDir(where, './data', true);
    return success({ source, configuration: null, dataDir, folder: folderOf(dataDir, true) });
  }
  const read = await readFileWithoutSecrets(source.path);
  if (!read.ok) return failure(read.fault);
  const dataDir = chooseDataDir(where, read.value.dataDir, read.value.store.url === null);
  return success({ source, configuration: read.value, dataDir, folder: dataDir });
};
