import { describe, expect, test } from 'vitest';
import { CodedError, silentLog, type Log } from '../kernel/index.ts';
import { storeErrors, type DatabaseSession } from '../store/index.ts';
import { KeyWatch } from './KeyWatch.ts';

const away = new CodedError('database_unavailable', storeErrors.database_unavailable);

/** A watch over a database and a register that a test moves by hand. */
const openWatch = () => {
  const world = { added: 1, isAway: false, answersFail: false };
  const seen = { opened: 0, ended: 0, takenOver: 0, lines: [] as string[] };
  const keys = {
    mark: '1/0/0',
    takeOver: () => {
      seen.takenOver += 1;
      return Promise.resolve();
    },
  };
  const query: DatabaseSession['query'] = (_sql) =>
    world.answersFail
      ? Promise.reject(away)
      : Promise.resolve(JSON.parse(`[{"added":"${world.added}","revoked":"0","replaced":"0"}]`));
  const session = (): Promise<DatabaseSession> => {
    if (world.isAway) return Promise.reject(away);
    seen.opened += 1;
    const end = (): Promise<void> => {
      seen.ended += 1;
      return Promise.resolve();
    };
    return Promise.resolve({ query, end, gone: new AbortController().signal });
  };
  const keep = (event: string): void => void seen.lines.push(event);
  const log: Log = { ...silentLog, info: keep, warn: keep };
  return { world, seen, keys, watch: new KeyWatch({ database: { session }, keys, log }) };
};

describe('a change of keys at another process', () => {
  test('is taken over, and what is in force already is not taken over again', async () => {
    const { world, seen, keys, watch } = openWatch();
    await watch.look();
    expect(seen.takenOver).toBe(0);
    world.added = 2;
    await watch.look();
    expect(seen.takenOver).toBe(1);
    keys.mark = '2/0/0';
    await watch.look();
    expect([seen.takenOver, seen.opened]).toEqual([1, 1]);
  });

  test('is taken over at each look until it is in force', async () => {
    const { world, seen, watch } = openWatch();
    world.added = 2;
    await watch.look();
    await watch.look();
    expect(seen.takenOver).toBe(2);
  });

  test.each(['isAway', 'answersFail'] as const)(
    'is seen once the database is back, over a new connection; the log says both once (%s)',
    async (what) => {
      const { world, seen, watch } = openWatch();
      await watch.look();
      world.answersFail = true;
      await watch.look();
      world.answersFail = false;
      world[what] = true;
      await watch.look();
      await watch.look();
      world[what] = false;
      world.added = 2;
      await watch.look();
      expect(seen.takenOver).toBe(1);
      expect(seen.opened - seen.ended, 'one connection is open').toBe(1);
      expect(seen.lines).toEqual([
        'changes of keys by other processes are not seen now; this is tried again',
        'changes of keys by other processes are seen again',
      ]);
    },
  );
});

test('a watch that is stopped leaves nothing open, and does not begin again', async () => {
  const { seen, watch } = openWatch();
  await watch.look();
  await watch.stop();
  watch.start();
  await watch.stop();
  expect(seen.opened).toBe(1);
  expect(seen.ended).toBeGreaterThan(0);
});
