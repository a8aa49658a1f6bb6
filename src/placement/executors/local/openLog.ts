import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Opens a rank's log to write at its end. Another rank may have put a link or a pipe there: nothing is written through it.
 * @returns a file descriptor, to be closed by the caller.
 * @throws where no plain file can be written there.
 */
export const openLog = (rankFolder: string): number => {
  const path = join(rankFolder, 'log');
  const log = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  if (fstatSync(log).isFile()) return log;
  closeSync(log);
  throw new Error(`${path} is no plain file`);
};
