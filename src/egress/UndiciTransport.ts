import { errors, Pool, type Dispatcher } from 'undici';
import type {
  Transport,
  TransportFault,
  UpstreamCall,
  UpstreamHandle,
  UpstreamHeaders,
  UpstreamSink,
} from './Transport.ts';

export interface TransportLimits {
  /** A lost SYN is sent again after 1 and 3 seconds: less than 3,200 turns packet loss into failures. */
  readonly connectMs: number;
  /** Connections per origin and credential; more calls than that wait for one. */
  readonly connectionsMax: number;
  /** How long an idle connection is kept. */
  readonly idleConnectionMs: number;
  /** Bytes of an answer's header block. */
  readonly headerBytes: number;
}

export const defaultTransportLimits: TransportLimits = {
  connectMs: 3_200,
  connectionsMax: 1_024,
  idleConnectionMs: 30_000,
  headerBytes: 32_768,
};

const neverSent: Readonly<Record<string, TransportFault['cause']>> = {
  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'connect_refused',
  ENETUNREACH: 'connect_refused',
  EADDRNOTAVAIL: 'connect_refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ETIMEDOUT: 'connect_timeout',
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_not_found',
};

const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
};

/** @param sent Whether undici had begun to write the request: from then on the vendor may have it, whatever the error is called. */
const faultOf = (error: unknown, sent: boolean): TransportFault => {
  const code = codeOf(error);
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return { cause: 'answer_malformed', sent, message };
  }
  if (sent) return { cause: 'reset', sent, message };
  if (/^ERR_(?:TLS|SSL)|CERT/.test(code)) return { cause: 'tls', sent, message };
  return { cause: neverSent[code] ?? 'reset', sent, message };
};

/** Joins undici's callbacks to a sink, and stays silent after an abort. */
class SinkHandler implements Dispatcher.DispatchHandler, UpstreamHandle {
  readonly #sink: UpstreamSink;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;

  constructor(sink: UpstreamSink) {
    this.#sink = sink;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error('aborted by the gateway'));
  }

  pause(): void {
    if (!this.#over) this.#controller?.pause();
  }

  resume(): void {
    if (!this.#over) this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('aborted by the gateway'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    if (status >= 200 && !this.#over) this.#sink.head(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#sink.chunk(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.failed(faultOf(error, this.#controller !== null));
  }
}

/** Calls vendors over HTTP/1.1 by undici: one pool per origin and credential, no redirects, no decoding of bodies. */
export class UndiciTransport implements Transport {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: TransportLimits;
  #closed = false;

  constructor(limits: TransportLimits = defaultTransportLimits) {
    this.#limits = limits;
  }

  call(call: UpstreamCall, sink: UpstreamSink): UpstreamHandle {
    const handler = new SinkHandler(sink);
    if (this.#closed) {
      queueMicrotask(() => sink.failed({ cause: 'aborted', sent: false, message: 'the transport is closed' }));
      return handler;
    }
    this.#pool(call.origin, call.credential).dispatch(
      { path: call.path, method: call.method, headers: call.headers, body: call.body },
      handler,
    );
    return handler;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(origin: string, credential: string): Pool {
    const name = `${origin} ${credential}`;
    const known = this.#pools.get(name);
    if (known) return known;
    const pool = new Pool(origin, {
      connections: this.#limits.connectionsMax,
      pipelining: 1,
      keepAliveTimeout: this.#limits.idleConnectionMs,
      keepAliveMaxTimeout: this.#limits.idleConnectionMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: this.#limits.headerBytes,
      connect: { timeout: this.#limits.connectMs },
    });
    this.#pools.set(name, pool);
    return pool;
  }
}
