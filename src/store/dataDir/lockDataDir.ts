import { join } from 'node:path';
import type { CodedError, Result } from '../../kernel/index.ts';
import type { ProcessIdentity } from './processIdentity.ts';
import { lockHolder, takeLock } from './takeLock.ts';
import type { HeldLock } from './takeLock.ts';

/** Takes a data dir for this process. @returns the lock, or `data_dir_live` with the process that holds it. */
export const lockDataDir = (dataDir: string): Result<HeldLock, CodedError> =>
  takeLock(join(dataDir, 'archipel.lock'), dataDir);

/** The living process that holds a data dir; null where none does. */
export const holderOfDataDir = (dataDir: string): ProcessIdentity | null => lockHolder(join(dataDir, 'archipel.lock'));
