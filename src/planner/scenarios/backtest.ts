import { assert } from '../../kernel/index.ts';
import { forecast, forecastMonthsMin, type DemandHistory } from './forecast.ts';
import { monthsPerYear } from './Outlook.ts';

/** How far ahead is judged where the caller does not say: a quarter. */
const aheadMonthsDefault = 3;
const aheadMonthsMax = monthsPerYear;

/** How far predictions were off. */
export interface ForecastErrors {
  /** Sum of all misses as a share of all that was used; null where nothing was used. */
  readonly wape: number | null;
  /** Mean of the misses, each as a share of its month; months without use are left out, null where all were. */
  readonly mape: number | null;
}

export interface ClassBacktest {
  readonly name: string;
  /** Predictions that could be held against what came, the same ones for each way to predict. 0: the history is too short to judge. */
  readonly cases: number;
  readonly forecast: ForecastErrors;
  /** The last known month carried on. */
  readonly naive: ForecastErrors;
  /** The same month of the year before; null where no year had passed. */
  readonly seasonalNaive: ForecastErrors | null;
  /** Share of cases within the band that is to hold 80 %; null without cases. */
  readonly coverage: number | null;
}

/** What came, and what each way had said. */
interface Case {
  readonly actual: number;
  readonly said: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly yearBefore: number | null;
}

const errorsOf = (cases: readonly Case[], saidBy: (item: Case) => number): ForecastErrors => {
  const misses = cases.map((item) => ({ actual: item.actual, miss: Math.abs(saidBy(item) - item.actual) }));
  const used = misses.reduce((sum, { actual }) => sum + actual, 0);
  const shares = misses.flatMap(({ actual, miss }) => (actual > 0 ? [miss / actual] : []));
  return {
    wape: used > 0 ? misses.reduce((sum, { miss }) => sum + miss, 0) / used : null,
    mape: shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null,
  };
};

/** Everything that is said at one month about the months after it and can be judged. */
const casesAt = (
  name: string,
  units: readonly (number | null)[],
  origin: number,
  aheadMonths: number,
  yearHasPassed: boolean,
): readonly Case[] => {
  const before = units.slice(0, origin);
  const last = before.findLast((value) => value !== null) ?? null;
  const [told] = forecast({ classes: [{ name, units: before }] }, aheadMonths);
  if (last === null || told === undefined) return [];
  return units.slice(origin, origin + aheadMonths).flatMap((actual, ahead) => {
    const yearBefore = yearHasPassed ? (units[origin + ahead - monthsPerYear] ?? null) : null;
    if (actual === null || (yearHasPassed && yearBefore === null)) return [];
    const said = told.units[ahead] ?? 0;
    return [{ actual, said, low: told.low[ahead] ?? 0, high: told.high[ahead] ?? 0, last, yearBefore }];
  });
};

const backtestOf = (name: string, units: readonly (number | null)[], aheadMonths: number): ClassBacktest => {
  // A second year is what a season before can be held against; shorter histories are judged without.
  const yearHasPassed = units.length > monthsPerYear + forecastMonthsMin.level;
  const first = yearHasPassed ? monthsPerYear : forecastMonthsMin.level;
  const origins = Array.from({ length: Math.max(0, units.length - first) }, (_, index) => first + index);
  const cases = origins.flatMap((origin) => casesAt(name, units, origin, aheadMonths, yearHasPassed));
  const within = cases.filter(({ actual, low, high }) => actual >= low && actual <= high).length;
  return {
    name,
    cases: cases.length,
    forecast: errorsOf(cases, ({ said }) => said),
    naive: errorsOf(cases, ({ last }) => last),
    seasonalNaive: yearHasPassed && cases.length > 0 ? errorsOf(cases, ({ yearBefore }) => yearBefore ?? 0) : null,
    coverage: cases.length > 0 ? within / cases.length : null,
  };
};

/**
 * How good the forecast would have been: made anew at each month of the history from what was known then, and held against what came, beside
 * the two ways that cost nothing.
 * @param aheadMonths How far ahead is judged: from 1 to 12.
 */
export const backtest = (
  history: DemandHistory,
  aheadMonths: number = aheadMonthsDefault,
): readonly ClassBacktest[] => {
  assert(aheadMonths >= 1 && aheadMonths <= aheadMonthsMax, `from 1 to ${aheadMonthsMax} months ahead`);
  return history.classes.map(({ name, units }) => backtestOf(name, units, aheadMonths));
};
