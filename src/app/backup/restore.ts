import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigurationFault } from '../../config/index.ts';
import { silentLog, type Result, type Secret } from '../../kernel/index.ts';
import {
  loadBackups,
  lockDataDir,
  openDatabase,
  startEmbeddedPostgres,
  verifyLedger,
  type LedgerReport,
  type VerifiedBackup,
} from '../../store/index.ts';
import { createMetrics } from '../../telemetry/index.ts';
import { configuredMarkPath, type Surroundings } from '../chooseConfiguration.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { databaseUrlOf } from '../databaseUrlOf.ts';
import { appError } from '../errors.ts';
import { folderOf, readFileWithoutSecrets, readWithoutSecrets } from '../findInstallation.ts';
import { machineClock } from '../machine.ts';
import { openLedger } from '../openLedger.ts';
import { faultLines } from '../prepare.ts';
import { restoringMarkPath } from '../restoringMark.ts';
import { undoAll, type Undo } from '../undoAll.ts';

export interface RestoreOptions extends Surroundings {
  readonly backup: string;
  /** Where it is restored into: it must be empty, or not be there. */
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/** What a restore made. */
export interface RestoreSummary {
  readonly dataDir: string;
  readonly madeAt: string;
  /** Where the configuration file of the backup lies now; null where it had none. */
  readonly configurationFile: string | null;
  readonly rows: Readonly<Record<string, number>>;
  /** Records of the spool that were not in the database yet, and are now. */
  readonly replayed: number;
  /** Attempts that were under way at the moment of the backup: their cost is unknown within their holds. */
  readonly cutOff: number;
  readonly ledger: LedgerReport;
}

/** What a failed restore left goes; a killed one leaves its mark. */
const emptyFolder = (dataDir: string): void => {
  for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true });
};

/** Takes an empty folder for this restore, and marks it. @throws CodedError data_dir_not_empty, data_dir_live */
const takeFolder = (dataDir: string, undo: Undo[]): void => {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw appError('data_dir_not_empty', `${dataDir} is not empty.`);
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDataDir(dataDir);
  if (!lock.ok) throw lock.fault;
  undo.push(() => lock.value.release());
  writeFileSync(restoringMarkPath(dataDir), '', { flush: true });
  syncFolder(dataDir);
};

const syncFolder = (folder: string): void => {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

const orFaulty = (read: Result<ArchipelConfiguration, readonly ConfigurationFault[]>): ArchipelConfiguration => {
  if (!read.ok) throw appError('configuration_faulty', faultLines(read.fault));
  return read.value;
};

/** The database that is restored into: of the file that was named, else of the backup's own; null for the embedded one. */
const targetUrl = async (options: RestoreOptions, text: string | null): Promise<Secret | null> => {
  const { config, env, cwd } = options;
  if (config !== undefined) {
    const path = resolve(cwd, config);
    return databaseUrlOf({ configuration: orFaulty(await readFileWithoutSecrets(path)) }, env);
  }
  return text === null
    ? null
    : databaseUrlOf({ configuration: orFaulty(readWithoutSecrets(text, 'archipel.yaml')) }, env);
};

const fillDatabase = async (
  folder: string,
  url: Secret | null,
  backup: VerifiedBackup,
  signal: AbortSignal,
): Promise<void> => {
  const undo: Undo[] = [];
  try {
    const embedded =
      url === null ? await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLog }) : null;
    if (embedded !== null) undo.push(() => embedded.stop());
    const target = url ?? embedded?.url;
    if (target === undefined) throw new Error('a restore has a database');
    const database = openDatabase({ url: target, log: silentLog });
    undo.push(() => database.close());
    const { restoreDatabase } = await loadBackups();
    await restoreDatabase(database, backup, signal);
  } finally {
    await undoAll(undo, silentLog);
  }
};

/** Opens the ledger as a start would: what is in the spool alone goes into the database, and nothing twice. */
const replay = async (
  folder: string,
  url: Secret | null,
): Promise<Pick<RestoreSummary, 'replayed' | 'cutOff' | 'ledger'>> => {
  const { metrics } = createMetrics();
  const ledger = await openLedger({ folder, url, durability: 'group', clock: machineClock, log: silentLog, metrics });
  try {
    const { finals, requests, intentsWithoutFinal } = ledger.recovered;
    return {
      replayed: finals + requests,
      cutOff: intentsWithoutFinal,
      ledger: await verifyLedger(ledger.database, ledger.spool.directory),
    };
  } finally {
    await ledger.close();
  }
};

/**
 * Restores a backup into an empty data dir. Until it has come to its end, nothing starts there.
 * @throws CodedError backup_damaged, backup_newer, data_dir_not_empty, data_dir_live, database_not_empty, configuration_faulty, and those of
 *   the store; the signal's reason.
 */
export const restore = async (options: RestoreOptions): Promise<RestoreSummary> => {
  const { cwd, signal } = options;
  const { checkMigrations, configurationIn, restoreSpool, verifyBackup } = await loadBackups();
  const backup = await verifyBackup(resolve(cwd, options.backup));
  await checkMigrations(backup);
  const text = await configurationIn(backup);
  const url = await targetUrl(options, text);
  const dataDir = resolve(cwd, options.dataDir);
  const undo: Undo[] = [];
  takeFolder(dataDir, undo);
  try {
    const folder = folderOf(dataDir, backup.about.sandbox);
    mkdirSync(folder, { recursive: true });
    await restoreSpool(backup, join(folder, 'spool'), signal);
    await fillDatabase(folder, url, backup, signal);
    signal.throwIfAborted();
    const replayed = await replay(folder, url);
    const configurationFile = text === null ? null : join(dataDir, 'archipel.yaml');
    if (configurationFile !== null && text !== null) {
      writeFileSync(configurationFile, text, { mode: 0o600, flush: true });
      writeFileSync(configuredMarkPath(dataDir), '');
    }
    syncFolder(dataDir);
    rmSync(restoringMarkPath(dataDir));
    syncFolder(dataDir);
    return { dataDir, madeAt: backup.about.madeAt, configurationFile, rows: backup.manifest.rows, ...replayed };
  } catch (error) {
    emptyFolder(dataDir);
    throw error;
  } finally {
    await undoAll(undo, silentLog);
  }
};
