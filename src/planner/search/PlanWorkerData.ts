import type { MessagePort } from 'node:worker_threads';
import type { PlanProblem } from '../PlanProblem.ts';
import type { PlanLimits } from './PlanLimits.ts';

/** What a worker is started with. */
export interface PlanWorkerData {
  readonly role: 'search' | 'bound';
  readonly problem: PlanProblem;
  readonly sharing: SharedArrayBuffer;
  readonly limits: PlanLimits;
  readonly seed: number;
  /** Proposals of the bound worker on their way to the search. */
  readonly proposals: MessagePort;
}
