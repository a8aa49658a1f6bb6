import type { Failure, ServiceTier, Usage } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { parseVendorError } from '../failure/VendorError.ts';
import { countIn, isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Bytes } from '../utf8.ts';
import type { RequestFacts, StreamObserver, StreamState, StreamStep } from '../wire.ts';
import { classifyError } from './classify.ts';
import { outputIn } from './outputIn.ts';
import { errorOf } from './readAnswer.ts';
import { servedTierIn } from '../usage/serviceTierOf.ts';
import { readUsage } from './readUsage.ts';
import { RunningChat } from './RunningChat.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';

const done = '[DONE]';
/** Space may stand around it; a longer text is a chunk, and is not looked at twice. */
const doneLengthMax = 64;
const doneBytes = utf8Bytes(`data: ${done}\n\n`);
const nothing = new Uint8Array(0);

const preamble: StreamStep = { kind: 'preamble', hide: false };
const content: StreamStep = { kind: 'content', hide: false };
const closing: StreamStep = { kind: 'closing', hide: false };
const hiddenUsage: StreamStep = { kind: 'closing', hide: true };
const terminal: StreamStep = { kind: 'terminal', hide: false };

/**
 * Observes the chunks of a streamed chat completion. The answer is whole once each choice has its finish reason, or once `[DONE]` has come
 * after at least one: vendors exist that leave out the one or the other. `[DONE]` alone ends nothing, and after an error nothing is whole.
 */
export class ChatStream implements StreamObserver {
  readonly #choices: number;
  readonly #hidesUsage: boolean;
  readonly #finished = new Set<number>();
  #usage: Usage | null = null;
  #servedTier: ServiceTier | null = null;
  #outputBytes = 0;
  #done = false;
  #failed = false;
  readonly #running: RunningChat | null;

  /** @param isFollowed Whether somebody else may go on with it, should it break off. */
  constructor(facts: RequestFacts, isFollowed = false) {
    this.#running = isFollowed ? new RunningChat() : null;
    this.#choices = facts.choices;
    this.#hidesUsage = !facts.usageAsked;
  }

  get running(): RunningAnswer | null {
    return this.#running?.running ?? null;
  }

  get state(): StreamState {
    return {
      usage: this.#usage,
      complete: this.#isComplete(),
      outputBytes: this.#outputBytes,
      servedTier: this.#servedTier,
    };
  }

  observe(event: SseEvent): StreamStep {
    const chunk = chunkIn(event);
    if (chunk !== null) return this.observeChunk(chunk);
    const { data } = event;
    if (data === null) return preamble;
    if (isNamedError(event)) return this.fail(namedError(data));
    if (isDone(data)) {
      this.#done = true;
      return terminal;
    }
    return this.fail(
      protocolFailure('undecodable_event', `an event of ${data.length} characters is not a JSON object`),
    );
  }

  closing(): Uint8Array {
    return this.#isComplete() && !this.#done ? doneBytes : nothing;
  }

  /** The same as `observe` for an event whose chunk was decoded already (`chunkIn`). */
  observeChunk(chunk: JsonObject): StreamStep {
    const choices = listIn(chunk, 'choices');
    const usageTold = this.#takeUsage(chunk, choices);
    this.#servedTier = servedTierIn(chunk, 'service_tier') ?? this.#servedTier;
    const error = errorOf(chunk);
    if (error !== null) return this.fail(error);
    this.#running?.read(chunk);
    let hasContent = false;
    let finishes = false;
    for (let position = 0; position < choices.length; position++) {
      const choice = choices[position];
      if (!isJsonObject(choice)) continue;
      const output = outputIn(objectIn(choice, 'delta'));
      this.#outputBytes += output.bytes;
      hasContent ||= output.any;
      const reason = textIn(choice, 'finish_reason');
      // OpenRouter: the model behind it failed; the words are in an error that may not come.
      if (reason === 'error') return this.fail({ class: 'transient', cause: 'server_error' });
      if (reason === null) continue;
      finishes = true;
      this.#finished.add(countIn(choice, 'index') ?? position);
    }
    if (hasContent) return content;
    if (usageTold && !choices.some(isJsonObject)) return this.#hidesUsage ? hiddenUsage : closing;
    return finishes || this.#finished.size > 0 ? closing : preamble;
  }

  /** Takes the stream for broken from here on: by what it says, or by what a reader of its content has found. */
  fail(failure: Failure): StreamStep {
    this.#failed = true;
    return { kind: 'failure', hide: false, failure };
  }

  /** Usage stands at the top; with Moonshot also in a choice, with Groq also in `x_groq`. A later report replaces the earlier ones. */
  #takeUsage(chunk: JsonObject, choices: readonly unknown[]): boolean {
    let usage = usageIn(chunk) ?? usageIn(chunk['x_groq']);
    for (let at = 0; usage === null && at < choices.length; at++) usage = usageIn(choices[at]);
    this.#usage = usage ?? this.#usage;
    return usage !== null;
  }

  #isComplete(): boolean {
    if (this.#failed) return false;
    return this.#finished.size >= this.#choices || (this.#done && this.#finished.size > 0);
  }
}

/** The chunk in an event, or null where it has none: a comment, an error under its own name, `[DONE]`, what cannot be decoded. */
export const chunkIn = (event: SseEvent): JsonObject | null => {
  if (event.data === null || isNamedError(event) || isDone(event.data)) return null;
  const chunk = parseJson(event.data);
  return isJsonObject(chunk) ? chunk : null;
};

/** Groq ends a stream with an event of its own name when its check of a tool call fails. */
const isNamedError = ({ event }: SseEvent): boolean => event === 'error';

const isDone = (data: string): boolean => data.length < doneLengthMax && data.trim() === done;

const usageIn = (holder: unknown): Usage | null => {
  const told = isJsonObject(holder) ? holder['usage'] : null;
  return isJsonObject(told) ? readUsage(told) : null;
};

const namedError = (data: string): Failure => {
  const error = parseVendorError(data);
  return error === null ? { ...protocolFailure('stream_error', data), class: 'transient' } : classifyError(error);
};
