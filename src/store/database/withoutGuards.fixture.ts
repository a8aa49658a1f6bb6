import type { Database, Queries } from './Database.ts';

/** Runs statements as somebody who has put the database's own guards aside, as a superuser can: what is append-only can be changed then. */
export const withoutGuards = <Value>(database: Database, act: (queries: Queries) => Promise<Value>): Promise<Value> =>
  database.transaction(async (queries) => {
    await queries.query("SET LOCAL session_replication_role = 'replica'");
    return act(queries);
  });

/** Takes everything out that was shipped, and the memory of it. */
export const emptyLedger = async (database: Database): Promise<void> => {
  await withoutGuards(database, (queries) =>
    queries.query(
      'TRUNCATE archipel.attempt, archipel.request, archipel.rejected_record, archipel.journal, archipel.journal_line, archipel.spool_range',
    ),
  );
};
