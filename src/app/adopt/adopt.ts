import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { silentLog, type Log } from '../../kernel/index.ts';
import {
  adoptSpool,
  isMigrated,
  lockDataDir,
  openDatabase,
  type AdoptedSpool,
  type Database,
} from '../../store/index.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import { databaseUrlOf } from '../databaseUrlOf.ts';
import { appError } from '../errors.ts';
import { findInstallation, type Installation } from '../findInstallation.ts';
import { machineClock } from '../machine.ts';
import { openBeside } from '../openBeside.ts';
import { faultLines } from '../prepare.ts';
import { undoAll, type Undo } from '../undoAll.ts';

export interface AdoptSpoolOptions extends Surroundings {
  /** Data dir of a server that never comes back, or its spool folder. */
  readonly target: string;
  readonly signal: AbortSignal;
}

/** What the store has to say is for whoever sits before it. */
const logTo = (tell: (text: string) => void): Log => {
  const line = (event: string, fields?: Readonly<Record<string, unknown>>): void => {
    const told = Object.entries(fields ?? {}).map(([name, value]) => ` ${name}=${String(value)}`);
    tell(`${event}${told.join('')}\n`);
  };
  return { ...silentLog, warn: line, error: line };
};

const openTarget = async (found: Installation, env: Surroundings['env'], undo: Undo[]): Promise<Database> => {
  const url = databaseUrlOf(found, env);
  // A database by its URL is found without a data dir, and with any number of servers beside.
  if (url === null)
    return openBeside(found, {
      url,
      undo,
      nothingIn: (folder) => appError('nothing_to_adopt_into', `There is no database of Archipel in ${folder}.`),
    });
  const database = openDatabase({ url, log: silentLog });
  undo.push(() => database.close());
  return database;
};

/** Nobody starts on the data dir meanwhile. @throws CodedError data_dir_live */
const lockTarget = (dataDir: string, undo: Undo[]): void => {
  const lock = lockDataDir(dataDir);
  if (!lock.ok) throw lock.fault;
  undo.push(() => lock.value.release());
};

/**
 * Brings the spool of a server that is gone for good into the database of the installation that a command line means.
 * @throws CodedError configuration_missing, configuration_faulty, adopts_itself, adopts_into_sandbox, nothing_to_adopt_into, database_older, and those of the store.
 */
export const adopt = async (options: AdoptSpoolOptions): Promise<AdoptedSpool> => {
  const found = await findInstallation(options);
  if (!found.ok) throw appError('configuration_faulty', faultLines(found.fault));
  if (found.value.source.kind === 'sandbox')
    throw appError('adopts_into_sandbox', `There is no archipel.yaml in ${options.cwd}, and --config names no file.`);
  const target = resolve(options.cwd, options.target);
  const inside = join(target, 'spool');
  const directory = existsSync(inside) ? inside : target;
  const ownSpool = join(found.value.folder, 'spool');
  if (resolve(directory) === resolve(ownSpool))
    throw appError(
      'adopts_itself',
      `${directory} is the spool of the server that is meant: its next start brings it into the database.`,
    );
  const undo: Undo[] = [];
  try {
    if (directory === inside) lockTarget(target, undo);
    const database = await openTarget(found.value, options.env, undo);
    // Whoever migrates here puts gateways that still run an older version out of their database.
    if (!(await isMigrated(database)))
      throw appError('database_older', 'The database lacks migrations that this program brings; nothing was adopted.');
    return await adoptSpool({
      directory,
      database,
      clock: machineClock,
      log: logTo(options.tell),
      signal: options.signal,
    });
  } finally {
    await undoAll(undo, silentLog);
  }
};
