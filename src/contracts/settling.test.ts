import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseRatio, sumUsd, type NanoUsd, type Ratio } from '../kernel/index.ts';
import { aPool, day, useOf, writtenFloor } from './contracts.fixture.ts';
import { poolSettler } from './poolSettler.ts';
import {
  floatSums,
  fulfilmentWindows,
  integerSums,
  settleFloorInterval,
  settleIntervals,
  standing,
  type CarryTerms,
  type PoolContract,
} from './index.ts';

const thousandth = fc
  .integer({ min: 0, max: 1_000 })
  .map((parts): Ratio => ({ numerator: BigInt(parts), denominator: 1_000n }));
const clause = fc.option(
  fc.record({
    share: thousandth,
    upTo: fc.option(thousandth),
    months: fc.option(fc.integer({ min: 1, max: 60 })),
  }),
);
const amount = fc.bigInt({ min: 0n, max: 10n ** 13n }).map(nanoUsd);

/** Five years of 1,000 dollars each, or as many milestones. */
const pools = fc
  .record({ rollover: clause, carryForward: clause, isByMilestones: fc.boolean(), grace: fc.constantFrom('0', '0.01') })
  .map(({ rollover, carryForward, isByMilestones, grace }): PoolContract =>
    aPool({
      fromMs: day('2026-01-31'),
      untilMs: day('2031-01-31'),
      commitmentNanoUsd: nanoUsd(5_000_000_000_000n),
      rollover,
      carryForward: isByMilestones ? null : carryForward,
      fulfilment: isByMilestones ? 'total' : 'annual',
      milestones: isByMilestones
        ? [1, 2, 3, 4].map((year) => ({
            byMs: day(`${2026 + year}-01-31`),
            spentNanoUsd: nanoUsd(BigInt(year) * 10n ** 12n),
          }))
        : [],
      shortfallGrace: parseRatio(grace),
    }),
  );
const spending = fc.array(amount, { minLength: 5, maxLength: 5 });

const missingOf = (pool: PoolContract, spent: readonly NanoUsd[]): bigint =>
  sumUsd(poolSettler(pool)(spent).map(({ missingNanoUsd }) => missingNanoUsd));

describe('true-ups of a pool', () => {
  test('owe between what is missing of all and what each is missing by itself', () => {
    fc.assert(
      fc.property(pools, spending, (pool, spent) => {
        const windows = fulfilmentWindows(pool);
        const alone = windows.reduce((sum, { dueNanoUsd }, index) => {
          const gap = dueNanoUsd - (spent[index] ?? 0n);
          return sum + (gap > 0n ? gap : 0n);
        }, 0n);
        const owed = missingOf(pool, spent);
        expect(owed <= alone).toBe(true);
        const forgiven = pool.shortfallGrace.numerator > 0n;
        if (!forgiven) expect(owed >= pool.commitmentNanoUsd - sumUsd(spent)).toBe(true);
      }),
    );
  });

  test('never owe more for having spent more', () => {
    fc.assert(
      fc.property(pools, spending, fc.nat({ max: 4 }), amount, (pool, spent, at, more) => {
        const raised = spent.map((one, index) => (index === at ? nanoUsd(one + more) : one));
        expect(missingOf(pool, raised) <= missingOf(pool, spent)).toBe(true);
      }),
    );
  });

  test('say the same of those that are over, whatever comes later', () => {
    fc.assert(
      fc.property(pools, spending, fc.integer({ min: 1, max: 5 }), (pool, spent, count) => {
        const settle = poolSettler(pool);
        expect(settle(spent).slice(0, count)).toEqual(settle(spent.slice(0, count)));
      }),
    );
  });

  test('come to nothing by milestones of a whole balance exactly where the commitment is kept in time', () => {
    const terms: CarryTerms = { share: parseRatio('1'), upTo: null, months: null };
    fc.assert(
      fc.property(pools, spending, (pool, spent) => {
        const both = { ...pool, rollover: terms, carryForward: terms, shortfallGrace: parseRatio('0') };
        const missing = pool.commitmentNanoUsd - sumUsd(spent);
        expect(missingOf(both, spent)).toBe(missing > 0n ? missing : 0n);
      }),
    );
  });

  test('are carried a month after a short one as after any other', () => {
    const pool = aPool({
      fromMs: day('2026-01-31'),
      untilMs: day('2026-05-31'),
      commitmentNanoUsd: nanoUsd(400n),
      fulfilment: 'monthly',
      rollover: { share: parseRatio('1'), upTo: null, months: 1 },
    });
    const spent = [60n, 100n, 100n, 100n].map(nanoUsd);
    expect(poolSettler(pool)(spent).map(({ missingNanoUsd }) => missingNanoUsd)).toEqual([0n, 40n, 0n, 0n]);
    const took = poolSettler(pool)([60n, 140n, 100n, 100n].map(nanoUsd));
    expect(took.map(({ missingNanoUsd, openNanoUsd }) => [missingNanoUsd, openNanoUsd])).toEqual([
      [0n, 40n],
      [0n, 0n],
      [0n, 0n],
      [0n, 0n],
    ]);
    const at = standing(pool, {
      drawnNanoUsd: nanoUsd(110n),
      earlierNanoUsd: [nanoUsd(60n)],
      nowMs: day('2026-03-01'),
    });
    expect(at).toMatchObject({ carriedNanoUsd: 30n, remainingNanoUsd: 0n, shortfallNanoUsd: 30n });
  });

  test('are settled alike in integers and in floating point', () => {
    const whole = fc.array(fc.tuple(fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(whole, fc.nat({ max: 3 }), (years, reach) => {
        const rule = <Amount>() => ({
          moved: (money: Amount) => money,
          lastInterval: (interval: number) => interval + reach,
        });
        const due = years.map(([one]) => one);
        const spent = years.map(([, one]) => one);
        const planned = settleIntervals<number>(floatSums, due, { unspent: rule(), overspent: rule() }, spent);
        const booked = settleIntervals<bigint>(
          integerSums,
          due.map(BigInt),
          { unspent: rule(), overspent: rule() },
          spent.map(BigInt),
        );
        expect(booked.map(({ owed, open, credited }) => [owed, open, credited].map(Number))).toEqual(
          planned.map(({ owed, open, credited }) => [owed, open, credited]),
        );
      }),
    );
  });
});

describe('intervals of a floor', () => {
  const meters = (burndown: object) =>
    writtenFloor({
      unit: 'tokensPerMinute',
      meters: [
        { name: 'input', quantity: '1000.5', burndown },
        { name: 'output', quantity: '100', burndown: { output: '1' } },
      ],
      fee: { usd: '1', per: 'hour' },
    });
  const floor = meters({ input: '1', cacheRead: '0.1', cacheWrite5m: '1.25' });
  const dollars = writtenFloor({ unit: 'usdPerMinute', quantity: '2' });
  const tokens = fc.nat({ max: 3_000 });
  const usage = fc.record({ input: tokens, cacheRead: tokens, cacheWrite5m: tokens, output: fc.nat({ max: 300 }) });

  test('lose and make nothing: what was within and what spilled are what was used, to the part of a token', () => {
    fc.assert(
      fc.property(fc.constantFrom(floor, dollars), fc.nat({ max: 5_000 }), usage, (contract, cents, used) => {
        const use = useOf(cents / 1_000, used);
        const { withinNanoUsd, spilledNanoUsd, meters: counted } = settleFloorInterval(contract, use);
        expect(withinNanoUsd + spilledNanoUsd).toBe(use.amountNanoUsd);
        expect(withinNanoUsd >= 0n && spilledNanoUsd >= 0n).toBe(true);
        if (contract !== floor) return;
        const input = 100n * BigInt(used.input) + 10n * BigInt(used.cacheRead) + 125n * BigInt(used.cacheWrite5m);
        expect(counted.map(({ within, spilled }) => within + spilled)).toEqual([input, BigInt(used.output)]);
        expect(counted[0]!.within <= 100_050n && counted[1]!.within <= 100n).toBe(true);
        expect(counted.every(({ within }) => within >= 0n)).toBe(true);
      }),
    );
  });

  test('of dollars take no less for being used more', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fc.nat({ max: 5_000 }), (cents, more) => {
        const within = (amountOf: number) => settleFloorInterval(dollars, useOf(amountOf / 1_000)).withinNanoUsd;
        expect(within(cents + more) >= within(cents)).toBe(true);
      }),
    );
  });
});
