import { assert } from '../../kernel/index.ts';
import { horizonMonthsMax, monthsPerYear } from './Outlook.ts';
import { predict, smooth, type Smoothed, type SmoothingRates, type SmoothingStart } from './smooth.ts';

/** Longest history that is read. */
export const historyMonthsMax = 600;

/** Fewest known months for a level of its own, for a trend, and for a season. */
export const forecastMonthsMin = { level: 4, trend: 8, season: 24 } as const;

/** Standard deviation of the logarithm from one month to the next, where a history is too short to tell. */
export const assumedMonthSpread = 0.25;

/** Standard normal value that 80 % of draws are within, on both sides. */
const bandDeviations = 1.2816;

/** One-sided 5 %: a season that is less sure than this is taken for chance. */
const seasonDeviations = 1.645;

const levelRates = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9] as const;
const trendRates = [0.05, 0.15, 0.3] as const;
const dampings = [0.85, 0.93, 0.98] as const;
const seasonRates = [0, 0.1, 0.3] as const;

/** Units of each class, month by month. */
export interface DemandHistory {
  readonly classes: readonly {
    readonly name: string;
    /** From the first month to the last, all classes over the same ones; null where nobody knows. */
    readonly units: readonly (number | null)[];
  }[];
}

/** What a forecast is made of. */
export type ForecastMethod =
  | 'nothing'
  | 'last value'
  | 'level'
  | 'level and drift'
  | 'level and damped trend'
  | 'level, season'
  | 'level and drift, season'
  | 'level and damped trend, season';

export interface ClassForecast {
  readonly name: string;
  readonly method: ForecastMethod;
  /** In a sentence: what the history allowed, and what was assumed instead of the rest. */
  readonly why: string;
  /** Median of each month after the history. */
  readonly units: readonly number[];
  /** Four of five futures are expected between both. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Standard deviation of each month, as a share of its median: of the logarithm where demand was never 0. */
  readonly spread: readonly number[];
  /** Twelve factors, beginning with the first month after the history; all 1 without a season. */
  readonly season: readonly number[];
}

/** How values are seen while they are smoothed: growth multiplies, so logarithms, but where 0 occurs amounts as they are. */
interface Scale {
  readonly isLog: boolean;
  readonly into: (units: number) => number;
  readonly outOf: (value: number) => number;
}

const logScale: Scale = { isLog: true, into: Math.log, outOf: Math.exp };
const plainScale: Scale = { isLog: false, into: (units) => units, outOf: (value) => Math.max(0, value) };

interface Point {
  readonly month: number;
  readonly value: number;
}

const pointsOf = (series: readonly (number | null)[]): readonly Point[] =>
  series.flatMap((value, month) => (value === null ? [] : [{ month, value }]));

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The straight line that is nearest to points. */
const lineThrough = (points: readonly Point[]): ((month: number) => number) => {
  const middle = meanOf(points.map(({ month }) => month));
  const mean = meanOf(points.map(({ value }) => value));
  const width = points.reduce((sum, { month }) => sum + (month - middle) ** 2, 0);
  const rise = points.reduce((sum, { month, value }) => sum + (month - middle) * (value - mean), 0);
  const slope = width > 0 ? rise / width : 0;
  return (month) => mean + slope * (month - middle);
};

/** What is left of a series when its straight line is taken away. */
export const withoutLine = (series: readonly (number | null)[]): readonly (number | null)[] => {
  const line = lineThrough(pointsOf(series));
  return series.map((value, month) => (value === null ? null : value - line(month)));
};

/** Correlation of values with those so many months later. */
export const correlationAfter = (
  series: readonly (number | null)[],
  months: number,
): { readonly correlation: number; readonly pairs: number } => {
  const pairs = series.flatMap((value, month) => {
    const later = series[month + months] ?? null;
    return value === null || later === null ? [] : [{ value, later }];
  });
  const product = (one: 'value' | 'later', other: 'value' | 'later'): number =>
    pairs.reduce((sum, pair) => sum + pair[one] * pair[other], 0);
  const size = Math.sqrt(product('value', 'value') * product('later', 'later'));
  return { correlation: size > 0 ? product('value', 'later') / size : 0, pairs: pairs.length };
};

/** Whether months resemble themselves a year later more than chance would have it. */
const hasSeason = (series: readonly (number | null)[]): boolean => {
  if (pointsOf(series).length < forecastMonthsMin.season) return false;
  const { correlation, pairs } = correlationAfter(withoutLine(series), monthsPerYear);
  return pairs >= monthsPerYear && correlation > seasonDeviations / Math.sqrt(pairs);
};

/** How far each month of a year is from the straight line, together 0. */
const firstSeason = (series: readonly (number | null)[]): readonly number[] => {
  const rests = pointsOf(withoutLine(series));
  const raw = Array.from({ length: monthsPerYear }, (_, at) =>
    meanOf(rests.filter(({ month }) => month % monthsPerYear === at).map(({ value }) => value)),
  );
  const mean = meanOf(raw);
  return raw.map((value) => value - mean);
};

/** The first year without its season: what a start is found from. */
const firstYear = (series: readonly (number | null)[], season: readonly number[]): readonly Point[] =>
  pointsOf(series)
    .slice(0, monthsPerYear)
    .map(({ month, value }) => ({ month, value: value - (season[month % monthsPerYear] ?? 0) }));

const rates = (level: number, trend = 0, damping = 1): SmoothingRates => ({ level, trend, damping, season: 0 });
const levelGrid: readonly SmoothingRates[] = levelRates.map((level) => rates(level));
const trendGrid: readonly SmoothingRates[] = levelRates.flatMap((level) =>
  trendRates.flatMap((trend) => dampings.map((damping) => rates(level, trend, damping))),
);

const withSeasonRates = (grid: readonly SmoothingRates[]): readonly SmoothingRates[] =>
  grid.flatMap((one) => seasonRates.map((season) => ({ ...one, season })));

const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

/** A way to smooth, and how sure it is. */
interface Fitted {
  readonly method: 'level' | 'drift' | 'damped trend';
  readonly smoothed: Smoothed;
  /** Figures it was free to choose: they count against it. */
  readonly free: number;
  /** Standard deviation of a surprise one month ahead. */
  readonly surprise: number;
  /** Standard deviation of its growth a month: what makes far months unsure. */
  readonly driftError: number;
}

/** Smooths with the rates that are surprised least. */
const fitBest = (
  series: readonly (number | null)[],
  method: Fitted['method'],
  start: SmoothingStart,
  free: number,
): Fitted => {
  const grid = method === 'damped trend' ? trendGrid : levelGrid;
  const smoothed = (start.season.length > 0 ? withSeasonRates(grid) : grid)
    .map((one) => smooth(series, start, one))
    .reduce((best, other) => (squares(other.surprises) < squares(best.surprises) ? other : best));
  const count = smoothed.surprises.length;
  const variance = squares(smoothed.surprises) / Math.max(1, count - free);
  // Averages over few years hide surprises that they were made of, and miss the next year by as much again.
  const years = Math.max(2, count / monthsPerYear);
  const surprise = Math.sqrt(start.season.length > 0 ? (variance * (years + 1)) / (years - 1) : variance);
  // The growth of a walk by chance, and of months scattered about a straight line.
  const driftShare = Math.sqrt(smoothed.rates.level ** 2 / count + 12 / count ** 3);
  return { method, smoothed, free, surprise, driftError: method === 'damped trend' ? 0 : surprise * driftShare };
};

/** Akaike's criterion, corrected for short series: the less the better. */
const criterionOf = ({ smoothed, free }: Fitted): number => {
  const count = smoothed.surprises.length;
  const left = count - free - 1;
  if (left <= 0) return Infinity;
  const perMonth = Math.max(squares(smoothed.surprises) / count, Number.MIN_VALUE);
  return count * Math.log(perMonth) + 2 * free + (2 * free * (free + 1)) / left;
};

/**
 * Level with the growth of the whole series. It is believed as far as it is larger than its own error and the history longer than a year:
 * growth of a few months seldom goes on. What is not believed of it is counted as not known.
 */
const fitDrift = (series: readonly (number | null)[], season: readonly number[]): Fitted => {
  const points = pointsOf(series).map(({ month, value }) => ({
    month,
    value: value - (season[month % monthsPerYear] ?? 0),
  }));
  const line = lineThrough(points);
  const drift = line(1) - line(0);
  const first = meanOf(
    firstYear(series, season)
      .slice(0, 3)
      .map(({ value }) => value),
  );
  const plain = fitBest(series, 'drift', { level: first - 2 * drift, trend: drift, season }, 3);
  const size = drift ** 2 + plain.driftError ** 2;
  const length = points.length / (points.length + monthsPerYear);
  const belief = size > 0 ? (length * drift ** 2) / size : 0;
  return {
    ...plain,
    smoothed: { ...plain.smoothed, trend: belief * drift },
    driftError: Math.hypot(plain.driftError, (1 - belief) * drift),
  };
};

const choose = (series: readonly (number | null)[]): Fitted => {
  const known = pointsOf(series).length;
  const season = hasSeason(series) ? firstSeason(series) : [];
  const first = firstYear(series, season);
  if (known < forecastMonthsMin.trend)
    return fitBest(
      series,
      'level',
      { level: meanOf(first.slice(0, 3).map(({ value }) => value)), trend: 0, season },
      2,
    );
  const drift = fitDrift(series, season);
  const line = lineThrough(first);
  const trend = fitBest(series, 'damped trend', { level: line(-1), trend: line(0) - line(-1), season }, 5);
  return criterionOf(trend) < criterionOf(drift) ? trend : drift;
};

const countedMonths = (count: number): string => (count === 1 ? '1 known month' : `${count} known months`);

const carriedOnWhy = (known: number): string =>
  `${countedMonths(known)}: the last one is carried on, its spread is assumed; a level needs ${forecastMonthsMin.level}`;

const methodNames = { level: 'level', drift: 'level and drift', 'damped trend': 'level and damped trend' } as const;

const methodOf = ({ method, smoothed }: Fitted): ForecastMethod =>
  smoothed.season.length > 0 ? `${methodNames[method]}, season` : methodNames[method];

const whyOf = (fitted: Fitted, known: number): string => {
  const found = `${countedMonths(known)}: ${methodOf(fitted)}`;
  if (fitted.method === 'level')
    return `${found}; a trend needs ${forecastMonthsMin.trend}, a season ${forecastMonthsMin.season}`;
  if (fitted.smoothed.season.length > 0) return found;
  if (known < forecastMonthsMin.season) return `${found}; a season needs ${forecastMonthsMin.season}`;
  return `${found}; no season is sure enough`;
};

const noSeason: readonly number[] = Array.from({ length: monthsPerYear }, () => 1);

/** Where a month may lie: its median, and the standard deviation on the scale that was smoothed on. */
interface Band {
  readonly value: number;
  readonly deviation: number;
}

const forecastOf = (
  bands: readonly Band[],
  scale: Scale,
  told: Pick<ClassForecast, 'name' | 'method' | 'why' | 'season'>,
): ClassForecast => {
  const units = bands.map(({ value }) => scale.outOf(value));
  return {
    ...told,
    units,
    low: bands.map(({ value, deviation }) => scale.outOf(value - bandDeviations * deviation)),
    high: bands.map(({ value, deviation }) => scale.outOf(value + bandDeviations * deviation)),
    spread: bands.map(({ deviation }, index) => {
      if (scale.isLog) return deviation;
      const median = units[index] ?? 0;
      return median > 0 ? deviation / median : 0;
    }),
  };
};

/** Season as factors, beginning with the month after the last one. */
const seasonFactors = (smoothed: Smoothed, scale: Scale, skipped: number): readonly number[] => {
  if (smoothed.season.length === 0) return noSeason;
  const seasonAt = (ahead: number): number => smoothed.season[(smoothed.months + skipped + ahead) % monthsPerYear] ?? 0;
  const mean = meanOf(smoothed.season);
  if (scale.isLog) return noSeason.map((_, ahead) => Math.exp(seasonAt(ahead) - mean));
  return noSeason.map((_, ahead) =>
    smoothed.level > 0 ? Math.max(0, 1 + (seasonAt(ahead) - mean) / smoothed.level) : 1,
  );
};

/** Too few months to learn from: the last one goes on, less and less surely. */
const carriedOn = (name: string, last: number, known: number, months: number, skipped: number): ClassForecast => {
  const told = { name, method: 'last value', why: carriedOnWhy(known), season: noSeason } as const;
  const deviationAt = (ahead: number): number => assumedMonthSpread * Math.sqrt(ahead + skipped + 1);
  const bands = Array.from({ length: months }, (_, ahead) => ({
    value: Math.log(last),
    deviation: deviationAt(ahead),
  }));
  return forecastOf(bands, logScale, told);
};

const classForecast = (name: string, units: readonly (number | null)[], months: number): ClassForecast => {
  const known = units.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) {
    const none = Array.from({ length: months }, () => ({ value: 0, deviation: 0 }));
    return forecastOf(none, plainScale, {
      name,
      method: 'nothing',
      why: 'no month is known: nothing is expected',
      season: noSeason,
    });
  }
  const from = units.findIndex((value) => value !== null);
  const until = units.findLastIndex((value) => value !== null) + 1;
  const skipped = units.length - until;
  if (known.length < forecastMonthsMin.level) return carriedOn(name, last, known.length, months, skipped);
  const scale = known.every((value) => value > 0) ? logScale : plainScale;
  const series = units.slice(from, until).map((value) => (value === null ? null : scale.into(value)));
  const fitted = choose(series);
  const bands = predict(fitted.smoothed, skipped + months).map(({ value, variance }, ahead) => ({
    value,
    deviation: Math.hypot(fitted.surprise * Math.sqrt(variance), (ahead + 1) * fitted.driftError),
  }));
  const season = seasonFactors(fitted.smoothed, scale, skipped);
  const told = { name, method: methodOf(fitted), why: whyOf(fitted, known.length), season };
  return forecastOf(bands.slice(skipped), scale, told);
};

/**
 * What each class will need, from what it needed: exponential smoothing with drift or damped trend, and a season where two years or more show one;
 * its rates are those that would have surprised least one month ahead. Says of each class what its history allowed.
 */
export const forecast = (history: DemandHistory, horizonMonths: number): readonly ClassForecast[] => {
  assert(
    horizonMonths >= 1 && horizonMonths <= horizonMonthsMax,
    `the horizon is from 1 to ${horizonMonthsMax} months`,
  );
  return history.classes.map(({ name, units }) => {
    assert(units.length <= historyMonthsMax, `a history has at most ${historyMonthsMax} months`);
    assert(
      units.every((value) => value === null || (Number.isFinite(value) && value >= 0)),
      'a history has amounts of 0 or more',
    );
    return classForecast(name, units, horizonMonths);
  });
};
