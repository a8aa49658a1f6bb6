import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSecret } from '../../config/index.ts';
import { silentLog, type Secret } from '../../kernel/index.ts';
import {
  findEmbeddedPostgres,
  lockDataDir,
  openDatabase,
  startEmbeddedPostgres,
  type Database,
} from '../../store/index.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import { appError } from '../errors.ts';
import type { Installation } from '../findInstallation.ts';
import { refuseRestoring } from '../restoringMark.ts';
import type { Undo } from '../undoAll.ts';

/** The secret behind `store.url`. @throws CodedError configuration_faulty */
export const databaseUrlOf = (
  { configuration }: Pick<Installation, 'configuration'>,
  env: Surroundings['env'],
): Secret | null => {
  const reference = configuration?.store.url ?? null;
  if (reference === null) return null;
  const secret = resolveSecret(reference, { env, readFile: (path) => readFileSync(path, 'utf8') });
  if (!secret.ok) throw appError('configuration_faulty', `store.url: ${secret.fault}`);
  return secret.value;
};

const nothingHere = (folder: string): Error =>
  appError('nothing_to_back_up', `There is no database of Archipel in ${folder}.`);

/**
 * Opens the database beside a server that runs, or alone where none does; then the data dir is locked, so that none starts meanwhile.
 * @throws CodedError nothing_to_back_up, and those of the store.
 */
export const openBeside = async (found: Installation, url: Secret | null, undo: Undo[]): Promise<Database> => {
  const { dataDir, folder } = found;
  const clusterDir = join(folder, 'postgres');
  if (url === null && (await findEmbeddedPostgres(clusterDir)) === null) throw nothingHere(folder);
  if (!existsSync(dataDir)) throw nothingHere(dataDir);
  refuseRestoring(dataDir);
  const lock = lockDataDir(dataDir);
  if (lock.ok) undo.push(() => lock.value.release());
  const databaseUrl = url ?? (lock.ok ? await startAlone(clusterDir, undo) : await urlOfRunning(clusterDir));
  const database = openDatabase({ url: databaseUrl, log: silentLog });
  undo.push(() => database.close());
  return database;
};

const startAlone = async (clusterDir: string, undo: Undo[]): Promise<Secret> => {
  const postgres = await startEmbeddedPostgres({ dataDir: clusterDir, log: silentLog });
  undo.push(() => postgres.stop());
  return postgres.url;
};

const urlOfRunning = async (clusterDir: string): Promise<Secret> => {
  const url = (await findEmbeddedPostgres(clusterDir))?.url ?? null;
  if (url === null)
    throw appError('server_not_ready', 'A server holds the data dir, but its embedded database does not run (yet).');
  return url;
};
