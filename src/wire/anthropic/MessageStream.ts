import type { Failure, Usage } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { isJsonObject, objectIn, objectOf, parseJson, textIn, textOf, type JsonObject } from '../json/JsonObject.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Length } from '../utf8.ts';
import type { StreamObserver, StreamState, StreamStep } from '../wire.ts';
import { MessageUsage } from './MessageUsage.ts';
import { errorOf } from './readAnswer.ts';
import { RunningMessage } from './RunningMessage.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';

const preamble: StreamStep = { kind: 'preamble', hide: false };
const content: StreamStep = { kind: 'content', hide: false };
const closing: StreamStep = { kind: 'closing', hide: false };
const terminal: StreamStep = { kind: 'terminal', hide: false };

/** Blocks that open empty and are filled by deltas, or that only tell of the vendor's own doings. All others are content at once. */
const emptyBlocks: ReadonlySet<string> = new Set(['text', 'thinking', 'compaction', 'fallback']);

/** The kind of an event: what its data say, else the name in its frame. */
export const eventTypeOf = (body: JsonObject, event: string | null): string => textOf(body['type']) ?? event ?? '';

const bytesOf = (text: unknown): number => (typeof text === 'string' ? utf8Length(text) : 0);

/** Whether a delta has a member that is output: it is content only if that is not empty. */
const isWriting = (delta: JsonObject | null): boolean =>
  typeof delta?.['text'] === 'string' ||
  typeof delta?.['thinking'] === 'string' ||
  typeof delta?.['partial_json'] === 'string';

/** Observes the events of a streamed message: whole with `message_stop`, and with nothing less. */
export class MessageStream implements StreamObserver {
  readonly #reported = new MessageUsage();
  #messageId: string | null = null;
  #started = false;
  #stopped = false;
  #failed = false;
  #outputBytes = 0;
  readonly #running: RunningMessage | null;

  /** @param isFollowed Whether somebody else may go on with it, should it break off. */
  constructor(isFollowed = false) {
    this.#running = isFollowed ? new RunningMessage() : null;
  }

  get running(): RunningAnswer | null {
    return this.#running?.running ?? null;
  }

  get state(): StreamState {
    return {
      usage: this.#usage,
      complete: this.#started && this.#stopped && !this.#failed,
      outputBytes: this.#outputBytes,
      answerId: this.#messageId,
      servedTier: this.#reported.servedTier,
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
    this.#running?.read(type, body);
    switch (type) {
      case 'message_start':
        return this.#start(objectIn(body, 'message'));
      case 'content_block_start':
        return this.#openBlock(objectOf(body['content_block']));
      case 'content_block_delta':
        return this.#write(objectOf(body['delta']));
      case 'message_delta':
        this.#report(body);
        return closing;
      case 'message_stop':
        this.#stopped = true;
        return terminal;
      case 'error':
        return this.fail(errorOf(body));
      default:
        // Pings, ends of blocks, and what future versions add.
        return preamble;
    }
  }

  /** The terminal event is never left out, so nothing is owed. */
  closing(): Uint8Array {
    return new Uint8Array(0);
  }

  /** A second start is another answer spliced in by a faulty relay, or the same one told again: nobody knows what of it is said twice. */
  #start(message: JsonObject | null): StreamStep {
    const id = textIn(message, 'id');
    if (this.#started)
      return this.fail(
        protocolFailure('second_message_start', `a second message_start (${id ?? 'no id'}) inside a message`),
      );
    this.#started = true;
    this.#messageId = id;
    this.#report(message);
    return preamble;
  }

  #openBlock(block: JsonObject | null): StreamStep {
    const written = this.#countWritten(block);
    return written > 0 || !emptyBlocks.has(textIn(block, 'type') ?? '') ? content : preamble;
  }

  #write(delta: JsonObject | null): StreamStep {
    const written = this.#countWritten(delta);
    return written > 0 || !isWriting(delta) ? content : preamble;
  }

  #countWritten(part: JsonObject | null): number {
    const bytes = bytesOf(part?.['text']) + bytesOf(part?.['thinking']) + bytesOf(part?.['partial_json']);
    this.#outputBytes += bytes;
    return bytes;
  }

  get #usage(): Usage | null {
    return this.#reported.usage;
  }

  #report(holder: JsonObject | null): void {
    const usage = objectIn(holder, 'usage');
    if (usage !== null) this.#reported.report(usage);
  }

  /** Takes the stream for broken from here on: by what it says, or by what a reader of its content has found. */
  fail(failure: Failure): StreamStep {
    this.#failed = true;
    return { kind: 'failure', hide: false, failure };
  }
}
