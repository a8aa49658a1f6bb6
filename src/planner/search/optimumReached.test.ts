import fc from 'fast-check';
import { expect, it } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { loadHighs } from '../linear/loadHighs.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { isGuarded, smallProblem } from '../recourse/smallProblem.fixture.ts';
import { plannedHere } from './plannedHere.fixture.ts';

const highs = await loadHighs();

/** How far the best plan found is above the optimum of the whole program, solved directly; null where there is no plan. */
const excessOf = async (problem: PlanProblem): Promise<number | null> => {
  const judged = await solveExtensive(problem, { guards: isGuarded(problem) });
  if (judged.status === 'infeasible') return null;
  const { incumbents } = await plannedHere(highs, problem, { nodes: 0 });
  const best = incumbents.at(-1)?.evaluation.objective ?? Infinity;
  return (best - judged.objective) / Math.max(1, judged.objective);
};

it('a search reaches the optimum itself of problems that are small enough to be solved directly', async () => {
  const excesses: number[] = [];
  await fc.assert(
    fc.asyncProperty(smallProblem(), async (problem) => {
      const excess = await excessOf(problem);
      if (excess === null) return;
      expect(excess).toBeGreaterThanOrEqual(-1e-6);
      excesses.push(excess);
    }),
    { seed: 123, numRuns: 80, endOnFailure: true },
  );
  expect(excesses.length).toBeGreaterThan(40);
  // A search need not prove that it is there, and so may stop beside it now and then.
  expect(excesses.filter((excess) => excess > 1e-9).length).toBeLessThanOrEqual(excesses.length / 20);
});
