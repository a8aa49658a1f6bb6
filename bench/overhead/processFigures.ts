import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Fields of /proc/<pid>/stat from the third on: the name before may hold anything. */
const statFields = (pid: number): readonly string[] => {
  const text = read(`/proc/${pid}/stat`) ?? '';
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

/** The kernel's clock tick in /proc is a hundredth of a second on every Linux that Node runs on. */
const tickUs = 10_000;

/** Processor time of a process in ticks of /proc/<pid>/stat, its ended children included. Microseconds. */
const tickedCpuUs = (pid: number): number => {
  // utime, stime, cutime, cstime are fields 14 to 17.
  const ticks = statFields(pid)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);
  return ticks * tickUs;
};

/**
 * Processor time of a process, user and system, all threads. Microseconds. By the scheduler's own count in nanoseconds: nginx answers a slice in
 * a few ticks of /proc/<pid>/stat. Threads of what is measured live as long as their process.
 * @throws Error when the process is gone.
 */
export const cpuUsOf = (pid: number): number => {
  const threads = readdirSync(`/proc/${pid}/task`);
  const counts = threads.map((thread) => read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0]);
  if (counts.some((count) => count === undefined)) return tickedCpuUs(pid);
  return counts.reduce((sum, count) => sum + Number(count), 0) / 1_000;
};

/** The same by thread, largest first: their names as the kernel has them. */
export const cpuUsByThread = (pid: number): readonly (readonly [name: string, us: number])[] =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread): readonly [string, number] => {
      const counted = read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? '0';
      return [`${read(`/proc/${pid}/task/${thread}/comm`)?.trim() ?? ''} ${thread}`, Number(counted) / 1_000];
    })
    .toSorted(([, one], [, other]) => other - one);

/** Children of a process, and theirs. */
export const descendantsOf = (pid: number): number[] => {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statFields(Number(name))[1]) }));
  const childrenOf = (one: number): number[] =>
    parents.filter(({ parent }) => parent === one).flatMap((child) => [child.pid, ...childrenOf(child.pid)]);
  return childrenOf(pid);
};

/** Processor time of a process's descendants, ended ones included; a database forks as it likes. Microseconds. */
export const descendantsCpuUs = (pid: number): number =>
  descendantsOf(pid).reduce((sum, child) => sum + tickedCpuUs(child), 0);

/** Resident memory of a process. Bytes. */
export const residentBytesOf = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} tells no resident memory`);
  return Number(kilobytes) * 1_024;
};

/** Whether a process runs. */
export const lives = (pid: number): boolean => {
  const state = statFields(pid)[0];
  return state !== undefined && state !== '' && state !== 'Z';
};
