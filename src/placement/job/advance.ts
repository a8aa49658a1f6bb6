import { assert, divideHalfEven, parseNanoUsd } from '../../kernel/index.ts';
import type { PlacementDecision } from '../decide/PlacementDecision.ts';
import { evidenceWords } from '../executors/evidenceWords.ts';
import type { Heartbeat, Observation, RankObservation, SubmitFault } from '../executors/Executor.ts';
import { placementLimits } from '../limits.ts';
import type { Job, JobAttempt, JobAttemptEnd, JobEvidence, JobState } from './Job.ts';
import type { JobSpec } from './JobSpec.ts';

/** What is decided about an attempt before anything runs. */
export type PlannedAttempt = Pick<
  JobAttempt,
  | 'site'
  | 'owner'
  | 'place'
  | 'accelerator'
  | 'accelerators'
  | 'basis'
  | 'contract'
  | 'price'
  | 'capacityUntilMs'
  | 'resumesFrom'
  | 'decision'
>;

/** Something that happened to a job. Nothing else changes it. */
export type JobEvent =
  /** Nothing can be taken now. */
  | { readonly kind: 'waits'; readonly atMs: number; readonly decision: PlacementDecision }
  /** Something that it reads is not there yet. */
  | { readonly kind: 'lacks-data'; readonly atMs: number; readonly detail: string }
  /** It was decided where it goes; written down before the executor hears of it. */
  | { readonly kind: 'placed'; readonly atMs: number; readonly attempt: PlannedAttempt }
  | { readonly kind: 'submitted'; readonly atMs: number }
  | { readonly kind: 'refused'; readonly atMs: number; readonly fault: SubmitFault }
  | { readonly kind: 'observed'; readonly atMs: number; readonly observation: Observation }
  /** Its site has not answered for longer than the lease. What may still run there writes where nobody reads any more. */
  | { readonly kind: 'lease-expired'; readonly atMs: number }
  | { readonly kind: 'probed'; readonly atMs: number; readonly ready: boolean; readonly detail: string }
  /** It waits for what can no longer be. */
  | { readonly kind: 'hopeless'; readonly atMs: number; readonly why: string }
  /** What it made could not be shown under its name. */
  | { readonly kind: 'unpublished'; readonly atMs: number; readonly detail: string }
  /** Somebody, or a limit, wants the job to end. */
  | { readonly kind: 'stop-asked'; readonly atMs: number; readonly why: string }
  /** The capacity of the attempt ends by contract; the job goes on elsewhere. */
  | { readonly kind: 'capacity-ends'; readonly atMs: number; readonly why: string }
  /** The executor lists nothing under the attempt's tag any more. */
  | { readonly kind: 'cleared'; readonly atMs: number }
  /** A piece of its use is in the ledger. */
  | {
      readonly kind: 'metered';
      readonly untilMs: number;
      readonly acceleratorSeconds: number;
      readonly amountNanoUsd: string;
    };

const jobEnds: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled']);
const attemptEnds: ReadonlySet<JobAttempt['state']> = new Set<JobAttemptEnd>([
  'succeeded',
  'failed',
  'lost',
  'preempted',
  'cancelled',
]);

/** Whether a job has ended, for good. */
export const hasEnded = ({ state }: Job): boolean => jobEnds.has(state);

/** The attempt that holds capacity, or may hold it; null where none does. */
export const liveAttempt = ({ attempts }: Job): JobAttempt | null => {
  const newest = attempts.at(-1);
  return newest === undefined || attemptEnds.has(newest.state) ? null : newest;
};

const bounded = (evidence: readonly JobEvidence[], more: JobEvidence): readonly JobEvidence[] => {
  const piece = { ...more, detail: evidenceWords(more.detail) };
  const all = [...evidence, piece];
  // The beginning tells how it came about, the end how it stands.
  return all.length <= placementLimits.evidence
    ? all
    : [...all.slice(0, 5), ...all.slice(all.length - placementLimits.evidence + 5)];
};

const noted = <Noting extends { readonly evidence: readonly JobEvidence[] }>(
  one: Noting,
  atMs: number,
  what: string,
  detail: string,
): Noting => ({ ...one, evidence: bounded(one.evidence, { atMs, what, detail }) });

/** The job with its newest attempt replaced, and its own state as the attempt's. */
const withAttempt = (job: Job, attempt: JobAttempt): Job => {
  const state = attemptEnds.has(attempt.state) || attempt.state === 'placed' ? job.state : attempt.state;
  return { ...job, state: state as JobState, attempts: [...job.attempts.slice(0, -1), attempt] };
};

const ended = (job: Job, state: 'succeeded' | 'failed' | 'cancelled', atMs: number, detail: string): Job =>
  noted({ ...job, state, endedAtMs: atMs }, atMs, state, detail);

const requeued = (job: Job, atMs: number, detail: string): Job =>
  noted({ ...job, state: 'queued', waitingFor: null }, atMs, 'queued', detail);

/** Seconds of work from the newest checkpoint to the end, and what they cost. A server has no work to lose. */
const lossOf = (spec: JobSpec, attempt: JobAttempt, endMs: number): Pick<JobAttempt, 'lostSeconds' | 'lostNanoUsd'> => {
  const fromMs = attempt.checkpointAtMs ?? attempt.billableSinceMs;
  if (spec.kind === 'serve' || fromMs === null) return { lostSeconds: 0, lostNanoUsd: '0' };
  const lostMs = Math.max(0, Math.round(endMs - fromMs));
  const amount = divideHalfEven(
    parseNanoUsd(attempt.price.hourNanoUsd) * BigInt(attempt.accelerators) * BigInt(lostMs),
    3_600_000n,
  );
  return { lostSeconds: lostMs / 1_000, lostNanoUsd: amount.toString() };
};

const afterEnd = (spec: JobSpec, job: Job, end: JobAttemptEnd, atMs: number, why: string): Job => {
  switch (end) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return ended(job, end, atMs, why);
    case 'lost':
    case 'preempted':
      if (job.stop !== null) return ended(job, 'cancelled', atMs, job.stop.why);
      return job.attempts.length >= spec.attempts
        ? ended(job, 'failed', atMs, `placed ${job.attempts.length} times, which is the most it may be: ${why}`)
        : requeued(job, atMs, why);
  }
};

/** Ends the newest attempt, now that nothing of it runs, or that what may still run cannot harm. */
const close = (spec: JobSpec, job: Job, attempt: JobAttempt, end: JobAttemptEnd, atMs: number, why: string): Job => {
  const endedAtMs = attempt.endedAtMs ?? atMs;
  const loss = end === 'lost' || end === 'preempted' ? lossOf(spec, attempt, endedAtMs) : {};
  const closed = { ...attempt, ...loss, state: end, ending: null, ready: false, endedAtMs };
  return afterEnd(spec, withAttempt(job, noted(closed, atMs, end, why)), end, atMs, why);
};

/** The newest attempt is to end like this; its ranks are ended, and then it is closed. The first reason stands. */
const ending = (job: Job, attempt: JobAttempt, end: JobAttemptEnd, atMs: number, what: string, why: string): Job => {
  if (attempt.ending !== null) return job;
  return withAttempt(job, noted({ ...attempt, state: 'stopping', ending: end, ready: false }, atMs, what, why));
};

const newestOf = (heartbeats: readonly (Heartbeat | null)[]): Heartbeat | null => {
  let newest: Heartbeat | null = null;
  for (const heartbeat of heartbeats) {
    if (heartbeat === null) continue;
    // The rank that names a checkpoint speaks for the job.
    if (newest === null || (newest.checkpoint === null && heartbeat.checkpoint !== null)) newest = heartbeat;
  }
  return newest;
};

const portOf = (ranks: readonly RankObservation[]): number | null => {
  for (const { heartbeat } of ranks) if (heartbeat?.port) return heartbeat.port;
  return null;
};

/** What the ranks say of themselves, taken over. */
const heard = (attempt: JobAttempt, ranks: readonly RankObservation[], atMs: number): JobAttempt => {
  const newest = newestOf(ranks.map(({ heartbeat }) => heartbeat));
  const step = newest?.step ?? attempt.step;
  const port = portOf(ranks) ?? attempt.port;
  const before = { ...attempt, heardAtMs: atMs, step, port };
  if (newest === null || newest.checkpoint === null || newest.checkpoint === attempt.checkpoint) return before;
  const checkpointAtMs = newest.checkpointAtMs ?? atMs;
  const first = attempt.checkpoint === null;
  const taken = { ...before, checkpoint: newest.checkpoint, checkpointAtMs };
  return first ? noted(taken, atMs, 'first_checkpoint', newest.checkpoint) : taken;
};

/** Ended by a signal that nobody of us sent: something took it away, and the program is not to blame. */
const wasKilled = ({ exitCode }: RankObservation): boolean => exitCode !== null && exitCode > 128;

const hasStopped = ({ state }: RankObservation): boolean => state === 'exited' || state === 'lost';

const rankWords = ({ rank, evidence }: RankObservation): string => `rank ${rank}: ${evidence}`;

const endOfRanks = (ranks: readonly RankObservation[], atMs: number): number =>
  Math.max(...ranks.map(({ endedAtMs }) => endedAtMs ?? atMs));

interface UnaskedEnd {
  readonly end: JobAttemptEnd;
  readonly what: string;
  readonly why: string;
}

/** How ranks have ended whose capacity is being taken away: all of them are waited for, and whatever code they left, the notice ended them. */
const preemptedEnd = (spec: JobSpec, ranks: readonly RankObservation[]): UnaskedEnd | null => {
  const [first] = ranks;
  if (first === undefined || !ranks.every(hasStopped)) return null;
  const finished = spec.kind !== 'serve' && ranks.every(({ exitCode }) => exitCode === 0);
  return finished
    ? { end: 'succeeded', what: 'ranks_ended', why: rankWords(first) }
    : { end: 'preempted', what: 'preempted', why: rankWords(first) };
};

/** An end that does not lie before what is counted already, nor in a time to come. */
const endWithin = ({ meteredUntilMs, billableSinceMs }: JobAttempt, endMs: number, nowMs: number): number =>
  Math.max(meteredUntilMs ?? billableSinceMs ?? -Infinity, Math.min(endMs, nowMs));

/** How ranks that nobody asked to end have ended; null while all is well. */
const unaskedEnd = (spec: JobSpec, ranks: readonly RankObservation[]): UnaskedEnd | null => {
  const gone = ranks.find(({ state }) => state === 'lost');
  if (gone) return { end: 'lost', what: 'rank_lost', why: rankWords(gone) };
  const exits = ranks.filter(({ state }) => state === 'exited');
  const killed = exits.find(wasKilled);
  if (killed) return { end: 'lost', what: 'rank_killed', why: rankWords(killed) };
  const failed = exits.find(({ exitCode }) => exitCode !== 0);
  if (failed) return { end: 'failed', what: 'rank_failed', why: rankWords(failed) };
  const [first] = exits;
  if (first === undefined || exits.length < ranks.length) return null;
  return spec.kind === 'serve'
    ? { end: 'lost', what: 'server_ended', why: `${rankWords(first)}, and nobody had asked it to end` }
    : { end: 'succeeded', what: 'ranks_ended', why: rankWords(first) };
};

const started = (ranks: readonly RankObservation[]): boolean => ranks.every(({ state }) => state !== 'starting');

/** A server gets no more requests from the notice on. */
const withNotice = (attempt: JobAttempt, atMs: number): JobAttempt =>
  attempt.noticed
    ? attempt
    : noted(
        { ...attempt, noticed: true, ready: false },
        atMs,
        'preemption_notice',
        `${attempt.site} takes its capacity away`,
      );

/** The state of an attempt whose ranks are all there. */
const liveState = (attempt: JobAttempt, ranks: readonly RankObservation[]): JobAttempt['state'] => {
  if (attempt.ending !== null) return 'stopping';
  if (!started(ranks)) return 'starting';
  return attempt.ready && !attempt.noticed ? 'serving' : 'running';
};

const observedPresent = (
  spec: JobSpec,
  job: Job,
  attempt: JobAttempt,
  { ranks, preempted, billableSinceMs }: Extract<Observation, { kind: 'present' }>,
  atMs: number,
): Job => {
  const back =
    attempt.state === 'unreachable' ? noted(attempt, atMs, 'site_answers', 'the site answers again') : attempt;
  // Clocks of machines differ, and jump: nothing is paid for before it was placed, nor from a time to come.
  const sinceMs = back.billableSinceMs ?? Math.max(back.placedAtMs, Math.min(billableSinceMs, atMs));
  const known = { ...heard(back, ranks, atMs), billableSinceMs: sinceMs };
  const stopped = ranks.every(hasStopped);
  const now = stopped
    ? { ...known, endedAtMs: known.endedAtMs ?? endWithin(known, endOfRanks(ranks, atMs), atMs) }
    : known;
  if (now.ending !== null) return withAttempt(job, { ...now, state: 'stopping' });
  const end = preempted ? preemptedEnd(spec, ranks) : unaskedEnd(spec, ranks);
  if (end !== null) return ending(withAttempt(job, now), now, end.end, atMs, end.what, end.why);
  const state = liveState(now, ranks);
  const isNew = state !== attempt.state && (state === 'running' || state === 'starting');
  const told = isNew ? noted(now, atMs, state, ranks[0] ? rankWords(ranks[0]) : '') : now;
  return withAttempt(job, { ...(preempted ? withNotice(told, atMs) : told), state });
};

const observedAbsent = (job: Job, attempt: JobAttempt, evidence: string, atMs: number): Job => {
  // Not yet taken: the executor will be asked again under the same tag.
  if (attempt.state === 'placed') return job;
  const gone = { ...attempt, heardAtMs: atMs, endedAtMs: attempt.endedAtMs ?? atMs };
  return ending(withAttempt(job, gone), gone, 'lost', atMs, 'absent', evidence);
};

const observed = (spec: JobSpec, job: Job, attempt: JobAttempt, observation: Observation, atMs: number): Job => {
  switch (observation.kind) {
    case 'unreachable':
      if (attempt.state === 'unreachable') return job;
      // What is to end stays so: it is ended as soon as the site answers.
      if (attempt.ending !== null)
        return attempt.evidence.at(-1)?.what === 'site_unreachable'
          ? job
          : withAttempt(job, noted(attempt, atMs, 'site_unreachable', observation.evidence));
      return withAttempt(
        job,
        noted({ ...attempt, state: 'unreachable' }, atMs, 'site_unreachable', observation.evidence),
      );
    case 'absent':
      return observedAbsent(job, attempt, observation.evidence, atMs);
    case 'present':
      return observedPresent(spec, job, attempt, observation, atMs);
  }
};

/** Told once for each thing that is missing. */
const lacksData = (job: Job, atMs: number, detail: string): Job => {
  const last = job.evidence.at(-1);
  return last?.what === 'lacks_data' && last.detail === detail ? job : noted(job, atMs, 'lacks_data', detail);
};

const placed = (job: Job, planned: PlannedAttempt, atMs: number): Job => {
  const number = job.attempts.length + 1;
  const attempt: JobAttempt = {
    ...planned,
    number,
    state: 'placed',
    ending: null,
    fenced: false,
    noticed: false,
    ready: false,
    placedAtMs: atMs,
    billableSinceMs: null,
    endedAtMs: null,
    heardAtMs: atMs,
    step: null,
    checkpoint: null,
    checkpointAtMs: null,
    port: null,
    lostSeconds: 0,
    lostNanoUsd: '0',
    meteredUntilMs: null,
    costNanoUsd: '0',
    acceleratorSeconds: 0,
    evidence: [{ atMs, what: 'placed', detail: `${planned.accelerators} x ${planned.accelerator} on ${planned.site}` }],
  };
  return { ...job, state: 'starting', waitingFor: null, attempts: [...job.attempts, attempt] };
};

const refused = (job: Job, attempt: JobAttempt, fault: SubmitFault, atMs: number): Job => {
  // Nobody knows whether it was taken: it is looked for until somebody does.
  if (fault.class === 'unreachable')
    return withAttempt(job, noted({ ...attempt, state: 'unreachable' }, atMs, 'site_unreachable', fault.message));
  const without = { ...job, attempts: job.attempts.slice(0, -1) };
  const words = `${attempt.site}: ${fault.message}`;
  if (fault.class === 'invalid') return ended(noted(without, atMs, 'refused_invalid', words), 'failed', atMs, words);
  const told = noted(without, atMs, `refused_${fault.class}`, words);
  return job.stop === null ? requeued(told, atMs, words) : ended(told, 'cancelled', atMs, job.stop.why);
};

const probed = (job: Job, attempt: JobAttempt, event: Extract<JobEvent, { kind: 'probed' }>): Job => {
  if (attempt.ending !== null || attempt.noticed || attempt.ready === event.ready) return job;
  const state = attempt.state === 'unreachable' ? attempt.state : event.ready ? 'serving' : 'running';
  return withAttempt(
    job,
    noted({ ...attempt, state, ready: event.ready }, event.atMs, event.ready ? 'ready' : 'not_ready', event.detail),
  );
};

const stopAsked = (job: Job, attempt: JobAttempt | null, atMs: number, why: string): Job => {
  if (job.stop !== null) return job;
  const stopping = noted({ ...job, stop: { atMs, why } }, atMs, 'stop_asked', why);
  // What its executor may not yet have heard of is looked for, too.
  return attempt === null
    ? ended(stopping, 'cancelled', atMs, why)
    : ending(stopping, attempt, 'cancelled', atMs, 'stop_asked', why);
};

const metered = (job: Job, attempt: JobAttempt, event: Extract<JobEvent, { kind: 'metered' }>): Job =>
  withAttempt(job, {
    ...attempt,
    meteredUntilMs: event.untilMs,
    acceleratorSeconds: attempt.acceleratorSeconds + event.acceleratorSeconds,
    costNanoUsd: (parseNanoUsd(attempt.costNanoUsd) + parseNanoUsd(event.amountNanoUsd)).toString(),
  });

/** A lost site is not waited for. But nobody is told that a job is cancelled, or has failed, while it may still run. */
const leaseExpired = (job: Job, attempt: JobAttempt, atMs: number): Job => {
  const mayRun = attempt.endedAtMs === null;
  if (mayRun && (job.stop !== null || attempt.ending === 'cancelled' || attempt.ending === 'failed')) return job;
  const since = new Date(attempt.heardAtMs).toISOString();
  const why = `${attempt.site} has not answered since ${since}; what may still run there cannot reach what this job reads`;
  const fenced = { ...attempt, fenced: true, endedAtMs: attempt.endedAtMs ?? atMs };
  return ending(withAttempt(job, fenced), fenced, 'lost', atMs, 'lease_expired', why);
};

const happened = (spec: JobSpec, job: Job, attempt: JobAttempt, event: JobEvent): Job => {
  switch (event.kind) {
    case 'submitted':
      return attempt.state === 'placed' || attempt.state === 'unreachable'
        ? withAttempt(
            job,
            noted(
              { ...attempt, state: 'starting', heardAtMs: event.atMs },
              event.atMs,
              'submitted',
              `${attempt.site} took it`,
            ),
          )
        : job;
    case 'refused':
      return refused(job, attempt, event.fault, event.atMs);
    case 'observed':
      return observed(spec, job, attempt, event.observation, event.atMs);
    case 'lease-expired':
      return leaseExpired(job, attempt, event.atMs);
    case 'probed':
      return probed(job, attempt, event);
    case 'stop-asked':
      return stopAsked(job, attempt, event.atMs, event.why);
    case 'capacity-ends':
      return ending(job, attempt, 'preempted', event.atMs, 'capacity_ends', event.why);
    case 'cleared':
      assert(attempt.ending !== null, 'only what is to end is cleared away');
      return close(spec, job, attempt, attempt.ending, event.atMs, attempt.evidence.at(-1)?.detail ?? '');
    case 'metered':
      return metered(job, attempt, event);
    case 'unpublished':
      return withAttempt(job, noted(attempt, event.atMs, 'not_published', event.detail));
    case 'waits':
    case 'lacks-data':
    case 'hopeless':
    case 'placed':
      return job;
  }
};

/** What an event makes of a job. Pure: the same job and event give the same job. An ended job never changes again. */
export const advance = (spec: JobSpec, job: Job, event: JobEvent): Job => {
  if (hasEnded(job)) return job;
  const attempt = liveAttempt(job);
  if (attempt !== null) return happened(spec, job, attempt, event);
  switch (event.kind) {
    case 'waits':
      return { ...job, waitingFor: event.decision };
    case 'lacks-data':
      return lacksData(job, event.atMs, event.detail);
    case 'hopeless':
      return ended(job, 'failed', event.atMs, event.why);
    case 'placed':
      return placed(job, event.attempt, event.atMs);
    case 'stop-asked':
      return stopAsked(job, null, event.atMs, event.why);
    case 'submitted':
    case 'refused':
    case 'observed':
    case 'lease-expired':
    case 'probed':
    case 'capacity-ends':
    case 'cleared':
    case 'unpublished':
    case 'metered':
      return job;
  }
};
