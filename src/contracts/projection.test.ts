import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseUsd, type NanoUsd } from '../kernel/index.ts';
import { aFloor, aPool, day, seededNormal } from './contracts.fixture.ts';
import { drawRest, fulfilmentWindow, noFloorUse, projectFloor, projectPool } from './index.ts';

const dayMs = 86_400_000;
const usd = (dollars: number): NanoUsd => nanoUsd(BigInt(Math.round(dollars * 1e9)));

describe('what the days to come may bring', () => {
  test('is not said from less than four weeks', () => {
    expect(
      drawRest(
        Array.from({ length: 27 }, () => 1),
        0,
        7,
      ),
    ).toBeNull();
    expect(
      drawRest(
        Array.from({ length: 28 }, () => 1),
        0,
        7,
      ),
    ).toHaveLength(500);
  });

  test('is what there was, where that was always the same, to the part of a day', () => {
    const rest = drawRest(
      Array.from({ length: 40 }, () => 3),
      0.25,
      10.5,
    );
    for (const sum of rest ?? []) expect(sum).toBeCloseTo(31.5, 9);
  });

  test('keeps the days of the week', () => {
    // Today is the day of the week that the history began with: two workdays, then a weekend.
    const weeks = Array.from({ length: 28 }, (_, index) => (index % 7 < 5 ? 10 : 0));
    const each = (sums: readonly number[] | null, sum: number): void => {
      for (const one of sums ?? []) expect(one).toBeCloseTo(sum, 9);
    };
    each(drawRest(weeks, 0, 5), 50);
    each(drawRest(weeks, 0.5, 7), 50);
    each(drawRest([...weeks, 10, 10, 10, 10, 10], 0, 2), 0);
  });

  test('lies further apart the fewer weeks there were', () => {
    const spread = (weeks: number): number => {
      const history = Array.from({ length: weeks * 7 }, (_, index) => 10 + (Math.floor(index / 7) % 2));
      const sums = (drawRest(history, 0, 70) ?? []).toSorted((one, other) => one - other);
      return (sums[450] ?? 0) - (sums[50] ?? 0);
    };
    expect(spread(4)).toBeGreaterThan(spread(20));
  });

  test('is the same for the same history', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { minLength: 28, maxLength: 60 }), (history) => {
        expect(drawRest(history, 0.3, 20)).toEqual(drawRest(history, 0.3, 20));
      }),
      { numRuns: 10 },
    );
  });

  /** Days of a firm whose level wanders a little from week to week, busy on workdays, with noise on each day. */
  const someDays = (normal: () => number, count: number, wander: number): readonly number[] => {
    let level = 0;
    return Array.from({ length: count }, (_, index) => {
      if (index % 7 === 0) level += wander * normal();
      return Math.exp(level + 0.4 * normal()) * (index % 7 < 5 ? 100 : 30);
    });
  };

  test.each([
    ['after four weeks, for a month', 28, 30, 0],
    ['after half a year, for a quarter', 182, 90, 0],
    ['after a quarter, for a month, while the level wanders', 91, 30, 0.05],
    ['after half a year, for a quarter, while it wanders far', 182, 90, 0.1],
  ])('covers what came in about four cases of five %s', (_, historyDays, restDays, wander) => {
    let covered = 0;
    const firms = 150;
    for (let firm = 0; firm < firms; firm++) {
      const days = someDays(seededNormal(firm + 1), historyDays + restDays, wander);
      const sums = (drawRest(days.slice(0, historyDays), 0, restDays) ?? []).toSorted((one, other) => one - other);
      const came = days.slice(historyDays).reduce((sum, one) => sum + one, 0);
      if ((sums[50] ?? 0) <= came && came <= (sums[449] ?? 0)) covered++;
    }
    expect(covered / firms).toBeGreaterThan(0.65);
    expect(covered / firms).toBeLessThan(0.95);
  });
});

describe('a pool', () => {
  const pool = aPool({
    fromMs: day('2026-01-01'),
    untilMs: day('2027-01-01'),
    commitmentNanoUsd: parseUsd('3650'),
  });
  const nowMs = day('2026-07-01');
  const project = (daily: readonly number[], drawn: number, fees = 0) =>
    projectPool(pool, {
      nowMs,
      days: daily.map(usd),
      window: fulfilmentWindow(pool, nowMs),
      drawnNanoUsd: usd(drawn),
      feesNanoUsd: usd(fees),
      earlierNanoUsd: [],
    });

  test('that is drawn evenly ends where the pace leads, and owes what is missing then', () => {
    const days = Array.from({ length: 181 }, () => 8);
    // 184 days are left: 1,448 + 1,472 of 3,650.
    expect(project(days, 1_448)).toEqual({
      historyDays: 181,
      spentNanoUsd: { low: usd(2_920), expected: usd(2_920), high: usd(2_920) },
      missingNanoUsd: { low: usd(730), expected: usd(730), high: usd(730) },
      shortfallNanoUsd: { low: usd(730), expected: usd(730), high: usd(730) },
    });
  });

  test('counts fees to come, and may owe nothing', () => {
    const days = Array.from({ length: 60 }, () => 8);
    expect(project(days, 1_448, 900)).toMatchObject({
      spentNanoUsd: { expected: usd(3_820) },
      shortfallNanoUsd: { low: 0n, expected: 0n, high: 0n },
    });
  });

  test('owes most where least is spent', () => {
    const normal = seededNormal(4);
    const days = Array.from({ length: 60 }, () => Math.exp(normal()) * 6);
    const projected = project(days, 1_200);
    expect(projected).not.toBeNull();
    const { spentNanoUsd: spent, shortfallNanoUsd: owed } = projected!;
    expect(spent.low < spent.expected && spent.expected < spent.high).toBe(true);
    expect(owed.low).toBe(spent.high >= pool.commitmentNanoUsd ? 0n : pool.commitmentNanoUsd - spent.high);
    expect(owed.high).toBe(pool.commitmentNanoUsd - spent.low);
    expect(owed.low <= owed.expected && owed.expected <= owed.high).toBe(true);
  });

  test('is not projected before its first use, from too little, or when it is over', () => {
    expect(project([], 0)).toBeNull();
    expect(
      project(
        Array.from({ length: 100 }, (_, index) => (index < 90 ? 0 : 5)),
        50,
      ),
    ).toBeNull();
    const ended = projectPool(pool, {
      nowMs: pool.untilMs,
      days: Array.from({ length: 60 }, () => usd(1)),
      window: fulfilmentWindow(pool, pool.untilMs),
      drawnNanoUsd: usd(60),
      feesNanoUsd: usd(0),
      earlierNanoUsd: [],
    });
    expect(ended).toBeNull();
  });
});

describe('a floor', () => {
  test('goes unused as it did, over all of its period', () => {
    const floor = aFloor({ fromMs: day('2026-01-01'), untilMs: day('2026-03-02'), quantityNanoUsd: parseUsd('1') });
    const perDay = { ...noFloorUse(floor), withinNanoUsd: usd(720) };
    const days = Array.from({ length: 30 }, () => perDay);
    const use = { ...perDay, withinNanoUsd: usd(30 * 720) };
    // Half of each day's 1,440 dollars, for 60 days.
    expect(projectFloor(floor, use, { nowMs: floor.fromMs + 30 * dayMs, days })).toEqual({
      historyDays: 30,
      unusedShare: { low: 0.5, expected: expect.closeTo(0.5, 9), high: 0.5 },
      unusedNanoUsd: { low: usd(43_200), expected: usd(43_200), high: usd(43_200) },
    });
  });
});
