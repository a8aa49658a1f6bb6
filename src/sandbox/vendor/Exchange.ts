import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Events without a pause between them that go out before others get their turn. */
const eventsPerTurn = 16;

/** One request and its answer on the wire; knows at every step whether the client is still there. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #left = new AbortController();
  #steps = 0;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    response.once('close', () => this.#left.abort());
  }

  /** Whether the connection is closed, by whichever side. */
  get gone(): boolean {
    return this.#left.signal.aborted;
  }

  /** The body; null when it is larger than allowed; `gone` when the client left while sending. */
  async body(bytesMax: number): Promise<Buffer | null | 'gone'> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of this.#request) {
        if (!Buffer.isBuffer(chunk)) continue;
        bytes += chunk.length;
        // What is too much is read and dropped: a client that is still sending would not see the refusal.
        if (bytes <= bytesMax) chunks.push(chunk);
      }
    } catch {
      return 'gone';
    }
    return bytes > bytesMax ? null : Buffer.concat(chunks);
  }

  /** Waits; false when the client left meanwhile. */
  async pause(ms: number): Promise<boolean> {
    this.#steps++;
    try {
      if (ms > 0) await sleep(ms, undefined, { signal: this.#left.signal });
      else if (this.#steps % eventsPerTurn === 0) await turn();
    } catch {
      return false;
    }
    return !this.gone;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.gone) this.#response.writeHead(status, headers);
  }

  /** Sends a part of the answer, as fast as the client takes it; false when it left. */
  async write(part: string | Uint8Array): Promise<boolean> {
    if (this.gone) return false;
    if (!this.#response.write(part)) await this.#drained();
    return !this.gone;
  }

  /** Sends the rest and ends the answer. */
  end(rest: string | Uint8Array = ''): void {
    if (!this.gone) this.#response.end(rest);
  }

  /** Ends the connection without an end of the answer, after what was written has left. */
  async cut(): Promise<void> {
    // The head and the parts of this turn are still corked in the socket.
    await turn();
    this.#response.socket?.destroySoon();
    await this.untilGone();
  }

  /** Resets the connection without an answer. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  async untilGone(): Promise<void> {
    if (this.gone) return;
    await new Promise<void>((resolve) => this.#left.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#left.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#response.on('drain', done);
      this.#left.signal.addEventListener('abort', done);
    });
  }
}
