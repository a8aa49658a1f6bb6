import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError } from './errors.ts';

/** The file that lies in a data dir while it is restored. */
export const restoringMarkPath = (dataDir: string): string => join(dataDir, 'restoring');

/** Refuses a data dir whose restore did not come to its end: half of a ledger is never taken for the whole. @throws CodedError restore_unfinished */
export const refuseRestoring = (dataDir: string): void => {
  if (existsSync(restoringMarkPath(dataDir)))
    throw appError('restore_unfinished', `A restore into ${dataDir} was begun and did not come to its end.`);
};
