import { errorMessage, parseNanoUsd } from '../../kernel/index.ts';
import type { AttemptTag, Executor, Observation } from '../executors/Executor.ts';
import { liveAttempt } from '../job/advance.ts';
import type { Job, JobAttempt } from '../job/Job.ts';
import type { JobSpec } from '../job/JobSpec.ts';
import type { ControllerPorts } from './ControllerPorts.ts';
import { isOwned, ownedElsewhere } from './isOwned.ts';
import type { KeptJob } from './KeptJob.ts';
import { piecesOf } from './pieces.ts';
import { submitPlaced } from './submitPlaced.ts';

/** Probes in a row that must fail before a server gets no more requests: one may be lost on the way. */
const failedProbesMax = 2;
/** How long after the grace an executor is asked to clear away what has not ended. */
const clearAfterMs = 5_000;

/** Times that showing what a job made is tried. */
const publishesMax = 10;

const hourMs = 3_600_000n;

/** Names an attempt to its executor. */
export const tagOf = (job: Job, attempt: JobAttempt): AttemptTag => ({ jobId: job.id, attempt: attempt.number });

/** Scheme, host and port of an attempt's server; null while it is not known. */
export const originOf = (
  { executorOf }: Pick<ControllerPorts, 'executorOf'>,
  spec: JobSpec,
  attempt: JobAttempt,
): string | null => {
  const port = spec.serve?.port ?? attempt.port;
  const executor = executorOf(attempt.site);
  return port === null || executor === null ? null : `http://${executor.hostOf(attempt.site)}:${port}`;
};

/** What an attempt has cost by now: what the ledger has, and what runs on since. Nano-USD. */
const costUntil = (attempt: JobAttempt, nowMs: number): bigint => {
  const counted = parseNanoUsd(attempt.costNanoUsd);
  const fromMs = attempt.meteredUntilMs ?? attempt.billableSinceMs;
  if (fromMs === null) return counted;
  const untilMs = attempt.endedAtMs ?? nowMs;
  const hour = parseNanoUsd(attempt.price.hourNanoUsd) * BigInt(attempt.accelerators);
  return counted + (hour * BigInt(Math.max(0, Math.round(untilMs - fromMs)))) / hourMs;
};

/** What all attempts have cost by now on bought capacity: the fee of a slot is owed whoever uses it. Nano-USD. */
export const boughtCost = ({ attempts }: Job, nowMs: number): bigint =>
  attempts.reduce((sum, one) => sum + (one.basis === 'slot' ? 0n : costUntil(one, nowMs)), 0n);

const lookUp = async (kept: KeptJob, attempt: JobAttempt, executor: Executor | null): Promise<Observation> => {
  if (executor === null) return { kind: 'unreachable', evidence: `${attempt.site} has no executor here any more` };
  if (!(await isOwned(attempt, executor))) return { kind: 'unreachable', evidence: ownedElsewhere(attempt) };
  return executor.observe(attempt.site, tagOf(kept.job, attempt));
};

const observe = async (ports: ControllerPorts, kept: KeptJob, executor: Executor | null): Promise<void> => {
  const attempt = liveAttempt(kept.job);
  if (attempt === null || attempt.state === 'placed') return;
  const { clock, times } = ports;
  const observation = await lookUp(kept, attempt, executor);
  const nowMs = clock.monotonicMs();
  if (observation.kind !== 'unreachable') kept.heardAtMs = nowMs;
  kept.apply({ kind: 'observed', atMs: clock.nowMs(), observation });
  if (observation.kind === 'unreachable' && nowMs - kept.heardAtMs > times().leaseMs)
    kept.apply({ kind: 'lease-expired', atMs: clock.nowMs() });
};

/** What was agreed about the end: that of the slot, and the most that the job may cost. */
const enforce = ({ clock }: ControllerPorts, kept: KeptJob): void => {
  const attempt = liveAttempt(kept.job);
  if (attempt === null || attempt.ending !== null) return;
  const atMs = clock.nowMs();
  const { maxCostNanoUsd } = kept.spec;
  if (attempt.capacityUntilMs !== null && atMs >= attempt.capacityUntilMs) {
    kept.apply({ kind: 'capacity-ends', atMs, why: `${attempt.contract ?? 'its contract'} has ended` });
  } else if (maxCostNanoUsd !== null) {
    if (boughtCost(kept.job, atMs) >= maxCostNanoUsd)
      kept.apply({ kind: 'stop-asked', atMs, why: 'it has cost the most that it may' });
  }
};

const mayServe: ReadonlySet<JobAttempt['state']> = new Set(['running', 'serving', 'unreachable']);

/** By the way that requests take: a site whose control plane is silent may well answer there. */
const probe = async (ports: ControllerPorts, kept: KeptJob): Promise<void> => {
  const attempt = liveAttempt(kept.job);
  const { serve } = kept.spec;
  if (attempt === null || serve === null || attempt.ending !== null) return;
  if (attempt.noticed || !mayServe.has(attempt.state)) return;
  const origin = originOf(ports, kept.spec, attempt);
  if (origin === null) return;
  const url = origin + serve.readinessPath;
  const ready = await ports.probe(url);
  kept.failedProbes = ready ? 0 : kept.failedProbes + 1;
  if (ready === attempt.ready || (!ready && kept.failedProbes < failedProbesMax)) return;
  const detail = `${url} ${ready ? 'answers' : 'does not answer'}`;
  kept.apply({ kind: 'probed', atMs: ports.clock.nowMs(), ready, detail });
};

const meter = async ({ book, times, store, clock }: ControllerPorts, kept: KeptJob): Promise<void> => {
  const attempt = liveAttempt(kept.job);
  if (attempt === null) return;
  const pieces = piecesOf(attempt, times().pieceMs);
  // A beginning and an end are written down before they are counted: after a crash they must not be others.
  const isAtEdge = attempt.meteredUntilMs === null || attempt.endedAtMs !== null;
  if (pieces.length > 0 && isAtEdge && !(await kept.keep(store, clock.monotonicMs()))) return;
  for (const piece of pieces) {
    const booked = await book(kept.job, kept.spec, attempt, piece);
    kept.apply({ kind: 'metered', untilMs: piece.untilMs, ...booked });
  }
};

/** Whether a server that is to end may still have requests. Whoever is lost or broken has none worth waiting for. */
const drains = ({ clock }: ControllerPorts, kept: KeptJob, attempt: JobAttempt): boolean => {
  const { serve } = kept.spec;
  if (serve === null || (attempt.ending !== 'cancelled' && attempt.ending !== 'preempted')) return false;
  kept.drainingSinceMs ??= clock.monotonicMs();
  return clock.monotonicMs() - kept.drainingSinceMs < serve.drainSeconds * 1_000;
};

/** Ends the ranks: SIGTERM once, and the grace. @returns whether they have had it, and more, and are to be cleared away as they are. */
const terminate = async (
  ports: ControllerPorts,
  kept: KeptJob,
  attempt: JobAttempt,
  executor: Executor,
): Promise<boolean> => {
  const nowMs = ports.clock.monotonicMs();
  if (kept.terminatedAtMs !== null) return nowMs - kept.terminatedAtMs > kept.spec.graceSeconds * 1_000 + clearAfterMs;
  if (drains(ports, kept, attempt)) return false;
  const told = await executor.signal(attempt.site, tagOf(kept.job, attempt), 'terminate');
  if (told.ok) kept.terminatedAtMs = nowMs;
  return false;
};

/** Shows what a success made, and closes the attempt. What cannot be shown does not keep a job from its end for ever. */
const close = async ({ folders, clock, log }: ControllerPorts, kept: KeptJob, attempt: JobAttempt): Promise<void> => {
  try {
    if (attempt.ending === 'succeeded') await folders.publish(kept.spec, kept.job, attempt.number);
  } catch (error) {
    const detail = errorMessage(error);
    kept.failedPublishes += 1;
    if (kept.failedPublishes < publishesMax) throw error;
    log.error('what a job made is not shown under its name', { job: kept.job.id, message: detail });
    kept.apply({ kind: 'unpublished', atMs: clock.nowMs(), detail });
  }
  kept.apply({ kind: 'cleared', atMs: clock.nowMs() });
};

/** Brings to its end what is to end: no new requests, SIGTERM, and once nothing runs, the executor's word that nothing is left. */
const finish = async (ports: ControllerPorts, kept: KeptJob, executor: Executor | null): Promise<void> => {
  const attempt = liveAttempt(kept.job);
  // What is closed is counted whole: the last piece first.
  if (attempt === null || attempt.ending === null || piecesOf(attempt, ports.times().pieceMs).length > 0) return;
  const { clock, store } = ports;
  // Written down before anything is done about it: who takes over after a crash must know that it was meant to end.
  if (kept.isChangedInKind && !(await kept.keep(store, clock.monotonicMs()))) return;
  if (attempt.fenced) return close(ports, kept, attempt);
  if (executor === null || !(await isOwned(attempt, executor))) return;
  const hasEnded = attempt.endedAtMs !== null;
  if (!hasEnded && !(await terminate(ports, kept, attempt, executor))) return;
  if (!(await executor.cancel(attempt.site, tagOf(kept.job, attempt)))) return;
  // What was cleared away without having been seen to end is seen to be absent in the next round, and counted until then.
  if (!hasEnded) return;
  await close(ports, kept, attempt);
};

/** One round for one job that holds capacity, or may hold it. */
export const lookAfter = async (ports: ControllerPorts, kept: KeptJob): Promise<void> => {
  const attempt = liveAttempt(kept.job);
  if (attempt === null) return;
  const executor = ports.executorOf(attempt.site);
  if (attempt.state === 'placed') await submitPlaced(ports, kept);
  await observe(ports, kept, executor);
  enforce(ports, kept);
  await probe(ports, kept);
  await meter(ports, kept);
  await finish(ports, kept, executor);
};
