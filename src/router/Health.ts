import { targetName, type Failure, type QuotaReading } from '../vocabulary/index.ts';
import type { Admission, ScopeKind } from './admission.ts';
import { Bench, type BenchState } from './Bench.ts';
import type { Candidate } from './candidate.ts';
import { FailureRate } from './FailureRate.ts';
import { defaultHealthLimits, type HealthLimits } from './healthLimits.ts';
import { insertBounded } from './insertBounded.ts';
import { QuotaEstimate } from './QuotaEstimate.ts';
import { Ticket, type TargetScope } from './Ticket.ts';

/** Causes that say "nobody is there": one is enough. */
const unreachableCauses: ReadonlySet<string> = new Set(['connect_refused', 'connect_timeout', 'name_not_found', 'tls']);

/** Something to log and count. `alarm` needs a person. */
export interface HealthEvent {
  readonly kind: 'alarm' | 'benched' | 'recovered';
  readonly scope: ScopeKind;
  /** Name of the target, credential or quota domain. */
  readonly name: string;
  readonly cause: string;
  /** How long it is out, in milliseconds; 0 when it recovered. */
  readonly forMs: number;
  /** The vendor's words, where there were some. */
  readonly message?: string;
}

export interface ScopeHealth {
  readonly scope: ScopeKind;
  readonly name: string;
  readonly state: BenchState;
  /** Milliseconds that it stays out; 0 unless benched. */
  readonly leftMs: number;
  /** Why it is or last was out; empty when it never was. */
  readonly cause: string;
  /** Of targets only. */
  readonly failuresInRow?: number;
  readonly failureRate?: number;
  /** Moving average of the time to the first content; null where none was seen. */
  readonly firstContentMs?: number | null;
}

const dimensionWords = {
  requests: 'requests',
  tokens: 'tokens',
  inputTokens: 'input tokens',
  outputTokens: 'output tokens',
} as const;

const admitted: Admission = { open: true, probe: false };
const admittedToProbe: Admission = { open: true, probe: true };
const nothingHappened: readonly HealthEvent[] = [];
/** Weight of a new time to first content. */
const firstContentWeight = 0.1;

/**
 * What live traffic taught about targets, credentials and quota domains. Passive: no request is ever made to find out, so health costs
 * nothing and cannot be wrong about what a real request meets. All times are monotonic milliseconds that come in.
 */
export class Health {
  readonly #limits: HealthLimits;
  readonly #targets = new Map<string, TargetScope>();
  readonly #credentials = new Map<string, Bench>();
  readonly #quotaDomains = new Map<string, Bench>();
  /** Of the quota domains whose vendors tell what is left. */
  readonly #quotaEstimates = new Map<string, QuotaEstimate>();

  constructor(limits: Partial<HealthLimits> = {}) {
    this.#limits = { ...defaultHealthLimits, ...limits };
  }

  /**
   * Whether a candidate may be tried now. A pure look.
   * @param waited the request has waited what this vendor asked for (`sameTargetWait`).
   */
  admit(candidate: Candidate, nowMs: number, waited = false): Admission {
    if (candidate.rest !== null) return candidate.rest;
    const target = this.#targets.get(targetName(candidate.target));
    const credential = this.#credentials.get(candidate.credential);
    const quota = this.#quotaDomains.get(candidate.quotaDomain);
    if (allHealthy(target?.bench, credential, quota)) return admitted;
    return (
      refusal('credential', credential, nowMs, waited, 'refused') ??
      refusal('quota', quota, nowMs, waited, 'stated') ??
      refusal('target', target?.bench, nowMs, waited, target?.outBy ?? 'failures') ??
      (isHealthy(target?.bench) && isHealthy(credential) ? admitted : admittedToProbe)
    );
  }

  /**
   * Why a candidate had better not be asked now, by what its vendor said is left of its limits: for people, or null. It may be asked all the same where
   * nobody else is left: what the vendor said may be wrong by now. A pure look.
   */
  restReason({ quotaDomain, inputTokens }: Candidate, nowMs: number): string | null {
    const rest = this.#quotaEstimates.get(quotaDomain)?.rest(inputTokens, nowMs) ?? null;
    if (rest === null) return null;
    return `quota rests for ${tenths(rest.untilMs - nowMs)} s (its vendor says too few ${dimensionWords[rest.dimension]} are left)`;
  }

  /** The vendor told what is left of its limits, whatever it answers. */
  heard({ quotaDomain }: Ticket, reading: QuotaReading, nowMs: number): void {
    const known = this.#quotaEstimates.get(quotaDomain);
    const estimate = known ?? new QuotaEstimate(this.#limits.statedWaitMsMax);
    estimate.hear(reading, nowMs);
    if (known === undefined) insertBounded(this.#quotaEstimates, quotaDomain, estimate, this.#limits.entriesMax);
  }

  /** The request goes out. Takes the probe's slot where there is one. */
  started(candidate: Candidate, nowMs: number): Ticket {
    const ticket = new Ticket(
      candidate,
      this.#targetScope(targetName(candidate.target)),
      this.#bench(this.#credentials, candidate.credential, true),
      this.#bench(this.#quotaDomains, candidate.quotaDomain, false),
    );
    ticket.enter(nowMs);
    this.#quotaEstimates.get(candidate.quotaDomain)?.spend(candidate.inputTokens);
    return ticket;
  }

  /**
   * The first content came: whatever the end will be, somebody is there, so a long stream that probes does not keep others waiting for
   * its end. Optional, before one of the ends.
   */
  answering(ticket: Ticket): readonly HealthEvent[] {
    if (ticket.ended) return nothingHappened;
    const targetBack = ticket.targetScope.bench.lift(ticket.targetEpoch);
    return recoveries(ticket, targetBack);
  }

  /** @param seen.firstContentMs from the call to the first content, where there was any. */
  succeeded(ticket: Ticket, seen: { readonly firstContentMs: number | null }, nowMs: number): readonly HealthEvent[] {
    if (!ticket.end()) return nothingHappened;
    const { targetScope } = ticket;
    targetScope.rate.observe(false, nowMs);
    targetScope.firstContentMs = averaged(targetScope.firstContentMs, seen.firstContentMs);
    const targetBack = targetScope.bench.recover(ticket.targetEpoch);
    if (targetScope.bench.isHealthy) targetScope.failuresInRow = 0;
    return recoveries(ticket, targetBack);
  }

  /** Reacts by the failure's class; what the request itself is to blame for hurts nobody. */
  failed(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    if (ticket.ended) return nothingHappened;
    const events = this.#react(ticket, failure, nowMs);
    ticket.end();
    return events;
  }

  /** The client went away, or we gave up for a reason of our own: nothing is learnt, a slot is freed. */
  cancelled(ticket: Ticket, _nowMs: number): void {
    ticket.end();
  }

  /** The credential is another one now: what was learnt of the old one, and what is still on its way with it, does not count. */
  credentialChanged(credential: string): void {
    this.#credentials.delete(credential);
  }

  /** Forgets what the configuration no longer names. */
  retain(candidates: Iterable<Pick<Candidate, 'target' | 'credential' | 'quotaDomain'>>): void {
    const kept = { targets: new Set<string>(), credentials: new Set<string>(), quotaDomains: new Set<string>() };
    for (const candidate of candidates) {
      kept.targets.add(targetName(candidate.target));
      kept.credentials.add(candidate.credential);
      kept.quotaDomains.add(candidate.quotaDomain);
    }
    for (const name of this.#targets.keys()) if (!kept.targets.has(name)) this.#targets.delete(name);
    for (const name of this.#credentials.keys()) if (!kept.credentials.has(name)) this.#credentials.delete(name);
    for (const name of this.#quotaDomains.keys()) if (!kept.quotaDomains.has(name)) this.#quotaDomains.delete(name);
    for (const name of this.#quotaEstimates.keys()) if (!kept.quotaDomains.has(name)) this.#quotaEstimates.delete(name);
  }

  /** All that is known, for readiness, `doctor` and metrics. */
  snapshot(nowMs: number): readonly ScopeHealth[] {
    const scopes: ScopeHealth[] = [];
    for (const [name, { bench, failuresInRow, rate, firstContentMs }] of this.#targets) {
      scopes.push({ ...standing('target', name, bench, nowMs), failuresInRow, failureRate: rate.rate, firstContentMs });
    }
    for (const [name, bench] of this.#credentials) scopes.push(standing('credential', name, bench, nowMs));
    for (const [name, bench] of this.#quotaDomains) scopes.push(standing('quota', name, bench, nowMs));
    return scopes;
  }

  #react(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    switch (failure.class) {
      case 'quota':
        return this.#cool(ticket, failure, nowMs);
      case 'operator':
        return failure.status === 404
          ? this.#benchDeployment(ticket, failure, nowMs)
          : this.#benchCredential(ticket, failure, nowMs);
      case 'transient':
      case 'protocol':
        return this.#strike(ticket, failure, nowMs);
      case 'client':
      case 'capability':
      case 'content_policy':
        return nothingHappened;
    }
  }

  #cool(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    const { quotaBench: bench } = ticket;
    const before = bench.state(nowMs);
    if (failure.retryAfterMs !== undefined) {
      this.#putAsStated(bench, failure.retryAfterMs, failure.cause, nowMs);
    } else if (ticket.quotaEpoch === bench.epoch) {
      bench.put(nowMs, this.#limits.quota, failure.cause);
    } else if (before === 'healthy') {
      // A request of before the last time out: it confirms that one and is no reason for a longer one.
      bench.repeat(nowMs, failure.cause);
    }
    if (before === 'benched') return nothingHappened;
    return [happened('benched', 'quota', ticket.quotaDomain, failure, (bench.untilMs ?? nowMs) - nowMs)];
  }

  #benchCredential(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    const { credentialBench: bench } = ticket;
    if (this.#credentials.get(ticket.credential) !== bench || !bench.isNewsOf(ticket)) return nothingHappened;
    const forMs = bench.put(nowMs, this.#limits.operator, failure.cause);
    return [happened('alarm', 'credential', ticket.credential, failure, forMs)];
  }

  #benchDeployment(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    const { targetScope } = ticket;
    if (!targetScope.bench.isNewsOf(ticket)) return nothingHappened;
    targetScope.outBy = 'refused';
    const forMs = targetScope.bench.put(nowMs, this.#limits.operator, failure.cause);
    return [happened('alarm', 'target', ticket.target, failure, forMs)];
  }

  #strike(ticket: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    const { targetScope } = ticket;
    const { bench } = targetScope;
    targetScope.rate.observe(true, nowMs);
    targetScope.failuresInRow += 1;
    if (!bench.isNewsOf(ticket)) return nothingHappened;
    const stated = failure.retryAfterMs !== undefined;
    if (!stated && !this.#isTooMuch(ticket, failure)) return nothingHappened;
    targetScope.outBy = stated ? 'stated' : 'failures';
    if (stated) this.#putAsStated(bench, failure.retryAfterMs, failure.cause, nowMs);
    else bench.put(nowMs, this.#limits.target, failure.cause);
    return [happened('benched', 'target', ticket.target, failure, (bench.untilMs ?? nowMs) - nowMs)];
  }

  /** The vendor said how long. Others wait at least a little, and never so long that a slip of the vendor freezes the account. */
  #putAsStated(bench: Bench, statedMs: number, cause: string, nowMs: number): void {
    const { statedWaitMsMin, statedWaitMsMax } = this.#limits;
    const lengthMs = Math.min(Math.max(statedMs, statedWaitMsMin), statedWaitMsMax);
    bench.putFor(nowMs, lengthMs, Math.min(statedMs, lengthMs), cause);
  }

  #isTooMuch({ targetScope }: Ticket, failure: Failure): boolean {
    const { failuresInRow, failureRateMax, failureVolumeMin } = this.#limits;
    return (
      !targetScope.bench.isHealthy ||
      targetScope.failuresInRow >= failuresInRow ||
      unreachableCauses.has(failure.cause) ||
      (targetScope.rate.volume >= failureVolumeMin && targetScope.rate.rate > failureRateMax)
    );
  }

  #targetScope(name: string): TargetScope {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const scope: TargetScope = {
      bench: new Bench(true),
      rate: new FailureRate(this.#limits.failureHalfLifeMs),
      failuresInRow: 0,
      firstContentMs: null,
      outBy: 'failures',
    };
    insertBounded(this.#targets, name, scope, this.#limits.entriesMax);
    return scope;
  }

  #bench(benches: Map<string, Bench>, name: string, probed: boolean): Bench {
    const known = benches.get(name);
    if (known !== undefined) return known;
    const bench = new Bench(probed);
    insertBounded(benches, name, bench, this.#limits.entriesMax);
    return bench;
  }
}

const isHealthy = (bench: Bench | undefined): boolean => bench === undefined || bench.isHealthy;

const allHealthy = (target: Bench | undefined, credential: Bench | undefined, quota: Bench | undefined): boolean =>
  isHealthy(target) && isHealthy(credential) && isHealthy(quota);

const refusal = (
  scope: ScopeKind,
  bench: Bench | undefined,
  nowMs: number,
  waited: boolean,
  outBy: TargetScope['outBy'],
): Admission | null => {
  const untilMs = bench?.closedUntilMs(nowMs, waited) ?? null;
  if (bench === undefined || untilMs === null) return null;
  return {
    open: false,
    reason: closedReason(scope, bench, nowMs, untilMs),
    untilMs,
    scope,
    lastResort: outBy === 'failures',
    needsOperator: outBy === 'refused',
  };
};

/** Milliseconds in seconds, rounded up to a tenth. */
const tenths = (ms: number): string => (Math.ceil(ms / 100) / 10).toFixed(1);

const closedReason = (scope: ScopeKind, bench: Bench, nowMs: number, untilMs: number): string => {
  if (bench.state(nowMs) === 'half-open') return `${scope} is being probed (${bench.cause})`;
  const verb = scope === 'quota' ? 'cooling' : 'benched';
  return `${scope} ${verb} for ${tenths(untilMs - nowMs)} s (${bench.cause})`;
};

const averaged = (average: number | null, seen: number | null): number | null => {
  if (seen === null) return average;
  return average === null ? seen : average + (seen - average) * firstContentWeight;
};

const happened = (
  kind: HealthEvent['kind'],
  scope: ScopeKind,
  name: string,
  failure: Failure,
  forMs: number,
): HealthEvent => {
  const event = { kind, scope, name, cause: failure.cause, forMs };
  return failure.message === undefined ? event : { ...event, message: failure.message };
};

/** What answers has a credential that is taken and a quota that is not used up. */
const recoveries = (ticket: Ticket, targetBack: boolean): readonly HealthEvent[] => {
  const credentialBack = ticket.credentialBench.recover(ticket.credentialEpoch);
  const quotaBack = ticket.quotaBench.recover(ticket.quotaEpoch);
  if (targetBack) ticket.targetScope.rate.forget();
  if (!targetBack && !credentialBack && !quotaBack) return nothingHappened;
  const events: HealthEvent[] = [];
  if (targetBack) events.push(recovered('target', ticket.target, ticket.targetScope.bench));
  if (credentialBack) events.push(recovered('credential', ticket.credential, ticket.credentialBench));
  if (quotaBack) events.push(recovered('quota', ticket.quotaDomain, ticket.quotaBench));
  return events;
};

const recovered = (scope: ScopeKind, name: string, bench: Bench): HealthEvent => ({
  kind: 'recovered',
  scope,
  name,
  cause: bench.cause,
  forMs: 0,
});

const standing = (scope: ScopeKind, name: string, bench: Bench, nowMs: number): ScopeHealth => {
  const state = bench.state(nowMs);
  const leftMs = state === 'benched' ? (bench.untilMs ?? nowMs) - nowMs : 0;
  return { scope, name, state, leftMs, cause: bench.cause };
};
