import { failure, success, type Result } from '../../kernel/index.ts';
import { HeldBytes } from '../HeldBytes.ts';
import { utf8Text } from '../utf8.ts';

/** One block of an event stream: the lines up to and including a blank one. */
export interface SseEvent {
  /** Value of the `event:` line, or null where there is none. */
  readonly event: string | null;
  /** The `data:` lines joined by "\n", or null where there is none (a comment, a lone `retry:`, a blank line). */
  readonly data: string | null;
  /** The exact bytes of the block with its blank line: all raws and `pending` in a row are the input. */
  readonly raw: Uint8Array;
}

/** A block grew beyond the limit, or bytes are not what their frame says; the stream cannot be read on. */
export interface SseFault {
  readonly code: 'event_too_large' | 'broken_frame';
  readonly message: string;
  /** Whole events that stood before it in the same chunk. */
  readonly events: readonly SseEvent[];
}

/** Largest block that is held, in bytes. */
export const eventBytesMax = 8 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const spaceByte = 0x20;
const colon = 0x3a;

/**
 * Reads an event stream as the HTML standard says (https://html.spec.whatwg.org/multipage/server-sent-events.html), on bytes, so that a
 * chunk may end anywhere. Lines end with LF, CR or CRLF. A block that ends with CR is given out only when the next byte is seen, since
 * that byte may belong to it: with any split the events are the same. A raw that came whole in one chunk is a view into it, not a copy.
 */
export class SseReader {
  readonly #bytesMax: number;
  /** The unfinished block. */
  readonly #held = new HeldBytes();
  /** The line being read has no byte yet. */
  #lineEmpty = true;
  /** The last byte was a CR that ended a line; an LF after it belongs to it. */
  #afterReturn = false;
  /** A blank line has ended the block with CR: the block ends before the next byte, or after it if that is LF. */
  #blockOver = false;
  #first = true;
  #fault: SseFault | null = null;

  constructor(limits: { readonly eventBytesMax?: number } = {}) {
    this.#bytesMax = limits.eventBytesMax ?? eventBytesMax;
  }

  /** Takes the next bytes of the stream and gives the blocks that they complete. After a fault it gives no more. */
  push(chunk: Uint8Array): Result<readonly SseEvent[], SseFault> {
    if (this.#fault !== null) return failure(this.#fault);
    const events: SseEvent[] = [];
    let start = 0;
    for (let end = this.#blockEnd(chunk, start); end !== -1; end = this.#blockEnd(chunk, start)) {
      const raw = this.#take(chunk, start, end);
      if (raw.length > this.#bytesMax) return this.#tooLarge(events);
      events.push(this.#read(raw));
      start = end;
    }
    if (this.#held.length + chunk.length - start > this.#bytesMax) return this.#tooLarge(events);
    this.#held.add(chunk.subarray(start));
    return success(events);
  }

  /** Tells that the stream has ended. Gives the block that only waited for a possible LF; an unfinished one stays in `pending`. */
  end(): readonly SseEvent[] {
    if (this.#fault !== null || !this.#blockOver) return [];
    this.#startBlock();
    return [this.#read(this.#take(new Uint8Array(0), 0, 0))];
  }

  /** Bytes that no block was completed with. After the end of the stream they are what was lost with a cut. */
  get pending(): Uint8Array {
    return this.#held.view;
  }

  /** Offset after the block that ends in `chunk` at or after `start`, or -1. Carries its state over the chunk's end. */
  #blockEnd(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#blockOver) {
        this.#startBlock();
        return byte === lineFeed ? at + 1 : at;
      }
      if (byte === lineFeed) {
        if (this.#afterReturn) {
          this.#afterReturn = false;
        } else if (this.#lineEmpty) {
          return at + 1;
        } else {
          this.#lineEmpty = true;
        }
      } else if (byte === carriageReturn) {
        this.#blockOver = this.#lineEmpty;
        this.#lineEmpty = true;
        this.#afterReturn = true;
      } else {
        this.#lineEmpty = false;
        this.#afterReturn = false;
        at = lineBreak(chunk, at) - 1;
      }
    }
    return -1;
  }

  #startBlock(): void {
    this.#blockOver = false;
    this.#afterReturn = false;
    this.#lineEmpty = true;
  }

  #take(chunk: Uint8Array, start: number, end: number): Uint8Array {
    if (this.#held.length === 0) return chunk.subarray(start, end);
    this.#held.add(chunk.subarray(start, end));
    return this.#held.take();
  }

  #read(raw: Uint8Array): SseEvent {
    const start = this.#first && raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0;
    this.#first = false;
    return readBlock(raw, start);
  }

  #tooLarge(events: readonly SseEvent[]): Result<readonly SseEvent[], SseFault> {
    const message = `an event of the stream is larger than ${this.#bytesMax} bytes`;
    this.#fault = { code: 'event_too_large', message, events: [] };
    return failure({ ...this.#fault, events });
  }
}

/** Offset of the next CR or LF, or the length. */
const lineBreak = (bytes: Uint8Array, start: number): number => {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === lineFeed || byte === carriageReturn) return at;
  }
  return bytes.length;
};

const dataField = Uint8Array.from('data', (letter) => letter.charCodeAt(0));
const eventField = Uint8Array.from('event', (letter) => letter.charCodeAt(0));

/** Reads the lines of one block. `id` and `retry` are for clients that reconnect, which no wire of ours does; they stay in the raw. */
const readBlock = (raw: Uint8Array, start: number): SseEvent => {
  let event: string | null = null;
  let data: string | null = null;
  let at = start;
  while (at < raw.length) {
    const end = lineBreak(raw, at);
    const dataValue = valueOf(raw, at, end, dataField);
    if (dataValue !== -1) {
      const text = utf8Text(raw, dataValue, end);
      data = data === null ? text : `${data}\n${text}`;
    } else {
      const eventValue = valueOf(raw, at, end, eventField);
      if (eventValue !== -1) event = utf8Text(raw, eventValue, end);
    }
    at = end + 1;
  }
  return { event: event === '' ? null : event, data, raw };
};

/** Offset of the value of the line `start` to `end` if its field is `field`, else -1. One space after the colon is not part of it. */
const valueOf = (raw: Uint8Array, start: number, end: number, field: Uint8Array): number => {
  const nameEnd = start + field.length;
  if (nameEnd > end) return -1;
  for (let index = 0; index < field.length; index++) if (raw[start + index] !== field[index]) return -1;
  if (nameEnd === end) return end;
  if (raw[nameEnd] !== colon) return -1;
  return nameEnd + 1 < end && raw[nameEnd + 1] === spaceByte ? nameEnd + 2 : nameEnd + 1;
};
