import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { Budgets, rollingPieces, type BudgetScope, type Hold } from './index.ts';

const noon = Date.parse('2026-11-26T12:00:00Z');
const minuteMs = 60_000;
const pieceMs = minuteMs;
const hourMs = rollingPieces * pieceMs;

const scope = (id: string, cap: bigint, changes: Partial<BudgetScope> = {}): BudgetScope => ({
  id,
  capNanoUsd: nanoUsd(cap),
  window: 'rolling 3600s',
  hard: true,
  timeZone: 'UTC',
  ...changes,
});

const budgetsOf = (...scopes: readonly BudgetScope[]): Budgets => {
  const budgets = new Budgets();
  budgets.configure(scopes);
  return budgets;
};

const hold = (budgets: Budgets, amount: bigint, nowMs: number, ids = ['key:demo']): Hold => {
  const held = budgets.hold(ids, nanoUsd(amount), nowMs, 0);
  if (!held.ok) throw new Error(`refused by ${held.fault.scope}`);
  return held.value;
};

const spend = (budgets: Budgets, amount: bigint, nowMs: number): void => {
  budgets.settle(hold(budgets, amount, nowMs), nanoUsd(amount));
};

describe('a rolling budget', () => {
  test('lets go of what was spent when it is as old as the window is long, at the latest a piece later', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    spend(budgets, 10n, noon + 30_000);
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noon + hourMs + pieceMs - 1, 0)).toMatchObject({
      ok: false,
      fault: { spentNanoUsd: 10n, resetsAtMs: noon + hourMs + pieceMs },
    });
    expect(budgets.hold(['key:demo'], nanoUsd(10n), noon + hourMs + pieceMs, 0).ok).toBe(true);
  });

  test('has a settlement leave with its hold, however late it comes', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    const early = hold(budgets, 4n, noon);
    budgets.settle(early, nanoUsd(3n));
    const late = hold(budgets, 6n, noon + pieceMs);
    expect(budgets.standing('key:demo', noon + hourMs + pieceMs)).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: 6n });
    expect(budgets.standing('key:demo', noon + hourMs + 2 * pieceMs)).toMatchObject({ heldNanoUsd: 0n });
    budgets.settle(late, nanoUsd(6n));
    expect(budgets.standing('key:demo', noon + hourMs + 2 * pieceMs)).toMatchObject({
      spentNanoUsd: 0n,
      heldNanoUsd: 0n,
    });
  });

  test('does not let go earlier where the clock goes back, and begins with what the ledger has of each piece', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    spend(budgets, 1n, noon + 5 * pieceMs);
    budgets.load('key:demo', noon - hourMs, nanoUsd(100n), noon);
    budgets.load('key:demo', noon + 5 * pieceMs - hourMs, nanoUsd(2n), noon);
    budgets.load('key:demo', noon, nanoUsd(3n), noon);
    expect(budgets.standing('key:demo', noon)?.spentNanoUsd).toBe(6n);
    expect([...budgets.recorded('key:demo', noon).values()]).toEqual([2n, 3n, 1n]);
    expect(budgets.standing('key:demo', noon + 6 * pieceMs)?.spentNanoUsd).toBe(4n);
  });

  test('lets a hold grow by no more than every window has room for that it was made in, those that are over too', () => {
    const budgets = budgetsOf(scope('key:demo', 30n));
    spend(budgets, 20n, noon);
    const held = hold(budgets, 5n, noon + 30 * pieceMs);
    const later = noon + 2 * hourMs;
    expect(budgets.standing('key:demo', later)).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: 0n });
    expect(budgets.grow(held, nanoUsd(6n), 0)).toMatchObject({ fault: { reason: 'cap' } });
    expect(budgets.grow(held, nanoUsd(5n), 0).ok).toBe(true);
    expect(budgets.grow(held, nanoUsd(1n), 0)).toMatchObject({ fault: { reason: 'cap' } });
  });

  test('that nobody knows is known again once all of its window is counted here, or was set right', () => {
    const budgets = budgetsOf(scope('key:demo', 10n), scope('key:other', 10n));
    for (const id of ['key:demo', 'key:other']) budgets.forget(id, noon);
    expect(budgets.standing('key:demo', noon + hourMs)?.isKnown).toBe(false);
    expect(budgets.standing('key:demo', noon + hourMs + pieceMs)?.isKnown).toBe(true);
    budgets.correct('key:other', noon - hourMs, 4n);
    expect(budgets.standing('key:other', noon)).toMatchObject({ isKnown: true, spentNanoUsd: 4n });
  });

  test('keeps its balance over a reload, and begins anew with another length or other models', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    spend(budgets, 4n, noon);
    expect(budgets.configure([scope('key:demo', 3n, { models: null })])).toEqual([]);
    expect(budgets.hold(['key:demo'], nanoUsd(0n), noon, 0)).toMatchObject({ ok: false, fault: { spentNanoUsd: 4n } });
    expect(budgets.configure([scope('key:demo', 3n, { window: 'rolling 7200s' })])).toEqual(['key:demo']);
    expect(budgets.configure([scope('key:demo', 3n, { models: ['a*'] })])).toEqual(['key:demo']);
  });
});

describe('several budgets of one holder', () => {
  test('are found by holder and model, and each holds by itself', () => {
    const budgets = budgetsOf(
      scope('key:demo', 10n, { window: 'day' }),
      scope('key:demo/24h', 10n, { holder: 'key:demo', window: 'rolling 86400s' }),
      scope('key:demo/large', 4n, { holder: 'key:demo', models: ['chat-large', 'gpt-*'] }),
    );
    const of = (model: string | null): readonly string[] => budgets.idsOf(['key:demo', 'team:none'], model);
    expect(of('chat-small')).toEqual(['key:demo', 'key:demo/24h']);
    expect(of('gpt-9')).toEqual(['key:demo', 'key:demo/24h', 'key:demo/large']);
    expect(of(null)).toEqual(['key:demo', 'key:demo/24h']);
    expect(budgets.hold(of('chat-large'), nanoUsd(5n), noon, 0)).toMatchObject({ fault: { scope: 'key:demo/large' } });
    expect(budgets.hold(of('chat-small'), nanoUsd(5n), noon, 0).ok).toBe(true);
  });
});

/** The plainest bookkeeping: each hold with the instant at which it was made. */
interface Entry {
  readonly atMs: number;
  readonly hold: Hold;
  held: bigint;
  spent: bigint;
}

describe('a rolling budget under any sequence of acts', () => {
  const cap = 30n;
  const act = fc.oneof(
    fc.record({ kind: fc.constant('hold' as const), amount: fc.bigInt({ min: 0n, max: 20n }) }),
    fc.record({ kind: fc.constant('grow' as const), index: fc.nat(), amount: fc.bigInt({ min: 0n, max: 9n }) }),
    fc.record({ kind: fc.constant('settle' as const), index: fc.nat(), percent: fc.bigInt({ min: 0n, max: 100n }) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -2 * minuteMs, max: hourMs }) }),
  );

  test('agrees with a list of all amounts, and over no span of its length is more spent than its cap', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const budgets = budgetsOf(scope('key:demo', cap));
        const entries: Entry[] = [];
        const open = new Set<Entry>();
        let nowMs = noon;
        let latestMs = noon;
        const pieceOf = (atMs: number): number => Math.floor(atMs / pieceMs);
        const counting = (): readonly Entry[] =>
          entries.filter(({ atMs }) => pieceOf(latestMs) - pieceOf(atMs) <= rollingPieces);
        const sumOf = (some: readonly Entry[]): bigint => some.reduce((sum, { held, spent }) => sum + held + spent, 0n);
        const taken = (): bigint => sumOf(counting());
        const fits = (at: Entry, more: bigint): boolean =>
          Array.from({ length: rollingPieces + 1 }, (_, index) => pieceOf(at.atMs) - index).every((first) => {
            const inWindow = entries.filter(
              ({ atMs }) => pieceOf(atMs) >= first && pieceOf(atMs) - first <= rollingPieces,
            );
            return sumOf(inWindow) + more <= cap;
          });
        const nth = (index: number): Entry | undefined => [...open][index % Math.max(1, open.size)];
        for (const step of acts) {
          if (step.kind === 'wait') nowMs += step.ms;
          latestMs = Math.max(latestMs, nowMs);
          if (step.kind === 'hold') {
            const made = budgets.hold(['key:demo'], nanoUsd(step.amount), nowMs, 0);
            expect(made.ok).toBe(taken() + step.amount <= cap);
            if (!made.ok) continue;
            const entry = { atMs: latestMs, hold: made.value, held: step.amount, spent: 0n };
            entries.push(entry);
            open.add(entry);
          } else if (step.kind === 'grow') {
            const entry = nth(step.index);
            if (entry === undefined) continue;
            const isGrown = budgets.grow(entry.hold, nanoUsd(step.amount), 0).ok;
            expect(isGrown).toBe(fits(entry, step.amount));
            if (isGrown) entry.held += step.amount;
          } else if (step.kind === 'settle') {
            const entry = nth(step.index);
            if (entry === undefined) continue;
            open.delete(entry);
            entry.spent = (entry.held * step.percent) / 100n;
            budgets.settle(entry.hold, nanoUsd(entry.spent));
            entry.held = 0n;
          }
          const { spentNanoUsd, heldNanoUsd } = budgets.standing('key:demo', nowMs)!;
          expect(spentNanoUsd + heldNanoUsd).toBe(taken());
        }
        const spentFrom = (fromMs: number): bigint =>
          entries
            .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + hourMs)
            .reduce((sum, { spent }) => sum + spent, 0n);
        for (const { atMs } of entries) expect(spentFrom(atMs) <= cap).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
