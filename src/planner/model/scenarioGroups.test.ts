import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanProblem } from '../PlanProblem.ts';
import { smallProblem } from '../recourse/smallProblem.fixture.ts';
import { scenarioGroup } from './ScenarioBlock.ts';
import { scenarioGroups, splitGroup } from './scenarioGroups.ts';

const problems = smallProblem({ scenariosMax: 12, caps: [], resilience: false });
const counts = fc.integer({ min: 1, max: 6 });

const pricesOf = (problem: PlanProblem, members: readonly number[]): Set<number> =>
  new Set(members.map((member) => problem.scenarios[member]?.prices ?? -1));

/** What all demand of a scenario costs at its cheapest. */
const sizeOf = (problem: PlanProblem, scenario: number): number => {
  const steps = problem.segmentsPerPeriod * problem.stepsPerSegment;
  const { demand, prices } = problem.scenarios[scenario]!;
  return demand.reduce(
    (sum, path, index) =>
      sum +
      path.reduce((money, units, step) => {
        const period = Math.floor(step / steps);
        const cheapest = Math.min(
          ...problem.sources.flatMap((source, at) =>
            source.class === index
              ? [source.listPrice[period]! * problem.priceIndices[prices]!.factors[at]![period]!]
              : [],
          ),
        );
        return money + units * cheapest;
      }, 0),
    0,
  );
};

/** The dearest scenarios up to 1 - beta, at least one. */
const tailOf = (problem: PlanProblem): Set<number> => {
  const order = problem.scenarios
    .map((_, scenario) => scenario)
    .toSorted((one, other) => sizeOf(problem, other) - sizeOf(problem, one));
  const tail = new Set<number>();
  let weight = 0;
  for (const scenario of order) {
    weight += problem.scenarios[scenario]!.weight;
    if (tail.size > 0 && weight > 1 - problem.risk.beta + 1e-9) break;
    tail.add(scenario);
  }
  return tail;
};

describe('groups of scenarios', () => {
  it('have each scenario in one of them, and only prices of one kind', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        const groups = scenarioGroups(problem, count);
        expect(groups.flat().toSorted((one, other) => one - other)).toEqual(problem.scenarios.map((_, at) => at));
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(0);
          expect(pricesOf(problem, group).size).toBe(1);
        }
      }),
      { seed: 71, numRuns: 200 },
    );
  });

  it('never mix the tail with the rest', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        const sizes = problem.scenarios.map((_, scenario) => sizeOf(problem, scenario).toPrecision(9));
        // Of scenarios of one size it is open which of them is in the tail.
        fc.pre(new Set(sizes).size === sizes.length);
        const tail = tailOf(problem);
        for (const group of scenarioGroups(problem, count))
          expect(new Set(group.map((scenario) => tail.has(scenario))).size).toBe(1);
      }),
      { seed: 72, numRuns: 200 },
    );
  });

  it('are as many as asked for at most, unless there are more kinds, and are one for each scenario where there is room', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        const kinds = 2 * problem.priceIndices.length;
        expect(scenarioGroups(problem, count).length).toBeLessThanOrEqual(Math.max(count, kinds));
        expect(scenarioGroups(problem, problem.scenarios.length)).toHaveLength(problem.scenarios.length);
      }),
      { seed: 73, numRuns: 200 },
    );
  });

  it('are the same for the same problem', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        expect(scenarioGroups(structuredClone(problem), count)).toEqual(scenarioGroups(problem, count));
      }),
      { seed: 74, numRuns: 50 },
    );
  });

  it('are split in two that are not empty and have all members', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        for (const group of scenarioGroups(problem, 1)) {
          if (group.length < 2) continue;
          const halves = splitGroup(problem, group);
          expect(halves).toHaveLength(2);
          expect(halves.every((half) => half.length > 0)).toBe(true);
          expect(halves.flat().toSorted((one, other) => one - other)).toEqual(group.toSorted((a, b) => a - b));
        }
      }),
      { seed: 75, numRuns: 100 },
    );
  });

  it('weigh what their members weigh, and ask for their mean demand', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        const groups = scenarioGroups(problem, count).map((members) => scenarioGroup(problem, members));
        expect(groups.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
        const steps = problem.segmentsPerPeriod * problem.stepsPerSegment;
        for (const { members, weight, blocks } of groups)
          for (const { period, demand, memberWeights } of blocks) {
            expect(memberWeights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
            for (const [index, units] of demand.entries()) {
              const all = members.reduce((sum, member) => {
                const scenario = problem.scenarios[member]!;
                const path = scenario.demand[index]!.slice(period * steps, (period + 1) * steps);
                return sum + (scenario.weight / weight) * path.reduce((total, one) => total + one, 0);
              }, 0);
              expect(units).toBeCloseTo(all, 9);
            }
          }
      }),
      { seed: 76, numRuns: 60 },
    );
  });

  it('are told apart where nothing is asked for, and where nobody serves a class', () => {
    fc.assert(
      fc.property(problems, counts, (problem, count) => {
        const idle = {
          ...problem,
          classes: [...problem.classes, { name: 'served by nobody' }],
          scenarios: problem.scenarios.map((scenario) => ({
            ...scenario,
            demand: [...scenario.demand, scenario.demand[0]!].map((path, index) =>
              path.map((units) => (index < problem.classes.length ? units : 0)),
            ),
          })),
        };
        // A class of which nothing is asked changes nothing.
        expect(scenarioGroups(idle, count)).toHaveLength(scenarioGroups(problem, count).length);
        for (const members of scenarioGroups(idle, count))
          for (const { listMax } of scenarioGroup(idle, members).blocks)
            for (const money of listMax.flat()) expect(Number.isFinite(money)).toBe(true);
      }),
      { seed: 77, numRuns: 60 },
    );
  });
});
