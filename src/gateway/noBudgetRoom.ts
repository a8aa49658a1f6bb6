import type { BudgetRoom } from './GatewayPorts.ts';

/** Of one who shares its budgets with nobody. */
export const noBudgetRoom: BudgetRoom = { ask: () => Promise.resolve('unknown') };
