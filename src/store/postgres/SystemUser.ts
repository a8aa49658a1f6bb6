import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** An account of the machine. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const findUser = (name: string): SystemUser | null => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : null;
};

/**
 * The account that the embedded PostgreSQL runs under: null when it runs as this process does. PostgreSQL refuses to run as root, so
 * root gives it to `postgres`, or to `nobody` where there is no such user.
 */
export const postgresUser = (): SystemUser | null => {
  if (process.getuid?.() !== 0) return null;
  return findUser('postgres') ?? findUser('nobody');
};

const mayEnter = (user: SystemUser, folder: string): boolean => {
  const { mode, uid, gid } = statSync(folder);
  if (user.uid === uid) return (mode & 0o100) !== 0;
  if (user.gid === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
};

/** The folder itself and those above it that exist, the root first. */
const existingFolders = (path: string): string[] => {
  let folder = resolve(path);
  while (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) folder = dirname(folder);
  const folders = [realpathSync(folder)];
  for (let parent = dirname(folders[0] ?? '/'); parent !== folders[0]; parent = dirname(parent))
    folders.unshift(parent);
  return folders;
};

/** The first folder on the way to a path that a user may not enter, or null when the way is free. */
export const closedFolder = (user: SystemUser, path: string): string | null =>
  existingFolders(path).find((folder) => !mayEnter(user, folder)) ?? null;

/** Whether a user can enter every existing folder on the way to a path (which need not exist yet). Reads mode bits, no access lists. */
export const isReachableBy = (user: SystemUser, path: string): boolean => closedFolder(user, path) === null;
