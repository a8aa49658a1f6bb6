import { connect, type Socket } from 'node:net';

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; of several of one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** With chunked framing taken off. */
  readonly body: string;
  /** Everything that came, interim answers too. */
  readonly text: string;
  /** Whether the server closed the connection. */
  readonly closed: boolean;
}

const headEnd = '\r\n\r\n';

const dechunked = (text: string): string | null => {
  let body = '';
  let rest = text;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (Number.isNaN(size) || rest.length < lineEnd + 2 + size + 2) return null;
    if (size === 0) return body;
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    rest = rest.slice(lineEnd + 2 + size + 2);
  }
};

/** Reads the first final answer in a text; null while it is not whole. */
const readAnswer = (text: string, closed: boolean): RawAnswer | null => {
  let rest = text;
  while (/^HTTP\/1\.1 1\d\d /.test(rest)) {
    const end = rest.indexOf(headEnd);
    if (end < 0) return null;
    rest = rest.slice(end + headEnd.length);
  }
  const end = rest.indexOf(headEnd);
  if (end < 0) return null;
  const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(statusLine.split(' ')[1]);
  const payload = rest.slice(end + headEnd.length);
  const body = headers['transfer-encoding'] === 'chunked' ? dechunked(payload) : payload;
  const length = Number(headers['content-length'] ?? 'NaN');
  if (body === null || (!closed && Buffer.byteLength(body, 'latin1') < length)) return null;
  return { status, headers, body, text, closed };
};

/** A connection to a server on which a test writes whatever bytes it likes. Text is latin1, a character a byte. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  #text = '';
  #closed = false;
  readonly #changed: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
      this.#tell();
    });
    // A reset is an end as well.
    socket.on('error', () => {});
    socket.on('end', () => this.#close());
    socket.on('close', () => this.#close());
  }

  /** @param url of the server. */
  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.setNoDelay(true);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** All that came so far. */
  get text(): string {
    return this.#text;
  }

  /** Resolves once the bytes are with the system. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    });
  }

  /** Ends our side and keeps reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Resolves once `text` satisfies the test. @throws Error when the connection ends first. */
  async until(isThere: (text: string) => boolean): Promise<string> {
    while (!isThere(this.#text)) {
      if (this.#closed) throw new Error(`the connection ended after ${JSON.stringify(this.#text.slice(-500))}`);
      await this.#change();
    }
    return this.#text;
  }

  /** The first final answer. @throws Error when the connection ends without one. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const read = readAnswer(this.#text, this.#closed);
      if (read) return read;
      if (this.#closed) throw new Error(`no answer: ${JSON.stringify(this.#text.slice(0, 500))}`);
      await this.#change();
    }
  }

  /** Resolves once the server has closed. */
  async closed(): Promise<void> {
    while (!this.#closed) await this.#change();
  }

  /** The first final answer, once the server has closed. */
  async untilClosed(): Promise<RawAnswer> {
    await this.closed();
    return this.answer();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #close(): void {
    this.#closed = true;
    this.#tell();
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }
}
