import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseUsd } from '../kernel/index.ts';
import { Budgets, type BudgetScope, type Hold } from './index.ts';

const noon = Date.parse('2026-11-26T12:00:00Z');
const nextDay = Date.parse('2026-11-27T12:00:00Z');

const scope = (id: string, cap: bigint, changes: Partial<BudgetScope> = {}): BudgetScope => ({
  id,
  capNanoUsd: nanoUsd(cap),
  window: 'day',
  hard: true,
  timeZone: 'UTC',
  ...changes,
});

const budgetsOf = (...scopes: readonly BudgetScope[]): Budgets => {
  const budgets = new Budgets();
  budgets.configure(scopes);
  return budgets;
};

const hold = (budgets: Budgets, ids: readonly string[], amount: bigint, nowMs = noon): Hold => {
  const held = budgets.hold(ids, nanoUsd(amount), nowMs, 0);
  if (!held.ok) throw new Error(`refused by ${held.fault.scope}`);
  return held.value;
};

const levels = ['key:demo', 'team:research', 'organisation:default'];

describe('budgets whose spend is not known', () => {
  test('refuse where they are hard and count on where they are soft, until they are set right', () => {
    const budgets = budgetsOf(scope('key:demo', 10n), scope('team:research', 10n, { hard: false }));
    budgets.forget('key:demo', noon);
    budgets.forget('team:research', noon);
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noon, 0)).toMatchObject({
      ok: false,
      fault: { isKnown: false, reason: 'unknown' },
    });
    budgets.settle(hold(budgets, ['team:research'], 4n), nanoUsd(4n));
    const { windowFromMs } = budgets.standing('key:demo', noon)!;
    budgets.correct('key:demo', windowFromMs, 7n);
    budgets.correct('team:research', windowFromMs, 20n);
    expect(budgets.standing('team:research', noon)).toMatchObject({ spentNanoUsd: 24n, isKnown: true });
    expect(budgets.hold(['key:demo'], nanoUsd(4n), noon, 0)).toMatchObject({ ok: false, fault: { isKnown: true } });
    hold(budgets, ['key:demo'], 3n);
  });

  test('are known again in their next window, which a correction of the last one does not touch', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    budgets.forget('key:demo', noon);
    const { windowFromMs } = budgets.standing('key:demo', noon)!;
    expect(budgets.standing('key:demo', nextDay)).toMatchObject({ spentNanoUsd: 0n, isKnown: true });
    budgets.correct('key:demo', windowFromMs, 7n);
    budgets.correct('key:gone', windowFromMs, 7n);
    expect(budgets.standing('key:demo', nextDay)?.spentNanoUsd).toBe(0n);
  });

  test('have no record of what was settled without one', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    budgets.settle(hold(budgets, ['key:demo'], 4n), nanoUsd(3n));
    budgets.forfeit(hold(budgets, ['key:demo'], 4n), nanoUsd(5n));
    expect(budgets.standing('key:demo', noon)).toMatchObject({
      spentNanoUsd: 8n,
      recordedNanoUsd: 3n,
      heldNanoUsd: 0n,
    });
  });
});

describe('budgets', () => {
  test('hold at every level or at none, and name the one that is full', () => {
    const budgets = budgetsOf(scope(levels[0]!, 10n), scope(levels[1]!, 5n), scope(levels[2]!, 10n));
    hold(budgets, levels, 4n);
    expect(budgets.hold(levels, nanoUsd(2n), noon, 0)).toEqual({
      ok: false,
      fault: {
        scope: 'team:research',
        capNanoUsd: 5n,
        spentNanoUsd: 0n,
        heldNanoUsd: 4n,
        resetsAtMs: Date.parse('2026-11-27T00:00:00Z'),
        isKnown: true,
        reason: 'cap',
        remainingNanoUsd: 1n,
      },
    });
    expect(levels.map((id) => budgets.standing(id, noon)?.heldNanoUsd)).toEqual([4n, 4n, 4n]);
    expect(budgets.remaining(levels, noon)).toBe(1n);
  });

  test('settle to what was spent and tell what went beyond the hold', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    expect(budgets.settle(hold(budgets, ['key:demo'], 4n), nanoUsd(3n))).toEqual({
      overshootNanoUsd: 0n,
      over: [],
      crossed: [],
    });
    expect(budgets.settle(hold(budgets, ['key:demo'], 7n), nanoUsd(9n))).toEqual({
      overshootNanoUsd: 2n,
      over: ['key:demo'],
      crossed: ['key:demo'],
    });
    expect(budgets.standing('key:demo', noon)).toMatchObject({
      spentNanoUsd: 12n,
      heldNanoUsd: 0n,
      remainingNanoUsd: 0n,
    });
  });

  test('count what was used without a hold, refuse nothing for it, and then have no room for requests', () => {
    const budgets = budgetsOf(scope('key:demo', 10n), scope('team:research', 100n, { hard: false }));
    const all = budgets.bucketsAt([...levels, 'key:nobody'], noon);
    const open = hold(budgets, levels, 6n);
    expect(budgets.charge(all, nanoUsd(4n))).toEqual([]);
    expect(budgets.charge(all, nanoUsd(1n))).toEqual(['key:demo']);
    expect(budgets.standing('key:demo', noon)).toMatchObject({ spentNanoUsd: 5n, heldNanoUsd: 6n });
    expect(budgets.settle(open, nanoUsd(6n)).over).toEqual(['key:demo']);
    expect(budgets.hold(levels, nanoUsd(1n), noon, 0)).toMatchObject({ ok: false, fault: { scope: 'key:demo' } });
    expect(budgets.charge(all, nanoUsd(90n))).toEqual(['key:demo', 'team:research']);
    expect(() => budgets.charge(all, nanoUsd(-1n))).toThrow(/assertion/);
  });

  test('count what was used without a hold where its use began, unless that is over', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    hold(budgets, ['key:demo'], 1n, nextDay);
    expect(budgets.charge(budgets.bucketsAt(['key:demo'], noon), nanoUsd(50n))).toEqual([]);
    expect(budgets.standing('key:demo', nextDay)).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: 1n });
    budgets.charge(budgets.bucketsAt(['key:demo'], nextDay), nanoUsd(3n));
    expect(budgets.standing('key:demo', nextDay)).toMatchObject({ spentNanoUsd: 3n, heldNanoUsd: 1n });
  });

  test('settle exactly once', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    const held = hold(budgets, ['key:demo'], 4n);
    budgets.release(held);
    expect(() => budgets.settle(held, nanoUsd(1n))).toThrow(/exactly once/);
    expect(() => budgets.release(held)).toThrow(/exactly once/);
    expect(() => budgets.grow(held, nanoUsd(1n), 0)).toThrow(/exactly once/);
    expect(() => budgets.settle({ amountNanoUsd: nanoUsd(4n), overSoft: [], buckets: [] }, nanoUsd(1n))).toThrow(
      /from these budgets/,
    );
  });

  test('grow a hold at all levels or at none', () => {
    const budgets = budgetsOf(scope('key:demo', 10n), scope('team:research', 6n));
    const held = hold(budgets, ['key:demo', 'team:research'], 4n);
    expect(budgets.grow(held, nanoUsd(2n), 0).ok).toBe(true);
    expect(budgets.grow(held, nanoUsd(1n), 0)).toMatchObject({ ok: false, fault: { scope: 'team:research' } });
    expect(held.amountNanoUsd).toBe(6n);
    budgets.settle(held, nanoUsd(6n));
    expect(budgets.standing('key:demo', noon)).toMatchObject({ spentNanoUsd: 6n, heldNanoUsd: 0n });
  });

  test('count a settlement to the window in which its hold was made', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    const yesterday = Array.from({ length: 5 }, () => hold(budgets, ['key:demo'], 2n));
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noon, 0).ok).toBe(false);
    hold(budgets, ['key:demo'], 10n, nextDay);
    for (const held of yesterday) budgets.settle(held, nanoUsd(2n));
    expect(budgets.standing('key:demo', nextDay)).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: 10n });
  });

  test('start anew at midnight of their zone, not of UTC', () => {
    const budgets = budgetsOf(scope('key:demo', 10n, { timeZone: 'Europe/Paris' }));
    budgets.settle(hold(budgets, ['key:demo'], 10n, Date.parse('2026-03-29T21:59:00Z')), nanoUsd(10n));
    expect(budgets.hold(['key:demo'], nanoUsd(1n), Date.parse('2026-03-29T21:59:59Z'), 0).ok).toBe(false);
    expect(budgets.hold(['key:demo'], nanoUsd(1n), Date.parse('2026-03-29T22:00:00Z'), 0).ok).toBe(true);
  });

  test('do not start anew when the clock goes back', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    budgets.settle(hold(budgets, ['key:demo'], 10n, nextDay), nanoUsd(10n));
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noon, 0).ok).toBe(false);
  });

  test('tell of a soft budget and never refuse for it', () => {
    const budgets = budgetsOf(scope('key:demo', 100n), scope('team:research', 5n, { hard: false }));
    expect(hold(budgets, ['key:demo', 'team:research'], 5n).overSoft).toEqual([]);
    const held = hold(budgets, ['key:demo', 'team:research'], 1n);
    expect(held.overSoft).toEqual(['team:research']);
    expect(budgets.settle(held, nanoUsd(1n))).toMatchObject({ over: ['team:research'], crossed: [] });
    const other = hold(budgets, ['team:research'], 9n);
    expect(budgets.settle(other, nanoUsd(9n)).crossed).toEqual(['team:research']);
    expect(budgets.settle(hold(budgets, ['team:research'], 1n), nanoUsd(1n)).crossed).toEqual([]);
    expect(budgets.remaining(['team:research'], noon)).toBeNull();
  });

  test('pass over what has no budget', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    budgets.settle(hold(budgets, ['team:none', 'key:demo'], 4n), nanoUsd(4n));
    expect(budgets.standing('team:none', noon)).toBeNull();
    expect(budgets.remaining([], noon)).toBeNull();
  });

  test('keep their balances over a reload, under new caps', () => {
    const budgets = budgetsOf(scope('key:demo', 10n), scope('key:gone', 10n));
    const held = hold(budgets, ['key:demo', 'key:gone'], 4n);
    expect(budgets.configure([scope('key:demo', 3n), scope('key:new', 1n)])).toEqual(['key:new']);
    expect(budgets.standing('key:demo', noon)).toMatchObject({ capNanoUsd: 3n, heldNanoUsd: 4n, remainingNanoUsd: 0n });
    expect(budgets.hold(['key:demo'], nanoUsd(0n), noon, 0).ok).toBe(false);
    budgets.settle(held, nanoUsd(2n));
    expect(budgets.standing('key:demo', noon)).toMatchObject({ spentNanoUsd: 2n, heldNanoUsd: 0n });
    expect(budgets.standing('key:gone', noon)).toBeNull();
    expect(budgets.configure([scope('key:demo', 3n, { window: 'month' })])).toEqual(['key:demo']);
    expect(budgets.standing('key:demo', noon)?.spentNanoUsd).toBe(0n);
  });

  test('go on from what the ledger holds, together with what was spent meanwhile', () => {
    const budgets = budgetsOf(scope('key:demo', 10n));
    budgets.settle(hold(budgets, ['key:demo'], 1n), nanoUsd(1n));
    budgets.load('key:demo', Date.parse('2026-11-26T00:00:00Z'), nanoUsd(6n));
    budgets.load('key:demo', Date.parse('2026-11-25T00:00:00Z'), nanoUsd(100n));
    budgets.load('key:unknown', noon, nanoUsd(6n));
    expect(budgets.standing('key:demo', noon)?.spentNanoUsd).toBe(7n);
  });

  test('never begin anew in total, and hold 38 G$ exactly', () => {
    const budgets = budgetsOf(scope('organisation:big', parseUsd('38000000000'), { window: 'total' }));
    budgets.settle(
      hold(budgets, ['organisation:big'], parseUsd('38000000000') - 1n),
      nanoUsd(parseUsd('38000000000') - 1n),
    );
    expect(budgets.remaining(['organisation:big'], nextDay)).toBe(1n);
    expect(budgets.standing('organisation:big', nextDay)?.resetsAtMs).toBeNull();
  });
});

interface Case35 {
  readonly budgetUsd: number;
  readonly requests: number;
  readonly worstCaseUsd: number;
  readonly actualUsd: number;
  readonly expect: { readonly maxConcurrentAdmitted: number; readonly finalSpentUsdMax: number };
}

describe('requests that come all at once', () => {
  const case35 = JSON.parse(
    readFileSync(new URL('../../test/fixtures/cases/35-budget-check-then-act.scenario.json', import.meta.url), 'utf8'),
  ) as Case35;
  const cap = parseUsd(case35.budgetUsd.toFixed(2));
  const worst = parseUsd(case35.worstCaseUsd.toFixed(2));
  const actual = parseUsd(case35.actualUsd.toFixed(2));

  test('are admitted only as far as the budget holds their worst case, and never spend beyond it', async () => {
    const budgets = budgetsOf(scope('key:demo', cap));
    let inFlight = 0;
    let inFlightMax = 0;
    const request = async (): Promise<boolean> => {
      await Promise.resolve();
      const held = budgets.hold(['key:demo'], worst, noon, 0);
      if (!held.ok) return false;
      inFlightMax = Math.max(inFlightMax, ++inFlight);
      await Promise.resolve();
      const { spentNanoUsd, heldNanoUsd } = budgets.standing('key:demo', noon)!;
      expect(spentNanoUsd + heldNanoUsd <= cap).toBe(true);
      inFlight--;
      budgets.settle(held.value, actual);
      return true;
    };
    const admitted = await Promise.all(Array.from({ length: case35.requests }, request));
    expect(inFlightMax).toBe(case35.expect.maxConcurrentAdmitted);
    expect(admitted.filter(Boolean)).toHaveLength(case35.expect.maxConcurrentAdmitted);
    const { spentNanoUsd, heldNanoUsd } = budgets.standing('key:demo', noon)!;
    expect(heldNanoUsd).toBe(0n);
    expect(spentNanoUsd <= parseUsd(case35.expect.finalSpentUsdMax.toFixed(2))).toBe(true);
  });

  test('would overspend if they only looked before they leapt', async () => {
    // The negative control: the same crowd against a balance that is read first and changed later.
    let spent = 0n;
    const request = async (): Promise<void> => {
      const fits = spent + worst <= cap;
      await Promise.resolve();
      if (fits) spent += actual;
    };
    await Promise.all(Array.from({ length: case35.requests }, request));
    expect(spent > cap).toBe(true);
  });
});

/** What budgets must do, in the plainest form: a list of amounts per window. */
interface Model {
  nowMs: number;
  readonly open: { readonly hold: Hold; amount: bigint; readonly ids: readonly string[]; readonly day: number }[];
  readonly spent: Map<string, bigint>;
}

const dayMs = 86_400_000;
const caps: Readonly<Record<string, bigint>> = { 'key:a': 20n, 'key:b': 30n, 'team:t': 40n };
const paths: readonly (readonly string[])[] = [['key:a', 'team:t'], ['key:b', 'team:t'], ['team:t']];
const dayOf = (nowMs: number): number => Math.floor(nowMs / dayMs);
const spentKey = (id: string, day: number): string => `${id}@${day}`;

const spentOf = (model: Model, id: string): bigint => model.spent.get(spentKey(id, dayOf(model.nowMs))) ?? 0n;
const heldOf = (model: Model, id: string): bigint =>
  model.open
    .filter(({ ids, day }) => ids.includes(id) && day === dayOf(model.nowMs))
    .reduce((sum, { amount }) => sum + amount, 0n);

const agree = (model: Model, budgets: Budgets): void => {
  for (const [id, cap] of Object.entries(caps)) {
    const { spentNanoUsd, heldNanoUsd } = budgets.standing(id, model.nowMs)!;
    expect([id, spentNanoUsd, heldNanoUsd]).toEqual([id, spentOf(model, id), heldOf(model, id)]);
    expect(heldNanoUsd >= 0n).toBe(true);
    expect(spentNanoUsd + heldNanoUsd <= cap).toBe(true);
  }
};

type BudgetCommand = fc.Command<Model, Budgets>;

const holdCommand = (ids: readonly string[], amount: bigint): BudgetCommand => ({
  check: () => true,
  run: (model, budgets) => {
    const fits = ids.every((id) => spentOf(model, id) + heldOf(model, id) + amount <= (caps[id] ?? 0n));
    const held = budgets.hold(ids, nanoUsd(amount), model.nowMs, 0);
    expect(held.ok).toBe(fits);
    if (held.ok) model.open.push({ hold: held.value, amount, ids, day: dayOf(model.nowMs) });
    agree(model, budgets);
  },
  toString: () => `hold(${ids.join('+')}, ${amount})`,
});

const growCommand = (index: number, more: bigint): BudgetCommand => ({
  check: ({ open }) => open.length > 0,
  run: (model, budgets) => {
    const entry = model.open[index % model.open.length]!;
    if (budgets.grow(entry.hold, nanoUsd(more), 0).ok) entry.amount += more;
    expect(entry.hold.amountNanoUsd).toBe(entry.amount);
    agree(model, budgets);
  },
  toString: () => `grow(${index}, ${more})`,
});

const settleCommand = (index: number, percent: number): BudgetCommand => ({
  check: ({ open }) => open.length > 0,
  run: (model, budgets) => {
    const [entry] = model.open.splice(index % model.open.length, 1);
    const actual = (entry!.amount * BigInt(percent)) / 100n;
    budgets.settle(entry!.hold, nanoUsd(actual));
    for (const id of entry!.ids) {
      const key = spentKey(id, entry!.day);
      model.spent.set(key, (model.spent.get(key) ?? 0n) + actual);
    }
    agree(model, budgets);
  },
  toString: () => `settle(${index}, ${percent} %)`,
});

const waitCommand = (ms: number): BudgetCommand => ({
  check: () => true,
  run: (model, budgets) => {
    model.nowMs += ms;
    agree(model, budgets);
  },
  toString: () => `wait(${ms})`,
});

const reloadCommand = (): BudgetCommand => ({
  check: () => true,
  run: (model, budgets) => {
    expect(budgets.configure(Object.entries(caps).map(([id, cap]) => scope(id, cap)))).toEqual([]);
    agree(model, budgets);
  },
  toString: () => 'reload',
});

describe('budgets under any sequence of acts', () => {
  test('agree with the plainest bookkeeping, keep spent + held within every cap, and hold nothing negative [G4] [G18]', () => {
    const commands = [
      fc
        .tuple(fc.constantFrom(...paths), fc.bigInt({ min: 0n, max: 25n }))
        .map(([ids, amount]) => holdCommand(ids, amount)),
      fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: 15n })).map(([index, more]) => growCommand(index, more)),
      fc.tuple(fc.nat(), fc.nat({ max: 100 })).map(([index, percent]) => settleCommand(index, percent)),
      fc.nat({ max: dayMs }).map(waitCommand),
      fc.constant(reloadCommand()),
    ];
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60 }), (acts) => {
        const model: Model = { nowMs: noon, open: [], spent: new Map() };
        const real = budgetsOf(...Object.entries(caps).map(([id, cap]) => scope(id, cap)));
        fc.modelRun(() => ({ model, real }), acts);
        for (const { hold: open } of model.open) real.release(open);
        for (const id of Object.keys(caps)) expect(real.standing(id, model.nowMs)?.heldNanoUsd).toBe(0n);
      }),
      { numRuns: 300 },
    );
  });
});
