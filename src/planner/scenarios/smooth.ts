import { monthsPerYear } from './Outlook.ts';

/** How much of each surprise level, trend and season take over, and how much of the trend is left a month later; all from 0 to 1. */
export interface SmoothingRates {
  readonly level: number;
  /** Of what the level took over. 0: there is no trend. */
  readonly trend: number;
  readonly damping: number;
  readonly season: number;
}

/** Where smoothing starts. */
export interface SmoothingStart {
  readonly level: number;
  readonly trend: number;
  /** Added to each month of a year, beginning with the series' first; empty where there is no season. */
  readonly season: readonly number[];
}

/** Where smoothing has come to after the last month, and how it surprised itself on the way. */
export interface Smoothed extends SmoothingStart {
  readonly rates: SmoothingRates;
  /** What each known month was above its prediction of a month before. */
  readonly surprises: readonly number[];
  readonly months: number;
}

/**
 * Exponential smoothing with damped trend and additive season, in error correction form (Hyndman and others, "Forecasting with Exponential
 * Smoothing", 2008: the ETS models AAdA and AAdN). Over a gap it goes on as predicted.
 */
export const smooth = (series: readonly (number | null)[], start: SmoothingStart, rates: SmoothingRates): Smoothed => {
  let { level, trend } = start;
  const season = [...start.season];
  const surprises: number[] = [];
  for (const [month, value] of series.entries()) {
    const at = month % monthsPerYear;
    const expected = level + rates.damping * trend;
    const surprise = value === null ? 0 : value - expected - (season[at] ?? 0);
    if (value !== null) surprises.push(surprise);
    level = expected + rates.level * surprise;
    trend = rates.damping * trend + rates.level * rates.trend * surprise;
    if (season.length > 0) season[at] = (season[at] ?? 0) + rates.season * (1 - rates.level) * surprise;
  }
  return { level, trend, season, rates, surprises, months: series.length };
};

/** Predictions after the last month, and the variance of each as a multiple of the variance of one month's surprise. */
export const predict = (
  { level, trend, season, rates, months }: Smoothed,
  horizon: number,
): readonly { readonly value: number; readonly variance: number }[] => {
  let damping = 1;
  let trends = 0;
  let variance = 1;
  return Array.from({ length: horizon }, (_, ahead) => {
    damping *= rates.damping;
    trends += damping;
    const value = level + trend * trends + (season[(months + ahead) % monthsPerYear] ?? 0);
    const result = { value, variance };
    // What a surprise of this month would still move in the month after the next ones.
    const again = season.length > 0 && (ahead + 1) % monthsPerYear === 0 ? rates.season * (1 - rates.level) : 0;
    variance += (rates.level * (1 + rates.trend * trends) + again) ** 2;
    return result;
  });
};
