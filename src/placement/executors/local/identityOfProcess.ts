import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from './ProcessTable.ts';

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/**
 * Who a process is, in the form of the executor's process table. A supervisor tells it of itself and of its child: nobody else can
 * without a moment in which the number may already be another's.
 */
export const identityOfProcess = (pid: number): ProcessIdentity => {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may itself hold spaces and parentheses.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const boot = textOf('/proc/sys/kernel/random/boot_id').trim();
  return { pid, started: ticks && boot ? `${boot}/${ticks}` : null };
};
