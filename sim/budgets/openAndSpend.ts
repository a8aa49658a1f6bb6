import { openFleet, type FleetOptions } from '../../test/rigs/openFleet.ts';
import type { PlanSettings } from './BudgetPlan.ts';
import { spendBudgets, type SpentBudgets } from './spendBudgets.ts';

export interface SimulationOptions extends Pick<FleetOptions, 'databases' | 'leaseMs' | 'onOpen'> {
  readonly seed: number;
  /** How many budgets are spent, one after the other. */
  readonly budgets: number;
  /** Of each, in dollars. */
  readonly usd: string;
  readonly settings: PlanSettings;
  /** Most milliseconds for each budget. */
  readonly msMax: number;
}

/** Opens a fleet whose replicas share budgets, and has these spent. */
export const openAndSpend = async (options: SimulationOptions): Promise<SpentBudgets> => {
  const { seed, budgets, usd, settings, msMax, ...shared } = options;
  const budgetsUsd = Array.from({ length: budgets }, () => usd);
  const fleet = await openFleet({ seed, replicas: settings.replicas, budgetsUsd, ...shared });
  return spendBudgets(fleet, { seed, settings, msMax });
};
