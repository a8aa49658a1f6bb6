import type { ToldFloor } from './FloorBucket.ts';

/** What one of several replicas tells the others of its pacer, as plain JSON. Contracts and names that are not known there are passed over. */
export interface ToldPace {
  /** Multiplier of each pool, by the id of its contract. */
  readonly pools: Readonly<Record<string, number>>;
  readonly floors: Readonly<Record<string, ToldFloor>>;
  /** Multiplier of each name under a cap, "dimension:name". */
  readonly capped: Readonly<Record<string, number>>;
}
