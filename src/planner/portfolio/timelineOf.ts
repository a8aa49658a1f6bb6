import { addDays, greatestDivisor, monthsUntil } from './calendarMonths.ts';
import type { Offer, WrittenPortfolio } from './schema.ts';

/** The horizon in whole months. */
export interface Timeline {
  /** First day: the first of a month. */
  readonly from: string;
  readonly months: number;
  readonly periods: number;
  readonly periodMonths: number;
  readonly segmentMonths: number;
  readonly segmentsPerPeriod: number;
  /** First day on which something can be signed. */
  readonly signFrom: string;
}

type Timed = Pick<WrittenPortfolio, 'horizon' | 'offers'>;

/** Months that floors and slots must be able to begin or end at, as the offers are written. */
const capacityMonths = ({ horizon, offers }: Timed): readonly number[] =>
  offers
    .filter(({ kind }) => kind !== 'pool')
    .flatMap(({ terms, starts }) => [
      ...terms.map(({ months }) => months),
      ...starts
        .map((start) => monthsUntil(horizon.from, start))
        .filter((month) => Number.isInteger(month) && month > 0),
    ]);

/** The horizon of a portfolio. Without `segments`, a segment is as long as the terms and beginnings of floors and slots allow. */
export const timelineOf = (portfolio: Timed): Timeline => {
  const { from, periods, periodMonths, segments, signFrom } = portfolio.horizon;
  const segmentMonths =
    segments === null ? capacityMonths(portfolio).reduce(greatestDivisor, periodMonths) : periodMonths / segments;
  return {
    from,
    months: periods * periodMonths,
    periods,
    periodMonths,
    segmentMonths,
    segmentsPerPeriod: periodMonths / segmentMonths,
    signFrom: signFrom ?? from,
  };
};

/** Months at whose multiples a kind of offer may begin and end. */
export const gridMonths = (timeline: Timeline, kind: Offer['kind']): number =>
  kind === 'pool' ? timeline.periodMonths : timeline.segmentMonths;

/** The terms of an offer in months. */
export const termMonths = (timeline: Timeline, { terms }: Pick<Offer, 'terms'>): readonly number[] =>
  terms.length === 0 ? [timeline.periodMonths] : terms.map(({ months }) => months);

/** First day on which an offer can begin if it is signed as soon as anything can be. */
export const earliestStart = (timeline: Timeline, { leadTimeDays }: Pick<Offer, 'leadTimeDays'>): string =>
  addDays(timeline.signFrom, leadTimeDays);

/**
 * Months from the beginning of the horizon at which an offer can begin for a term: those of the file, else one after the other as the term lasts
 * but at least once a period; early enough to end within the horizon, late enough to be signed.
 */
export const beginningsOf = (timeline: Timeline, offer: Offer, months: number): readonly number[] => {
  const grid = gridMonths(timeline, offer.kind);
  const every = Math.max(grid, Math.min(months, timeline.periodMonths));
  const all =
    offer.starts.length > 0
      ? [...new Set(offer.starts)].map((start) => monthsUntil(timeline.from, start))
      : Array.from({ length: Math.floor(timeline.months / every) }, (_, index) => index * every);
  const earliest = monthsUntil(timeline.from, earliestStart(timeline, offer));
  return all.filter(
    (month) => month % grid === 0 && month >= 0 && month >= earliest && month + months <= timeline.months,
  );
};
