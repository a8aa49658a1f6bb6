import { evenSeason, steadyPrices, type Outlook, type OutlookClass } from './Outlook.ts';

const steadyWork = (name: string, level: number): OutlookClass => ({
  name,
  group: 'models',
  level,
  path: null,
  unitCost: 1,
  logGrowth: 0,
  growthSpread: 0.175,
  noise: { startSpread: 0.1, persistence: 0.9, monthSpread: 0.06 },
  season: evenSeason,
  burst: null,
});

/**
 * The outlook of the instances that plans are measured on: five classes over five years in millions of dollars at reference prices, three
 * growth regimes between -5 % and +112 % a year, training in bursts.
 */
export const familyOutlook: Outlook = {
  months: 60,
  classes: [
    steadyWork('frontier', 0.45),
    steadyWork('mid', 0.3),
    steadyWork('small', 0.15),
    { ...steadyWork('open', 0.2), group: 'machines' },
    {
      ...steadyWork('train', 0.4),
      group: 'machines',
      logGrowth: -0.1,
      burst: { probability: 0.25, factor: 1.8, quietFactor: 0.73, months: 1 },
    },
  ],
  regimes: [
    { name: 'decline', probability: 0.2, logGrowth: -0.05 },
    { name: 'growth', probability: 0.6, logGrowth: 0.35 },
    { name: 'boom', probability: 0.2, logGrowth: 0.75 },
  ],
  switches: [],
  vendors: ['A', 'B', 'C', 'D', 'E', 'F'],
  monthsPerPeriod: 12,
  pricePaths: [steadyPrices(6, 5)],
};
