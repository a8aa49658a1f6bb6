import type { Transport, TransportFault, UpstreamCall, UpstreamHandle, UpstreamHeaders } from '../egress/index.ts';
import { failure, type Result } from '../kernel/index.ts';
import type { Failure, Operation, Usage } from '../vocabulary/index.ts';
import {
  SseReader,
  type Passage,
  type RefusedAnswer,
  type RelayedAnswer,
  type RelayStep,
  type SseEvent,
  type StreamRelay,
} from '../wire/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { ClientStream } from './ClientStream.ts';
import { headerText } from './headerText.ts';

export interface CallLimits {
  /** From the call to the head of the answer. */
  readonly firstByteMs: number;
  /** Longest silence of the vendor after that. */
  readonly idleMs: number;
  /** Largest answer that is buffered. */
  readonly answerBytes: number;
  /** How much of a refusal is read, to say what it means. */
  readonly refusalBytes: number;
  /** How long the body of a refusal is waited for. */
  readonly refusalMs: number;
  /** How long a vendor may keep the connection open after the whole answer, so that it can be used again. */
  readonly lingerMs: number;
}

/** What was learnt of an answer, however it ended: the ledger's raw material. */
export interface CallReading {
  /** As the vendor reported it, or null. */
  readonly usage: Usage | null;
  /** Bytes of output seen. */
  readonly outputBytes: number;
  /** Whether the vendor may have seen the request. */
  readonly sent: boolean;
  /** Whether the vendor refused with a status of its own, before any content. */
  readonly refused: boolean;
  /** Monotonic milliseconds at the first content, or null. */
  readonly firstContentAtMs: number | null;
}

/** How a call ended. `answered` leaves the last bytes to the caller: they go out after the record is written. */
export type CallEnd =
  | {
      readonly kind: 'answered';
      readonly headers: UpstreamHeaders;
      readonly lastBytes: Uint8Array;
      readonly reading: CallReading;
    }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      readonly refusal: RefusedAnswer | null;
      readonly reading: CallReading;
    }
  | { readonly kind: 'cancelled'; readonly reading: CallReading };

export interface TargetCall {
  readonly call: UpstreamCall;
  readonly passage: Passage;
  readonly operation: Operation;
  readonly limits: CallLimits;
  /** The client's stream, or null where the answer is buffered. */
  readonly stream: ClientStream | null;
  /** Of the answer, by the client or the deadline. */
  readonly abandonment: Abandonment;
  /** The first content came. */
  readonly onContent: () => void;
  /** Calls back whenever the client can take more. */
  readonly onClientDrain: (listener: () => void) => void;
  readonly monotonicMs: () => number;
  readonly nowMs: () => number;
}

const transportClass: Readonly<Record<TransportFault['cause'], Failure['class']>> = {
  connect_refused: 'transient',
  connect_timeout: 'transient',
  name_not_found: 'transient',
  tls: 'transient',
  reset: 'transient',
  answer_malformed: 'protocol',
  aborted: 'transient',
};

const emptyBytes = Buffer.alloc(0);

/**
 * Makes one call to one target and reads its answer. Streamed content is forwarded as it comes; everything else is left to the caller.
 * Never rejects: each way a vendor, a network or a client can behave is one of the ends.
 */
export const callTarget = (transport: Transport, target: TargetCall): Promise<CallEnd> =>
  new Promise((resolve) => {
    new TargetReader(target, resolve).start(transport);
  });

/** Mostly it came in one piece: then nothing is copied. */
const inOnePiece = (pieces: readonly Uint8Array[]): Uint8Array => {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
};

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

class TargetReader {
  readonly #target: TargetCall;
  readonly #resolve: (end: CallEnd) => void;
  #handle: UpstreamHandle | null = null;
  #timer: NodeJS.Timeout | null = null;
  #status = 0;
  #headers: UpstreamHeaders = {};
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #sse: SseReader | null = null;
  readonly #relay: StreamRelay | null;
  #firstContentAtMs: number | null = null;
  #sent = true;
  #paused = false;
  /** How often the vendor was heard. */
  #heard = 0;
  #ended = false;
  #over = false;
  readonly #onAbandoned = (): void => this.#finish({ kind: 'cancelled', reading: this.#reading(false) });

  constructor(target: TargetCall, resolve: (end: CallEnd) => void) {
    this.#target = target;
    this.#resolve = resolve;
    this.#relay = target.stream ? target.passage.relayStream() : null;
  }

  start(transport: Transport): void {
    const { abandonment, limits, call } = this.#target;
    if (abandonment.reason !== null) {
      this.#sent = false;
      this.#onAbandoned();
      return;
    }
    abandonment.listen(this.#onAbandoned);
    this.#arm(limits.firstByteMs, 'first_byte_timeout');
    this.#handle = transport.call(call, {
      head: (status, headers) => this.#head(status, headers),
      chunk: (bytes) => this.#chunk(bytes),
      end: () => this.#end(),
      failed: (fault) => this.#transportFailed(fault),
    });
    this.#target.onClientDrain(() => this.#resume());
  }

  /** A client that reads slowly is not a vendor that is silent: the vendor's clock stands still meanwhile. */
  #pause(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#paused = true;
    this.#handle?.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#arm(this.#target.limits.idleMs, 'idle_timeout');
    this.#handle?.resume();
  }

  #arm(afterMs: number, cause: string): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#failIfSilent(cause), afterMs);
  }

  /** After a pause of this process its timers come before what the vendor sent meanwhile: that is read first, and then it is not silent. */
  #failIfSilent(cause: string): void {
    const heard = this.#heard;
    setImmediate(() => {
      if (heard === this.#heard && !this.#paused) this.#fail({ class: 'transient', cause });
      else if (!this.#over && !this.#paused) this.#arm(this.#target.limits.idleMs, 'idle_timeout');
    });
  }

  #head(status: number, headers: UpstreamHeaders): void {
    this.#heard += 1;
    this.#status = status;
    this.#headers = headers;
    this.#arm(isSuccess(status) ? this.#target.limits.idleMs : this.#target.limits.refusalMs, 'idle_timeout');
    const encoding = headerText(headers, 'content-encoding');
    if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
      // The status of a refusal says enough; its body is left unread.
      if (!isSuccess(status)) return this.#refused();
      this.#fail({
        class: 'protocol',
        cause: 'encoded_answer',
        status,
        message: `content-encoding ${encoding.slice(0, 50)}`,
      });
      return;
    }
    if (!isSuccess(status) || !this.#target.stream) return;
    const type = headerText(headers, 'content-type');
    if (type.toLowerCase().startsWith('text/event-stream')) this.#sse = new SseReader();
    else this.#fail({ class: 'protocol', cause: 'not_a_stream', status, message: `content-type ${type.slice(0, 50)}` });
  }

  #chunk(bytes: Buffer): void {
    if (this.#over) return;
    this.#heard += 1;
    if (!this.#paused) this.#timer?.refresh();
    if (this.#sse) this.#streamChunk(this.#sse, bytes);
    else this.#bufferChunk(bytes);
  }

  #bufferChunk(bytes: Buffer): void {
    const { limits } = this.#target;
    const refused = !isSuccess(this.#status);
    this.#bodyBytes += bytes.length;
    if (refused && this.#bodyBytes > limits.refusalBytes) {
      this.#refused();
      return;
    }
    if (this.#bodyBytes > limits.answerBytes) {
      this.#fail({ class: 'protocol', cause: 'answer_too_large', status: this.#status });
      return;
    }
    if (!refused) this.#content();
    this.#body.push(bytes);
  }

  #streamChunk(reader: SseReader, bytes: Buffer): void {
    const pushed = reader.push(bytes);
    if (pushed.ok) this.#streamEvents(pushed.value);
    else {
      this.#streamEvents(pushed.fault.events);
      this.#fail({ class: 'protocol', cause: 'event_too_large', status: this.#status });
    }
  }

  #streamEvents(events: readonly SseEvent[]): void {
    const forward: Uint8Array[] = [];
    for (const event of events) {
      const step = this.#relayEvent(event);
      if (step.kind === 'failure') {
        this.#flush(forward);
        this.#fail(step.failure ?? { class: 'protocol', cause: 'undecodable_event', status: this.#status });
        return;
      }
      if (step.kind === 'terminal') {
        this.#flush(forward);
        if (this.#relay?.state.complete === true) this.#answered(step.bytes);
        else this.#fail({ class: 'protocol', cause: 'no_terminal_event', status: this.#status });
        return;
      }
      const held = this.#isHeld(step);
      if (step.bytes.length === 0) continue;
      if (!held) forward.push(step.bytes);
      else if (!this.#hold(step.bytes)) return;
    }
    this.#flush(forward);
  }

  /** What comes before the content is kept, up to the size of an answer: a vendor that never comes to the point fails. */
  #hold(bytes: Uint8Array): boolean {
    this.#bodyBytes += bytes.length;
    if (this.#bodyBytes > this.#target.limits.answerBytes) {
      this.#fail({ class: 'protocol', cause: 'preamble_too_large', status: this.#status });
      return false;
    }
    this.#target.stream?.hold(bytes);
    return true;
  }

  /** Before the first content everything is held: an empty answer is committed only by its end. */
  #isHeld(step: RelayStep): boolean {
    if (step.kind === 'content') this.#content();
    return this.#firstContentAtMs === null;
  }

  #content(): void {
    if (this.#firstContentAtMs !== null) return;
    this.#firstContentAtMs = this.#target.monotonicMs();
    this.#target.onContent();
  }

  /** A wire that cannot make out what it reads ends the attempt, not the process. */
  #relayEvent(event: SseEvent): RelayStep {
    if (this.#relay === null) return { kind: 'preamble', bytes: emptyBytes };
    try {
      return this.#relay.relay(event);
    } catch (error) {
      return { kind: 'failure', bytes: emptyBytes, failure: this.#untold(error) };
    }
  }

  #untold(error: unknown): Failure {
    const message = error instanceof Error ? error.message : String(error);
    return { class: 'protocol', cause: 'translation_failed', status: this.#status, message: message.slice(0, 500) };
  }

  #flush(events: readonly Uint8Array[]): void {
    if (events.length === 0) return;
    const roomLeft = this.#target.stream?.forward(inOnePiece(events));
    if (roomLeft === false) this.#pause();
  }

  #end(): void {
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#over) return;
    if (!isSuccess(this.#status)) this.#refused();
    else if (this.#relay) this.#streamEnd();
    else this.#wholeAnswer();
  }

  #streamEnd(): void {
    // The end of the connection ends an event whose last line end is open to doubt.
    this.#streamEvents(this.#sse?.end() ?? []);
    if (this.#over) return;
    if (this.#relay?.state.complete === true) this.#answered(emptyBytes);
    else this.#fail({ class: 'protocol', cause: 'no_terminal_event', status: this.#status });
  }

  #wholeAnswer(): void {
    const read = this.#readAnswer(inOnePiece(this.#body));
    if (!read.ok) {
      this.#fail({ ...read.fault, status: this.#status });
      return;
    }
    const { usage, outputBytes, body } = read.value;
    const reading = { ...this.#reading(false), usage, outputBytes };
    this.#finish({ kind: 'answered', headers: this.#headers, lastBytes: body, reading });
  }

  #readAnswer(body: Uint8Array): Result<RelayedAnswer, Failure> {
    try {
      return this.#target.passage.relayAnswer(this.#target.operation, body);
    } catch (error) {
      return failure(this.#untold(error));
    }
  }

  #answered(lastEvent: Uint8Array): void {
    const closing = this.#closing();
    if (closing === null) return;
    const lastBytes = closing.length === 0 ? lastEvent : Buffer.concat([lastEvent, closing]);
    this.#finish({ kind: 'answered', headers: this.#headers, lastBytes, reading: this.#reading(false) });
  }

  #closing(): Uint8Array | null {
    try {
      return this.#relay?.closing() ?? emptyBytes;
    } catch (error) {
      this.#fail(this.#untold(error));
      return null;
    }
  }

  #refused(): void {
    const refusal = { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#body) };
    const why = this.#target.passage.wire.classify(refusal, this.#target.nowMs());
    this.#finish({ kind: 'failed', failure: why, refusal, reading: this.#reading(true) });
  }

  #transportFailed(fault: TransportFault): void {
    this.#sent = fault.sent;
    this.#fail({ class: transportClass[fault.cause], cause: fault.cause, message: fault.message });
  }

  /** A refusal whose body breaks off is still that refusal. */
  #fail(why: Failure): void {
    if (this.#status !== 0 && !isSuccess(this.#status)) return this.#refused();
    this.#finish({ kind: 'failed', failure: why, refusal: null, reading: this.#reading(false) });
  }

  #reading(refused: boolean): CallReading {
    const state = this.#relay?.state;
    return {
      usage: state?.usage ?? null,
      outputBytes: state?.outputBytes ?? 0,
      sent: this.#sent,
      refused,
      firstContentAtMs: this.#firstContentAtMs,
    };
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#target.abandonment.unlisten(this.#onAbandoned);
    if (end.kind !== 'answered') this.#handle?.abort();
    else if (!this.#ended) this.#timer = setTimeout(() => this.#handle?.abort(), this.#target.limits.lingerMs);
    this.#resolve(end);
  }
}
