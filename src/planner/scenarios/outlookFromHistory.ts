import { assert } from '../../kernel/index.ts';
import type { PricePath } from './DemandScenario.ts';
import {
  correlationAfter,
  forecast,
  forecastMonthsMin,
  withoutLine,
  type ClassForecast,
  type DemandHistory,
} from './forecast.ts';
import { monthsPerYear, steadyPrices, type GrowthRegime, type Outlook, type OutlookClass } from './Outlook.ts';

/** Spread of yearly growth that a history of one year leaves at least: it falls with the root of the years, to the least of all. */
const growthSpreadOfOneYear = 0.3;
const growthSpreadMin = 0.1;
const growthSpreadMax = 0.6;

/** Largest yearly growth, logarithmic, that is carried through a horizon: times 7.4 a year. */
const logGrowthMax = 2;

/** Noise of the level where a history is too short to tell. */
const assumedNoise = { startSpread: 0.1, persistence: 0.8, monthSpread: 0.06 } as const;
const persistenceMax = 0.95;

/** How much of the spread of growth classes have in common where histories cannot tell. */
const assumedCommonShare = 0.5;

/** Fewest months of two classes together for their correlation. */
const commonMonthsMin = 6;

/** What a history does not tell and the outlook needs. */
export interface HistoryOutlookOptions {
  /** Length of the horizon. */
  readonly months: number;
  /** Months between the history's last and the horizon's first. */
  readonly skippedMonths?: number;
  /** Of each class; absent: its own name. */
  readonly groups?: readonly string[];
  /** Of each class: money for a unit at today's list price; absent: 1. */
  readonly unitCosts?: readonly number[];
  readonly vendors?: readonly string[];
  readonly monthsPerPeriod?: number;
  /** Absent: prices stay. */
  readonly pricePaths?: readonly PricePath[];
}

export interface HistoryOutlook {
  readonly outlook: Outlook;
  readonly forecasts: readonly ClassForecast[];
  /** What no history told, in sentences. */
  readonly assumptions: readonly string[];
}

type Series = readonly (number | null)[];

const logarithms = (units: Series): Series =>
  units.map((value) => (value === null || value <= 0 ? null : Math.log(value)));

const knownOf = (series: Series): readonly number[] => series.filter((value) => value !== null);

const clamped = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The AR(1) process that strays from the straight line of logarithms as the history did, its season taken out. */
const noiseOf = (units: Series, season: readonly number[]): OutlookClass['noise'] => {
  // The season begins after the history: its last month is the season's last.
  const seasonAt = (month: number): number => season.at((month - units.length) % monthsPerYear) ?? 1;
  const rests = withoutLine(
    logarithms(units).map((value, month) => {
      const factor = seasonAt(month);
      return value === null || factor <= 0 ? null : value - Math.log(factor);
    }),
  );
  const known = knownOf(rests);
  if (known.length < forecastMonthsMin.trend) return assumedNoise;
  const spread = Math.sqrt(known.reduce((sum, value) => sum + value * value, 0) / (known.length - 2));
  const persistence = clamped(correlationAfter(rests, 1).correlation, 0, persistenceMax);
  return { startSpread: spread, persistence, monthSpread: spread * Math.sqrt(1 - persistence ** 2) };
};

/** Level and growth with which the class's median goes from the first forecast month to the last. */
const courseOf = (
  told: ClassForecast,
  skippedMonths: number,
): { readonly level: number; readonly logGrowth: number } => {
  const evened = told.units.map((units, month) => units / Math.max(told.season[month % monthsPerYear] ?? 1, 1e-3));
  const level = evened[skippedMonths] ?? 0;
  const last = evened.at(-1) ?? 0;
  const years = (evened.length - 1 - skippedMonths) / monthsPerYear;
  if (!(level > 0 && last > 0 && years > 0)) return { level, logGrowth: 0 };
  return { level, logGrowth: clamped(Math.log(last / level) / years, -logGrowthMax, logGrowthMax) };
};

/** Spread of yearly growth: what the forecast's band widens by over the horizon, but no less than so short a history leaves open. */
const growthSpreadOf = (told: ClassForecast, knownMonths: number): number => {
  const first = told.spread[0] ?? 0;
  const last = told.spread.at(-1) ?? 0;
  const years = told.spread.length / monthsPerYear;
  const widened = Math.sqrt(Math.max(0, last ** 2 - first ** 2)) / years;
  const least = Math.max(growthSpreadMin, growthSpreadOfOneYear / Math.sqrt(Math.max(1, knownMonths / monthsPerYear)));
  return clamped(widened, least, growthSpreadMax);
};

/** Month-to-month changes of the logarithm. */
const changesOf = (units: Series): Series => {
  const values = logarithms(units);
  return values.slice(1).map((value, month) => {
    const before = values[month] ?? null;
    return value === null || before === null ? null : value - before;
  });
};

const correlationOf = (one: Series, other: Series): number | null => {
  const pairs = one.flatMap((left, month) => {
    const right = other[month] ?? null;
    return left === null || right === null ? [] : [{ left, right }];
  });
  if (pairs.length < commonMonthsMin) return null;
  const mean = (side: 'left' | 'right'): number => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  const [left, right] = [mean('left'), mean('right')];
  const product = pairs.reduce((sum, pair) => sum + (pair.left - left) * (pair.right - right), 0);
  const leftSize = pairs.reduce((sum, pair) => sum + (pair.left - left) ** 2, 0);
  const rightSize = pairs.reduce((sum, pair) => sum + (pair.right - right) ** 2, 0);
  const size = Math.sqrt(leftSize * rightSize);
  return size > 0 ? product / size : 0;
};

/** How much of growth's variance classes have in common: the mean correlation of their months; null where no two histories can tell. */
const commonShareOf = (histories: readonly Series[]): number | null => {
  if (histories.length === 1) return 1;
  const changes = histories.map(changesOf);
  const correlations = changes.flatMap((one, index) =>
    changes.slice(index + 1).flatMap((other) => correlationOf(one, other) ?? []),
  );
  if (correlations.length === 0) return null;
  return clamped(correlations.reduce((sum, value) => sum + value, 0) / correlations.length, 0, 1);
};

/** Three regimes that have the mean and the variance of a normal distribution (its three-point quadrature). */
const regimesOf = (spread: number): readonly GrowthRegime[] => [
  { name: 'slower', probability: 1 / 6, logGrowth: -Math.sqrt(3) * spread },
  { name: 'as before', probability: 2 / 3, logGrowth: 0 },
  { name: 'faster', probability: 1 / 6, logGrowth: Math.sqrt(3) * spread },
];

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * An outlook from what was used before: levels, growth, season and noise of each class from its history, growth regimes from how unsure the
 * forecast is. What a history cannot tell (bursts to come, models that will be switched, prices) is left as today, and said.
 */
export const outlookFromHistory = (history: DemandHistory, options: HistoryOutlookOptions): HistoryOutlook => {
  const { months, skippedMonths = 0, monthsPerPeriod = monthsPerYear, vendors = [] } = options;
  assert(history.classes.length > 0, 'a history has a class');
  const forecasts = forecast(history, months + skippedMonths);
  const knownMonths = history.classes.map(({ units }) => knownOf(units).length);
  const spreads = forecasts.map((told, index) => growthSpreadOf(told, knownMonths[index] ?? 0));
  const foundShare = commonShareOf(history.classes.map(({ units }) => units));
  const commonShare = foundShare ?? assumedCommonShare;
  const commonSpread = Math.sqrt(commonShare) * meanOf(spreads);
  const classes = history.classes.map(({ name, units }, index): OutlookClass => {
    const told = forecasts[index];
    assert(told !== undefined, 'each class has a forecast');
    const from = skippedMonths % monthsPerYear;
    return {
      name,
      group: options.groups?.[index] ?? name,
      ...courseOf(told, skippedMonths),
      path: null,
      unitCost: options.unitCosts?.[index] ?? 1,
      growthSpread: Math.sqrt(Math.max(0, (spreads[index] ?? 0) ** 2 - commonSpread ** 2)),
      noise: noiseOf(units, told.season),
      season: [...told.season.slice(from), ...told.season.slice(0, from)],
      burst: null,
    };
  });
  const pricePaths = options.pricePaths ?? [steadyPrices(vendors.length, Math.ceil(months / monthsPerPeriod))];
  return {
    outlook: { months, classes, regimes: regimesOf(commonSpread), switches: [], vendors, monthsPerPeriod, pricePaths },
    forecasts,
    assumptions: [
      ...forecasts.map(({ name, why }) => `${name}: ${why}`),
      `yearly growth strays by ${percent(meanOf(spreads))}; shorter histories leave more open`,
      foundShare === null
        ? `classes are assumed to share ${percent(commonShare)} of it: their histories are too short to tell`
        : `classes share ${percent(commonShare)} of it, as their months did`,
      'no burst and no change of models is expected: a history does not tell of them',
      ...(options.pricePaths === undefined ? ['list prices are expected to stay'] : []),
    ],
  };
};
