import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gatewayErrors, type Gateway, type GatewayErrorCode } from '../gateway/index.ts';
import type { Clock, Log, Metrics, UuidV7Maker } from '../kernel/index.ts';
import { defaultWire, matchRoute, type Wire } from '../wire/index.ts';
import { frontCheck } from './frontCheck.ts';
import { NodeReply } from './NodeReply.ts';
import { listenOn } from './listenOn.ts';
import { Occupancy, type OccupancyLimits } from './Occupancy.ts';
import { overloaded, type PlaneRefusal } from './PlaneRefusal.ts';
import type { BodyLimits } from './readBody.ts';
import { takeBody } from './takeBody.ts';

/** An `import` of it would read each of its exports, and one of them loads all of fetch: 12 MB that the server has no use for. */
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

export interface DataPlaneLimits extends BodyLimits, OccupancyLimits {
  readonly headerBytes: number;
  /** From the connection's first byte to the end of the head. */
  readonly headersMs: number;
  /** Longest silence of a client that has its answer's end still to read. */
  readonly idleMs: number;
}

/** How long an idle connection of a client is kept. */
const idleConnectionMs = 65_000;
/** Headers of one request; more are left unread by node:http, so their bytes are what bounds them. */
const headersMax = 200;
/** How long what a refused client still sends is read and thrown away, so that it sees the answer. */
const lingerMs = 2_000;

export interface DataPlanePorts {
  readonly gateway: Pick<Gateway, 'authenticate' | 'serve'>;
  /** Read for every request: a reload changes them at once. */
  readonly limits: () => DataPlaneLimits;
  readonly clock: Clock;
  readonly ids: UuidV7Maker;
  readonly log: Log;
  readonly metrics: Metrics;
}

const malformedMessage = 'This is not well-formed HTTP/1.1, or could be read in two ways.';

/** Whether an answer to a whole request is under way: bytes of ours would land inside it, or in its place. */
const isOpen = (answer: ServerResponse): boolean => answer.req.complete && !answer.writableFinished;

/** The listener that clients call. It reads, checks and routes; what happens to a request is the gateway's. */
export class DataPlane {
  readonly #ports: DataPlanePorts;
  readonly #server: Server;
  /** The last answer of each connection, begun or not. */
  readonly #answers = new WeakMap<Socket, ServerResponse>();
  readonly #brokenSockets = new WeakSet<Socket>();
  readonly #occupancy: Occupancy;
  #inFlight = 0;
  #draining = false;
  #drained: (() => void) | null = null;

  constructor(ports: DataPlanePorts) {
    this.#ports = ports;
    this.#occupancy = new Occupancy(ports.limits);
    const limits = ports.limits();
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        // The body has its own clock, which answers in the client's shape; this is the outer wall.
        requestTimeout: limits.headersMs + limits.bodyMs + 5_000,
        keepAliveTimeout: idleConnectionMs,
        connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
        insecureHTTPParser: false,
        // The front check says it in the client's shape.
        requireHostHeader: false,
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxHeadersCount = headersMax;
    // A client that ends its side still gets its answer; whether it is there to read it, the reply finds out.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on('clientError', (error, socket) => this.#clientError(error, socket as Socket));
  }

  /** Whether new requests are refused because this server is about to end. */
  get draining(): boolean {
    return this.#draining;
  }

  /** @returns the URL that clients use. @throws when the address cannot be had. */
  listen(host: string, port: number): Promise<string> {
    return listenOn(this.#server, host, port);
  }

  /** Refuses new requests, lets running ones end, and cuts what is left after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#draining = true;
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // Not before: node:http takes an answer for sent once it was ended, and closes its connection over what a slow reader has not taken yet.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // What comes while we drain is refused at once; were it waited for, a busy client could hold the stop up.
    const counted = !this.#draining;
    if (counted) this.#inFlight += 1;
    this.#answers.set(request.socket, response);
    // An answer is over when its last byte has left, or its client: what waits for a slow reader must not be cut by a stop.
    let open = 2;
    const end = (): void => {
      open -= 1;
      if (open === 0 && counted) this.#over();
    };
    response.once('close', end);
    this.#route(request, response).then(end, (error: unknown) => {
      this.#ports.log.error('request handler failed', {
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      response.destroy();
      end();
    });
  }

  #over(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#drained?.();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gateway, clock, ids } = this.#ports;
    const requestId = ids.nextRequestId(clock.nowMs());
    const refuse = (wire: Wire, refusal: PlaneRefusal): void => this.#refuse(response, wire, requestId, refusal);
    const front = frontCheck(request);
    if (front) return refuse(defaultWire, { code: 'bad_request', message: front.message, close: true });
    const url = request.url ?? '/';
    const queryAt = url.indexOf('?');
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    const match = matchRoute(request.method ?? '', path, request.headers);
    if (match.kind === 'not_found')
      return refuse(defaultWire, { code: 'not_found', message: `There is no ${path} here.`, close: true });
    if (match.kind === 'method_not_allowed') {
      const allow = match.methodsAllowed.join(', ');
      const message = `${path} takes ${allow}, not ${request.method}.`;
      return refuse(match.wire, { code: 'method_not_allowed', message, headers: { allow }, close: true });
    }
    const { wire, route } = match;
    const principal = gateway.authenticate(request.headers);
    if (!principal.ok)
      return refuse(wire, { code: principal.fault.code, message: principal.fault.message, close: true });
    if (this.#draining) return refuse(wire, overloaded('This server is shutting down.'));
    const body = await takeBody({ request, response, route, occupancy: this.#occupancy, limits: this.#ports.limits() });
    if (!(body instanceof Uint8Array)) return body === null ? undefined : refuse(wire, body);
    await gateway.serve({
      wire,
      route,
      query: queryAt < 0 ? '' : url.slice(queryAt),
      headers: request.headers,
      principal: principal.value,
      body,
      reply: new NodeReply(response, this.#ports.limits().idleMs),
      requestId,
      startedAtMs: clock.nowMs(),
      startedMonotonicMs: clock.monotonicMs(),
    });
  }

  #refuse(response: ServerResponse, wire: Wire, requestId: string, refusal: PlaneRefusal): void {
    const { what, mend, status } = gatewayErrors[refusal.code];
    const body = wire.errorBody({
      code: refusal.code,
      status,
      message: refusal.message ?? `${what} ${mend}`,
      requestId,
    });
    this.#ports.metrics.count('archipel_refusals_total', { code: refusal.code });
    response.writeHead(status, {
      ...refusal.headers,
      ...(refusal.close ? { connection: 'close' } : {}),
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-archipel-request-id': requestId,
      'x-archipel-error': refusal.code,
    });
    if (refusal.close && !response.req.complete) this.#linger(response, body);
    else response.end(body);
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
    const answer = this.#answers.get(socket);
    if (answer?.headersSent === true && !answer.req.complete) {
      // The body of a request that was refused before it was read.
      answer.end();
      return;
    }
    if (!socket.writable || (answer !== undefined && isOpen(answer))) {
      socket.destroy();
      return;
    }
    const code: GatewayErrorCode =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? 'headers_too_large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? 'request_timeout'
          : 'bad_request';
    const { status, what, mend } = gatewayErrors[code];
    const message = code === 'bad_request' ? malformedMessage : `${what} ${mend}`;
    const requestId = this.#ports.ids.nextRequestId(this.#ports.clock.nowMs());
    const body = defaultWire.errorBody({ code, status, message, requestId });
    this.#ports.metrics.count('archipel_refusals_total', { code });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'connection: close',
      'content-type: application/json',
      `content-length: ${body.length}`,
      `x-archipel-request-id: ${requestId}`,
      `x-archipel-error: ${code}`,
    ];
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
    // What still comes in is thrown away by the parser that gave up: closing at once would reset the answer.
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}
