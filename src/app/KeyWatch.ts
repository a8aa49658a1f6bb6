import { errorMessage } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import { keysMark, type DatabaseSession, type SessionOptions } from '../store/index.ts';
import type { KeyRegister } from './KeyRegister.ts';

/** How often the database is asked: with the time to take the change over, well within the two seconds in which the end of a key must be felt. */
const lookMs = 500;
/** Most time of one answer; a connection that is silent for longer is given up for another. */
const answerMs = 2_000;

export interface KeyWatchPorts {
  readonly database: { session(options: SessionOptions): Promise<DatabaseSession> };
  readonly keys: Pick<KeyRegister, 'mark' | 'takeOver'>;
  readonly log: Log;
}

/**
 * Sees that other processes on the same database have changed keys, and has them taken over. It asks on a connection of its own, so that no busy pool
 * makes it late; and it asks, instead of waiting to be told, because that outlives a database that goes away or fails over, and works through
 * proxies that share connections.
 */
export class KeyWatch {
  readonly #ports: KeyWatchPorts;
  #session: DatabaseSession | null = null;
  /** Whether the last look failed: a log says so once. */
  #isBlind = false;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: KeyWatchPorts) {
    this.#ports = ports;
  }

  /** Looks from now on, one look after the other. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.look().then(() => this.start());
    }, lookMs).unref();
  }

  /** Asks once. Never rejects. */
  async look(): Promise<void> {
    const { database, keys, log } = this.#ports;
    try {
      this.#session ??= await database.session({ purpose: 'keys', queryMs: answerMs });
      if ((await keysMark(this.#session)) !== keys.mark) await keys.takeOver();
      if (this.#isBlind) log.info('changes of keys by other processes are seen again');
      this.#isBlind = false;
    } catch (error) {
      const message = errorMessage(error);
      if (!this.#isBlind)
        log.warn('changes of keys by other processes are not seen now; this is tried again', { message });
      this.#isBlind = true;
      void this.#session?.end();
      this.#session = null;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#turn;
    await this.#session?.end();
  }
}
