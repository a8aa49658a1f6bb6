import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadHighs } from '../linear/loadHighs.ts';
import { valuesOfDecision } from '../model/FirstStage.ts';
import { scenarioGroup } from '../model/ScenarioBlock.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { evaluate } from './evaluate.ts';
import { Recourse } from './Recourse.ts';
import { decisionOf, smallProblem, type SmallProblemOptions } from './smallProblem.fixture.ts';

const highs = await loadHighs();

/** Cost of each scenario and the objective: Infinity where rules cannot be kept. */
const costsOf = (problem: PlanProblem, decision: PlanDecision): readonly number[] => {
  const recourse = new Recourse(highs, problem);
  try {
    const singles = problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));
    const { scenarioCosts, objective } = evaluate(problem, recourse, singles, valuesOfDecision(problem, decision));
    return [...scenarioCosts, objective];
  } finally {
    recourse.dispose();
  }
};

type Change = (problem: PlanProblem) => PlanProblem;

const moreDemand: Change = (problem) => ({
  ...problem,
  scenarios: problem.scenarios.map((scenario) => ({
    ...scenario,
    demand: scenario.demand.map((path, index) => path.map((units, step) => units * 1.1 + ((index + step) % 3) * 0.4)),
  })),
});

const tighterCaps: Change = (problem) => ({
  ...problem,
  caps: problem.caps.map((cap) => ({ ...cap, share: cap.share * 0.9 })),
});

const higherPrices: Change = (problem) => ({
  ...problem,
  sources: problem.sources.map((source, index) => ({
    ...source,
    listPrice: source.listPrice.map((price) => price * (1 + (index % 3) * 0.2)),
  })),
});

const harderPools: Change = (problem) => ({
  ...problem,
  pools: problem.pools.map((pool) => ({
    ...pool,
    floors: pool.floors.map((floor) => floor + 1),
    discount: pool.discount / 2,
    shortfallRate: Math.min(1, pool.shortfallRate + 0.2),
    signingCost: pool.signingCost + 0.5,
  })),
});

/** What is changed for the worse, and in which problems that never makes anything cheaper. */
const changes: readonly [string, Change, SmallProblemOptions][] = [
  // More usage elsewhere may make a cap of list prices easier to keep.
  ['more is asked for', moreDemand, { caps: ['cost'], guards: 'off' }],
  ['caps are tighter', tighterCaps, {}],
  // The same of dearer usage elsewhere.
  ['list prices are higher', higherPrices, { caps: ['cost'], guards: 'off' }],
  ['pools ask for more and give less', harderPools, {}],
];

describe('no decision costs less, in any future, where', () => {
  it.each(changes)('%s', (_, change, options) => {
    let dearer = 0;
    fc.assert(
      fc.property(
        smallProblem({ resilience: false, ...options }).chain((problem) =>
          fc.tuple(fc.constant(problem), decisionOf(problem)),
        ),
        ([problem, decision]) => {
          const before = costsOf(problem, decision);
          const after = costsOf(change(problem), decision);
          for (const [at, cost] of before.entries()) {
            expect(after[at]).not.toBeNaN();
            if (after[at] === Infinity) continue;
            expect(after[at]).toBeGreaterThanOrEqual(cost - 1e-9 * Math.max(1, cost));
            if (after[at]! > cost + 1e-6) dearer += 1;
          }
        },
      ),
      { seed: 61, numRuns: 80, endOnFailure: true },
    );
    expect(dearer).toBeGreaterThan(20);
  });
});
