import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Secret, silentLog, UuidV7Maker, uuidV7Month } from '../../kernel/index.ts';
import { temporaryPostgres } from '../temporaryPostgres.ts';
import type { TemporaryPostgres } from '../temporaryPostgres.ts';
import {
  insertKey,
  listAudit,
  listKeys,
  migrate,
  openDatabase,
  readMigrations,
  replaceKey,
  revokeKey,
} from './index.ts';
import type { Database, NewApiKey } from './index.ts';

let server: TemporaryPostgres;
let database: Database;

beforeAll(async () => {
  server = await temporaryPostgres();
  database = server.database;
});
afterAll(() => server.remove());

describe('values of a statement', () => {
  /** So large that they are sent from where they stand, and one that is not. */
  const lengths = [10, 32 * 1024 - 1, 32 * 1024, 3_000_000];

  test.each(lengths)('are what was given, with %i bytes among them', async (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_one, index) => (index * 31) % 256));
    const [row] = await database.query(
      `SELECT $1::text AS words, md5($2::bytea) AS sum, $3::int AS count, $4::text AS nothing, $5::text[] AS list,
              $6::bytea = $2 AS same, $7::bigint::text AS large`,
      ['é "', bytes, 7, null, ['a,b', '"'], bytes, 2n ** 60n],
    );
    const sum = createHash('md5').update(bytes).digest('hex');
    expect(row).toEqual({
      words: 'é "',
      sum,
      count: 7,
      nothing: null,
      list: ['a,b', '"'],
      same: true,
      large: `${2n ** 60n}`,
    });
  });

  test('leave the connection as it was where PostgreSQL refuses them', async () => {
    const noJson = Buffer.alloc(40_000, '{');
    await database.transaction(async (queries) => {
      await queries.query('SAVEPOINT before');
      await expect(queries.query('SELECT $1::json', [noJson])).rejects.toThrow(/invalid input syntax for type json/);
      await queries.query('ROLLBACK TO before');
      const list = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, () => 1)));
      expect(await queries.query('SELECT json_array_length($1::json) AS length', [list])).toEqual([{ length: 20_000 }]);
    });
  });
});

describe('migrations', () => {
  test('are applied once, also when several replicas start together', async () => {
    const reports = await Promise.all([migrate(database), migrate(database), migrate(database)]);
    const all = (await readMigrations()).map((migration) => migration.name);
    expect(reports.flatMap((report) => report.applied)).toEqual(all);
    expect(new Set(reports.map((report) => report.version))).toEqual(new Set([all.length]));
  });

  test('are refused when one that was applied has changed', async () => {
    const changed = (await readMigrations()).map((migration) => ({ ...migration, sql: `${migration.sql}\n-- edited` }));
    await expect(migrate(database, changed)).rejects.toMatchObject({ code: 'migration_changed', row: { status: 2 } });
  });

  test('are refused on a database that is newer than the program, with both numbers', async () => {
    const mine = await readMigrations();
    const next = mine.length + 1;
    const newer = [...mine, { number: next, name: `000${next}_later`, sql: 'CREATE TABLE archipel.later (x integer)' }];
    expect((await migrate(database, newer)).applied).toEqual([`000${next}_later`]);
    await expect(migrate(database)).rejects.toMatchObject({
      code: 'database_newer',
      row: { status: 2 },
      message: expect.stringContaining(`at migration ${next}, this program knows ${mine.length}`),
    });
    await database.query('DROP TABLE archipel.later');
    await database.query('DELETE FROM archipel.migration WHERE number = $1', [next]);
    expect((await migrate(database)).applied).toEqual([]);
  });

  test('leave nothing of one that fails halfway', async () => {
    const mine = await readMigrations();
    const number = mine.length + 1;
    const broken = [...mine, { number, name: 'broken', sql: 'CREATE TABLE archipel.half (x integer); SELECT 1 / 0' }];
    await expect(migrate(database, broken)).rejects.toThrow(/division by zero/);
    const there = await database.query<{ half: string | null }>("SELECT to_regclass('archipel.half')::text AS half");
    expect(there).toEqual([{ half: null }]);
    expect((await migrate(database)).version).toBe(mine.length);
  });

  test('leave the attempts of an older program as they were, without accelerator-seconds, and let it write on', async () => {
    const mine = await readMigrations();
    await database.query('CREATE DATABASE older');
    const url = new URL(server.postgres.url.reveal());
    url.pathname = '/older';
    const older = openDatabase({ url: new Secret(url.href), log: silentLog });
    onTestFinished(() => older.close());
    const writeAsBefore = (id: string) =>
      older.query(
        `INSERT INTO archipel.attempt (
           organisation_id, month, attempt_id, request_id, attempt, team, key_name, model, provider, target_model, vendor, hosts, wire, operation, stream,
           started_at_ms, duration_ms, outcome_kind, outcome, basis, usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h,
           usage_input_audio, usage_input_image, usage_output, usage_reasoning, usage_output_audio, usage_output_image, usage_requests, lines,
           amount_nano_usd, list_nano_usd, range_low_nano_usd, range_high_nano_usd, edits
         ) VALUES (
           'default', archipel.uuid_month($1), $1, $1, 1, 't', 'k', 'm', 'p', 'm', 'v', '{}', 'w', 'generate', false,
           0, 0, 'ok', '{"kind": "ok"}', 'reported', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, '[]', 0, 0, 0, 0, '{}'
         )`,
        [id],
      );
    const idIn = (month: number): string => new UuidV7Maker((target) => target.fill(7)).next(Date.UTC(2026, month, 15));
    const monthOfId = (id: string) => older.query('SELECT archipel.ensure_month($1::date)', [`${uuidV7Month(id)}-01`]);

    await migrate(older, mine.slice(0, 1));
    await monthOfId(idIn(10));
    await writeAsBefore(idIn(10));
    expect((await migrate(older)).applied).toEqual(mine.slice(1).map(({ name }) => name));
    await monthOfId(idIn(11));
    await writeAsBefore(idIn(11));
    const rows = await older.query(
      'SELECT month::text, usage_accelerator_seconds FROM archipel.attempt ORDER BY month',
    );
    expect(rows).toEqual([
      { month: '2026-11-01', usage_accelerator_seconds: '0' },
      { month: '2026-12-01', usage_accelerator_seconds: '0' },
    ]);
  });

  test('know the month of an id as the kernel does', async () => {
    const maker = new UuidV7Maker((target) => target.fill(7));
    const ids = fc
      .sample(fc.integer({ min: 0, max: Date.UTC(2200, 0) }), { seed: 7, numRuns: 500 })
      .concat([Date.UTC(2026, 11, 1), Date.UTC(2026, 11, 1) - 1])
      .toSorted((a, b) => a - b)
      .map((ms) => maker.next(ms));
    const rows = await database.query<{ month: string }>(
      "SELECT to_char(archipel.uuid_month(id), 'YYYY-MM') AS month FROM unnest($1::uuid[]) WITH ORDINALITY AS given(id, nth) ORDER BY nth",
      [ids],
    );
    expect(rows.map((row) => row.month)).toEqual(ids.map(uuidV7Month));
  });

  test('make the partitions of a month once, whoever asks', async () => {
    const ask = () => database.query('SELECT archipel.ensure_month($1::date)', ['2031-02-01']);
    await Promise.all([ask(), ask(), ask(), ask()]);
    const rows = await database.query<{ name: string }>(
      "SELECT relname AS name FROM pg_partition_tree('archipel.attempt') JOIN pg_class ON oid = relid WHERE isleaf AND relname LIKE '%2031%'",
    );
    expect(rows).toEqual([{ name: 'attempt_2031_02' }]);
  });
});

describe('the pool', () => {
  test('says that the database is away, as a failure that may pass', async () => {
    const nobody = openDatabase({ url: new Secret('postgres://archipel:x@127.0.0.1:1/postgres'), log: silentLog });
    const away = { code: 'database_unavailable', row: { status: 503, retryable: true } };
    await expect(nobody.query('SELECT 1')).rejects.toMatchObject(away);
    await expect(nobody.transaction(async () => {})).rejects.toMatchObject(away);
    await expect(migrate(nobody)).rejects.toMatchObject(away);
    await nobody.close();
  });

  test('does not call a refusal an outage, and rolls back what came before it', async () => {
    await database.query('CREATE TABLE rolled (x integer NOT NULL)');
    const act = database.transaction(async (queries) => {
      await queries.query('INSERT INTO rolled VALUES (1)');
      await queries.query('INSERT INTO rolled VALUES (NULL)');
    });
    await expect(act).rejects.toMatchObject({ code: '23502' });
    expect(await database.query('SELECT * FROM rolled')).toEqual([]);
  });

  test('survives that all of its connections are cut', async () => {
    await database.query('SELECT 1');
    const cut = database.transaction(async (queries) => {
      await queries.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
        'archipel',
      ]);
    });
    await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect.poll(() => database.query('SELECT 1 AS one').catch(() => [])).toEqual([{ one: 1 }]);
  });
});

test('what runs on a connection beside the pool ends with it: the server looks whether its client is there', async () => {
  const shown = await database.exclusive((queries) => queries.query('SHOW client_connection_check_interval'));
  expect(shown).toEqual([{ client_connection_check_interval: '5s' }]);
});

describe('keys', () => {
  const hash = (digit: string): string => digit.repeat(64);
  const demo: NewApiKey = {
    organisation: 'default',
    name: 'demo',
    hash: hash('a'),
    hint: 'sk-arc',
    team: 'research',
    models: ['chat-large'],
    expiresAtMs: Date.UTC(2027, 0),
    budget: { usd: '5', window: 'day', hard: true },
    limits: { rpm: 600 },
    createdAtMs: 1_790_000_000_000,
  };
  const change = { actor: 'ops', atMs: 1_790_000_000_000 };

  test('come back as they were added; a second of the name is refused, in another organisation it is not', async () => {
    const added = await insertKey(database, demo, change);
    expect(added).toMatchObject({ ...demo, revokedAtMs: null, replacedBy: null });
    expect(await listKeys(database, 'default')).toEqual([added]);
    const clash = insertKey(database, { ...demo, hash: hash('b') }, change);
    await expect(clash).rejects.toMatchObject({ code: 'key_name_taken', row: { status: 409 } });
    await insertKey(
      database,
      { ...demo, organisation: 'other', hash: hash('c'), models: null, expiresAtMs: null },
      change,
    );
    expect(await listKeys(database)).toHaveLength(2);
  });

  test('rotate under their name: the new one has the rights of the old one, which ends after the grace', async () => {
    const [old] = await listKeys(database, 'default');
    const later = { actor: 'ops', atMs: change.atMs + 1_000 };
    const rotation = { organisation: 'default', name: 'demo', hash: hash('d'), hint: 'sk-new', graceMs: 60_000 };
    const fresh = await replaceKey(database, rotation, later);
    expect(fresh).toMatchObject({
      name: 'demo',
      hash: hash('d'),
      team: 'research',
      models: ['chat-large'],
      budget: demo.budget,
    });
    const keys = await listKeys(database, 'default');
    expect(keys.find((key) => key.id === old?.id)).toMatchObject({
      replacedBy: fresh.id,
      expiresAtMs: later.atMs + 60_000,
    });
  });

  test('are revoked with predecessors in their grace; the name stays taken, and an unknown one is said', async () => {
    await revokeKey(database, 'default', 'demo', change);
    expect((await listKeys(database, 'default')).map((key) => key.revokedAtMs)).toEqual([change.atMs, change.atMs]);
    await expect(revokeKey(database, 'default', 'demo', change)).rejects.toMatchObject({ code: 'key_unknown' });
    const again = { organisation: 'default', name: 'demo', hash: hash('e'), hint: '', graceMs: 0 };
    await expect(replaceKey(database, again, change)).rejects.toMatchObject({ code: 'key_unknown' });
    await expect(insertKey(database, { ...demo, hash: hash('f') }, change)).rejects.toMatchObject({
      code: 'key_name_taken',
    });
  });

  test('leave a line in the audit for each change that held, and none for those refused', async () => {
    const entries = await listAudit(database, 'default', 10);
    expect(entries.map((entry) => [entry.actor, entry.action, entry.subject])).toEqual([
      ['ops', 'key.revoke', 'demo'],
      ['ops', 'key.rotate', 'demo'],
      ['ops', 'key.create', 'demo'],
    ]);
    expect(JSON.stringify(entries)).not.toContain(hash('a'));
  });
});
