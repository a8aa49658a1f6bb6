import type { AcceleratorChoice } from '../job/JobSpec.ts';
import type { Demand } from './Demand.ts';
import type { Offer } from './Offer.ts';
import type { ExpectedFinish } from './PlacementDecision.ts';

/**
 * A piece of work that is lost this often before it is once done, on average, is never done in practice: the figures beyond grow with the exponential
 * function and mean nothing.
 */
export const segmentLossesMax = 1_000;

/** Below it the direct form would subtract two nearly equal numbers; the series is exact there to eleven digits. */
const seriesBelow = 1e-5;

/** What losses are expected to do to work, beside recovering from them. */
interface ExpectedLosses {
  readonly interruptions: number;
  /** Work that is done more than once. Hours. */
  readonly redoneHours: number;
}

/**
 * One segment from checkpoint to checkpoint, tried until nothing interrupts it. Interruptions are a Poisson process: a try of c hours ends undisturbed with
 * probability e^(-λc), so e^(λc) - 1 tries are lost on average, and all tries together run (e^(λc) - 1) / λ hours.
 */
const lossesOfSegment = (hours: number, perHour: number): ExpectedLosses => {
  const mean = hours * perHour;
  const interruptions = Math.expm1(mean);
  const redoneShare = mean < seriesBelow ? mean / 2 + (mean * mean) / 6 : interruptions / mean - 1;
  return { interruptions, redoneHours: hours * redoneShare };
};

/** @returns null where a segment is lost more often than `segmentLossesMax`. */
const lossesOf = (workHours: number, perHour: number, checkpointHours: number | null): ExpectedLosses | null => {
  if (perHour === 0 || workHours === 0) return { interruptions: 0, redoneHours: 0 };
  // Where nothing is ever lost, the segments are infinitely many and infinitely short.
  if (checkpointHours === 0) return { interruptions: perHour * workHours, redoneHours: 0 };
  const segmentHours = Math.min(checkpointHours ?? workHours, workHours);
  const whole = lossesOfSegment(segmentHours, perHour);
  if (whole.interruptions > segmentLossesMax) return null;
  const count = Math.floor(workHours / segmentHours);
  const last = lossesOfSegment(Math.max(0, workHours - count * segmentHours), perHour);
  return {
    interruptions: count * whole.interruptions + last.interruptions,
    redoneHours: count * whole.redoneHours + last.redoneHours,
  };
};

/** Expected interruptions an hour of so many accelerators of an offer: losing one machine stops the whole gang. */
export const gangInterruptionsPerHour = (
  { interruptionsPerHour, acceleratorsPerMachine }: Offer,
  accelerators: number,
): number =>
  acceleratorsPerMachine === undefined
    ? interruptionsPerHour
    : interruptionsPerHour * Math.ceil(accelerators / acceleratorsPerMachine);

const gigabytesOf = (demand: Demand, counts: (at: string | null) => boolean): number =>
  demand.data.reduce((sum, { gigabytes, at }) => (counts(at) ? sum + gigabytes : sum), 0);

const hoursToBringIn = (gigabytes: number, offer: Offer): number =>
  gigabytes === 0 ? 0 : gigabytes / offer.gigabytesPerHour;

/** Never ends in practice. */
const endless: ExpectedFinish = {
  usd: Infinity,
  hours: Infinity,
  interruptions: Infinity,
  computeUsd: Infinity,
  restartUsd: Infinity,
  egressUsd: Infinity,
  restoreUsd: Infinity,
};

/**
 * What the rest of a job is expected to take and to cost on an offer. Recovering is not itself interrupted. What lies at another site is moved once and
 * is at the site from then on; what lies where every site reaches it comes in again after each loss.
 * @param egressUsdPerGigabyteOf What leaving a site costs.
 * @returns null for an offer without a price; infinite figures where it never ends in practice.
 */
export const expectedFinish = (
  demand: Demand,
  choice: AcceleratorChoice,
  offer: Offer,
  egressUsdPerGigabyteOf: (site: string) => number,
): ExpectedFinish | null => {
  const hourUsd = offer.basis === 'slot' ? (offer.hourUsd ?? 0) : offer.hourUsd;
  if (hourUsd === null) return null;
  const workHours = demand.remaining * choice.hours;
  const accelerators = demand.ranks * choice.perRank;
  const losses = lossesOf(workHours, gangInterruptionsPerHour(offer, accelerators), demand.checkpointHours);
  const firstHours = hoursToBringIn(
    gigabytesOf(demand, (at) => at !== offer.site || at === null),
    offer,
  );
  if (losses === null || !Number.isFinite(firstHours)) return endless;
  const againHours = hoursToBringIn(
    gigabytesOf(demand, (at) => at === null),
    offer,
  );
  const restartHours = losses.redoneHours + losses.interruptions * demand.restartHours;
  const restoreHours = firstHours + losses.interruptions * againHours;
  const paidUsd = hourUsd * accelerators;
  const egressUsd = demand.data.reduce(
    (sum, { gigabytes, at }) =>
      at === null || at === offer.site || gigabytes === 0 ? sum : sum + gigabytes * egressUsdPerGigabyteOf(at),
    0,
  );
  return {
    usd: paidUsd * (workHours + restartHours + restoreHours) + egressUsd,
    hours: workHours + restartHours + restoreHours,
    interruptions: losses.interruptions,
    computeUsd: paidUsd * workHours,
    restartUsd: paidUsd * restartHours,
    egressUsd,
    restoreUsd: paidUsd * restoreHours,
  };
};
