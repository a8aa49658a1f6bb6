import type { Transport } from '../egress/index.ts';

/** What the control plane answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

const answerMsMax = 60_000;

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

  get(path: string): Promise<AdminAnswer> {
    return this.#ask('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<AdminAnswer> {
    return this.#ask('POST', path, body);
  }

  put(path: string, body: unknown): Promise<AdminAnswer> {
    return this.#ask('PUT', path, body);
  }

  delete(path: string): Promise<AdminAnswer> {
    return this.#ask('DELETE', path);
  }

  #ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<AdminAnswer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      const timer = setTimeout(() => {
        handle.abort();
        reject(new Error(`${this.#url.origin} did not answer within ${answerMsMax} ms`));
      }, answerMsMax);
      const handle = this.#transport.call(
        {
          origin: this.#url.origin,
          credential: 'control',
          method,
          path,
          headers: {
            authorization: `Bearer ${this.#key}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
        },
        {
          head: (code) => {
            status = code;
          },
          chunk: (bytes) => void chunks.push(bytes),
          end: () => {
            clearTimeout(timer);
            resolve({ status, body: readJson(Buffer.concat(chunks).toString('utf8')) });
          },
          failed: (fault) => {
            clearTimeout(timer);
            reject(new Error(`${this.#url.origin} cannot be reached: ${fault.message || fault.cause}`));
          },
        },
      );
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
