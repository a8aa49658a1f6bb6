import { rateTokensOf } from '../../ledger/index.ts';
import type { NextTurns, PromptCaches } from '../../router/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import type { CacheCounts } from './CacheCounts.ts';
import type { CacheTerms } from './cacheTermsOf.ts';

/** What was learnt of prompt caches, and of how conversations go on. */
export interface LearntAffinity {
  readonly caches: PromptCaches;
  readonly turns: NextTurns;
  readonly counts: CacheCounts;
}

/** The prompt of a request as far as a target's cache is concerned. */
export interface CachedPrompt extends CacheTerms {
  /** Tokens of it that the target was sent before, and keeps still. */
  readonly heldTokens: number;
  /** Those that it will probably read from its cache. */
  readonly cachedTokens: number;
  /** Those that the next turn will probably find there, if this one goes there. */
  readonly nextTokens: number;
}

/** What the conversation of one request has left in prompt caches. Targets by the names that they are tried under, times in monotonic milliseconds. */
export class Affinity {
  readonly #learnt: LearntAffinity;
  readonly #model: string;
  /** By `conversationKey`. */
  readonly key: string;

  /** @param model Logical model: conversations with it go on alike. */
  constructor(learnt: LearntAffinity, key: string, model: string) {
    this.#learnt = learnt;
    this.#model = model;
    this.key = key;
  }

  /** Probability that the next turn comes while a target keeps this one's prompt. */
  get nextTurnShare(): number {
    return this.#learnt.turns.shareOf(this.#model);
  }

  promptAt(name: string, terms: CacheTerms, inputTokens: number, nowMs: number): CachedPrompt {
    const { caches } = this.#learnt;
    const target = caches.targetOf(name);
    const place = caches.placeOf(this.key);
    return {
      ...terms,
      heldTokens: Math.min(caches.heldAt(place, target, nowMs), inputTokens),
      cachedTokens: caches.predict(place, target, inputTokens, nowMs),
      nextTokens: caches.readable(target, inputTokens),
    };
  }

  /** Learns, once a request, whether it went on with something that a target keeps. */
  arrived(wentOn: boolean): void {
    this.#learnt.turns.observe(this.#model, wentOn);
  }

  /**
   * A target has answered, or begun to: it keeps the prompt now.
   * @param inputTokens As it was estimated.
   * @param startedMs When it was called.
   */
  answered(
    name: string,
    { heldTokens, lifetimeMs }: CachedPrompt,
    { usage, basis }: Pick<FinalRecord, 'usage' | 'basis'>,
    inputTokens: number,
    startedMs: number,
  ): void {
    const { caches } = this.#learnt;
    const target = caches.targetOf(name);
    caches.sent(this.key, target, inputTokens, startedMs + lifetimeMs);
    if (basis !== 'reported') return;
    const read = rateTokensOf(usage);
    // What the vendor counts as tokens and what is estimated here differ; shares of the input do not.
    if (read.inputTokens > 0)
      caches.observe(target, heldTokens, (read.cacheReadTokens / read.inputTokens) * inputTokens);
  }
}
