import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';

/** One call as it reached a vendor, byte for byte. */
export interface ReceivedCall {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  /** Lower-case names; the names and values as they came are in `rawHeaders`. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Monotonic milliseconds at which it was whole. */
  readonly atMs: number;
  /** Resolves once the answer was sent whole (true), or the caller broke off before that (false). */
  readonly ended: Promise<boolean>;
}

/** How a vendor answers one call. */
export type Script = (response: ServerResponse, call: ReceivedCall) => void | Promise<void>;

/** Answers whole. @param body text or bytes as they stand; anything else as JSON. */
export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) => {
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(bytes)),
      ...headers,
    });
    response.end(bytes);
  };

/** What becomes of a stream after its last byte. */
export type StreamEnd = 'end' | 'reset' | 'hang';

/** Answers with an event stream of exactly these bytes. */
export const answerStream =
  (bytes: string | Uint8Array, end: StreamEnd = 'end', headers: Readonly<Record<string, string>> = {}): Script =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    await new Promise<void>((resolve) => response.write(bytes, () => resolve()));
    if (end === 'end') response.end();
    if (end === 'reset') response.destroy();
  };

/** Never answers. */
export const hang: Script = () => {};

/** Closes the connection without a word. */
export const reset: Script = (response) => void response.destroy();

/** A vendor on loopback that records what reaches it and answers as told. */
export class ScriptedUpstream implements AsyncDisposable {
  readonly calls: ReceivedCall[] = [];
  readonly #server: Server;
  readonly #queue: Script[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: (call: ReceivedCall) => void }[] = [];
  #otherwise: Script;

  private constructor(server: Server, otherwise: Script) {
    this.#server = server;
    this.#otherwise = otherwise;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param otherwise How calls are answered for which nothing else was told. */
  static async open(otherwise: Script = answer(500, { error: { message: 'no script' } })): Promise<ScriptedUpstream> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const upstream = new ScriptedUpstream(server, otherwise);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return upstream;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  /** Answers the next calls so, in this order. */
  next(...scripts: readonly Script[]): this {
    this.#queue.push(...scripts);
    return this;
  }

  /** Answers every call so for which nothing else was told. */
  always(script: Script): this {
    this.#otherwise = script;
    return this;
  }

  /** The call number `count`, from 1: at once where it has come, else when it comes. */
  call(count: number): Promise<ReceivedCall> {
    const come = this.calls[count - 1];
    if (come) return Promise.resolve(come);
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.calls.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new Promise<boolean>((resolve) => response.once('close', () => resolve(response.writableFinished)));
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const call: ReceivedCall = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks),
      atMs: performance.now(),
      ended,
    };
    this.calls.push(call);
    for (const { count, resolve } of this.#waiting) if (count === this.calls.length) resolve(call);
    await (this.#queue.shift() ?? this.#otherwise)(response, call);
  }
}
