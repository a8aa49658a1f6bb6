import type { Transport, UpstreamCall, UpstreamHandle, UpstreamSink } from '../Transport.ts';
import { defaultTransportLimits, type TransportLimits, type TransportTrust } from '../TransportLimits.ts';
import { ConnectionPool } from './ConnectionPool.ts';
import { LeanCall } from './LeanCall.ts';
import { endpointOf } from './openSocket.ts';
import { requestFields } from './requestFields.ts';

export interface LeanOptions extends TransportTrust {
  /** Milliseconds that never jump; the machine's if left out. */
  readonly monotonicMs?: () => number;
}

/**
 * Calls vendors over HTTP/1.1 by bare sockets: one pool per origin and credential, no redirects, no decoding of bodies, no second try of a
 * request that may have been seen. One suite of tests holds for it and for a client of another hand.
 */
export class LeanTransport implements Transport {
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #limits: TransportLimits;
  readonly #trust: TransportTrust;
  readonly #monotonicMs: () => number;
  #closed = false;

  constructor(limits: TransportLimits = defaultTransportLimits, options: LeanOptions = {}) {
    const { monotonicMs = (): number => performance.now(), ...trust } = options;
    this.#limits = limits;
    this.#trust = trust;
    this.#monotonicMs = monotonicMs;
  }

  call(call: UpstreamCall, sink: UpstreamSink): UpstreamHandle {
    const fields = requestFields(call);
    if (this.#closed) return refused(call, sink, 'aborted', 'the transport is closed');
    if (!fields.ok) return refused(call, sink, 'reset', fields.fault);
    const pool = this.#pool(call.origin, call.credential);
    const head = `${call.method} ${call.path} HTTP/1.1\r\nhost: ${pool.endpoint.authority}\r\nconnection: keep-alive\r\n${fields.value}`;
    const lean = new LeanCall(call.method, head, call.body, sink);
    pool.start(lean);
    return lean;
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    return Promise.resolve();
  }

  #pool(origin: string, credential: string): ConnectionPool {
    const name = `${origin} ${credential}`;
    const known = this.#pools.get(name);
    if (known) return known;
    const pool = new ConnectionPool({
      endpoint: endpointOf(origin),
      limits: this.#limits,
      trust: this.#trust,
      monotonicMs: this.#monotonicMs,
      onEmpty: () => this.#pools.delete(name),
    });
    this.#pools.set(name, pool);
    return pool;
  }
}

/** A call that is over before it begins. Its listener hears so once it holds the handle. */
const refused = (call: UpstreamCall, sink: UpstreamSink, cause: 'aborted' | 'reset', message: string): LeanCall => {
  const lean = new LeanCall(call.method, '', null, sink);
  queueMicrotask(() => lean.failed(cause, message));
  return lean;
};
