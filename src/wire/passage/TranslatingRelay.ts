import type { AnswerPart } from '../../vocabulary/index.ts';
import type { AnswerFrame, Codec, StreamDecoder, StreamEncoder } from '../codec/Codec.ts';
import { SignedCallReader, type SignedCall } from '../codec/SignedCall.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';
import { RunningParts } from '../seam/RunningParts.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Bytes } from '../utf8.ts';
import type { StreamState } from '../wire.ts';
import type { RelayStep, StreamRelay } from './StreamRelay.ts';

const nothing = new Uint8Array(0);

/** Says what the target's events mean in the client's words. */
export class TranslatingRelay implements StreamRelay {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #calls: SignedCallReader;
  /** Null where nobody may go on with the answer. */
  readonly #parts: RunningParts | null;

  /**
   * @param client The words of the client's wire.
   * @param isFollowed Whether somebody else may go on with the answer, should it break off.
   */
  constructor(
    decoder: StreamDecoder,
    client: Pick<Codec, 'encodeStream' | 'callIds'>,
    frame: AnswerFrame,
    isFollowed = false,
  ) {
    this.#decoder = decoder;
    this.#encoder = client.encodeStream(frame);
    this.#calls = new SignedCallReader(frame, client.callIds);
    this.#parts = isFollowed ? new RunningParts(this.#encoder) : null;
  }

  get signedCalls(): readonly SignedCall[] {
    return this.#calls.found;
  }

  get state(): StreamState {
    return this.#decoder.state;
  }

  get running(): RunningAnswer | null {
    return this.#parts?.running ?? null;
  }

  relay(event: SseEvent): RelayStep {
    const { kind, failure, parts } = this.#decoder.decode(event);
    // Why it ended was told: there is no more of it to come.
    if (kind === 'closing') this.#parts?.bar();
    const bytes = this.#told(parts);
    const fault = failure ?? this.#encoder.fault ?? null;
    if (fault === null) return { kind, bytes };
    return { kind: 'failure', bytes, failure: fault };
  }

  closing(): Uint8Array {
    return this.#told(this.#decoder.closing());
  }

  #told(parts: readonly AnswerPart[]): Uint8Array {
    if (parts.length === 0) return nothing;
    this.#calls.read(parts);
    this.#parts?.read(parts);
    return bytesOf(this.#encoder.encode(parts));
  }
}

const bytesOf = (text: string): Uint8Array => (text === '' ? nothing : utf8Bytes(text));
