import type pg from 'pg';
import type { Queries } from './Database.ts';

/** Rows that are asked for at once are all that is in memory. */
const fetchRows = 'FETCH 500 FROM found';

/**
 * Rows of a question that may have more of them than memory holds.
 * @param session a connection on which nothing else runs meanwhile.
 * @param sql declares the cursor `found`.
 */
export async function* cursorRows<Row extends pg.QueryResultRow>(
  session: Queries,
  sql: string,
  values: Parameters<Queries['query']>[1],
): AsyncGenerator<Row> {
  await session.query('BEGIN TRANSACTION READ ONLY');
  try {
    await session.query(sql, values);
    for (;;) {
      const rows = await session.query<Row>(fetchRows);
      if (rows.length === 0) return;
      yield* rows;
    }
  } finally {
    await session.query('ROLLBACK');
  }
}
