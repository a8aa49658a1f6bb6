import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { violationOf } from '../linear/LinearProgram.ts';
import { loadHighs } from '../linear/loadHighs.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { isGuarded, smallProblem, type SmallProblemOptions } from '../recourse/smallProblem.fixture.ts';
import { groupedModel, separate, type GroupedModel } from './GroupedModel.ts';
import { scenarioGroup } from './ScenarioBlock.ts';
import { scenarioGroups } from './scenarioGroups.ts';

const highs = await loadHighs();
const roundsMax = 60;
const tolerance = 1e-8;

interface Optimum {
  readonly objective: number;
  readonly point: Float64Array;
}

/** The best whole decision of a model, with no cut left that it does not keep; null where there is none. */
const bestOf = (problem: PlanProblem, model: GroupedModel, integral: boolean): Optimum | null => {
  for (let round = 0; round < roundsMax; round += 1) {
    const found = highs.withModel(model.program.modelData(integral), (solver): Optimum | null => {
      solver.options.set({
        output_flag: false,
        mip_rel_gap: 0,
        mip_abs_gap: 1e-9,
        mip_feasibility_tolerance: 1e-9,
        primal_feasibility_tolerance: 1e-9,
        dual_feasibility_tolerance: 1e-9,
      });
      const { modelStatus } = solver.run();
      if (modelStatus !== highs.constants.modelStatus.optimal) return null;
      return { objective: solver.getObjectiveValue(), point: Float64Array.from(solver.getSolution().colValue) };
    });
    if (found === null) return null;
    const rows = separate(problem, model, found.point, tolerance);
    if (rows.length === 0) return found;
    for (const row of rows) model.program.row(row);
  }
  throw new Error('cuts without an end');
};

const modelOf = (problem: PlanProblem, groups: readonly (readonly number[])[], levels: boolean): GroupedModel =>
  groupedModel(
    problem,
    groups.map((members) => scenarioGroup(problem, members)),
    { levels, recourse: true },
  );

const singles = (problem: PlanProblem): number[][] => problem.scenarios.map((_, scenario) => [scenario]);

const expectRelative = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
};

const kinds: [string, SmallProblemOptions][] = [
  ['within guards, without caps', { guards: 'on', caps: [] }],
  ['within guards, all fees counting towards pools', { guards: 'on', caps: [], otherFees: false }],
  ['without guards or caps', { guards: 'off', caps: [] }],
  ['with caps of list prices', { caps: ['list'], guards: 'off' }],
  ['with caps on cost', { caps: ['cost'], guards: 'off' }],
  ['with caps of both kinds', { guards: 'off' }],
  ['with rules that cannot always be kept', { guards: 'on', kept: false }],
];

/** Tampers with the cuts that a model begins with: each account costs that much more at the least. */
const raise = ({ program, blocks }: GroupedModel, money: number): void => {
  const costs = new Set(blocks.flatMap((periods) => periods.flatMap(({ places }) => places.map(({ cost }) => cost))));
  for (const [index, row] of program.rows.entries())
    if (row.upper === Infinity && costs.has(row.columns[0] ?? -1)) program.rows[index] = { ...row, lower: money };
};

describe('the model over groups', () => {
  it.each(kinds)('of one scenario each has the optimum of the extensive form (%s)', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(smallProblem({ scenariosMax: 3, ...options }), fc.boolean(), async (problem, levels) => {
        const judged = await solveExtensive(problem, { guards: isGuarded(problem) });
        const best = bestOf(problem, modelOf(problem, singles(problem), levels), true);
        if (judged.status === 'infeasible') expect(best).toBeNull();
        else expectRelative(best?.objective ?? NaN, judged.objective);
      }),
      { seed: 61, numRuns: 20, endOnFailure: true },
    );
  });

  it.each(kinds)('of any scenarios is never dearer than that, in whole or in part (%s)', async (_, options) => {
    await fc.assert(
      fc.asyncProperty(
        smallProblem({ scenariosMax: 6, ...options }),
        fc.integer({ min: 1, max: 3 }),
        async (problem, count) => {
          const judged = await solveExtensive(problem, { guards: isGuarded(problem) });
          if (judged.status === 'infeasible') return;
          const groups = scenarioGroups(problem, count);
          const whole = bestOf(problem, modelOf(problem, groups, true), true);
          const part = bestOf(problem, modelOf(problem, groups, false), false);
          const most = judged.objective + 1e-6 * Math.max(1, judged.objective);
          expect(whole?.objective).toBeLessThanOrEqual(most);
          expect(part?.objective).toBeLessThanOrEqual((whole?.objective ?? NaN) + 1e-6 * Math.max(1, judged.objective));
        },
      ),
      { seed: 62, numRuns: 12, endOnFailure: true },
    );
  });

  it('is caught above the truth if its cuts are raised', async () => {
    let caught = 0;
    await fc.assert(
      fc.asyncProperty(
        smallProblem({ scenariosMax: 3, caps: [], guards: 'off', resilience: false }),
        async (problem) => {
          const judged = await solveExtensive(problem);
          const model = modelOf(problem, singles(problem), false);
          raise(model, 0.1);
          const tampered = bestOf(problem, model, true);
          if ((tampered?.objective ?? Infinity) > judged.objective * (1 + 1e-6)) caught += 1;
        },
      ),
      { seed: 63, numRuns: 10, endOnFailure: true },
    );
    expect(caught).toBeGreaterThan(7);
  });

  it('gives cuts only that its point does not keep', () => {
    fc.assert(
      fc.property(smallProblem({ scenariosMax: 3, caps: ['list'], guards: 'on' }), (problem) => {
        const model = modelOf(problem, singles(problem), false);
        const found = highs.withModel(model.program.modelData(false), (solver): Float64Array | null => {
          solver.options.set({ output_flag: false });
          const { modelStatus } = solver.run();
          if (modelStatus !== highs.constants.modelStatus.optimal) return null;
          return Float64Array.from(solver.getSolution().colValue);
        });
        if (found === null) return;
        for (const row of separate(problem, model, found, 1e-4)) expect(violationOf(row, found)).toBeGreaterThan(1e-5);
      }),
      { seed: 64, numRuns: 20, endOnFailure: true },
    );
  });
});
