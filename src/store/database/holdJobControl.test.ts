import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Secret, silentLog, type Clock } from '../../kernel/index.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import type { Database, DatabaseSession } from './Database.ts';
import { holdJobControl, jobControlLimits, openDatabase } from './index.ts';

const stillClock: Clock = { nowMs: () => 0, monotonicMs: () => 0 };

/** A database that nobody ever connects to. */
const nowhere = (): Database =>
  openDatabase({ url: new Secret('postgres://archipel:x@127.0.0.1:1/postgres'), log: silentLog });

const until = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

describe('the right to run jobs', () => {
  let server: TemporaryPostgres;
  let replica: Database;

  beforeAll(async () => {
    server = await temporaryPostgres();
    replica = openDatabase({ url: server.postgres.url, log: silentLog });
  });
  afterAll(async () => {
    await replica.close();
    await server.remove();
  });

  // No beat comes in the time of a test: whatever is learnt here is learnt from the connection.
  const limits = { ...jobControlLimits, beatMs: 600_000 };
  const hold = (database: Database) => holdJobControl(database, stillClock, limits);

  /** Waits for the end of a session, which PostgreSQL notices after whoever ended it. */
  const holdOnceFree = (database: Database) =>
    vi.waitFor(
      async () => {
        const control = await hold(database);
        expect(control.held).toBe(true);
        return control;
      },
      { timeout: 20_000 },
    );

  test('is one process’s at a time, and goes over when it is given back', async () => {
    const first = await hold(server.database);
    expect([first.held, first.lost.aborted]).toEqual([true, false]);
    const second = await hold(replica);
    expect([second.held, second.lost.aborted]).toEqual([false, true]);
    await second.release();
    expect(first.held).toBe(true);
    await first.release();
    await first.release();
    expect([first.held, first.lost.aborted]).toEqual([false, true]);
    const third = await holdOnceFree(replica);
    await third.release();
  });

  test('is held by one of many that ask together', async () => {
    const controls = await Promise.all(Array.from({ length: 8 }, () => hold(server.database)));
    expect(controls.filter(({ held }) => held)).toHaveLength(1);
    await Promise.all(controls.map((control) => control.release()));
  });

  test('is lost with its connection: the holder learns it, and another can have it', async () => {
    const first = await holdOnceFree(server.database);
    await server.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'archipel jobs'",
    );
    await until(first.lost);
    expect(first.held).toBe(false);
    const second = await holdOnceFree(replica);
    // Whoever lost it takes nothing away when it lets go.
    await first.release();
    expect(second.held).toBe(true);
    expect((await hold(server.database)).held).toBe(false);
    await second.release();
  });

  test('is free again once its process was killed', async () => {
    const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `
      const { Secret, silentLog } = await import(${module('../../kernel/index.ts')});
      const { holdJobControl, openDatabase } = await import(${module('./index.ts')});
      const database = openDatabase({ url: new Secret(process.env.URL), log: silentLog });
      const control = await holdJobControl(database, { nowMs: () => 0, monotonicMs: () => 0 });
      console.log(control.held);
      setInterval(() => {}, 1000);`;
    const holder = await holdOnceFree(replica);
    await holder.release();
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, URL: server.postgres.url.reveal() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [said] = await once(child.stdout, 'data');
    expect(String(said)).toBe('true\n');
    expect((await hold(replica)).held).toBe(false);
    child.kill('SIGKILL');
    await exited;
    const next = await holdOnceFree(replica);
    await next.release();
  });

  test('cannot be asked for where PostgreSQL is away', async () => {
    const nobody = nowhere();
    await expect(hold(nobody)).rejects.toMatchObject({ code: 'database_unavailable' });
    await nobody.close();
  });

  test('is taken back from a session that PostgreSQL has not heard from', async () => {
    const silent = { ...limits, silentMs: 200 };
    const control = await vi.waitFor(async () => {
      const asked = await holdJobControl(server.database, stillClock, silent);
      expect(asked.held).toBe(true);
      return asked;
    });
    await until(control.lost);
    expect(control.held).toBe(false);
    const next = await holdOnceFree(replica);
    await next.release();
    await control.release();
  });

  test('is given up by its holder before PostgreSQL takes it back', () => {
    const { beatMs, answerMs, goodMs, silentMs } = jobControlLimits;
    expect(beatMs + answerMs).toBeLessThan(goodMs);
    expect(goodMs).toBeLessThan(silentMs);
  });
});

describe('a holder', () => {
  /** A session whose answers the test gives. */
  const scripted = () => {
    const gone = new AbortController();
    const asked: string[] = [];
    const told = { taken: true, isAway: false, ends: 0 };
    const session: DatabaseSession = {
      gone: gone.signal,
      query: (sql: string) => {
        asked.push(sql);
        if (told.isAway) return Promise.reject(new Error('no answer'));
        return Promise.resolve([{ taken: told.taken }]) as Promise<never>;
      },
      end: () => {
        told.ends++;
        gone.abort();
        return Promise.resolve();
      },
    };
    const database = { session: () => Promise.resolve(session) };
    return { database, asked, told, gone };
  };

  /** Runs with time that moves only when told. */
  const withTime = async (act: () => Promise<void>): Promise<void> => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await act();
    } finally {
      vi.useRealTimers();
    }
  };

  test('asks beat by beat whether it still has the right', () =>
    withTime(async () => {
      const { database, asked } = scripted();
      const control = await holdJobControl(database, stillClock);
      expect(asked).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(10 * jobControlLimits.beatMs);
      expect(asked).toHaveLength(12);
      expect(control.held).toBe(true);
      await control.release();
      await vi.advanceTimersByTimeAsync(10 * jobControlLimits.beatMs);
      expect(asked).toHaveLength(12);
    }));

  test.each([
    ['PostgreSQL no longer knows of it', { taken: false, isAway: false }],
    ['nobody answers', { taken: true, isAway: true }],
  ])('gives up where %s', (_what, change) =>
    withTime(async () => {
      const { database, told } = scripted();
      const control = await holdJobControl(database, stillClock);
      Object.assign(told, change);
      await vi.advanceTimersByTimeAsync(jobControlLimits.beatMs);
      expect([control.held, control.lost.aborted, told.ends]).toEqual([false, true, 1]);
    }),
  );

  test('that was stopped for long does not believe what it knew before', () =>
    withTime(async () => {
      const time = { ms: 0 };
      const { database } = scripted();
      const control = await holdJobControl(database, { nowMs: () => 0, monotonicMs: () => time.ms });
      time.ms = jobControlLimits.goodMs - 1;
      expect(control.held).toBe(true);
      time.ms = jobControlLimits.goodMs;
      expect(control.held).toBe(false);
      await control.release();
    }));

  test('whose connection was gone before it was looked at never had it', () =>
    withTime(async () => {
      const { database, gone } = scripted();
      gone.abort();
      const control = await holdJobControl(database, stillClock);
      expect([control.held, control.lost.aborted]).toEqual([false, true]);
    }));

  test('leaves no connection behind where it did not get the right', () =>
    withTime(async () => {
      const { database, told } = scripted();
      told.taken = false;
      expect((await holdJobControl(database, stillClock)).held).toBe(false);
      expect(told.ends).toBe(1);
      told.isAway = true;
      await expect(holdJobControl(database, stillClock)).rejects.toThrow('no answer');
      expect(told.ends).toBe(2);
    }));
});
