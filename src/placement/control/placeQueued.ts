import { assert } from '../../kernel/index.ts';
import { decideQueue } from '../decide/decideQueue.ts';
import type { PlacementLimits } from '../decide/Demand.ts';
import type { Offer } from '../decide/Offer.ts';
import type { PlacementDecision } from '../decide/PlacementDecision.ts';
import { liveAttempt, type PlannedAttempt } from '../job/advance.ts';
import type { Job } from '../job/Job.ts';
import type { ControllerPorts } from './ControllerPorts.ts';
import { demandOf } from './demandOf.ts';
import type { KeptJob } from './KeptJob.ts';
import { boughtCost } from './lookAfter.ts';

const hourMs = 3_600_000;

/** The newest whole checkpoint of a job, whichever attempt wrote it. */
const newestCheckpoint = ({ attempts }: Job): PlannedAttempt['resumesFrom'] => {
  const writer = attempts.findLast(({ checkpoint }) => checkpoint !== null);
  return writer?.checkpoint ? { attempt: writer.number, checkpoint: writer.checkpoint } : null;
};

const isOffer =
  ({ site, accelerator, basis, contract }: NonNullable<PlacementDecision['chosen']>) =>
  (offer: Offer): boolean =>
    offer.site === site && offer.accelerator === accelerator && offer.basis === basis && offer.contract === contract;

const plannedOf = async (
  { market, executorOf }: ControllerPorts,
  job: Job,
  decision: PlacementDecision,
  offers: readonly Offer[],
  nowMs: number,
): Promise<PlannedAttempt> => {
  const { chosen } = decision;
  assert(chosen !== null && chosen.site !== null, 'what is placed has a place');
  const offer = offers.find(isOffer(chosen));
  assert(offer !== undefined, 'what was chosen was offered');
  const price = market.priceOf(offer, nowMs);
  const place = market.placeOf(chosen.site);
  assert(price !== null && place !== null, "what was chosen has a price, and is somebody's");
  return {
    site: chosen.site,
    owner: (await executorOf(chosen.site)?.owner()) ?? '',
    place,
    accelerator: chosen.accelerator,
    accelerators: chosen.accelerators,
    basis: chosen.basis,
    contract: chosen.contract,
    price,
    capacityUntilMs: offer.untilMs,
    resumesFrom: newestCheckpoint(job),
    decision,
  };
};

/** Whether the job waits for the same reasons as before: then there is nothing new to say. */
const isKnown = ({ waitingFor }: Job, decision: PlacementDecision): boolean =>
  waitingFor !== null && JSON.stringify(waitingFor.refused) === JSON.stringify(decision.refused);

/** Whether a job waits for a place. One whose time or money is over waits for nothing. */
const isWaiting = (kept: KeptJob, nowMs: number): boolean => {
  const { job, spec } = kept;
  if (job.state !== 'queued' || job.stop !== null) return false;
  const { deadlineMs, maxCostNanoUsd } = spec;
  if (deadlineMs !== null && nowMs >= deadlineMs)
    kept.apply({ kind: 'hopeless', atMs: nowMs, why: 'its deadline is past' });
  else if (maxCostNanoUsd !== null && boughtCost(job, nowMs) >= maxCostNanoUsd)
    kept.apply({ kind: 'hopeless', atMs: nowMs, why: 'it has cost the most that it may' });
  else return true;
  return false;
};

/** Jobs that find what they read. One that a job before it is still making waits for it. */
const withData = async (
  { folders }: ControllerPorts,
  waiting: readonly KeptJob[],
  nowMs: number,
): Promise<readonly KeptJob[]> => {
  const missing = await Promise.all(waiting.map(({ spec }) => folders.missingData(spec)));
  return waiting.filter((kept, index) => {
    const name = missing[index];
    if (name === null || name === undefined) return true;
    kept.apply({ kind: 'lacks-data', atMs: nowMs, detail: `${name} is not there yet` });
    return false;
  });
};

/**
 * Decides for all jobs that wait, in the order of their arrival, and hands over what found a place.
 * @param handOver Never rejects: that one cannot be handed over now is no reason to leave the others in the middle of it.
 */
export const placeQueued = async (
  ports: ControllerPorts,
  jobs: readonly KeptJob[],
  limits: PlacementLimits,
  handOver: (kept: KeptJob) => Promise<void>,
): Promise<void> => {
  const { market, clock, times } = ports;
  const { nowMs } = limits;
  const queued = await withData(
    ports,
    jobs.filter((kept) => isWaiting(kept, nowMs)),
    nowMs,
  );
  if (queued.length === 0) return;
  const inUse = jobs.flatMap(({ job }) => liveAttempt(job) ?? []);
  const offers = market.offers(nowMs, inUse);
  const restartHours = times().restartMs / hourMs;
  const queue = queued.map(({ spec, job }) => ({ id: job.id, demand: demandOf(spec, job, restartHours) }));
  const decisions = decideQueue(queue, offers, limits);
  const placed: KeptJob[] = [];
  for (const kept of queued) {
    const decision = decisions.get(kept.job.id);
    assert(decision !== undefined, 'each job in the queue has its decision');
    if (decision.chosen === null) {
      if (!isKnown(kept.job, decision)) kept.apply({ kind: 'waits', atMs: nowMs, decision });
    } else {
      kept.apply({ kind: 'placed', atMs: nowMs, attempt: await plannedOf(ports, kept.job, decision, offers, nowMs) });
      kept.begin(clock.monotonicMs());
      placed.push(kept);
    }
  }
  await Promise.all(placed.map(handOver));
};
