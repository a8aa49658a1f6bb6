import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';

const newMode = 0o644;
/** Of a draft until it belongs to whom it is to: nobody else reads it. */
const ownerMode = 0o600;

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

/** Makes a draft belong to whom the file belongs that it takes the place of: who reads that one is to read this one. */
const keepOwner = (draft: string, target: string, { uid, gid, mode }: Stats): void => {
  const made = statSync(draft);
  try {
    if (made.uid !== uid || made.gid !== gid) chownSync(draft, uid, gid);
    chmodSync(draft, mode & 0o777);
  } catch (error) {
    throw new Error(
      `${target} belongs to user ${uid} and group ${gid}, and would not after a change by this user: run this as that user, or as root`,
      { cause: error },
    );
  }
};

/**
 * Gives a file another text, whole or not at all, durably, and leaves its owner, its group, its mode and a link to it as they are.
 * @param isExpected Whether this is the text that was read before; null where no file is there.
 * @returns false, and nothing is written, where it is another one by now.
 * @throws Error of the disk; or that the file is somebody else's, and cannot be left to them: nothing is written then
 */
export const replaceText = (path: string, isExpected: (text: string | null) => boolean, text: string): boolean => {
  const target = unlessMissing(() => realpathSync(path), path);
  const known = unlessMissing(() => statSync(target), null);
  const draft = `${target}.${randomUUID().slice(0, 8)}.new`;
  try {
    writeFileSync(draft, text, { mode: known === null ? newMode : ownerMode, flag: 'wx', flush: true });
    if (known !== null) keepOwner(draft, target, known);
    if (!isExpected(unlessMissing(() => readFileSync(target, 'utf8'), null))) return false;
    renameSync(draft, target);
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
};
