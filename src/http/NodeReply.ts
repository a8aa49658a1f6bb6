import type { ServerResponse } from 'node:http';
import type { Reply } from '../gateway/index.ts';
import { endTogether } from './endTogether.ts';

/** First pause between two looks at a client that has ended its side; each further one is twice as long. */
const lookMsFirst = 50;
const lookMsMax = 5_000;

/** A gateway's reply over node:http. */
export class NodeReply implements Reply {
  readonly #response: ServerResponse;
  readonly #unreadMs: number;
  #gone = false;
  /** Whether a part of the body was written. */
  #begun = false;
  #ended = false;
  #goneListeners: (() => void)[] = [];
  #look: NodeJS.Timeout | null = null;

  /** @param unreadMs How long the end of an answer may wait for a client that reads nothing. */
  constructor(response: ServerResponse, unreadMs: number) {
    this.#response = response;
    this.#unreadMs = unreadMs;
    const { socket } = response.req;
    const onEnd = (): void => this.#lookWhetherGone(lookMsFirst);
    response.on('error', () => this.#lost());
    // Both events come once: to take each listener away when it was called would only cost time.
    response.on('close', () => {
      socket.off('end', onEnd);
      if (this.#look) clearTimeout(this.#look);
      if (!response.writableFinished) this.#lost();
    });
    if (socket.readableEnded) onEnd();
    else socket.on('end', onEnd);
  }

  get gone(): boolean {
    return this.#gone;
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#gone) return;
    this.#response.writeHead(status, headers);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#gone || this.#ended) return true;
    this.#begun = true;
    return this.#response.write(bytes);
  }

  end(bytes?: Uint8Array): void {
    if (this.#gone || this.#ended) return;
    this.#ended = true;
    if (bytes === undefined || bytes.length === 0) this.#response.end();
    else if (this.#begun) this.#response.end(bytes);
    else endTogether(this.#response, bytes);
    // Mostly the operating system has taken all of it by now: then nothing waits for the client.
    if (this.#response.writableLength > 0) {
      this.#response.setTimeout(this.#unreadMs, () => this.#response.destroy());
    }
  }

  cut(): void {
    this.#ended = true;
    this.#response.destroy();
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onGone(listener: () => void): void {
    if (this.#gone) listener();
    else this.#goneListeners.push(listener);
  }

  /**
   * A client that has ended its side may still wait for its answer, or be gone: TCP says the same of both. Only a write tells them apart, since
   * a closed peer resets the connection. Interim answers are such writes, and every HTTP/1.1 client passes them over (RFC 9110, 15.2).
   */
  #lookWhetherGone(nextMs: number): void {
    if (this.#gone || this.#response.headersSent || this.#response.req.httpVersionMinor === 0) return;
    this.#response.writeProcessing();
    this.#look = setTimeout(() => this.#lookWhetherGone(Math.min(nextMs * 2, lookMsMax)), nextMs);
  }

  #lost(): void {
    if (this.#gone) return;
    this.#gone = true;
    const listeners = this.#goneListeners;
    this.#goneListeners = [];
    for (const listener of listeners) listener();
  }
}
