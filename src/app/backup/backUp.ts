import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { silentLog } from '../../kernel/index.ts';
import { loadBackups, type BackupSummary } from '../../store/index.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import { databaseUrlOf } from '../databaseUrlOf.ts';
import { appError } from '../errors.ts';
import { findInstallation } from '../findInstallation.ts';
import { machineClock } from '../machine.ts';
import { openBeside } from '../openBeside.ts';
import { faultLines } from '../prepare.ts';
import { readVersion } from '../readVersion.ts';
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
    const database = await openBeside(found.value, {
      url: databaseUrlOf(found.value, options.env),
      undo,
      nothingIn: (empty) => appError('nothing_to_back_up', `There is no database of Archipel in ${empty}.`),
    });
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
