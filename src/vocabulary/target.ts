import type { FeatureSet } from './features.ts';

/**
 * What a request asks for, whatever the wire. `passthrough`: whatever its vendor understands by it, since nobody reads it here; `kept`: an answer that was
 * given before and is kept here, which no target is asked for.
 */
export type Operation = 'generate' | 'embed' | 'countTokens' | 'listModels' | 'passthrough' | 'kept';

/** What an attempt in the ledger was for: what a client asked for, or `compute`, the work of a job on accelerators, which no client can ask for. */
export type AttemptOperation = Operation | 'compute';

/** One place a request can go: a provider of the file and the vendor's name of the model. */
export interface TargetRef {
  readonly provider: string;
  readonly model: string;
}

/** "provider/model": how a target is named in headers, logs and tables. */
export const targetName = (target: TargetRef): string => `${target.provider}/${target.model}`;

/** What a target must be able to do to serve a request. */
export interface Requirements {
  readonly operation: Operation;
  readonly features: FeatureSet;
  /** Top-level parameters that the request carries, by their name on the wire. */
  readonly parameters: readonly string[];
}
