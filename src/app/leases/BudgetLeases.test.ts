import { afterEach, expect, test } from 'vitest';
import { nanoUsd, silentLog, silentMetrics } from '../../kernel/index.ts';
import { Budgets, type BudgetScope } from '../../ledger/index.ts';
import type { SqlValue } from '../../store/index.ts';
import { BudgetLeases, type LeasesParts } from './BudgetLeases.ts';

const nowMs = Date.UTC(2026, 10, 15, 12);
const requestMs = 900_000;
const hard: BudgetScope = { id: 'key:a', capNanoUsd: nanoUsd(100n), window: 'month', hard: true, timeZone: 'UTC' };
const soft: BudgetScope = { ...hard, id: 'key:b', hard: false };

interface Asked {
  readonly organisation: string;
  readonly scope: string;
  readonly fromMs: number;
  readonly countedAs: string;
  readonly used: string;
  readonly wanted: string;
  readonly asked: string;
}

const opened: BudgetLeases[] = [];
afterEach(async () => {
  for (const leases of opened.splice(0)) await leases.stop();
});

/** A database that gives what is asked, and where another replica has counted every window. */
const open = () => {
  const budgets = new Budgets({ isShared: true });
  budgets.configure([hard, soft], [{ ...hard, holder: 'key:a' }]);
  const state = {
    nowMs,
    monotonicMs: 0,
    shipped: 0,
    appended: 0,
    fresh: [] as readonly string[],
    canCount: true,
    holders: ['key:a/user/'] as readonly string[],
    /** Called where a count of end users waits for others who count. */
    wait: () => {},
  };
  /** A count of end users waits for it. */
  const gate = { open: Promise.resolve() };
  const warnings: string[] = [];
  const counted: (readonly string[])[] = [];
  const countedUsers: string[] = [];
  const countedAtMs: number[] = [];
  const asked: Asked[] = [];
  const answer = (question: Asked) => ({
    organisation: question.organisation,
    scope_id: question.scope,
    from_ms: String(question.fromMs),
    granted: String(BigInt(question.used) + BigInt(question.asked)),
    spent: '0',
    others_used: '0',
    share: '0',
    is_awaited: false,
    is_counted: true,
  });
  const lastCountedAs = (scope: string): string | undefined => asked.findLast((one) => one.scope === scope)?.countedAs;
  const query = (sql: string, values: readonly SqlValue[] = []): Promise<readonly object[]> => {
    if (sql.includes('lease_turn')) {
      const questions = JSON.parse(String(values[2])) as readonly Asked[];
      asked.push(...questions);
      return Promise.resolve(questions.map(answer));
    }
    if (sql.includes('pg_advisory_lock')) state.wait();
    if (!sql.includes('lock_windows')) return Promise.resolve([]);
    const windows = JSON.parse(String(values[0])) as readonly Asked[];
    return Promise.resolve(
      windows.map(({ organisation, scope, fromMs }) => ({
        organisation,
        scope_id: scope,
        from_ms: String(fromMs),
        counted: lastCountedAs(scope),
      })),
    );
  };
  const act = (on: (queries: object) => unknown): unknown => on({ query });
  const database = { absence: null, query, transaction: act, exclusive: act };
  const leases = new BudgetLeases({
    budgets,
    leasedAs: (id) => ({ organisation: 'o', hard: id !== soft.id, isNamedByRecords: id.includes('/user/') }),
    // tidy-allow cast: stands for a database of which only these statements are used, each with rows of its own
    database: database as unknown as LeasesParts['database'],
    count: (_, scopes) => {
      counted.push(scopes);
      return state.canCount ? Promise.resolve(new Map()) : Promise.reject(new Error('too slow'));
    },
    endUsers: () => state.holders,
    countEndUsers: (beginning, atMs) => {
      if (!state.holders.includes(beginning)) return null;
      countedUsers.push(beginning);
      countedAtMs.push(atMs);
      const count = async () => {
        await gate.open;
        if (!state.canCount && beginning === 'key:a/user/') throw new Error('too slow');
        return new Map();
      };
      const windows = { organisation: 'o', countedAs: '', fromMs: 1, untilMs: Infinity, spentFromMs: 1 };
      return { windows: { ...windows, beginning }, count };
    },
    takeNew: () => {
      const { fresh } = state;
      state.fresh = [];
      return fresh;
    },
    requestMs: () => requestMs,
    countedWithinMs: 20,
    shipper: {
      failure: () => null,
      onMoved: () => {},
      between: (act) => act({ segment: 1, offset: 0, sequence: state.shipped }),
    },
    appended: () => state.appended,
    replica: '00000000-0000-4000-8000-000000000001',
    leaseMs: () => 60_000,
    keep: () => Promise.resolve(),
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.monotonicMs },
    log: { ...silentLog, warn: (message) => void warnings.push(message) },
    metrics: silentMetrics,
  });
  opened.push(leases);
  leases.start();
  const ask = (...ids: readonly string[]) => leases.ask(ids, nanoUsd(10n), state.monotonicMs + 60_000);
  return { budgets, leases, state, gate, counted, countedUsers, countedAtMs, asked, warnings, ask };
};

test('a budget that is new here is counted though another replica has counted it, and again once all of before is shipped', async () => {
  const { state, counted, ask } = open();
  await ask(hard.id);
  expect(counted).toEqual([]);
  state.fresh = [hard.id];
  await ask(hard.id);
  expect(counted).toEqual([[hard.id]]);
  state.appended = 9;
  state.monotonicMs += requestMs + 60_000;
  await ask(hard.id);
  expect(counted).toHaveLength(1);
  state.shipped = 9;
  await ask(hard.id);
  await ask(hard.id);
  expect(counted).toEqual([[hard.id], [hard.id]]);
});

test('the budgets of end users that are new here are counted all at once, and again once all of before is shipped', async () => {
  const { state, countedUsers, ask } = open();
  await ask(hard.id);
  expect(countedUsers).toEqual([]);
  state.fresh = ['key:a/user/'];
  await ask(hard.id);
  await ask(hard.id);
  expect(countedUsers).toEqual(['key:a/user/']);
  state.monotonicMs += requestMs + 60_000;
  await ask(hard.id);
  await ask(hard.id);
  expect(countedUsers).toEqual(['key:a/user/', 'key:a/user/']);
});

test('a count that fails leaves the leases as they are, is told once, and is tried again later', async () => {
  const { state, counted, countedUsers, warnings, ask } = open();
  state.canCount = false;
  state.fresh = [hard.id, 'key:a/user/'];
  expect(await ask(hard.id)).toBe('given');
  expect(await ask(hard.id)).toBe('given');
  expect([counted, countedUsers]).toEqual([[[hard.id]], ['key:a/user/']]);
  state.monotonicMs += 1_000;
  expect(await ask(hard.id)).toBe('given');
  expect([counted.length, countedUsers.length, warnings.length]).toEqual([2, 2, 2]);
  state.monotonicMs += 2_000;
  state.canCount = true;
  expect(await ask(hard.id)).toBe('given');
  expect(await ask(hard.id)).toBe('given');
  expect([counted.length, countedUsers.length, warnings.length]).toEqual([3, 3, 2]);
});

test('a count of end users that takes long goes on beside the turns, and what it was begun without is counted again', async () => {
  const { state, gate, countedUsers, ask } = open();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  state.fresh = ['key:a/user/'];
  expect(await ask(hard.id)).toBe('given');
  state.monotonicMs += 1;
  state.fresh = ['key:a/user/'];
  expect(await ask(hard.id)).toBe('given');
  expect(countedUsers).toEqual(['key:a/user/']);
  resolve();
  expect(await ask(hard.id)).toBe('given');
  await ask(hard.id);
  await ask(hard.id);
  expect(countedUsers).toEqual(['key:a/user/', 'key:a/user/']);
});

test('end users are counted in the windows that run once it is their turn, those of each holder for themselves', async () => {
  const { state, countedUsers, countedAtMs, warnings, ask } = open();
  state.holders = ['key:a/user/', 'key:b/user/', 'key:gone/user/'];
  state.fresh = state.holders;
  state.canCount = false;
  const midnightMs = nowMs + 43_200_000;
  state.nowMs = midnightMs - 1;
  state.wait = () => {
    state.nowMs += 1;
    state.holders = ['key:a/user/', 'key:b/user/'];
  };
  await ask(hard.id);
  expect(countedUsers).toEqual(['key:a/user/', 'key:b/user/']);
  expect(countedAtMs).toEqual([midnightMs, midnightMs + 1]);
  // One that fails keeps nobody else from being counted, and is alone counted again.
  state.canCount = true;
  state.monotonicMs += 1_000;
  await ask(hard.id);
  await ask(hard.id);
  expect(countedUsers).toEqual(['key:a/user/', 'key:b/user/', 'key:a/user/']);
  expect(warnings).toHaveLength(1);
});

test('of leases those of end users are not kept for a start without the database, which knows nothing of them', async () => {
  const { budgets, leases, ask } = open();
  const [user] = budgets.idsOfEndUser([hard.id], 'm', '3f1a', nowMs) ?? [];
  expect(await ask(hard.id, user!)).toBe('given');
  expect(budgets.allowances().map(({ id }) => id)).toEqual([hard.id, user]);
  expect(leases.kept(nowMs).map(({ id }) => id)).toEqual([hard.id]);
});

test('what a soft budget is used for is not remembered: nothing of it is leased', async () => {
  const { budgets, asked, ask } = open();
  await ask(hard.id);
  const held = budgets.hold([hard.id, soft.id], nanoUsd(5n), nowMs, 0);
  expect(held.ok).toBe(true);
  await ask();
  expect(asked.slice(-2).map(({ scope, wanted }) => [scope, wanted])).toEqual([
    [hard.id, '10'],
    [soft.id, '0'],
  ]);
});

test('what was under way when a budget changed is told as used until the attempts are counted again', async () => {
  const { budgets, state, asked, ask } = open();
  await ask(hard.id);
  const held = budgets.hold([hard.id], nanoUsd(5n), nowMs, 0);
  if (!held.ok) throw new Error(`refused: ${held.fault.reason}`);
  budgets.configure([{ ...hard, window: 'year' }, soft]);
  await ask(hard.id);
  budgets.settle(held.value, nanoUsd(5n));
  budgets.shipped(hard.id, held.value.buckets[0]![1], 5n);
  await ask(hard.id);
  expect(asked.at(-1)).toMatchObject({ scope: hard.id, fromMs: Date.UTC(2026, 0), used: '5' });
  state.fresh = [hard.id];
  await ask(hard.id);
  await ask(hard.id);
  expect(asked.at(-1)).toMatchObject({ scope: hard.id, used: '0' });
});
