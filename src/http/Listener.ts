import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics } from '../kernel/index.ts';
import { endTogether } from './endTogether.ts';
import { headersMax } from './frontCheck.ts';
import { isLoopback } from './isLoopback.ts';
import { listenOn } from './listenOn.ts';
import { VisitorCheck, type Visit, type VisitorRules } from './VisitorCheck.ts';

/** An `import` of it would read each of its exports, and one of them loads all of fetch: 12 MB that the server has no use for. */
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

export interface ListenerLimits {
  readonly headerBytes: number;
  /** From the connection's first byte to the end of the head. */
  readonly headersMs: number;
  /** From the head to the last byte of the body. */
  readonly bodyMs: number;
  /** Connections at once; one more is closed as soon as it comes. */
  readonly connections: number;
}

/** A refusal in the words of whoever was called, ready to be sent. */
export interface WrittenRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Why something never became a whole request. */
export type BrokenRequest = 'malformed' | 'headers_too_large' | 'request_timeout';

export interface ListenerPorts {
  /** Where its piece of the file stands: "listen". */
  readonly section: string;
  /** Asked for with each request: other rules are another object. */
  readonly visitors: () => VisitorRules;
  /** Names are asked for on every network; else only on loopback, or where there is a list. */
  readonly keepsNames: boolean;
  /** In force for every connection that comes after a change; the clocks for those that are here, too. */
  readonly limits: () => ListenerLimits;
  /** Beyond the clocks of head and body together: time for a clock of the plane's own to answer first. */
  readonly graceMs: number;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  readonly refusalOf: (why: BrokenRequest) => WrittenRefusal;
  readonly metrics: Metrics;
}

/** What is known of a connection. */
interface Connection {
  /** The last answer, begun or not; null once it is over, so that an idle connection keeps nothing of it. */
  answer: ServerResponse | null;
  /** Answers that are not over, the ones that wait for those before them counted. */
  open: number;
  /** The last answer closes the connection. */
  closing: boolean;
}

/** How long an idle connection of a client is kept. */
const idleConnectionMs = 65_000;
/** How long what a refused client still sends is read and thrown away, so that it sees the answer. */
const lingerMs = 2_000;

/** Whether an answer to a whole request is under way: bytes of ours would land inside it, or in its place. */
const isOpen = (answer: ServerResponse): boolean => answer.req.complete && !answer.writableFinished;

/** What both planes listen with: bounds, clocks, and an end to every connection that cannot be trusted to begin at a new request. */
export class Listener {
  readonly #ports: ListenerPorts;
  readonly #server: Server;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #brokenSockets = new WeakSet<Socket>();
  #host = '';
  #rules: VisitorRules | null = null;
  #visitors: VisitorCheck | null = null;

  constructor(ports: ListenerPorts) {
    this.#ports = ports;
    this.#server = createServer(
      {
        keepAliveTimeout: idleConnectionMs,
        connectionsCheckingInterval: Math.min(1_000, ports.limits().headersMs),
        insecureHTTPParser: false,
        // The front check says it in words.
        requireHostHeader: false,
      },
      (request, response) => this.#arrived(request, response),
    );
    this.#server.maxHeadersCount = headersMax;
    this.#bound(ports);
    // A client that ends its side still gets its answer; whether it is there to read it, the reply finds out.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    // What it expects, the front check looks at.
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      this.#arrived(request, response),
    );
    this.#server.on('clientError', (error, socket) => this.#clientError(error, socket as Socket));
    this.#server.on('drop', () => ports.metrics.count('archipel_connections_refused_total'));
  }

  /** @returns the URL that it is reached by. @throws when the address cannot be had. */
  listen(host: string, port: number): Promise<string> {
    this.#host = host;
    return listenOn(this.#server, host, port);
  }

  /** Node reads these of the server whenever it goes by them. */
  #bound({ limits, graceMs }: ListenerPorts): void {
    Object.defineProperties(this.#server, {
      maxConnections: { get: () => limits().connections },
      maxHeaderSize: { get: () => limits().headerBytes },
      headersTimeout: { get: () => limits().headersMs },
      requestTimeout: { get: () => limits().headersMs + limits().bodyMs + graceMs },
    });
  }

  /** Who calls: what has passed the front check is held against the rules in force. */
  visit(request: IncomingMessage): Visit {
    const rules = this.#ports.visitors();
    if (this.#visitors === null || rules !== this.#rules) {
      this.#rules = rules;
      this.#visitors = new VisitorCheck(
        this.#ports.section,
        this.#host,
        rules,
        !this.#ports.keepsNames && !this.#isLocal(),
      );
    }
    return this.#visitors.check(request);
  }

  /** Closes connections on which nothing is asked. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  /** Listens no more, and cuts what is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /**
   * Answers a request that is not served.
   * @param close Whether the connection ends with it: nothing that comes behind is read, or served.
   */
  refuse(response: ServerResponse, { status, headers, body }: WrittenRefusal, close: boolean): void {
    const { req: request } = response;
    if (close) this.#connectionOf(response).closing = true;
    response.writeHead(status, {
      ...headers,
      ...(close ? { connection: 'close' } : {}),
      'content-length': String(body.length),
    });
    if (!close || request.complete) endTogether(response, body);
    else this.#linger(response, body);
  }

  /** What comes behind an answer that closes the connection was written before that answer was read, or by somebody else: nobody serves it. */
  #arrived(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#connectionOf(response).closing) this.#ports.serve(request, response);
  }

  #isLocal(): boolean {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' && isLoopback(address.address);
  }

  #connectionOf(answer: ServerResponse): Connection {
    const { socket } = answer.req;
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = { answer: null, open: 0, closing: false };
      this.#connections.set(socket, connection);
    }
    // Whoever said so: a refusal, the client's own word, or a server that is about to end.
    if (connection.answer?.shouldKeepAlive === false) connection.closing = true;
    if (!connection.closing && connection.answer !== answer) this.#follow(connection, answer);
    return connection;
  }

  #follow(connection: Connection, answer: ServerResponse): void {
    connection.answer = answer;
    connection.open += 1;
    answer.once('close', () => {
      connection.open -= 1;
      if (!answer.shouldKeepAlive) connection.closing = true;
      // One that came before its request was read whole is still asked about, should the rest be broken.
      if (connection.answer === answer && answer.req.complete) connection.answer = null;
    });
  }

  /** A connection that is closed with bytes unread is reset, and the sender may never see why: they are read and thrown away for a while. */
  #linger(response: ServerResponse, body: Uint8Array): void {
    const { req: request } = response;
    response.write(body);
    const timer = setTimeout(() => response.end(), lingerMs);
    request.once('end', () => response.end());
    response.once('close', () => clearTimeout(timer));
    request.resume();
  }

  /** Answers what never became a whole request: broken HTTP, a head too large or too slow. */
  #clientError(error: Error & { code?: string }, socket: Socket): void {
    if (this.#brokenSockets.has(socket)) return;
    this.#brokenSockets.add(socket);
    const { answer, open } = this.#connections.get(socket) ?? { answer: null, open: 0 };
    if (answer?.headersSent === true && !answer.req.complete) {
      // The body of a request that was refused before it was read.
      answer.end();
      return;
    }
    // What is broken came behind a request that is not answered: words about it would be taken for that answer.
    if (!socket.writable || open > 1 || (answer !== null && isOpen(answer))) {
      socket.destroy();
      return;
    }
    const { status, headers, body } = this.#ports.refusalOf(brokenBy(error.code));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'connection: close',
      `content-length: ${body.length}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
    // What still comes in is thrown away by the parser that gave up: closing at once would reset the answer.
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

const brokenBy = (code: string | undefined): BrokenRequest => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed';
};
