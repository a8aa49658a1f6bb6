import type { Wire } from '../wire/index.ts';
import type { AnswerStream } from './AnswerStream.ts';
import type { Reply } from './Exchange.ts';

export interface ClientStreamTimes {
  /** After this, 200 goes out although no target has shown content yet. */
  readonly holdHeadersMs: number;
  /** Longest silence towards the client; then a ping. */
  readonly pingMs: number;
}

/** Headers of a streamed answer. @param decided Whether the target is known for certain. */
export type StreamHeaders = (decided: boolean) => Readonly<Record<string, string>>;

/**
 * The client's side of a streamed answer. Nothing is sent before the commit point, so that an attempt may fail unseen;
 * only whole events are written, so that a ping may stand between any two of them.
 */
export class ClientStream implements AnswerStream {
  readonly status = 200;
  readonly #reply: Reply;
  readonly #wire: Wire;
  readonly #times: ClientStreamTimes;
  readonly #headers: StreamHeaders;
  #held: Uint8Array[] = [];
  #headSent = false;
  #committed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(reply: Reply, wire: Wire, times: ClientStreamTimes, headers: StreamHeaders) {
    this.#reply = reply;
    this.#wire = wire;
    this.#times = times;
    this.#headers = headers;
    this.#timer = this.#keepAliveAfter(times.holdHeadersMs);
  }

  get committed(): boolean {
    return this.#committed;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
  }

  discard(): void {
    this.#held = [];
  }

  forward(bytes: Uint8Array): boolean {
    this.#committed = true;
    this.#sendHead(true);
    this.#timer?.refresh();
    return this.#reply.write(this.#afterHeld(bytes));
  }

  finish(bytes: Uint8Array): void {
    this.#sendHead(true);
    this.close();
    this.#reply.end(this.#afterHeld(bytes));
  }

  /** The client reads of the failure where it would have read on. */
  fail(error: Uint8Array): void {
    this.finish(error);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #afterHeld(bytes: Uint8Array): Uint8Array {
    if (this.#held.length === 0) return bytes;
    const all = Buffer.concat([...this.#held, bytes]);
    this.#held = [];
    return all;
  }

  /** One timer runs at a time, so that `close` leaves none behind. */
  #keepAliveAfter(ms: number): NodeJS.Timeout {
    clearTimeout(this.#timer);
    return setTimeout(() => this.#keepAlive(), ms);
  }

  #keepAlive(): void {
    this.#sendHead(false);
    this.#reply.write(this.#wire.ping);
    this.#timer = this.#keepAliveAfter(this.#times.pingMs);
  }

  #sendHead(decided: boolean): void {
    if (this.#headSent) return;
    this.#headSent = true;
    this.#reply.head(this.status, this.#headers(decided));
    this.#timer = this.#keepAliveAfter(this.#times.pingMs);
  }
}
