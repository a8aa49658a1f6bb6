import { readdir, readFile } from 'node:fs/promises';
import { heartbeatVariable, supervisionVariable } from './rankEnvironment.ts';

/** Processes that are looked at together. */
const batch = 32;

const readBytes = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path);
  } catch {
    // It ended, or is somebody else's.
    return null;
  }
};

const stateOf = (stat: Buffer): { readonly isCorpse: boolean; readonly group: number; readonly session: number } => {
  const text = stat.toString('latin1');
  const [state, , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { isCorpse: state === 'Z' || state === 'X', group: Number(group), session: Number(session) };
};

/** Whether an environment names the folder. Variables are parted by NUL bytes. */
const names = (environment: Buffer, marks: readonly Buffer[]): boolean =>
  marks.some((mark) => environment.includes(mark));

const answers = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

const numbersInProc = async (): Promise<readonly number[] | null> => {
  try {
    const entries = await readdir('/proc');
    return entries.filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return null;
  }
};

/**
 * Everything that runs under an attempt's folder: by the sessions and groups that its ranks lead, and (Linux) by the environment that every
 * process inherits, which also finds what left its group, a supervisor that has not begun, and a program that nobody had time to note.
 * @param leaders Process numbers of ranks' programs that are certainly these.
 * @returns numbers for `process.kill`; where the machine has no /proc, groups as negative numbers.
 */
export const processesUnder = async (folder: string, leaders: ReadonlySet<number>): Promise<readonly number[]> => {
  const numbers = await numbersInProc();
  if (numbers === null || !numbers.includes(process.pid)) return [...leaders].filter(answers).map((leader) => -leader);
  const marks = [heartbeatVariable, supervisionVariable].map((name) => Buffer.from(`${name}=${folder}/`));
  const isUnder = async (pid: number): Promise<boolean> => {
    const stat = await readBytes(`/proc/${pid}/stat`);
    if (stat === null || pid === process.pid) return false;
    const { isCorpse, group, session } = stateOf(stat);
    if (isCorpse) return false;
    if (leaders.has(group) || leaders.has(session)) return true;
    const environment = await readBytes(`/proc/${pid}/environ`);
    return environment !== null && names(environment, marks);
  };
  const found: number[] = [];
  for (let from = 0; from < numbers.length; from += batch) {
    const some = numbers.slice(from, from + batch);
    const under = await Promise.all(some.map(isUnder));
    found.push(...some.filter((_, index) => under[index]));
  }
  return found;
};
