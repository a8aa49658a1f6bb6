import type { StreamDecoder, StreamEncoder } from '../codec/Codec.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Bytes } from '../utf8.ts';
import type { StreamState } from '../wire.ts';
import type { RelayStep, StreamRelay } from './StreamRelay.ts';

const nothing = new Uint8Array(0);

/** Says what the target's events mean in the client's words. */
export class TranslatingRelay implements StreamRelay {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;

  constructor(decoder: StreamDecoder, encoder: StreamEncoder) {
    this.#decoder = decoder;
    this.#encoder = encoder;
  }

  get state(): StreamState {
    return this.#decoder.state;
  }

  relay(event: SseEvent): RelayStep {
    const { kind, failure, parts } = this.#decoder.decode(event);
    const bytes = parts.length === 0 ? nothing : bytesOf(this.#encoder.encode(parts));
    const fault = failure ?? this.#encoder.fault ?? null;
    if (fault === null) return { kind, bytes };
    return { kind: 'failure', bytes, failure: fault };
  }

  closing(): Uint8Array {
    const parts = this.#decoder.closing();
    return parts.length === 0 ? nothing : bytesOf(this.#encoder.encode(parts));
  }
}

const bytesOf = (text: string): Uint8Array => (text === '' ? nothing : utf8Bytes(text));
