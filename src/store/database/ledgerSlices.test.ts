import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FinalRecord, LedgerSlice, RequestRecord } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, noonMs } from '../exampleRecords.ts';
import { insertRecords } from '../ship/insertRecords.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import {
  beginLiveDrill,
  endLiveDrill,
  hasDrillEnded,
  listDrills,
  migrate,
  pastRequests,
  readDrill,
  requestsByMinute,
  saveDrill,
  slicesByInterval,
  slicesByPeriod,
  supplyUse,
  targetTimes,
  type DatabaseSession,
} from './index.ts';
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
const always = { fromMs: 0, untilMs: november.toMs };
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
    const slices = await byDay({ bordersMs: [0, noonMs], without: [{ id: 'reserved', ...always }] });
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
    slicesByInterval(session, {
      ...november,
      contracts: [{ id: contract, ...always }],
      originMs: noonMs - 30_000,
      intervalMs: minuteMs,
    }),
  );
  expect(slices.map(({ fromMs, units }) => [fromMs, units])).toEqual([
    [noonMs - 30_000, 1000n],
    [noonMs + 30_000, 1000n],
  ]);
});

test('what names a contract before it begins or once it is over stands with the use of no contract', async () => {
  const contract = 'reserved';
  const [before, within, after] = [noonMs - 1, noonMs, noonMs + minuteMs];
  await insert(...[before, within, after].map((startedAtMs) => final(startedAtMs, { contract })));
  const inForce = [{ id: contract, fromMs: noonMs, untilMs: after }];
  const origin = { originMs: noonMs, intervalMs: 1 };
  const own = await read(slicesByInterval(session, { ...november, contracts: inForce, ...origin }));
  expect(own.map(({ fromMs, units }) => [fromMs, units])).toEqual([[within, 1000n]]);
  const rest = await byDay({ without: inForce, bordersMs: [0, noonMs] });
  expect(rest.map(({ fromMs, units, contract: named }) => [fromMs, units, named])).toEqual([
    [midnightMs, 1000n, contract],
    [noonMs, 1000n, contract],
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

describe('questions of drills', () => {
  const spool = crypto.randomUUID();

  const keep = async (
    startedAtMs: number,
    needs: readonly string[] | undefined,
    change: Partial<FinalRecord> = {},
    requestChange: Partial<RequestRecord> = {},
  ) => {
    const answered = final(startedAtMs, change);
    const request = exampleRequest([answered], { ...(needs === undefined ? {} : { needs }), ...requestChange });
    await insertRecords(server.database, {
      journalId: crypto.randomUUID(),
      range: { spool, fromSequence: 0, toSequence: 1 },
      finals: [Buffer.from(JSON.stringify(answered))],
      requests: [Buffer.from(JSON.stringify(request))],
      isShared: false,
    });
  };

  test('read what was answered in the order of time, with what it needed where that is known', async () => {
    await keep(noonMs + minuteMs, ['tools', 'images']);
    await keep(noonMs, undefined);
    await keep(noonMs, [], { outcome: { kind: 'cancelled' } });
    const requests = await Array.fromAsync(pastRequests(session, november));
    expect(requests.map(({ startedAtMs, needs }) => [startedAtMs, needs])).toEqual([
      [noonMs, null],
      [noonMs + minuteMs, ['tools', 'images']],
    ]);
    expect(requests[1]).toMatchObject({
      team: 'research',
      key: 'demo',
      model: 'chat-large',
      target: 'aurora/aurora-large',
      usage: { input: 1000, cacheRead: 200, output: 50, reasoning: 10, requests: 1 },
      amountNanoUsd: 2400000n,
      firstContentMs: 120.25,
      durationMs: 900.5,
      ineligible: [{ target: 'borealis/borealis-large', reason: 'over vendor cap 0.45' }],
    });
    expect(await targetTimes(server.database, november)).toEqual([
      { target: 'aurora/aurora-large', firstContentMs: 120.25, durationMs: 900.5 },
    ]);
    expect(await supplyUse(server.database, november)).toMatchObject([
      { provider: 'aurora', hosts: { north: 1 }, spend: 7200000n, tokens: 3780n, requests: 2n },
    ]);
    const nobodyApart = { organisations: [], teams: [], keys: [] };
    const minutes = await Array.fromAsync(requestsByMinute(session, november, nobodyApart));
    expect(minutes.map(({ atMs, needs, requests: count }) => [atMs, needs, count])).toEqual([
      [noonMs, [], 1],
      [noonMs, null, 1],
      [noonMs + minuteMs, ['tools', 'images'], 1],
    ]);
    const callers = { organisations: ['default'], teams: ['research'], keys: ['other'] };
    const apart = await Array.fromAsync(requestsByMinute(session, november, callers));
    expect(apart.map(({ organisation, team, key }) => [organisation, team, key])).toEqual(
      minutes.map(() => ['default', 'research', null]),
    );
  });

  test('read what bore on a choice beside costs, and whether an answer came as a stream', async () => {
    const minute = { ...november, fromMs: noonMs + 5 * minuteMs, toMs: noonMs + 6 * minuteMs };
    const decisions = [{ attempt: 1, chosen: null, candidates: [], rules: ['pinned to aurora'] }];
    await keep(minute.fromMs, [], {}, { decisions, stream: false });
    await keep(minute.fromMs + 1, []);
    const [first, second] = await Array.fromAsync(pastRequests(session, minute));
    expect(first).toMatchObject({ rules: ['pinned to aurora'], stream: false, ineligible: [] });
    expect(first?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toMatchObject({ rules: [], stream: true });
  });

  test('keep a report, and what becomes of it', async () => {
    const id = '01a222d1-66d4-73ea-b40b-fb77eead30b7';
    const drill = {
      id,
      kind: 'live',
      startedBy: 'ops',
      startedAtMs: noonMs,
      endedAtMs: null,
      untilMs: noonMs + minuteMs,
      report: { served: 0, requests: 0 },
    } as const;
    await saveDrill(server.database, drill);
    const ended = { ...drill, endedAtMs: noonMs + 1_000, report: { served: 5, requests: 5 } };
    await saveDrill(server.database, ended);
    expect(await readDrill(server.database, id)).toEqual(ended);
    expect(await listDrills(server.database, 10)).toEqual([{ ...ended, report: { requests: 5 } }]);
    expect(await readDrill(server.database, '01a222d1-66d4-73ea-b40b-000000000000')).toBeNull();
  });

  const liveAt = (id: string, startedAtMs: number) =>
    ({
      id: `01a222d1-66d4-73ea-b40b-${id.padStart(12, '0')}`,
      kind: 'live',
      startedBy: 'ops',
      startedAtMs,
      endedAtMs: null,
      untilMs: startedAtMs + minuteMs,
      report: { state: 'running' },
    }) as const;

  test('let one live drill begin at a time, and anybody end it', async () => {
    const begin = (drill: ReturnType<typeof liveAt>): Promise<boolean> =>
      server.database.transaction((queries) => beginLiveDrill(queries, drill));
    const [one, other] = [liveAt('1', noonMs + minuteMs), liveAt('2', noonMs + minuteMs)];
    const begun = await Promise.all([begin(one), begin(other)]);
    expect(begun.filter(Boolean)).toHaveLength(1);
    const running = begun[0] ? one : other;
    expect(await hasDrillEnded(server.database, running.id)).toBe(false);
    const endedAtMs = running.startedAtMs + 1_000;
    expect(await endLiveDrill(server.database, endedAtMs)).toEqual({
      ...running,
      endedAtMs,
      report: { state: 'stopped' },
    });
    expect(await hasDrillEnded(server.database, running.id)).toBe(true);
    expect(await endLiveDrill(server.database, endedAtMs)).toBeNull();
    expect(await begin(liveAt('3', endedAtMs))).toBe(true);
    // By its time it is over, although nobody has said so.
    expect(await begin(liveAt('4', endedAtMs + minuteMs))).toBe(true);
  });

  test('keep the newest five hundred reports', async () => {
    await server.database.query(
      `INSERT INTO archipel.drill (organisation_id, drill_id, kind, started_by, started_at, until_at, report)
       SELECT 'default', gen_random_uuid(), 'replay', 'ops', timestamptz '2026-01-01' + nr * interval '1 second', now(), '{}'
       FROM generate_series(1, 600) AS series (nr)`,
    );
    await saveDrill(server.database, liveAt('5', noonMs + 10 * minuteMs));
    expect(await listDrills(server.database, 1_000)).toHaveLength(500);
    expect((await listDrills(server.database, 1))[0]?.id).toBe(liveAt('5', 0).id);
  });
});
