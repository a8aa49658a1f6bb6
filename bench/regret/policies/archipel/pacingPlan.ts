import type { PacedNames, PacingPlan } from '../../../../src/router/index.ts';
import type { World } from '../../contracts/World.ts';
import { market, shareCaps } from '../../market/market.ts';
import { loadBy, secondsOfMonth } from '../../months/loadShape.ts';

const hoursOfMonth = secondsOfMonth / 3_600;
const minuteMs = 60_000;

/** A world as the program's pacer knows it. Its month begins at 0, Unix milliseconds. */
export const pacingPlan = ({ contracts, forecastUsd }: World): PacingPlan => ({
  targets: market.map(({ name, host }, index) => ({
    ...({ vendor: name, hosts: { [host]: 1 }, jurisdiction: null, lab: null } satisfies PacedNames),
    pools: [...contracts.pools.keys()].filter((pool) => contracts.pools[pool]?.target === index),
    floors: contracts.floor.target === index ? [0] : [],
  })),
  pools: contracts.pools.map(({ fromS, toS, minimumUsd, feeShare }, index) => ({
    contract: `pool ${index}`,
    fromMs: fromS * 1_000,
    untilMs: toS * 1_000,
    needUsd: minimumUsd,
    spentUsd: 0,
    shortfallRate: feeShare,
  })),
  floors: [
    {
      contract: 'floor',
      fromMs: 0,
      untilMs: secondsOfMonth * 1_000,
      intervalMs: minuteMs,
      capacityUsd: contracts.floor.usdPerMinute,
      meters: [],
    },
  ],
  caps: { ...shareCaps, jurisdiction: null, lab: null },
  windowFromMs: 0,
  windowUntilMs: secondsOfMonth * 1_000,
  forecast: {
    windowUsd: forecastUsd,
    usdPerHour: forecastUsd / hoursOfMonth,
    loadUntil: (atMs) => loadBy(atMs / 1_000),
  },
  beginsMs: 0,
});
