import { resolve } from 'node:path';
import { isReachableBy, postgresUser } from '../store/index.ts';
import type { Surroundings } from './chooseConfiguration.ts';

/** Where everything is written unless somebody says otherwise. */
const usualDataDir = './data';
/** Where root writes when its own folders are closed to the database's user. */
const systemDataDir = '/var/lib/archipel';

/**
 * The data dir: as told, else as configured, else `./data`. Where nobody chose one and the user of the embedded database cannot enter it, the
 * system's own folder, and that is said.
 */
export const chooseDataDir = (where: Surroundings, configured: string, embedded: boolean): string => {
  if (where.dataDir !== undefined) return resolve(where.cwd, where.dataDir);
  const chosen = resolve(where.cwd, configured);
  const user = postgresUser();
  if (configured !== usualDataDir || !embedded || user === null || isReachableBy(user, chosen)) return chosen;
  where.tell(
    `${chosen} cannot be entered by the user ${user.name}, who runs the database: data goes to ${systemDataDir}\n`,
  );
  return systemDataDir;
};
