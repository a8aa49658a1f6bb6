import { overlaps } from '../model/FirstStage.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { seededRandom } from '../../kernel/index.ts';

/** Some pools that do not overlap, a little of some reservations. */
export const randomDecision = (problem: PlanProblem, seed: number): PlanDecision => {
  const random = seededRandom(seed);
  const pools = problem.pools.map(() => false);
  for (const [index, pool] of problem.pools.entries()) {
    const isFree = problem.pools.every((other, at) => !pools[at] || !overlaps(pool, other));
    if (isFree && random() < 0.15) pools[index] = true;
  }
  return { pools, reservations: problem.reservations.map(() => (random() < 0.2 ? 0.2 * random() : 0)) };
};
