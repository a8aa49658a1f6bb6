import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawScenarios, scenarioOf, stratifiedRecipes } from './drawScenarios.ts';
import { familyOutlook } from './familyOutlook.fixture.ts';
import type { Outlook } from './Outlook.ts';
import { certainClass, certainOutlook } from './testOutlook.fixture.ts';

const pathOf = (outlook: Outlook, seed = 1): readonly number[] =>
  drawScenarios(outlook, { count: 1, seed })[0]!.demand[0]!;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const twoPrices = [
  { name: 'as today', probability: 0.7, factors: [[1, 1]] },
  { name: 'falling', probability: 0.3, factors: [[0.8, 0.5]] },
];

describe('drawScenarios', () => {
  test('tells a certain outlook as it is', () => {
    expect(pathOf(certainOutlook())).toEqual(Array.from({ length: 24 }, () => 100));
  });

  test('grows by the regime and by the class, in yearly logarithms', () => {
    const path = pathOf(
      certainOutlook({
        classes: [certainClass('chat', { logGrowth: 0.1 })],
        regimes: [{ name: 'growth', probability: 1, logGrowth: 0.3 }],
      }),
    );
    expect(path[12]! / path[0]!).toBeCloseTo(Math.exp(0.4), 12);
  });

  test('follows a path told month by month, moved by the regime alone', () => {
    const told = Array.from({ length: 24 }, (_, month) => 10 + month);
    const classes = [certainClass('chat', { path: told, logGrowth: 5 })];
    expect(pathOf(certainOutlook({ classes }))).toEqual(told);
    const growing = certainOutlook({ classes, regimes: [{ name: 'growth', probability: 1, logGrowth: 0.3 }] });
    expect(pathOf(growing)[12]).toBeCloseTo(22 * Math.exp(0.3), 12);
  });

  test('repeats its season every year', () => {
    const season = Array.from({ length: 12 }, (_, month) => 1 + month / 10);
    const path = pathOf(certainOutlook({ classes: [certainClass('chat', { season })] }));
    expect(path.slice(0, 12)).toEqual(season.map((factor) => 100 * factor));
    expect(path.slice(12)).toEqual(path.slice(0, 12));
  });

  test('lets a burst last as long as it is said to, and begin as often', () => {
    const burst = { probability: 0.1, factor: 3, quietFactor: 1, months: 4 };
    const outlook = certainOutlook({
      months: 120,
      classes: [certainClass('train', { burst })],
      pricePaths: [{ name: 'x', probability: 1, factors: [Array.from({ length: 10 }, () => 1)] }],
    });
    const paths = drawScenarios(outlook, { count: 300, seed: 2 }).map(({ demand }) => demand[0]!);
    for (const path of paths) {
      expect(path.every((units) => units === 100 || units === 300)).toBe(true);
      // A run of high months that the horizon does not cut is one burst or several on end.
      const runs = path
        .map((units) => (units === 300 ? 'x' : '.'))
        .join('')
        .split('.')
        .filter((run) => run !== '');
      for (const run of runs.slice(0, -1)) expect(run.length % 4).toBe(0);
    }
    // Nine or so quiet months lie between the ends of two bursts: 4 / (4 + 9), less at the start, which is quiet.
    const share = mean(paths.map((path) => path.filter((units) => units === 300).length / path.length));
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.33);
  });

  test('moves work to another class and loses none of it', () => {
    const outlook = certainOutlook({
      classes: [certainClass('large'), certainClass('small', { level: 10 })],
      switches: [
        { from: 0, to: 1, probability: 0.5, fromMonth: 6, untilMonth: 18, shareMin: 0.2, shareMax: 0.6, unitFactor: 2 },
      ],
    });
    const scenarios = drawScenarios(outlook, { count: 2_000, seed: 3 });
    const switched = scenarios.filter(({ demand }) => demand[0]![23]! < 100);
    expect(switched.length / scenarios.length).toBeCloseTo(0.5, 1);
    for (const { demand } of switched) {
      const [large, small] = [demand[0]!, demand[1]!];
      const month = large.findIndex((units) => units < 100);
      expect(month).toBeGreaterThanOrEqual(6);
      expect(month).toBeLessThan(18);
      expect(large[23]).toBe(large[month]);
      expect(large[23]! + (small[23]! - 10) / 2).toBeCloseTo(100, 9);
      expect(large[23]).toBeGreaterThanOrEqual(40);
      expect(large[23]).toBeLessThanOrEqual(80);
    }
    expect(new Set(switched.map(({ demand }) => demand[0]!.findIndex((units) => units < 100))).size).toBe(12);
  });

  test('takes regimes and price paths as often as they are probable', () => {
    const scenarios = drawScenarios(
      certainOutlook({
        pricePaths: twoPrices,
        regimes: [
          { name: 'flat', probability: 0.6, logGrowth: 0 },
          { name: 'boom', probability: 0.4, logGrowth: 1 },
        ],
      }),
      { count: 5_000, seed: 4 },
    );
    expect(mean(scenarios.map(({ prices }) => prices))).toBeCloseTo(0.3, 1);
    expect(mean(scenarios.map(({ demand }) => Number(demand[0]![23]! > 200)))).toBeCloseTo(0.4, 1);
    expect(scenarios.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  test('draws the level noise that it is told: its spread settles where AR(1) says', () => {
    const noise = { startSpread: 0, persistence: 0.8, monthSpread: 0.06 };
    const outlook = certainOutlook({ classes: [certainClass('chat', { noise })] });
    const logs = drawScenarios(outlook, { count: 4_000, seed: 5 }).map(({ demand }) =>
      demand[0]!.map((units) => Math.log(units / 100)),
    );
    const spreadAt = (month: number): number => Math.sqrt(mean(logs.map((path) => path[month]! ** 2)));
    expect(spreadAt(0)).toBeCloseTo(0.06, 2);
    expect(spreadAt(23)).toBeCloseTo(0.06 / Math.sqrt(1 - 0.64), 2);
    expect(mean(logs.map((path) => path[22]! * path[23]!)) / (spreadAt(22) * spreadAt(23))).toBeCloseTo(0.8, 1);
  });

  test('tells future n of a seed the same however many are drawn', () => {
    const few = drawScenarios(familyOutlook, { count: 3, seed: 6 });
    const more = drawScenarios(familyOutlook, { count: 9, seed: 6 });
    expect(more.slice(0, 3).map(({ demand }) => demand)).toEqual(few.map(({ demand }) => demand));
    expect(drawScenarios(familyOutlook, { count: 3, seed: 7 })[0]!.demand).not.toEqual(few[0]!.demand);
  });

  test('refuses an outlook that cannot be', () => {
    expect(() => drawScenarios(certainOutlook({ regimes: [] }), { count: 1, seed: 1 })).toThrow(
      /outlook: regimes is empty/,
    );
    expect(() => drawScenarios(certainOutlook(), { count: 0, seed: 1 })).toThrow(/count/);
  });

  test('never tells a month that is no amount, whatever is believed', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const outlook = fc
      .record({
        level: fc.double({ min: 0, max: 1e9, noNaN: true }),
        logGrowth: fc.double({ min: -2, max: 2, noNaN: true }),
        growthSpread: share,
        startSpread: share,
        persistence: fc.double({ min: -1, max: 1, noNaN: true }),
        factor: fc.double({ min: 0, max: 10, noNaN: true }),
        probability: share,
        burstMonths: fc.integer({ min: 1, max: 30 }),
        share,
        unitFactor: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      })
      .map((made) =>
        certainOutlook({
          classes: [
            certainClass('one', {
              level: made.level,
              logGrowth: made.logGrowth,
              growthSpread: made.growthSpread,
              noise: { startSpread: made.startSpread, persistence: made.persistence, monthSpread: made.startSpread },
              burst: { probability: made.probability, factor: made.factor, quietFactor: 1, months: made.burstMonths },
            }),
            certainClass('other'),
          ],
          switches: [
            {
              from: 0,
              to: 1,
              probability: made.probability,
              fromMonth: 0,
              untilMonth: 24,
              shareMin: 0,
              shareMax: made.share,
              unitFactor: made.unitFactor,
            },
          ],
        }),
      );
    fc.assert(
      fc.property(outlook, fc.integer(), (believed, seed) => {
        for (const { demand } of drawScenarios(believed, { count: 2, seed }))
          for (const path of demand) for (const units of path) expect(Number.isFinite(units) && units >= 0).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('stratifiedRecipes', () => {
  const outlook = certainOutlook({
    pricePaths: twoPrices,
    regimes: [
      { name: 'never', probability: 0, logGrowth: 9 },
      { name: 'flat', probability: 0.999, logGrowth: 0 },
      { name: 'boom', probability: 0.001, logGrowth: 1 },
    ],
  });

  test('gives every combination that can happen a draw, and its exact weight', () => {
    const recipes = stratifiedRecipes(outlook, { count: 40, seed: 1 });
    const weightIn = (regime: number, prices: number): number =>
      recipes
        .filter((recipe) => recipe.regime === regime && recipe.prices === prices)
        .reduce((sum, { weight }) => sum + weight, 0);
    expect(weightIn(0, 0) + weightIn(0, 1)).toBe(0);
    expect(weightIn(1, 0)).toBeCloseTo(0.6993, 12);
    expect(weightIn(2, 0)).toBeCloseTo(0.0007, 12);
    expect(weightIn(2, 1)).toBeCloseTo(0.0003, 12);
  });

  test('tells the future of its recipe: regime and prices as it says', () => {
    for (const recipe of stratifiedRecipes(outlook, { count: 40, seed: 1 })) {
      const scenario = scenarioOf(outlook, recipe);
      expect(scenario.prices).toBe(recipe.prices);
      expect(scenario.demand[0]![12]).toBeCloseTo(recipe.regime === 2 ? 100 * Math.E : 100, 9);
    }
  });
});
