import type { Transport } from '../egress/index.ts';

/** What the control plane answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** No whole answer came. What was asked may have been done. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** What a call takes beside path and body. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call before its answer; it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long its answer may take, instead of a minute. Milliseconds. */
  readonly answerMs?: number;
}

const answerMsMax = 60_000;

/** What becomes of the bytes of an answer that was given; one that was refused is read whole. */
type Take = (chunk: Buffer) => void;

/** Speaks the control plane's API. */
export class AdminClient {
  readonly #transport: Transport;
  readonly #url: URL;
  readonly #key: string;

  constructor(transport: Transport, url: string, key: string) {
    this.#transport = transport;
    this.#url = new URL(url);
    this.#key = key;
  }

  get url(): string {
    return this.#url.origin;
  }

  get(path: string, options?: CallOptions): Promise<AdminAnswer> {
    return this.#ask('GET', path, undefined, options);
  }

  post(path: string, body: unknown = {}, options?: CallOptions): Promise<AdminAnswer> {
    return this.#ask('POST', path, body, options);
  }

  put(path: string, body: unknown): Promise<AdminAnswer> {
    return this.#ask('PUT', path, body);
  }

  /** Hands on what an answer has as it comes; it may take as long as it does, but not be silent for longer than other answers take. */
  download(path: string, take: Take): Promise<AdminAnswer> {
    return this.#ask('GET', path, undefined, {}, take);
  }

  delete(path: string): Promise<AdminAnswer> {
    return this.#ask('DELETE', path);
  }

  #ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    { headers = {}, signal, answerMs = answerMsMax }: CallOptions = {},
    take: Take | null = null,
  ): Promise<AdminAnswer> {
    const answer = Promise.withResolvers<AdminAnswer>();
    const chunks: Buffer[] = [];
    let status = 0;
    const giveUp = (reason: unknown): void => {
      handle.abort();
      answer.reject(reason);
    };
    const handle = this.#transport.call(
      {
        origin: this.#url.origin,
        // Who runs the command line says where to.
        reach: 'loopback',
        credential: 'control',
        method,
        path,
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
      },
      {
        head: (code) => {
          status = code;
        },
        chunk: (bytes) => {
          if (take === null || status >= 400) chunks.push(bytes);
          else {
            timer.refresh();
            take(bytes);
          }
        },
        end: () => answer.resolve({ status, body: readJson(Buffer.concat(chunks).toString('utf8')) }),
        failed: (fault) =>
          answer.reject(new UnreachableError(`${this.#url.origin} cannot be reached: ${fault.message || fault.cause}`)),
      },
    );
    const timer = setTimeout(
      () => giveUp(new UnreachableError(`${this.#url.origin} did not answer within ${answerMs} ms`)),
      answerMs,
    );
    const stop = (): void => giveUp(signal?.reason);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
    return answer.promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    });
  }
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
