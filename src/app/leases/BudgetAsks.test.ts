import { afterEach, expect, test, vi } from 'vitest';
import { Abandonment, type RoomAnswer } from '../../gateway/index.ts';
import { nanoUsd } from '../../kernel/index.ts';
import { BudgetAsks } from './BudgetAsks.ts';

const longMs = 60_000;

afterEach(() => void vi.useRealTimers());

test('those who wait are answered in their order, as far as there is room for them in all their budgets', async () => {
  const asks = new BudgetAsks();
  const first = asks.wait(['key:a', 'team:t'], nanoUsd(6n), longMs);
  const second = asks.wait(['key:b', 'team:t'], nanoUsd(6n), longMs);
  const third = asks.wait(['key:a'], nanoUsd(4n), longMs);
  expect([...asks.tell()]).toEqual([
    ['key:a', 10n],
    ['team:t', 12n],
    ['key:b', 6n],
  ]);
  const more = { left: 100n, unspent: 100n };
  asks.answer(
    new Map([
      ['key:a', { free: 10n, ...more }],
      ['key:b', { free: 10n, ...more }],
      ['team:t', { free: 11n, ...more }],
    ]),
  );
  expect(await Promise.all([first, third])).toEqual(['given', 'given']);
  expect(asks.size).toBe(1);
  asks.answer(new Map([['team:t', { free: 6n, ...more }]]));
  expect(await second).toBe('given');
});

test('who asks for more than anybody can give back does not wait', async () => {
  const asks = new BudgetAsks();
  const asking = asks.wait(['key:a'], nanoUsd(6n), longMs);
  asks.answer(new Map([['key:a', { free: 0n, left: 5n, unspent: 5n }]]));
  expect(await asking).toBe('spent');
});

test('who asks for what is held waits for it: most of it is given back', async () => {
  const asks = new BudgetAsks();
  const held = new Map([['key:a', { free: 0n, left: 5n, unspent: 6n }]]);
  const asking = asks.wait(['key:a'], nanoUsd(6n), longMs);
  asks.answer(held);
  expect([...asks.tell()], 'nobody has to give back what would not be enough').toEqual([['key:a', 0n]]);
  asks.answer(new Map([['key:a', { free: 6n, left: 6n, unspent: 6n }]]));
  expect(await asking).toBe('given');
  const late = asks.wait(['key:a'], nanoUsd(6n), 0);
  asks.tell();
  asks.answer(held);
  expect(await late).toBe('spent');
});

test('who is given nothing in time does not know of it, though a turn has told that others have it free', async () => {
  const asks = new BudgetAsks(0);
  expect(await asks.wait(['key:a'], nanoUsd(6n), 0)).toBe('unknown');
  const answered = asks.wait(['key:a'], nanoUsd(6n), longMs);
  asks.answer(new Map([['key:a', { free: 0n, left: 6n, unspent: 6n }]]));
  const unheard = asks.wait(['key:a'], nanoUsd(6n), longMs);
  asks.endAll();
  expect(await Promise.all([answered, unheard])).toEqual(['unknown', 'unknown']);
});

test('nothing is asked for, or given, for those who have left', async () => {
  const asks = new BudgetAsks();
  const client = new Abandonment();
  const left = asks.wait(['key:a'], nanoUsd(6n), longMs, client);
  const stays = asks.wait(['key:a'], nanoUsd(4n), longMs, new Abandonment());
  asks.tell();
  client.abandon('gone');
  expect(await left).toBe('unknown');
  expect(await asks.wait(['key:a'], nanoUsd(6n), longMs, client)).toBe('unknown');
  expect([...asks.tell()]).toEqual([['key:a', 4n]]);
  asks.answer(new Map([['key:a', { free: 6n, left: 100n, unspent: 100n }]]));
  expect(await stays).toBe('given');
  expect(asks.size).toBe(0);
});

test('who has heard of no turn waits a little longer for the first answer that is for it, and for no other', async () => {
  vi.useFakeTimers();
  const asks = new BudgetAsks();
  const ask = (): Promise<RoomAnswer> => asks.wait(['key:a'], nanoUsd(6n), 1_000);
  const answer = (): void => asks.answer(new Map([['key:a', { free: 6n, left: 12n, unspent: 12n }]]));
  asks.tell();
  const [untold, first, second] = [ask(), ask(), ask()];
  await vi.advanceTimersByTimeAsync(1_500);
  answer();
  expect(await untold, 'a turn that was not told of it may have enough').toBe('given');
  asks.tell();
  answer();
  expect(await Promise.all([first, second])).toEqual(['given', 'unknown']);
  const unheard = ask();
  await vi.advanceTimersByTimeAsync(2_999);
  expect(asks.size).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await unheard).toBe('unknown');
});
