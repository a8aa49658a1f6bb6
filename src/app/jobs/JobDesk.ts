import { hash } from 'node:crypto';
import {
  jobExplanation,
  jobJson,
  jobRow,
  logJson,
  submittedJson,
  type Answer,
  type ControlFault,
  type JobLogQuestion,
  type JobsQuestion,
  type Json,
  type Operator,
} from '../../http/index.ts';
import { failure, success, type Clock } from '../../kernel/index.ts';
import type {
  CapacityMarket,
  Job,
  JobController,
  JobStore,
  LocalExecutor,
  SubmissionFault,
} from '../../placement/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import type { JobLoop } from './JobLoop.ts';
import { readJob, rereadJob } from './readJob.ts';
import { siteRows } from './siteRows.ts';

export interface DeskParts {
  readonly loop: JobLoop;
  readonly store: JobStore;
  readonly executor: LocalExecutor;
  readonly market: CapacityMarket;
  readonly configuration: () => ArchipelConfiguration;
  /** Whether the sites are those of the sandbox, whose weather can be made. */
  readonly sandbox: boolean;
  readonly clock: Clock;
}

const runsElsewhere: ControlFault = {
  code: 'jobs_run_elsewhere',
  message: 'The jobs are not run by this process.',
};

const noJob = (id: string): ControlFault => ({ code: 'no_such_thing', message: `There is no job ${id}.` });

const faultOf = (fault: SubmissionFault): ControlFault => {
  switch (fault.kind) {
    case 'conflict':
      return { code: 'idempotency_conflict', message: 'Another job was submitted under this Idempotency-Key.' };
    case 'too_many_jobs':
      return { code: 'too_many_jobs', message: 'There are as many jobs under way as may be.' };
    case 'unsatisfiable':
      return { code: 'job_unsatisfiable', message: `${fault.message}: ${fault.mend}` };
  }
};

/** What operators ask about jobs and sites, answered from the loop where it runs here and from the database where it does not. */
export class JobDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  async submit(sent: Json, by: Operator, idempotencyKey: string | null): Promise<Answer> {
    const { loop, configuration } = this.#parts;
    const now = configuration();
    const spec = readJob(sent, now);
    if (!spec.ok) return failure({ code: 'job_invalid', message: spec.fault });
    const { controller } = loop;
    if (controller === null) return failure(runsElsewhere);
    const answer = await controller.submit({
      organisation: now.teams.get(spec.value.team)?.organisation ?? 'default',
      spec: spec.value,
      written: sent,
      submittedBy: by.name,
      key: { idempotencyKey, bodyHash: hash('sha256', JSON.stringify(sent)) },
    });
    if (!answer.ok) return failure(faultOf(answer.fault));
    loop.wake();
    return success(submittedJson(answer.value));
  }

  async list(question: JobsQuestion): Promise<Answer> {
    const jobs = await this.#reader().list(question);
    return success({ jobs: jobs.map(jobRow) });
  }

  async show(id: string): Promise<Answer> {
    return this.#withJob(id, (job) => success(jobJson(job, this.#originOf(job))));
  }

  async explain(id: string): Promise<Answer> {
    return this.#withJob(id, (job) => success(jobExplanation(job)));
  }

  async cancel(id: string, by: Operator): Promise<Answer> {
    const { controller } = this.#parts.loop;
    if (controller === null) return failure(runsElsewhere);
    const job = await controller.askStop(id, `by ${by.name}`);
    if (job === null) return failure(noJob(id));
    this.#parts.loop.wake();
    return success(jobJson(job, this.#originOf(job)));
  }

  async logs({ id, attempt: number, rank, fromByte }: JobLogQuestion): Promise<Answer> {
    const job = await this.#reader().job(id);
    if (job === null) return failure(noJob(id));
    const attempt = number === null ? job.attempts.at(-1) : job.attempts.find((one) => one.number === number);
    if (attempt === undefined) {
      const message = number === null ? `Job ${id} has not been placed yet.` : `Job ${id} has no attempt ${number}.`;
      return failure({ code: 'no_such_thing', message });
    }
    const { ranks } = rereadJob(job.written);
    if (rank >= ranks)
      return failure({
        code: 'bad_control_request',
        message: `Job ${id} has no rank ${rank}: its ranks are 0 to ${ranks - 1}.`,
      });
    const tag = { jobId: job.id, attempt: attempt.number };
    const piece = await this.#parts.executor.logs(attempt.site, tag, rank, fromByte);
    return piece === null
      ? failure({
          code: 'no_such_thing',
          message: `There is no output of rank ${rank}, or ${attempt.site} does not answer.`,
        })
      : success(logJson(piece, attempt.number, rank));
  }

  sites(): Answer {
    const { configuration, market, clock, loop, sandbox, executor } = this.#parts;
    const rows = siteRows({
      sites: configuration().sites,
      market,
      inUse: loop.controller?.inUse() ?? [],
      conditionOf: (site) => (sandbox ? executor.conditionOf(site) : null),
      nowMs: clock.nowMs(),
    });
    return success({ sites: rows });
  }

  /** The job, and the servers that requests go to, from whoever knows best. */
  #reader(): Pick<JobController, 'job' | 'list'> {
    const { loop, store } = this.#parts;
    return loop.controller ?? { job: (id) => store.read(id), list: (question) => store.list(question) };
  }

  async #withJob(id: string, answer: (job: Job) => Answer): Promise<Answer> {
    const job = await this.#reader().job(id);
    return job === null ? failure(noJob(id)) : answer(job);
  }

  #originOf({ id }: Job): string | null {
    return this.#parts.loop.controller?.serving().find(({ job }) => job.id === id)?.origin ?? null;
  }
}
