import { UnreachableError, type AdminAnswer, type AdminClient, type CallOptions } from './AdminClient.ts';
import { UsageError, type Invocation } from './Command.ts';
import { connect, type Connection } from './connect.ts';
import { pause } from './pause.ts';

const pauseMs = 1_000;

/** How often in a row a server that was there may be away: two minutes and more, which a restart stays below. */
const looksMax = 120;

/** How often something is sent that is done once however often it is sent. Whoever sent it waits, and wants to know. */
const sendsMax = 10;

/** Whether a server is away as it is between its end and its next start; then a control file names nobody, or nobody listens. */
const isAway = (error: unknown): boolean => error instanceof UnreachableError || error instanceof UsageError;

/**
 * A connection for commands that outlast a server: once it has been there, it may go and come again. It is found anew each time, since a restart
 * may move it.
 */
export class PatientConnection {
  readonly #invocation: Invocation;
  #connection: Connection;

  private constructor(invocation: Invocation, connection: Connection) {
    this.#invocation = invocation;
    this.#connection = connection;
  }

  /** @throws NoServerError where no server runs to begin with; UsageError where it is named wrongly. */
  static async open(invocation: Invocation): Promise<PatientConnection> {
    return new PatientConnection(invocation, await connect(invocation, false));
  }

  /** Asks until there is an answer other than "not now". @throws UnreachableError where the server stays away; the signal's reason. */
  get(path: string, options: CallOptions = {}): Promise<AdminAnswer> {
    return this.#ask((client) => client.get(path, options), looksMax, options.signal);
  }

  /**
   * Sends until there is an answer other than "not now". The first may have been taken although its answer was lost: the key makes them all one.
   * @throws UnreachableError where no answer came to the last of them.
   */
  postOnce(path: string, body: unknown, idempotencyKey: string): Promise<AdminAnswer> {
    const options = { headers: { 'idempotency-key': idempotencyKey } };
    return this.#ask((client) => client.post(path, body, options), sendsMax);
  }

  async #ask(
    ask: (client: AdminClient) => Promise<AdminAnswer>,
    triesMax: number,
    signal?: AbortSignal,
  ): Promise<AdminAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await ask(this.#connection.client);
        if (answer.status !== 503 || tries === triesMax) return answer;
      } catch (error) {
        if (!isAway(error) || tries === triesMax) throw error;
      }
      signal?.throwIfAborted();
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
