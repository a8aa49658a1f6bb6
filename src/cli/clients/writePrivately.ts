import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const privateMode = 0o600;

/** Where a path leads: people keep their settings elsewhere and link to them. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

const modeOf = (path: string): number => {
  try {
    return statSync(path).mode & 0o700;
  } catch {
    return privateMode;
  }
};

/** Writes a file whole or not at all, for its owner alone: there may be a key in it. */
export const writePrivately = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  const target = realPath(path);
  const temporary = `${target}.archipel-${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: modeOf(target), flag: 'wx' });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};
