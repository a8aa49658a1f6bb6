import type { Failure, ServiceTier, Usage } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { countIn, isJsonObject, objectIn, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Length } from '../utf8.ts';
import type { StreamObserver, StreamState, StreamStep } from '../wire.ts';
import { servedTierIn } from '../usage/serviceTierOf.ts';
import { outputBytesIn } from './outputBytesIn.ts';
import { errorOf, failureIn } from './readAnswer.ts';
import { readUsage } from './readUsage.ts';
import { RunningResponse } from './RunningResponse.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';

const preamble: StreamStep = { kind: 'preamble', hide: false };
const content: StreamStep = { kind: 'content', hide: false };
const closing: StreamStep = { kind: 'closing', hide: false };
const terminal: StreamStep = { kind: 'terminal', hide: false };

/** Items that open empty and are filled by deltas. A call has its name at once, and any other item says that the vendor's own tools are at work. */
const emptyItems: ReadonlySet<string> = new Set(['message', 'reasoning']);

/** The kind of an event: what its data say, else the name in its frame. */
export const eventTypeOf = (body: JsonObject, event: string | null): string => textIn(body, 'type') ?? event ?? '';

/**
 * Observes the events of a streamed response. It is whole with `response.completed` or `response.incomplete`, and with nothing less; what comes after that
 * belongs to no answer. Vendors exist that send deltas only, and such that send whole items only: bytes are counted by deltas, and at its end by the item where that has more.
 */
export class ResponseStream implements StreamObserver {
  #usage: Usage | null = null;
  #answerId: string | null = null;
  #servedTier: ServiceTier | null = null;
  #ended = false;
  #failed = false;
  #outputBytes = 0;
  /** Bytes by the number of their item. */
  readonly #itemBytes = new Map<number, number>();
  readonly #running: RunningResponse | null;

  /** @param isFollowed Whether somebody else may go on with it, should it break off. */
  constructor(isFollowed = false) {
    this.#running = isFollowed ? new RunningResponse() : null;
  }

  get running(): RunningAnswer | null {
    return this.#running?.running ?? null;
  }

  get state(): StreamState {
    return {
      usage: this.#usage,
      complete: this.#ended && !this.#failed,
      outputBytes: this.#outputBytes,
      answerId: this.#answerId,
      servedTier: this.#servedTier,
    };
  }

  observe({ event, data }: SseEvent): StreamStep {
    if (data === null || data.trim() === '[DONE]') return preamble;
    const body = parseJson(data);
    if (!isJsonObject(body))
      return this.fail(
        protocolFailure('undecodable_event', `an event of ${data.length} characters is not a JSON object`),
      );
    return this.observeBody(eventTypeOf(body, event), body);
  }

  /** The same of an event whose data has been parsed already, by one who reads more of it. */
  observeBody(type: string, body: JsonObject): StreamStep {
    if (this.#ended) return closing;
    const step = this.#observe(type, body);
    // What tells of a failure goes to nobody, and has no number in the stream.
    if (step.kind !== 'failure') this.#running?.read(type, body);
    return step;
  }

  #observe(type: string, body: JsonObject): StreamStep {
    switch (type) {
      case 'response.created':
        this.#report(objectIn(body, 'response'));
        return preamble;
      case 'response.output_item.added':
        return this.#open(objectIn(body, 'item'));
      case 'response.output_item.done':
        return this.#close(body);
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(objectIn(body, 'response'));
      case 'response.failed':
      case 'response.cancelled':
        return this.#break(objectIn(body, 'response'));
      case 'error':
        return this.fail(failureIn(objectIn(body, 'error') ?? body));
      default:
        return this.#write(type, body);
    }
  }

  /** Takes the stream for broken from here on: by what it says, or by what a reader of its content has found. */
  fail(failure: Failure): StreamStep {
    this.#failed = true;
    return { kind: 'failure', hide: false, failure };
  }

  /** The terminal event is never left out, so nothing is owed. */
  closing(): Uint8Array {
    return new Uint8Array(0);
  }

  #open(item: JsonObject | null): StreamStep {
    return item === null || emptyItems.has(textIn(item, 'type') ?? '') ? preamble : content;
  }

  /** Deltas are output; all else tells of it once more, or of the vendor's own doings. */
  #write(type: string, body: JsonObject): StreamStep {
    if (!type.endsWith('.delta')) {
      // An error without a type of its own, as some relays send it.
      return isJsonObject(body['error']) ? this.fail(failureIn(body['error'])) : preamble;
    }
    const delta = textIn(body, 'delta');
    if (delta === null) return preamble;
    this.#count(indexOf(body), utf8Length(delta));
    return content;
  }

  #close(body: JsonObject): StreamStep {
    const item = objectIn(body, 'item');
    const bytes = item === null ? 0 : outputBytesIn(item);
    const index = indexOf(body);
    this.#count(index, Math.max(0, bytes - (this.#itemBytes.get(index) ?? 0)));
    return bytes === 0 ? preamble : content;
  }

  #count(index: number, bytes: number): void {
    this.#itemBytes.set(index, (this.#itemBytes.get(index) ?? 0) + bytes);
    this.#outputBytes += bytes;
  }

  #end(response: JsonObject | null): StreamStep {
    const error = response === null ? null : errorOf(response);
    this.#report(response);
    if (error !== null) return this.fail(error);
    this.#ended = true;
    if (this.#itemBytes.size === 0) this.#outputBytes = outputOf(response);
    return terminal;
  }

  #break(response: JsonObject | null): StreamStep {
    this.#report(response);
    return this.fail((response === null ? null : errorOf(response)) ?? failureIn(null));
  }

  #report(response: JsonObject | null): void {
    this.#answerId = textIn(response, 'id') ?? this.#answerId;
    this.#servedTier = servedTierIn(response, 'service_tier') ?? this.#servedTier;
    const usage = objectIn(response, 'usage');
    this.#usage = (usage === null ? null : readUsage(usage)) ?? this.#usage;
  }
}

const outputOf = (response: JsonObject | null): number => {
  const output = response?.['output'];
  if (!Array.isArray(output)) return 0;
  return output.reduce((sum: number, item: unknown) => sum + (isJsonObject(item) ? outputBytesIn(item) : 0), 0);
};

/** The number of an item; relays exist that leave it out. */
const indexOf = (body: JsonObject): number => countIn(body, 'output_index') ?? -1;
