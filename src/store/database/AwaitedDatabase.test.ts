import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import { machineClock } from '../exampleRecords.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import { AwaitedDatabase } from './AwaitedDatabase.ts';
import type { Database } from './Database.ts';
import { migrate, readMigrations } from './migrate.ts';

let server: TemporaryPostgres;

beforeAll(async () => {
  server = await temporaryPostgres();
});
afterAll(() => server.remove());
beforeEach(() => server.database.query('DROP SCHEMA IF EXISTS archipel CASCADE'));

/** A database that is there or not, as a test says. */
const stage = () => {
  const set = { isThere: false, hasRoom: true, opened: 0, closed: 0 };
  const full = (): never => {
    throw storeError('database_unavailable', 'PostgreSQL has too many clients on purpose.');
  };
  const away = (): never => {
    throw storeError('database_unavailable', 'PostgreSQL is away on purpose.');
  };
  const { database } = server;
  const gated: Database = {
    ...database,
    query: (sql, values) => (set.isThere ? database.query(sql, values) : away()),
    transaction: async (act) => (set.isThere ? database.transaction(act) : away()),
    exclusive: async (act, signal) => (set.isThere ? database.exclusive(act, signal) : away()),
    session: async (options) => (set.isThere ? (set.hasRoom ? database.session(options) : full()) : away()),
  };
  const awaited = new AwaitedDatabase({
    open: () => {
      set.opened += 1;
      return Promise.resolve({ database: gated, close: async () => void (set.closed += 1) });
    },
    clock: machineClock,
    log: silentLog,
    againMs: 5,
    againMsMax: 20,
  });
  onTestFinished(() => awaited.close());
  return { set, awaited };
};

const soonMs = 20_000;

const noRoom = "DO $$ BEGIN RAISE 'full on purpose' USING ERRCODE = 'too_many_connections'; END $$";

const makeNewer = async (): Promise<void> => {
  const next = (await readMigrations()).length + 1;
  await server.database.query('INSERT INTO archipel.migration (number, name, checksum) VALUES ($1, $2, $3)', [
    next,
    'later',
    'unknown',
  ]);
};

describe('a database that need not be there', () => {
  test('refuses at once while it is looked for, and has its schema once it is found', async () => {
    const { set, awaited } = stage();
    expect(await awaited.isThereWithin(30)).toBe(false);
    await expect(awaited.query('SELECT 1')).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect(awaited.transaction(() => Promise.resolve())).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(awaited.absence).toMatchObject({ code: 'database_unavailable' });
    const told: string[] = [];
    awaited.onThere(() => told.push('there'));
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    expect(await awaited.query('SELECT count(*)::integer AS count FROM archipel.attempt')).toEqual([{ count: 0 }]);
    expect([awaited.absence, told]).toEqual([null, ['there']]);
    await awaited.close();
    expect([set.opened, set.closed]).toEqual([1, 1]);
  });

  test('is told to be away by the first statement that fails, and comes back by itself', async () => {
    const { set, awaited } = stage();
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    set.isThere = false;
    await expect(awaited.query('SELECT 1')).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(awaited.absence?.message).toBe('PostgreSQL is away on purpose.');
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    // What is refused for its contents is no outage.
    await expect(awaited.query('SELECT 1 / 0')).rejects.toThrow(/division/);
    expect(awaited.absence).toBeNull();
  });

  test('that is newer than the program is never written to, and is used once it no longer is', async () => {
    await migrate(server.database);
    await makeNewer();
    const { set, awaited } = stage();
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(false);
    expect(awaited.fault).toMatchObject({ code: 'database_newer', row: { status: 2 } });
    const written = awaited.transaction((queries) =>
      queries.query("INSERT INTO archipel.migration VALUES (99, 'x', 'x')"),
    );
    await expect(written).rejects.toMatchObject({ code: 'database_unavailable', message: /at migration/ });
    expect(await server.database.query('SELECT 1 FROM archipel.migration WHERE number = 99')).toEqual([]);
    await server.database.query("DELETE FROM archipel.migration WHERE name = 'later'");
    await expect.poll(() => awaited.absence, { timeout: soonMs }).toBeNull();
  });

  test('is looked at anew after each failure: what answers then may be another one, newer or empty', async () => {
    const { set, awaited } = stage();
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    set.isThere = false;
    await expect(awaited.query('SELECT 1')).rejects.toMatchObject({ code: 'database_unavailable' });
    await makeNewer();
    set.isThere = true;
    await expect.poll(() => awaited.absence?.code, { timeout: soonMs }).toBe('database_newer');
    await server.database.query('DROP SCHEMA archipel CASCADE');
    await expect.poll(() => awaited.absence, { timeout: soonMs }).toBeNull();
    expect(await awaited.query('SELECT count(*)::integer AS count FROM archipel.attempt')).toEqual([{ count: 0 }]);
  });

  test('has the books opened behind its back, and whoever ends meanwhile does not wait for that', async () => {
    await migrate(server.database);
    await server.database.query(`SELECT archipel.ensure_month('2026-11-01')`);
    await server.database.query(`INSERT INTO archipel.unbooked_month VALUES ('2026-11-01')`);
    const elsewhere = await server.database.session({ purpose: 'test', queryMs: soonMs });
    await elsewhere.query('BEGIN; LOCK archipel.attempt IN ACCESS EXCLUSIVE MODE');
    const first = stage();
    first.set.isThere = true;
    expect(await first.awaited.isThereWithin(soonMs)).toBe(true);
    await first.awaited.close();
    await elsewhere.end();
    const unbooked = () => server.database.query('SELECT FROM archipel.unbooked_month');
    const second = stage();
    second.set.isThere = true;
    expect(await second.awaited.isThereWithin(soonMs)).toBe(true);
    await expect.poll(unbooked, { timeout: soonMs }).toEqual([]);
  });

  test('is not away where a connection beside the pool fails, or the server has no room; where it is, the pool tells', async () => {
    const { set, awaited } = stage();
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    set.hasRoom = false;
    await expect(awaited.session({ purpose: 'test', queryMs: soonMs })).rejects.toThrow(/too many clients/);
    await expect(awaited.exclusive((queries) => queries.query(noRoom))).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    await expect(awaited.query(noRoom)).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await awaited.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(awaited.absence).toBeNull();
    set.isThere = false;
    await expect(awaited.session({ purpose: 'test', queryMs: soonMs })).rejects.toThrow(/away on purpose/);
    await expect.poll(() => awaited.absence?.message, { timeout: soonMs }).toBe('PostgreSQL is away on purpose.');
  });

  test('ends what runs beside the pool when its signal aborts, and at its own end', async () => {
    const { set, awaited } = stage();
    set.isThere = true;
    expect(await awaited.isThereWithin(soonMs)).toBe(true);
    const long = async (signal?: AbortSignal) => {
      const begun = Promise.withResolvers<void>();
      const ended = awaited.exclusive((queries) => {
        begun.resolve();
        return queries.query('SELECT pg_sleep(15)');
      }, signal);
      ended.catch(begun.resolve);
      await begun.promise;
      return ended.then(
        () => 'slept',
        () => 'ended',
      );
    };
    const aborter = new AbortController();
    const first = long(aborter.signal);
    const second = long();
    const session = await awaited.session({ purpose: 'test', queryMs: soonMs });
    aborter.abort();
    expect(await first).toBe('ended');
    expect(session.gone.aborted).toBe(false);
    await awaited.close();
    expect(await second).toBe('ended');
    await expect.poll(() => session.gone.aborted, { timeout: soonMs }).toBe(true);
  });

  test('that never comes does not hold up the end', async () => {
    const { awaited } = stage();
    expect(await awaited.isThereWithin(20)).toBe(false);
    await awaited.close();
    await expect(awaited.query('SELECT 1')).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});
