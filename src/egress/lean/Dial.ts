import type { TransportFault } from '../Transport.ts';
import { connectFault } from '../connectFault.ts';
import type { Connection, OpeningListener } from './Connection.ts';

/** Who hears how a dial ends: by one of the two, once. */
export interface DialListener {
  connected(dial: Dial, connection: Connection): void;
  unconnected(dial: Dial, fault: TransportFault): void;
}

export interface DialLimits {
  /** For name, connection and TLS together. */
  readonly connectMs: number;
  /** When a second connection is tried beside the first. */
  readonly connectRaceMs: number;
}

/**
 * Opens one connection. Where the first packet is lost, the system waits a second before it sends it again; a second connection is tried
 * before that, and the one that gets through first is kept.
 */
export class Dial implements OpeningListener {
  readonly #open: (opening: OpeningListener) => Connection;
  readonly #listener: DialListener;
  readonly #attempts = new Set<Connection>();
  readonly #deadline: NodeJS.Timeout;
  readonly #race: NodeJS.Timeout;
  #over = false;

  constructor(open: (opening: OpeningListener) => Connection, limits: DialLimits, listener: DialListener) {
    this.#open = open;
    this.#listener = listener;
    this.#deadline = setTimeout(() => this.#late(limits.connectMs), limits.connectMs);
    this.#race = setTimeout(() => this.#attempt(), limits.connectRaceMs);
    this.#attempt();
  }

  /** Gives up, without a word to the listener. */
  cancel(): void {
    this.#finish(null);
  }

  reached(connection: Connection): void {
    clearTimeout(this.#race);
    this.#keepOnly(connection);
  }

  opened(connection: Connection): void {
    if (this.#over) return;
    this.#finish(connection);
    this.#listener.connected(this, connection);
  }

  failed(connection: Connection, error: unknown): void {
    this.#attempts.delete(connection);
    if (this.#over || this.#attempts.size > 0) return;
    this.#finish(null);
    this.#listener.unconnected(this, connectFault(error));
  }

  #attempt(): void {
    this.#attempts.add(this.#open(this));
  }

  #late(connectMs: number): void {
    this.#finish(null);
    const message = `no connection within ${connectMs} ms`;
    this.#listener.unconnected(this, { cause: 'connect_timeout', sent: false, message });
  }

  #finish(kept: Connection | null): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#race);
    this.#keepOnly(kept);
  }

  #keepOnly(kept: Connection | null): void {
    for (const attempt of this.#attempts) {
      if (attempt === kept) continue;
      this.#attempts.delete(attempt);
      attempt.destroy('another connection came first');
    }
  }
}
