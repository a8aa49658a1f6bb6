import { beforeAll, describe, expect, test } from 'vitest';
import type { Highs } from 'highs';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import { loadHighs } from '../linear/loadHighs.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { policyConflict } from './policyConflict.ts';

let highs: Highs;
beforeAll(async () => {
  highs = await loadHighs();
});

const family = instanceFamily({ scenarios: 2, seed: 3, vendors: 3, months: 24, monthsPerStep: 12, cap: null });

/** The family, with so much of each reservation and no pool. */
const withReservations = (units: number): PlanProblem => ({
  ...family,
  pools: [],
  reservations: family.reservations.map((offer) => ({ ...offer, quantity: { kind: 'upTo', max: units } })),
});

/** The served shares that leave only these rules in force, for one loss and period at a time. */
const isFeasible = async (problem: PlanProblem): Promise<boolean> =>
  (await solveExtensive(problem, { relax: true })).status === 'optimal';

describe('a policy that nobody can satisfy', () => {
  const problem = withReservations(0.02);

  test('is no policy of which a plan is known', async () => {
    expect(policyConflict(highs, family)).toBeNull();
    expect(await isFeasible(family)).toBe(true);
    expect(await isFeasible(problem)).toBe(false);
  });

  test('names rules that cannot be met, and how far they can', () => {
    const found = policyConflict(highs, problem);
    expect(found).not.toBeNull();
    expect(found!.conflict.length).toBeGreaterThan(0);
    expect(found!.relaxation.length).toBeGreaterThan(0);
    for (const { loss, classes, needed, reachable } of found!.relaxation) {
      expect(problem.resilience!.losses.map(({ name }) => name)).toContain(loss);
      expect(classes.length).toBeGreaterThan(0);
      expect(reachable).toBeLessThan(needed);
      expect(reachable).toBeGreaterThanOrEqual(0);
    }
  });

  test('has plans once what is told is given up', async () => {
    const { resilience } = problem;
    const found = policyConflict(highs, problem)!;
    // Shares are by class: as little as any rule that was relaxed leaves of a class.
    const shareOf = (index: number): number =>
      Math.min(
        1,
        ...found.relaxation
          .filter(({ classes }) => classes.includes(index))
          .map(({ needed, reachable }) => reachable / needed),
      ) * resilience!.servedShares[index]!;
    const relaxed = {
      ...problem,
      resilience: { ...resilience!, servedShares: problem.classes.map((_, index) => shareOf(index) * (1 - 1e-9)) },
    };
    expect(await isFeasible(relaxed)).toBe(true);
  });

  test('is in conflict by one rule alone where one class is the trouble', () => {
    const [only] = withReservations(0.02).resilience!.losses;
    const one = { ...problem, resilience: { ...problem.resilience!, losses: [only!] } };
    const found = policyConflict(highs, one)!;
    expect(new Set(found.conflict.map(({ loss }) => loss))).toEqual(new Set([only!.name]));
    expect(found.conflict).toHaveLength(1);
  });
});
