import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../../kernel/index.ts';
import { readPostmaster, servesCluster } from './postmaster.ts';
import { readKept } from './startEmbeddedPostgres.ts';

/** The embedded PostgreSQL of a data dir as it is found. */
export interface FoundPostgres {
  /** "18". */
  readonly majorVersion: string;
  /** Where it is reached; null where it does not run, or its password is missing. */
  readonly url: Secret | null;
  /** Process number of its server; null where none runs. */
  readonly pid: number | null;
  /** Whether its password is there. */
  readonly hasPassword: boolean;
}

/** Looks for the embedded PostgreSQL of a data dir, and starts nothing. @returns null where none was ever made. */
export const findEmbeddedPostgres = async (dataDir: string): Promise<FoundPostgres | null> => {
  const cluster = join(dataDir, 'postgres');
  const versionPath = join(cluster, 'PG_VERSION');
  if (!existsSync(versionPath)) return null;
  const majorVersion = readFileSync(versionPath, 'utf8').trim();
  const kept = await readKept(join(dataDir, 'postgres.json'));
  const found = readPostmaster(cluster);
  const runs = found !== null && servesCluster(found.pid, cluster) !== false;
  return {
    majorVersion,
    url:
      runs && kept !== null
        ? new Secret(`postgres://archipel:${kept.password}@127.0.0.1:${found.port}/postgres`)
        : null,
    pid: runs ? found.pid : null,
    hasPassword: kept !== null,
  };
};
