import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { Budgets, type BudgetDraw, type BudgetScope, type Hold } from './index.ts';

const noon = Date.parse('2026-11-26T12:00:00Z');
const fromMs = Date.parse('2026-11-26T00:00:00Z');
const nextDay = Date.parse('2026-11-27T12:00:00Z');
const hourMs = 3_600_000;
const id = 'key:demo';

const scope = (changes: Partial<BudgetScope> = {}): BudgetScope => ({
  id,
  capNanoUsd: nanoUsd(100n),
  window: 'day',
  hard: true,
  timeZone: 'UTC',
  ...changes,
});

const shared = (...scopes: readonly BudgetScope[]): Budgets => {
  const budgets = new Budgets({ isShared: true });
  budgets.configure(scopes);
  return budgets;
};

/** @returns why not, or the hold. */
const ask = (budgets: Budgets, amount: bigint, monotonicMs = 0, nowMs = noon): Hold | string => {
  const held = budgets.hold([id], nanoUsd(amount), nowMs, monotonicMs);
  return held.ok ? held.value : held.fault.reason;
};

const hold = (budgets: Budgets, amount: bigint): Hold => {
  const held = ask(budgets, amount);
  if (typeof held === 'string') throw new Error(`refused: ${held}`);
  return held;
};

const allow = (budgets: Budgets, grantedNanoUsd: bigint, untilMonotonicMs = 1_000): void =>
  budgets.allow(id, fromMs, { grantedNanoUsd, untilMonotonicMs });

describe('a hard budget that is shared with other replicas', () => {
  test('holds what this one was allowed, until its time is over, and asks for a lease beyond it', () => {
    const budgets = shared(scope());
    expect(ask(budgets, 1n)).toBe('lease');
    allow(budgets, 10n);
    const held = hold(budgets, 6n);
    expect(held.buckets).toEqual([[id, fromMs]]);
    expect(ask(budgets, 5n)).toBe('lease');
    expect(budgets.grow(held, nanoUsd(4n), 1_000)).toMatchObject({ ok: false, fault: { reason: 'lease' } });
    expect(budgets.grow(held, nanoUsd(4n), 999).ok).toBe(true);
    expect(ask(budgets, 1n, 1_000)).toBe('lease');
    budgets.settle(held, nanoUsd(3n));
    expect(ask(budgets, 8n)).toBe('lease');
    expect(typeof ask(budgets, 7n)).toBe('object');
  });

  test('holds what costs nothing without a lease', () => {
    expect(typeof ask(shared(scope()), 0n)).toBe('object');
  });

  test('has no more to spend once what was spent is in the database', () => {
    const budgets = shared(scope());
    allow(budgets, 10n);
    budgets.settle(hold(budgets, 6n), nanoUsd(6n));
    budgets.shipped(id, fromMs, 6n);
    expect(ask(budgets, 5n)).toBe('lease');
    expect(typeof ask(budgets, 4n)).toBe('object');
  });

  test('goes by the cap where all replicas together have spent it, whoever may spend what', () => {
    const budgets = shared(scope());
    budgets.draws([id], noon);
    allow(budgets, 10n);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(95n), othersNanoUsd: nanoUsd(2n) });
    expect(budgets.remaining([id], noon)).toBe(3n);
    expect(ask(budgets, 6n)).toBe('cap');
    expect(typeof ask(budgets, 5n)).toBe('object');
    expect(budgets.standing(id, noon)).toMatchObject({ spentNanoUsd: 95n, heldNanoUsd: 5n, remainingNanoUsd: 0n });
  });

  test('goes by what others hold, and by what they spent in a rolling window, for a second after that was learnt: then a lease decides', () => {
    const budgets = shared(scope());
    budgets.draws([id], noon);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(1n), othersNanoUsd: nanoUsd(99n) });
    expect(budgets.remaining([id], noon + 1_000)).toBe(0n);
    expect(budgets.remaining([id], noon + 1_001)).toBe(99n);
    expect(ask(budgets, 100n, 0, noon + hourMs)).toBe('cap');
    const rolling = shared(scope({ window: 'rolling 3600s' }));
    rolling.draws([id], noon);
    rolling.learn(id, 0, { spentNanoUsd: nanoUsd(100n), othersNanoUsd: nanoUsd(0n) });
    expect(ask(rolling, 1n, 0, noon + 1_000)).toBe('cap');
    expect(ask(rolling, 1n, 0, noon + 1_001)).toBe('lease');
    expect(rolling.remaining([id], noon + hourMs)).toBe(100n);
    rolling.draws([], noon + hourMs);
    rolling.learn(id, 0, { spentNanoUsd: nanoUsd(100n), othersNanoUsd: nanoUsd(0n) });
    expect(ask(rolling, 1n, 0, noon + hourMs)).toBe('cap');
  });

  test('tells with a refusal what was left over all replicas', () => {
    const budgets = shared(scope());
    allow(budgets, 10n);
    hold(budgets, 5n);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(60n), othersNanoUsd: nanoUsd(20n) });
    const refused = budgets.hold([id], nanoUsd(6n), noon, 0);
    expect(refused).toMatchObject({ fault: { reason: 'lease', remainingNanoUsd: 15n } });
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(60n), othersNanoUsd: nanoUsd(90n) });
    expect(budgets.hold([id], nanoUsd(6n), noon, 0)).toMatchObject({ fault: { remainingNanoUsd: 0n } });
  });

  test('counts what was spent here once, whether the database has it yet or not', () => {
    const budgets = shared(scope());
    allow(budgets, 50n);
    budgets.settle(hold(budgets, 6n), nanoUsd(6n));
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(30n), othersNanoUsd: nanoUsd(0n) });
    expect(budgets.standing(id, noon)?.spentNanoUsd).toBe(36n);
    budgets.shipped(id, fromMs, 6n);
    expect(budgets.standing(id, noon)?.spentNanoUsd).toBe(36n);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(36n), othersNanoUsd: nanoUsd(0n) });
    expect(budgets.standing(id, noon)?.spentNanoUsd).toBe(36n);
  });

  test('that learnt what others spend is set right without counting that twice', () => {
    const budgets = shared(scope());
    allow(budgets, 50n);
    budgets.settle(hold(budgets, 6n), nanoUsd(6n));
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(60n), othersNanoUsd: nanoUsd(0n) });
    const believed = budgets.recorded(id, noon).get(fromMs)!;
    budgets.correct(id, fromMs, 66n - believed, noon);
    expect(budgets.standing(id, noon)?.spentNanoUsd).toBe(66n);
    expect([...budgets.recorded(id, noon)]).toEqual([[fromMs, 66n]]);
  });

  test('that is rolling is not named for what is too old for it, nor has it less to ship than is shipped of it', () => {
    const budgets = shared(scope({ window: 'rolling 3600s' }));
    const nowMs = noon + 30 * hourMs;
    const named = budgets.bucketsAt([id], noon);
    budgets.charge(named, nanoUsd(2n));
    budgets.standing(id, nowMs);
    expect(budgets.bucketsAt([id], noon)).toEqual([]);
    // Named before it was too old, and counted after that.
    budgets.charge(named, nanoUsd(3n));
    expect(budgets.standing(id, nowMs)?.spentNanoUsd).toBe(0n);
    expect(budgets.draws([id], nowMs)).toMatchObject([{ unshippedNanoUsd: 5n }]);
    budgets.shipped(id, named[0]![1], 5n);
    expect(budgets.draws([id], nowMs)).toMatchObject([{ unshippedNanoUsd: 0n }]);
  });

  test('that counts by another window after a reload goes on with what is under way, until that is counted as of the new one', () => {
    const budgets = shared(scope());
    allow(budgets, 50n);
    budgets.settle(hold(budgets, 5n), nanoUsd(5n));
    const held = hold(budgets, 40n);
    budgets.configure([scope({ window: 'month' })]);
    const monthFromMs = budgets.standing(id, noon)!.windowFromMs;
    expect(budgets.draws([], noon)).toMatchObject([
      { window: { fromMs: monthFromMs }, unshippedNanoUsd: 5n, heldNanoUsd: 40n, grantedNanoUsd: 0n },
    ]);
    const learn = (grantedNanoUsd: bigint, spent: bigint): void => {
      budgets.learn(id, monthFromMs, { spentNanoUsd: nanoUsd(spent), othersNanoUsd: nanoUsd(0n) });
      budgets.allow(id, monthFromMs, { grantedNanoUsd, untilMonotonicMs: 1_000 });
    };
    learn(50n, 20n);
    expect(held.buckets).toEqual([[id, fromMs]]);
    budgets.settle(held, nanoUsd(30n));
    budgets.shipped(id, fromMs, 31n);
    const counted = budgets.beginCount(id);
    budgets.shipped(id, fromMs, 4n);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 35n, heldNanoUsd: 0n, grantedNanoUsd: 50n }]);
    learn(50n, 51n);
    counted();
    // What came while it was counted is counted as little as before.
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 4n, grantedNanoUsd: 19n }]);
    const rest = budgets.beginCount(id);
    learn(19n, 55n);
    rest();
    expect(budgets.standing(id, noon)?.spentNanoUsd).toBe(55n);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 0n, grantedNanoUsd: 15n }]);
    expect(ask(budgets, 16n)).toBe('lease');
    budgets.settle(hold(budgets, 15n), nanoUsd(15n));
    budgets.shipped(id, monthFromMs, 15n);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 0n, grantedNanoUsd: 0n }]);
  });

  test('that is taken away and comes back goes on with what is under way', () => {
    const budgets = shared(scope());
    allow(budgets, 50n);
    const [settled, held] = [hold(budgets, 40n), hold(budgets, 6n)];
    budgets.configure([]);
    budgets.settle(settled, nanoUsd(40n));
    budgets.shipped(id, fromMs, 15n);
    budgets.configure([scope()]);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 25n, heldNanoUsd: 6n }]);
    budgets.shipped(id, fromMs, 25n);
    budgets.release(held);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 0n, heldNanoUsd: 0n }]);
  });

  test('has no less to ship for what an earlier process had spent', () => {
    const budgets = shared(scope());
    allow(budgets, 10n);
    budgets.shipped(id, fromMs, 7n);
    expect(budgets.draws([], noon)).toMatchObject([{ unshippedNanoUsd: 0n, grantedNanoUsd: 10n }]);
  });

  test('is served from its allowance where nobody knows what was spent', () => {
    const budgets = shared(scope());
    budgets.forget(id, noon);
    expect(ask(budgets, 1n)).toBe('lease');
    allow(budgets, 10n);
    expect(typeof ask(budgets, 10n)).toBe('object');
  });

  test('has no allowance in a new window, and none of the last one is added to it', () => {
    const budgets = shared(scope());
    allow(budgets, 10n);
    expect(ask(budgets, 1n, 0, nextDay)).toBe('lease');
    allow(budgets, 10n);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(20n), othersNanoUsd: nanoUsd(0n) });
    budgets.shipped(id, fromMs, 5n);
    expect(ask(budgets, 1n, 0, nextDay)).toBe('lease');
    expect(budgets.standing(id, nextDay)?.spentNanoUsd).toBe(0n);
  });

  test('has a hold of a window that is over grow by leases of the next one, within the cap of its own', () => {
    const budgets = shared(scope());
    allow(budgets, 2n);
    const held = hold(budgets, 1n);
    const nextFromMs = budgets.standing(id, nextDay)!.windowFromMs;
    expect(budgets.grow(held, nanoUsd(1n), 0).ok).toBe(true);
    expect(budgets.grow(held, nanoUsd(3n), 0)).toMatchObject({
      fault: { reason: 'lease', resetsAtMs: nextFromMs + 24 * hourMs },
    });
    budgets.allow(id, nextFromMs, { grantedNanoUsd: 500n, untilMonotonicMs: 1_000 });
    expect(budgets.grow(held, nanoUsd(99n), 0)).toMatchObject({ fault: { reason: 'cap', resetsAtMs: nextFromMs } });
    expect(budgets.grow(held, nanoUsd(3n), 0).ok).toBe(true);
    expect(budgets.draws([], nextDay)).toMatchObject([{ window: { fromMs: nextFromMs }, heldNanoUsd: 3n }]);
    budgets.settle(held, nanoUsd(4n));
    expect(budgets.draws([id], nextDay)).toMatchObject([{ heldNanoUsd: 0n, unshippedNanoUsd: 0n }]);
    expect(budgets.standing(id, nextDay)?.spentNanoUsd).toBe(0n);
  });

  test('that is soft takes no lease, and learns what others spend', () => {
    const budgets = shared(scope({ hard: false }));
    expect(hold(budgets, 60n).overSoft).toEqual([]);
    budgets.learn(id, fromMs, { spentNanoUsd: nanoUsd(41n), othersNanoUsd: nanoUsd(0n) });
    expect(hold(budgets, 0n).overSoft).toEqual([id]);
  });

  test('takes part in turns while it is allowed, held or asked for, and says what it came to', () => {
    const budgets = shared(scope());
    expect(budgets.draws([], noon)).toEqual([]);
    const [asked] = budgets.draws([id, 'key:unknown'], noon);
    expect(asked).toMatchObject({ scope: { id }, window: { fromMs }, grantedNanoUsd: 0n });
    allow(budgets, 10n);
    budgets.settle(hold(budgets, 6n), nanoUsd(4n));
    hold(budgets, 1n);
    expect(budgets.draws([], noon)).toMatchObject([
      { unshippedNanoUsd: 4n, heldNanoUsd: 1n, grantedNanoUsd: 10n, drawnNanoUsd: 4n, heldMostNanoUsd: 6n },
    ]);
    allow(budgets, 10n);
    expect(budgets.draws([], noon)).toMatchObject([{ drawnNanoUsd: 0n, heldMostNanoUsd: 1n }]);
    allow(budgets, 0n);
    expect(budgets.draws([], noon)).toEqual([]);
  });
});

/** The plainest database: what was spent, and what each replica may spend. */
interface Pool {
  monotonicMs: number;
  spent: bigint;
  readonly granted: bigint[];
  readonly open: { readonly replica: number; readonly hold: Hold }[];
  /** Settled and not shipped, by replica. */
  readonly unshipped: bigint[];
}

const replicas = 3;
const cap = 100n;
const leaseMs = 50;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

const within = ({ spent, granted, open, unshipped }: Pool): void => {
  expect(spent + sum(granted)).toBeLessThanOrEqual(cap);
  for (const [replica, allowed] of granted.entries()) {
    const held = sum(open.filter((one) => one.replica === replica).map(({ hold: { amountNanoUsd } }) => amountNanoUsd));
    expect(held + unshipped[replica]!).toBeLessThanOrEqual(allowed);
  }
};

type Command = fc.Command<Pool, readonly Budgets[]>;

const act = (text: string, run: (pool: Pool, all: readonly Budgets[]) => void): Command => ({
  check: () => true,
  run: (pool, all) => {
    run(pool, all);
    within(pool);
  },
  toString: () => text,
});

const drawOf = (budgets: Budgets): BudgetDraw => budgets.draws([id], noon)[0]!;

const turn = (pool: Pool, budgets: Budgets, replica: number, wanted: bigint): void => {
  const { heldNanoUsd, unshippedNanoUsd } = drawOf(budgets);
  const room = cap - pool.spent - sum(pool.granted) + pool.granted[replica]!;
  const asked = heldNanoUsd + unshippedNanoUsd + wanted;
  pool.granted[replica] = asked < room ? asked : room;
  allow(budgets, pool.granted[replica]!, pool.monotonicMs + leaseMs);
};

const commands = [
  fc.tuple(fc.nat(replicas - 1), fc.bigInt({ min: 0n, max: 30n })).map(([replica, amount]) =>
    act(`hold(${replica}, ${amount})`, (pool, all) => {
      const held = ask(all[replica]!, amount, pool.monotonicMs);
      if (typeof held !== 'string') pool.open.push({ replica, hold: held });
    }),
  ),
  fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: 10n })).map(([index, more]) =>
    act(`grow(${index}, ${more})`, ({ open, monotonicMs }, all) => {
      const entry = open[index % Math.max(1, open.length)];
      if (entry) all[entry.replica]!.grow(entry.hold, nanoUsd(more), monotonicMs);
    }),
  ),
  fc.tuple(fc.nat(), fc.nat(100)).map(([index, percent]) =>
    act(`settle(${index}, ${percent} %)`, ({ open, unshipped }, all) => {
      const [entry] = open.splice(index % Math.max(1, open.length), 1);
      if (!entry) return;
      const actual = (entry.hold.amountNanoUsd * BigInt(percent)) / 100n;
      all[entry.replica]!.settle(entry.hold, nanoUsd(actual));
      unshipped[entry.replica]! += actual;
    }),
  ),
  fc.nat(replicas - 1).map((replica) =>
    act(`ship(${replica})`, (pool, all) => {
      const amount = pool.unshipped[replica]!;
      pool.spent += amount;
      pool.granted[replica]! -= amount;
      pool.unshipped[replica] = 0n;
      all[replica]!.shipped(id, fromMs, amount);
    }),
  ),
  fc
    .tuple(fc.nat(replicas - 1), fc.bigInt({ min: 0n, max: 60n }))
    .map(([replica, wanted]) =>
      act(`turn(${replica}, ${wanted})`, (pool, all) => turn(pool, all[replica]!, replica, wanted)),
    ),
  fc.nat(leaseMs).map((ms) => act(`wait(${ms})`, (pool) => void (pool.monotonicMs += ms))),
];

describe('replicas that share a budget, under any sequence of acts', () => {
  test('hold and spend no more together than its cap, and each no more than it was granted', () => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60 }), (acts) => {
        const none = Array.from({ length: replicas }, () => 0n);
        const model: Pool = {
          monotonicMs: 0,
          spent: 0n,
          granted: [...none],
          open: [],
          unshipped: [...none],
        };
        const real = none.map(() => shared(scope({ capNanoUsd: nanoUsd(cap) })));
        fc.modelRun(() => ({ model, real }), acts);
      }),
      { numRuns: 300 },
    );
  });
});
