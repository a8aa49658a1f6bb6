import { failure, success, type Result } from '../../kernel/index.ts';
import { HeldBytes } from '../HeldBytes.ts';
import { eventBytesMax, type SseEvent, type SseFault } from '../sse/SseReader.ts';
import { messageLength, preludeBytes, readMessage } from './readMessage.ts';

/**
 * Reads `application/vnd.amazon.eventstream` (https://smithy.io/2.0/aws/amazon-eventstream.html): messages with a length, headers, a payload and two checksums.
 * A chunk may end anywhere: with any split the events are the same. What does not add up ends the stream, since nothing marks where the next message would begin.
 * A raw that came whole in one chunk is a view into it, not a copy.
 */
export class EventStreamReader {
  readonly #bytesMax: number;
  /** The unfinished message. */
  readonly #held = new HeldBytes();
  /** How many bytes must be there before more can be said. */
  #wanted = preludeBytes;
  #fault: SseFault | null = null;

  constructor(limits: { readonly eventBytesMax?: number } = {}) {
    this.#bytesMax = limits.eventBytesMax ?? eventBytesMax;
  }

  /** Takes the next bytes of the stream and gives the events that they complete. After a fault it gives no more. */
  push(chunk: Uint8Array): Result<readonly SseEvent[], SseFault> {
    if (this.#fault !== null) return failure(this.#fault);
    const events: SseEvent[] = [];
    let rest = this.#takeWith(chunk);
    while (rest !== null) {
      const length = messageLength(rest);
      if (!length.ok) return this.#fail('broken_frame', length.fault, events);
      if (length.value > this.#bytesMax) {
        return this.#fail('event_too_large', `an event of the stream is larger than ${this.#bytesMax} bytes`, events);
      }
      if (rest.length < length.value) {
        this.#wanted = length.value;
        this.#held.add(rest);
        break;
      }
      const read = readMessage(rest.subarray(0, length.value));
      if (!read.ok) return this.#fail('broken_frame', read.fault, events);
      events.push(read.value);
      rest = rest.subarray(length.value);
    }
    return success(events);
  }

  /** A message that is not whole at the end of the stream says nothing. */
  end(): readonly SseEvent[] {
    return [];
  }

  /** What is held and the next chunk; null, and it is held as well, while that is too little to say more of. */
  #takeWith(chunk: Uint8Array): Uint8Array | null {
    if (this.#held.length === 0) return chunk;
    this.#held.add(chunk);
    return this.#held.length < this.#wanted ? null : this.#held.take();
  }

  #fail(code: SseFault['code'], message: string, events: readonly SseEvent[]): Result<readonly SseEvent[], SseFault> {
    this.#fault = { code, message, events: [] };
    return failure({ ...this.#fault, events });
  }
}
