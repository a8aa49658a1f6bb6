import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { Budgets, type EndUserBudget } from './index.ts';

const noon = Date.parse('2026-11-26T12:00:00Z');
const nextDay = Date.parse('2026-11-27T12:00:00Z');
const holders = ['key:demo', 'team:research'];

const template = (cap: bigint, changes: Partial<EndUserBudget> = {}): EndUserBudget => ({
  holder: 'team:research',
  capNanoUsd: nanoUsd(cap),
  window: 'day',
  hard: true,
  timeZone: 'UTC',
  ...changes,
});

const budgetsOf = (endUserBudget: EndUserBudget, endUsersMax?: number): Budgets => {
  const budgets = new Budgets(endUsersMax === undefined ? {} : { endUsersMax });
  budgets.configure([], [endUserBudget]);
  return budgets;
};

const holds = (budgets: Budgets, endUser: string, amount: bigint, nowMs = noon) => {
  const ids = budgets.idsOfEndUser(holders, 'chat', endUser, nowMs);
  if (ids === null) return null;
  const held = budgets.hold(ids, nanoUsd(amount), nowMs, 0);
  return held.ok ? held.value : held.fault;
};

describe('budgets of end users', () => {
  test('are apart for each of them, and named after whose user it is', () => {
    const budgets = budgetsOf(template(10n));
    expect(budgets.idsOfEndUser(holders, 'chat', 'ann', noon)).toEqual(['team:research/user/ann']);
    holds(budgets, 'ann', 8n);
    expect(holds(budgets, 'ann', 3n)).toMatchObject({ scope: 'team:research/user/ann', heldNanoUsd: 8n });
    expect(holds(budgets, 'ben', 10n)).toMatchObject({ amountNanoUsd: 10n });
    expect([budgets.hasEndUsers(holders), budgets.hasEndUsers(['key:demo'])]).toEqual([true, false]);
  });

  test('of which too many are kept forget only who has spent and holds nothing, else take nobody in', () => {
    const budgets = budgetsOf(template(10n), 2);
    const ann = holds(budgets, 'ann', 4n);
    expect(holds(budgets, 'ben', 0n)).toMatchObject({ amountNanoUsd: 0n });
    expect(holds(budgets, 'cid', 4n)).toMatchObject({ amountNanoUsd: 4n });
    expect(holds(budgets, 'dan', 1n)).toBeNull();
    if (ann !== null && 'buckets' in ann) budgets.settle(ann, nanoUsd(4n));
    expect(holds(budgets, 'dan', 1n)).toBeNull();
    expect(holds(budgets, 'ann', 7n)).toMatchObject({ spentNanoUsd: 4n });
    expect(holds(budgets, 'dan', 1n, nextDay)).toMatchObject({ amountNanoUsd: 1n });
    expect(holds(budgets, 'eve', 1n, nextDay)).toMatchObject({ amountNanoUsd: 1n });
  });

  test('that others spend, too, forget also who has spent, once nothing of that is under way: the database tells it again', () => {
    const budgets = new Budgets({ isShared: true, endUsersMax: 1 });
    budgets.configure([], [template(10n, { window: 'rolling 3600s' })]);
    const id = 'team:research/user/ann';
    holds(budgets, 'ann', 0n);
    budgets.allow(id, 0, { grantedNanoUsd: 4n, untilMonotonicMs: 1_000 });
    budgets.learn(id, 0, { spentNanoUsd: nanoUsd(3n), othersNanoUsd: nanoUsd(0n) });
    expect(holds(budgets, 'ben', 0n)).toBeNull();
    const held = holds(budgets, 'ann', 4n);
    if (held === null || !('buckets' in held)) throw new Error('was refused');
    expect(holds(budgets, 'ben', 0n)).toBeNull();
    budgets.settle(held, nanoUsd(4n));
    expect(holds(budgets, 'ben', 0n)).toBeNull();
    budgets.shipped(id, noon, 4n);
    expect(holds(budgets, 'ben', 0n)).toMatchObject({ amountNanoUsd: 0n });
  });

  test('of whom nobody knows what they have spent refuse, also those who come later, until it is known', () => {
    const budgets = budgetsOf(template(10n));
    holds(budgets, 'ann', 0n);
    budgets.forgetEndUsers('team:research', noon);
    expect(holds(budgets, 'ann', 1n)).toMatchObject({ reason: 'unknown' });
    expect(holds(budgets, 'ben', 1n)).toMatchObject({ reason: 'unknown' });
    budgets.correct('team:research/user/cid', Date.parse('2026-11-26'), 9n, noon);
    budgets.knowEndUsers();
    expect(holds(budgets, 'ben', 1n)).toMatchObject({ amountNanoUsd: 1n });
    expect(holds(budgets, 'cid', 2n)).toMatchObject({ reason: 'cap', spentNanoUsd: 9n });
  });

  test('keep what they know over a reload under a new cap, and begin anew with another window', () => {
    const budgets = budgetsOf(template(10n));
    budgets.load('team:research/user/ann', noon, nanoUsd(6n));
    budgets.configure([], [template(5n)]);
    expect(holds(budgets, 'ann', 0n)).toMatchObject({ spentNanoUsd: 6n, capNanoUsd: 5n });
    budgets.configure([], [template(5n, { window: 'month' })]);
    expect(holds(budgets, 'ann', 5n)).toMatchObject({ amountNanoUsd: 5n });
    budgets.configure([]);
    expect(budgets.hasEndUsers(holders)).toBe(false);
    expect(budgets.standing('team:research/user/ann', noon)).toBeNull();
  });
});
