import { targetName } from '../vocabulary/index.ts';
import type { Bench } from './Bench.ts';
import type { Candidate } from './candidate.ts';
import type { FailureRate } from './FailureRate.ts';

/** What is known of one target. */
export interface TargetScope {
  readonly bench: Bench;
  readonly rate: FailureRate;
  failuresInRow: number;
  firstContentMs: number | null;
  /** What put it out last: our count of failures, a wait that the vendor asked for, or a deployment that it does not know. */
  outBy: 'failures' | 'stated' | 'refused';
}

/**
 * One request on its way to one candidate. Ended once by `succeeded`, `failed` or `cancelled`; later ends are ignored.
 * It holds the scopes themselves, not their names: a scope that was forgotten meanwhile learns in vain.
 */
export class Ticket {
  readonly target: string;
  readonly credential: string;
  readonly quotaDomain: string;
  readonly targetScope: TargetScope;
  readonly credentialBench: Bench;
  readonly quotaBench: Bench;
  readonly targetEpoch: number;
  readonly credentialEpoch: number;
  readonly quotaEpoch: number;
  #probe = false;
  #ended = false;

  constructor(candidate: Candidate, targetScope: TargetScope, credentialBench: Bench, quotaBench: Bench) {
    this.target = targetName(candidate.target);
    this.credential = candidate.credential;
    this.quotaDomain = candidate.quotaDomain;
    this.targetScope = targetScope;
    this.credentialBench = credentialBench;
    this.quotaBench = quotaBench;
    this.targetEpoch = targetScope.bench.epoch;
    this.credentialEpoch = credentialBench.epoch;
    this.quotaEpoch = quotaBench.epoch;
  }

  /** Whether it took a probe's slot. */
  get probe(): boolean {
    return this.#probe;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes the slots that are there to take. */
  enter(nowMs: number): void {
    const probesTarget = this.targetScope.bench.enter(this, nowMs);
    const probesCredential = this.credentialBench.enter(this, nowMs);
    this.#probe = probesTarget || probesCredential;
  }

  /** Frees its slots. @returns false when it had ended before. */
  end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.targetScope.bench.leave(this);
    this.credentialBench.leave(this);
    return true;
  }
}
