import type { CappedNamesState } from './CappedNames.ts';
import type { FloorState } from './FloorBucket.ts';
import type { PoolState } from './PoolPace.ts';

/** All that a pacer has learnt, as plain JSON: for reloads, restarts and replicas. Contracts and names that are not known any more are passed over. */
export interface PacerState {
  /** When its last step was. Unix milliseconds. */
  readonly lastMs: number;
  /** By the id of the contract. */
  readonly pools: Readonly<Record<string, PoolState>>;
  readonly floors: Readonly<Record<string, FloorState>>;
  readonly capped: CappedNamesState;
}
