import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { LiveProgram } from '../linear/LiveProgram.ts';
import { loadHighs } from '../linear/loadHighs.ts';
import { firstStageValues, reservationUnits, valuesOfDecision, type FirstStageValues } from '../model/FirstStage.ts';
import { groupedModel, type GroupedModel } from '../model/GroupedModel.ts';
import { scenarioGroup, type ScenarioGroup } from '../model/ScenarioBlock.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { evaluate, evaluateWithCuts, riskOf } from './evaluate.ts';
import { cutRow, cutValue, Recourse } from './Recourse.ts';
import { decisionOf, isGuarded, smallProblem, type SmallProblemOptions } from './smallProblem.fixture.ts';

const highs = await loadHighs();

const singlesOf = (problem: PlanProblem): ScenarioGroup[] =>
  problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));

const withRecourse = <T>(problem: PlanProblem, use: (recourse: Recourse) => T): T => {
  const recourse = new Recourse(highs, problem);
  try {
    return use(recourse);
  } finally {
    recourse.dispose();
  }
};

const valuesBetween = (problem: PlanProblem, one: PlanDecision, other: PlanDecision): FirstStageValues =>
  firstStageValues(
    problem,
    one.pools.map((signed, index) => 0.6 * Number(signed) + 0.4 * Number(other.pools[index])),
    one.reservations.map((units, index) => 0.6 * units + 0.4 * (other.reservations[index] ?? 0)),
  );

/** Problems with decisions of them: what outages ask for says nothing of what a decision costs. */
const decided = (count: number, options: SmallProblemOptions = {}): fc.Arbitrary<[PlanProblem, PlanDecision[]]> =>
  smallProblem({ resilience: false, ...options }).chain((problem) =>
    fc.tuple(fc.constant(problem), fc.array(decisionOf(problem), { minLength: count, maxLength: count })),
  );

const expectClose = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
};

const expectAtMost = (actual: number, most: number): void => {
  expect(actual).not.toBeNaN();
  expect(actual).toBeLessThanOrEqual(most + 1e-9 * Math.max(1, Math.abs(most)));
};

/** What a decision costs here and there: Infinity on both sides where the rules cannot be kept. */
const expectAsJudged = async (problem: PlanProblem, decision: PlanDecision): Promise<void> => {
  const judged = await solveExtensive(problem, { fixed: decision, guards: isGuarded(problem) });
  const own = withRecourse(problem, (recourse) =>
    evaluate(problem, recourse, singlesOf(problem), valuesOfDecision(problem, decision)),
  );
  if (judged.status === 'infeasible') {
    expect(own.objective).toBe(Infinity);
    return;
  }
  expectClose(own.objective, judged.objective);
  // Where all of it is tail, what the judge says of the rest need not be the least.
  if (problem.risk.cvarWeight === 1) return;
  expectClose(own.mean, judged.mean);
  for (const [scenario, cost] of judged.scenarioCosts.entries()) expectClose(own.scenarioCosts[scenario] ?? NaN, cost);
};

describe('the cost of a decision', () => {
  it.each<[string, SmallProblemOptions]>([
    ['within guards, without caps', { guards: 'on', caps: [] }],
    ['without guards or caps', { guards: 'off', caps: [] }],
    ['with caps of list prices', { caps: ['list'] }],
    ['with caps on cost, all fees counting towards pools', { caps: ['cost'], otherFees: false }],
    ['with caps on cost', { caps: ['cost'] }],
    ['with caps of both kinds', {}],
    ['with rules that cannot always be kept', { guards: 'on', kept: false }],
  ])('is that of the extensive form (%s)', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(decided(1, options), async ([problem, [decision]]) => {
        await expectAsJudged(problem, decision!);
      }),
      { seed: 11, numRuns: 40 },
    );
  });

  it('is told period by period and scenario by scenario in any order', () => {
    fc.assert(
      fc.property(decided(2, { caps: ['list'], guards: 'off' }), ([problem, [one, other]]) => {
        const singles = singlesOf(problem);
        const costs = (values: FirstStageValues, recourse: Recourse): number[] =>
          singles.flatMap(({ blocks }) => blocks.map((block) => recourse.cost(values, block)));
        withRecourse(problem, (recourse) => {
          const fresh = costs(valuesOfDecision(problem, one!), recourse);
          costs(valuesOfDecision(problem, other!), recourse);
          const again = singles
            .toReversed()
            .flatMap(({ blocks }) =>
              blocks.toReversed().map((block) => recourse.cost(valuesOfDecision(problem, one!), block)),
            )
            .toReversed();
          for (const [index, cost] of fresh.entries()) expectClose(again[index] ?? NaN, cost);
        });
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it('is made of what detail tells', () => {
    fc.assert(
      fc.property(decided(1, { caps: ['list'], guards: 'off' }), ([problem, [decision]]) => {
        const values = valuesOfDecision(problem, decision!);
        withRecourse(problem, (recourse) => {
          for (const block of singlesOf(problem).flatMap(({ blocks }) => blocks)) {
            const { costs, spend, reservedUse, overCaps } = recourse.detail(values, block);
            const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
            expectClose(sum(costs) + problem.capPenalty * sum(overCaps), recourse.cost(values, block));
            for (const [index] of problem.classes.entries()) {
              const bought = problem.sources.map((source, at) =>
                source.class === index ? (spend[at] ?? 0) / (block.prices[at] ?? 1) : 0,
              );
              expectClose(
                sum(bought) + sum(reservedUse.map((classes) => classes[index] ?? 0)),
                block.demand[index] ?? 0,
              );
            }
          }
        });
      }),
      { seed: 13, numRuns: 60 },
    );
  });

  it('of a group at its mean is never more than the mean of its members', () => {
    fc.assert(
      fc.property(decided(2, { onePriceIndex: true, caps: ['list'] }), ([problem, [one, other]]) => {
        const group = scenarioGroup(
          problem,
          problem.scenarios.map((_, scenario) => scenario),
        );
        const singles = singlesOf(problem);
        const all = [one!, other!].map((decision) => valuesOfDecision(problem, decision));
        withRecourse(problem, (recourse) => {
          for (const values of [...all, valuesBetween(problem, one!, other!)])
            for (const [period, block] of group.blocks.entries()) {
              const apart = singles.reduce(
                (sum, single) => sum + single.weight * recourse.cost(values, single.blocks[period]!),
                0,
              );
              expectAtMost(recourse.cost(values, block), apart);
            }
        });
      }),
      { seed: 14, numRuns: 80 },
    );
  });
});

interface CutErrors {
  /** By how much a cut is above the truth somewhere, and below it where it was made, at the most; relative. */
  readonly above: number;
  readonly below: number;
}

/** Cuts made at some points against what whole decisions cost. @param raisedBy To tamper with them. */
const errorsOfCuts = (problem: PlanProblem, decisions: readonly PlanDecision[], raisedBy: number): CutErrors => {
  const whole = decisions.map((decision) => valuesOfDecision(problem, decision));
  const points = [...whole, valuesBetween(problem, decisions[0]!, decisions[1]!)];
  let above = 0;
  let below = 0;
  withRecourse(problem, (recourse) => {
    for (const block of singlesOf(problem).flatMap(({ blocks }) => blocks)) {
      const costs = whole.map((values) => recourse.cost(values, block));
      for (const [made, values] of points.entries()) {
        const { cut } = recourse.costAndCut(values, block);
        cut.constant += raisedBy * Math.max(1, Math.abs(cut.constant));
        for (const [at, cost] of costs.entries()) {
          // Where no usage keeps the rules, nothing is too much.
          if (cost === Infinity) continue;
          const error = (cutValue(problem, cut, block.period, whole[at]!) - cost) / Math.max(1, Math.abs(cost));
          expect(error).not.toBeNaN();
          above = Math.max(above, error);
          if (at === made) below = Math.max(below, -error);
        }
      }
    }
  });
  return { above, below };
};

const groupsByPrices = (problem: PlanProblem): ScenarioGroup[] =>
  problem.priceIndices.flatMap((_, index) => {
    const members = problem.scenarios.flatMap(({ prices }, scenario) => (prices === index ? [scenario] : []));
    return members.length === 0 ? [] : [scenarioGroup(problem, members)];
  });

const fixAt = (problem: PlanProblem, { stage }: GroupedModel, master: LiveProgram, decision: PlanDecision): void => {
  const columns = Int32Array.from([...stage.pools, ...stage.reservations]);
  const values = Float64Array.from([
    ...decision.pools.map(Number),
    ...decision.reservations.map((units, index) => units / reservationUnits(problem.reservations[index]!)),
  ]);
  if (columns.length > 0) master.bound(columns, values, values);
};

/** By how much a master with the cuts of some decisions is above what one of them costs, or below it where it hides nothing; relative. */
const errorsOfMaster = (problem: PlanProblem, decisions: readonly PlanDecision[], raisedBy: number): CutErrors => {
  const groups = groupsByPrices(problem);
  const model = groupedModel(problem, groups, { levels: false, recourse: false });
  const master = new LiveProgram(highs, model.program);
  const costs = withRecourse(problem, (recourse) =>
    decisions.map((decision) => {
      const values = valuesOfDecision(problem, decision);
      const singles = singlesOf(problem);
      const { evaluation, cuts } = evaluateWithCuts(problem, recourse, singles, groups, values);
      expectClose(evaluation.objective, evaluate(problem, recourse, singles, values).objective);
      for (const [group, periods] of cuts.entries())
        for (const [period, cut] of periods.entries()) {
          cut.constant += raisedBy * Math.max(1, Math.abs(cut.constant));
          master.add([cutRow(problem, model.stage, cut, period, model.blocks[group]![period]!.total)]);
        }
      return evaluation.objective;
    }),
  );
  let above = 0;
  let below = 0;
  for (const [at, decision] of decisions.entries()) {
    fixAt(problem, model, master, decision);
    const error = ((master.solve()?.objective ?? NaN) - costs[at]!) / Math.max(1, costs[at]!);
    expect(error).not.toBeNaN();
    above = Math.max(above, error);
    if (groups.every(({ members }) => members.length === 1)) below = Math.max(below, -error);
  }
  master.dispose();
  return { above, below };
};

describe('a cut', () => {
  it.each<[string, SmallProblemOptions]>([
    ['within guards, without caps', { guards: 'on', caps: [] }],
    ['without guards or caps', { guards: 'off', caps: [] }],
    ['with caps of list prices', { caps: ['list'] }],
    ['with caps on cost', { caps: ['cost'] }],
    ['with caps of both kinds', {}],
    ['with rules that cannot always be kept', { guards: 'on', kept: false }],
  ])('is never above the truth at another whole decision, and is tight at its own (%s)', (_, options) => {
    fc.assert(
      fc.property(decided(4, options), ([problem, decisions]) => {
        const { above, below } = errorsOfCuts(problem, decisions, 0);
        expect(above).toBeLessThanOrEqual(1e-9);
        expect(below).toBeLessThanOrEqual(1e-9);
      }),
      { seed: 21, numRuns: 40 },
    );
  });

  it('is caught if it is raised by one hundredth', () => {
    fc.assert(
      fc.property(decided(2, { guards: 'on', caps: [] }), ([problem, decisions]) => {
        expect(errorsOfCuts(problem, decisions, 0.01).above).toBeGreaterThan(1e-5);
      }),
      { seed: 22, numRuns: 20 },
    );
  });

  it.each<[string, SmallProblemOptions]>([
    ['of several futures', { guards: 'on', caps: [], scenariosMax: 5 }],
    ['of one future', { guards: 'on', caps: [], scenariosMax: 1 }],
    ['with caps', { guards: 'off' }],
  ])('in a master is worth what its decision costs, and no more at any other (%s)', (_, options) => {
    fc.assert(
      fc.property(decided(3, options), ([problem, decisions]) => {
        const { above, below } = errorsOfMaster(problem, decisions, 0);
        expect(above).toBeLessThanOrEqual(1e-9);
        expect(below).toBeLessThanOrEqual(1e-9);
      }),
      { seed: 31, numRuns: 40 },
    );
  });

  it('in a master is caught if it is raised by one hundredth', () => {
    fc.assert(
      fc.property(decided(2, { guards: 'on', caps: [], scenariosMax: 1 }), ([problem, decisions]) => {
        expect(errorsOfMaster(problem, decisions, 0.01).above).toBeGreaterThan(1e-5);
      }),
      { seed: 32, numRuns: 20 },
    );
  });
});

describe('mean and tail', () => {
  it('take from the dearest futures until the tail is full, the last one in part', () => {
    const risk = riskOf([10, 20, 40], [0.5, 0.25, 0.25], { cvarWeight: 0.2, beta: 0.6 });
    expectClose(risk.mean, 20);
    expectClose(risk.cvar, (0.25 * 40 + 0.15 * 20) / 0.4);
    expectClose(risk.objective, 0.8 * 20 + 0.2 * 32.5);
  });

  it('are the same for costs that are all the same', () => {
    expect(riskOf([7, 7], [0.5, 0.5], { cvarWeight: 1, beta: 0 }).objective).toBe(7);
  });
});
