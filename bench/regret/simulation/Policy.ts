import type { World } from '../contracts/World.ts';
import type { Books } from './Books.ts';

/** What the next turn of a conversation would cost at each target, with this one's prompt in its cache and without. */
export interface NextTurn {
  /** How likely there is one while caches live, 0 to 1. */
  share: number;
  readonly warmUsd: Float64Array;
  readonly fullUsd: Float64Array;
}

/** What a policy is asked of one request. The simulation uses one object again and again. */
export interface Question {
  nowS: number;
  kind: number;
  /** By chance, 0 to below 1: which replica was asked. */
  luck: number;
  /** Expected cost at each target. */
  readonly costUsd: Float64Array;
  /** 1 where a target may be asked. */
  readonly open: Uint8Array;
  /** Null where nothing is known of caches. */
  nextTurn: NextTurn | null;
}

/** What became of a request. */
export interface Outcome {
  readonly nowS: number;
  readonly target: number;
  readonly luck: number;
  readonly kind: number;
  readonly paidUsd: number;
  /** What the floor took of its cost. */
  readonly freeUsd: number;
  readonly tokens: number;
  readonly latencyS: number;
}

/** A way to choose targets. */
export interface Policy {
  /** @returns the index of an open target, or -1 where none is. */
  choose(question: Question): number;
  settle?(outcome: Outcome): void;
  /** A floor's fee as it accrues. */
  payFee?(target: number, feeUsd: number, nowS: number): void;
  /** Every minute. */
  tick?(nowS: number): void;
  beforeRequest?(nowS: number): void;
}

/** What a policy is made of. */
export interface PolicyInputs {
  readonly world: World;
  readonly books: Books;
  readonly chance: () => number;
}
