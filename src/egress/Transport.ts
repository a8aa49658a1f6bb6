import type { Reach } from './address/Reach.ts';

/** One call to a vendor. All time limits but the connection's belong to the caller, who may abort at any moment. */
export interface UpstreamCall {
  /** Scheme, host and port of the provider's base URL, from the configuration only. */
  readonly origin: string;
  /** How near the addresses may be that the name of the origin resolves to, from the configuration only. */
  readonly reach: Reach;
  /** Connections are never shared across different values of this: one credential never reads another's answer. */
  readonly credential: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** Lower-case header names as the vendor sent them. */
export type UpstreamHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Why no (whole) answer came. */
export interface TransportFault {
  readonly cause:
    | 'connect_refused'
    | 'connect_timeout'
    | 'name_not_found'
    | 'forbidden_address'
    | 'tls'
    | 'reset'
    | 'answer_malformed'
    | 'aborted';
  /** Whether the vendor may have seen the request: if it may, it may bill for it. */
  readonly sent: boolean;
  /** The system's words, for the operator. */
  readonly message: string;
}

/** Receives one answer: `head` once, `chunk` any number of times, then exactly one of `end` and `failed`. */
export interface UpstreamSink {
  head(status: number, headers: UpstreamHeaders): void;
  chunk(bytes: Buffer): void;
  end(): void;
  failed(fault: TransportFault): void;
}

export interface UpstreamHandle {
  /** Ends the call; the sink hears nothing more. */
  abort(): void;
  /** Stops reading from the vendor until `resume`: backpressure of a slow client. */
  pause(): void;
  resume(): void;
}

/** Port to the outside. */
export interface Transport {
  call(call: UpstreamCall, sink: UpstreamSink): UpstreamHandle;
  /** Ends all idle connections and refuses new calls. */
  close(): Promise<void>;
}
