import { readFileSync } from 'node:fs';
import { identityOfProcess } from './identityOfProcess.ts';
import type { ProcessTable } from './ProcessTable.ts';

const isCorpse = (pid: number): boolean => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
};

/** The processes of this machine, where it has /proc; elsewhere as far as signals tell. */
export const testProcesses: ProcessTable = {
  identityOf: identityOfProcess,
  lives({ pid, started }) {
    const now = identityOfProcess(pid);
    if (now.started !== null) return (started === null || started === now.started) && !isCorpse(pid);
    try {
      return process.kill(pid, 0) && started === null;
    } catch {
      return false;
    }
  },
};

export const testClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
