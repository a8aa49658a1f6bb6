import type { CacheSight } from './CacheForecast.ts';
import type { OutputSight } from './OutputForecast.ts';
import type { Policy, PolicyInputs } from './Policy.ts';

/** What a policy sees beside prices. */
export interface Sight {
  readonly outputs: OutputSight;
  /** What targets' caches may hold: nothing known, what it sent to whom, or the program's own table. */
  readonly caches: CacheSight;
  /** What a cache is worth to the next turn. */
  readonly nextTurn: boolean;
}

export interface Contender {
  readonly name: string;
  readonly sight: Sight;
  make(inputs: PolicyInputs): Policy;
}

/** Prices and what a kind of request is answered with on the mean. */
export const plainSight: Sight = { outputs: 'mean by kind', caches: 'unknown', nextTurn: false };
export const fullSight: Sight = { outputs: 'mean by kind and size', caches: 'sent', nextTurn: true };
