import {
  AnswerDecoder,
  codingOf,
  type Transport,
  type TransportFault,
  type UpstreamCall,
  type UpstreamHandle,
  type UpstreamHeaders,
} from '../egress/index.ts';
import { errorMessage, failure, type Result, type Secret } from '../kernel/index.ts';
import type { BudgetRefusal } from '../ledger/index.ts';
import type { Failure, ServiceTier, Usage } from '../vocabulary/index.ts';
import {
  type EventReader,
  type Passage,
  type RefusedAnswer,
  type RelayedAnswer,
  type RelayStep,
  type RunningAnswer,
  type SeamReading,
  type SignedCall,
  type SseEvent,
  type StreamRelay,
} from '../wire/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { AnswerStream } from './AnswerStream.ts';
import type { RoomAnswer } from './GatewayPorts.ts';
import type { HeldOutput } from './HeldOutput.ts';
import { headerText } from './headerText.ts';
import { withoutSecrets } from './withoutSecrets.ts';

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
  /** How long the vendor was not read because the client, or the budget, could not take more. Milliseconds. */
  readonly stalledMs: number;
  /** The vendor's id of the answer, where its wire holds conversations by it. */
  readonly answerId: string | null;
  /** Calls that its vendor has signed, as the client knows them. */
  readonly signedCalls: readonly SignedCall[];
  /** Service tier in which the vendor says that it served it, or null. */
  readonly servedTier: ServiceTier | null;
  /** What the client has of an answer that somebody else may go on with; null where nobody may. */
  readonly running: RunningAnswer | null;
  /** Of an answer that was gone on with; null of all others. */
  readonly seam: SeamReading | null;
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
  | { readonly kind: 'cancelled'; readonly reading: CallReading }
  /** A budget did not take what the answer would have gone on to. */
  | {
      readonly kind: 'capped';
      readonly refusal: BudgetRefusal;
      /** What came of asking for more of it. */
      readonly room: RoomAnswer;
      readonly reading: CallReading;
    };

type AnswerRead = Result<RelayedAnswer, Failure>;

export interface TargetCall {
  readonly call: UpstreamCall;
  /** With which the vendor is called: what it says of a failure may hold them. */
  readonly secrets: readonly Secret[];
  readonly passage: Passage;
  /** Reads a whole answer with status 200; later, where it is translated apart. A promise is not rejected. */
  readonly relayAnswer: (body: Uint8Array, headers: UpstreamHeaders) => AnswerRead | Promise<AnswerRead>;
  readonly limits: CallLimits;
  /** The client's stream, or null where the answer is buffered. */
  readonly stream: AnswerStream | null;
  /** Whether somebody else may go on with a stream that breaks off. */
  readonly isFollowed: boolean;
  /** What has to cover the stream before it goes on; null where all of it is covered. */
  readonly heldOutput: Pick<HeldOutput, 'coveredBytes' | 'cover' | 'askRoom'> | null;
  /** Of the answer, by the client or the deadline. */
  readonly abandonment: Abandonment;
  /** The head of the answer came, whatever it is. */
  readonly onHead: (headers: UpstreamHeaders) => void;
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
  // A name that leads where its provider must not go: people have to look at the name, or at what the file says of it.
  forbidden_address: 'operator',
  tls: 'transient',
  reset: 'transient',
  answer_malformed: 'protocol',
  aborted: 'transient',
};

const emptyBytes = Buffer.alloc(0);

/** What a held event costs beside its bytes: most of the smallest ones. */
const heldEventBytes = 128;

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

/** The request has come round: to call once more would only send it round once more. */
export const loopFailure: Failure = { class: 'protocol', cause: 'loop_detected', status: 508, retrySameTarget: false };

const isLoop = ({ status, headers }: RefusedAnswer): boolean =>
  status === loopFailure.status && headerText(headers, 'x-archipel-error') === loopFailure.cause;

/** A timer that is later than this tells of a pause of this process. */
const pauseMsMin = 250;

const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

class TargetReader {
  readonly #target: TargetCall;
  readonly #resolve: (end: CallEnd) => void;
  #handle: UpstreamHandle | null = null;
  /** Where the vendor encodes its answer, though it was asked not to. */
  #decoder: AnswerDecoder | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** When the timer was meant to end, where nothing was heard since it was set. */
  #dueMs = 0;
  #status = 0;
  #headers: UpstreamHeaders = {};
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #events: EventReader | null = null;
  readonly #relay: StreamRelay | null;
  #firstContentAtMs: number | null = null;
  #sent = true;
  #paused = false;
  #pausedAtMs = 0;
  /** All pauses that are over. */
  #stalledMs = 0;
  /** What came while others are asked for what it costs; null while nobody is. */
  #uncovered: Uint8Array[] | null = null;
  #clientIsFull = false;
  /** How often the vendor was heard. */
  #heard = 0;
  #ended = false;
  #over = false;
  readonly #onAbandoned = (): void => this.#finish({ kind: 'cancelled', reading: this.#reading(false) });

  constructor(target: TargetCall, resolve: (end: CallEnd) => void) {
    this.#target = target;
    this.#resolve = resolve;
    this.#relay = target.stream ? target.passage.relayStream(target.isFollowed) : null;
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
    if (!this.#paused) this.#pausedAtMs = this.#target.monotonicMs();
    this.#paused = true;
    (this.#decoder ?? this.#handle)?.pause();
  }

  #resume(): void {
    this.#clientIsFull = false;
    if (!this.#paused || this.#over || this.#uncovered !== null) return;
    this.#stalledMs = this.#stalledSoFarMs();
    this.#paused = false;
    if (!this.#ended) this.#arm(this.#target.limits.idleMs, 'idle_timeout');
    (this.#decoder ?? this.#handle)?.resume();
  }

  #stalledSoFarMs(): number {
    return this.#stalledMs + (this.#paused ? this.#target.monotonicMs() - this.#pausedAtMs : 0);
  }

  #arm(afterMs: number, cause: string): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueMs = this.#target.monotonicMs() + afterMs;
    this.#timer = setTimeout(() => this.#failIfSilent(cause), afterMs);
  }

  /**
   * After a pause of this process its timers come before what the vendor sent meanwhile: that is read first, and then it is not silent. A vendor of which
   * nothing was heard yet gets its time once more, since the request may have stood still with us.
   */
  #failIfSilent(cause: string): void {
    const heard = this.#heard;
    const stoodStill = this.#status === 0 && this.#target.monotonicMs() - this.#dueMs > pauseMsMin;
    setImmediate(() => {
      if (this.#over) return;
      if (stoodStill && heard === this.#heard) return this.#arm(this.#target.limits.firstByteMs, cause);
      if (heard === this.#heard && !this.#paused) this.#fail({ class: 'transient', cause });
      else if (!this.#over && !this.#paused) this.#arm(this.#target.limits.idleMs, 'idle_timeout');
    });
  }

  #head(status: number, headers: UpstreamHeaders): void {
    this.#heard += 1;
    this.#status = status;
    this.#headers = headers;
    this.#target.onHead(headers);
    this.#arm(isSuccess(status) ? this.#target.limits.idleMs : this.#target.limits.refusalMs, 'idle_timeout');
    const encoding = headerText(headers, 'content-encoding');
    if (encoding !== '' && encoding.toLowerCase() !== 'identity' && !this.#decode(encoding, headers)) return;
    if (!isSuccess(status) || !this.#target.stream) return;
    this.#target.stream.begin?.(status, headers);
    const type = headerText(headers, 'content-type');
    const { wire } = this.#target.passage;
    if (type.toLowerCase().startsWith(wire.streamType)) this.#events = wire.readEvents();
    else this.#fail({ class: 'protocol', cause: 'not_a_stream', status, message: `content-type ${type.slice(0, 50)}` });
  }

  /** @returns whether the answer can be read */
  #decode(encoding: string, headers: UpstreamHeaders): boolean {
    const coding = typeof headers['content-encoding'] === 'string' ? codingOf(encoding) : null;
    if (coding !== null && this.#handle !== null) {
      this.#decoder = new AnswerDecoder(coding, this.#handle, {
        chunk: (bytes) => this.#plain(bytes),
        end: () => this.#plainEnd(),
        failed: (cause, message) => this.#fail({ class: 'protocol', cause, status: this.#status, message }),
      });
      return true;
    }
    const message = `content-encoding ${encoding.slice(0, 50)}`;
    // The status of a refusal says enough: #fail leaves its body unread.
    this.#fail({ class: 'protocol', cause: 'encoded_answer', status: this.#status, message });
    return false;
  }

  #chunk(bytes: Buffer): void {
    if (this.#over) return;
    this.#heard += 1;
    if (!this.#paused) this.#timer?.refresh();
    if (this.#decoder) this.#decoder.push(bytes);
    else this.#plain(bytes);
  }

  #plain(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#events) this.#streamChunk(this.#events, bytes);
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

  #streamChunk(reader: EventReader, bytes: Buffer): void {
    const pushed = reader.push(bytes);
    if (pushed.ok) this.#streamEvents(pushed.value);
    else {
      this.#streamEvents(pushed.fault.events);
      this.#fail({ class: 'protocol', cause: pushed.fault.code, status: this.#status });
    }
  }

  #streamEvents(events: readonly SseEvent[]): void {
    const forward: Uint8Array[] = [];
    for (const event of events) {
      const step = this.#relayEvent(event);
      if (step.kind === 'failure') {
        this.#flush(forward);
        const why = step.failure ?? { class: 'protocol', cause: 'undecodable_event', status: this.#status };
        this.#fail(this.#withoutWords(why, event.raw));
        return;
      }
      if (step.kind === 'terminal') {
        this.#flush(forward);
        if (this.#relay?.state.complete === true) this.#answered(step.bytes);
        else this.#fail({ class: 'protocol', cause: 'no_terminal_event', status: this.#status });
        return;
      }
      const held = this.#isHeld(step);
      if (held && !this.#hasRoom(event.raw)) return;
      if (step.bytes.length === 0) continue;
      if (held) this.#target.stream?.hold(step.bytes);
      else forward.push(step.bytes);
    }
    if (this.#isCovered()) this.#flush(forward);
    else this.#cover(forward);
  }

  /** Whether all that came may go on. */
  #isCovered(): boolean {
    const { heldOutput } = this.#target;
    if (heldOutput === null) return true;
    return this.#uncovered === null && (this.#relay?.state.outputBytes ?? 0) <= heldOutput.coveredBytes;
  }

  /** Has the hold grow before these events go on; where others have a part of the budget they are asked, and nothing is read meanwhile. */
  #cover(events: readonly Uint8Array[]): void {
    const { heldOutput } = this.#target;
    if (this.#uncovered !== null) this.#uncovered.push(...events);
    if (heldOutput === null || this.#uncovered !== null) return;
    const outputBytes = this.#relay?.state.outputBytes ?? 0;
    const refusal = heldOutput.cover(outputBytes);
    if (refusal === null) return this.#flush(events);
    if (refusal.reason !== 'lease') return this.#capped(refusal, 'unknown');
    this.#uncovered = [...events];
    this.#pause();
    void heldOutput.askRoom(outputBytes).then((room) => this.#coverAgain(room));
  }

  #coverAgain(room: RoomAnswer): void {
    if (this.#over) return;
    const refusal = this.#target.heldOutput?.cover(this.#relay?.state.outputBytes ?? 0) ?? null;
    if (refusal !== null) return this.#capped(refusal, room);
    this.#flush([]);
    if (!this.#clientIsFull) this.#resume();
  }

  #capped(refusal: BudgetRefusal, room: RoomAnswer): void {
    this.#finish({ kind: 'capped', refusal, room, reading: this.#reading(false) });
  }

  /**
   * What comes before the content is kept, up to the size of an answer: a vendor that never comes to the point fails, also where the client's
   * wire has no word for what it says.
   */
  #hasRoom(event: Uint8Array): boolean {
    this.#bodyBytes += event.length + heldEventBytes;
    if (this.#bodyBytes <= this.#target.limits.answerBytes) return true;
    this.#fail({ class: 'protocol', cause: 'preamble_too_large', status: this.#status });
    return false;
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
    const message = errorMessage(error);
    return { class: 'protocol', cause: 'translation_failed', status: this.#status, message: message.slice(0, 500) };
  }

  /** Hands on what waits and these events. */
  #flush(events: readonly Uint8Array[]): void {
    const all = this.#uncovered === null ? events : [...this.#uncovered, ...events];
    this.#uncovered = null;
    if (all.length === 0) return;
    this.#clientIsFull = this.#target.stream?.forward(inOnePiece(all)) === false;
    if (this.#clientIsFull) this.#pause();
  }

  #end(): void {
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#over) return;
    if (this.#decoder) this.#decoder.end();
    else this.#plainEnd();
  }

  #plainEnd(): void {
    if (this.#over) return;
    if (!isSuccess(this.#status)) this.#refused();
    else if (this.#relay) this.#streamEnd();
    else this.#wholeAnswer();
  }

  #streamEnd(): void {
    // The end of the connection ends an event whose last line end is open to doubt.
    this.#streamEvents(this.#events?.end() ?? []);
    if (this.#over) return;
    if (this.#relay?.state.complete === true) this.#answered(emptyBytes);
    else this.#fail({ class: 'protocol', cause: 'no_terminal_event', status: this.#status });
  }

  #wholeAnswer(): void {
    const body = inOnePiece(this.#body);
    const read = this.#readAnswer(body);
    if (!(read instanceof Promise)) return this.#answerRead(body, read);
    // It is here and has cost what it has cost: whoever leaves now leaves a whole answer.
    this.#target.abandonment.unlisten(this.#onAbandoned);
    void read.then((done) => this.#answerRead(body, done));
  }

  #answerRead(body: Uint8Array, read: AnswerRead): void {
    if (!read.ok) {
      this.#fail({ ...this.#withoutWords(read.fault, body), status: this.#status });
      return;
    }
    const { usage, outputBytes, answerId = null, signedCalls = [], body: lastBytes } = read.value;
    const servedTier = read.value.servedTier ?? this.#tierInHead();
    const reading = { ...this.#reading(false), usage, outputBytes, answerId, signedCalls, servedTier };
    this.#finish({ kind: 'answered', headers: this.#headers, lastBytes, reading });
  }

  #readAnswer(body: Uint8Array): AnswerRead | Promise<AnswerRead> {
    try {
      return this.#target.relayAnswer(body, this.#headers);
    } catch (error) {
      return failure(this.#untold(error));
    }
  }

  #answered(lastEvent: Uint8Array): void {
    this.#flush([]);
    const closing = this.#closing();
    if (closing === null) return;
    const lastBytes = closing.length === 0 ? lastEvent : Buffer.concat([lastEvent, closing]);
    this.#finish({ kind: 'answered', headers: this.#headers, lastBytes, reading: this.#reading(false) });
  }

  #closing(): Uint8Array | null {
    try {
      const closing = this.#relay?.closing() ?? emptyBytes;
      const fault = this.#relay?.fault ?? null;
      if (fault === null) return closing;
      this.#fail(fault);
      return null;
    } catch (error) {
      this.#fail(this.#untold(error));
      return null;
    }
  }

  /** A vendor's words in an answer that repeats our credential are left out: they may hold a part of it. */
  #withoutWords(why: Failure, from: Uint8Array): Failure {
    const bytes = Buffer.from(from.buffer, from.byteOffset, from.byteLength);
    if (withoutSecrets(bytes, this.#target.secrets) === bytes) return why;
    const { message: _message, ...rest } = why;
    return rest;
  }

  #refused(): void {
    const body = withoutSecrets(Buffer.concat(this.#body), this.#target.secrets);
    const refusal = { status: this.#status, headers: this.#headers, body };
    const why = isLoop(refusal) ? loopFailure : this.#target.passage.wire.classify(refusal, this.#target.nowMs());
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
      stalledMs: this.#stalledSoFarMs(),
      answerId: state?.answerId ?? null,
      signedCalls: this.#relay?.signedCalls ?? [],
      servedTier: state?.servedTier ?? this.#tierInHead(),
      // What waits for its cover was followed, and is not with the client.
      running: this.#uncovered === null ? (this.#relay?.running ?? null) : null,
      seam: this.#relay?.seam ?? null,
    };
  }

  #tierInHead(): ServiceTier | null {
    return this.#target.passage.wire.servedTierIn?.(this.#headers) ?? null;
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#target.abandonment.unlisten(this.#onAbandoned);
    this.#decoder?.destroy();
    if (end.kind !== 'answered') this.#handle?.abort();
    else if (!this.#ended) this.#timer = setTimeout(() => this.#handle?.abort(), this.#target.limits.lingerMs);
    this.#resolve(end);
  }
}
