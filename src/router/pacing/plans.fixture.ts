// Plans that tests pace by.
import { noCaps } from '../candidates.fixture.ts';
import { flatForecast } from './Forecast.ts';
import type { PacedFloor, PacedPool, PacedTarget, PacingPlan } from './PacingPlan.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A target that no contract covers, alone on its host. */
export const targetOf = (vendor: string, differs: Partial<PacedTarget> = {}): PacedTarget => ({
  vendor,
  hosts: { [`${vendor}-host`]: 1 },
  jurisdiction: null,
  lab: null,
  pools: [],
  floors: [],
  ...differs,
});

/** A pool of 300 dollars in thirty days. */
export const poolOf = (differs: Partial<PacedPool> = {}): PacedPool => ({
  contract: 'pool',
  fromMs: 0,
  untilMs: 30 * dayMs,
  needUsd: 300,
  spentUsd: 0,
  shortfallRate: 1,
  ...differs,
});

/** A floor of 2 dollars a minute. */
export const floorOf = (differs: Partial<PacedFloor> = {}): PacedFloor => ({
  contract: 'floor',
  fromMs: 0,
  untilMs: 30 * dayMs,
  intervalMs: 60_000,
  capacityUsd: 2,
  meters: [],
  ...differs,
});

/** A month of 720 dollars, a dollar an hour, without contracts and caps but those that are given. */
export const planOf = (differs: Partial<PacingPlan> = {}): PacingPlan => ({
  targets: [targetOf('a'), targetOf('b')],
  pools: [],
  floors: [],
  caps: noCaps,
  windowFromMs: 0,
  windowUntilMs: 30 * dayMs,
  forecast: flatForecast(720, 1),
  beginsMs: 0,
  ...differs,
});
