import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { violationOf } from '../linear/LinearProgram.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { decisionOf, smallProblem } from '../recourse/smallProblem.fixture.ts';
import { outageRules } from './outageRules.ts';

/** How far the worst row is broken, with pools and then reservations as the columns. */
const worstOf = (problem: PlanProblem, { pools, reservations }: PlanDecision): number => {
  const rows = outageRules(
    problem,
    pools.map((_, index) => index),
    reservations.map((_, index) => pools.length + index),
  );
  const point = [
    ...pools.map(Number),
    ...reservations.map((units, index) => {
      const { quantity } = problem.reservations[index]!;
      return quantity.kind === 'exactly' ? units / quantity.units : units;
    }),
  ];
  return Math.max(-Infinity, ...rows.map(({ row }) => violationOf(row, point)));
};

const withoutRules = (problem: PlanProblem): PlanProblem => ({ ...problem, caps: [] });

const resilient = smallProblem({ caps: [], guards: 'off' }).filter(({ resilience }) => resilience !== null);

describe('the rows of outages', () => {
  it('are kept exactly where flows exist that serve everything', async () => {
    const seen = { kept: 0, broken: 0 };
    await fc.assert(
      fc.asyncProperty(
        resilient.chain((problem) => fc.tuple(fc.constant(problem), decisionOf(problem))),
        async ([problem, decision]) => {
          const judged = await solveExtensive(withoutRules(problem), { fixed: decision });
          const worst = worstOf(problem, decision);
          if (judged.status === 'optimal') expect(worst).toBeLessThanOrEqual(1e-7);
          else expect(worst).toBeGreaterThan(1e-12);
          seen[judged.status === 'optimal' ? 'kept' : 'broken'] += 1;
        },
      ),
      { seed: 51, numRuns: 150 },
    );
    // Both halves were there to be told apart.
    expect(Math.min(seen.kept, seen.broken)).toBeGreaterThan(25);
  });

  it('are none where nothing is asked', () => {
    fc.assert(
      fc.property(resilient, (problem) => {
        const idle = { ...problem, resilience: { ...problem.resilience!, servedShares: problem.classes.map(() => 0) } };
        expect(outageRules(idle, [], [])).toEqual([]);
        expect(outageRules({ ...problem, resilience: null }, [], [])).toEqual([]);
      }),
      { seed: 52, numRuns: 20 },
    );
  });

  it('cannot be kept where no node that is left serves a class', () => {
    fc.assert(
      fc.property(resilient, (problem) => {
        const { nodes } = problem.resilience!;
        const lost: PlanProblem = {
          ...problem,
          resilience: {
            ...problem.resilience!,
            losses: [{ name: 'all', kind: 'host', capacityLeft: nodes.map(() => 0) }],
            servedShares: problem.classes.map(() => 0.1),
            designDemand: Array.from({ length: problem.periods }, () => problem.classes.map(() => 1)),
          },
        };
        const everything = {
          pools: problem.pools.map(() => true),
          reservations: problem.reservations.map(({ quantity }) =>
            quantity.kind === 'exactly' ? quantity.units : quantity.max,
          ),
        };
        expect(worstOf(lost, everything)).toBeGreaterThan(0);
      }),
      { seed: 53, numRuns: 20 },
    );
  });
});
