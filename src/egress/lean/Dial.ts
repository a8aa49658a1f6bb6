import type { Result } from '../../kernel/index.ts';
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
  /** When the next attempt is made beside the last. */
  readonly connectRaceMs: number;
}

export interface DialPorts {
  /** The addresses to try, in this order. Never rejects. */
  pin(): Promise<Result<readonly string[], TransportFault>>;
  open(address: string, opening: OpeningListener): Connection;
}

/**
 * Opens one connection. Where an address does not answer at once the next one is tried beside it, and at once where it refuses. Where there is
 * but one, it is tried twice: where the first packet is lost, the system waits a second before it sends it again. The connection that gets
 * through first is kept.
 */
export class Dial implements OpeningListener {
  readonly #ports: DialPorts;
  readonly #limits: DialLimits;
  readonly #listener: DialListener;
  readonly #attempts = new Set<Connection>();
  readonly #deadline: NodeJS.Timeout;
  #race: NodeJS.Timeout | null = null;
  #addresses: readonly string[] = [];
  /** How many attempts were made. */
  #made = 0;
  /** Of the first attempt that failed; of the one that counts, once an address has answered. */
  #fault: TransportFault | null = null;
  #over = false;

  constructor(ports: DialPorts, limits: DialLimits, listener: DialListener) {
    this.#ports = ports;
    this.#limits = limits;
    this.#listener = listener;
    // After a pause of this process its timers come before the connections that were made meanwhile: those are heard first.
    this.#deadline = setTimeout(() => setImmediate(() => this.#late()), limits.connectMs);
    void this.#start();
  }

  /** Gives up, without a word to the listener. */
  cancel(): void {
    this.#finish(null);
  }

  /** Whoever answered is the one: the other addresses are not tried any more. */
  reached(connection: Connection): void {
    this.#addresses = [];
    this.#fault = null;
    this.#stopRace();
    this.#keepOnly(connection);
  }

  opened(connection: Connection): void {
    if (this.#over) return;
    this.#finish(connection);
    this.#listener.connected(this, connection);
  }

  failed(connection: Connection, error: unknown): void {
    this.#attempts.delete(connection);
    if (this.#over) return;
    this.#fault ??= connectFault(error);
    if (this.#made < this.#addresses.length) this.#attempt();
    else if (this.#attempts.size === 0) this.#fail(this.#fault);
  }

  async #start(): Promise<void> {
    const pinned = await this.#ports.pin();
    if (this.#over) return;
    if (!pinned.ok) return this.#fail(pinned.fault);
    this.#addresses = pinned.value;
    this.#attempt();
  }

  #attempt(): void {
    this.#stopRace();
    const address = this.#addresses[this.#made % this.#addresses.length];
    if (address === undefined) return;
    this.#made += 1;
    if (this.#made < Math.max(2, this.#addresses.length)) {
      this.#race = setTimeout(() => this.#attempt(), this.#limits.connectRaceMs);
    }
    this.#attempts.add(this.#ports.open(address, this));
  }

  #stopRace(): void {
    if (this.#race !== null) clearTimeout(this.#race);
    this.#race = null;
  }

  #late(): void {
    if (this.#over) return;
    this.#fail({
      cause: 'connect_timeout',
      sent: false,
      message: `no connection within ${this.#limits.connectMs} ms`,
    });
  }

  #fail(fault: TransportFault): void {
    this.#finish(null);
    this.#listener.unconnected(this, fault);
  }

  #finish(kept: Connection | null): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#stopRace();
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
