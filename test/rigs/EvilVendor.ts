import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { chatAnswer, chatEvents, messageAnswer, messageEvents, vendorError } from './vendorAnswers.ts';

/** A request as an evil vendor sees it. */
interface Asked {
  readonly socket: Socket;
  readonly wire: 'openai' | 'anthropic';
  readonly stream: boolean;
  /** What the caller is called in the body, as `caller-1`; answers carry it. */
  readonly caller: string;
  /** Does something a little later. */
  readonly later: (act: () => void) => void;
}

/** The pieces of a good stream: what comes before its content, the content, what ends it. */
const streamParts = ({ wire, caller }: Asked): readonly [before: string, content: string, end: string] =>
  wire === 'openai'
    ? [chatEvents.role, chatEvents.text(`to ${caller}`), chatEvents.finish + chatEvents.usage(10, 3) + chatEvents.done]
    : [
        messageEvents.start(10) + messageEvents.open,
        messageEvents.text(`to ${caller}`),
        messageEvents.close + messageEvents.delta(3) + messageEvents.stop,
      ];

const bodyOf = (asked: Asked): string => {
  if (asked.stream) return streamParts(asked).join('');
  const text = `to ${asked.caller}`;
  return JSON.stringify(asked.wire === 'openai' ? chatAnswer(text) : messageAnswer(text));
};

const typeOf = ({ stream }: Asked): string => (stream ? 'text/event-stream' : 'application/json');

/** An answer whose head says what it is told to say; its body is text of single bytes. */
const message = (asked: Asked, headers: readonly string[], body: string, status = '200 OK'): string =>
  [`HTTP/1.1 ${status}`, `content-type: ${typeOf(asked)}`, ...headers, '', body].join('\r\n');

const sized = (asked: Asked, body = bodyOf(asked), status?: string): string =>
  message(asked, [`content-length: ${Buffer.byteLength(body)}`], body, status);

const inChunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`;
const chunked = (asked: Asked, framed: string): string => message(asked, ['transfer-encoding: chunked'], framed);

/** How much later what comes later comes: after the answer was read. */
const laterMs = 20;

const bombBytes = 67_108_864;
const bombs = new Map<string, string>();

/** What becomes 64 MB of nothing, made once. */
const bombOf = (coding: string, stream: boolean, encode: (bytes: Uint8Array) => Buffer): string => {
  const name = `${coding} ${stream}`;
  const known = bombs.get(name);
  if (known !== undefined) return known;
  const filling = stream ? ': nothing\n\n' : ' ';
  const made = encode(Buffer.alloc(bombBytes, filling)).toString('latin1');
  bombs.set(name, made);
  return made;
};

const bomb =
  (coding: string, encode: (bytes: Uint8Array) => Buffer) =>
  (asked: Asked): void => {
    const bytes = bombOf(coding, asked.stream, encode);
    write(asked, message(asked, [`content-encoding: ${coding}`, `content-length: ${bytes.length}`], bytes));
  };

const write = ({ socket }: Asked, text: string): boolean => socket.write(text, 'latin1');

/** Sends the same for ever, as fast as it is read. */
const endlessly = ({ socket }: Asked, piece: string): void => {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece, 'latin1'));
  };
  socket.on('drain', more);
  more();
};

/** Another whole answer, for nobody. */
const poison = (asked: Asked): string => sized({ ...asked, caller: `${asked.caller}-twice` });

/**
 * What a vendor can do wrong, out of malice or by mistake. None of it is an answer to the request, but for the first two, which answer it and do
 * more.
 */
export const evils = {
  'two answers': (asked) => void write(asked, sized(asked) + poison(asked)),
  'an answer later': (asked) => {
    write(asked, sized(asked));
    // On a connection that lies idle by now, or has another request on it.
    asked.later(() => write(asked, poison(asked)));
  },
  'no answer': () => {},
  'half a head': (asked) => void write(asked, 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'),
  'a head without end': (asked) => {
    write(asked, 'HTTP/1.1 200 OK\r\n');
    endlessly(asked, `x-more: ${'x'.repeat(4_000)}\r\n`);
  },
  'interim answers without end': (asked) =>
    endlessly(asked, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(50)),
  'a continue and nothing more': (asked) => void write(asked, 'HTTP/1.1 100 Continue\r\n\r\n'),
  'a body without end': (asked) => {
    write(asked, chunked(asked, ''));
    endlessly(asked, inChunk(asked.stream ? ': nothing\n\n'.repeat(400) : ' '.repeat(4_000)));
  },
  'a line without end': (asked) => {
    write(asked, chunked(asked, asked.stream ? inChunk('data: ') : inChunk('{"id":"')));
    endlessly(asked, inChunk('x'.repeat(16_000)));
  },
  'a gzip bomb': bomb('gzip', (bytes) => gzipSync(bytes)),
  'a brotli bomb': bomb('br', (bytes) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  ),
  'a zstd bomb': bomb('zstd', (bytes) => zstdCompressSync(bytes)),
  'a coding that it is not in': (asked) =>
    void write(asked, message(asked, ['content-encoding: gzip', 'content-length: 9'], 'not gzip\n')),
  'a length beyond its end': (asked) => {
    write(asked, message(asked, ['content-length: 100000'], asked.stream ? streamParts(asked)[0] : bodyOf(asked)));
    asked.socket.end();
  },
  'a length before its end': (asked) =>
    void write(asked, message(asked, ['content-length: 20'], asked.stream ? streamParts(asked)[0] : bodyOf(asked))),
  'two lengths': (asked) => {
    const body = bodyOf(asked);
    write(asked, message(asked, ['content-length: 5', `content-length: ${body.length}`], body));
  },
  'a length beside chunks': (asked) => {
    const body = bodyOf(asked);
    write(asked, message(asked, ['content-length: 5', 'transfer-encoding: chunked'], `${inChunk(body)}0\r\n\r\n`));
  },
  'a chunk beyond counting': (asked) => void write(asked, chunked(asked, `ffffffffffffffff1\r\n${bodyOf(asked)}`)),
  'a chunk that lies': (asked) => void write(asked, chunked(asked, `5\r\n${bodyOf(asked)}\r\n0\r\n\r\n`)),
  'a chunk with an endless extension': (asked) => {
    write(asked, chunked(asked, '5;x='));
    endlessly(asked, 'x'.repeat(4_000));
  },
  'a page of HTML': (asked) => {
    const page = '<html><body>Sign in to the hotel network</body></html>';
    const head = ['HTTP/1.1 200 OK', 'content-type: text/html', `content-length: ${page.length}`];
    write(asked, [...head, '', page].join('\r\n'));
  },
  'an error under 200': (asked) => {
    const { wire, stream } = asked;
    const error =
      wire === 'openai'
        ? vendorError('The server had an error', 'server_error')
        : { type: 'error', error: { type: 'api_error', message: 'Internal server error' } };
    const event = `${wire === 'openai' ? '' : 'event: error\n'}data: ${JSON.stringify(error)}\n\n`;
    write(asked, sized(asked, stream ? event : JSON.stringify(error)));
  },
  'an end before its content': (asked) => {
    write(asked, chunked(asked, inChunk(asked.stream ? streamParts(asked)[0] : bodyOf(asked).slice(0, 30))));
    asked.socket.end();
  },
  'nothing under 200': (asked) => void write(asked, sized(asked, '')),
  'another protocol': (asked) => void write(asked, 'SSH-2.0-OpenSSH_9.2\r\n'),
  'a switch of protocols': (asked) =>
    void write(asked, 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  'a status that is none': (asked) => void write(asked, sized(asked, bodyOf(asked), '999999 OK')),
  'a redirect': (asked) =>
    void write(
      asked,
      message(asked, ['location: http://127.0.0.1:9/', 'content-length: 0'], '', '307 Temporary Redirect'),
    ),
} as const satisfies Readonly<Record<string, (asked: Asked) => void>>;

export type Evil = keyof typeof evils;

export const evilNames: readonly Evil[] = Object.keys(evils).filter((name): name is Evil => Object.hasOwn(evils, name));

/** Those that give the good answer first. */
export const answersFirst: ReadonlySet<Evil> = new Set<Evil>(['two answers', 'an answer later']);

/** What it does to a stream after its first content: it stops there, in one of these ways. */
export const streamBreaks = {
  'an end': ({ socket }) => void socket.end(),
  'an end of its body': (asked) => void write(asked, '0\r\n\r\n'),
  'a reset': ({ socket, later }) => later(() => socket.resetAndDestroy()),
  silence: () => {},
  'what is no chunk': (asked) => void write(asked, 'x\r\n'),
  'what is no event': (asked) => void write(asked, inChunk('data: {"cut": \n\n')),
  'an error of its own': (asked) =>
    void write(
      asked,
      inChunk(
        `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'no' } })}\n\n`,
      ),
    ),
  'a line without end': (asked) => {
    write(asked, inChunk('data: '));
    endlessly(asked, inChunk('x'.repeat(16_000)));
  },
} as const satisfies Readonly<Record<string, (asked: Asked) => void>>;

export type StreamBreak = keyof typeof streamBreaks;

export const streamBreakNames: readonly StreamBreak[] = Object.keys(streamBreaks).filter((name): name is StreamBreak =>
  Object.hasOwn(streamBreaks, name),
);

const breakStream = (how: StreamBreak, asked: Asked): void => {
  const [before, content] = streamParts(asked);
  write(asked, chunked(asked, inChunk(before + content)));
  streamBreaks[how](asked);
};

const wholeRequest = (text: string): number => {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return -1;
  const bytes = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length < bytes ? -1 : bytes;
};

/**
 * A vendor on loopback that does evil to whoever calls it. Its path says which: `/<number of the evil>` or `/break/<number>` before the wire's own,
 * so that one of them is enough for all.
 */
export class EvilVendor implements AsyncDisposable {
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  readonly #pending = new Set<Promise<void>>();
  /** How often each evil was done, by its name; for breaks `break: <name>`. */
  readonly done = new Map<string, number>();

  private constructor() {}

  static async open(): Promise<EvilVendor> {
    const vendor = new EvilVendor();
    vendor.#server.listen(0, '127.0.0.1');
    await once(vendor.#server, 'listening');
    return vendor;
  }

  get origin(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  /** Resolves once all that was to come later has come. */
  async quiet(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Where one evil is done. */
  url(evil: Evil): string {
    return `${this.origin}/${evilNames.indexOf(evil)}`;
  }

  /** Where streams break after their first content. */
  breakUrl(how: StreamBreak): string {
    return `${this.origin}/break/${streamBreakNames.indexOf(how)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      for (let end = wholeRequest(text); end >= 0; end = wholeRequest(text)) {
        this.#answer(socket, text.slice(0, end));
        text = text.slice(end);
      }
    });
  }

  #answer(socket: Socket, request: string): void {
    const [, how = '', place = ''] = /^POST (\/break)?\/(\d+)/.exec(request) ?? [];
    const asked: Asked = {
      socket,
      wire: /^POST \S*\/messages/.test(request) ? 'anthropic' : 'openai',
      stream: /"stream": *true/.test(request),
      caller: /caller-\d+/.exec(request)?.[0] ?? 'nobody',
      later: (act) => this.#later(act),
    };
    const evil = evilNames[Number(place)];
    const broken = streamBreakNames[Number(place)];
    if (how === '' && evil !== undefined) {
      this.#count(evil);
      evils[evil](asked);
    } else if (broken !== undefined) {
      this.#count(`break: ${broken}`);
      breakStream(broken, asked);
    }
  }

  #later(act: () => void): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pending.add(promise);
    setTimeout(() => {
      act();
      this.#pending.delete(promise);
      resolve();
    }, laterMs);
  }

  #count(name: string): void {
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }
}
