import { targetName, type Failure, type QuotaReading } from '../vocabulary/index.ts';
import type { Admission, ScopeKind } from './admission.ts';
import { Bench, type BenchPace, type BenchState, type StatedBounds } from './Bench.ts';
import type { Candidate } from './candidate.ts';
import type { MeasuredCapacity } from './capacity/BurstCapacity.ts';
import { Comeback } from './Comeback.ts';
import { makeDomainScope, type DomainScope } from './DomainScope.ts';
import { FailureRate } from './FailureRate.ts';
import { defaultHealthLimits, type HealthLimits } from './healthLimits.ts';
import { insertBounded } from './insertBounded.ts';
import { QuotaEstimate } from './QuotaEstimate.ts';
import type { Rest } from './Rest.ts';
import { Siblings } from './Siblings.ts';
import type { AwaitedHead, UsualQuiet } from './Silence.ts';
import { Slowness, type TimedAnswer } from './Slowness.ts';
import type { TargetScope } from './TargetScope.ts';
import { Ticket } from './Ticket.ts';

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
  /** By which factor it is slower than it usually is, where that is a brown-out; else null. */
  readonly slowness?: number | null;
  /** Of quota domains only: requests under way there, and how many are sent there while others are left; null where nothing limits them. */
  readonly inFlight?: number;
  readonly concurrencyLimit?: number | null;
  /** What was measured there; absent where nothing was. */
  readonly capacity?: Omit<MeasuredCapacity, 'quotaDomain'>;
}

/** A whole answer, as far as it tells how well its target and its quota domain are. */
export interface AnswerSeen extends Omit<TimedAnswer, 'firstContentMs'> {
  /** From the call to the first content, where there was any. */
  readonly firstContentMs: number | null;
  /** In and out together, as far as they are known; 0 for what vendors limit by other numbers, such as counting tokens. */
  readonly tokens: number;
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
  readonly #quotaDomains = new Map<string, DomainScope>();
  readonly #siblings: Siblings;

  constructor(limits: Partial<HealthLimits> = {}) {
    this.#limits = { ...defaultHealthLimits, ...limits };
    this.#siblings = new Siblings(this.#limits);
  }

  /**
   * Whether a candidate may be tried now. A pure look.
   * @param waited the request has waited what this vendor asked for (`sameTargetWait`).
   */
  admit(candidate: Candidate, nowMs: number, waited = false): Admission {
    if (candidate.rest !== null) return candidate.rest;
    const target = this.#targets.get(targetName(candidate.target));
    const credential = this.#credentials.get(candidate.credential);
    const quota = this.#quotaDomains.get(candidate.quotaDomain)?.bench;
    if (allHealthy(target?.bench, credential, quota)) return admitted;
    return (
      refusal('credential', credential, nowMs, waited, 'refused') ??
      refusal('quota', quota, nowMs, waited, 'stated') ??
      refusal('target', target?.bench, nowMs, waited, target?.outBy ?? 'failures') ??
      (isHealthy(target?.bench) && isHealthy(credential) ? admitted : admittedToProbe)
    );
  }

  /**
   * Why a candidate had better not be asked now: its vendor said that too little is left of its limits, it answers none of the requests that are under way, or it
   * is crowded, that is, they are as many as it bears, or as it is trusted with after it was out. Null where nothing is so. It may be asked all the same where
   * nobody else is left. A pure look.
   */
  restOf(candidate: Candidate, nowMs: number): Rest | null {
    const domain = this.#quotaDomains.get(candidate.quotaDomain);
    const resting = domain === undefined ? null : domainRest(domain, candidate.inputTokens, nowMs);
    if (resting !== null) return { reason: resting, isCrowded: false };
    const comeback = this.#targets.get(targetName(candidate.target))?.comeback ?? null;
    if (comeback?.isFull === true)
      return { reason: `target is coming back (${comeback.window} at a time)`, isCrowded: true };
    if (domain?.concurrency.isFull !== true) return null;
    const { inFlight } = domain.concurrency.standing;
    return { reason: `quota domain has ${inFlight} requests under way, as many as it bears`, isCrowded: true };
  }

  /** By which factor a target is slower than it usually is, where that is a brown-out; else null. A pure look. */
  slowness({ target }: Pick<Candidate, 'target'>, nowMs: number): number | null {
    return this.#targets.get(targetName(target))?.slowness.factor(nowMs) ?? null;
  }

  /** The head of the answer came, whatever it says. @param reading what its vendor told of its limits in it, or null */
  heard(ticket: Ticket, reading: QuotaReading | null, nowMs: number): void {
    const { domain } = ticket;
    ticket.heard(nowMs);
    if (reading === null) return;
    domain.estimate ??= new QuotaEstimate(this.#limits.statedWaitMsMax);
    domain.estimate.hear(reading, nowMs);
  }

  /**
   * The request goes out. Takes the probe's slot where there is one.
   * @param model as clients call it: its targets are held against each other.
   * @param awaited what its answer is given time for: until its quota domain was heard of, that alone tells how long quiet may be.
   */
  started(
    candidate: Candidate,
    nowMs: number,
    model: string | null = null,
    awaited: AwaitedHead | null = null,
  ): Ticket {
    const targetScope = this.#targetScope(targetName(candidate.target));
    const domain = this.#domainScope(candidate.quotaDomain);
    if (model !== null) this.#siblings.note(model, targetScope);
    domain.estimate?.spend(candidate.inputTokens);
    return new Ticket(candidate, targetScope, this.#credentialBench(candidate.credential), domain, nowMs, awaited);
  }

  /**
   * The first content came: whatever the end will be, somebody is there, so a long stream that probes does not keep others waiting for
   * its end. Optional, before one of the ends.
   */
  answering(ticket: Ticket): readonly HealthEvent[] {
    if (ticket.ended) return nothingHappened;
    const targetBack = ticket.targetScope.bench.lift(ticket.targetEpoch);
    ticket.answered();
    return recoveries(ticket, targetBack);
  }

  succeeded(ticket: Ticket, seen: AnswerSeen, nowMs: number): readonly HealthEvent[] {
    if (!ticket.end()) return nothingHappened;
    const { targetScope, domain } = ticket;
    const { firstContentMs } = seen;
    ticket.answered();
    targetScope.rate.observe(false, nowMs);
    targetScope.firstContentMs = averaged(targetScope.firstContentMs, firstContentMs);
    if (firstContentMs !== null)
      domain.concurrency.answered(targetScope.slowness.observe({ ...seen, firstContentMs }, nowMs), nowMs);
    if (seen.tokens > 0) domain.capacity.served(seen.tokens, nowMs);
    domain.failing.clear();
    domain.failuresInRow = 0;
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
    this.#siblings.forget();
  }

  /** All that is known, for readiness, `doctor` and metrics. */
  snapshot(nowMs: number): readonly ScopeHealth[] {
    const scopes: ScopeHealth[] = [];
    for (const [name, { bench, failuresInRow, rate, firstContentMs, slowness }] of this.#targets) {
      scopes.push({
        ...standing('target', name, bench, nowMs),
        failuresInRow,
        failureRate: rate.rate,
        firstContentMs,
        slowness: slowness.factor(nowMs),
      });
    }
    for (const [name, bench] of this.#credentials) scopes.push(standing('credential', name, bench, nowMs));
    for (const [name, domain] of this.#quotaDomains) scopes.push(domainStanding(name, domain, nowMs));
    return scopes;
  }

  /** What each quota domain was seen to serve at most, where anything was measured. */
  capacities(nowMs: number): readonly MeasuredCapacity[] {
    const measured: MeasuredCapacity[] = [];
    for (const [name, { capacity }] of this.#quotaDomains)
      if (capacity.isMeasured) measured.push(capacity.reading(name, nowMs));
    return measured;
  }

  /** The same of one of them; null where nothing was measured. */
  capacityOf(quotaDomain: string, nowMs: number): MeasuredCapacity | null {
    const capacity = this.#quotaDomains.get(quotaDomain)?.capacity;
    return capacity?.isMeasured === true ? capacity.reading(quotaDomain, nowMs) : null;
  }

  /** Takes over what another process measured. @param ageMs since then */
  restoreCapacities(capacities: readonly MeasuredCapacity[], ageMs: number, nowMs: number): void {
    for (const kept of capacities) this.#domainScope(kept.quotaDomain).capacity.restore(kept, ageMs, nowMs);
  }

  /** How long quiet usually is in each quota domain that was heard of often enough. */
  quiets(): readonly UsualQuiet[] {
    const usual: UsualQuiet[] = [];
    for (const [quotaDomain, { silence }] of this.#quotaDomains)
      if (silence.usualMs !== null) usual.push({ quotaDomain, quietMs: Math.round(silence.usualMs) });
    return usual;
  }

  /** Takes over what was usual in another process. @param ageMs since then */
  restoreQuiets(quiets: readonly UsualQuiet[], ageMs: number): void {
    for (const { quotaDomain, quietMs } of quiets) this.#domainScope(quotaDomain).silence.restore(quietMs, ageMs);
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
    const { domain, startedMs, under } = ticket;
    const { bench } = domain;
    const before = bench.state(nowMs);
    domain.concurrency.refused(startedMs, under, nowMs);
    domain.capacity.refused(nowMs);
    if (failure.retryAfterMs !== undefined) {
      const bounds = this.#statedBounds(this.#limits.quota);
      bench.putStated(nowMs, failure.retryAfterMs, bounds, ticket.quotaEpoch, failure.cause);
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
    const { targetScope, domain } = ticket;
    const { bench } = targetScope;
    targetScope.rate.observe(true, nowMs);
    targetScope.failuresInRow += 1;
    domain.failing.add(targetScope);
    domain.failuresInRow += 1;
    // It is trusted as little as at first.
    if (targetScope.comeback !== null) targetScope.comeback = new Comeback();
    const others = this.#strikeDomain(ticket, failure, nowMs);
    if (!bench.isNewsOf(ticket)) return others;
    const pace = failure.retryAfterMs === undefined ? this.#paceOf(ticket, failure, nowMs) : this.#limits.target;
    if (pace === null) return others;
    targetScope.outBy = failure.retryAfterMs === undefined ? 'failures' : 'stated';
    targetScope.comeback = null;
    if (failure.retryAfterMs === undefined) bench.put(nowMs, pace, failure.cause);
    else bench.putStated(nowMs, failure.retryAfterMs, this.#statedBounds(pace), ticket.targetEpoch, failure.cause);
    const forMs = (bench.untilMs ?? nowMs) - nowMs;
    return [happened('benched', 'target', ticket.target, failure, forMs), ...others];
  }

  /** Where several targets of a quota domain fail in a row, all that failed since anybody answered there are out: it is the vendor that is dead. */
  #strikeDomain({ targetScope, domain }: Ticket, failure: Failure, nowMs: number): readonly HealthEvent[] {
    if (domain.failing.size < 2 || domain.failuresInRow < this.#limits.domainFailuresInRow) return nothingHappened;
    const events: HealthEvent[] = [];
    for (const other of domain.failing) {
      if (other === targetScope || !other.bench.isHealthy) continue;
      other.outBy = 'failures';
      other.comeback = null;
      const forMs = other.bench.put(nowMs, this.#limits.target, failure.cause);
      events.push(happened('benched', 'target', other.name, failure, forMs));
    }
    return events;
  }

  /**
   * The vendor said how long. Others wait at least a little, as long as where nothing is said if it says so again and again and serves nothing, and never so long
   * that a slip of the vendor freezes the account.
   */
  #statedBounds({ firstMs }: BenchPace): StatedBounds {
    const { statedWaitMsMin, statedWaitMsMax } = this.#limits;
    return { minMs: statedWaitMsMin, minMsMax: firstMs, maxMs: statedWaitMsMax };
  }

  /** How long a target is out for its failures; null where they are not too many yet. */
  #paceOf({ targetScope, domain }: Ticket, failure: Failure, nowMs: number): BenchPace | null {
    const { failuresInRow, failureRateMax, failureVolumeMin, domainFailuresInRow, target, outlier } = this.#limits;
    const isTooMuch =
      !targetScope.bench.isHealthy ||
      targetScope.failuresInRow >= failuresInRow ||
      unreachableCauses.has(failure.cause) ||
      (domain.failing.size > 1 && domain.failuresInRow >= domainFailuresInRow) ||
      (targetScope.rate.volume >= failureVolumeMin && targetScope.rate.rate > failureRateMax);
    if (isTooMuch) return target;
    return this.#siblings.standsOut(targetScope, nowMs) ? outlier : null;
  }

  #targetScope(name: string): TargetScope {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const scope: TargetScope = {
      name,
      bench: new Bench(true),
      rate: new FailureRate(this.#limits.failureHalfLifeMs),
      slowness: new Slowness(),
      failuresInRow: 0,
      firstContentMs: null,
      comeback: null,
      outBy: 'failures',
    };
    insertBounded(this.#targets, name, scope, this.#limits.entriesMax);
    return scope;
  }

  #credentialBench(name: string): Bench {
    const known = this.#credentials.get(name);
    if (known !== undefined) return known;
    const bench = new Bench(true);
    insertBounded(this.#credentials, name, bench, this.#limits.entriesMax);
    return bench;
  }

  #domainScope(name: string): DomainScope {
    const known = this.#quotaDomains.get(name);
    if (known !== undefined) return known;
    const scope = makeDomainScope(this.#limits);
    insertBounded(this.#quotaDomains, name, scope, this.#limits.entriesMax);
    return scope;
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

const domainRest = ({ estimate, silence }: DomainScope, inputTokens: number, nowMs: number): string | null => {
  const silentMs = silence.silentMs(nowMs);
  if (silentMs !== null) return `quota domain has been silent for ${tenths(silentMs)} s`;
  const rest = estimate?.rest(inputTokens, nowMs) ?? null;
  if (rest === null) return null;
  return `quota rests for ${tenths(rest.untilMs - nowMs)} s (its vendor says too few ${dimensionWords[rest.dimension]} are left)`;
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
  const quotaBack = ticket.domain.bench.recover(ticket.quotaEpoch);
  if (targetBack) {
    ticket.targetScope.rate.forget();
    ticket.targetScope.comeback = new Comeback();
  }
  if (!targetBack && !credentialBack && !quotaBack) return nothingHappened;
  const events: HealthEvent[] = [];
  if (targetBack) events.push(recovered('target', ticket.target, ticket.targetScope.bench));
  if (credentialBack) events.push(recovered('credential', ticket.credential, ticket.credentialBench));
  if (quotaBack) events.push(recovered('quota', ticket.quotaDomain, ticket.domain.bench));
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

const domainStanding = (name: string, { bench, concurrency, capacity }: DomainScope, nowMs: number): ScopeHealth => {
  const { inFlight, limit } = concurrency.standing;
  const { requestsPerMinute, tokensPerMinute, limited } = capacity.reading(name, nowMs);
  return {
    ...standing('quota', name, bench, nowMs),
    inFlight,
    concurrencyLimit: limit,
    ...(capacity.isMeasured ? { capacity: { requestsPerMinute, tokensPerMinute, limited } } : {}),
  };
};
