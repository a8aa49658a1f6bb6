import { MessageChannel, Worker } from 'node:worker_threads';
import { exposeCollection } from '../linear/loadHighs.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import type { PlanProgress } from './Allowance.ts';
import { gapOf } from './gapOf.ts';
import type { PlanLimits } from './PlanLimits.ts';
import type { Incumbent } from './PlanSearch.ts';
import type { PlanWorkerData } from './PlanWorkerData.ts';
import type { PolicyConflict } from './policyConflict.ts';
import { Sharing } from './Sharing.ts';

export interface OptimiseOptions {
  readonly limits: PlanLimits;
  readonly seed: number;
  /** Ends the search within a second; what was found until then is the result. */
  readonly signal?: AbortSignal;
  readonly onState?: (state: PlanState) => void;
}

/** What is known while it goes on. Money. */
export interface PlanState {
  readonly upperBound: number;
  readonly lowerBound: number;
  readonly worker: 'search' | 'bound';
  readonly progress: PlanProgress;
}

export interface OptimiseResult {
  /** Null where no plan was found. */
  readonly incumbent: Incumbent | null;
  /** The cost of that plan, exactly evaluated; Infinity where there is none. */
  readonly upperBound: number;
  /** No plan within the guards costs less; -Infinity where nothing was proven. */
  readonly lowerBound: number;
  /** (upperBound - lowerBound) / upperBound; Infinity where one of them is not finite. */
  readonly gap: number;
  /** False where no plan can satisfy the policy. */
  readonly feasible: boolean;
  /** Where no plan can: which rules are in each other's way. */
  readonly conflict: PolicyConflict | null;
  readonly nodes: number;
  readonly programs: number;
}

/** Most of what a worker makes is dead at once: with the engine's own bound, half of its heap would be waiting to be collected. */
const youngGenerationMb = 8;
/** How long a worker may go on after it was told to stop. */
const stopGraceMs = 800;

type WorkerMessage =
  | { readonly kind: 'found'; readonly incumbent: Incumbent }
  | { readonly kind: 'bounded'; readonly role: 'search' | 'bound'; readonly bound: number }
  | { readonly kind: 'told'; readonly role: 'search' | 'bound'; readonly progress: PlanProgress }
  | {
      readonly kind: 'ended';
      readonly role: 'search' | 'bound';
      readonly feasible: boolean;
      readonly conflict: PolicyConflict | null;
    };

/**
 * Looks for the best plan with one worker and for the proof of how good a plan can be with another, from different models, until the limits.
 * @throws when a worker fails.
 */
export const optimise = async (problem: PlanProblem, options: OptimiseOptions): Promise<OptimiseResult> => {
  const sharing = new Sharing();
  const channel = new MessageChannel();
  let incumbent: Incumbent | null = null;
  let lowerBound = -Infinity;
  let feasible = true;
  let conflict: PolicyConflict | null = null;
  const progress: Partial<Record<'search' | 'bound', PlanProgress>> = {};
  const hear = (message: WorkerMessage): void => {
    switch (message.kind) {
      case 'found':
        incumbent = message.incumbent;
        break;
      case 'bounded':
        lowerBound = Math.max(lowerBound, message.bound);
        break;
      case 'told':
        progress[message.role] = message.progress;
        break;
      case 'ended':
        feasible &&= message.feasible;
        conflict ??= message.conflict;
    }
    const role = message.kind === 'found' ? 'search' : message.role;
    const told = progress[role];
    if (told) options.onState?.({ upperBound: upperOf(incumbent), lowerBound, worker: role, progress: told });
  };
  const start = (role: 'search' | 'bound'): Run => {
    const proposals = role === 'search' ? channel.port1 : channel.port2;
    const data: PlanWorkerData = {
      role,
      problem,
      sharing: sharing.buffer,
      limits: options.limits,
      seed: options.seed,
      proposals,
    };
    return runWorker(data, hear);
  };
  const runs = [start('search'), start('bound')];
  const stop = (): void => {
    sharing.stop();
    const timer = setTimeout(() => {
      for (const run of runs) run.terminate();
    }, stopGraceMs);
    void Promise.allSettled(runs.map(({ ended }) => ended)).then(() => clearTimeout(timer));
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  const all = Promise.all(runs.map(({ ended }) => ended));
  try {
    if (options.limits.kind === 'time') {
      // Without a search there is nothing left to prove; and whichever fails first ends both.
      await Promise.race([runs[0]?.ended, all]);
      stop();
    }
    await all;
  } catch (error) {
    stop();
    await Promise.allSettled(runs.map(({ ended }) => ended));
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
  return { ...resultOf(incumbent, lowerBound, progress), feasible, conflict };
};

const upperOf = (incumbent: Incumbent | null): number => incumbent?.evaluation.objective ?? Infinity;

const resultOf = (
  incumbent: Incumbent | null,
  lower: number,
  progress: Partial<Record<'search' | 'bound', PlanProgress>>,
): Omit<OptimiseResult, 'feasible' | 'conflict'> => {
  const upperBound = upperOf(incumbent);
  const lowerBound = Math.min(lower, upperBound);
  const isKnown = Number.isFinite(upperBound) && Number.isFinite(lowerBound);
  return {
    incumbent,
    upperBound,
    lowerBound,
    gap: isKnown ? gapOf(upperBound, lowerBound) : Infinity,
    nodes: progress.bound?.nodes ?? 0,
    programs: progress.search?.programs ?? 0,
  };
};

interface Run {
  readonly ended: Promise<void>;
  readonly terminate: () => void;
}

const runWorker = (data: PlanWorkerData, hear: (message: WorkerMessage) => void): Run => {
  exposeCollection();
  const worker = new Worker(new URL('./planWorker.ts', import.meta.url), {
    workerData: data,
    transferList: [data.proposals],
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  let terminated = false;
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('message', hear);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0 || terminated) resolve();
      else reject(new Error(`the worker of the ${data.role} ended with ${code}`));
    });
  });
  return {
    ended,
    terminate: () => {
      terminated = true;
      void worker.terminate();
    },
  };
};
