import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findConfigurationFile, type Surroundings } from './chooseConfiguration.ts';
import { chooseDataDir } from './chooseDataDir.ts';

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

/** Reads a data dir's control file; null where there is none that can be read. */
export const readControlFileIn = (dataDir: string): ControlFile | null => {
  try {
    const parsed: unknown = JSON.parse(readFileSync(pathIn(dataDir), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('adminKey' in parsed)) return null;
    const fields: Readonly<Record<string, unknown>> = { ...parsed };
    const adminKey = textOf(fields['adminKey']);
    if (adminKey === null) return null;
    const pid = typeof fields['pid'] === 'number' ? fields['pid'] : null;
    return { url: textOf(fields['url']), adminUrl: textOf(fields['adminUrl']), adminKey, pid };
  } catch {
    return null;
  }
};

/** Writes it whole, for its owner alone. */
export const writeControlFile = (dataDir: string, control: ControlFile): void => {
  const path = pathIn(dataDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(control, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** The control file that a command line means: of its data dir, or of where a server started here keeps its data, whatever file it was started with. */
export const readControlFile = (where: Surroundings): ControlFile | null => {
  const file = where.dataDir === undefined ? findConfigurationFile(where) : null;
  const configured = file === null ? './data' : writtenDataDir(readFileSync(file, 'utf8'));
  return readControlFileIn(chooseDataDir({ ...where, tell: () => {} }, configured, true));
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
