// A PostgreSQL for one test file: the embedded one, in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../kernel/index.ts';
import { openDatabase } from './database/index.ts';
import type { Database } from './database/index.ts';
import { startEmbeddedPostgres } from './postgres/index.ts';
import type { EmbeddedPostgres } from './postgres/index.ts';

export interface TemporaryPostgres {
  readonly dataDir: string;
  readonly postgres: EmbeddedPostgres;
  readonly database: Database;
  remove(): Promise<void>;
}

export const temporaryPostgres = async (): Promise<TemporaryPostgres> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'archipel-postgres-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const database = openDatabase({ url: postgres.url, log: silentLog });
  return {
    dataDir,
    postgres,
    database,
    async remove() {
      await database.close();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
