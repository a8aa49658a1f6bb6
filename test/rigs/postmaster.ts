import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** @returns false where nobody has this number. */
const signalled = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
};

const gone = (pid: number): boolean => !signalled(pid, 0);

/** Where a data dir may hold an embedded database: a configuration's, and the sandbox's in its own corner. */
const clusters = ['postgres/postgres', 'sandbox/postgres/postgres'];

const postmasterIn = (cluster: string): number | null => {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isSafeInteger(pid) && pid > 1 && !gone(pid) ? pid : null;
  } catch {
    return null;
  }
};

const postmastersOf = (dataDir: string): readonly number[] =>
  clusters.map((cluster) => postmasterIn(join(dataDir, cluster))).filter((pid) => pid !== null);

/** Process number of the embedded database's server of a data dir, or null where none runs. */
export const postmasterOf = (dataDir: string): number | null => postmastersOf(dataDir)[0] ?? null;

/** Signals the server, if one runs, and waits until it is gone. @returns whether one ran. */
export const endPostmaster = async (dataDir: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<boolean> => {
  const pids = postmastersOf(dataDir);
  for (const pid of pids) signalled(pid, signal);
  for (const pid of pids) while (!gone(pid)) await pause(10);
  return pids.length > 0;
};
