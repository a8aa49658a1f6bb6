import type { Failure, ServiceTier } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { countOf, isJsonObject, listOf, objectOf, parseJson, textOf, type JsonObject } from '../json/JsonObject.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { StreamObserver, StreamState, StreamStep } from '../wire.ts';
import { outputIn } from './outputIn.ts';
import { blockReasonOf, errorOf } from './readAnswer.ts';
import { RunningGeneration } from './RunningGeneration.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';
import { isCounted, readServedTier, readUsage } from './readUsage.ts';

const preamble: StreamStep = { kind: 'preamble', hide: false };
const content: StreamStep = { kind: 'content', hide: false };
const closing: StreamStep = { kind: 'closing', hide: false };

/**
 * Observes the chunks of a streamed answer. This protocol has no mark for its end: the answer is whole once every candidate that was begun has its finish
 * reason, or once the prompt was blocked, and later chunks may still tell usage.
 */
export class GenerateStream implements StreamObserver {
  readonly #begun = new Set<number>();
  readonly #finished = new Set<number>();
  /** `usageMetadata` of the last chunk that counts: each tells anew what there is so far. */
  #counted: JsonObject | null = null;
  #servedTier: ServiceTier | null = null;
  #outputBytes = 0;
  #blocked = false;
  #failed = false;
  readonly #running: RunningGeneration | null;

  /** @param isFollowed Whether somebody else may go on with it, should it break off. */
  constructor(isFollowed = false) {
    this.#running = isFollowed ? new RunningGeneration() : null;
  }

  get running(): RunningAnswer | null {
    return this.#running?.running ?? null;
  }

  get state(): StreamState {
    return {
      usage: this.#counted === null ? null : readUsage(this.#counted),
      complete: this.#isComplete(),
      outputBytes: this.#outputBytes,
      servedTier: this.#servedTier,
    };
  }

  observe(event: SseEvent): StreamStep {
    const chunk = chunkIn(event);
    if (chunk !== null) return this.observeChunk(chunk);
    if (event.data === null) return preamble;
    const message = `an event of ${event.data.length} characters is not a JSON object`;
    return this.fail(protocolFailure('undecodable_event', message));
  }

  /** The same as `observe` for an event whose chunk was decoded already (`chunkIn`). */
  observeChunk(chunk: JsonObject): StreamStep {
    const usage = objectOf(chunk['usageMetadata']);
    if (usage !== null && isCounted(usage)) this.#counted = usage;
    this.#servedTier = readServedTier(usage) ?? this.#servedTier;
    const error = errorOf(chunk);
    if (error !== null) return this.fail(error);
    this.#running?.read(chunk);
    this.#blocked ||= blockReasonOf(chunk) !== null;
    return this.#takeCandidates(listOf(chunk['candidates']));
  }

  /** Nothing is owed: the end of the connection is the end. */
  closing(): Uint8Array {
    return new Uint8Array(0);
  }

  /** Takes the stream for broken from here on: by what it says, or by what a reader of its content has found. */
  fail(failure: Failure): StreamStep {
    this.#failed = true;
    return { kind: 'failure', hide: false, failure };
  }

  #takeCandidates(candidates: readonly unknown[]): StreamStep {
    let hasContent = false;
    for (let position = 0; position < candidates.length; position++) {
      const candidate = candidates[position];
      if (!isJsonObject(candidate)) continue;
      const index = countOf(candidate['index']) ?? position;
      this.#begun.add(index);
      const output = outputIn(candidate);
      this.#outputBytes += output.bytes;
      hasContent ||= output.any;
      if (textOf(candidate['finishReason']) !== null) this.#finished.add(index);
    }
    if (hasContent) return content;
    return this.#blocked || this.#finished.size > 0 ? closing : preamble;
  }

  #isComplete(): boolean {
    if (this.#failed) return false;
    return this.#begun.size === 0 ? this.#blocked : this.#finished.size === this.#begun.size;
  }
}

/** The chunk in an event, or null where it has none. An error may come in a list. */
export const chunkIn = ({ data }: SseEvent): JsonObject | null => {
  if (data === null) return null;
  const value = parseJson(data);
  const chunk: unknown = Array.isArray(value) ? value[0] : value;
  return isJsonObject(chunk) ? chunk : null;
};
