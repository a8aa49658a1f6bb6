import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resolveSecret } from '../../config/index.ts';
import { silentLog, type Secret } from '../../kernel/index.ts';
import {
  findEmbeddedPostgres,
  loadBackups,
  lockDataDir,
  openDatabase,
  startEmbeddedPostgres,
  type BackupSummary,
  type Database,
} from '../../store/index.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import { appError } from '../errors.ts';
import { findInstallation, type Installation } from '../findInstallation.ts';
import { machineClock } from '../machine.ts';
import { faultLines } from '../prepare.ts';
import { readVersion } from '../readVersion.ts';
import { refuseRestoring } from '../restoringMark.ts';
import { undoAll, type Undo } from '../undoAll.ts';

export interface BackUpOptions extends Surroundings {
  /** File to write, or a folder in which one is made that is called after the moment. */
  readonly target: string;
  readonly signal: AbortSignal;
}

const isFolder = (path: string): boolean =>
  path.endsWith('/') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** "archipel-2026-11-27T16-43-38Z.tar.gz" */
const fileNamed = (nowMs: number): string =>
  `archipel-${new Date(nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}.tar.gz`;

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
const openBeside = async (found: Installation, url: Secret | null, undo: Undo[]): Promise<Database> => {
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

/**
 * Backs up the installation that a command line means, whether its server runs or not.
 * @throws CodedError configuration_missing, configuration_faulty, nothing_to_back_up, restore_unfinished, server_not_ready, and those of the store.
 */
export const backUp = async (options: BackUpOptions): Promise<BackupSummary> => {
  const found = await findInstallation(options);
  if (!found.ok) throw appError('configuration_faulty', faultLines(found.fault));
  const { source, folder } = found.value;
  const nowMs = machineClock.nowMs();
  const target = resolve(options.cwd, options.target);
  const path = isFolder(options.target) || isFolder(target) ? join(target, fileNamed(nowMs)) : target;
  const undo: Undo[] = [];
  try {
    const database = await openBeside(found.value, databaseUrlOf(found.value, options.env), undo);
    const { writeBackup } = await loadBackups();
    return await writeBackup({
      path,
      database,
      spoolDirectory: join(folder, 'spool'),
      jobsDirectory: join(folder, 'jobs'),
      configuration: source.kind === 'file' ? readFileSync(source.path, 'utf8') : null,
      program: readVersion(),
      nowMs,
      signal: options.signal,
    });
  } finally {
    await undoAll(undo, silentLog);
  }
};
