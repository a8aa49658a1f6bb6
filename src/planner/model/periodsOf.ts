import type { PlanProblem, ReservationOffer } from '../PlanProblem.ts';

/** Time of a problem in its own units. */
export const stepsPerPeriod = ({ segmentsPerPeriod, stepsPerSegment }: PlanProblem): number =>
  segmentsPerPeriod * stepsPerSegment;

/** Months of a period in which a reservation is in force. */
export const monthsInPeriod = (problem: PlanProblem, reservation: ReservationOffer, period: number): number => {
  const first = period * problem.segmentsPerPeriod;
  const from = Math.max(first, reservation.fromSegment);
  const until = Math.min(first + problem.segmentsPerPeriod, reservation.untilSegment);
  return Math.max(0, until - from) * problem.stepsPerSegment * problem.monthsPerStep;
};

export const isActive = (reservation: ReservationOffer, segment: number): boolean =>
  reservation.fromSegment <= segment && segment < reservation.untilSegment;
