import { readFileSync } from 'node:fs';

/** A process, told from a later one of the same number by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot of the machine and ticks since then at the start of the process; null where the machine does not tell (macOS). */
  readonly started: string | null;
}

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** State letter and start ticks of a process, from /proc; the name in parentheses may itself hold spaces and parentheses. */
const processStat = (pid: number): { readonly state: string; readonly startTicks: string } | null => {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
};

const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it: it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Whether a process number is in use by something that is not a corpse waiting for its parent. */
export const processLives = (pid: number): boolean => {
  const stat = processStat(pid);
  if (stat) return stat.state !== 'Z' && stat.state !== 'X';
  return answersSignals(pid);
};

export const identityOf = (pid: number): ProcessIdentity => {
  const stat = processStat(pid);
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return { pid, started: stat && boot ? `${boot}/${stat.startTicks}` : null };
};

/** Whether exactly this process still lives. */
export const identityLives = (identity: ProcessIdentity): boolean => {
  if (!processLives(identity.pid)) return false;
  const now = identityOf(identity.pid);
  return identity.started === null || now.started === null || now.started === identity.started;
};
