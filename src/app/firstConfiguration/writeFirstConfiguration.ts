import { randomFillSync } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../access/index.ts';
import { formatFault } from '../../config/index.ts';
import { failure, success, type Result } from '../../kernel/index.ts';
import { appError } from '../errors.ts';
import { knownThings, readPriceBook } from '../knownThings.ts';
import { loadConfiguration } from '../loadConfiguration.ts';
import { machineClock } from '../machine.ts';
import {
  firstConfiguration,
  knownVendors,
  modelsToChoose,
  type FirstAnswers,
  type FirstConfiguration,
} from './firstConfiguration.ts';

/** A first file that lies on disk. */
export interface WrittenConfiguration extends Omit<FirstConfiguration, 'text'> {
  readonly path: string;
  /** The key of the first client: here, and nowhere else. */
  readonly key: string;
}

/** Some models that vendors sell, for whoever has to choose one. */
export const modelsOnOffer = (providers: readonly string[]): readonly string[] =>
  modelsToChoose(
    readPriceBook(),
    providers.filter((name) => knownVendors().includes(name)),
    machineClock.nowMs(),
  );

/** What is wrong with a first file, as `check` says it; empty where nothing is. Secrets count as given. */
const faultsOf = ({ text, environment }: FirstConfiguration, path: string): readonly string[] => {
  const loaded = loadConfiguration(
    { text, file: path },
    {
      known: knownThings(readPriceBook(), machineClock),
      env: Object.fromEntries(environment.map((name) => [name, 'given'])),
      readFile: () => '',
    },
  );
  return loaded.ok ? [] : loaded.fault.map(formatFault);
};

/** Gives a whole file its name: over what is there only where that was asked for. @throws CodedError configuration_exists */
const putInPlace = (draft: string, path: string, force: boolean): void => {
  if (force) return renameSync(draft, path);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw appError('configuration_exists', `There is already a file ${path}.`);
    throw error;
  }
};

/**
 * Writes a first `archipel.yaml`, whole or not at all, with a fresh key.
 * @returns what fits nowhere, in the words of whoever answered.
 * @throws CodedError configuration_exists
 */
export const writeFirstConfiguration = (
  answers: Omit<FirstAnswers, 'keyHash'>,
  place: { readonly folder: string; readonly force: boolean },
): Result<WrittenConfiguration, string> => {
  const key = makeKey((bytes) => void randomFillSync(bytes));
  const made = firstConfiguration({ ...answers, keyHash: hashKey(key) }, readPriceBook(), machineClock);
  if (!made.ok) return made;
  const path = join(place.folder, 'archipel.yaml');
  const faults = faultsOf(made.value, path);
  if (faults.length > 0) return failure(faults.join('\n'));
  const { text, ...rest } = made.value;
  mkdirSync(place.folder, { recursive: true });
  const draft = join(place.folder, `.archipel.yaml.${crypto.randomUUID().slice(0, 8)}`);
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    putInPlace(draft, path, place.force);
  } finally {
    rmSync(draft, { force: true });
  }
  return success({ path, key, ...rest });
};
