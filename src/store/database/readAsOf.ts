import { setTimeout as pause } from 'node:timers/promises';
import { storeError } from '../errors.ts';
import type { Database, Queries } from './Database.ts';

export interface ReadingLimits {
  /** Ends the connection when it aborts, and with it what is read. */
  readonly signal: AbortSignal;
  /** How long what `at` is given may take: others may wait meanwhile. Milliseconds. */
  readonly momentMs?: number;
}

/**
 * Reads as of one moment, whatever is written meanwhile, on a connection of its own.
 * @param at Calls what it is given at that moment: nothing that is written later is seen. That takes two seconds at the most, whatever becomes of the connection.
 * What it gives goes to `read`.
 * @throws CodedError database_unavailable; whatever `at` and `read` throw
 */
export const readAsOf = <Moment, Value>(
  database: Pick<Database, 'exclusive'>,
  at: (see: () => Promise<void>) => Promise<Moment>,
  read: (queries: Queries, moment: Moment) => Promise<Value>,
  { signal, momentMs = 2_000 }: ReadingLimits,
): Promise<Value> =>
  database.exclusive(async (queries) => {
    await queries.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // A transaction sees what there is at its first question. It ends with its connection.
    const moment = await at(() => within(queries.query('SELECT 1'), momentMs, signal));
    return read(queries, moment);
  }, signal);

const within = async (seen: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> => {
  const over = new AbortController();
  const late = pause(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(() => {
    throw storeError('database_unavailable', `PostgreSQL does not answer on this connection within ${ms} ms.`);
  });
  try {
    await Promise.race([seen, late]);
  } finally {
    over.abort();
  }
};
