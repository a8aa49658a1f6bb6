import { assert } from '../../kernel/index.ts';
import type { PathFault } from '../../config/index.ts';
import type { PricePath } from './DemandScenario.ts';

/** Months that seasonality repeats after, and that growth is told for. */
export const monthsPerYear = 12;

/** Longest horizon that futures are drawn for. */
export const horizonMonthsMax = 240;

/** How the whole portfolio may grow. Exactly one regime holds in each future, from its first month to its last. */
export interface GrowthRegime {
  readonly name: string;
  /** From 0 to 1; all regimes together are 1. */
  readonly probability: number;
  /** Natural logarithm of the growth in a year: 0.35 is times 1.42. */
  readonly logGrowth: number;
}

/** Demand that jumps for a while: a training run, a campaign. */
export interface DemandBurst {
  /** Probability that one begins in a month in which none is going on. */
  readonly probability: number;
  /** What demand is multiplied by while it lasts. */
  readonly factor: number;
  /** What demand is multiplied by in all other months: 1, or less where the level is told as the mean of both. */
  readonly quietFactor: number;
  /** How long it lasts: whole months, at least 1. */
  readonly months: number;
}

/** What is expected of one class of work. */
export interface OutlookClass {
  readonly name: string;
  /** Classes of one group are told together where totals are compared. */
  readonly group: string;
  /** Units a month at the start of the horizon: the median, before season and bursts. */
  readonly level: number;
  /** Units of each month of the horizon where somebody has told them: then instead of level and growth of its own. Regimes and spreads move it. */
  readonly path: readonly number[] | null;
  /** Money for one unit at today's list price, to weigh classes against each other. */
  readonly unitCost: number;
  /** Added to the logarithmic yearly growth of the regime. */
  readonly logGrowth: number;
  /** Standard deviation of what this class grows apart from the others, logarithmic, a year. */
  readonly growthSpread: number;
  /** Level noise, an AR(1) process of the logarithm: standard deviation at the start, what is left of it a month later, and of what is added each month. */
  readonly noise: { readonly startSpread: number; readonly persistence: number; readonly monthSpread: number };
  /** Twelve factors; the first is that of the horizon's first month. */
  readonly season: readonly number[];
  readonly burst: DemandBurst | null;
}

/** Work that moves to another class for good: a cheaper model turns out to be good enough. */
export interface ModelSwitch {
  /** Indices of `Outlook.classes`. */
  readonly from: number;
  readonly to: number;
  /** Probability that it happens at all. */
  readonly probability: number;
  /** In one month, each as likely, from here ... */
  readonly fromMonth: number;
  /** ... to before here. */
  readonly untilMonth: number;
  /** Share of the demand that moves: evenly spread between both. */
  readonly shareMin: number;
  readonly shareMax: number;
  /** Units of the class moved to that do the work of one unit. */
  readonly unitFactor: number;
}

/** What is believed about the future: everything that scenarios are drawn from. */
export interface Outlook {
  readonly months: number;
  readonly classes: readonly OutlookClass[];
  readonly regimes: readonly GrowthRegime[];
  readonly switches: readonly ModelSwitch[];
  /** Whose prices the price paths tell. */
  readonly vendors: readonly string[];
  readonly monthsPerPeriod: number;
  readonly pricePaths: readonly PricePath[];
}

/** Season of a class that has none. */
export const evenSeason: readonly number[] = Array.from({ length: monthsPerYear }, () => 1);

/** The one price path of who expects no change. */
export const steadyPrices = (vendors: number, periods: number): PricePath => ({
  name: 'as today',
  probability: 1,
  factors: Array.from({ length: vendors }, () => Array.from({ length: periods }, () => 1)),
});

/** The factors of a price path for each source, in the shape of `PlanProblem.priceIndices`. */
export const sourceFactors = (path: PricePath, vendorOfSource: readonly number[]): readonly (readonly number[])[] =>
  vendorOfSource.map((vendor) => {
    const factors = path.factors[vendor];
    assert(factors !== undefined, `price path ${path.name} has no vendor ${vendor}`);
    return factors;
  });

/** How far probabilities of a list may be from 1 together. */
const probabilitySlack = 1e-6;

const isShare = (value: number): boolean => value >= 0 && value <= 1;
const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value);
const isSpread = (value: number): boolean => value >= 0 && Number.isFinite(value);

function* probabilityFaults(list: 'regimes' | 'pricePaths', outlook: Outlook): Generator<PathFault> {
  const all = outlook[list];
  for (const [index, { probability }] of all.entries()) {
    if (isShare(probability)) continue;
    yield {
      path: [list, index, 'probability'],
      what: 'a probability is not from 0 to 1',
      mend: 'write a share like 0.2',
    };
  }
  const sum = all.reduce((total, { probability }) => total + probability, 0);
  if (Math.abs(sum - 1) <= probabilitySlack) return;
  const what = all.length === 0 ? 'is empty' : `probabilities add up to ${Number(sum.toPrecision(6))}`;
  yield { path: [list], what, mend: 'give at least one, with probabilities that add up to 1' };
}

function* classFaults(item: OutlookClass, index: number, months: number): Generator<PathFault> {
  const at = (...path: string[]): (string | number)[] => ['classes', index, ...path];
  const { noise, burst } = item;
  if (!isSpread(item.level))
    yield { path: at('level'), what: 'is not an amount', mend: 'write 0 or more units a month' };
  if (item.path !== null && (item.path.length !== months || !item.path.every(isSpread)))
    yield { path: at('path'), what: 'is not an amount for each month', mend: `give ${months} numbers of 0 or more` };
  if (!isSpread(item.unitCost)) yield { path: at('unitCost'), what: 'is not a price', mend: 'write 0 or more' };
  if (!Number.isFinite(item.logGrowth)) yield { path: at('logGrowth'), what: 'is no number', mend: 'write 0 for none' };
  if (!isSpread(item.growthSpread)) yield { path: at('growthSpread'), what: 'is no spread', mend: 'write 0 or more' };
  if (!isSpread(noise.startSpread))
    yield { path: at('noise', 'startSpread'), what: 'is no spread', mend: 'write 0 or more' };
  if (!isSpread(noise.monthSpread))
    yield { path: at('noise', 'monthSpread'), what: 'is no spread', mend: 'write 0 or more' };
  if (!(Math.abs(noise.persistence) <= 1))
    yield {
      path: at('noise', 'persistence'),
      what: 'makes noise grow without end',
      mend: 'write a number from -1 to 1',
    };
  if (item.season.length !== monthsPerYear || !item.season.every(isSpread))
    yield {
      path: at('season'),
      what: 'is not twelve factors',
      mend: 'give one factor of 0 or more for each month of a year',
    };
  if (burst === null) return;
  if (!isShare(burst.probability))
    yield { path: at('burst', 'probability'), what: 'is not from 0 to 1', mend: 'write a share like 0.1' };
  if (!isSpread(burst.factor)) yield { path: at('burst', 'factor'), what: 'is no factor', mend: 'write 0 or more' };
  if (!isSpread(burst.quietFactor)) yield { path: at('burst', 'quietFactor'), what: 'is no factor', mend: 'write 1' };
  if (!Number.isInteger(burst.months) || burst.months < 1)
    yield { path: at('burst', 'months'), what: 'is not a number of months', mend: 'write a whole number from 1' };
}

function* switchFaults(item: ModelSwitch, index: number, outlook: Outlook): Generator<PathFault> {
  const at = (key: string): (string | number)[] => ['switches', index, key];
  for (const key of ['from', 'to'] as const) {
    if (outlook.classes[item[key]] === undefined)
      yield { path: at(key), what: 'is no class of the outlook', mend: 'name a class that demand is given for' };
  }
  if (item.from === item.to) yield { path: at('to'), what: 'is the class it comes from', mend: 'name another class' };
  if (!isShare(item.probability))
    yield { path: at('probability'), what: 'is not from 0 to 1', mend: 'write a share like 0.3' };
  if (!isShare(item.shareMin) || !isShare(item.shareMax) || item.shareMin > item.shareMax)
    yield { path: at('shareMin'), what: 'is no range of shares', mend: 'write a least and a most share from 0 to 1' };
  if (!isPositive(item.unitFactor))
    yield { path: at('unitFactor'), what: 'is not above 0', mend: 'write 1 for as many units' };
  const inOrder = item.fromMonth >= 0 && item.fromMonth < item.untilMonth && item.untilMonth <= outlook.months;
  if (!inOrder || !Number.isInteger(item.fromMonth) || !Number.isInteger(item.untilMonth))
    yield {
      path: at('fromMonth'),
      what: 'is no range of months of the horizon',
      mend: `stay between 0 and ${outlook.months}`,
    };
}

function* pathFaults(outlook: Outlook): Generator<PathFault> {
  const periods = Math.ceil(outlook.months / outlook.monthsPerPeriod);
  for (const [index, path] of outlook.pricePaths.entries()) {
    const complete =
      path.factors.length === outlook.vendors.length &&
      path.factors.every((factors) => factors.length === periods && factors.every(isPositive));
    if (complete) continue;
    const mend = `give ${periods} factors above 0 for each of ${outlook.vendors.length} vendors`;
    yield { path: ['pricePaths', index, 'factors'], what: 'does not fit vendors and periods', mend };
  }
}

/** Everything that keeps futures from being drawn, each with its place within the outlook. */
export const outlookFaults = (outlook: Outlook): readonly PathFault[] => {
  const { months, monthsPerPeriod } = outlook;
  if (!Number.isInteger(months) || months < 1 || months > horizonMonthsMax)
    return [
      { path: ['months'], what: 'is no horizon', mend: `write a whole number of months from 1 to ${horizonMonthsMax}` },
    ];
  if (!Number.isInteger(monthsPerPeriod) || monthsPerPeriod < 1)
    return [{ path: ['monthsPerPeriod'], what: 'is no period', mend: 'write a whole number of months from 1' }];
  return [
    ...probabilityFaults('regimes', outlook),
    ...probabilityFaults('pricePaths', outlook),
    ...outlook.classes.flatMap((item, index) => [...classFaults(item, index, months)]),
    ...outlook.switches.flatMap((item, index) => [...switchFaults(item, index, outlook)]),
    ...pathFaults(outlook),
  ];
};
