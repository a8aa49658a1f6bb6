import { errors, Pool, type Dispatcher } from 'undici';
import type {
  Transport,
  TransportFault,
  UpstreamCall,
  UpstreamHandle,
  UpstreamHeaders,
  UpstreamSink,
} from './Transport.ts';
import { connectFault, faultMessage } from './connectFault.ts';
import { defaultTransportLimits, type TransportLimits, type TransportTrust } from './TransportLimits.ts';

/** @param sent Whether undici had begun to write the request: from then on the vendor may have it, whatever the error is called. */
const faultOf = (error: unknown, sent: boolean): TransportFault => {
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return { cause: 'answer_malformed', sent, message: faultMessage(error) };
  }
  return sent ? { cause: 'reset', sent, message: faultMessage(error) } : connectFault(error);
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

/** Calls vendors over HTTP/1.1 by undici: one pool per origin and credential, no redirects, no decoding of bodies. It judges no addresses. */
export class UndiciTransport implements Transport {
  readonly #pools = new Map<string, Pool>();
  readonly #limits: TransportLimits;
  readonly #trust: TransportTrust;
  #closed = false;

  constructor(limits: TransportLimits = defaultTransportLimits, trust: TransportTrust = {}) {
    this.#limits = limits;
    this.#trust = trust;
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
      // It would offer HTTP/2 otherwise, on which many calls share one connection and its flow control.
      allowH2: false,
      keepAliveTimeout: this.#limits.idleConnectionMs,
      keepAliveMaxTimeout: this.#limits.idleConnectionMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: this.#limits.headerBytes,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: this.#limits.connectRaceMs,
      connect: { timeout: this.#limits.connectMs, ...this.#trust },
    });
    this.#pools.set(name, pool);
    return pool;
  }
}
