import type { Wire } from '../wire/index.ts';
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
export class ClientStream {
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

  /** Content has been sent: from here on a failure is seen. */
  get committed(): boolean {
    return this.#committed;
  }

  /** The client has its 200: from here on errors are in-band. */
  get headSent(): boolean {
    return this.#headSent;
  }

  /** Keeps bytes that another attempt may replace. */
  hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
  }

  /** Forgets what a failed attempt had said before its content. */
  discard(): void {
    this.#held = [];
  }

  /** Sends what was held and these bytes: the commit point. @returns false when the client reads slower than we write. */
  forward(bytes: Uint8Array): boolean {
    this.#committed = true;
    this.#sendHead(true);
    this.#timer?.refresh();
    return this.#reply.write(this.#afterHeld(bytes));
  }

  /** Sends the last bytes and ends the answer. */
  finish(bytes: Uint8Array): void {
    this.#sendHead(true);
    this.close();
    this.#reply.end(this.#afterHeld(bytes));
  }

  /** Stops the timers; sends nothing. */
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
    this.#reply.head(200, this.#headers(decided));
    this.#timer = this.#keepAliveAfter(this.#times.pingMs);
  }
}
