import type { ServiceTier, Usage } from '../../vocabulary/index.ts';
import { countIn, isJsonObject, listIn, objectIn, type JsonObject } from '../json/JsonObject.ts';
import { servedTierIn } from '../usage/serviceTierOf.ts';
import { usageOf } from '../usage/usageOf.ts';

/**
 * Usage of a message as its events tell it. Reports are cumulative and their fields nullable (@anthropic-ai/sdk 1.14.0,
 * `MessageDeltaUsage`): a number replaces the earlier one, also 0; absent or null leaves it; nothing is ever added up.
 */
export class MessageUsage {
  #input: number | null = null;
  #cacheRead: number | null = null;
  #cacheWrite: number | null = null;
  #cacheWrite5m: number | null = null;
  #cacheWrite1h: number | null = null;
  #output: number | null = null;
  #thinking: number | null = null;
  #servedTier: ServiceTier | null = null;
  #compactions: readonly JsonObject[] = [];

  /** Takes a `usage` object of `message_start`, `message_delta` or a whole message. */
  report(usage: JsonObject): void {
    const creation = objectIn(usage, 'cache_creation');
    this.#input = countIn(usage, 'input_tokens') ?? this.#input;
    this.#cacheRead = countIn(usage, 'cache_read_input_tokens') ?? this.#cacheRead;
    this.#cacheWrite = countIn(usage, 'cache_creation_input_tokens') ?? this.#cacheWrite;
    this.#cacheWrite5m = countIn(creation, 'ephemeral_5m_input_tokens') ?? this.#cacheWrite5m;
    this.#cacheWrite1h = countIn(creation, 'ephemeral_1h_input_tokens') ?? this.#cacheWrite1h;
    this.#output = countIn(usage, 'output_tokens') ?? this.#output;
    this.#thinking = countIn(objectIn(usage, 'output_tokens_details'), 'thinking_tokens') ?? this.#thinking;
    this.#servedTier = tierIn(usage) ?? this.#servedTier;
    const iterations = listIn(usage, 'iterations').filter(isJsonObject);
    if (iterations.length > 0) this.#compactions = iterations.filter((one) => one['type'] === 'compaction');
  }

  /** The service tier, as far as it was told. */
  get servedTier(): ServiceTier | null {
    return this.#servedTier;
  }

  /** The buckets so far, or null while nothing was reported. Input excludes the cache; output includes thinking, split where it is told. */
  get usage(): Usage | null {
    if (this.#input === null && this.#output === null) return null;
    const [cacheWrite5m, cacheWrite1h] = this.#cacheWrites();
    const thinking = Math.min(this.#thinking ?? 0, this.#output ?? 0);
    const own: Usage = {
      input: this.#input ?? 0,
      cacheRead: this.#cacheRead ?? 0,
      cacheWrite5m,
      cacheWrite1h,
      reasoning: thinking,
      output: (this.#output ?? 0) - thinking,
      requests: 1,
    };
    return usageOf(this.#compactions.reduce(withCompaction, own));
  }

  /**
   * The split by lifetime may be older than the total, which later events repeat without it: then the growth is taken to be of the kind
   * that was written before, of five minutes where both or neither were.
   */
  #cacheWrites(): readonly [fiveMinutes: number, oneHour: number] {
    const fiveMinutes = this.#cacheWrite5m ?? 0;
    const oneHour = this.#cacheWrite1h ?? 0;
    const total = this.#cacheWrite ?? fiveMinutes + oneHour;
    if (fiveMinutes === 0 && oneHour > 0) return [0, total];
    return [total - Math.min(oneHour, total), Math.min(oneHour, total)];
  }
}

/** Fast mode has prices of its own in whatever tier it is served (`speed`, beta `fast-mode`). */
const tierIn = (usage: JsonObject): ServiceTier | null =>
  usage['speed'] === 'fast' ? 'fast' : servedTierIn(usage, 'service_tier');

/** "A `compaction` entry's tokens are not included in the top-level `usage` fields" (`BetaIterationsUsage`), and they are billed. */
const withCompaction = (sum: Usage, iteration: JsonObject): Usage => {
  const compaction = new MessageUsage();
  compaction.report(iteration);
  const more = compaction.usage ?? {};
  return {
    input: (sum.input ?? 0) + (more.input ?? 0),
    cacheRead: (sum.cacheRead ?? 0) + (more.cacheRead ?? 0),
    cacheWrite5m: (sum.cacheWrite5m ?? 0) + (more.cacheWrite5m ?? 0),
    cacheWrite1h: (sum.cacheWrite1h ?? 0) + (more.cacheWrite1h ?? 0),
    reasoning: sum.reasoning ?? 0,
    output: (sum.output ?? 0) + (more.output ?? 0),
    requests: 1,
  };
};
