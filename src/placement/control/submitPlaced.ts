import { errorMessage, failure } from '../../kernel/index.ts';
import type { Executor, Submission } from '../executors/Executor.ts';
import { liveAttempt } from '../job/advance.ts';
import type { Job, JobAttempt } from '../job/Job.ts';
import type { JobSpec } from '../job/JobSpec.ts';
import type { ControllerPorts } from './ControllerPorts.ts';
import { isOwned, ownedElsewhere } from './isOwned.ts';
import type { JobFolders } from './JobFolders.ts';
import type { KeptJob } from './KeptJob.ts';

/** What a rank is told beside its own environment: where its checkpoints go, where it goes on from, where its data lies. */
const environmentOf = async (
  folders: JobFolders,
  spec: JobSpec,
  job: Job,
  attempt: JobAttempt,
): Promise<Readonly<Record<string, string>>> => {
  const checkpoints = await folders.openCheckpoints(spec, job, attempt);
  const data = spec.data.map(({ name, at }) => [`ARCHIPEL_DATA_${name.toUpperCase()}`, folders.locate(at)] as const);
  return {
    ...spec.environment,
    ...Object.fromEntries(data),
    ...(checkpoints === null ? {} : { ARCHIPEL_CHECKPOINT: checkpoints.checkpoint }),
    ...(checkpoints?.resumeFrom ? { ARCHIPEL_RESUME_FROM: checkpoints.resumeFrom } : {}),
  };
};

const submissionOf = async (
  { folders }: ControllerPorts,
  { spec, job }: KeptJob,
  attempt: JobAttempt,
): Promise<Submission> => ({
  tag: { jobId: job.id, attempt: attempt.number },
  site: attempt.site,
  ranks: spec.ranks,
  command: spec.command,
  directory: spec.directory,
  environment: await environmentOf(folders, spec, job, attempt),
  graceMs: spec.graceSeconds * 1_000,
});

/** What a path cannot be, and will not be by waiting. */
const wrongPaths: ReadonlySet<unknown> = new Set(['EEXIST', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Has an executor take an attempt, or says why it was not even asked; null where that is no longer ours to do. */
const handOver = async (
  ports: ControllerPorts,
  kept: KeptJob,
  attempt: JobAttempt,
  executor: Executor | null,
): Promise<Awaited<ReturnType<Executor['submit']>> | null> => {
  if (executor === null) return failure({ class: 'capacity', message: 'it has no executor here any more' });
  let submission: Submission;
  try {
    submission = await submissionOf(ports, kept, attempt);
  } catch (error) {
    const words = errorMessage(error);
    const forGood = wrongPaths.has(codeOf(error));
    return failure({ class: forGood ? 'invalid' : 'capacity', message: `its checkpoints have no folder: ${words}` });
  }
  // This process may have stood still since it wrote the attempt down, and another one may have given it up.
  return ports.mayAct() ? executor.submit(submission, ports.mayAct) : null;
};

/** Hands an attempt that was placed, and is written down, to its executor. Told twice it starts once. */
export const submitPlaced = async (ports: ControllerPorts, kept: KeptJob): Promise<void> => {
  const { executorOf, store, clock } = ports;
  const attempt = liveAttempt(kept.job);
  if (attempt?.state !== 'placed') return;
  const executor = executorOf(attempt.site);
  // What was asked to end before its executor heard of it is looked for, in case that it had.
  if (!(await kept.keep(store, clock.monotonicMs()))) return;
  if (executor !== null && !(await isOwned(attempt, executor))) {
    // Who placed it may have handed it over to its own executor before its right went to us: here it would run a second time. That speaks against no site.
    const fault = { class: 'unreachable', message: ownedElsewhere(attempt) } as const;
    kept.apply({ kind: 'refused', atMs: clock.nowMs(), fault });
    return;
  }
  const taken = await handOver(ports, kept, attempt, executor);
  if (taken === null) return;
  // What is wrong with a job speaks against no site.
  if (!taken.ok && taken.fault.class !== 'invalid') kept.refusedBy = attempt.site;
  kept.apply(
    taken.ok
      ? { kind: 'submitted', atMs: clock.nowMs() }
      : { kind: 'refused', atMs: clock.nowMs(), fault: taken.fault },
  );
};
