import type { Result } from '../kernel/index.ts';
import type { PlanFaults, PlanOutcome, PlanRequest } from './PlanRequest.ts';

/** Plans a portfolio file. What that takes is loaded with the first plan: a gateway that serves has no use for it. */
export const planPortfolio = async (request: PlanRequest): Promise<Result<PlanOutcome, PlanFaults>> => {
  const { makePlan } = await import('./makePlan.ts');
  return makePlan(request);
};
