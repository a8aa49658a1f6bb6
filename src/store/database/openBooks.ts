import { databaseLimits, type Database } from './Database.ts';

const openNext = 'SELECT archipel.open_next_month()::text AS month';

/**
 * Books what was there before there were journals, month by month, each in a transaction of its own: whoever breaks off leaves the rest to the next one. Readers and
 * shipments go on meanwhile, and so does whoever else books.
 * @param signal Ends it at once.
 * @returns the months that were booked now, such as "2026-11-01". @throws CodedError database_unavailable; the signal's reason where it was aborted before.
 */
export const openBooks = async (database: Database, signal: AbortSignal): Promise<readonly string[]> => {
  signal.throwIfAborted();
  const session = await database.session({ purpose: 'opening the books', queryMs: databaseLimits.copyMs });
  const end = (): void => void session.end();
  signal.addEventListener('abort', end);
  try {
    signal.throwIfAborted();
    const months: string[] = [];
    for (;;) {
      const [row] = await session.query<{ month: string | null }>(openNext);
      if (!row?.month) return months;
      months.push(row.month);
    }
  } finally {
    signal.removeEventListener('abort', end);
    await session.end();
  }
};
