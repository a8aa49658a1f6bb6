import type { KeyTable } from '../access/index.ts';
import type { Reach } from '../egress/index.ts';
import type { Capabilities, PriceEntry, PromptCache } from '../market/index.ts';
import type { Authorizer } from '../providers/index.ts';
import type { Caps, Policies } from '../router/index.ts';
import type { DataTerms, RateScope, TargetRef } from '../vocabulary/index.ts';
import type { ListedModel, RequestCeilings, UpstreamWire, Wire } from '../wire/index.ts';
import type { CacheIsolation } from './affinity/tenantOf.ts';
import type { LackPolicy } from './LackPolicy.ts';

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
  /** What it is called on where its client's own wire is none of `alsoSpeaks`. */
  readonly wire: UpstreamWire;
  readonly alsoSpeaks: readonly Wire[];
  /** Scheme, host and port. */
  readonly origin: string;
  /** How near the addresses may be that calls to the origin go to. */
  readonly reach: Reach;
  /** The path before the wire's own, without a slash at its end. */
  readonly basePath: string;
  /** What goes behind each path as its query, without the "?"; mostly empty. */
  readonly query: string;
  /** Null where calls go without a credential. */
  readonly authorizer: Authorizer | null;
  /** Names the credential without showing it: "provider/account". */
  readonly credential: string;
  readonly quotaDomain: string;
  /** Within which what its vendor holds for a caller can be had again: "vendor/account/region". */
  readonly boundary: string;
  /** How its vendor keeps prompts that are sent to it; null where nothing is known of that. */
  readonly promptCache: PromptCache | null;
  /** Whether its vendor holds conversations, so that a request need not bring all of its own. */
  readonly holdsConversations: boolean;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  /** What its provider does with what it is sent. */
  readonly data: DataTerms;
  /** What policies and requests may demand. */
  readonly tags: readonly string[];
  /** Its part of its model's traffic, relative to the others that have one; null where it has none. */
  readonly weight: number | null;
  /** Share of its model's traffic that goes to it first, 0 to 1; null where it is no canary. */
  readonly canary: number | null;
  readonly lab: string | null;
  readonly region: string | null;
  readonly capabilities: Capabilities;
  /** What its account with the vendor may be asked for; null where nothing is said. */
  readonly rates: RateScope | null;
  /** @param atMs Unix milliseconds. */
  terms(atMs: number): Terms;
}

export interface LogicalModel {
  readonly name: string;
  readonly listed: ListedModel;
  /** Whether it makes vectors and nothing else. */
  readonly embeds: boolean;
  /** What all may ask of it together; null where nothing is said. */
  readonly rates: RateScope | null;
  readonly deployments: readonly Deployment[];
}

/** A rule of the file that opens paths of a provider as they are. */
export interface PassedRule {
  /** @param parts Of the path under the base URL, decoded. */
  isAbout(method: string, parts: readonly string[]): boolean;
  /** Model that it counts as for keys that are limited to some; null where for none. */
  readonly countsAs: string | null;
  /** What it is called in records, with the one deployment that it goes to. */
  readonly model: LogicalModel;
}

/** What of a provider's own paths is open. */
export interface PassedProvider {
  /** The path of its base URL, without a slash at its end. */
  readonly basePath: string;
  /** The first that is about a request counts. */
  readonly rules: readonly PassedRule[];
}

export interface GatewayLimits extends RequestCeilings {
  readonly firstByteMs: number;
  readonly firstByteReasoningMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly holdHeadersMs: number;
  readonly pingMs: number;
  readonly answerBytes: number;
  /** Largest request, also one that was put together here. */
  readonly bodyBytes: number;
  /** Larger bodies are translated by the translator. */
  readonly inlineBytes: number;
  readonly attempts: number;
  /** Requests being served at once; one more is told to come back. */
  readonly requestsInFlight: number;
}

/** Everything a request is decided by, swapped whole at a reload: no request sees half of a new configuration. */
export interface Snapshot {
  readonly keys: KeyTable;
  /** False while the database could not say yet which keys were made over the API: then a key that is not in the table may be good. */
  readonly areKeysKnown: boolean;
  readonly models: ReadonlyMap<string, LogicalModel>;
  /** Limits of organisations and of teams, by their names; those that have none are not here. */
  readonly organisationRates: ReadonlyMap<string, RateScope>;
  readonly teamRates: ReadonlyMap<string, RateScope>;
  /** Providers whose own paths are open, by their names. */
  readonly passthrough: ReadonlyMap<string, PassedProvider>;
  readonly limits: GatewayLimits;
  /** What models, teams and keys prefer and forbid. */
  readonly policies: Policies;
  readonly caps: Caps;
  /** Cost that the caps are measured against while little was spent. US dollars a window. */
  readonly forecastUsd: number;
  /** Whether a vendor's content refusal moves on to another target. */
  readonly moveContentPolicy: boolean;
  /** Whether `unpriced: flag` lets requests through that no price is known for. */
  readonly serveUnpriced: boolean;
  /** What becomes of a request that a target would have to serve without something. */
  readonly lacking: LackPolicy;
  /** Whose conversations are kept apart in vendors' prompt caches. */
  readonly cacheIsolation: CacheIsolation;
  /** Whether the keys are of several that may not. */
  readonly hasSeveralTenants: boolean;
  /** Headers on every answer, such as `x-archipel-sandbox`. */
  readonly answerHeaders: Readonly<Record<string, string>>;
}

/** Everything that a request can go to. */
export const deploymentsOf = ({ models, passthrough }: Snapshot): readonly Deployment[] => {
  const passed = [...passthrough.values()].flatMap(({ rules }) => rules.map(({ model }) => model));
  return [...models.values(), ...passed].flatMap(({ deployments }) => deployments);
};
