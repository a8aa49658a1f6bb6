import { parseNanoUsd } from '../kernel/index.ts';
import {
  summaryOf,
  type Job,
  type JobAttempt,
  type JobEvidence,
  type JobSummary,
  type LogPiece,
  type PlacementDecision,
} from '../placement/index.ts';
import type { Json } from './ControlPlane.ts';

const instant = (ms: number): string => new Date(ms).toISOString();
const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What was lost and spent; of a job the sum over its attempts. Money in nano-USD. */
const totalsOf = (parts: readonly JobAttempt[]) => {
  const seconds = (of: (part: JobAttempt) => number): number =>
    Math.round(parts.reduce((sum, part) => sum + of(part) * 1_000, 0)) / 1_000;
  const nanoUsd = (of: (part: JobAttempt) => string): string =>
    parts.reduce((sum, part) => sum + parseNanoUsd(of(part)), 0n).toString();
  return {
    lostSeconds: seconds(({ lostSeconds }) => lostSeconds),
    lostNanoUsd: nanoUsd(({ lostNanoUsd }) => lostNanoUsd),
    costNanoUsd: nanoUsd(({ costNanoUsd }) => costNanoUsd),
    acceleratorSeconds: seconds(({ acceleratorSeconds }) => acceleratorSeconds),
  };
};

const evidenceJson = (evidence: readonly JobEvidence[]): Json =>
  evidence.map(({ atMs, what, detail }) => ({ at: instant(atMs), what, detail }));

const attemptJson = (attempt: JobAttempt): Json => ({
  attempt: attempt.number,
  site: attempt.site,
  accelerator: attempt.accelerator,
  accelerators: attempt.accelerators,
  basis: attempt.basis,
  contract: attempt.contract,
  state: attempt.state,
  placedAt: instant(attempt.placedAtMs),
  startedAt: instantOrNull(attempt.billableSinceMs),
  endedAt: instantOrNull(attempt.endedAtMs),
  step: attempt.step,
  checkpoint: attempt.checkpoint,
  evidence: evidenceJson(attempt.evidence),
  ...totalsOf([attempt]),
});

/** What every answer says of a job first. */
const headOf = ({ id, name, kind, team, state, site, submittedAtMs, endedAtMs }: JobSummary) => ({
  id,
  name,
  kind,
  team,
  state,
  site,
  submittedAt: instant(submittedAtMs),
  endedAt: instantOrNull(endedAtMs),
});

/** How a job serves: its target as answers name it, and where it answers, which is null while it does not. */
const serveJson = ({ name, written, attempts }: Job, origin: string | null): Json => {
  const { serve } = membersOf(written);
  if (typeof serve !== 'object' || serve === null) return null;
  const { model, targetModel, basePath } = membersOf(serve);
  const site = attempts.at(-1)?.site;
  return {
    model: textOrNull(model),
    target: site === undefined ? null : `${site}.${name}/${textOrNull(targetModel) ?? textOrNull(model) ?? ''}`,
    url: origin === null ? null : `${origin}${textOrNull(basePath) ?? '/v1'}`,
  };
};

/** What a submission is answered with. */
export const submittedJson = ({ id, state }: Job): Json => ({ id, state });

/**
 * All of a job.
 * @param origin Scheme, host and port of its server where it answers requests; null where it does not.
 */
export const jobJson = (job: Job, origin: string | null): Json => ({
  ...headOf(summaryOf(job)),
  submittedBy: job.submittedBy,
  attempts: job.attempts.map(attemptJson),
  evidence: evidenceJson(job.evidence),
  ...totalsOf(job.attempts),
  serve: serveJson(job, origin),
});

/** A job in a list of jobs. */
export const jobRow = (job: JobSummary): Json => ({
  ...headOf(job),
  attempts: job.attempts,
  costNanoUsd: job.costNanoUsd,
});

/** A decision as it is kept, with the attempt that came of it; null where nothing could be taken. */
const decisionJson = (
  { decidedAtMs, chosen, others, weighed, refused }: PlacementDecision,
  attempt: number | null,
) => ({
  decidedAtMs,
  attempt,
  chosen: chosen && candidateJson(chosen),
  others: others.map(candidateJson),
  weighed,
  refused: { ...refused },
});

const candidateJson = (candidate: PlacementDecision['others'][number]): Json => ({
  ...candidate,
  expected: candidate.expected && { ...candidate.expected },
});

/** Where a job went and why, and why not elsewhere: the newest decision first. */
export const jobExplanation = (job: Job): Json => ({
  id: job.id,
  state: job.state,
  decisions: [
    ...(job.waitingFor === null ? [] : [decisionJson(job.waitingFor, null)]),
    ...job.attempts.map(({ decision, number }) => decisionJson(decision, number)).toReversed(),
  ].toSorted((left, right) => right.decidedAtMs - left.decidedAtMs),
});

/** A piece of the output of a rank. */
export const logJson = ({ text, nextByte, ended }: LogPiece, attempt: number, rank: number): Json => ({
  attempt,
  rank,
  text,
  nextByte,
  ended,
});
