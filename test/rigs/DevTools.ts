import type { Readable, Writable } from 'node:stream';

type Members = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Members;
  readonly result?: Members;
  readonly error?: { readonly message: string };
}

interface Asked {
  readonly resolve: (result: Members) => void;
  readonly reject: (error: Error) => void;
}

/** What speaks with one page. */
export interface Session {
  send(method: string, params?: Members): Promise<Members>;
  on(method: string, heard: (params: Members) => void): void;
  /** The next event of a kind. */
  next(method: string): Promise<Members>;
}

const end = '\0';

/** Chromium's DevTools protocol over two pipes: JSON messages, each ended by a zero byte. */
export class DevTools {
  readonly #to: Writable;
  readonly #asked = new Map<number, Asked>();
  readonly #heard = new Map<string, ((params: Members) => void)[]>();
  #lastId = 0;
  #failure: Error | null = null;
  #rest = '';

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    from.setEncoding('utf8');
    from.on('data', (text: string) => this.#take(text));
    for (const pipe of [to, from]) pipe.on('error', (error) => this.fail(error));
  }

  send(method: string, params: Members = {}, sessionId?: string): Promise<Members> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Members>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    this.#to.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}${end}`);
    return answer;
  }

  async attach(targetId: string): Promise<Session> {
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const id = String(sessionId);
    const on = (method: string, heard: (params: Members) => void): void => {
      const key = `${id} ${method}`;
      this.#heard.set(key, [...(this.#heard.get(key) ?? []), heard]);
    };
    return {
      send: (method, params) => this.send(method, params, id),
      on,
      next: (method) => new Promise((resolve) => on(method, resolve)),
    };
  }

  /** Ends all waiting: nothing will come any more. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }

  #take(text: string): void {
    const messages = `${this.#rest}${text}`.split(end);
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#hear(JSON.parse(message));
  }

  #hear({ id, sessionId = '', method, params = {}, result = {}, error }: Message): void {
    if (id === undefined) {
      for (const heard of this.#heard.get(`${sessionId} ${method ?? ''}`) ?? []) heard(params);
      return;
    }
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }
}
