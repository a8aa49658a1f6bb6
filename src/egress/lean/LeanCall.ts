import type { TransportFault, UpstreamHandle, UpstreamSink } from '../Transport.ts';

/** Where a call stands: in a pool's queue, or on a connection. */
export interface CallPlace {
  /** The call is over before its end. */
  leave(call: LeanCall): void;
  /** The call takes bytes again. */
  resumed(call: LeanCall): void;
}

/** One call from its start to its end: what is to be sent, who listens, and how far it has come. */
export class LeanCall implements UpstreamHandle {
  readonly method: string;
  /** Request line, headers and the empty line. */
  readonly head: string;
  readonly body: Buffer | null;
  readonly sink: UpstreamSink;
  /** Null before the call begins and after it is over. */
  place: CallPlace | null = null;
  /** Whether the vendor may have seen a byte of the request. */
  sent = false;
  paused = false;
  #over = false;

  constructor(method: string, head: string, body: Uint8Array | null, sink: UpstreamSink) {
    this.method = method;
    this.head = head;
    this.body = body === null || Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length);
    this.sink = sink;
  }

  get over(): boolean {
    return this.#over;
  }

  abort(): void {
    if (this.#over) return;
    this.#finish()?.leave(this);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.place?.resumed(this);
  }

  /** The answer is whole. */
  ended(): void {
    if (this.#over) return;
    this.#finish();
    this.sink.end();
  }

  /** No whole answer will come. */
  failed(cause: TransportFault['cause'], message: string): void {
    if (this.#over) return;
    this.#finish();
    this.sink.failed({ cause, sent: this.sent, message });
  }

  #finish(): CallPlace | null {
    const { place } = this;
    this.#over = true;
    this.place = null;
    return place;
  }
}
