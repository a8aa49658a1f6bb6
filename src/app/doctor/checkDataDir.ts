import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { closedFolder, postgresUser } from '../../store/index.ts';
import { restoringMarkPath } from '../restoringMark.ts';
import { findingsOf, type Finding } from './Finding.ts';

export interface DataDirQuestion {
  readonly dataDir: string;
  /** Whether the embedded database lives in it. */
  readonly embedded: boolean;
  /** Files that secrets stand in. */
  readonly secretFiles: readonly string[];
}

const { ok, warn, fail } = findingsOf('data dir');

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The folder itself, or the nearest one above it that exists. */
export const nearestFolder = (path: string): string => {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
};

const place = (dataDir: string): Finding => {
  const folder = nearestFolder(dataDir);
  if (!isWritable(folder))
    return fail(
      `${folder} cannot be written to by who runs this (uid ${process.getuid?.() ?? 'unknown'}, owner ${statSync(folder).uid})`,
      'run it as the owner, or give the folder to who runs it (chown)',
    );
  return folder === dataDir
    ? ok(`${dataDir} is there and can be written to`)
    : ok(`${dataDir} is made at the first start`);
};

/** Files that only their owner may read, and what others could do with them. */
const closedFiles = ['control.json', 'postgres/postgres.json', 'sandbox/postgres/postgres.json'] as const;

/** Who beside its owner may read a file; null where nobody may, or it is not there. */
const openTo = (path: string): 'everybody' | 'its group' | null => {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o004) !== 0) return 'everybody';
  return (mode & 0o040) !== 0 ? 'its group' : null;
};

const openFiles = (dataDir: string, secretFiles: readonly string[]): readonly Finding[] => [
  ...closedFiles
    .map((name) => join(dataDir, name))
    .filter((path) => openTo(path) !== null)
    .map((path) =>
      fail(`${path} can be read by ${openTo(path)}: it holds a key`, `chmod 600 ${path}, and make the key anew`),
    ),
  ...secretFiles
    .filter((path) => openTo(path) === 'everybody')
    .map((path) =>
      warn(`${path} can be read by everybody on this machine: a secret stands in it`, `chmod 640 ${path}`),
    ),
];

const reach = (dataDir: string): readonly Finding[] => {
  const user = postgresUser();
  const closed = user === null ? null : closedFolder(user, dataDir);
  if (user === null || closed === null || closed === dataDir) return [];
  return [
    fail(
      `the user ${user.name}, who runs the embedded database, cannot enter ${closed}`,
      `choose another data dir, such as /var/lib/archipel, or let others pass: chmod o+x ${closed}`,
    ),
  ];
};

export const checkDataDir = ({ dataDir, embedded, secretFiles }: DataDirQuestion): readonly Finding[] => [
  place(dataDir),
  ...(existsSync(restoringMarkPath(dataDir))
    ? [fail(`a restore into ${dataDir} did not come to its end`, 'empty the folder and restore again')]
    : []),
  ...(embedded ? reach(dataDir) : []),
  ...openFiles(dataDir, secretFiles),
];
