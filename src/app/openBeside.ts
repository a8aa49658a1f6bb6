import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog, type CodedError, type Secret } from '../kernel/index.ts';
import {
  findEmbeddedPostgres,
  lockDataDir,
  openDatabase,
  startEmbeddedPostgres,
  type Database,
} from '../store/index.ts';
import { appError } from './errors.ts';
import type { Installation } from './findInstallation.ts';
import { refuseRestoring } from './restoringMark.ts';
import type { Undo } from './undoAll.ts';

export interface Beside {
  readonly url: Secret | null;
  readonly undo: Undo[];
  /** What a folder without a database is to whoever needs one. */
  readonly nothingIn: (folder: string) => CodedError;
}

/**
 * Opens the database of an installation beside a server that runs, or alone where none does; then the data dir is locked, so that none starts meanwhile.
 * @throws CodedError server_not_ready, restore_unfinished, what there is to say of a folder without a database, and those of the store.
 */
export const openBeside = async (
  { dataDir, folder }: Pick<Installation, 'dataDir' | 'folder'>,
  { url, undo, nothingIn }: Beside,
): Promise<Database> => {
  const clusterDir = join(folder, 'postgres');
  if (url === null && (await findEmbeddedPostgres(clusterDir)) === null) throw nothingIn(folder);
  if (!existsSync(dataDir)) throw nothingIn(dataDir);
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
