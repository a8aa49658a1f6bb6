import { monthsUntil } from './calendarMonths.ts';
import { floatOf } from './floatOf.ts';
import type { SignedContract, SignedPool } from './schema.ts';
import type { Timeline } from './timelineOf.ts';

/** From here to before there, counted in periods or segments. */
interface Span {
  readonly from: number;
  readonly until: number;
}

const nearestSpan = (timeline: Timeline, { period }: SignedContract, grid: number): Span | null => {
  const last = timeline.months / grid;
  const near = (day: string): number => Math.min(last, Math.max(0, Math.round(monthsUntil(timeline.from, day) / grid)));
  const span = { from: near(period.from), until: near(period.until) };
  return span.from < span.until ? span : null;
};

/** Periods in which a signed pool counts, between the nearest beginnings; null where that is none. */
export const signedPeriods = (timeline: Timeline, pool: SignedContract): Span | null =>
  nearestSpan(timeline, pool, timeline.periodMonths);

/** Segments in which signed capacity counts, between the nearest beginnings; null where that is none. */
export const signedSegments = (timeline: Timeline, contract: SignedContract): Span | null =>
  nearestSpan(timeline, contract, timeline.segmentMonths);

/** Share of a pool's amount that falls between two months of the horizon: by its ramp, evenly within each part of that. */
const shareBetween = (timeline: Timeline, { period, ramp }: SignedPool, from: number, until: number): number => {
  const begins = monthsUntil(timeline.from, period.from);
  const length = monthsUntil(timeline.from, period.until) - begins;
  const shares = ramp.length === 0 ? [1] : ramp.map(floatOf);
  const part = length / shares.length;
  return shares.reduce((sum, share, index) => {
    const partFrom = begins + index * part;
    const within = Math.min(until, partFrom + part) - Math.max(from, partFrom);
    return sum + share * Math.max(0, within / part);
  }, 0);
};

/**
 * Money of a signed pool in each period in which it counts. What falls into the horizon beside those periods is added to the first or the last
 * of them, so that none of it is lost.
 */
export const signedFloors = (timeline: Timeline, pool: SignedPool, { from, until }: Span): readonly number[] => {
  const amount = floatOf(pool.amount);
  const { periodMonths, months } = timeline;
  return Array.from({ length: until - from }, (_, index) => {
    const begins = index === 0 ? 0 : (from + index) * periodMonths;
    const ends = from + index + 1 === until ? months : (from + index + 1) * periodMonths;
    return amount * shareBetween(timeline, pool, begins, ends);
  });
};
