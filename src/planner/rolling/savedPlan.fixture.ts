import type { SavedDecision, SavedPlan } from './SavedPlan.ts';

/** A pool of two even years. */
export const savedPool: SavedDecision = {
  vendor: 'north',
  offer: 'north-pool',
  kind: 'pool',
  start: '2027-01-01',
  until: '2029-01-01',
  months: 24,
  usd: '2000',
  discount: 0.1,
  feePerMonth: null,
  steps: [
    { from: '2027-01-01', until: '2028-01-01', usd: '1000' },
    { from: '2028-01-01', until: '2029-01-01', usd: '1000' },
  ],
};

export const savedFloor: SavedDecision = {
  vendor: 'south',
  offer: 'south-floor',
  kind: 'floor',
  start: '2027-01-01',
  until: '2028-01-01',
  months: 12,
  quantity: '3',
  unit: 'unitsPerMonth',
  source: 'south/chat',
  discount: null,
  feePerMonth: 7.5,
  steps: [],
};

export const savedPlan: SavedPlan = {
  upperBound: 100,
  lowerBound: 99,
  gap: 0.01,
  currency: 'USD',
  decisions: [savedPool, savedFloor],
  kept: [],
  inputs: { file: 'portfolio.yaml', sha256: 'a', seed: 1, version: '0.1.0', madeAt: '2026-11-01T00:00:00Z' },
  search: { feasible: true, interrupted: false, scenarios: 50 },
  horizon: { from: '2027-01-01', until: '2029-01-01' },
  vendors: ['north', 'south'],
  classes: ['chat'],
  risk: { cvarWeight: 0.2, beta: 0.9 },
  outOfSample: {
    mean: 90,
    low: 89,
    high: 91,
    cvar: 140,
    capPenalty: 0,
    burnt: 2,
    byPeriod: [{ period: '2027', mean: 40 }],
    byVendor: [{ vendor: 'north', mean: 60 }],
  },
  dependency: { caps: [{ name: 'north', kind: 'vendor', limit: 0.6 }] },
  certificate: [{ class: 'chat', askedShare: 0.9 }],
  forecast: null,
};
