import { expect, test } from 'vitest';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import type { PlanScenario } from '../PlanProblem.ts';
import { seededRandom } from '../../kernel/index.ts';
import { billDecision, scenarioCosts, withoutGuards } from './billDecision.ts';
import { ControlVariates, demandControls, demandFigures } from './ControlVariates.ts';
import { outOfSample } from './outOfSample.ts';
import { randomDecision } from './randomDecision.fixture.ts';
import { nothingSigned, tinyProblem, tinyReservation } from './tinyProblem.fixture.ts';

const chat = (weight: number, first: number, second: number): PlanScenario => ({
  weight,
  demand: [
    [first, second],
    [50, 50],
  ],
  prices: 0,
});

test('demand is told at its cheapest list price, by period and then by class', () => {
  expect(demandFigures(tinyProblem(), chat(1, 100, 200))).toEqual([200, 300, 100, 100, 200, 100]);
});

test('a cost that the controls tell whole is known exactly, however the sample fell', async () => {
  const problem = tinyProblem({ pools: [] });
  const random = seededRandom(5);
  const draw = (): PlanScenario => chat(1, 100 + 100 * random(), 100 + 100 * random());
  const sample = Array.from({ length: 40 }, draw);
  const controls = demandControls(problem, sample, [[chat(0.5, 100, 300), chat(0.5, 200, 100)]]);
  const told = await outOfSample(problem, nothingSigned(problem), sample, { controls });
  // 150 and 200 of chat, 100 of code a year.
  expect(told.total.mean).toBeCloseTo(550, 6);
  expect(told.total.high - told.total.low).toBeLessThan(1e-4);
  expect(told.byPeriod.map(({ mean }) => mean)).toEqual([expect.closeTo(250, 6), expect.closeTo(300, 6)]);
  expect(told).toMatchObject({ scenarios: 40, controls: 2, isPrecise: true });
  expect(told.explainedShare).toBeCloseTo(1, 9);
});

test('without controls it is the plain mean with its plain interval', async () => {
  const problem = tinyProblem({ pools: [] });
  const sample = [chat(1, 100, 100), chat(1, 200, 200), chat(2, 300, 300)];
  const told = await outOfSample(problem, nothingSigned(problem), sample, { controls: null });
  // 400, 600 and twice 800; the worst half is 800.
  expect(told.total.mean).toBeCloseTo(650, 9);
  expect(told.total).toEqual(told.plain);
  expect(told.cvar.mean).toBeCloseTo(800, 9);
  expect(told.objective).toBeCloseTo(725, 9);
  expect(told.isPrecise).toBe(false);
  expect(told.costs.map((cost) => Math.round(cost))).toEqual([400, 600, 800]);
  expect(told.quantiles.map(({ cost }) => Math.round(cost))).toEqual([400, 400, 600, 800, 800, 800, 800]);
});

test('accounts and penalties add up to the total, and periods do', async () => {
  const cap = {
    name: 'A',
    kind: 'vendor',
    share: 0.5,
    basis: { kind: 'list', sourceShares: [1, 0, 1], reservationShares: [1] },
  } as const;
  const problem = tinyProblem({ caps: [cap], reservations: [tinyReservation()] });
  const random = seededRandom(9);
  const sample = Array.from({ length: 60 }, () => chat(1 / 60, 10 + 100 * random(), 20 + 100 * random()));
  const controls = demandControls(problem, sample, [[chat(0.5, 20, 30), chat(0.5, 90, 110)]]);
  const told = await outOfSample(problem, { pools: [true], reservations: [3] }, sample, { controls });
  const byAccount = told.byAccount.reduce((sum, { total }) => sum + total.mean, 0);
  expect(told.capPenalty.mean).toBeGreaterThan(0);
  expect(byAccount + told.capPenalty.mean).toBeCloseTo(told.total.mean, 9);
  expect(told.byPeriod.reduce((sum, { mean }) => sum + mean, 0)).toBeCloseTo(told.total.mean, 9);
  for (const { total, byPeriod } of told.byAccount)
    expect(byPeriod.reduce((sum, money) => sum + money, 0)).toBeCloseTo(total.mean, 9);
});

test('on the family, controls make the interval many times smaller, and it holds the mean of many other futures', async () => {
  const shape = { vendors: 3, months: 24, monthsPerStep: 12 } as const;
  const problem = instanceFamily({ ...shape, scenarios: 10, seed: 3 });
  const fresh = instanceFamily({ ...shape, scenarios: 250, seed: 4242 }).scenarios;
  const batches = [17, 18, 19, 20, 21, 22].map((seed) => instanceFamily({ ...shape, scenarios: 1000, seed }).scenarios);
  const decision = randomDecision(problem, 4);
  const told = await outOfSample(problem, decision, fresh, { controls: demandControls(problem, fresh, batches) });
  const plainWidth = told.plain.high - told.plain.low;
  expect(plainWidth).toBeGreaterThan(3 * (told.total.high - told.total.low));
  const others = { ...problem, scenarios: batches[0]!.slice(0, 700) };
  const costs = scenarioCosts(await billDecision(withoutGuards(others, decision), decision));
  const truth = new ControlVariates(
    others.scenarios.map(() => 1 / 700),
    demandControls(problem, others.scenarios, batches.slice(1)),
  ).estimate(costs);
  expect(Math.abs(told.total.mean - truth.mean)).toBeLessThan(
    told.total.high - told.total.mean + truth.high - truth.mean,
  );
});

test('19 of 20 intervals hold the truth, with controls and without, and those of controls known from few draws too', () => {
  const random = seededRandom(1);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const size = 50;
  const weights = Array.from({ length: size }, () => 1 / size);
  const held = { plain: 0, controlled: 0, fewDraws: 0 };
  const runs = 1000;
  for (let run = 0; run < runs; run += 1) {
    const values = weights.map(() => [gauss(), gauss()]);
    // Its true mean is 7.
    const costs = values.map(([one, other]) => 7 + 3 * one! - 2 * other! + 0.5 * gauss());
    const fewDraws = Array.from({ length: 20 }, () => [gauss() / 2, gauss() / 2]);
    const estimates = {
      plain: new ControlVariates(weights, null).estimate(costs),
      controlled: new ControlVariates(weights, { values, batches: [[0, 0]] }).estimate(costs),
      fewDraws: new ControlVariates(weights, { values, batches: fewDraws }).estimate(costs),
    };
    for (const key of ['plain', 'controlled', 'fewDraws'] as const)
      held[key] += Number(estimates[key].low <= 7 && 7 <= estimates[key].high);
  }
  for (const count of Object.values(held)) {
    expect(count / runs).toBeGreaterThan(0.92);
    expect(count / runs).toBeLessThan(0.98);
  }
});

test('a control that tells the same as another counts once', () => {
  const values = Array.from({ length: 40 }, (_, index) => [index, 2 * index + 1]);
  const weights = values.map(() => 1 / 40);
  const variates = new ControlVariates(weights, { values, batches: [[20, 41]] });
  expect(variates.count).toBe(1);
  expect(variates.estimate(values.map(([one]) => 3 * one!)).mean).toBeCloseTo(60, 9);
});
