import type { KeyTable } from '../access/index.ts';
import type { Secret } from '../kernel/index.ts';
import type { Capabilities, PriceEntry } from '../market/index.ts';
import type { Caps } from '../router/index.ts';
import type { TargetRef } from '../vocabulary/index.ts';
import type { ListedModel, Wire } from '../wire/index.ts';

/** What a deployment costs at a moment. */
export interface Terms {
  /** Null where no price is known: what happens then is the policy's to say. */
  readonly price: PriceEntry | null;
  /** Exact decimal fraction that the contract takes off, "0" where none. */
  readonly discount: string;
  /** Contract drawn down by it, or null. */
  readonly contract: string | null;
}

/** One way to serve a logical model: an endpoint, a credential and the vendor's name of the model. */
export interface Deployment {
  readonly target: TargetRef;
  readonly wire: Wire;
  /** Scheme, host and port; and the path before the wire's own, without a slash at its end. */
  readonly origin: string;
  readonly basePath: string;
  readonly apiKey: Secret | null;
  /** Names the credential without showing it: "provider/account". */
  readonly credential: string;
  readonly quotaDomain: string;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  readonly region: string | null;
  readonly capabilities: Capabilities;
  /** @param atMs Unix milliseconds. */
  terms(atMs: number): Terms;
}

export interface LogicalModel {
  readonly name: string;
  readonly listed: ListedModel;
  /** Whether it makes vectors and nothing else. */
  readonly embeds: boolean;
  readonly deployments: readonly Deployment[];
}

export interface GatewayLimits {
  readonly firstByteMs: number;
  readonly firstByteReasoningMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly holdHeadersMs: number;
  readonly pingMs: number;
  readonly answerBytes: number;
  readonly attempts: number;
  /** Requests being served at once; one more is told to come back. */
  readonly requestsInFlight: number;
}

/** Everything a request is decided by, swapped whole at a reload: no request sees half of a new configuration. */
export interface Snapshot {
  readonly keys: KeyTable;
  readonly models: ReadonlyMap<string, LogicalModel>;
  readonly limits: GatewayLimits;
  readonly caps: Caps;
  /** Cost that the caps are measured against while little was spent. US dollars a window. */
  readonly forecastUsd: number;
  /** Whether a vendor's content refusal moves on to another target. */
  readonly moveContentPolicy: boolean;
  /** Whether `unpriced: flag` lets requests through that no price is known for. */
  readonly serveUnpriced: boolean;
  /** Headers on every answer, such as `x-archipel-sandbox`. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}
