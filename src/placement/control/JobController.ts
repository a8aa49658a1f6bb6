import { failure, success } from '../../kernel/index.ts';
import type { PlacementLimits } from '../decide/Demand.ts';
import { nearestChange } from '../decide/nearestChange.ts';
import type { LogPiece } from '../executors/Executor.ts';
import { hasEnded, liveAttempt } from '../job/advance.ts';
import type { Job, JobAttempt } from '../job/Job.ts';
import type { JobSpec, ServedModel } from '../job/JobSpec.ts';
import { newJob } from '../job/newJob.ts';
import { placementLimits } from '../limits.ts';
import type { CapacityUse, ControllerPorts, SubmissionAnswer } from './ControllerPorts.ts';
import { demandOf } from './demandOf.ts';
import type { JobQuestion, SubmissionKey } from './JobStore.ts';
import { KeptJob } from './KeptJob.ts';
import { lookAfter, originOf, tagOf } from './lookAfter.ts';
import { placeQueued } from './placeQueued.ts';
import { withCommitted } from './withCommitted.ts';

const hourMs = 3_600_000;

/** A server of a job that answers its readiness probe. */
export interface ServingJob {
  readonly job: Job;
  readonly serve: ServedModel;
  readonly attempt: JobAttempt;
  /** Scheme, host and port. */
  readonly origin: string;
}

/** A submission as it was read. */
export interface AcceptedJob {
  readonly organisation: string;
  readonly spec: JobSpec;
  /** As it was written, to be read again. */
  readonly written: unknown;
  readonly submittedBy: string;
  readonly key: SubmissionKey;
}

/**
 * Keeps jobs where they can run: decides, writes down, submits, looks, recovers, counts. It acts on evidence only: what cannot be reached is left
 * alone until it answers or its lease is over. What it must know is written before it acts, so that it may end at any moment and be taken over.
 */
export class JobController {
  readonly #ports: ControllerPorts;
  readonly #jobs = new Map<string, KeptJob>();
  /** Sites that refused a job: until when (monotonic) they are left alone, and why. */
  readonly #refusals = new Map<string, { readonly untilMs: number; readonly why: string }>();
  #reconciledAtMs = -Infinity;
  /** Sites that did not answer the last time; they take nothing until they do. */
  readonly #silent = new Set<string>();
  #served = '[]';

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
  }

  /** Takes over the jobs that have not ended. @throws CodedError `database_unavailable` */
  async load(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const job of await this.#ports.store.open())
      if (!this.#jobs.has(job.id)) this.#jobs.set(job.id, new KeptJob(job, this.#ports.specOf(job), nowMs));
  }

  /** Accepts a job, or says why it can never run and what would have to change. @throws CodedError `database_unavailable` */
  async submit({ organisation, spec, written, submittedBy, key }: AcceptedJob): Promise<SubmissionAnswer> {
    const { store, clock, ids, market, times } = this.#ports;
    const nowMs = clock.nowMs();
    const job = newJob({ id: ids.next(nowMs), organisation, name: spec.name, written, submittedBy, nowMs });
    const demand = demandOf(spec, job, times().restartMs / hourMs);
    const change = nearestChange(demand, market.offers(nowMs, []), this.#limits(this.#withoutExecutor()));
    if (change !== null) return failure({ kind: 'unsatisfiable', ...change });
    if (this.#jobs.size >= placementLimits.openJobs) return failure({ kind: 'too_many_jobs' });
    const inserted = await store.insert(job, key);
    if (!inserted.ok) return failure({ kind: 'conflict' });
    const accepted = inserted.value;
    if (accepted.id === job.id) this.#jobs.set(job.id, new KeptJob(accepted, spec, clock.monotonicMs()));
    return success(accepted);
  }

  /** Wants a job to end. @returns it as it stands then; null where there is none. @throws CodedError `database_unavailable` */
  async askStop(id: string, why: string): Promise<Job | null> {
    const kept = this.#jobs.get(id);
    if (kept === undefined) return this.#ports.store.read(id);
    kept.apply({ kind: 'stop-asked', atMs: this.#ports.clock.nowMs(), why });
    await this.#keep(kept);
    return kept.job;
  }

  async job(id: string): Promise<Job | null> {
    return this.#jobs.get(id)?.job ?? this.#ports.store.read(id);
  }

  /** Newest first, each as it stands now. */
  async list(question: JobQuestion): Promise<readonly Job[]> {
    const stored = await this.#ports.store.list(question);
    const newest = stored.map((job) => this.#jobs.get(job.id)?.job ?? job);
    return newest.filter(({ state }) => question.states === null || question.states.includes(state));
  }

  /** Output of a rank; null where there is none, or its site cannot be reached. */
  async logs(job: Job, attempt: JobAttempt, rank: number, fromByte: number): Promise<LogPiece | null> {
    const executor = this.#ports.executorOf(attempt.site);
    return executor === null ? null : executor.logs(attempt.site, tagOf(job, attempt), rank, fromByte);
  }

  /** Servers that requests may go to now. */
  serving(): readonly ServingJob[] {
    return [...this.#jobs.values()].flatMap(({ job, spec }): readonly ServingJob[] => {
      const attempt = liveAttempt(job);
      if (attempt?.ready !== true || attempt.ending !== null || spec.serve === null) return [];
      const origin = originOf(this.#ports, spec, attempt);
      return origin === null ? [] : [{ job, serve: spec.serve, attempt, origin }];
    });
  }

  /** What live attempts hold. */
  inUse(): readonly (CapacityUse & { readonly jobId: string })[] {
    return [...this.#jobs.values()].flatMap(({ job }) => {
      const attempt = liveAttempt(job);
      return attempt === null ? [] : [{ ...attempt, jobId: job.id }];
    });
  }

  /** One round: looks after all that runs, places what waits. Never throws: what fails is tried again in the next. */
  async tick(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((kept) => this.#safely(() => this.#look(kept), kept)));
    await this.#safely(() => this.#tellServed());
    await this.#safely(() => this.#place());
    await this.#safely(() => this.#reconcile());
  }

  async #safely(act: () => Promise<void>, kept?: KeptJob): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#ports.log.warn('jobs were not looked after; it is tried again', {
        ...(kept && { job: kept.job.id }),
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #look(kept: KeptJob): Promise<void> {
    const site = liveAttempt(kept.job)?.site;
    await lookAfter(this.#ports, kept);
    if (site !== undefined && (liveAttempt(kept.job)?.state === 'unreachable' || kept.job.attempts.at(-1)?.fenced))
      this.#silent.add(site);
    this.#learnRefusal(kept);
    const { clock, times } = this.#ports;
    const isDue = clock.monotonicMs() - kept.keptAtMs >= times().keepMs;
    if (kept.isChangedInKind || (kept.isChanged && isDue)) await this.#keep(kept);
    if (hasEnded(kept.job) && !kept.isChanged) this.#jobs.delete(kept.job.id);
  }

  async #place(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    await placeQueued(this.#ports, jobs, this.#limits(this.#closedSites()));
    for (const kept of jobs) {
      this.#learnRefusal(kept);
      if (kept.isChangedInKind) await this.#keep(kept);
    }
  }

  /** A site that did not take a job is left alone for a while. */
  #learnRefusal(kept: KeptJob): void {
    const { refusedBy } = kept;
    if (refusedBy === null) return;
    kept.refusedBy = null;
    const why = kept.job.evidence.findLast(({ what }) => what.startsWith('refused_'))?.detail ?? 'it does not answer';
    this.#refusals.set(refusedBy, { untilMs: this.#ports.clock.monotonicMs() + this.#ports.times().refusedMs, why });
  }

  #limits(closedSites: PlacementLimits['closedSites']): PlacementLimits {
    const { clock, market } = this.#ports;
    const jobs = [...this.#jobs.values()].map(({ job }) => job);
    const headroomUsd = withCommitted((dimension, name) => market.headroomUsd(dimension, name), jobs);
    return { nowMs: clock.nowMs(), headroomUsd, closedSites };
  }

  /** Sites of the file that nobody here can run jobs on. */
  #withoutExecutor(): Map<string, string> {
    const { sites, executorOf } = this.#ports;
    return new Map(
      sites()
        .filter((site) => executorOf(site) === null)
        .map((site) => [site, 'its executor is not part of this version']),
    );
  }

  #closedSites(): ReadonlyMap<string, string> {
    const closed = this.#withoutExecutor();
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [site, { untilMs, why }] of this.#refusals)
      if (nowMs < untilMs) closed.set(site, why);
      else this.#refusals.delete(site);
    for (const site of this.#silent) closed.set(site, 'it does not answer');
    return closed;
  }

  async #tellServed(): Promise<void> {
    const served = JSON.stringify(
      this.serving().map(({ job, attempt, origin, serve }) => [job.id, attempt.number, origin, serve.model]),
    );
    if (served === this.#served) return;
    await this.#ports.servedChanged();
    this.#served = served;
  }

  /** Ends what an executor holds and no job knows: what a lost site shows when it answers again, what a crash left half made. */
  async #reconcile(): Promise<void> {
    const { clock, times, sites, executorOf, log } = this.#ports;
    if (clock.monotonicMs() - this.#reconciledAtMs < times().reconcileMs) return;
    this.#reconciledAtMs = clock.monotonicMs();
    for (const site of sites()) {
      const executor = executorOf(site);
      const held = executor === null ? [] : await executor.list(site);
      if (held === null) this.#silent.add(site);
      else this.#silent.delete(site);
      for (const tag of held ?? []) {
        const kept = this.#jobs.get(tag.jobId);
        const live = kept && liveAttempt(kept.job);
        if (live?.site === site && live.number === tag.attempt) continue;
        log.info('what no job knows any more is ended', { site, job: tag.jobId, attempt: tag.attempt });
        await executor?.cancel(site, tag);
      }
    }
  }

  async #keep(kept: KeptJob): Promise<void> {
    const { store, clock, log } = this.#ports;
    if (await kept.keep(store, clock.monotonicMs())) return;
    log.error('a job was changed by somebody else; it is read again', { job: kept.job.id });
    this.#jobs.delete(kept.job.id);
    await this.load();
  }
}
