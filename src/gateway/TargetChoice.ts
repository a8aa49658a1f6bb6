import { CodedError } from '../kernel/index.ts';
import { ledgerErrors } from '../ledger/index.ts';
import {
  atItsLimit,
  choose,
  drawAmong,
  exhausted,
  isPinned,
  pinText,
  type Choice,
  type ClosedAdmission,
} from '../router/index.ts';
import {
  targetName,
  type Decision,
  type Failure,
  type FinalRecord,
  type RateScope,
  type TargetRef,
} from '../vocabulary/index.ts';
import type { Passage } from '../wire/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { Affinity } from './affinity/Affinity.ts';
import { withMove } from './affinity/withMove.ts';
import { budgetScopesOf } from './budgetScopesOf.ts';
import { choiceRules } from './choiceRules.ts';
import type { Demands } from './demandsOf.ts';
import { endUserOf } from './endUserOf.ts';
import { errorText } from './errorText.ts';
import { loopFailure } from './callTarget.ts';
import type { MetDrill } from './drill/FaultPort.ts';
import type { Exchange } from './Exchange.ts';
import type { GatewayPorts } from './GatewayPorts.ts';
import { lackRefusal } from './lackRefusal.ts';
import type { OpenedRequest } from './openRequest.ts';
import { expectedTokens } from './expectedTokens.ts';
import { countRateRefusal, waitText } from './rateRefusal.ts';
import type { Refusal } from './Refusal.ts';
import type { Deployment, Snapshot } from './Snapshot.ts';
import { beyondBudget, holdsNone, weigh, type Weighed } from './weigh.ts';

/** What the choice came to: a target that can be told the request, or nobody. */
export type Chosen =
  | { readonly choice: Choice; readonly weighed: Weighed; readonly passage: Passage }
  | { readonly choice: Choice; readonly weighed: null; readonly passage: null };

/** A target was chosen for which the request has to be translated apart. After that the choice is made anew. */
export interface Unprepared {
  readonly prepare: (abandonment: Abandonment) => Promise<void>;
}

/** Where the conversation of a request has been. */
export interface ConversationSoFar {
  /** Boundary in which it is held that the request goes on from; null where it is not, or where that is not known. */
  readonly holder: string | null;
  /** Null where it makes no difference. */
  readonly affinity: Affinity | null;
  /** The live drill that the request was found to meet; absent while nobody has looked. */
  readonly drill?: MetDrill | null;
}

const noReasons: ReadonlyMap<string, string> = new Map();

/** Where one request may go next: who was tried, who cannot be told it, and why nobody is left. */
export class TargetChoice {
  readonly #ports: GatewayPorts;
  readonly #snapshot: Snapshot;
  readonly #opened: OpenedRequest;
  readonly #exchange: Exchange;
  readonly #holder: string | null;
  readonly #affinity: Affinity | null;
  readonly #demands: Demands;
  /** Places of the deployments by weights and canaries: those of one request stay, so that what fails goes to the next of them. */
  readonly #places: readonly number[] | null;
  /** The live drill that the request meets; null where it meets none. */
  readonly drill: MetDrill | null;
  /** What bears on each choice beside costs and health, for people. */
  readonly #rules: readonly string[];
  readonly #tried = new Set<string>();
  readonly #again = new Set<string>();
  /** Targets, by their names, that cannot be told this request in their words, and why. */
  readonly #untold = new Map<string, Refusal>();
  #lastResortPaid = false;
  #weighed: readonly Weighed[] = [];
  #endUser: string | null = null;
  #decision: Decision | null = null;
  /** What is learnt of the request's coming, by affinity and by floors, is learnt once. */
  #hasArrived = false;
  /** Accounts that were at their limits, each counted once. */
  #atLimits: Set<string> | null = null;

  constructor(
    ports: GatewayPorts,
    snapshot: Snapshot,
    exchange: Exchange,
    opened: OpenedRequest,
    { holder, affinity, drill }: ConversationSoFar,
  ) {
    this.#holder = holder;
    this.#affinity = affinity;
    this.#ports = ports;
    this.#snapshot = snapshot;
    this.#exchange = exchange;
    this.#opened = opened;
    const { demands, deployments } = opened;
    const isAway = holder !== null && !deployments.some((one) => one.boundary === holder && isWithin(demands, one));
    this.#demands = isAway ? { ...demands, pin: null } : demands;
    const drawn = drawAmong(deployments, affinity?.key ?? exchange.requestId);
    this.#places = drawn?.places ?? null;
    this.#rules = choiceRules(demands, isAway, drawn, deployments);
    this.drill = drill === undefined ? drillOf(ports, exchange) : drill;
  }

  /** Budgets that the request is held in; counting tokens costs nothing. */
  get scopes(): readonly string[] {
    const { route, principal } = this.#exchange;
    if (route.operation === 'countTokens') return [];
    const { budgets } = this.#ports;
    const { name } = this.#opened.model;
    const holders = budgetScopesOf(principal);
    const ids = budgets.idsOf(holders, name);
    return budgets.hasEndUsers(holders) ? [...ids, ...this.#endUserScopes(holders, name)] : ids;
  }

  /** @throws CodedError `ledger_unavailable` where no more end users can be told apart: none of them spends what nobody counts. */
  #endUserScopes(holders: readonly string[], model: string): readonly string[] {
    this.#endUser ??= endUserOf(this.#exchange, this.#opened);
    const ids = this.#ports.budgets.idsOfEndUser(holders, model, this.#endUser, this.#ports.clock.nowMs());
    if (ids === null) throw new CodedError('ledger_unavailable', ledgerErrors.ledger_unavailable);
    return ids;
  }

  /** Chooses among the targets that can be told the request. Whether one can is found out when it is chosen, and no attempt is spent on it. */
  choose(attempt: number): Chosen | Unprepared {
    for (;;) {
      const choice = this.#withRules(this.#choose(attempt));
      this.#decision = choice.decision;
      const weighed = choice.index === null ? undefined : this.#weighed[choice.index];
      if (weighed === undefined) return { choice, weighed: null, passage: null };
      const { imposedBoundTokens, deployment } = weighed;
      const outputTokensMax = imposedBoundTokens ?? deployment.capabilities.maxOutputTokens;
      const { passages } = this.#opened;
      const passage = passages.to(deployment, outputTokensMax);
      if (passage === null)
        return { prepare: (abandonment) => passages.prepare(deployment, outputTokensMax, abandonment) };
      if (passage.ok) return { choice: withMove(choice, this.#weighed, weighed), weighed, passage: passage.value };
      this.#untold.set(weighed.name, passage.fault);
    }
  }

  #withRules(choice: Choice): Choice {
    if (this.#rules.length === 0 && this.drill === null) return choice;
    const rules = this.#rules.length === 0 ? {} : { rules: this.#rules };
    const drill = this.drill === null ? {} : { drill: this.drill.id };
    return { ...choice, decision: { ...choice.decision, ...rules, ...drill } };
  }

  /** A target has answered, or begun to: what its cache holds now, others who choose know at once. @param startedMs When it was called, monotonic milliseconds. */
  answered({ name, prompt }: Weighed, record: FinalRecord, startedMs: number): void {
    const { inputEstimateTokens } = this.#opened.facts;
    if (prompt !== null) this.#affinity?.answered(name, prompt, record, inputEstimateTokens, startedMs);
  }

  /** The choice among those who may go on with an answer that broke off: nobody who was tried is asked again. */
  goingOn(snapshot: Snapshot, opened: OpenedRequest): TargetChoice {
    const choice = new TargetChoice(this.#ports, snapshot, this.#exchange, opened, {
      holder: this.#holder,
      affinity: this.#affinity,
      drill: this.drill,
    });
    for (const name of this.#tried) choice.#tried.add(name);
    choice.#hasArrived = this.#hasArrived;
    return choice;
  }

  /** Leaves a target out of what follows. */
  tried({ name }: Weighed): void {
    this.#tried.add(name);
  }

  /** Lets a target be taken once more, because the request has waited for it. */
  again({ name }: Weighed): void {
    this.#again.add(name);
  }

  othersEligible(nowMs: number): boolean {
    return this.#weighed.some(
      ({ name, candidate }) =>
        candidate.refusal === null && !this.#tried.has(name) && this.#ports.health.admit(candidate, nowMs).open,
    );
  }

  /** Why nobody serves: no target was chosen, or those who were tried failed. */
  nobody(failures: readonly Failure[]): Refusal {
    const reasons = this.#weighed.map(({ candidate }) => candidate.refusal);
    if (failures.length > 0 || reasons.length === 0) return this.#exhaustion(failures);
    const unheld = this.#unheld(reasons);
    if (unheld !== null) return unheld;
    const untold = this.#whyUntold();
    if (untold !== undefined && reasons.every((reason) => reason !== null)) return untold;
    if (reasons.every((reason) => reason === 'unpriced')) {
      return { code: 'unpriced', message: errorText('unpriced'), parameter: 'model' };
    }
    if (reasons.every((reason) => reason !== null) && reasons.includes(beyondBudget)) {
      return { code: 'budget_exhausted', message: errorText('budget_exhausted') };
    }
    if (reasons.every((reason) => reason !== null) && this.#weighed.some(({ lacks }) => lacks !== 0)) {
      return lackRefusal(this.#snapshot, this.#exchange, this.#opened, this.#weighed);
    }
    return this.#exhaustion(failures);
  }

  /** What may go better later is worth more to the client than what never will. */
  #whyUntold(): Refusal | undefined {
    const faults = [...this.#untold.values()];
    return faults.find(({ retryAfterMs }) => retryAfterMs !== undefined) ?? faults[0];
  }

  /** Why those who were tried did not serve, and when to come back. */
  #exhaustion(failures: readonly Failure[]): Refusal {
    if (failures.length > 0 && failures.every(({ cause }) => cause === loopFailure.cause))
      return { code: 'loop_detected', message: errorText('loop_detected') };
    const unheld = this.#unheldNow();
    if (unheld !== null) return unheld;
    if (this.#othersCouldReplay()) {
      const { conversation } = this.#opened.facts;
      const parameter = conversation === undefined ? {} : { parameter: conversation.parameter };
      return { code: 'state_target_gone', message: errorText('state_target_gone'), ...parameter };
    }
    const { code, retryAfterMs } = exhausted(failures, {
      candidates: this.#weighed.map(({ candidate }) => candidate),
      health: this.#ports.health,
      nowMs: this.#ports.clock.monotonicMs(),
    });
    const { pin } = this.#demands;
    const pinned = pin === null ? '' : ` The request is pinned to ${pinText(pin)}.`;
    return { code, message: `${errorText(code)}${pinned} ${this.#reasons(failures)}`, retryAfterMs };
  }

  /** Whether the conversation is held where nobody serves now, and others would take it if they were sent all of it. */
  #othersCouldReplay(): boolean {
    return this.#holder !== null && this.#weighed.some(({ deployment }) => deployment.boundary !== this.#holder);
  }

  /** A conversation that was to be held, where nobody holds any: the client can go on by sending all of it. */
  #unheld(reasons: readonly (string | null)[]): Refusal | null {
    const { conversation } = this.#opened.facts;
    const anyHolds = this.#weighed.some(({ deployment }) => deployment.holdsConversations);
    if (conversation === undefined || anyHolds || !reasons.includes(holdsNone)) return null;
    const { parameter } = conversation;
    const message = `No target of this model holds conversations (${parameter}). Send the whole conversation with each request.`;
    return { code: 'unsupported_feature', message, parameter };
  }

  /** A conversation that was to be held, where those who hold any are out and others would serve it: the client is told to go on without. */
  #unheldNow(): Refusal | null {
    const { conversation } = this.#opened.facts;
    if (conversation?.begins !== true) return null;
    const nowMs = this.#ports.clock.monotonicMs();
    const isOther = ({ candidate }: Weighed): boolean =>
      candidate.refusal === holdsNone && this.#ports.health.admit(candidate, nowMs).open;
    if (!this.#weighed.some(isOther)) return null;
    const { parameter } = conversation;
    const message = `No target that holds conversations (${parameter}) serves now, and others do. Send the whole conversation with each request.`;
    return { code: 'unsupported_feature', message, parameter };
  }

  /** Our own words for the causes, never a vendor's text. */
  #reasons(failures: readonly Failure[]): string {
    if (failures.length > 0) return `Attempts ended with ${failures.map(({ cause }) => cause).join(', ')}.`;
    const candidates = this.#decision?.candidates ?? [];
    return candidates.map(({ target, reason }) => `${target}: ${reason ?? 'not eligible'}.`).join(' ');
  }

  /** Where nobody is healthy, the last resort is tried; a first attempt pays it from the retry budget, a later one has paid already. */
  #choose(attempt: number): Choice {
    const { health, shares, paces, clock } = this.#ports;
    const { retryBudget } = this.drill ?? this.#ports;
    const nowMs = clock.monotonicMs();
    const atMs = clock.nowMs();
    this.#weighed = this.#drilled(this.#weigh(atMs, nowMs), nowMs);
    const isKnown = this.#hasArrived;
    if (!isKnown) this.#affinity?.arrived(this.#weighed.some(({ prompt }) => (prompt?.heldTokens ?? 0) > 0));
    this.#hasArrived = true;
    const question = {
      candidates: this.#weighed.map(({ candidate }) => candidate),
      health,
      caps: this.#snapshot.caps,
      shares: shares.viewAhead(atMs, this.#snapshot.forecastUsd),
      tried: this.#tried,
      again: this.#again,
      isKnown,
      attempt,
      nowMs,
      atMs,
      pacer: paces.pacing,
      nextTurnShare: this.#affinity?.nextTurnShare ?? 0,
      conversation: this.#affinity?.key ?? null,
      usdPerSecond: this.#demands.policy.usdPerSecond,
    };
    const choice = choose(question);
    if (!choice.lastResortLeft) return choice;
    this.#lastResortPaid ||= attempt > 1 || retryBudget.tryRetry(nowMs);
    if (!this.#lastResortPaid) return choice;
    return choose({ ...question, isKnown: true, lastResort: true });
  }

  /** What a drill has found to be out is passed over by the requests that meet it, and by no others. */
  #drilled(weighed: readonly Weighed[], nowMs: number): readonly Weighed[] {
    const { drill } = this;
    if (drill === null) return weighed;
    return weighed.map((one) => {
      const rest = one.candidate.rest ?? drill.restOf(one.candidate, nowMs);
      return rest === null ? one : { ...one, candidate: { ...one.candidate, rest } };
    });
  }

  #weigh(atMs: number, nowMs: number): readonly Weighed[] {
    const { budgets, outputEstimate, paces } = this.#ports;
    const { facts, model, deployments } = this.#opened;
    return weigh({
      snapshot: this.#snapshot,
      facts,
      demands: this.#demands,
      client: this.#exchange.wire,
      operation: this.#exchange.route.operation,
      deployments,
      remaining: budgets.remaining(this.scopes, atMs),
      holder: this.#holder,
      outputEstimateTokens: outputEstimate.expect(model.name, facts.inputEstimateTokens, facts.outputBoundTokens),
      untold: this.#untoldReasons(),
      pacedAt: (target) => paces.indexOf(target),
      places: this.#places,
      expectedMs: (target, outputTokens) => this.#expectedMs(target, outputTokens),
      restOf: (account) => this.#restOf(account),
      health: this.#ports.health,
      affinity: this.#affinity,
      atMs,
      nowMs,
    });
  }

  /** Counting tokens is none of what models take their time for. */
  #expectedMs(target: TargetRef, outputTokens: number): number | null {
    const { route } = this.#exchange;
    if (this.#demands.policy.usdPerSecond === 0 || route.operation === 'countTokens') return null;
    const { latencies, clock } = this.#ports;
    const { facts, model } = this.#opened;
    const nowMs = clock.monotonicMs();
    return latencies.expectedMs(model.name, targetName(target), facts.inputEstimateTokens, outputTokens, nowMs);
  }

  /** Counting tokens is none of what vendors limit by these. */
  #restOf(account: RateScope): ClosedAdmission | null {
    const { route } = this.#exchange;
    if (route.operation === 'countTokens') return null;
    const { rateLimits, outputEstimate, clock, metrics } = this.#ports;
    const nowMs = clock.monotonicMs();
    const refusal = rateLimits.refusal(account, expectedTokens(this.#opened, route.operation, outputEstimate), nowMs);
    if (refusal === null) return null;
    this.#atLimits ??= new Set();
    if (!this.#atLimits.has(account.id)) countRateRefusal(metrics, refusal);
    this.#atLimits.add(account.id);
    return atItsLimit(waitText(refusal), nowMs + refusal.retryAfterMs);
  }

  #untoldReasons(): ReadonlyMap<string, string> {
    if (this.#untold.size === 0) return noReasons;
    return new Map([...this.#untold].map(([name, { message }]) => [name, message]));
  }
}

/** Asked once a request. */
const drillOf = ({ faults }: GatewayPorts, { requestId, principal, route }: Exchange): MetDrill | null => {
  const { team, key } = principal;
  return route.operation === 'countTokens' ? null : faults.drillOf({ requestId, team, key });
};

const isWithin = ({ pin }: Demands, { target }: Deployment): boolean => pin === null || isPinned(pin, target);
