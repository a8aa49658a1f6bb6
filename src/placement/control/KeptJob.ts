import { advance, type JobEvent } from '../job/advance.ts';
import type { Job } from '../job/Job.ts';
import type { JobSpec } from '../job/JobSpec.ts';
import type { JobStore } from './JobStore.ts';

/** A job that has not ended, in memory, with what the loop must know of it beside the document. Times are monotonic milliseconds. */
export class KeptJob {
  readonly spec: JobSpec;
  #job: Job;
  /** As the store has it. */
  #stored: Job;
  #writing: Promise<unknown> = Promise.resolve();
  keptAtMs: number;
  /** When the site of the live attempt last answered, or when this process began to ask. */
  heardAtMs: number;
  /** When the live attempt was told to end; null before. */
  terminatedAtMs: number | null = null;
  /** Since when a server gets no new requests; null before. */
  drainingSinceMs: number | null = null;
  failedProbes = 0;
  failedPublishes = 0;
  /** Site that refused its last placement, until that was learnt from; null for none. */
  refusedBy: string | null = null;

  constructor(job: Job, spec: JobSpec, nowMs: number) {
    this.spec = spec;
    this.#job = job;
    this.#stored = job;
    this.keptAtMs = nowMs;
    this.heardAtMs = nowMs;
  }

  get job(): Job {
    return this.#job;
  }

  /** Whether something has happened that the store does not know. */
  get isChanged(): boolean {
    return this.#job !== this.#stored;
  }

  /** Whether what the store does not know would matter to whoever takes over after a crash. */
  get isChangedInKind(): boolean {
    return this.isChanged && telling(this.#job) !== telling(this.#stored);
  }

  apply(event: JobEvent): void {
    this.#job = advance(this.spec, this.#job, event);
  }

  /** A new attempt has nothing of the last one's. */
  begin(nowMs: number): void {
    this.heardAtMs = nowMs;
    this.terminatedAtMs = null;
    this.drainingSinceMs = null;
    this.failedProbes = 0;
  }

  /**
   * Writes what has happened. One write after the other, each of the newest.
   * @returns false when the store has another version: somebody else runs this job. @throws CodedError `database_unavailable`
   */
  async keep(store: JobStore, nowMs: number): Promise<boolean> {
    const write = this.#writing.catch(() => {}).then(() => this.#write(store, nowMs));
    this.#writing = write;
    return write;
  }

  async #write(store: JobStore, nowMs: number): Promise<boolean> {
    if (!this.isChanged) return true;
    const written = this.#job;
    const version = this.#stored.version + 1;
    if (!(await store.update({ ...written, version }))) return false;
    this.#stored = { ...written, version };
    // What happened while it was written is on top of it.
    this.#job = this.#job === written ? this.#stored : { ...this.#job, version };
    this.keptAtMs = nowMs;
    return true;
  }
}

/** What of a job a later process must not be without. Steps, and when a site was last heard, are learnt anew. */
const telling = (job: Job): string =>
  JSON.stringify([
    job.state,
    job.stop,
    job.evidence.length,
    job.evidence.at(-1),
    job.waitingFor?.refused,
    job.attempts.map((attempt) => [
      attempt.number,
      attempt.state,
      attempt.ending,
      attempt.fenced,
      attempt.noticed,
      attempt.ready,
      attempt.port,
      attempt.checkpoint,
      attempt.billableSinceMs,
      attempt.endedAtMs,
      attempt.meteredUntilMs,
      attempt.evidence.length,
      attempt.evidence.at(-1),
    ]),
  ]);
