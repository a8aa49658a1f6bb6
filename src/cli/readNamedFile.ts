import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '../kernel/index.ts';
import { UsageError } from './Command.ts';

/** A file that was named on the command line, relative to where it was typed. @throws UsageError where it cannot be read. */
export const readNamedFile = (cwd: string, file: string): Buffer => {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${errorMessage(error)}`);
  }
};
