import type { PlacementLimits } from '../decide/Demand.ts';
import { liveAttempt } from '../job/advance.ts';
import type { Job, SitePlace } from '../job/Job.ts';

/** What a job that runs on bought capacity is still expected to spend. US dollars. A slot's fee is owed anyway. */
const stillToSpendUsd = (job: Job): number => {
  const attempt = liveAttempt(job);
  if (attempt === null || attempt.basis === 'slot') return 0;
  return Math.max(0, (attempt.decision.chosen?.expected?.usd ?? 0) - Number(attempt.costNanoUsd) / 1e9);
};

/** The part of a place's spending that falls on a name. */
const partOf = (place: SitePlace, dimension: 'vendor' | 'host' | 'jurisdiction', name: string): number => {
  if (dimension !== 'host') return place[dimension] === name ? 1 : 0;
  // A host may be called what every object has.
  return Object.hasOwn(place.hosts, name) ? (place.hosts[name] ?? 0) : 0;
};

/** Headroom under the caps with what running jobs will still spend taken off: the ledger does not have it yet, but it is promised. */
export const withCommitted =
  (headroomUsd: PlacementLimits['headroomUsd'], jobs: readonly Job[]): PlacementLimits['headroomUsd'] =>
  (dimension, name) => {
    let left = headroomUsd(dimension, name);
    for (const job of jobs) {
      const place = liveAttempt(job)?.place;
      if (place !== undefined) left -= stillToSpendUsd(job) * partOf(place, dimension, name);
    }
    return left;
  };
