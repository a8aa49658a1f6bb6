import type pg from 'pg';

// COPY as a stream. The client of `pg` hands the messages of the protocol to whatever was submitted, but brings nothing that streams them; these
// two do, in memory that does not grow with the table.

declare module 'pg' {
  interface Connection {
    sendCopyFromChunk(chunk: Uint8Array): void;
    endCopyFrom(): void;
    sendCopyFail(message: string): void;
  }
}

/** Bytes that are gathered to be handed on together: PostgreSQL sends a message for each row. */
const gatheredBytes = 64 * 1024;
/** Bytes that wait for whoever reads them, beyond which the connection is not read. */
const waitingBytesMax = 1024 * 1024;

interface CopyData {
  readonly chunk: Buffer;
}

interface CommandComplete {
  readonly text: string;
}

const rowsOf = ({ text }: CommandComplete): number => Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);

/** Runs `COPY ... TO STDOUT`; its rows are read in the text format, cut anywhere. */
export class CopyOut implements pg.Submittable {
  readonly #sql: string;
  #connection: pg.Connection | null = null;
  #gathered: Buffer[] = [];
  #bytes = 0;
  #state: { readonly over: true; readonly error: Error | null } | null = null;
  #wake: () => void = () => {};
  #rows = 0;
  /** Set by the client, which waits for it with a timer: whoever does not call it keeps the process alive until that is over. */
  callback: (() => void) | undefined;

  constructor(sql: string) {
    this.#sql = sql;
  }

  /** How many rows came; known at the end. */
  get rows(): number {
    return this.#rows;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.#bytes >= gatheredBytes || (this.#state !== null && this.#bytes > 0)) yield this.#take();
        else if (this.#state !== null) break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (this.#state.error !== null) throw this.#state.error;
    } finally {
      // Whoever stops in the middle leaves rows on the way that nobody reads: the connection is of no more use.
      if (this.#state === null) this.#connection?.stream.destroy();
    }
  }

  #take(): Buffer {
    const taken = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#bytes = 0;
    this.#connection?.stream.resume();
    return taken;
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection;
    connection.query(this.#sql);
  }

  handleCopyData({ chunk }: CopyData): void {
    // A view into memory that the next message overwrites.
    this.#gathered.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
    if (this.#bytes >= waitingBytesMax) this.#connection?.stream.pause();
    if (this.#bytes >= gatheredBytes) this.#wake();
  }

  handleCommandComplete(message: CommandComplete): void {
    this.#rows = rowsOf(message);
  }

  handleReadyForQuery(): void {
    this.#end(null);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  #end(error: Error | null): void {
    this.#state ??= { over: true, error };
    this.callback?.();
    this.#wake();
  }
}

/** Runs `COPY ... FROM STDIN` with what a stream gives. */
export class CopyIn implements pg.Submittable {
  readonly #sql: string;
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #ended = Promise.withResolvers<number>();
  #rows = 0;
  /** Why the stream ended early; PostgreSQL then only repeats that it did. */
  #why: unknown = null;
  /** As of CopyOut. */
  callback: (() => void) | undefined;

  constructor(sql: string, chunks: AsyncIterable<Uint8Array>) {
    this.#sql = sql;
    this.#chunks = chunks;
  }

  /** @returns how many rows were taken. @throws what the stream threw; what PostgreSQL refused. */
  get rows(): Promise<number> {
    return this.#ended.promise;
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    void this.#pump(connection);
  }

  async #pump(connection: pg.Connection): Promise<void> {
    try {
      for await (const chunk of this.#chunks) {
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await drained(connection);
      }
      connection.endCopyFrom();
    } catch (error) {
      this.#why = error;
      connection.sendCopyFail('the source ended early');
    }
  }

  handleCommandComplete(message: CommandComplete): void {
    this.#rows = rowsOf(message);
  }

  handleReadyForQuery(): void {
    this.callback?.();
    this.#ended.resolve(this.#rows);
  }

  handleError(error: Error): void {
    this.callback?.();
    this.#ended.reject(this.#why ?? error);
  }
}

/** Resolves when the other side has taken what was sent, or is gone: then an error tells so. */
const drained = ({ stream }: pg.Connection): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.once('drain', done).once('close', done);
  });
