import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { processLives } from '../dataDir/processIdentity.ts';

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** "starting", "ready", "stopping" ... */
  readonly status: string;
}

/** Reads `postmaster.pid` of a cluster; null where there is none or it is half-written. */
export const readPostmaster = (cluster: string): Postmaster | null => {
  try {
    // Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, status.
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!Number.isSafeInteger(pid) || pid <= 0 || !Number.isSafeInteger(port)) return null;
    return { pid, port, status: lines[7]?.trim() ?? '' };
  } catch {
    return null;
  }
};

/**
 * Whether a process is the server of this cluster. A process number alone proves nothing, since numbers are used again; on Linux the
 * server is known by its working folder, elsewhere (null) only by its answer.
 */
export const servesCluster = (pid: number, cluster: string): boolean | null => {
  if (!processLives(pid)) return false;
  if (process.platform !== 'linux') return null;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return false;
  }
};
