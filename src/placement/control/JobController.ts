import { errorMessage, failure, success } from '../../kernel/index.ts';
import type { PlacementLimits } from '../decide/Demand.ts';
import { nearestChange } from '../decide/nearestChange.ts';
import type { AttemptTag, LogPiece } from '../executors/Executor.ts';
import { hasEnded, liveAttempt } from '../job/advance.ts';
import type { Job, JobAttempt } from '../job/Job.ts';
import type { JobSpec, ServedModel } from '../job/JobSpec.ts';
import { newJob } from '../job/newJob.ts';
import { summaryOf } from '../job/summaryOf.ts';
import { placementLimits } from '../limits.ts';
import type { CapacityUse, ControllerPorts, SubmissionAnswer } from './ControllerPorts.ts';
import { demandOf } from './demandOf.ts';
import type { JobQuestion, JobStore, JobSummary, SubmissionKey } from './JobStore.ts';
import { KeptJob } from './KeptJob.ts';
import { lookAfter, originOf, tagOf } from './lookAfter.ts';
import { placeQueued } from './placeQueued.ts';
import { SiteWatch } from './SiteWatch.ts';
import { submitPlaced } from './submitPlaced.ts';
import { withCommitted } from './withCommitted.ts';

const hourMs = 3_600_000;
/** How often a stop is asked for where somebody else has changed the job meanwhile. */
const stopTriesMax = 3;

/** A server of a job that answers its readiness probe. */
export interface ServingJob {
  readonly job: Job;
  readonly serve: ServedModel;
  readonly attempt: JobAttempt;
  /** Name that it goes by among providers: no two have the same at a time. */
  readonly provider: string;
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
  readonly #sites: SiteWatch;
  #reconciledAtMs = -Infinity;
  #served = '[]';
  /** What was decided last, and when (monotonic). */
  #decided: { readonly question: string; readonly atMs: number } = { question: '', atMs: -Infinity };
  /** Whether the store may have jobs that nobody here looks after: it took one, and its answer was lost. */
  #mayHaveMore = false;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#sites = new SiteWatch(ports);
  }

  /** Takes over the jobs that have not ended. @throws CodedError `database_unavailable` */
  async load(): Promise<void> {
    for (const job of await this.#ports.store.open()) {
      try {
        this.#adopt(job);
      } catch (error) {
        // One that cannot be read any more must not keep the others from being looked after.
        this.#ports.log.error('a job cannot be looked after', { job: job.id, message: String(error) });
      }
    }
  }

  /** Looks after a job of the store from now on. */
  #adopt(job: Job): KeptJob {
    const known = this.#jobs.get(job.id);
    if (known !== undefined) return known;
    const kept = new KeptJob(job, this.#ports.specOf(job), this.#ports.clock.monotonicMs());
    this.#jobs.set(job.id, kept);
    return kept;
  }

  /** A job that has not ended, also where nobody here looks after it yet; null where there is none. */
  async #find(id: string): Promise<KeptJob | null> {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const job = await this.#ports.store.read(id);
    return job === null || hasEnded(job) ? null : this.#adopt(job);
  }

  /** Accepts a job, or says why it can never run and what would have to change. @throws CodedError `database_unavailable` */
  async submit({ organisation, spec, written, submittedBy, key }: AcceptedJob): Promise<SubmissionAnswer> {
    const { clock, ids, market, times } = this.#ports;
    const nowMs = clock.nowMs();
    const job = newJob({ id: ids.next(nowMs), organisation, name: spec.name, written, submittedBy, nowMs });
    const demand = demandOf(spec, job, times().restartMs / hourMs);
    const ranksMax = this.#sites.ranksMax();
    if (spec.ranks > ranksMax) {
      const message = `no site here runs more than ${ranksMax} ranks of one job`;
      return failure({ kind: 'unsatisfiable', message, mend: `ask for ranks: ${ranksMax} or fewer` });
    }
    const change = nearestChange(demand, this.#sites.runnable(market.offers(nowMs, [])), this.#limits(new Map()));
    if (change !== null) return failure({ kind: 'unsatisfiable', ...change });
    if (this.#jobs.size >= placementLimits.openJobs) return failure({ kind: 'too_many_jobs' });
    const inserted = await this.#insert(job, key);
    if (!inserted.ok) return failure({ kind: 'conflict' });
    const accepted = inserted.value;
    return success(hasEnded(accepted) ? accepted : this.#adopt(accepted).job);
  }

  /** What the store was asked to keep it may have kept, although nobody heard so. */
  async #insert(job: Job, key: SubmissionKey): ReturnType<JobStore['insert']> {
    try {
      return await this.#ports.store.insert(job, key);
    } catch (error) {
      this.#mayHaveMore = true;
      throw error;
    }
  }

  /** Wants a job to end. @returns it as it stands then; null where there is none. @throws CodedError `database_unavailable` */
  async askStop(id: string, why: string): Promise<Job | null> {
    let kept = await this.#find(id);
    if (kept === null) return this.#ports.store.read(id);
    for (let tries = 1; ; tries += 1) {
      kept.apply({ kind: 'stop-asked', atMs: this.#ports.clock.nowMs(), why });
      // Where somebody else had changed it, it was read again, and knows nothing of this.
      if ((await this.#keep(kept)) || tries === stopTriesMax) return kept.job;
      kept = (await this.#find(id)) ?? kept;
    }
  }

  async job(id: string): Promise<Job | null> {
    return this.#jobs.get(id)?.job ?? this.#ports.store.read(id);
  }

  /** Newest first, each as it stands now. */
  async list(question: JobQuestion): Promise<readonly JobSummary[]> {
    const stored = await this.#ports.store.list(question);
    const newest = stored.map((summary) => {
      const kept = this.#jobs.get(summary.id);
      return kept === undefined ? summary : summaryOf(kept.job);
    });
    return newest.filter(({ state }) => question.states === null || question.states.includes(state));
  }

  /** Output of a rank; null where there is none, or its site cannot be reached. */
  async logs(job: Job, attempt: JobAttempt, rank: number, fromByte: number): Promise<LogPiece | null> {
    const executor = this.#ports.executorOf(attempt.site);
    return executor === null ? null : executor.logs(attempt.site, tagOf(job, attempt), rank, fromByte);
  }

  /** Servers that requests may go to now. */
  serving(): readonly ServingJob[] {
    const taken = new Set<string>();
    return [...this.#jobs.values()].flatMap(({ job, spec }): readonly ServingJob[] => {
      const attempt = liveAttempt(job);
      if (attempt?.ready !== true || attempt.ending !== null || spec.serve === null) return [];
      const origin = originOf(this.#ports, spec, attempt);
      if (origin === null) return [];
      const name = `${attempt.site}.${job.name}`;
      const provider = taken.has(name) ? `${name}-${job.id.slice(-6)}` : name;
      taken.add(provider);
      return [{ job, serve: spec.serve, attempt, provider, origin }];
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
    if (this.#mayHaveMore) await this.#safely(() => this.#takeMore());
    await Promise.all([...this.#jobs.values()].map((kept) => this.#safely(() => this.#look(kept), kept)));
    await this.#safely(() => this.#tellServed());
    await this.#safely(() => this.#place());
    await this.#safely(() => this.#reconcile());
  }

  async #takeMore(): Promise<void> {
    this.#mayHaveMore = false;
    try {
      await this.load();
    } catch (error) {
      this.#mayHaveMore = true;
      throw error;
    }
  }

  async #safely(act: () => Promise<void>, kept?: KeptJob): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#ports.log.warn('jobs were not looked after; it is tried again', {
        ...(kept && { job: kept.job.id }),
        message: errorMessage(error),
      });
    }
  }

  async #look(kept: KeptJob): Promise<void> {
    const site = liveAttempt(kept.job)?.site;
    await lookAfter(this.#ports, kept);
    const newest = kept.job.attempts.at(-1);
    if (site !== undefined && (newest?.state === 'unreachable' || newest?.fenced === true))
      this.#sites.heard(site, false);
    this.#sites.learnRefusal(kept);
    const { clock, times } = this.#ports;
    const isDue = clock.monotonicMs() - kept.keptAtMs >= times().keepMs;
    if (kept.isChangedInKind || (kept.isChanged && isDue)) await this.#keep(kept);
    if (hasEnded(kept.job) && !kept.isChanged) this.#jobs.delete(kept.job.id);
  }

  async #place(): Promise<void> {
    const jobs = [...this.#jobs.values()];
    if (!this.#isNewQuestion(jobs)) return;
    await placeQueued(this.#ports, jobs, this.#limits(this.#sites.closed()), (kept) =>
      this.#safely(() => submitPlaced(this.#ports, kept), kept),
    );
    for (const kept of jobs) {
      this.#sites.learnRefusal(kept);
      if (kept.isChangedInKind) await this.#keep(kept);
    }
  }

  /** Whether deciding again can have another answer: it takes time that requests wait for. */
  #isNewQuestion(jobs: readonly KeptJob[]): boolean {
    const queued = jobs.filter(({ job }) => job.state === 'queued');
    if (queued.length === 0) return false;
    const { clock, times } = this.#ports;
    const inUse = jobs.flatMap(({ job }) => {
      const attempt = liveAttempt(job);
      return attempt === null ? [] : [job.id, attempt.number];
    });
    const question = JSON.stringify([queued.map(({ job }) => job.id), inUse, [...this.#sites.closed().keys()]]);
    const nowMs = clock.monotonicMs();
    // Prices, contracts, caps and data change without a word.
    if (question === this.#decided.question && nowMs - this.#decided.atMs < times().decideAgainMs) return false;
    this.#decided = { question, atMs: nowMs };
    return true;
  }

  #limits(closedSites: PlacementLimits['closedSites']): PlacementLimits {
    const { clock, market } = this.#ports;
    const jobs = [...this.#jobs.values()].map(({ job }) => job);
    const headroomUsd = withCommitted((dimension, name) => market.headroomUsd(dimension, name), jobs);
    return { nowMs: clock.nowMs(), headroomUsd, closedSites };
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
    // Also of sites that the file no longer has: what runs there is still ours to end.
    const held = [...this.#jobs.values()].flatMap(({ job }) => liveAttempt(job)?.site ?? []);
    for (const site of new Set([...sites(), ...held])) {
      const executor = executorOf(site);
      const tags = executor === null ? [] : await executor.list(site);
      this.#sites.heard(site, tags !== null);
      for (const tag of tags ?? []) {
        if (await this.#isKnown(site, tag)) continue;
        log.info('what no job knows any more is ended', { site, job: tag.jobId, attempt: tag.attempt });
        await executor?.cancel(site, tag);
      }
    }
  }

  /** Whether an attempt is the live one of a job, also of one that the store has and nobody here looks after. */
  async #isKnown(site: string, { jobId, attempt }: AttemptTag): Promise<boolean> {
    const job = this.#jobs.get(jobId)?.job ?? (await this.#ports.store.read(jobId));
    if (job !== null && !hasEnded(job) && !this.#jobs.has(jobId)) this.#mayHaveMore = true;
    const live = job && liveAttempt(job);
    return live?.site === site && live.number === attempt;
  }

  /** @returns false where it was changed by somebody else: then it was read again as it is. */
  async #keep(kept: KeptJob): Promise<boolean> {
    const { store, clock, log } = this.#ports;
    if (await kept.keep(store, clock.monotonicMs())) return true;
    log.error('a job was changed by somebody else; it is read again', { job: kept.job.id });
    const stored = await store.read(kept.job.id);
    this.#jobs.delete(kept.job.id);
    if (stored !== null && !hasEnded(stored)) this.#adopt(stored);
    return false;
  }
}
