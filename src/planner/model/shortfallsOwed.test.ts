import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CarryClause, PoolCarry } from '../PlanProblem.ts';
import { shortfallsOwed } from './shortfallsOwed.ts';

const clause = (changes: Partial<CarryClause> = {}): CarryClause => ({
  share: 1,
  shareOfFloorMax: null,
  periods: 1,
  ...changes,
});

const owed = (carry: PoolCarry | null, floors: readonly number[], spent: readonly number[]): number[] =>
  shortfallsOwed({ floors, carry }, spent).map((money) => Number(money.toFixed(9)));

const rollover = (changes: Partial<CarryClause> = {}): PoolCarry => ({ unspent: clause(changes), overspent: null });
const forward = (changes: Partial<CarryClause> = {}): PoolCarry => ({ unspent: null, overspent: clause(changes) });

describe('what is owed where true-ups stand by themselves', () => {
  it('is what each period has too little', () => {
    expect(owed(null, [100, 100, 100], [80, 150, 100])).toEqual([20, 0, 0]);
  });
});

describe('unspent money that rolls over', () => {
  it.each<[string, PoolCarry, number[], number[], number[]]>([
    ['is not owed where the next period takes it up', rollover(), [100, 100], [80, 150], [0, 0]],
    ['is owed a period later as far as it does not', rollover(), [100, 100], [80, 105], [0, 15]],
    [
      'is owed a period later beside what that one owes itself',
      rollover(),
      [100, 100, 100],
      [80, 90, 100],
      [0, 20, 10],
    ],
    ['is owed at once as far as it does not move on', rollover({ share: 0.5 }), [100, 100], [80, 150], [10, 0]],
    ['moves on up to a share of the floor', rollover({ shareOfFloorMax: 0.1 }), [100, 100], [70, 150], [20, 0]],
    ['waits as long as it may', rollover({ periods: 2 }), [100, 100, 100], [80, 100, 115], [0, 0, 5]],
    ['is lost after its time', rollover({ periods: 1 }), [100, 100, 100], [80, 100, 200], [0, 20, 0]],
    ['has nowhere to go from the last period', rollover({ periods: 3 }), [100, 100], [100, 60], [0, 40]],
    ['is taken up the oldest first', rollover({ periods: 2 }), [100, 100, 100, 100], [90, 80, 115, 100], [0, 0, 0, 15]],
  ])('%s', (_, carry, floors, spent, expected) => {
    expect(owed(carry, floors, spent)).toEqual(expected);
  });
});

describe('money beyond a floor that counts later', () => {
  it.each<[string, PoolCarry, number[], number[], number[]]>([
    ['makes up for what the next period has too little', forward(), [100, 100], [130, 80], [0, 0]],
    ['does so as far as it goes', forward(), [100, 100], [110, 80], [0, 10]],
    ['is no use to a period before it', forward(), [100, 100], [80, 130], [20, 0]],
    ['counts only in part', forward({ share: 0.5 }), [100, 100], [130, 80], [0, 5]],
    ['is lost after its time', forward(), [100, 100, 100], [130, 100, 80], [0, 0, 20]],
    ['waits as long as it may', forward({ periods: 2 }), [100, 100, 100], [130, 90, 75], [0, 0, 5]],
  ])('%s', (_, carry, floors, spent, expected) => {
    expect(owed(carry, floors, spent)).toEqual(expected);
  });
});

describe('milestones of a commitment whose balance counts', () => {
  it('owe in the end what all of it has too little', () => {
    // 150 ahead, then 430 less 150 short, of which the last period takes up 130.
    const carry = { unspent: clause({ periods: 3 }), overspent: clause({ periods: 3 }) };
    expect(owed(carry, [800, 1_000, 1_200], [950, 570, 1_330])).toEqual([0, 0, 150]);
  });
});

const money = fc.integer({ min: 0, max: 200 });
const some = fc.record({
  share: fc.constantFrom(0.2, 0.5, 1),
  shareOfFloorMax: fc.constantFrom(null, 0.1, 0.5),
  periods: fc.integer({ min: 1, max: 4 }),
});
const periods = fc.array(fc.tuple(money, money), { minLength: 1, maxLength: 6 });
const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const apart = (years: readonly (readonly [number, number])[]): number[] =>
  years.map(([floor, spent]) => Math.max(0, floor - spent));

describe('clauses that carry', () => {
  it('never make more owed altogether, nor more than is missing so far, and nothing below 0', () => {
    fc.assert(
      fc.property(periods, fc.option(some), fc.option(some), (years, unspent, overspent) => {
        const [floors, spent] = [years.map(([floor]) => floor), years.map(([, one]) => one)];
        const found = shortfallsOwed({ floors, carry: { unspent, overspent } }, spent);
        const alone = apart(years);
        for (const [period, one] of found.entries()) {
          expect(one).toBeGreaterThanOrEqual(-1e-9);
          expect(sum(found.slice(0, period + 1))).toBeLessThanOrEqual(sum(alone.slice(0, period + 1)) + 1e-9);
        }
      }),
      { seed: 5 },
    );
  });

  it('leave owed what is missing altogether at the least, and just that where all of both moves without end', () => {
    fc.assert(
      fc.property(periods, fc.option(some), fc.option(some), (years, unspent, overspent) => {
        const [floors, spent] = [years.map(([floor]) => floor), years.map(([, one]) => one)];
        const missing = Math.max(0, sum(floors) - sum(spent));
        const found = sum(shortfallsOwed({ floors, carry: { unspent, overspent } }, spent));
        expect(found).toBeGreaterThanOrEqual(missing - 1e-9);
        const endless = clause({ periods: floors.length });
        const all = shortfallsOwed({ floors, carry: { unspent: endless, overspent: endless } }, spent);
        expect(sum(all)).toBeCloseTo(missing, 9);
      }),
      { seed: 6 },
    );
  });

  it('are no clauses where their share or time is none', () => {
    fc.assert(
      fc.property(periods, (years) => {
        const [floors, spent] = [years.map(([floor]) => floor), years.map(([, one]) => one)];
        const none = { unspent: clause({ share: 0 }), overspent: clause({ periods: 0 }) };
        expect(shortfallsOwed({ floors, carry: none }, spent)).toEqual(apart(years));
      }),
      { seed: 7 },
    );
  });
});
