import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { budgetIds, MoneyOverCrashes, type Condition } from './balancesAway.fixture.ts';

const dayMs = 86_400_000;

/** Something that happens to a program and its database. */
type Step =
  | { readonly kind: 'begin'; readonly key: string; readonly most: number }
  | { readonly kind: 'end'; readonly which: number; readonly share: number }
  | { readonly kind: 'keep' | 'rest' | 'confirm' | 'crash' | 'lose' | 'tomorrow' }
  | { readonly kind: 'database'; readonly condition: Condition };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('begin'),
      key: fc.constantFrom('a', 'b', 'c'),
      most: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ kind: fc.constant('end'), which: fc.nat(9), share: fc.constantFrom(0, 0.3, 1) }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'keep' }, { kind: 'rest' }, { kind: 'confirm' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ kind: 'crash' }, { kind: 'crash' }, { kind: 'crash' }, { kind: 'lose' }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'tomorrow' }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('database'), condition: fc.constantFrom('there', 'away', 'ambiguous') }),
  },
);

const take = async (money: MoneyOverCrashes, one: Step): Promise<void> => {
  switch (one.kind) {
    case 'begin': {
      const refused = await money.begin(one.key, one.most);
      if (refused === 'unknown') expect(money.balances.isConfirmed).toBe(false);
      return;
    }
    case 'end':
      return money.end(one.which, one.share);
    // Both go on while other things happen.
    case 'keep':
      return void money.keep().catch(() => {});
    case 'rest':
      return money.keep();
    case 'confirm':
      return void money.confirm(50);
    case 'crash':
      return money.start();
    case 'lose':
      money.kept = null;
      return;
    case 'tomorrow':
      money.clock.wallMs += dayMs;
      return;
    case 'database':
      money.database.condition = one.condition;
  }
};

/** What does not hold at this moment, where every request that ended is booked. */
const faultsOf = (money: MoneyOverCrashes): readonly string[] =>
  Object.entries(budgetIds).flatMap(([id, { cap }]) => {
    const standing = money.standing(id);
    const spent = money.spent(id);
    const faults: string[] = [];
    if (standing?.isKnown === true && standing.spentNanoUsd !== spent)
      faults.push(`${id}: ${standing.spentNanoUsd} in memory, ${spent} were spent`);
    if (cap !== null && spent > cap) faults.push(`${id}: ${spent} were spent of ${cap}`);
    return faults;
  });

/** Lives through steps; what is in the end must be right whatever came before. */
const live = async (money: MoneyOverCrashes, steps: readonly Step[]): Promise<readonly string[]> => {
  await money.start();
  const faults: string[] = [];
  for (const [index, one] of steps.entries()) {
    await take(money, one);
    faults.push(...faultsOf(money).map((fault) => `after step ${index}: ${fault}`));
  }
  money.database.condition = 'there';
  await money.drain();
  if (!(await money.confirm(10_000))) faults.push('the database never confirmed');
  faults.push(...faultsOf(money).map((fault) => `in the end: ${fault}`));
  for (const id of Object.keys(budgetIds))
    if (money.standing(id)?.isKnown !== true) faults.push(`${id} is unknown in the end`);
  const [believed, counted] = money.shares();
  if (believed !== counted) faults.push(`shares: ${believed} in memory, ${counted} were spent`);
  const strayed = money.strayed();
  if (strayed.length > 0) faults.push(`${strayed.length} attempts are on one side only`);
  return faults;
};

const livesOf = async (steps: readonly Step[]): Promise<readonly string[]> => {
  const money = new MoneyOverCrashes();
  try {
    return await live(money, steps);
  } finally {
    await money.remove();
  }
};

const opened = async (options = {}): Promise<MoneyOverCrashes> => {
  const money = new MoneyOverCrashes(options);
  onTestFinished(() => money.remove());
  await money.start();
  return money;
};

const spend = async (money: MoneyOverCrashes, key: string, amount: number): Promise<void> => {
  expect(await money.begin(key, amount)).toBeNull();
  await money.end(0, 1);
};

describe('balances, whatever happens to the program and its database', () => {
  test('are what was spent, never beyond a cap, and all that was spent is in the database once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        expect(await livesOf(steps)).toEqual([]);
      }),
      { numRuns: Number(process.env['ARCHIPEL_RUNS'] ?? 25) },
    );
  });

  test('control: without their place in the spool they count what was spent twice', async () => {
    for (const placed of [true, false]) {
      const money = await opened({ placed });
      await spend(money, 'a', 20);
      await money.keep();
      money.database.condition = 'away';
      await money.start();
      expect(faultsOf(money).includes('key:a: 40 in memory, 20 were spent')).toBe(!placed);
    }
  });
});

describe('a start without the database', () => {
  test('goes on with what was kept and what the spool has behind it, requests that were cut off at their most', async () => {
    const money = await opened();
    await spend(money, 'a', 30);
    await money.keep();
    await spend(money, 'a', 20);
    await money.begin('a', 15);
    money.database.condition = 'away';
    await money.start();
    expect(money.standing('key:a')).toMatchObject({ spentNanoUsd: 65n, isKnown: true });
    expect(await money.begin('a', 26)).toBe('exhausted');
    expect(await money.begin('a', 25)).toBeNull();
  });

  test('refuses under hard budgets whose spend nobody knows, serves the others, and learns it from the database', async () => {
    const money = await opened();
    await spend(money, 'a', 30);
    await money.drain();
    money.kept = null;
    money.database.condition = 'away';
    await money.start();
    expect(money.balances.isConfirmed).toBe(false);
    expect(money.balances.unknownBudgets(money.clock.wallMs).toSorted()).toEqual(Object.keys(budgetIds).toSorted());
    expect(await money.begin('a', 1)).toBe('unknown');
    money.database.condition = 'there';
    expect(await money.confirm(10_000)).toBe(true);
    expect(money.standing('key:a')).toMatchObject({ spentNanoUsd: 30n, isKnown: true });
    expect(await money.begin('a', 61)).toBe('exhausted');
    expect(await money.begin('a', 60)).toBeNull();
  });

  test('knows a window that begins while it runs', async () => {
    const money = await opened();
    await spend(money, 'a', 30);
    money.kept = null;
    money.database.condition = 'away';
    await money.start();
    money.clock.wallMs += dayMs;
    expect(money.standing('key:a')).toMatchObject({ spentNanoUsd: 0n, isKnown: true });
    // Its team's month and the organisation's total go on.
    expect(await money.begin('a', 1)).toBe('unknown');
  });
});
