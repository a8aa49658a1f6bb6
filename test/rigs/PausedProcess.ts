import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** State letters of a process that does nothing: stopped, stopped in the hands of a tracer, or over and waiting for a parent that stands still. */
const stopped = /^[TtZX]/;

const fieldsBehindName = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

const statOf = (path: string): readonly string[] | null => {
  try {
    return fieldsBehindName(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};

/** Children of a process, from /proc. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(`/proc/${pid}/stat`)?.[1] === String(parent));

const threadsOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

const isStill = (pid: number): boolean =>
  threadsOf(pid).every((thread) => stopped.test(statOf(`/proc/${pid}/task/${thread}/stat`)?.[0] ?? 'T'));

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
};

/** A process and all its children, or only itself, that stand still. */
export class PausedProcess {
  readonly #pids: readonly number[];

  private constructor(pids: readonly number[]) {
    this.#pids = pids;
  }

  /** SIGSTOP, and waits until every thread stands still: one in the middle of a call to the disk ends that first. */
  static async stop(pid: number, family: 'alone' | 'with children' = 'alone'): Promise<PausedProcess> {
    signal(pid, 'SIGSTOP');
    const pids = [pid, ...(family === 'alone' ? [] : childrenOf(pid))];
    for (const one of pids) signal(one, 'SIGSTOP');
    while (!pids.every(isStill)) await pause(1);
    return new PausedProcess(pids);
  }

  /** SIGCONT. */
  go(): void {
    for (const pid of this.#pids) signal(pid, 'SIGCONT');
  }
}
