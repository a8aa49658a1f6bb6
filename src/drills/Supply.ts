import type { PriceEntry } from '../market/index.ts';
import type { Caps, EffectivePolicy } from '../router/index.ts';
import type { DataTerms, FeatureSet, Operation, RateScope, TargetRef } from '../vocabulary/index.ts';

/** What a target costs at a moment. */
export interface SupplyTerms {
  /** Null where no price is known. */
  readonly price: PriceEntry | null;
  /** Exact decimal fraction that its contract takes off, "0" where none. */
  readonly discount: string;
  readonly contract: string | null;
}

/** One target of a model as drills see it: where it stands, what it can do, what it costs. */
export interface SupplyTarget {
  readonly target: TargetRef;
  /** Name of its provider as the file has it: members of a list share it. */
  readonly group: string;
  readonly credential: string;
  readonly quotaDomain: string;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  /** Hosts without which it stops, those that it needs through others among them. */
  readonly dependsOn: readonly string[];
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  /** What its provider does with what it is sent. */
  readonly data: DataTerms;
  /** What policies and requests may demand. */
  readonly tags: readonly string[];
  /** Its part of its model's traffic, and its share of it as a canary; null where it has none. */
  readonly weight: number | null;
  readonly canary: number | null;
  readonly lacks: FeatureSet;
  readonly contextTokens: number | null;
  /** What its account may be asked for by the file; null where nothing is said. */
  readonly rates: RateScope | null;
  /** Whether clients of a wire can be served an operation there. */
  serves(wire: string, operation: Operation): boolean;
  /** @param atMs Unix milliseconds. */
  terms(atMs: number): SupplyTerms;
}

/** What a quota domain was seen to serve. It is measured by live traffic, and never made up. */
export interface SeenCapacity {
  /** Most requests that it served in a minute. */
  readonly requestsPerMinute: number;
  /** Whether it refused more at that rate. Where it never did, it may well serve more. */
  readonly limited: boolean;
}

/** What a quota domain was seen to serve; null where nothing was. */
export type BurstCapacity = (quotaDomain: string) => SeenCapacity | null;

/** Whose requests they are. Null for one who says nothing of its own. */
export interface Caller {
  readonly organisation: string | null;
  readonly team: string | null;
  /** Name of the key. */
  readonly key: string | null;
}

/** What the file, its models, organisations, teams and keys say of who may serve. */
export interface SupplyPolicies {
  /** What holds for requests of a model. Of a team or a key that is not there any more nothing is known: then the others hold. */
  of(model: string, caller: Caller): EffectivePolicy;
  hasTeam(team: string): boolean;
  hasKey(key: string): boolean;
  /** Organisations, teams and keys that say something of their own. */
  readonly organisations: readonly string[];
  readonly teams: readonly string[];
  readonly keys: readonly string[];
}

/** All that requests could go to, and the rules by which they are sent there. */
export interface Supply {
  readonly models: ReadonlyMap<string, readonly SupplyTarget[]>;
  readonly caps: Caps;
  /** US dollars a window of the caps. */
  readonly forecastUsd: number;
  /** Features that are left out for a target that lacks them. */
  readonly dropped: FeatureSet;
  readonly burstCapacity: BurstCapacity;
  readonly policies: SupplyPolicies;
}

/** Every target once, by its name and credential, whatever the models. */
export const targetsOf = ({ models }: Pick<Supply, 'models'>): readonly SupplyTarget[] => [...models.values()].flat();
