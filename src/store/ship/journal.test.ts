import { describe, expect, onTestFinished, test } from 'vitest';
import { Secret, silentLog, UuidV7Maker } from '../../kernel/index.ts';
import type { FinalRecord, IntentRecord } from '../../vocabulary/index.ts';
import {
  attemptTotals,
  correctAttempts,
  ledgerAccounts,
  migrate,
  openDatabase,
  readMigrations,
  requestCorrections,
  type AttemptCorrection,
  type Database,
} from '../database/index.ts';
import { openBooks } from '../database/openBooks.ts';
import { emptyLedger, withoutGuards } from '../database/withoutGuards.fixture.ts';
import { exampleRequest, noonMs } from '../exampleRecords.ts';
import type { Spool } from '../spool/index.ts';
import { migratedPostgres } from '../migratedPostgres.fixture.ts';
import { checkLeases } from '../verify/checkLeases.ts';
import { LedgerFaults } from '../verify/LedgerFaults.ts';
import { verifyLedger } from '../verify/verifyLedger.ts';
import { attempt, shipInto, soon, temporarySpool } from './shipping.fixture.ts';

const { database, server } = migratedPostgres();

const ids = new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes));

/** The sum of each account, in nano-USD. */
const accounts = async (of: Database = database): Promise<Readonly<Record<string, string>>> => {
  const rows = await of.query<{ account: string; amount: string }>(
    'SELECT account, sum(amount_nano_usd)::text AS amount FROM archipel.journal_line GROUP BY account ORDER BY account',
  );
  return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]));
};

interface Journal {
  readonly organisation: string;
  readonly month: string;
  readonly kind: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly attempts: string;
}

const journals = (of: Database = database): Promise<readonly Journal[]> =>
  of.query<Journal & Record<string, unknown>>(
    `SELECT organisation_id AS organisation, month::text, kind, from_sequence AS "from", to_sequence AS "to", attempts
     FROM archipel.journal ORDER BY organisation_id, month, journal_id`,
  );

const ranges = (spool: Spool): Promise<readonly object[]> =>
  database.query(
    'SELECT from_sequence::integer AS "from", to_sequence::integer AS "to" FROM archipel.spool_range WHERE spool = $1 ORDER BY from_sequence',
    [spool.instance],
  );

const faultsOf = async (spool: Spool): Promise<readonly (readonly [string, string])[]> =>
  (await verifyLedger(database, spool.directory)).faults.map(({ kind, id }) => [kind, id]);

const dayMs = Date.UTC(2026, 10, 15);

/** Puts down what replicas have spent of a budget on the day of the examples. */
const spend = async (scope: string, spent: bigint, countedAs: string | null = '["day","UTC",null]'): Promise<void> => {
  await database.query('INSERT INTO archipel.budget_spend VALUES ($1, $2, $3::bigint, $4, $5::numeric, $6::bigint)', [
    'default',
    scope,
    dayMs,
    countedAs,
    spent.toString(),
    dayMs + 86_400_000,
  ]);
};

const spends = async (): Promise<Readonly<Record<string, string>>> => {
  const rows = await database.query<{ scope: string; spent: string }>(
    'SELECT scope, spent_nano_usd AS spent FROM archipel.budget_spend ORDER BY scope',
  );
  return Object.fromEntries(rows.map(({ scope, spent }) => [scope, spent]));
};

/** Ships what was appended, in one batch for each call. */
const ship = async (spool: Spool, into: Database = database): Promise<void> => {
  await spool.flush();
  const shipper = shipInto(into, spool);
  await shipper.drain(soon());
  await shipper.stop();
};

describe('a journal', () => {
  test('books each amount with its opposite, for each organisation and month, and follows the one before', async () => {
    const spool = await temporarySpool();
    const december = { startedAtMs: Date.UTC(2026, 11, 1) };
    attempt(spool, { contract: null }, { amountNanoUsd: '5' });
    attempt(spool, { team: 'sales', key: 'till' }, { amountNanoUsd: '7' });
    attempt(spool, december, { amountNanoUsd: '11' });
    await ship(spool);
    attempt(spool, { vendor: 'borealis' }, { amountNanoUsd: '13' });
    attempt(spool, { organisation: 'other' }, { amountNanoUsd: '0', lines: [] });
    await ship(spool);
    expect(await accounts()).toEqual({
      'commitment:aurora-pool': '-31',
      'drawdown:aurora-pool': '31',
      'payable:aurora': '-23',
      'payable:borealis': '-13',
      'spend:research/demo': '29',
      'spend:sales/till': '7',
    });
    const payable = { organisation: 'default', account: 'payable:aurora', debitNanoUsd: '0', creditNanoUsd: '23' };
    expect(await ledgerAccounts(database)).toContainEqual({ ...payable, balanceNanoUsd: '-23' });
    const shipment = { organisation: 'default', kind: 'shipment' };
    expect(await journals()).toEqual([
      { ...shipment, month: '2026-11-01', from: '0', to: '6', attempts: '2' },
      { ...shipment, month: '2026-11-01', from: '6', to: '10', attempts: '1' },
      { ...shipment, month: '2026-12-01', from: '0', to: '6', attempts: '1' },
      { ...shipment, organisation: 'other', month: '2026-11-01', from: '0', to: '10', attempts: '1' },
    ]);
    expect(await ranges(spool)).toEqual([{ from: 0, to: 10 }]);
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('is not written for what was there before, and what came again after a loss is told apart', async () => {
    const spool = await temporarySpool();
    const finals = Array.from({ length: 3 }, () => attempt(spool));
    await ship(spool);
    await database.query('UPDATE archipel.spool_range SET to_sequence = 2');
    await withoutGuards(database, (queries) =>
      queries.query('DELETE FROM archipel.attempt WHERE attempt_id = $1', [finals[1]!.attemptId]),
    );
    attempt(spool);
    await ship(spool);
    expect((await journals()).map(({ kind, from, to, attempts }) => [kind, from, to, attempts])).toEqual([
      ['shipment', '0', '6', '3'],
      ['shipment', '6', '8', '2'],
    ]);
    expect(await ranges(spool)).toEqual([{ from: 0, to: 8 }]);
    const [first] = await database.query<{ id: string }>(
      'SELECT journal_id AS id FROM archipel.journal WHERE to_sequence = 6',
    );
    // The first journal misses the attempt that was taken from it; the other one has it now.
    expect(await faultsOf(spool)).toEqual([['journal_differs', first!.id]]);
  });

  test('with lines that do not sum to zero is refused by the database, also in a partition', async () => {
    const spool = await temporarySpool();
    attempt(spool);
    await ship(spool);
    const insert = (table: 'journal_line' | 'journal_line_2026_11', amount: number) =>
      database.query(
        `INSERT INTO archipel.${table} VALUES ('default', '2026-11-01', $1, 'one', 5), ('default', '2026-11-01', $1, 'other', $2)`,
        [ids.next(noonMs), amount],
      );
    for (const table of ['journal_line', 'journal_line_2026_11'] as const) {
      await expect(insert(table, -4)).rejects.toThrow(/lines of journal .* sum to 1 nano-USD, not to 0/);
      await insert(table, -5);
    }
  });
});

describe('what is append-only', () => {
  const tables = ['attempt', 'request', 'journal', 'journal_line'];
  const changes = [
    ['UPDATE', (table: string) => `UPDATE archipel.${table} SET month = month`],
    ['DELETE', (table: string) => `DELETE FROM archipel.${table}`],
    ['TRUNCATE', (table: string) => `TRUNCATE archipel.${table}`],
  ] as const;

  test.each(changes)('cannot be changed by %s, whole or in a partition', async (name, sqlOf) => {
    const spool = await temporarySpool();
    spool.append(exampleRequest([attempt(spool)]));
    await ship(spool);
    for (const table of tables.flatMap((whole) => [whole, `${whole}_2026_11`]))
      await expect(database.query(sqlOf(table)), table).rejects.toThrow(`is append-only: ${name} is refused`);
    expect(await faultsOf(spool)).toEqual([]);
  });
});

describe('ranges', () => {
  test('of a spool stay whole where the database refuses a record, which they count', async () => {
    const spool = await temporarySpool();
    await database.query("ALTER TABLE archipel.attempt ADD CONSTRAINT planted CHECK (team <> 'poison')");
    onTestFinished(async () => {
      await database.query('ALTER TABLE archipel.attempt DROP CONSTRAINT planted');
    });
    attempt(spool);
    const bad = attempt(spool, { team: 'poison' });
    attempt(spool);
    await ship(spool);
    expect(await ranges(spool)).toEqual([{ from: 0, to: 6 }]);
    expect(await database.query('SELECT spool, sequence FROM archipel.rejected_record')).toEqual([
      { spool: spool.instance, sequence: '4' },
    ]);
    expect(await faultsOf(spool)).toEqual([
      ['missing_attempt', bad.attemptId],
      ['rejected_record', bad.attemptId],
    ]);
  });

  test('tell what a copy of the database that was behind lacks, and have it shipped again, also to a process that has just started', async () => {
    const spool = await temporarySpool();
    for (let count = 0; count < 3; count++) attempt(spool);
    await ship(spool);
    // As the copy knows it: the first attempt alone.
    await withoutGuards(database, async (queries) => {
      await queries.query('UPDATE archipel.spool_range SET to_sequence = 2');
      await queries.query('TRUNCATE archipel.attempt, archipel.journal, archipel.journal_line');
    });
    attempt(spool);
    await ship(spool);
    expect(await ranges(spool)).toEqual([{ from: 0, to: 8 }]);
    const [count] = await database.query('SELECT count(*)::integer AS attempts FROM archipel.attempt');
    expect(count).toEqual({ attempts: 4 });
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('with a gap that the spool can no longer fill are told by verify, for good', async () => {
    const spool = await temporarySpool(2048);
    for (let count = 0; count < 20; count++) attempt(spool);
    await ship(spool);
    await emptyLedger(database);
    Object.defineProperty(spool, 'start', { value: { ...spool.shipped } });
    attempt(spool);
    await ship(spool);
    expect(await ranges(spool)).toEqual([{ from: 40, to: 42 }]);
    const { faults } = await verifyLedger(database, spool.directory);
    expect(faults.find(({ kind }) => kind === 'missing_range')).toEqual({
      kind: 'missing_range',
      id: spool.instance,
      detail: 'records 1 to 40 of this spool never came to this database',
    });
  });

  test('that end before the checkpoint are told', async () => {
    const spool = await temporarySpool();
    for (let count = 0; count < 2; count++) attempt(spool);
    await ship(spool);
    await database.query('UPDATE archipel.spool_range SET to_sequence = 2');
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([
      { kind: 'missing_range', id: spool.instance, detail: 'shipped up to record 4, the database has 2' },
    ]);
  });
});

describe('verify', () => {
  /** What somebody does who has put the guards aside, to the first of two journals ($1), and what verify must say. */
  const tamperings = [
    [
      'a deleted line',
      "DELETE FROM archipel.journal_line WHERE journal_id = $1 AND account LIKE 'spend%'",
      ['journal_unbalanced', 'journal_differs'],
    ],
    [
      'lines that were changed so that they still balance',
      `UPDATE archipel.journal_line SET amount_nano_usd = amount_nano_usd * 2 WHERE journal_id = $1`,
      ['journal_differs'],
    ],
    [
      'lines under another account',
      "UPDATE archipel.journal_line SET account = account || 'x' WHERE journal_id = $1",
      ['journal_differs'],
    ],
    [
      'a deleted journal',
      'DELETE FROM archipel.journal WHERE journal_id = $1',
      ['journal_missing', 'journal_out_of_order', 'journal_differs'],
    ],
    [
      'a journal deleted with all that it booked',
      `WITH lines AS (DELETE FROM archipel.journal_line WHERE journal_id = $1), attempts AS (DELETE FROM archipel.attempt WHERE journal_id = $1)
       DELETE FROM archipel.journal WHERE journal_id = $1`,
      ['missing_attempt', 'journal_out_of_order'],
    ],
  ] as const;

  test.each(tamperings)('control: %s is found', async (_name, sql, kinds) => {
    const spool = await temporarySpool();
    attempt(spool);
    await ship(spool);
    attempt(spool);
    await ship(spool);
    expect(await faultsOf(spool)).toEqual([]);
    const [first] = await database.query<{ id: string }>(
      'SELECT journal_id AS id FROM archipel.journal ORDER BY 1 LIMIT 1',
    );
    await withoutGuards(database, (queries) => queries.query(sql, [first!.id]));
    expect((await faultsOf(spool)).map(([kind]) => kind)).toEqual([...kinds]);
  });

  test('holds what replicas have spent against the attempts that name the budget, and against those before it was counted', async () => {
    const spool = await temporarySpool();
    attempt(spool, {
      budgets: [
        ['team:research', dayMs],
        ['team:research/user/3f1a', dayMs],
      ],
    });
    attempt(spool, { team: 'sales', key: 'till' });
    attempt(spool, { team: 'sales', key: 'till', model: 'image-small' });
    await ship(spool);
    await spend('team:research', 2_400_000n);
    await spend('team:research/user/3f1a', 2_400_000n, null);
    await spend('team:sales', 4_800_000n);
    await spend('key:till/images', 2_400_000n, '["day","UTC",["image-*"]]');
    await spend('organisation:default', 2_400_000n);
    expect(await faultsOf(spool)).toEqual([]);
    const planted = async (scope: string, by: number) => {
      const change = 'UPDATE archipel.budget_spend SET spent_nano_usd = spent_nano_usd + $2::numeric WHERE scope = $1';
      await database.query(change, [scope, by]);
      const { faults } = await verifyLedger(database, spool.directory);
      await database.query(change, [scope, -by]);
      return faults.map(({ kind, id, detail }) => [kind, id, detail.replace(/.*: /, '')]);
    };
    for (const scope of ['team:research', 'team:research/user/3f1a'])
      for (const by of [-1, 1])
        expect(await planted(scope, by)).toEqual([
          ['budget_differs', scope, `${2_400_000 + by} spent, its attempts say 2400000`],
        ]);
    expect(await planted('key:till/images', 1)).toEqual([
      ['budget_differs', 'key:till/images', '2400001 spent, its attempts say between 0 and 2400000'],
    ]);
    expect(await planted('team:sales', -4_800_001)).toHaveLength(1);
    expect(await planted('organisation:default', 4_800_001)).toHaveLength(1);
  });

  test('holds what replicas were granted of a running budget against its cap', async () => {
    const spool = await temporarySpool();
    attempt(spool, {
      budgets: [
        ['team:research', dayMs],
        ['team:research/user/3f1a', dayMs],
      ],
    });
    await ship(spool);
    await spend('team:research', 2_400_000n);
    await spend('team:research/user/3f1a', 2_400_000n, null);
    const lease = (scope: string, granted: number, used: number) =>
      database.query(
        `INSERT INTO archipel.budget_lease VALUES ('default', $1, $2::bigint, gen_random_uuid(), $2::bigint, $3::numeric, $4::numeric, 0, now(), now())`,
        [scope, dayMs, granted, used],
      );
    const window = { organisation: 'default', capNanoUsd: 2_400_100n, fromMs: dayMs, spentFromMs: dayMs };
    const windows = [
      { ...window, scope: 'team:research', isBeginning: false },
      { ...window, scope: 'team:research/user/', isBeginning: true },
    ];
    const beyond = async () => {
      const faults = new LedgerFaults();
      await database.exclusive((queries) => checkLeases(queries, windows, faults, () => Promise.resolve()));
      return faults.all().map(({ kind, id }) => [kind, id]);
    };
    for (const { scope } of windows.map((one) => (one.isBeginning ? { scope: `${one.scope}3f1a` } : one))) {
      await lease(scope, 60, 0);
      await lease(scope, 40, 10);
      expect(await beyond()).toEqual([]);
      await lease(scope, 1, 0);
      expect(await beyond()).toEqual([['leases_beyond_cap', scope]]);
      await database.query('TRUNCATE archipel.budget_lease');
    }
  });

  test('leaves out what lies in a month that was let go, and not what a database that is behind lacks', async () => {
    const spool = await temporarySpool();
    const [february, march] = [1, 2].map((month) => attempt(spool, { startedAtMs: Date.UTC(2027, month, 3) }));
    spool.append(exampleRequest([february!]));
    await ship(spool);
    await database.query(
      'DROP TABLE archipel.attempt_2027_02, archipel.request_2027_02, archipel.journal_2027_02, archipel.journal_line_2027_02',
    );
    expect(await verifyLedger(database, spool.directory)).toMatchObject({
      checked: { finals: 1, requests: 0 },
      gone: 2,
      faults: [],
    });
    await database.query(
      'DROP TABLE archipel.attempt_2027_03, archipel.request_2027_03, archipel.journal_2027_03, archipel.journal_line_2027_03',
    );
    expect(await faultsOf(spool)).toContainEqual(['missing_attempt', march!.attemptId]);
  });

  test('tells a hundred faults of a kind and no more', async () => {
    const spool = await temporarySpool();
    for (let count = 0; count < 150; count++) attempt(spool);
    await ship(spool);
    await withoutGuards(database, (queries) => queries.query("UPDATE archipel.attempt SET outcome = '{}'"));
    expect(await faultsOf(spool)).toHaveLength(100);
  });
});

describe('a correction', () => {
  const correction = ({ attemptId }: FinalRecord, change: Partial<AttemptCorrection> = {}): AttemptCorrection => ({
    attemptId,
    revision: 1,
    usage: { output: -20 },
    lines: [
      {
        bucket: 'output',
        units: -20,
        priceNanoUsdPerMillion: '50000000000',
        discount: '0',
        amountNanoUsd: '-1000000',
        source: 'bill',
      },
    ],
    amountNanoUsd: '-1000000',
    listNanoUsd: '-1000000',
    rangeNanoUsd: ['-1000000', '-1000000'],
    ...change,
  });

  const booked = async (...corrections: readonly AttemptCorrection[]) => {
    const journal = { organisation: 'default', journalId: ids.next(noonMs), reason: 'bill of November', corrections };
    return { journal, count: await correctAttempts(database, journal) };
  };

  const shippedAttempt = async (intent: Partial<IntentRecord> = {}) => {
    const spool = await temporarySpool();
    const final = attempt(spool, intent);
    await ship(spool);
    return { spool, final };
  };

  test('is a further revision with a journal of its own, and is booked once', async () => {
    const { spool, final } = await shippedAttempt();
    const { journal, count } = await booked(correction(final));
    expect(count).toBe(1);
    expect(await correctAttempts(database, journal)).toBe(0);
    expect(await booked(correction(final, { revision: 2 }))).toMatchObject({ count: 1 });
    expect(await accounts()).toEqual({
      'commitment:aurora-pool': '-400000',
      'drawdown:aurora-pool': '400000',
      'payable:aurora': '-400000',
      'spend:research/demo': '400000',
    });
    expect(await attemptTotals(database, { organisation: 'default', fromMs: noonMs, keys: ['team'] })).toMatchObject([
      { attempts: 1, amountNanoUsd: '400000', upToNanoUsd: '400000' },
    ]);
    expect((await journals()).map(({ kind }) => kind).toSorted()).toEqual(['correction', 'correction', 'shipment']);
    const told = await requestCorrections(database, 'default', final.requestId);
    expect(
      told.map(({ attemptId, revision, reason, amountNanoUsd }) => [attemptId, revision, reason, amountNanoUsd]),
    ).toEqual([
      [final.attemptId, 1, 'bill of November', '-1000000'],
      [final.attemptId, 2, 'bill of November', '-1000000'],
    ]);
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('corrects what replicas have spent of the budgets that it names, in the windows of its holds, and of no others', async () => {
    const { spool, final } = await shippedAttempt({ budgets: [['team:research', dayMs]] });
    await spend('team:research', 2_400_000n);
    await spend('key:demo', 2_400_000n);
    await booked(correction(final));
    await booked(correction(final, { revision: 2, amountNanoUsd: '0', lines: [], rangeNanoUsd: ['0', '0'] }));
    expect(await spends()).toEqual({ 'key:demo': '2400000', 'team:research': '1400000' });
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('takes from budgets what an attempt of unknown cost can no longer have cost', async () => {
    const spool = await temporarySpool();
    const unknown = { outcome: { kind: 'unknown' }, basis: 'unknown', amountNanoUsd: '0', lines: [] } as const;
    const final = attempt(spool, { budgets: [['team:research', dayMs]] }, { ...unknown, rangeNanoUsd: ['0', '9000'] });
    await ship(spool);
    await spend('team:research', 9_000n);
    await booked(correction(final, { amountNanoUsd: '0', lines: [], rangeNanoUsd: ['4000', '-5000'] }));
    expect(await spends()).toEqual({ 'team:research': '4000' });
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('mends what a vendor absurdly reported, which verify tells until then', async () => {
    const spool = await temporarySpool();
    const absurd = attempt(spool, {}, { usage: { input: Number.MAX_SAFE_INTEGER, output: 50, requests: 1 } });
    attempt(spool, {}, { usage: { input: 9_999_999_999, requests: 1 } });
    await ship(spool);
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([
      {
        kind: 'implausible_usage',
        id: absurd.attemptId,
        detail: 'aurora says 9007199254741041 tokens in one attempt, and 2400000 nano-USD are booked for it',
      },
    ]);
    await booked(correction(absurd, { usage: { input: 1_000 - Number.MAX_SAFE_INTEGER } }));
    expect(await faultsOf(spool)).toEqual([]);
  });

  test('is refused whole where one of its attempts is not there, or was corrected since', async () => {
    const { spool, final } = await shippedAttempt();
    const nobody = { ...final, attemptId: ids.next(noonMs) };
    await expect(booked(correction(final), correction(nobody))).rejects.toMatchObject({ code: 'correction_refused' });
    await booked(correction(final));
    await expect(booked(correction(final))).rejects.toMatchObject({ code: 'correction_refused' });
    await expect(booked(correction(final, { revision: 3 }))).rejects.toMatchObject({ code: 'correction_refused' });
    await expect(booked(correction(final, { amountNanoUsd: '1' }))).rejects.toThrow('sum to its amount');
    const [row] = await database.query('SELECT count(*)::integer AS rows FROM archipel.attempt');
    expect(row).toEqual({ rows: 2 });
    expect(await faultsOf(spool)).toEqual([]);
  });
});

test('an opening books what was there before there were journals, and what a process of an earlier version wrote since', async () => {
  await database.query('CREATE DATABASE older');
  const url = new URL(server().postgres.url.reveal());
  url.pathname = '/older';
  const older = openDatabase({ url: new Secret(url.href), log: silentLog });
  onTestFinished(() => older.close());
  const writeAsBefore = async (ms: number, amount: number): Promise<void> => {
    const id = new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes)).next(ms);
    await older.query('SELECT archipel.ensure_month(archipel.uuid_month($1))', [id]);
    await older.query(
      `INSERT INTO archipel.attempt (
         organisation_id, month, attempt_id, request_id, attempt, team, key_name, model, provider, target_model, vendor, hosts, wire, operation, stream,
         started_at_ms, duration_ms, outcome_kind, outcome, basis, usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h,
         usage_input_audio, usage_input_image, usage_output, usage_reasoning, usage_output_audio, usage_output_image, usage_requests, lines,
         amount_nano_usd, list_nano_usd, range_low_nano_usd, range_high_nano_usd, edits
       ) VALUES (
         'default', archipel.uuid_month($1), $1, $1, 1, 't', 'k', 'm', 'p', 'm', 'v', '{}', 'w', 'generate', false,
         0, 0, 'ok', '{"kind": "ok"}', 'reported', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, jsonb_build_array(jsonb_build_object('amountNanoUsd', $2::text)),
         $2::numeric, 0, 0, 0, '{}'
       )`,
      [id, amount],
    );
  };
  await migrate(older, (await readMigrations()).slice(0, 6));
  await writeAsBefore(Date.UTC(2026, 9, 5), 3);
  await writeAsBefore(noonMs, 4);
  await writeAsBefore(noonMs, 5);
  await migrate(older);
  const spool = await temporarySpool();
  const verified = async () => (await verifyLedger(older, spool.directory)).faults;
  // The migration itself reads no attempts. Another program that is at a month holds nobody up, and readers and shipments go on.
  expect(await journals(older)).toEqual([]);
  expect((await verified()).map(({ kind }) => kind)).toContain('attempt_without_journal');
  const elsewhere = await older.session({ purpose: 'test', queryMs: 10_000 });
  await elsewhere.query('BEGIN; LOCK archipel.journal IN ROW EXCLUSIVE MODE');
  await elsewhere.query("SELECT FROM archipel.unbooked_month WHERE month = '2026-10-01' FOR UPDATE");
  expect(await openBooks(older, new AbortController().signal)).toEqual(['2026-11-01']);
  await elsewhere.query('ROLLBACK');
  await elsewhere.end();
  expect(await openBooks(older, new AbortController().signal)).toEqual(['2026-10-01']);
  const nothing = { from: null, to: null, organisation: 'default', kind: 'opening' };
  expect(await journals(older)).toEqual([
    { ...nothing, month: '2026-10-01', attempts: '1' },
    { ...nothing, month: '2026-11-01', attempts: '2' },
  ]);
  expect(await accounts(older)).toEqual({ 'payable:v': '-12', 'spend:t/k': '12' });
  expect(await verified()).toEqual([]);
  await writeAsBefore(noonMs, 6);
  const found = await verified();
  expect(found.map(({ kind }) => kind)).toEqual(['journal_differs', 'attempt_without_journal']);
  expect(found[1]!.detail).toContain('1 attempts of 2026-11');
  expect(await older.query('SELECT archipel.open_books()::integer AS count')).toEqual([{ count: 1 }]);
  expect(await older.query('SELECT archipel.open_books()::integer AS count')).toEqual([{ count: 0 }]);
  expect(await verified()).toEqual([]);
  expect(await accounts(older)).toEqual({ 'payable:v': '-18', 'spend:t/k': '18' });
  await expect(older.query('TRUNCATE archipel.attempt_2026_10')).rejects.toThrow('append-only');
  const rangesOf = ({ instance }: Spool) =>
    older.query('SELECT from_sequence, to_sequence FROM archipel.spool_range WHERE spool = $1', [instance]);
  // A spool of which this database has no range is shipped from where it begins: here nothing of it was there.
  attempt(spool);
  await ship(spool);
  attempt(spool);
  await ship(spool, older);
  expect(await rangesOf(spool)).toEqual([{ from_sequence: '0', to_sequence: '4' }]);
  expect(await verified()).toEqual([]);
  // What it no longer holds was shipped before there were ranges, and nobody misses it.
  const late = await temporarySpool();
  attempt(late);
  await ship(late);
  Object.defineProperty(late, 'start', { value: { ...late.shipped } });
  attempt(late);
  await ship(late, older);
  expect(await rangesOf(late)).toEqual([{ from_sequence: '2', to_sequence: '4' }]);
  expect((await verifyLedger(older, late.directory)).faults.map(({ kind }) => kind)).toEqual(['missing_attempt']);
});
