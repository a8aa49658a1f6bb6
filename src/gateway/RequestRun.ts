import { CodedError } from '../kernel/index.ts';
import { budgetCharge, settleAttempt, type BudgetRefusal, type Hold, type RateTake } from '../ledger/index.ts';
import {
  choose,
  exhausted,
  sameTargetWait,
  sameTargetWaitMsMax,
  type Choice,
  type HealthEvent,
  type Ticket,
} from '../router/index.ts';
import {
  targetName,
  totalTokens,
  type AttemptOutcome,
  type Decision,
  type Failure,
  type FinalRecord,
  type IntentRecord,
  type RequestRecord,
} from '../vocabulary/index.ts';
import type { EditedRequest, RefusedAnswer } from '../wire/index.ts';
import { budgetScopesOf } from './budgetScopesOf.ts';
import { callTarget, type CallEnd } from './callTarget.ts';
import { ClientAnswer } from './ClientAnswer.ts';
import { joined, type Correction, type Corrections } from './Corrections.ts';
import { errorRow, type GatewayErrorCode } from './errors.ts';
import { errorText } from './errorText.ts';
import type { Exchange } from './Exchange.ts';
import type { GatewayPorts } from './GatewayPorts.ts';
import { headerText } from './headerText.ts';
import { openRequest, type OpenedRequest } from './openRequest.ts';
import { pause } from './pause.ts';
import type { Refusal } from './Refusal.ts';
import type { Snapshot } from './Snapshot.ts';
import { upstreamCall } from './upstreamCall.ts';
import { beyondBudget, weigh, type Weighed } from './weigh.ts';

/** Bytes of a refusal that are read to say what it means. */
const refusalBytes = 65_536;
/** How long the body of a refusal is waited for: its status has said most of it. */
const refusalMs = 2_000;
/** How long a vendor may hold the connection after the whole answer, so that it can be used again. */
const lingerMs = 1_000;
/** Status recorded when the client went away before its answer. */
const clientGoneStatus = 499;
const okStatus = 200;
/** When to come back where nothing better is known. */
const retryAfterUnstatedMs = 1_000;

/** What the loop does after an attempt. */
type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly waitMs: number }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'passOn'; readonly answer: RefusedAnswer };

interface StartedAttempt {
  readonly weighed: Weighed;
  readonly intent: IntentRecord;
  readonly hold: Hold;
  readonly edited: EditedRequest;
  readonly ticket: Ticket;
  readonly startedMonotonicMs: number;
}

const done: Next = { kind: 'done' };

/** One request from its arrival to its last byte: a loop over attempts, and the ledger's records of it. */
export class RequestRun {
  readonly #ports: GatewayPorts;
  readonly #corrections: Corrections;
  readonly #exchange: Exchange;
  readonly #snapshot: Snapshot;
  readonly #client: ClientAnswer;
  readonly #abort = new AbortController();
  readonly #decisions: Decision[] = [];
  readonly #attemptIds: string[] = [];
  readonly #failures: Failure[] = [];
  readonly #tried = new Set<string>();
  readonly #again = new Set<string>();
  #weighed: readonly Weighed[] = [];
  /** How one target wants this request said, found out by this request; learnt for others once it worked. */
  #correction: { readonly target: string; readonly correction: Correction } | null = null;
  #tokensUsed = 0;
  #model = '';
  #streamed = false;

  constructor(ports: GatewayPorts, corrections: Corrections, exchange: Exchange) {
    this.#ports = ports;
    this.#corrections = corrections;
    this.#exchange = exchange;
    this.#snapshot = ports.snapshot();
    this.#client = new ClientAnswer(exchange, this.#snapshot.answerHeaders);
  }

  /** @param inFlight Requests being served, this one included. */
  async run(inFlight: number): Promise<void> {
    if (this.#exchange.route.operation === 'listModels') return this.#listModels();
    if (inFlight > this.#snapshot.limits.requestsInFlight) {
      return this.#refuse({ code: 'overloaded', message: errorText('overloaded'), retryAfterMs: retryAfterUnstatedMs });
    }
    const opened = openRequest(this.#snapshot, this.#exchange);
    if (!opened.ok) return this.#refuse(opened.fault);
    this.#model = opened.value.model.name;
    this.#streamed = opened.value.facts.stream;
    return this.#limited(opened.value);
  }

  /** Serves within the caller's rates and the request's deadline. */
  async #limited(opened: OpenedRequest): Promise<void> {
    const { rateLimits, clock } = this.#ports;
    const { principal, reply } = this.#exchange;
    const counted = this.#exchange.route.operation !== 'countTokens';
    const taken = counted ? rateLimits.take(principal, opened.facts.inputEstimateTokens, clock.monotonicMs()) : null;
    if (taken?.ok === false) return this.#refuse(rateRefusal(taken.fault.retryAfterMs));
    const deadline = setTimeout(() => this.#abort.abort('deadline'), this.#snapshot.limits.totalMs);
    reply.onGone(() => this.#abort.abort('gone'));
    try {
      await this.#serve(opened);
    } catch (error) {
      this.#refuse(this.#refusalOf(error));
    } finally {
      clearTimeout(deadline);
      this.#client.close();
      if (taken?.ok === true) this.#correctRate(taken.value);
    }
  }

  async #serve(opened: OpenedRequest): Promise<void> {
    if (opened.facts.stream) this.#client.openStream(this.#snapshot.limits);
    for (let attempt = 1; ; attempt += 1) {
      const started = await this.#startWhenPossible(opened, attempt);
      if ('code' in started) return this.#refuse(started);
      const end = await this.#call(opened, started);
      const next = await this.#settle(opened, started, end, attempt);
      if (next.kind === 'done') return;
      if (next.kind === 'refuse') return this.#refuse(next.refusal);
      if (next.kind === 'passOn') return this.#passOn(next.answer);
      if (next.waitMs > 0) await pause(next.waitMs, this.#abort.signal, this.#ports.clock);
      if (this.#abort.signal.aborted) return this.#aborted();
    }
  }

  /** Where everybody is out for a moment, the moment is waited for once: the client had better wait here than come back. */
  async #startWhenPossible(opened: OpenedRequest, attempt: number): Promise<StartedAttempt | Refusal> {
    const scopes = this.#exchange.route.operation === 'countTokens' ? [] : budgetScopesOf(this.#exchange.principal);
    const choice = this.#choose(opened, scopes, attempt);
    const waitMs = choice.retryAtMs === null ? Infinity : choice.retryAtMs - this.#ports.clock.monotonicMs();
    const waits = choice.index === null && this.#failures.length === 0 && waitMs <= sameTargetWaitMsMax;
    if (waits) await pause(Math.max(0, waitMs), this.#abort.signal, this.#ports.clock);
    return this.#start(opened, attempt, scopes, waits ? this.#choose(opened, scopes, attempt) : choice);
  }

  /** Holds and writes the intent: everything that comes before the vendor hears of it. */
  #start(opened: OpenedRequest, attempt: number, scopes: readonly string[], choice: Choice): StartedAttempt | Refusal {
    const { clock, budgets, health } = this.#ports;
    const atMs = clock.nowMs();
    this.#decisions.push(choice.decision);
    const weighed = choice.index === null ? undefined : this.#weighed[choice.index];
    if (weighed === undefined) return this.#nobody();
    if (choice.decision.forced !== undefined) this.#tellForced(choice.decision);
    const holding = budgets.hold(scopes, weighed.worstCase, atMs);
    if (!holding.ok) return budgetRefusal(holding.fault, atMs);
    const edited = this.#edit(opened, weighed);
    const intent = this.#intent(opened, weighed, attempt, atMs);
    try {
      this.#ports.journal.append(intent);
    } catch (error) {
      budgets.release(holding.value);
      throw error;
    }
    this.#attemptIds.push(intent.attemptId);
    this.#client.attempted(targetName(weighed.deployment.target));
    const startedMonotonicMs = clock.monotonicMs();
    const ticket = health.started(weighed.candidate, startedMonotonicMs);
    return { weighed, intent, hold: holding.value, edited, ticket, startedMonotonicMs };
  }

  #weigh(opened: OpenedRequest, scopes: readonly string[], atMs: number): readonly Weighed[] {
    const { budgets, outputEstimate } = this.#ports;
    const { facts, model, deployments } = opened;
    return weigh({
      snapshot: this.#snapshot,
      facts,
      operation: this.#exchange.route.operation,
      deployments,
      remaining: budgets.remaining(scopes, atMs),
      outputEstimateTokens: outputEstimate.expect(model.name, facts.inputEstimateTokens, facts.outputBoundTokens),
      atMs,
    });
  }

  /** Where nobody is healthy, the last resort is tried; a first attempt pays it from the retry budget, a later one has paid already. */
  #choose(opened: OpenedRequest, scopes: readonly string[], attempt: number): Choice {
    const { health, shares, clock, retryBudget } = this.#ports;
    const nowMs = clock.monotonicMs();
    const atMs = clock.nowMs();
    this.#weighed = this.#weigh(opened, scopes, atMs);
    const question = {
      candidates: this.#weighed.map(({ candidate }) => candidate),
      health,
      caps: this.#snapshot.caps,
      shares: shares.view(atMs, this.#snapshot.forecastUsd),
      tried: this.#tried,
      again: this.#again,
      attempt,
      nowMs,
    };
    const choice = choose(question);
    if (!choice.lastResortLeft || (attempt === 1 && !retryBudget.tryRetry(nowMs))) return choice;
    return choose({ ...question, lastResort: true });
  }

  #edit(opened: OpenedRequest, weighed: Weighed): EditedRequest {
    const { facts } = opened;
    const { target } = weighed.deployment;
    return this.#exchange.wire.editRequest(this.#exchange.body, facts, {
      model: target.model,
      askUsage: facts.stream && !facts.usageAsked,
      ...(weighed.imposedBoundTokens === null ? {} : { outputBoundTokens: weighed.imposedBoundTokens }),
      ...joined(this.#corrections.of(targetName(target)), this.#correctionFor(targetName(target))),
    });
  }

  #intent(opened: OpenedRequest, weighed: Weighed, attempt: number, atMs: number): IntentRecord {
    const { principal, requestId, wire, route } = this.#exchange;
    const { deployment, terms, worstCase } = weighed;
    return {
      type: 'intent',
      attemptId: this.#ports.ids.nextAttemptId(atMs),
      requestId,
      attempt,
      organisation: principal.organisation,
      team: principal.team,
      key: principal.key,
      model: opened.model.name,
      provider: deployment.target.provider,
      targetModel: deployment.target.model,
      vendor: deployment.vendor,
      hosts: deployment.hosts,
      jurisdiction: deployment.jurisdiction,
      lab: deployment.lab,
      region: deployment.region,
      wire: wire.name,
      operation: route.operation,
      stream: opened.facts.stream,
      contract: terms.contract,
      startedAtMs: atMs,
      holdNanoUsd: worstCase.toString(),
    };
  }

  #call(opened: OpenedRequest, started: StartedAttempt): Promise<CallEnd> {
    const { limits } = this.#snapshot;
    const { clock, health, retryBudget, transport } = this.#ports;
    const { deployment } = started.weighed;
    // Neither an attempt of ours after the first nor a client's own retry is new work that makes room for more retries.
    if (started.intent.attempt === 1 && !this.#isClientRetry()) retryBudget.called(started.startedMonotonicMs);
    return callTarget(transport, {
      call: upstreamCall(this.#exchange, deployment, started.edited.body),
      wire: this.#exchange.wire,
      operation: this.#exchange.route.operation,
      facts: opened.facts,
      limits: {
        firstByteMs: deployment.capabilities.reasoning ? limits.firstByteReasoningMs : limits.firstByteMs,
        idleMs: limits.idleMs,
        answerBytes: limits.answerBytes,
        refusalBytes,
        refusalMs: Math.min(refusalMs, limits.idleMs),
        lingerMs,
      },
      stream: this.#client.stream,
      signal: this.#abort.signal,
      onContent: () => this.#tell(health.answering(started.ticket)),
      onClientDrain: (listener) => this.#exchange.reply.onDrain(listener),
      monotonicMs: () => clock.monotonicMs(),
      nowMs: () => clock.nowMs(),
    });
  }

  #correctionFor(target: string): Correction | null {
    return this.#correction?.target === target ? this.#correction.correction : null;
  }

  #isClientRetry(): boolean {
    return Number(headerText(this.#exchange.headers, 'x-stainless-retry-count')) > 0;
  }

  async #settle(opened: OpenedRequest, started: StartedAttempt, end: CallEnd, attempt: number): Promise<Next> {
    const { health, journal, clock, durability } = this.#ports;
    const record = this.#record(opened, started, end);
    // The record is with the system before the client has the last byte: a kill in between loses nothing.
    const position = this.#appendFinal(started, record);
    this.#book(opened, started, record);
    const nowMs = clock.monotonicMs();
    if (end.kind === 'failed') return this.#afterFailure(opened, started, end, attempt);
    if (end.kind === 'cancelled') {
      health.cancelled(started.ticket, nowMs);
      this.#aborted();
      return done;
    }
    this.#tell(health.succeeded(started.ticket, { firstContentMs: record.firstContentMs }, nowMs));
    const correction = this.#correctionFor(targetName(started.weighed.deployment.target));
    if (correction !== null) this.#corrections.learn(targetName(started.weighed.deployment.target), correction);
    if (durability() === 'strict') await journal.synced(position);
    this.#keepRequest(okStatus, null);
    this.#client.deliver(end.headers, end.lastBytes);
    return done;
  }

  /** A record that cannot be kept still settles its hold, at the most that it can have cost. */
  #appendFinal(started: StartedAttempt, record: FinalRecord): unknown {
    try {
      return this.#ports.journal.append(record);
    } catch (error) {
      this.#ports.budgets.settle(started.hold, started.hold.amountNanoUsd);
      this.#ports.health.cancelled(started.ticket, this.#ports.clock.monotonicMs());
      throw error;
    }
  }

  #record(opened: OpenedRequest, started: StartedAttempt, end: CallEnd): FinalRecord {
    const { weighed, intent, edited, startedMonotonicMs } = started;
    const { firstContentAtMs } = end.reading;
    return settleAttempt({
      intent,
      outcome: outcomeOf(end),
      reading: end.reading,
      price: weighed.terms.price,
      discount: weighed.terms.discount,
      inputEstimateTokens: opened.facts.inputEstimateTokens,
      durationMs: Math.round(this.#ports.clock.monotonicMs() - startedMonotonicMs),
      firstContentMs: firstContentAtMs === null ? null : Math.round(firstContentAtMs - startedMonotonicMs),
      edits: edited.named,
    });
  }

  /** Moves the money in memory, by the same record that the ledger will hold. */
  #book(opened: OpenedRequest, started: StartedAttempt, record: FinalRecord): void {
    const { budgets, shares, outputEstimate, onRecord, metrics } = this.#ports;
    budgets.settle(started.hold, budgetCharge(record));
    shares.add(record);
    this.#tokensUsed += totalTokens(record.usage);
    if (record.basis === 'reported' && record.outcome.kind === 'ok') {
      const { output = 0, reasoning = 0 } = record.usage;
      outputEstimate.observe(opened.model.name, opened.facts.inputEstimateTokens, output + reasoning);
    }
    onRecord(record);
    metrics.count('archipel_attempts_total', {
      provider: record.provider,
      model: record.model,
      outcome: record.outcome.kind === 'failed' ? record.outcome.failure.class : record.outcome.kind,
    });
  }

  #afterFailure(
    opened: OpenedRequest,
    started: StartedAttempt,
    end: CallEnd & { kind: 'failed' },
    attempt: number,
  ): Next {
    const { health, clock } = this.#ports;
    const { failure, refusal } = end;
    const { weighed } = started;
    this.#failures.push(failure);
    this.#tell(health.failed(started.ticket, failure, clock.monotonicMs()));
    if (this.#client.stream?.committed) return { kind: 'refuse', refusal: truncated(weighed, failure) };
    this.#client.stream?.discard();
    if (this.#isForTheClient(failure)) return forTheClient(failure, refusal);
    const corrected = failure.class === 'capability' && this.#correct(opened, weighed, failure);
    if (!corrected) this.#tried.add(weighed.name);
    return this.#nextStep(weighed, failure, refusal, attempt, corrected);
  }

  /** Somebody else at once, the same target after a short wait where there is nobody else, or the end. */
  #nextStep(
    weighed: Weighed,
    failure: Failure,
    refusal: RefusedAnswer | null,
    attempt: number,
    corrected: boolean,
  ): Next {
    const { retryBudget, clock, log } = this.#ports;
    const { limits } = this.#snapshot;
    const nowMs = clock.monotonicMs();
    const step = sameTargetWait(failure, {
      deadlineMs: limits.totalMs - (nowMs - this.#exchange.startedMonotonicMs),
      attemptsLeft: limits.attempts - attempt,
      othersEligible: corrected || this.#othersEligible(nowMs),
    });
    if (step.action === 'stop') return this.#exhausted(refusal);
    if (!retryBudget.tryRetry(nowMs)) {
      log.warn('retry budget is used up', { requestId: this.#exchange.requestId });
      return this.#exhausted(refusal);
    }
    if (step.action === 'other-target') return { kind: 'again', waitMs: 0 };
    this.#again.add(weighed.name);
    return { kind: 'again', waitMs: step.waitMs };
  }

  #othersEligible(nowMs: number): boolean {
    return this.#weighed.some(
      ({ name, candidate }) =>
        candidate.refusal === null && !this.#tried.has(name) && this.#ports.health.admit(candidate, nowMs).open,
    );
  }

  #isForTheClient(failure: Failure): boolean {
    return failure.class === 'client' || (failure.class === 'content_policy' && !this.#snapshot.moveContentPolicy);
  }

  /** Learns how this target wants the same thing said, once a request. */
  #correct(opened: OpenedRequest, weighed: Weighed, failure: Failure): boolean {
    if (this.#correction !== null) return false;
    const correction = this.#exchange.wire.correction(failure, opened.facts);
    if (correction === null) return false;
    this.#correction = { target: targetName(weighed.deployment.target), correction };
    return true;
  }

  /** A vendor's word about the request is worth more to the client than "all failed". */
  #exhausted(refusal: RefusedAnswer | null): Next {
    const aboutTheRequest = this.#failures.every(
      (failure) => failure.class === 'capability' || failure.class === 'content_policy',
    );
    if (aboutTheRequest && refusal) return { kind: 'passOn', answer: refusal };
    return { kind: 'refuse', refusal: this.#exhaustion() };
  }

  #exhaustion(): Refusal {
    const { code, retryAfterMs } = exhausted(this.#failures, {
      candidates: this.#weighed.map(({ candidate }) => candidate),
      health: this.#ports.health,
      nowMs: this.#ports.clock.monotonicMs(),
    });
    return { code, message: `${errorText(code)} ${this.#reasons()}`, retryAfterMs };
  }

  /** Why nobody served: our own words for the causes, never a vendor's text. */
  #reasons(): string {
    if (this.#failures.length > 0) return `Attempts ended with ${this.#failures.map(({ cause }) => cause).join(', ')}.`;
    const candidates = this.#decisions.at(-1)?.candidates ?? [];
    return candidates.map(({ target, reason }) => `${target}: ${reason ?? 'not eligible'}.`).join(' ');
  }

  #nobody(): Refusal {
    const reasons = this.#weighed.map(({ candidate }) => candidate.refusal);
    if (this.#failures.length > 0 || reasons.length === 0) return this.#exhaustion();
    if (reasons.every((reason) => reason === 'unpriced')) {
      return { code: 'unpriced', message: errorText('unpriced'), parameter: 'model' };
    }
    if (reasons.every((reason) => reason !== null) && reasons.includes(beyondBudget)) {
      return { code: 'budget_exhausted', message: errorText('budget_exhausted') };
    }
    return this.#exhaustion();
  }

  #correctRate(take: RateTake): void {
    const { rateLimits, clock } = this.#ports;
    if (this.#attemptIds.length === 0) rateLimits.refund(take, clock.monotonicMs());
    else rateLimits.correct(take, this.#tokensUsed, clock.monotonicMs());
  }

  #tell(events: readonly HealthEvent[]): void {
    const { log, metrics } = this.#ports;
    for (const event of events) {
      metrics.count('archipel_health_events_total', { kind: event.kind, scope: event.scope });
      const fields = {
        scope: event.scope,
        name: event.name,
        cause: event.cause,
        forMs: event.forMs,
        words: event.message,
      };
      if (event.kind === 'alarm') log.error('a target needs the operator', fields);
      else log.info(event.kind === 'benched' ? 'target benched' : 'target recovered', fields);
    }
  }

  #tellForced(decision: Decision): void {
    const { requestId } = this.#exchange;
    this.#ports.metrics.count('archipel_forced_choices_total', { model: this.#model });
    this.#ports.log.warn('choice forced', { requestId, target: decision.chosen, why: decision.forced });
  }

  #listModels(): void {
    const { wire, principal } = this.#exchange;
    const models = [...this.#snapshot.models.values()].filter(
      (model) =>
        (principal.models === null || principal.models.includes(model.name)) &&
        model.deployments.some((deployment) => deployment.wire === wire),
    );
    this.#client.listModels(models.map(({ listed }) => listed));
  }

  #passOn(answer: RefusedAnswer): void {
    this.#keepRequest(answer.status, null);
    this.#client.passOn(answer);
  }

  #refuse(refusal: Refusal): void {
    this.#ports.metrics.count('archipel_refusals_total', { code: refusal.code });
    this.#keepRequest(errorRow(refusal.code).status, refusal.code);
    this.#client.refuse(refusal);
  }

  #aborted(): void {
    if (this.#abort.signal.reason === 'deadline') {
      const message = errorText('deadline_exceeded');
      this.#refuse({ code: 'deadline_exceeded', message, retryAfterMs: retryAfterUnstatedMs });
    } else this.#keepRequest(clientGoneStatus, null);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof CodedError && error.code === 'ledger_unavailable') {
      const message = errorText('ledger_unavailable');
      return { code: 'ledger_unavailable', message, retryAfterMs: retryAfterUnstatedMs };
    }
    this.#ports.log.error('request failed inside the gateway', {
      requestId: this.#exchange.requestId,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return { code: 'internal_error', message: errorText('internal_error') };
  }

  #keepRequest(status: number, errorCode: GatewayErrorCode | null): void {
    const { requestId, principal, wire, route, startedAtMs, startedMonotonicMs } = this.#exchange;
    const record: RequestRecord = {
      type: 'request',
      requestId,
      organisation: principal.organisation,
      team: principal.team,
      key: principal.key,
      model: this.#model,
      wire: wire.name,
      operation: route.operation,
      stream: this.#streamed,
      startedAtMs,
      durationMs: Math.round(this.#ports.clock.monotonicMs() - startedMonotonicMs),
      status,
      errorCode,
      decisions: this.#decisions,
      attemptIds: this.#attemptIds,
    };
    try {
      this.#ports.journal.append(record);
      this.#ports.onRecord(record);
    } catch (error) {
      // The money is in the records of the attempts: a request that cannot be described is still answered.
      const message = error instanceof Error ? error.message : String(error);
      this.#ports.log.error('record of a request was not kept', { requestId, message });
    }
    this.#ports.metrics.count('archipel_requests_total', { model: this.#model, status: String(status) });
    this.#ports.metrics.observeMs('archipel_request_duration_ms', record.durationMs, { model: this.#model });
  }
}

const outcomeOf = (end: CallEnd): AttemptOutcome => {
  switch (end.kind) {
    case 'answered':
      return { kind: 'ok' };
    case 'failed':
      return { kind: 'failed', failure: end.failure };
    case 'cancelled':
      return { kind: 'cancelled' };
  }
};

/** A vendor's word about the request itself: its answer where there is one, else what it said inside its stream. */
const forTheClient = (failure: Failure, refusal: RefusedAnswer | null): Next =>
  refusal === null
    ? { kind: 'refuse', refusal: { code: 'bad_request', message: failure.message ?? errorText('bad_request') } }
    : { kind: 'passOn', answer: refusal };

const truncated = (weighed: Weighed, failure: Failure): Refusal => {
  const target = targetName(weighed.deployment.target);
  return {
    code: 'upstream_truncated',
    message: `The answer of ${target} broke off (${failure.cause}). What came before is incomplete; send the request again.`,
  };
};

const rateRefusal = (retryAfterMs: number): Refusal => ({
  code: 'rate_limited',
  message: errorText('rate_limited'),
  retryAfterMs,
});

const budgetRefusal = (refusal: BudgetRefusal, nowMs: number): Refusal => ({
  code: 'budget_exhausted',
  message: `${errorText('budget_exhausted')} It is the budget ${refusal.scope}.`,
  ...(refusal.resetsAtMs === null ? {} : { retryAfterMs: refusal.resetsAtMs - nowMs }),
});
