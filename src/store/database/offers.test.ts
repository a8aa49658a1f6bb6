import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryPostgres } from '../temporaryPostgres.ts';
import type { TemporaryPostgres } from '../temporaryPostgres.ts';
import { migrate } from './migrate.ts';
import { readOfferLists, saveOfferList, type StoredOfferList } from './offers.ts';

let server: TemporaryPostgres;

beforeAll(async () => {
  server = await temporaryPostgres();
  await migrate(server.database);
});
afterAll(() => server.remove());

const list = (name: string, more: Partial<StoredOfferList> = {}): StoredOfferList => ({
  name,
  date: '2026-07-02',
  importedAtMs: Date.UTC(2026, 10, 25, 12, 30, 1, 250),
  importedBy: 'ops',
  csv: 'cloud,region\r\n"a, b","é ""quoted""\n"\n',
  ...more,
});

test('lists come back to the letter, by name, with day, time and who imported them', async () => {
  expect(await readOfferLists(server.database)).toEqual([]);
  await saveOfferList(server.database, list('two', { date: null }));
  await saveOfferList(server.database, list('one'));
  expect(await readOfferLists(server.database)).toEqual([list('one'), list('two', { date: null })]);
});

test('a newer list takes the place of the one of its name whole, and of no other', async () => {
  const newer = list('one', { date: '2026-12-01', importedAtMs: Date.UTC(2026, 11, 2), importedBy: 'other', csv: 'x' });
  await saveOfferList(server.database, newer);
  expect(await readOfferLists(server.database)).toEqual([newer, list('two', { date: null })]);
});

test('the day of the prices is a day in every time zone of the database', async () => {
  for (const zone of ['Pacific/Auckland', 'Pacific/Honolulu']) {
    await server.database.transaction(async (queries) => {
      await queries.query(`SET LOCAL TIME ZONE '${zone}'`);
      await saveOfferList(queries, list('one'));
      expect((await readOfferLists(queries))[0]).toEqual(list('one'));
    });
  }
});
