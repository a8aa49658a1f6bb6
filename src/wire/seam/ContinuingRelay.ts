import {
  addedUsage,
  continuationCause,
  type AnswerPart,
  type ContinuingBy,
  type Failure,
  type SeamRefusal,
  type Usage,
} from '../../vocabulary/index.ts';
import type { AnswerFrame, StreamDecoder, StreamEncoder } from '../codec/Codec.ts';
import type { RelayStep, StreamRelay } from '../passage/StreamRelay.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Bytes } from '../utf8.ts';
import type { StreamState } from '../wire.ts';
import { ContinuationStart, type Verdict } from './ContinuationStart.ts';
import { ContinuedBlocks } from './ContinuedBlocks.ts';
import type { RunningAnswer } from './RunningAnswer.ts';
import type { SeamReading } from './SeamReading.ts';
import { RunningParts } from './RunningParts.ts';

/** An answer that broke off, as it is taken over from there. */
export interface TakenOver {
  readonly running: RunningAnswer;
  /** Of all that was written of it, by whom ever: what the client is told at the end is the sum. */
  readonly usage: Usage;
  /** "provider/model" of both. */
  readonly from: string;
  readonly to: string;
}

const nothing = new Uint8Array(0);

/** The failure of a continuation that is none. */
const refusedFailure = (why: SeamRefusal): Failure => ({
  class: 'protocol',
  cause: continuationCause(why),
  message: 'what was to be the rest of an answer is none: nothing of it went to the client',
});

/**
 * Writes the rest of an answer into the stream in which it broke off: numbers and ids go on there. Its start is held back until it is judged, and nothing goes out
 * where it begins the answer anew, apologises, or is empty.
 */
export class ContinuingRelay implements StreamRelay {
  readonly #decoder: StreamDecoder;
  readonly #taken: TakenOver;
  readonly #by: ContinuingBy;
  readonly #encoder: StreamEncoder;
  readonly #blocks: ContinuedBlocks;
  readonly #parts: RunningParts;
  /** Null once it is judged. */
  #start: ContinuationStart | null;
  #held: AnswerPart[] = [];
  /** What it has used by the last report, while it is not judged: nothing of one that is none is told. */
  #usage: AnswerPart | null = null;
  #trimmed = 0;
  #refused: SeamRefusal | null = null;
  #fault: Failure | null = null;

  /** @param echoed What its vendor says again before it goes on; empty where it does not. */
  constructor(decoder: StreamDecoder, taken: TakenOver, by: ContinuingBy, frame: AnswerFrame, echoed = '') {
    const { text, isUntouched } = taken.running;
    const { encoder, open, next } = taken.running.resume(frame);
    this.#decoder = decoder;
    this.#taken = taken;
    this.#by = by;
    this.#encoder = encoder;
    this.#blocks = new ContinuedBlocks(open, next);
    this.#parts = new RunningParts(encoder, { text, isUntouched, open, next });
    this.#start = new ContinuationStart(text, echoed);
  }

  get state(): StreamState {
    return this.#decoder.state;
  }

  get fault(): Failure | null {
    return this.#fault;
  }

  /** What the client has, whether anything of this one went out or not. */
  get running(): RunningAnswer | null {
    return this.#start === null ? this.#parts.running : this.#taken.running;
  }

  get seam(): SeamReading {
    return { by: this.#by, trimmed: this.#trimmed, refused: this.#refused, isSewn: this.#start === null };
  }

  relay(event: SseEvent): RelayStep {
    const { kind, failure, parts } = this.#decoder.decode(event);
    if (failure !== undefined) return { kind: 'failure', bytes: nothing, failure };
    if (kind === 'closing') this.#parts.bar();
    const bytes = this.#take(parts);
    const fault = this.#fault ?? this.#encoder.fault ?? null;
    if (fault !== null) return { kind: 'failure', bytes, failure: fault };
    // Until it is judged nothing has come, whatever came.
    return { kind: this.#start !== null && kind === 'content' ? 'preamble' : kind, bytes };
  }

  closing(): Uint8Array {
    return this.#take(this.#decoder.closing());
  }

  #take(parts: readonly AnswerPart[]): Uint8Array {
    let text = '';
    for (const part of parts) {
      if (this.#fault !== null) break;
      for (const mapped of this.#blocks.map(part)) text += this.#takeOne(mapped);
    }
    return text === '' ? nothing : utf8Bytes(text);
  }

  #takeOne(part: AnswerPart): string {
    if (part.type === 'usage') return this.#use({ ...part, usage: addedUsage(this.#taken.usage, part.usage) });
    if (this.#start === null) return this.#write([part]);
    this.#held.push(part);
    const verdict = this.#judge(this.#start, part);
    if (verdict === null) return '';
    if (verdict.kind === 'goes-on') return this.#goOn(verdict.trimmed);
    this.#refused = verdict.why;
    this.#fault = refusedFailure(verdict.why);
    return '';
  }

  #use(usage: AnswerPart): string {
    if (this.#start === null) return this.#write([usage]);
    this.#usage = usage;
    return '';
  }

  #judge(start: ContinuationStart, part: AnswerPart): Verdict | null {
    if (part.type === 'text-delta') return start.add(part.text);
    if (part.type === 'tool-call-start') return start.end(true);
    const isRefusal =
      part.type === 'refusal-start' || (part.type === 'finish' && part.finish.reason === 'content-filter');
    if (isRefusal) return { kind: 'refused', why: 'apologised' };
    return part.type === 'finish' ? start.end(false) : null;
  }

  #goOn(trimmed: number): string {
    this.#start = null;
    this.#trimmed = trimmed;
    const { running, from, to } = this.#taken;
    const sewn = this.#encoder.sew({ from, to, textLength: running.text.length, trimmed });
    const held = withoutStart(this.#held, trimmed);
    this.#held = [];
    return sewn + this.#write(this.#usage === null ? held : [this.#usage, ...held]);
  }

  #write(parts: readonly AnswerPart[]): string {
    this.#parts.read(parts);
    return this.#encoder.encode(parts);
  }
}

/** The parts without the first so many letters of their words. */
const withoutStart = (parts: readonly AnswerPart[], length: number): readonly AnswerPart[] => {
  let left = length;
  return parts.map((part) => {
    if (part.type !== 'text-delta' || left === 0) return part;
    const cut = Math.min(left, part.text.length);
    left -= cut;
    return { ...part, text: part.text.slice(cut) };
  });
};
