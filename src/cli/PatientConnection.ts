import { UnreachableError, type AdminAnswer, type CallOptions } from './AdminClient.ts';
import { UsageError, type Invocation } from './Command.ts';
import { connect, type Connection } from './connect.ts';
import { pause } from './pause.ts';

const pauseMs = 1_000;

/** How often in a row a server that was there may be away: two minutes and more, which a restart stays below. */
const triesMax = 120;

/** Whether a server is away as it is between its end and its next start; then a control file names nobody, or nobody listens. */
const isAway = (error: unknown): boolean => error instanceof UnreachableError || error instanceof UsageError;

/**
 * A connection for commands that watch: once it has been there, the server may go and come again. It is found anew each time, since a restart
 * may move it.
 */
export class PatientConnection {
  readonly #invocation: Invocation;
  #connection: Connection;

  private constructor(invocation: Invocation, connection: Connection) {
    this.#invocation = invocation;
    this.#connection = connection;
  }

  /** @throws UsageError where no server runs to begin with. */
  static async open(invocation: Invocation): Promise<PatientConnection> {
    return new PatientConnection(invocation, await connect(invocation, false));
  }

  /** Asks until there is an answer other than "not now". @throws UnreachableError where the server stays away; the signal's reason. */
  async get(path: string, options: CallOptions = {}): Promise<AdminAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await this.#connection.client.get(path, options);
        if (answer.status !== 503 || tries === triesMax) return answer;
      } catch (error) {
        if (!isAway(error) || tries === triesMax) throw error;
      }
      options.signal?.throwIfAborted();
      await pause(pauseMs);
      await this.#findAnew();
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** The old connection is kept where there is no new one: the next call over it fails, and is one more try. */
  async #findAnew(): Promise<void> {
    try {
      const found = await connect(this.#invocation, false);
      await this.#connection.close();
      this.#connection = found;
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }
}
