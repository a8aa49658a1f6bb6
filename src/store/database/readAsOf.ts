import type { Database, Queries } from './Database.ts';

/**
 * Reads as of one moment, whatever is written meanwhile, on a connection of its own.
 * @param at Calls what it is given at that moment: nothing that is written later is seen. What it gives goes to `read`.
 * @throws CodedError database_unavailable; whatever `at` and `read` throw
 */
export const readAsOf = <Moment, Value>(
  database: Pick<Database, 'exclusive'>,
  at: (see: () => Promise<void>) => Promise<Moment>,
  read: (queries: Queries, moment: Moment) => Promise<Value>,
): Promise<Value> =>
  database.exclusive(async (queries) => {
    await queries.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // A transaction sees what there is at its first question. It ends with its connection.
    const moment = await at(async () => void (await queries.query('SELECT 1')));
    return read(queries, moment);
  });
