import { randomUUID } from 'node:crypto';
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const newMode = 0o644;

const notThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** What a call comes to, or the other where there is no such file. */
const unlessMissing = <Found, Other>(call: () => Found, other: Other): Found | Other => {
  try {
    return call();
  } catch (error) {
    if (notThere(error)) return other;
    throw error;
  }
};

/**
 * Gives a file another text, whole or not at all, durably, and leaves its mode and a link to it as they are.
 * @param isExpected Whether this is the text that was read before; null where no file is there.
 * @returns false, and nothing is written, where it is another one by now.
 * @throws Error of the disk
 */
export const replaceText = (path: string, isExpected: (text: string | null) => boolean, text: string): boolean => {
  const target = unlessMissing(() => realpathSync(path), path);
  const mode = unlessMissing(() => statSync(target).mode & 0o777, newMode);
  const draft = `${target}.${randomUUID().slice(0, 8)}.new`;
  try {
    writeFileSync(draft, text, { mode, flag: 'wx', flush: true });
    if (!isExpected(unlessMissing(() => readFileSync(target, 'utf8'), null))) return false;
    renameSync(draft, target);
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
};
