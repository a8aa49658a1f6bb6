import { expect, test } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import { currentLevel, frontier, problemAtLevel } from './frontier.ts';
import { outageCertificate } from './outageCertificate.ts';
import type { Frontier, FrontierPoint } from './PlanAnswers.ts';
import { shadowPrices, shadowPriceText } from './shadowPrices.ts';
import { nothingSigned, tinyProblem } from './tinyProblem.fixture.ts';

const family = instanceFamily({ scenarios: 2, seed: 4, vendors: 3, months: 12, monthsPerStep: 12 });
/** Two sizes of pool a vendor: the judge tries all ways to sign them. */
const small = { ...family, pools: family.pools.filter(({ floors }) => floors[0] === 3 || floors[0] === 6) };
const limits = { kind: 'work', programs: 40, nodes: 5 } as const;

/** Both bounds rise with strictness, and what the judge finds is between them. */
const expectHonest = async (found: Frontier): Promise<void> => {
  let before: FrontierPoint | null = null;
  for (const point of found.points) {
    const judged = await solveExtensive(problemAtLevel(small, found.along, point.level), { guards: true });
    expect(point.upperBound).toBeGreaterThanOrEqual(judged.objective * (1 - 1e-6));
    expect(point.lowerBound).toBeLessThanOrEqual(judged.objective * (1 + 1e-6));
    if (before !== null) {
      expect(point.upperBound).toBeGreaterThanOrEqual(before.upperBound - 1e-9);
      expect(point.lowerBound).toBeGreaterThanOrEqual(before.lowerBound - 1e-9);
    }
    before = point;
  }
};

test('cost against outage cover: both bounds are true and rise with cover', async () => {
  const found = await frontier(small, 'outageCover', { levels: [0, 0.5], limits, seed: 1 });
  expect(found?.current).toBe(0.9);
  expect(found?.points.map(({ level }) => level)).toEqual([0, 0.5, 0.9]);
  await expectHonest(found!);
  for (const { level, decision } of found!.points)
    expect(outageCertificate(problemAtLevel(small, 'outageCover', level), decision!)?.met).toBe(true);
  const prices = shadowPrices(found!);
  expect(prices.map(({ from, to }) => [from, to])).toEqual([
    [0, 0.9],
    [0.5, 0.9],
  ]);
  for (const { estimate, range } of prices) {
    expect(estimate).toBeGreaterThanOrEqual(range.low - 1e-9);
    expect(estimate).toBeLessThanOrEqual(range.high + 1e-9);
  }
});

test('cost against caps, from none to tight, with an impossible one told as such', async () => {
  const found = await frontier(small, 'cap', { levels: [1, 0.2], limits, seed: 1 });
  expect(found?.points.map(({ level, feasible }) => [level, feasible])).toEqual([
    [1, true],
    [0.45, true],
    [0.2, false],
  ]);
  expect(found?.points[2]).toMatchObject({ upperBound: Infinity, decision: null, figures: null });
  await expectHonest({ ...found!, points: found!.points.slice(0, 2) });
  expect(shadowPrices(found!).map(({ from, to }) => [from, to])).toEqual([[0.45, 1]]);
});

test('what is known at the own level is taken, not searched for again', async () => {
  const judged = await solveExtensive(small, { guards: true });
  const asked: number[] = [];
  const found = await frontier(small, 'outageCover', {
    levels: [],
    limits,
    seed: 1,
    known: { decision: judged.decision!, lowerBound: 1 },
    onPoint: (_along, level) => asked.push(level),
  });
  expect(asked).toEqual([0.9]);
  expect(found?.points[0]).toMatchObject({ lowerBound: 1, planOfLevel: null });
  expect(found?.points[0]?.upperBound).toBeCloseTo(judged.objective, 5);
});

test('a policy with nothing to vary has no frontier', async () => {
  const problem = tinyProblem();
  expect(currentLevel(problem, 'cap')).toBeNull();
  expect(await frontier(problem, 'cap', { limits, seed: 1 })).toBeNull();
  expect(await frontier(problem, 'outageCover', { limits, seed: 1 })).toBeNull();
});

const point = (level: number, lowerBound: number, upperBound: number): FrontierPoint => ({
  level,
  lowerBound,
  upperBound,
  feasible: true,
  decision: nothingSigned(tinyProblem()),
  figures: null,
  planOfLevel: null,
});

test('shadow prices are differences with what the bounds leave of them, in words', () => {
  const money = (amount: number): string => `${amount} M$`;
  const caps = shadowPrices({ along: 'cap', current: 0.45, points: [point(0.5, 95, 97), point(0.45, 98, 100)] });
  expect(caps).toEqual([{ along: 'cap', from: 0.45, to: 0.5, estimate: -3, range: { low: -5, high: -1 } }]);
  expect(shadowPriceText(caps[0]!, money)).toBe(
    'a cap of 50 % instead of 45 % saves 3 M$ (proven: between 1 M$ and 5 M$)',
  );
  const cover = shadowPrices({
    along: 'outageCover',
    current: 0.9,
    points: [point(0, 58, 60), point(0.9, 59, 100), point(1, -Infinity, 110)],
  });
  // From above 60 to 59 nothing could be saved: more cover never costs less.
  expect(cover).toEqual([
    { along: 'outageCover', from: 0, to: 0.9, estimate: 40, range: { low: 0, high: 42 } },
    { along: 'outageCover', from: 0.9, to: 1, estimate: 10, range: { low: 0, high: 51 } },
  ]);
  expect(shadowPriceText(cover[0]!, money)).toBe(
    'cover of 90 % instead of 0 % costs 40 M$ (proven: between 0 M$ and 42 M$)',
  );
});

test('a level without a plan has no price', () => {
  const without = { ...point(0.2, 0, Infinity), feasible: false, decision: null };
  expect(shadowPrices({ along: 'cap', current: 0.45, points: [point(0.45, 98, 100), without] })).toEqual([]);
  expect(shadowPrices({ along: 'cap', current: 0.45, points: [] })).toEqual([]);
});
