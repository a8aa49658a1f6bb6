import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FinalRecord, LedgerSlice } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, noonMs } from '../exampleRecords.ts';
import { insertRecords } from '../ship/insertRecords.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import { migrate, slicesByInterval, slicesByPeriod, type DatabaseSession } from './index.ts';
import { withoutGuards } from './withoutGuards.fixture.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const midnightMs = noonMs - dayMs / 2;
let server: TemporaryPostgres;
let session: DatabaseSession;

beforeAll(async () => {
  server = await temporaryPostgres();
  await migrate(server.database);
  await server.database.query("SELECT archipel.ensure_month('2026-11-01'), archipel.ensure_month('2026-12-01')");
  session = await server.database.session({ purpose: 'test', queryMs: 10_000 });
});
afterAll(async () => {
  await session.end();
  await server.remove();
});
beforeEach(() => withoutGuards(server.database, (queries) => queries.query('TRUNCATE archipel.attempt')));

const line = (bucket: 'input' | 'output', units: number, amountNanoUsd: string) => ({
  bucket,
  units,
  amountNanoUsd,
  priceNanoUsdPerMillion: '2000000000',
  discount: '0',
  source: 'sandbox',
});

const final = (startedAtMs: number, change: Partial<FinalRecord> = {}): FinalRecord =>
  exampleFinal(exampleIntent({ startedAtMs }), { lines: [line('input', 1_000, '2000000')], ...change });

const insert = (...records: readonly FinalRecord[]) =>
  insertRecords(server.database, {
    journalId: crypto.randomUUID(),
    range: { spool: crypto.randomUUID(), fromSequence: 0, toSequence: records.length },
    finals: records.map((record) => Buffer.from(JSON.stringify(record))),
    requests: [],
    isShared: false,
  });

const read = async (slices: AsyncIterable<LedgerSlice>): Promise<LedgerSlice[]> => Array.fromAsync(slices);

const november = { organisations: ['default'], fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) };
const byDay = (change: object = {}) =>
  read(slicesByPeriod(session, { ...november, by: 'day', without: [], bordersMs: [], ...change }));

describe('slices by period', () => {
  test('gather lines of a day that differ in nothing but when and how much', async () => {
    await insert(final(noonMs), final(noonMs + minuteMs), final(noonMs + dayMs), final(noonMs, { team: 'sales' }));
    const slices = await byDay();
    expect(slices.map(({ fromMs, team, units, amountNanoUsd }) => [fromMs, team, units, amountNanoUsd])).toEqual([
      [midnightMs, 'research', 2000n, 4000000n],
      [midnightMs, 'sales', 1000n, 2000000n],
      [midnightMs + dayMs, 'research', 1000n, 2000000n],
    ]);
    expect(slices[0]).toMatchObject({
      provider: 'aurora',
      hosts: { north: 1 },
      bucket: 'input',
      nanoUsdPerMillion: 2_000_000_000n,
      contract: 'aurora-pool',
      isCorrection: false,
    });
  });

  test('keep each bucket of an attempt apart, and have all of its money', async () => {
    await insert(final(noonMs, { lines: [line('input', 1_000, '2000000'), line('output', 50, '400000')] }));
    expect((await byDay()).map(({ bucket, amountNanoUsd }) => [bucket, amountNanoUsd])).toEqual([
      ['input', 2000000n],
      ['output', 400000n],
    ]);
  });

  test('begin anew at a border, and leave out what they are told to', async () => {
    await insert(
      final(noonMs - 1),
      final(noonMs),
      final(noonMs, { contract: 'reserved' }),
      final(noonMs, { contract: null }),
    );
    const slices = await byDay({ bordersMs: [0, noonMs], without: ['reserved'] });
    expect(slices.map(({ fromMs, contract }) => [fromMs, contract])).toEqual([
      [midnightMs, 'aurora-pool'],
      [noonMs, 'aurora-pool'],
      [noonMs, null],
    ]);
  });

  test('tell what was recorded in a later month than it sets right', async () => {
    await insert(final(noonMs));
    await server.database.query(
      `INSERT INTO archipel.attempt
       SELECT corrected.* FROM archipel.attempt AS kept, jsonb_populate_record(
         NULL::archipel.attempt, to_jsonb(kept) || '{"revision": 1, "recorded_at": "2026-12-02T00:00:00Z"}'
       ) AS corrected`,
    );
    expect((await byDay()).map(({ isCorrection, units }) => [isCorrection, units])).toEqual([
      [false, 1000n],
      [true, 1000n],
    ]);
  });

  test('come whole where there are more than are fetched at once', async () => {
    const many = Array.from({ length: 2_501 }, (_, index) => final(noonMs + index, { key: `key-${index}` }));
    await insert(...many);
    expect(await byDay()).toHaveLength(many.length);
  });
});

test('slices by interval count from the origin of the contract', async () => {
  const contract = 'reserved';
  await insert(final(noonMs + 29_999, { contract }), final(noonMs + 30_000, { contract }), final(noonMs));
  const slices = await read(
    slicesByInterval(session, { ...november, contract, originMs: noonMs - 30_000, intervalMs: minuteMs }),
  );
  expect(slices.map(({ fromMs, units }) => [fromMs, units])).toEqual([
    [noonMs - 30_000, 1000n],
    [noonMs + 30_000, 1000n],
  ]);
});

test('a reader that stops early leaves the connection fit for the next question', async () => {
  await insert(final(noonMs), final(noonMs + dayMs));
  for await (const slice of slicesByPeriod(session, { ...november, by: 'day', without: [], bordersMs: [] })) {
    expect(slice.fromMs).toBe(midnightMs);
    break;
  }
  expect(await byDay()).toHaveLength(2);
});
