import { nanoUsd, type NanoUsd } from '../kernel/index.ts';
import type { BudgetRefusal, Budgets, Hold } from '../ledger/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { BudgetRoom, RoomAnswer } from './GatewayPorts.ts';

/** Tokens by which a hold grows, and that it is ahead of what came. */
export const growthTokens = 1_024;

/** What a hold has to cover, and how it is asked for more. */
export interface HeldOutputParts {
  readonly hold: Hold;
  readonly budgets: Pick<Budgets, 'grow'>;
  readonly budgetRoom: BudgetRoom;
  /** Budgets that it is made in. */
  readonly scopes: readonly string[];
  /** Output tokens that it covers to begin with. */
  readonly coveredTokens: number;
  /** Most output tokens that the attempt can have. */
  readonly outputBoundTokens: number;
  /** Most that the attempt can cost with so many output tokens. */
  readonly costOf: (outputTokens: number) => NanoUsd;
  readonly monotonicMs: () => number;
  /** How long more is waited for where other replicas have a part of it. Milliseconds. */
  readonly roomMs: number;
  /** Ends that wait. */
  readonly abandonment: Abandonment;
}

/**
 * A hold that grows with its answer. A token is at least one byte of it, so as many tokens as bytes are held before the bytes go on: what was spent exceeds
 * the hold by no more than what its vendor has written and nobody has seen.
 */
export class HeldOutput {
  readonly #parts: HeldOutputParts;
  #coveredTokens: number;

  constructor(parts: HeldOutputParts) {
    this.#parts = parts;
    this.#coveredTokens = parts.coveredTokens;
  }

  /** Bytes of output up to which nothing more has to be held. */
  get coveredBytes(): number {
    return this.#coveredTokens >= this.#parts.outputBoundTokens ? Infinity : this.#coveredTokens;
  }

  /** Has the hold cover so many bytes of output, and a step more where there is room. @returns what stands against it, or null. */
  cover(outputBytes: number): BudgetRefusal | null {
    return this.#grow(outputBytes + growthTokens) && this.#grow(outputBytes);
  }

  /** Asks other replicas for what this one lacks to cover so many bytes. */
  askRoom(outputBytes: number): Promise<RoomAnswer> {
    const { budgetRoom, scopes, monotonicMs, roomMs, abandonment } = this.#parts;
    return budgetRoom.ask(scopes, this.#moreFor(outputBytes + growthTokens), monotonicMs() + roomMs, abandonment);
  }

  #grow(wantedTokens: number): BudgetRefusal | null {
    const { budgets, hold, outputBoundTokens, monotonicMs } = this.#parts;
    const grown = budgets.grow(hold, this.#moreFor(wantedTokens), monotonicMs());
    if (!grown.ok) return grown.fault;
    this.#coveredTokens = Math.min(wantedTokens, outputBoundTokens);
    return null;
  }

  #moreFor(wantedTokens: number): NanoUsd {
    const { hold, costOf, outputBoundTokens } = this.#parts;
    const more = costOf(Math.min(wantedTokens, outputBoundTokens)) - hold.amountNanoUsd;
    return nanoUsd(more > 0n ? more : 0n);
  }
}
