import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Operator } from '../../http/index.ts';
import { silentLog } from '../../kernel/index.ts';
import { openTestLedger, type TestLedger } from '../openTestLedger.fixture.ts';
import { OfferLists } from './OfferLists.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.database.query('DELETE FROM archipel.offer_list'));

const operator: Operator = { name: 'ops', rights: new Set(), teams: null };
const csv = readFileSync(join(import.meta.dirname, '../../../test/fixtures/offers/gpu-offers.csv'), 'utf8');
const list = { name: 'gpu-offers', date: '2026-07-02', csv };

/** The lists as a process reads them at its start, and what it said of them. */
const open = async (): Promise<{ readonly lists: OfferLists; readonly errors: readonly unknown[] }> => {
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (_event: string, fields?: unknown) => void errors.push(fields) };
  const lists = new OfferLists(ledger.database, ledger.clock, log);
  await lists.load();
  return { lists, errors };
};

const hourOf = ({ book }: OfferLists): bigint | undefined =>
  book.pricesOf('aws', 'us-east-1', 'H100').onDemand?.hourNanoUsd;

describe('a list of offers', () => {
  test('counts from its import on, and after the next start', async () => {
    const { lists } = await open();
    expect(hourOf(lists)).toBeUndefined();
    expect(await lists.import(list, operator)).toMatchObject({ ok: true, value: { name: 'gpu-offers' } });
    const hour = hourOf(lists);
    expect(hour).toBeGreaterThan(0n);
    const next = await open();
    expect(hourOf(next.lists)).toBe(hour);
    expect(next.lists.shown('H100')).toEqual(lists.shown('H100'));
    expect(next.errors).toEqual([]);
  });

  test('takes the place of the one of its name, and of no other', async () => {
    const { lists } = await open();
    const short = csv.split('\n').slice(0, 2).join('\n');
    await lists.import(list, operator);
    await lists.import({ ...list, name: 'other' }, operator);
    expect(await lists.import({ ...list, csv: short }, operator)).toMatchObject({ ok: true, value: { rows: 1 } });
    for (const { book } of [lists, (await open()).lists]) {
      const rows = new Map(book.lists.map((one) => [one.name, one.rows.length]));
      expect([rows.size, rows.get('gpu-offers')]).toEqual([2, 1]);
      expect(rows.get('other')).toBeGreaterThan(1_000);
    }
  });

  test('that is wrong changes nothing, here and in the database', async () => {
    const { lists } = await open();
    await lists.import(list, operator);
    const { book } = lists;
    const wrong = await lists.import({ ...list, csv: csv.replace('region', 'regoin') }, operator);
    expect(wrong).toMatchObject({
      ok: false,
      fault: { code: 'offers_invalid', message: expect.stringContaining('line 1') },
    });
    expect(lists.book).toBe(book);
    expect(hourOf((await open()).lists)).toBe(hourOf(lists));
  });

  test('that can no longer be read is left out, and told; the others count', async () => {
    const { lists } = await open();
    await lists.import(list, operator);
    await lists.import({ ...list, name: 'torn' }, operator);
    await ledger.database.query("UPDATE archipel.offer_list SET csv = 'no list' WHERE name = 'torn'");
    const next = await open();
    expect(next.lists.book.lists.map(({ name }) => name)).toEqual(['gpu-offers']);
    expect(next.errors).toEqual([{ name: 'torn' }]);
  });
});
