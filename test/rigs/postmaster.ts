import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

/** Process number of the embedded database's server of a data dir, or null where none runs. */
export const postmasterOf = (dataDir: string): number | null => {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postgres/postgres/postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isSafeInteger(pid) && pid > 1 && !gone(pid) ? pid : null;
  } catch {
    return null;
  }
};

/** Signals the server, if one runs, and waits until it is gone. @returns whether one ran. */
export const endPostmaster = async (dataDir: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<boolean> => {
  const pid = postmasterOf(dataDir);
  if (pid === null) return false;
  process.kill(pid, signal);
  while (!gone(pid)) await pause(10);
  return true;
};
