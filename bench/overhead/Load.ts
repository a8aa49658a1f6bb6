import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AnswerReader } from './AnswerReader.ts';

/** What is asked again and again, and what each answer must be. */
export interface Ask {
  readonly port: number;
  /** The whole request as it goes over the socket. */
  readonly request: Buffer;
  /** Decoded bytes of a right answer. */
  readonly bodyBytes: number;
  /** Empty lines in a right answer: events of a stream. */
  readonly events: number;
}

/** What has been answered so far, on all connections together. */
export interface Tally {
  /** Answers that have begun. */
  begun: number;
  answers: number;
  events: number;
}

/** One connection that asks, and waits for the answer's end before it asks again. */
class Asker {
  readonly #ask: Ask;
  readonly #tally: Tally;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader(false);
  #answered: PromiseWithResolvers<void> | null = null;
  #fault: Error | null = null;

  private constructor(ask: Ask, tally: Tally, socket: Socket) {
    this.#ask = ask;
    this.#tally = tally;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static async open(ask: Ask, tally: Tally): Promise<Asker> {
    const socket = connect({ port: ask.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Asker(ask, tally, socket);
  }

  /** Asks once. @throws Error where the answer is not the right one. */
  async askOnce(): Promise<void> {
    if (this.#fault) throw this.#fault;
    this.#reader.reset();
    this.#answered = Promise.withResolvers();
    this.#socket.write(this.#ask.request);
    await this.#answered.promise;
  }

  /** Ends whoever waits for the answer under way, too. */
  close(): void {
    this.#answered?.resolve();
    this.#answered = null;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const { events: eventsBefore, status: statusBefore } = this.#reader;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#tally.events += this.#reader.events - eventsBefore;
    if (statusBefore === 0 && this.#reader.status !== 0) this.#tally.begun += 1;
    if (this.#reader.over) this.#whole();
  }

  #whole(): void {
    const { status, bodyBytes, events } = this.#reader;
    const { bodyBytes: bytesRight, events: eventsRight } = this.#ask;
    if (status !== 200 || bodyBytes !== bytesRight || events !== eventsRight) {
      const got = `status ${status}, ${bodyBytes} bytes, ${events} events`;
      this.#fail(new Error(`${got}; expected 200, ${bytesRight} bytes, ${eventsRight} events`));
      return;
    }
    this.#tally.answers += 1;
    this.#answered?.resolve();
    this.#answered = null;
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#answered?.reject(this.#fault);
    this.#answered = null;
  }
}

/** Connections that each keep one request under way. */
export class ClosedLoad {
  readonly tally: Tally;
  readonly #running: Promise<PromiseSettledResult<void>[]>;
  readonly #askers: readonly Asker[];
  readonly #stop = new AbortController();
  #fault: Error | null = null;

  private constructor(askers: readonly Asker[], tally: Tally, spreadMs: number) {
    this.tally = tally;
    this.#askers = askers;
    this.#running = Promise.allSettled(
      askers.map((asker, index) => this.#keepAsking(asker, (spreadMs * index) / askers.length)),
    );
  }

  /** @param spreadMs Over which the first requests begin, so that streams are in all of their phases at once. */
  static async start(ask: Ask, connections: number, spreadMs: number): Promise<ClosedLoad> {
    const tally: Tally = { begun: 0, answers: 0, events: 0 };
    const askers = await Promise.all(Array.from({ length: connections }, () => Asker.open(ask, tally)));
    return new ClosedLoad(askers, tally, spreadMs);
  }

  /** Lets the answers under way end. @throws the first fault of any connection. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.cut();
    this.check();
  }

  /** @throws the first fault of any connection, if there was one. */
  check(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  /** Closes the connections with their answers under way. */
  cut(): void {
    this.#stop.abort();
    for (const asker of this.#askers) asker.close();
  }

  async #keepAsking(asker: Asker, afterMs: number): Promise<void> {
    try {
      await pause(afterMs);
      while (!this.#stop.signal.aborted) await asker.askOnce();
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
      this.#stop.abort();
    }
  }
}

/** Asks at a fixed rate, whatever the answers do. @returns milliseconds from each request to its answer's end. */
export const askAtRate = async (ask: Ask, perSecond: number, forMs: number): Promise<number[]> => {
  const tally: Tally = { begun: 0, answers: 0, events: 0 };
  const idle: Asker[] = [];
  const latenciesMs: number[] = [];
  const pending = new Set<Promise<void>>();
  const askNext = async (): Promise<void> => {
    const asker = idle.pop() ?? (await Asker.open(ask, tally));
    const beganMs = performance.now();
    await asker.askOnce();
    latenciesMs.push(performance.now() - beganMs);
    idle.push(asker);
  };
  const beganMs = performance.now();
  for (let count = 0; count < (perSecond * forMs) / 1_000; count += 1) {
    const waitMs = beganMs + (count * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await pause(waitMs);
    const asked = askNext();
    pending.add(asked);
    // Awaited below with its fault, if it has one.
    asked.then(
      () => pending.delete(asked),
      () => {},
    );
  }
  try {
    await Promise.all(pending);
  } finally {
    for (const asker of idle) asker.close();
  }
  return latenciesMs;
};
