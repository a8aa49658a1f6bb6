import type { Failure, ServiceTier, Usage } from '../../vocabulary/index.ts';
import { exceptionMark } from '../eventStream/readMessage.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { objectOf, textOf, type JsonObject } from '../json/JsonObject.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Length } from '../utf8.ts';
import type { StreamState, StreamStep } from '../wire.ts';
import { classifyException } from './classify.ts';
import { readServedTier, readUsage } from './readUsage.ts';

const preamble: StreamStep = { kind: 'preamble', hide: false };
const content: StreamStep = { kind: 'content', hide: false };
const closing: StreamStep = { kind: 'closing', hide: false };
const terminal: StreamStep = { kind: 'terminal', hide: false };

/** Judges the events of a streamed answer: whole with `messageStop`, after which only `metadata` is waited for. */
export class ConverseStream {
  #usage: Usage | null = null;
  #servedTier: ServiceTier | null = null;
  #started = false;
  #stopped = false;
  #reported = false;
  #failed = false;
  #outputBytes = 0;

  get state(): StreamState {
    return {
      usage: this.#usage,
      complete: this.#stopped && !this.#failed,
      outputBytes: this.#outputBytes,
      servedTier: this.#servedTier,
    };
  }

  /** @param body The event's data, where they are an object. */
  observe({ event, data }: SseEvent, body: JsonObject | null): StreamStep {
    if (event?.startsWith(exceptionMark) === true) {
      return this.fail(classifyException(event.slice(exceptionMark.length), body ?? {}));
    }
    if (body === null) {
      const message = `an event of ${data?.length ?? 0} characters is not a JSON object`;
      return this.fail(protocolFailure('undecodable_event', message));
    }
    switch (event) {
      case 'messageStart':
        return this.#start();
      case 'contentBlockStart':
        return this.#openBlock(objectOf(body['start']));
      case 'contentBlockDelta':
        return this.#write(objectOf(body['delta']));
      case 'messageStop':
        this.#stopped = true;
        return this.#reported ? terminal : closing;
      case 'metadata':
        this.#usage = readUsage(body) ?? this.#usage;
        this.#servedTier = readServedTier(body) ?? this.#servedTier;
        this.#reported = true;
        return this.#stopped ? terminal : closing;
      case null:
      default:
        // Ends of blocks, and what future versions add.
        return preamble;
    }
  }

  /** A second start is another answer, spliced in by a faulty relay. */
  #start(): StreamStep {
    if (this.#started) return this.fail(protocolFailure('second_message_start', 'a second messageStart'));
    this.#started = true;
    return preamble;
  }

  /** Text opens empty, or not at all; whatever has a name of its own is content at once. */
  #openBlock(start: JsonObject | null): StreamStep {
    return Object.keys(start ?? {}).length === 0 ? preamble : content;
  }

  #write(delta: JsonObject | null): StreamStep {
    const text = delta?.['text'];
    if (typeof text === 'string') return this.#said(text);
    const call = objectOf(delta?.['toolUse']);
    if (call !== null) return this.#said(textOf(call['input']));
    const thought = objectOf(delta?.['reasoningContent'])?.['text'];
    return typeof thought === 'string' ? this.#said(thought) : content;
  }

  #said(words: string | null): StreamStep {
    if (words === null || words === '') return preamble;
    this.#outputBytes += utf8Length(words);
    return content;
  }

  /** Takes the stream for broken from here on: by what it says, or by what a reader of its content has found. */
  fail(failure: Failure): StreamStep {
    this.#failed = true;
    return { kind: 'failure', hide: false, failure };
  }
}
