import { evenSeason, steadyPrices, type Outlook, type OutlookClass } from './Outlook.ts';

/** A class whose demand is 100 units in every month, whatever the chance. */
export const certainClass = (name: string, changes: Partial<OutlookClass> = {}): OutlookClass => ({
  name,
  group: name,
  level: 100,
  path: null,
  unitCost: 1,
  logGrowth: 0,
  growthSpread: 0,
  noise: { startSpread: 0, persistence: 0, monthSpread: 0 },
  season: evenSeason,
  burst: null,
  ...changes,
});

/** Two years of one certain class at steady prices, but for what a test changes. */
export const certainOutlook = (changes: Partial<Outlook> = {}): Outlook => ({
  months: 24,
  classes: [certainClass('chat')],
  regimes: [{ name: 'as before', probability: 1, logGrowth: 0 }],
  switches: [],
  vendors: ['A'],
  monthsPerPeriod: 12,
  pricePaths: [steadyPrices(1, 2)],
  ...changes,
});
