import { expect, test } from 'vitest';
import type { Database } from './Database.ts';
import { readAsOf } from './readAsOf.ts';

/** A connection that goes silent where the moment begins. */
const silent: Pick<Database, 'exclusive'> = {
  exclusive: (act) =>
    act({ query: (sql) => (sql.startsWith('BEGIN') ? Promise.resolve([]) : Promise.withResolvers<never>().promise) }),
};

const readSilent = (signal: AbortSignal, momentMs?: number): Promise<string> =>
  readAsOf(
    silent,
    (see) => see(),
    () => Promise.resolve('read'),
    { signal, ...(momentMs === undefined ? {} : { momentMs }) },
  );

test('a moment that does not come on a silent connection is given up shortly, and at once by whoever stops', async () => {
  await expect(readSilent(new AbortController().signal, 1)).rejects.toMatchObject({ code: 'database_unavailable' });
  const stopped = new AbortController();
  const reading = readSilent(stopped.signal);
  stopped.abort();
  await expect(reading).rejects.toThrow(/abort/);
});
