import { seededRandom } from '../kernel/index.ts';

/** A number that is nearly normal, of mean 0 and variance 1: twelve even ones added up. */
const normalOf = (random: () => number): number => {
  let sum = -6;
  for (let draw = 0; draw < 12; draw++) sum += random();
  return sum;
};

const weekDays = 7;

/** Days of history that count at most: half a year. */
export const historyDaysMax = 26 * weekDays;

/** Fewest days of history that say anything of what is to come. */
export const historyDaysMin = 4 * weekDays;

/** Futures that are drawn. */
const pathsCount = 500;

/** A week that is so many weeks older counts half as much. */
const halfLifeWeeks = 4;

/**
 * What the drawing was tuned by, on histories that were made up (projection.test.ts): so many weeks' worth of what is known is taken off, and
 * futures are drawn apart by so much over the number of weeks, as Student's distribution is wider than the normal one; and a level that has
 * wandered is taken to wander on by so much more.
 */
const weeksUnknown = 2;
const spreadOverWeeks = 1.2;
const wanderAhead = 2;

interface Week {
  readonly days: readonly number[];
  readonly total: number;
  /** How much weight this week and all newer ones have. */
  readonly weightUntilHere: number;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Whole weeks, the newest first. Each begins on the day of the week that today is. */
const weeksOf = (history: readonly number[]): readonly Week[] => {
  const weeks: Week[] = [];
  let weight = 0;
  for (let end = history.length; end >= weekDays; end -= weekDays) {
    const days = history.slice(end - weekDays, end);
    weight += 2 ** (-weeks.length / halfLifeWeeks);
    weeks.push({ days, total: days.reduce((sum, day) => sum + day, 0), weightUntilHere: weight });
  }
  return weeks;
};

/** What a week gives between two of its days, counted from 0 and in parts. */
const within = ({ days, total }: Week, from: number, until: number): number =>
  from <= 0 && until >= weekDays
    ? total
    : days.reduce((sum, day, index) => sum + day * Math.max(0, Math.min(until, index + 1) - Math.max(from, index)), 0);

const squareMean = (values: readonly number[]): number => meanOf(values.map((value) => value * value));

/**
 * Variance, relative to the mean, by which the level of some weeks differs from that of as many weeks before beyond what single weeks differ by:
 * how far the level wanders in such a time.
 */
const wandered = (weeks: readonly Week[], restWeeks: number): number => {
  const totals = weeks.map(({ total }) => total);
  const mean = meanOf(totals);
  if (mean <= 0) return 0;
  const length = Math.max(1, Math.min(Math.round(restWeeks), Math.floor(totals.length / 2)));
  const steps = totals.slice(1).map((total, index) => (total - (totals[index] ?? 0)) / mean);
  const shifts = Array.from({ length: totals.length - 2 * length + 1 }, (_, at) => {
    const [newer, older] = [totals.slice(at, at + length), totals.slice(at + length, at + 2 * length)];
    return (meanOf(newer) - meanOf(older)) / mean;
  });
  return Math.max(0, squareMean(shifts) - squareMean(steps) / length) * Math.max(1, restWeeks / length);
};

/**
 * What the days to come may bring, drawn from the days that were: 500 futures, always the same for the same history.
 *
 * A future is made of whole weeks of the past, so that it keeps the days of the week and what hangs together within one; recent weeks are drawn more
 * often (half as often for each four weeks of age). How high the level really is nobody knows from a few weeks, so a week that was drawn is drawn
 * again more readily (Pólya's urn, which is the Bayesian bootstrap): futures lie further apart the fewer weeks there were and the longer they go on.
 * Where the level has wandered more than single weeks differ, each future has a level of its own besides. No growth is taken for granted.
 * @param history Whole days, the oldest first, the last of them yesterday; at most `historyDaysMax` of them count.
 * @param todayGone Share of today that has passed.
 * @param restDays Days from now on, in parts.
 * @returns one sum for each future, in no order; null where the history is shorter than `historyDaysMin`.
 */
export const drawRest = (history: readonly number[], todayGone: number, restDays: number): readonly number[] | null => {
  if (history.length < historyDaysMin) return null;
  const weeks = weeksOf(history.slice(-historyDaysMax));
  const random = seededRandom(weeks.length);
  const weight = weeks.at(-1)?.weightUntilHere ?? 0;
  const known = weight - weeksUnknown;
  const drawWeek = (drawn: readonly Week[]): Week | undefined => {
    const at = random() * (known + drawn.length);
    if (at >= known) return drawn[Math.floor(at - known)];
    const wanted = (at / known) * weight;
    return weeks.find(({ weightUntilHere }) => wanted < weightUntilHere);
  };
  const untilDay = todayGone + Math.max(0, restDays);
  const sums = Array.from({ length: pathsCount }, () => {
    const drawn: Week[] = [];
    let sum = 0;
    for (let day = 0; day < untilDay; day += weekDays) {
      const week = drawWeek(drawn);
      if (week === undefined) break;
      drawn.push(week);
      sum += within(week, todayGone - day, untilDay - day);
    }
    return sum;
  });
  const mean = meanOf(sums);
  const apart = 1 + spreadOverWeeks / weeks.length;
  const levelVariance = wanderAhead * wandered(weeks, restDays / weekDays);
  const level = (): number => Math.exp(Math.sqrt(levelVariance) * normalOf(random) - levelVariance / 2);
  return sums.map((sum) => Math.max(0, mean + (sum - mean) * apart) * level());
};
