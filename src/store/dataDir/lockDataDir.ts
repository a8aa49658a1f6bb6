import { join } from 'node:path';
import type { CodedError, Result } from '../../kernel/index.ts';
import { takeLock } from './takeLock.ts';
import type { HeldLock } from './takeLock.ts';

/** Takes a data dir for this process. @returns the lock, or `data_dir_live` with the process that holds it. */
export const lockDataDir = (dataDir: string): Result<HeldLock, CodedError> =>
  takeLock(join(dataDir, 'archipel.lock'), dataDir);
