import { connect, type Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

/** How an answer came to its end, as far as a client can tell that believes all it is told. */
export interface NaiveAnswer {
  /** `silent`: nothing came for a while; `endless`: more came than anybody wants. */
  readonly end: 'whole' | 'refused' | 'cut' | 'silent' | 'endless';
  /** Of the first head that was no interim one; 0 where none came. */
  readonly status: number;
  readonly body: string;
  /** What the body became once it was decoded. */
  readonly decodedBytes: number;
}

export interface NaiveOptions {
  readonly msMax: number;
  readonly bytesMax?: number;
}

const headEnd = '\r\n\r\n';
const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

interface Parsed {
  readonly status: number;
  readonly coding: string;
  readonly body: string;
  readonly whole: boolean;
  /** What stands behind the answer. */
  readonly rest: string;
}

const headerIn = (head: string, name: string): string | undefined =>
  new RegExp(`\r\n${name}: *([^\r]*)`, 'i').exec(head)?.[1];

/** Takes sizes as `parseInt` reads them. */
const readChunks = (text: string): Pick<Parsed, 'body' | 'whole' | 'rest'> => {
  let body = '';
  let rest = text;
  for (;;) {
    const lineEnd = rest.indexOf('\n');
    const size = Number.parseInt(rest, 16);
    if (lineEnd < 0 || Number.isNaN(size)) return { body, whole: false, rest: '' };
    rest = rest.slice(lineEnd + 1);
    if (size === 0) return { body, whole: rest.includes('\r\n'), rest: rest.slice(rest.indexOf('\r\n') + 2) };
    body += rest.slice(0, size);
    if (rest.length < size + 2) return { body, whole: false, rest: '' };
    rest = rest.slice(size + 2);
  }
};

const nothing: Parsed = { status: 0, coding: '', body: '', whole: false, rest: '' };

const readText = (text: string): Parsed => {
  for (let from = 0; ;) {
    const end = text.indexOf(headEnd, from);
    if (end < 0) return nothing;
    const head = text.slice(from, end);
    const status = Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1] ?? 0);
    from = end + headEnd.length;
    if (status < 100 || status >= 200) return readBody(status, head, text.slice(from));
  }
};

const readBody = (status: number, head: string, behind: string): Parsed => {
  const coding = headerIn(head, 'content-encoding') ?? '';
  const length = headerIn(head, 'content-length');
  if (length === undefined) return { status, coding, ...readChunks(behind) };
  const body = behind.slice(0, Number(length));
  return { status, coding, body, whole: body.length === Number(length), rest: behind.slice(Number(length)) };
};

/**
 * A client as one writes it on the first day: it keeps its connection, believes each length it reads, bounds nothing but its patience, and
 * takes what stands behind an answer for the next one. What hurts it is a fault; what does not is none.
 */
export class NaiveClient {
  readonly #url: URL;
  readonly #options: Required<NaiveOptions>;
  #socket: Socket | null = null;
  #text = '';

  constructor(url: string, { msMax, bytesMax = 4_000_000 }: NaiveOptions) {
    this.#url = new URL(url);
    this.#options = { msMax, bytesMax };
  }

  /** What came and was no part of an answer so far. */
  get text(): string {
    return this.#text;
  }

  /** Posts a body to the path of its URL. */
  async ask(body: string, path = this.#url.pathname): Promise<NaiveAnswer> {
    const socket = this.#socket ?? (await this.#connect());
    if (socket === null) return { end: 'refused', status: 0, body: '', decodedBytes: 0 };
    this.#socket = socket;
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return this.#answer(socket);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect(): Promise<Socket | null> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port) });
      socket.once('error', () => resolve(null));
      socket.once('connect', () => resolve(socket));
      socket.on('data', (bytes) => (this.#text += bytes.toString('latin1')));
    });
  }

  #answer(socket: Socket): Promise<NaiveAnswer> {
    return new Promise((resolve) => {
      let seen = -1;
      const tell = (end: NaiveAnswer['end'], { status, coding, body }: Parsed): void => {
        clearTimeout(timer);
        for (const event of ['data', 'end', 'error', 'close'] as const) socket.off(event, look);
        if (end !== 'whole') this.close();
        resolve({ end, status, body, decodedBytes: decodedBytesOf(coding, body) });
      };
      const look = (): void => {
        if (this.#text.length > this.#options.bytesMax) return tell('endless', readText(this.#text));
        const parsed = readText(this.#text);
        if (parsed.whole) {
          this.#text = parsed.rest;
          tell('whole', parsed);
        } else if (socket.readableEnded || socket.destroyed) tell('cut', parsed);
        else if (this.#text.length !== seen) {
          seen = this.#text.length;
          timer.refresh();
        }
      };
      const timer = setTimeout(() => tell('silent', readText(this.#text)), this.#options.msMax);
      for (const event of ['data', 'end', 'error', 'close'] as const) socket.on(event, look);
      look();
    });
  }
}

const decodedBytesOf = (coding: string, body: string): number => {
  try {
    return (decoders[coding]?.(Buffer.from(body, 'latin1')) ?? body).length;
  } catch {
    return 0;
  }
};
