import type { Bench } from './Bench.ts';
import type { Candidate } from './candidate.ts';
import type { Comeback } from './Comeback.ts';
import type { DomainScope } from './DomainScope.ts';
import type { AwaitedHead } from './Silence.ts';
import type { TargetScope } from './TargetScope.ts';

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
  readonly domain: DomainScope;
  readonly targetEpoch: number;
  readonly credentialEpoch: number;
  readonly quotaEpoch: number;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Requests under way in its quota domain when it went out, itself among them. */
  readonly under: number;
  readonly #comeback: Comeback | null;
  #probe = false;
  #heard = false;
  #answered = false;
  #ended = false;

  /** Takes the slots that are there to take. */
  constructor(
    candidate: Candidate,
    targetScope: TargetScope,
    credentialBench: Bench,
    domain: DomainScope,
    nowMs: number,
    awaited: AwaitedHead | null,
  ) {
    this.target = targetScope.name;
    this.credential = candidate.credential;
    this.quotaDomain = candidate.quotaDomain;
    this.targetScope = targetScope;
    this.credentialBench = credentialBench;
    this.domain = domain;
    this.targetEpoch = targetScope.bench.epoch;
    this.credentialEpoch = credentialBench.epoch;
    this.quotaEpoch = domain.bench.epoch;
    this.startedMs = nowMs;
    const probesTarget = targetScope.bench.enter(this, nowMs);
    const probesCredential = credentialBench.enter(this, nowMs);
    this.#probe = probesTarget || probesCredential;
    this.under = domain.concurrency.enter();
    domain.silence.sent(nowMs, awaited);
    this.#comeback = targetScope.comeback;
    this.#comeback?.enter();
  }

  /** Whether it took a probe's slot. */
  get probe(): boolean {
    return this.#probe;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The head of its answer came. */
  heard(nowMs: number): void {
    if (this.#ended || this.#heard) return;
    this.#heard = true;
    this.domain.silence.settled();
    this.domain.silence.heard(this.startedMs, nowMs);
  }

  /** The first content came. */
  answered(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#comeback?.answered();
    if (this.targetScope.comeback?.isOver === true) this.targetScope.comeback = null;
  }

  /** Frees its slots. @returns false when it had ended before. */
  end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.targetScope.bench.leave(this);
    this.credentialBench.leave(this);
    this.domain.concurrency.leave();
    if (!this.#heard) this.domain.silence.settled();
    this.#comeback?.leave();
    return true;
  }
}
