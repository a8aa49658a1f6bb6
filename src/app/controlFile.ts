import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { findConfigurationFile, type Surroundings } from './chooseConfiguration.ts';
import { chooseDataDir } from './chooseDataDir.ts';
import { appError } from './errors.ts';

/** How the command line on the same machine reaches a server: written at its start, readable by its owner alone. */
export interface ControlFile {
  readonly url: string | null;
  readonly adminUrl: string | null;
  readonly adminKey: string;
  readonly pid: number | null;
}

/** A control file of a server that runs. */
export interface RunningControl extends ControlFile {
  readonly adminUrl: string;
  readonly pid: number;
}

const pathIn = (dataDir: string): string => join(dataDir, 'control.json');

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Bits of a mode that let others than the owner in. */
const othersMask = 0o077;

/** The text of a control file; null where there is none that can be read. @throws CodedError `control_file_exposed` */
const readClosed = (path: string): string | null => {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & othersMask) !== 0)
      throw appError(
        'control_file_exposed',
        `${path} is open to others than its owner (mode ${mode.toString(8).padStart(4, '0')}), and the key in it opens the control plane.`,
      );
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
};

const parsedOrNull = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Reads a data dir's control file; null where there is none that can be read. @throws CodedError `control_file_exposed` */
export const readControlFileIn = (dataDir: string): ControlFile | null => {
  const text = readClosed(pathIn(dataDir));
  const parsed = text === null ? null : parsedOrNull(text);
  if (typeof parsed !== 'object' || parsed === null || !('adminKey' in parsed)) return null;
  const fields: Readonly<Record<string, unknown>> = { ...parsed };
  const adminKey = textOf(fields['adminKey']);
  if (adminKey === null) return null;
  const pid = typeof fields['pid'] === 'number' ? fields['pid'] : null;
  return { url: textOf(fields['url']), adminUrl: textOf(fields['adminUrl']), adminKey, pid };
};

const synced = (path: string, flags: string, act: (file: number) => void = () => {}): void => {
  const file = openSync(path, flags, 0o600);
  try {
    act(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Writes it whole, for its owner alone, and through to the disk: a key that was told must not be another after a loss of power. */
export const writeControlFile = (dataDir: string, control: ControlFile): void => {
  const path = pathIn(dataDir);
  const fresh = `${path}.new`;
  // What a crash left there may have another mode.
  rmSync(fresh, { force: true });
  synced(fresh, 'wx', (file) => writeSync(file, `${JSON.stringify(control, null, 2)}\n`));
  renameSync(fresh, path);
  synced(dataDir, 'r');
};

/** The control file that a command line means: of its data dir, or of where a server started here keeps its data, whatever file it was started with. */
export const readControlFile = (where: Surroundings): ControlFile | null => readControlFileIn(writtenPlace(where));

/** The data dir that a command line means, whether its configuration file can be used or not. @throws CodedError configuration_missing */
export const writtenPlace = (where: Surroundings): string => {
  const file = where.dataDir === undefined ? findConfigurationFile(where) : null;
  const configured = file === null ? './data' : writtenDataDir(readFileSync(file, 'utf8'));
  return chooseDataDir({ ...where, tell: () => {} }, configured, true);
};

/** `dataDir` of a file, read by eye only: a command must find its server even when the file has faults now. */
const writtenDataDir = (text: string): string =>
  /^\s*["']?dataDir["']?:\s*["']?([^"'#\n]+?)["']?\s*,?\s*(?:#.*)?$/m.exec(text)?.[1] ?? './data';

/** Whether the server of a control file is alive. */
export const isRunning = (control: ControlFile): control is RunningControl => {
  if (control.pid === null || control.adminUrl === null) return false;
  try {
    process.kill(control.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
