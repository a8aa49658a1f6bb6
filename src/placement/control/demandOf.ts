import type { Demand, DemandedData } from '../decide/Demand.ts';
import type { Job } from '../job/Job.ts';
import type { JobLocation, JobSpec } from '../job/JobSpec.ts';

const hourMs = 3_600_000;
/** Work that is always counted as still to do: an owner's estimate is never so good that nothing is left. */
const leastRemaining = 0.01;

/** Work that checkpoints hold, all attempts together. Hours. */
const savedHours = ({ attempts }: Job): number =>
  attempts.reduce((sum, { checkpointAtMs, billableSinceMs }) => {
    const saved = checkpointAtMs === null || billableSinceMs === null ? 0 : checkpointAtMs - billableSinceMs;
    return sum + Math.max(0, saved) / hourMs;
  }, 0);

const siteOf = (at: JobLocation): string | null => (at.kind === 'site' ? at.site : null);

/** The one site that something of the job cannot leave: a disk does not move by itself. */
const boundSite = (spec: JobSpec): string | null =>
  spec.checkpoint?.at.kind === 'site'
    ? spec.checkpoint.at.site
    : (spec.data.map(({ at }) => siteOf(at)).find((site) => site !== null) ?? null);

const dataOf = (spec: JobSpec, job: Job): readonly DemandedData[] => {
  const data = spec.data.map(({ gigabytes, at }) => ({ gigabytes, at: siteOf(at) }));
  const { checkpoint } = spec;
  const resumes = job.attempts.some((attempt) => attempt.checkpoint !== null);
  return checkpoint && resumes ? [...data, { gigabytes: checkpoint.gigabytes, at: siteOf(checkpoint.at) }] : data;
};

/** What a job asks for now, with what its earlier attempts have done and spent. @param restartHours From a loss to work again, as it is counted on. */
export const demandOf = (spec: JobSpec, job: Job, restartHours: number): Demand => {
  // A slot's fee is owed whoever uses it.
  const spentNanoUsd = job.attempts.reduce(
    (sum, { basis, costNanoUsd }) => (basis === 'slot' ? sum : sum + BigInt(costNanoUsd)),
    0n,
  );
  const hours = Math.max(...spec.accelerators.map((choice) => choice.hours));
  const done = spec.kind === 'serve' ? 0 : savedHours(job) / hours;
  return {
    ranks: spec.ranks,
    accelerators: spec.accelerators,
    oneDomain: spec.oneDomain,
    remaining: Math.min(1, Math.max(leastRemaining, 1 - done)),
    // A server has no work to lose.
    checkpointHours: spec.kind === 'serve' ? 0 : spec.checkpoint && spec.checkpoint.everySeconds / 3_600,
    restartHours,
    data: dataOf(spec, job),
    boundTo: boundSite(spec),
    deadlineMs: spec.deadlineMs,
    leftUsd: spec.maxCostNanoUsd === null ? null : Number(spec.maxCostNanoUsd - spentNanoUsd) / 1e9,
    interruptible: spec.interruptible,
    jurisdictions: spec.jurisdictions,
    sites: spec.sites,
  };
};
