import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Submission } from '../Executor.ts';
import { attemptName, tagOfName } from './AttemptFolder.ts';
import type { LocalLimits } from './limits.ts';

/** A program gets texts that end at their first NUL byte; more than that, or less, would not be what was written. */
const canBePassed = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const commandFault = ([program, ...words]: readonly string[]): string | null => {
  if (program === undefined || program === '')
    return 'the command is empty: name the program as its first word, such as [node, train.ts]';
  return [program, ...words].every(canBePassed)
    ? null
    : 'a word of the command holds a NUL character or half a character: no program can be given it';
};

const environmentFault = (environment: Readonly<Record<string, string>>): string | null => {
  for (const [name, value] of Object.entries(environment)) {
    if (name === '' || name.includes('=') || !canBePassed(name))
      return `${JSON.stringify(name)} is no name of an environment variable: take letters, digits and _`;
    if (!canBePassed(value)) return `the environment variable ${name} holds a NUL character or half a character`;
  }
  return null;
};

const directoryFault = async (directory: string): Promise<string | null> => {
  if (!isAbsolute(directory)) return `the directory ${directory} is not absolute`;
  try {
    if ((await stat(directory)).isDirectory()) return null;
    return `${directory} is a file: name the folder that it lies in as the job's directory`;
  } catch {
    return `the directory ${directory} cannot be read on this machine: make it, or name another as the job's directory`;
  }
};

/** Why an attempt can never start here as it is written, with what would mend it; null where it can. */
export const checkSubmission = async (
  { tag, site, ranks, command, directory, environment, graceMs }: Submission,
  sites: readonly string[],
  limits: LocalLimits,
): Promise<string | null> => {
  if (!sites.includes(site)) return `no site ${site} is run here; there are: ${sites.join(', ') || 'none'}`;
  if (tagOfName(attemptName(tag)) === null) return `${attemptName(tag)} names no attempt of a job`;
  if (!Number.isSafeInteger(ranks) || ranks < 1 || ranks > limits.ranks)
    return `${ranks} ranks: as processes of this machine 1 to ${limits.ranks} run together`;
  if (!(graceMs >= 0 && graceMs <= limits.graceMs))
    return `a grace of ${graceMs} ms: 0 to ${limits.graceMs} ms can be given`;
  return commandFault(command) ?? environmentFault(environment) ?? (await directoryFault(directory));
};
