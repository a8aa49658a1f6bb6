import type { Listener } from '../address/isListener.ts';
import type { PinPorts } from '../address/pinAddresses.ts';
import type { Reach } from '../address/Reach.ts';
import { resolveName, type ResolveName } from '../address/resolveName.ts';
import type { Transport, UpstreamCall, UpstreamHandle, UpstreamSink } from '../Transport.ts';
import { defaultTransportLimits, type TransportLimits, type TransportTrust } from '../TransportLimits.ts';
import { ConnectionPool } from './ConnectionPool.ts';
import { LeanCall } from './LeanCall.ts';
import { endpointOf } from './openSocket.ts';
import { requestFields } from './requestFields.ts';

export interface LeanOptions extends TransportTrust {
  /** Milliseconds that never jump; the machine's if left out. */
  readonly monotonicMs?: () => number;
  /** Who tells where names lead; the system if left out. */
  readonly resolve?: ResolveName;
  /** Where this program listens itself; nowhere if left out. */
  readonly listeners?: () => readonly Listener[];
}

/**
 * Calls vendors over HTTP/1.1 by bare sockets: one pool per origin, credential and reach, no redirects, no decoding of bodies, no second try
 * of a request that may have been seen. A connection goes to an address that was looked up and judged for it, and to no other. One suite of tests holds for it and for a client of another hand.
 */
export class LeanTransport implements Transport {
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #limits: TransportLimits;
  readonly #trust: TransportTrust;
  readonly #monotonicMs: () => number;
  readonly #pinPorts: PinPorts;
  #closed = false;

  constructor(limits: TransportLimits = defaultTransportLimits, options: LeanOptions = {}) {
    const {
      monotonicMs = (): number => performance.now(),
      resolve = resolveName,
      listeners = nowhere,
      ...trust
    } = options;
    this.#limits = limits;
    this.#pinPorts = { resolve, listeners };
    this.#trust = trust;
    this.#monotonicMs = monotonicMs;
  }

  call(call: UpstreamCall, sink: UpstreamSink): UpstreamHandle {
    const fields = requestFields(call);
    if (this.#closed) return refused(call, sink, 'aborted', 'the transport is closed');
    if (!fields.ok) return refused(call, sink, 'reset', fields.fault);
    const pool = this.#pool(call.origin, call.credential, call.reach);
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

  #pool(origin: string, credential: string, reach: Reach): ConnectionPool {
    const name = `${reach} ${origin} ${credential}`;
    const known = this.#pools.get(name);
    if (known) return known;
    const pool = new ConnectionPool({
      endpoint: endpointOf(origin),
      reach,
      pinPorts: this.#pinPorts,
      limits: this.#limits,
      trust: this.#trust,
      monotonicMs: this.#monotonicMs,
      onEmpty: () => this.#pools.delete(name),
    });
    this.#pools.set(name, pool);
    return pool;
  }
}

const nowhere = (): readonly Listener[] => [];

/** A call that is over before it begins. Its listener hears so once it holds the handle. */
const refused = (call: UpstreamCall, sink: UpstreamSink, cause: 'aborted' | 'reset', message: string): LeanCall => {
  const lean = new LeanCall(call.method, '', null, sink);
  queueMicrotask(() => lean.failed(cause, message));
  return lean;
};
