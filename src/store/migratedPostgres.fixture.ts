// A migrated PostgreSQL for the tests of a file, of which each begins with nothing in the ledger, no budgets leased and no replica.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { migrate, type Database } from './database/index.ts';
import { emptyLedger } from './database/withoutGuards.fixture.ts';
import { temporaryPostgres, type TemporaryPostgres } from './temporaryPostgres.ts';

export interface MigratedPostgres {
  /** To be asked in hooks and tests only. */
  readonly database: Database;
  /** Only while tests run. */
  readonly server: () => TemporaryPostgres;
}

/** To be called once at the top of a file of tests. */
export const migratedPostgres = (): MigratedPostgres => {
  let running: TemporaryPostgres | null = null;
  const server = (): TemporaryPostgres => {
    if (running === null) throw new Error('PostgreSQL runs while tests do');
    return running;
  };
  const database: Database = {
    query: (sql, values) => server().database.query(sql, values),
    transaction: (act) => server().database.transaction(act),
    exclusive: (act, signal) => server().database.exclusive(act, signal),
    session: (options) => server().database.session(options),
    close: () => server().database.close(),
  };
  beforeAll(async () => {
    running = await temporaryPostgres();
    await migrate(database);
  });
  afterAll(() => running?.remove());
  beforeEach(async () => {
    await emptyLedger(database);
    await database.query('TRUNCATE archipel.budget_spend, archipel.budget_lease, archipel.replica');
  });
  return { database, server };
};
