import { lookUp, type Principal, type RefusedCredential } from '../access/index.ts';
import type { UpstreamCall, UpstreamHeaders } from '../egress/index.ts';
import {
  CodedError,
  errorMessage,
  formatUsd,
  nanoUsd,
  parseNanoUsd,
  type NanoUsd,
  type Result,
} from '../kernel/index.ts';
import {
  budgetCharge,
  noRateTokens,
  rateTokensAdded,
  rateTokensOf,
  type BudgetRefusal,
  type Hold,
  type RateRefusal,
  type RateTake,
  type RateTokens,
  type SpendingCall,
} from '../ledger/index.ts';
import { secretsToldBy } from '../providers/index.ts';
import {
  type OutputQuantile,
  sameTargetWait,
  sameTargetWaitMsMax,
  type AnswerSeen,
  type AwaitedHead,
  type HealthEvent,
  type Ticket,
  type RetryBudget,
} from '../router/index.ts';
import {
  featuresIn,
  isRefusedContinuation,
  targetName,
  totalTokens,
  type Decision,
  type DecisionMove,
  type Failure,
  type FeatureSet,
  type FinalRecord,
  type IntentRecord,
  type RequestRecord,
} from '../vocabulary/index.ts';
import {
  readQuota,
  type BodyScan,
  type Correction,
  type EditedRequest,
  type Passage,
  type RefusedAnswer,
} from '../wire/index.ts';
import { Abandonment } from './Abandonment.ts';
import { Affinity, type LearntAffinity } from './affinity/Affinity.ts';
import { conversationKey } from './affinity/conversationKey.ts';
import { vendorCacheKey } from './affinity/vendorCacheKey.ts';
import { callTarget, type CallEnd, type CallReading, type TargetCall } from './callTarget.ts';
import { ClientAnswer, type PassedOn } from './ClientAnswer.ts';
import { joined, type Corrections } from './Corrections.ts';
import type { HeldConversations } from './HeldConversations.ts';
import { drillCause, type MetDrill } from './drill/FaultPort.ts';
import { errorRow, type GatewayErrorCode } from './errors.ts';
import { errorText } from './errorText.ts';
import type { Exchange } from './Exchange.ts';
import { expectedTokens } from './expectedTokens.ts';
import type { GatewayPorts, RoomAnswer } from './GatewayPorts.ts';
import { finalOf } from './finalOf.ts';
import { firstHold, type FirstHold } from './firstHold.ts';
import { fitTo, withinPolicy } from './fitTo.ts';
import { HeldOutput } from './HeldOutput.ts';
import { headerText } from './headerText.ts';
import { intentOf, type AttemptAbout } from './intentOf.ts';
import { ownerOf } from './kept/AnswerKeeper.ts';
import { answerToKeep } from './kept/answerToKeep.ts';
import { askKept } from './kept/askKept.ts';
import { resumed } from './kept/resumed.ts';
import { keyRefusal } from './keyRefusal.ts';
import { openPassed } from './openPassed.ts';
import type { ExpectedUse } from './Paces.ts';
import { deploymentsFor, openRequest, type OpenedRequest } from './openRequest.ts';
import { passedCall } from './passedCall.ts';
import { pause } from './pause.ts';
import { countRateRefusal, rateRefusal, waitText } from './rateRefusal.ts';
import { rateScopesOf } from './rateScopesOf.ts';
import type { Refusal } from './Refusal.ts';
import type { RunningRequest } from './RunningRequests.ts';
import { retryAfterUnknownMs } from './retryAfterUnknownMs.ts';
import { retryAfterUnstatedMs } from './retryAfterUnstatedMs.ts';
import { scannedInTurnBytes, type ScanTurns } from './ScanTurns.ts';
import {
  asGoingOn,
  canGoOn,
  continuedFacts,
  continuingWay,
  gone,
  withoutAnew,
  writtenIn,
  type GoingOn,
} from './seam/GoingOn.ts';
import { isBreak, mayBeContinued } from './seam/mayBeContinued.ts';
import type { SignedCalls } from './SignedCalls.ts';
import type { Snapshot } from './Snapshot.ts';
import { Passages } from './Passages.ts';
import type { KeptCount, TokenCounts } from './TokenCounts.ts';
import { TargetChoice, type Chosen, type Unprepared } from './TargetChoice.ts';
import { lostHere } from './translation/lostAnswer.ts';
import { upstreamCall } from './upstreamCall.ts';
import type { Weighed } from './weigh.ts';

/** Bytes of a refusal that are read to say what it means. */
const refusalBytes = 65_536;
/** How long the body of a refusal is waited for: its status has said most of it. */
const refusalMs = 2_000;
/** How long a vendor may hold the connection after the whole answer, so that it can be used again. */
const lingerMs = 1_000;
/** How long more of a budget is waited for that others have a part of. */
const roomMs = 1_000;
const roomAsksMax = 3;
/** Status recorded when the client went away before its answer. */
const clientGoneStatus = 499;
const okStatus = 200;

/** What the loop does after an attempt. */
type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly waitMs: number }
  /** Somebody else is asked to go on with the answer. */
  | { readonly kind: 'goOn'; readonly opened: OpenedRequest; readonly choice: TargetChoice }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'passOn'; readonly answer: PassedOn };

interface StartedAttempt {
  readonly about: AttemptAbout;
  readonly choice: TargetChoice;
  readonly weighed: Weighed;
  readonly passage: Passage;
  readonly move: DecisionMove | null;
  readonly intent: IntentRecord;
  readonly hold: Hold;
  /** What lets the hold grow; null where it is the worst case. */
  readonly heldOutput: HeldOutput | null;
  /** What of a floor was taken for it. */
  readonly expectedUse: ExpectedUse | null;
  /** What it is expected to cost, as caps on dependence see it meanwhile. */
  readonly spending: SpendingCall;
  /** Of the limits of its provider; null where it has none. */
  readonly rateTake: RateTake | null;
  readonly edited: EditedRequest;
  readonly ticket: Ticket;
  readonly startedMonotonicMs: number;
}

const done: Next = { kind: 'done' };
/** Failures whose cause is the request, whoever reads it. */
const requestFaults: ReadonlySet<Failure['class']> = new Set(['client', 'capability', 'content_policy']);
/** What a model must be able to do to be listed to a client. */
const listed = ['generate', 'embed'] as const;

/** What requests have found out, for those that come later. */
export interface Learnt {
  readonly corrections: Corrections;
  readonly counts: TokenCounts;
  readonly conversations: HeldConversations;
  readonly signedCalls: SignedCalls;
  readonly outputs: OutputQuantile;
  readonly affinity: LearntAffinity;
}

/** One request from its arrival to its last byte: a loop over attempts, and the ledger's records of it. */
export class RequestRun implements RunningRequest {
  readonly #ports: GatewayPorts;
  readonly #corrections: Corrections;
  readonly #counts: TokenCounts;
  readonly #conversations: HeldConversations;
  readonly #signedCalls: SignedCalls;
  readonly #outputs: OutputQuantile;
  readonly #affinity: LearntAffinity;
  readonly #scans: ScanTurns;
  #exchange: Exchange;
  readonly #snapshot: Snapshot;
  readonly #client: ClientAnswer;
  readonly #abandonment = new Abandonment();
  readonly #decisions: Decision[] = [];
  readonly #attemptIds: string[] = [];
  readonly #failures: Failure[] = [];
  /** What the vendor of the last attempt said of the request; null where it said nothing. */
  #lastWord: PassedOn | null = null;
  /** How one target wants this request said, found out by this request; learnt for others once it worked. */
  #correction: { readonly target: string; readonly correction: Correction } | null = null;
  #rateTokens = noRateTokens;
  /** Of the limits of who asks and of the model; null where there are none. */
  #rateTake: RateTake | null = null;
  #model = '';
  #streamed = false;
  /** The live drill that it meets; null where it meets none. */
  #drill: MetDrill | null = null;
  /** What its attempts cost so far. Nano-USD. */
  #amount = 0n;
  /** Its record, once it is kept. */
  #told: RequestRecord | null = null;
  /** Features that it needs of a target; null while it is not read. */
  #needs: FeatureSet | null = null;
  /** The last attempt that asked for more of its budgets, how often, and until when it may wait. */
  #room = { attempt: 0, asks: 0, deadlineMs: 0 };
  /** What came of that. */
  #roomAnswer: RoomAnswer = 'unknown';
  #kept = false;
  /** The answer that broke off, while somebody is asked to go on with it. */
  #goingOn: GoingOn | null = null;
  /** The last attempt to go on with it that was paid from the retry budget; 0: none. */
  #paidAttempt = 0;
  /** The count that a vendor gave, where one was asked for. */
  #counted: KeptCount | null = null;
  /** Why its key ended while it ran. */
  #keyFault: RefusedCredential = 'unknown';
  /** What is said to a client who need not wait any more: once, whoever finds it out first. */
  #farewell: Promise<void> | null = null;

  constructor(ports: GatewayPorts, learnt: Learnt, scans: ScanTurns, exchange: Exchange) {
    this.#ports = ports;
    this.#scans = scans;
    this.#corrections = learnt.corrections;
    this.#counts = learnt.counts;
    this.#conversations = learnt.conversations;
    this.#signedCalls = learnt.signedCalls;
    this.#outputs = learnt.outputs;
    this.#affinity = learnt.affinity;
    this.#exchange = exchange;
    this.#snapshot = ports.snapshot();
    this.#client = new ClientAnswer(exchange, this.#snapshot.answerHeaders);
  }

  get principal(): Principal {
    return this.#exchange.principal;
  }

  /** What is under way is broken off, and the client is told. */
  endKey(why: RefusedCredential): void {
    if (this.#abandonment.reason === null) this.#keyFault = why;
    this.#abandonment.abandon('key');
  }

  shutDown(): void {
    this.#abandonment.abandon('shutdown');
  }

  /** @param inFlight Requests being served, this one included. */
  async run(inFlight: number): Promise<void> {
    // The key was valid when the head came; its body may have taken its time.
    const holder = lookUp(this.#snapshot.keys, this.principal.hash, this.#ports.clock.nowMs());
    if (!holder.ok) return this.#refuse(keyRefusal(holder.fault));
    if (this.#exchange.route.operation === 'listModels') return this.#listModels();
    if (inFlight > this.#snapshot.limits.requestsInFlight) {
      return this.#refuse({ code: 'overloaded', message: errorText('overloaded'), retryAfterMs: retryAfterUnstatedMs });
    }
    if (this.#exchange.route.operation === 'kept') return this.#askKept();
    const { passed } = this.#exchange;
    const opening =
      passed === undefined
        ? this.#open()
        : openPassed(this.#snapshot, this.#exchange, passed, this.#ports.translator, this.#signedCalls);
    const opened = opening instanceof Promise ? await opening : opening;
    if (opened === null) return this.#abandoned();
    if (!opened.ok) return this.#refuse(opened.fault);
    this.#model = opened.value.model.name;
    this.#streamed = opened.value.facts.stream;
    this.#needs = opened.value.facts.requirements.features;
    const { conversation } = opened.value.facts;
    return conversation === undefined ? this.#limited(opened.value) : this.#resume(opened.value);
  }

  /** Reads the request: at once, or its body in as many turns as that takes. Null where it was abandoned meanwhile. */
  #open(): Result<OpenedRequest, Refusal> | Promise<Result<OpenedRequest, Refusal> | null> {
    const { wire, body } = this.#exchange;
    const scan = wire.scanRequest(body);
    return scan.advance(scannedInTurnBytes) ? this.#openScanned(scan) : this.#openInTurns(scan);
  }

  async #openInTurns(scan: BodyScan): Promise<Result<OpenedRequest, Refusal> | null> {
    await this.#scans.finish(scan);
    return this.#isUnwanted() ? null : this.#openScanned(scan);
  }

  /** Whether nobody waits for the answer any more, now that something was waited for. */
  #isUnwanted(): boolean {
    if (this.#exchange.reply.gone) this.#abandonment.abandon('gone');
    return this.#abandonment.reason !== null;
  }

  #openScanned(scan: BodyScan): Result<OpenedRequest, Refusal> {
    return openRequest(this.#snapshot, this.#exchange, scan, this.#ports, this.#signedCalls);
  }

  /** Puts together what is kept here of the conversation, and reads the request anew: it may be one for any target now. */
  async #resume(opened: OpenedRequest): Promise<void> {
    // Before anything is fetched: who may ask no more costs no more.
    const refusal = this.#takeRates(opened);
    if (refusal !== null) return this.#refuseRate(refusal);
    try {
      await this.#resumeTaken(opened);
    } finally {
      // Fetched in vain: it was a request all the same.
      this.#settleRates(noRateTokens);
    }
  }

  async #resumeTaken(opened: OpenedRequest): Promise<void> {
    const { answers: keeper, translator } = this.#ports;
    const { limits } = this.#snapshot;
    const resuming = { keeper, translator, limits, abandonment: this.#abandonment };
    const whole = await resumed(resuming, this.#exchange, opened);
    if (this.#isUnwanted()) return this.#abandoned();
    if (whole === null) return this.#limited(opened);
    if (!whole.ok) return this.#refuse(whole.fault);
    this.#exchange = whole.value;
    const opening = this.#open();
    const again = opening instanceof Promise ? await opening : opening;
    if (again === null) return this.#abandoned();
    return again.ok ? this.#limited(again.value) : this.#refuse(again.fault);
  }

  /** As little is booked of it as of the list of models: no target is asked. */
  async #askKept(): Promise<void> {
    try {
      const { answers: keeper, translator } = this.#ports;
      const { inlineBytes } = this.#snapshot.limits;
      const asking = { keeper, translator, inlineBytes, abandonment: this.#abandonment };
      const end = await askKept(asking, this.#exchange);
      if (end.ok) this.#client.deliver({}, end.value);
      else await this.#refuse(end.fault);
    } catch (error) {
      await this.#refuse(this.#refusalOf(error));
    }
  }

  /** Serves within the caller's rates and the request's deadline. */
  async #limited(opened: OpenedRequest): Promise<void> {
    const { reply } = this.#exchange;
    const counts = this.#exchange.route.operation === 'countTokens';
    const refusal = this.#takeRates(opened);
    if (refusal !== null) return this.#refuseRate(refusal);
    const deadline = setTimeout(() => this.#abandonment.abandon('deadline'), this.#snapshot.limits.totalMs);
    reply.onGone(() => this.#abandonment.abandon('gone'));
    try {
      await (counts ? this.#count(opened) : this.#serve(opened));
    } catch (error) {
      const refusal = this.#refusalOf(error);
      await (this.#farewell ?? this.#refuse(refusal));
    } finally {
      clearTimeout(deadline);
      this.#client.close();
      this.#settleRates(null);
      if (this.#told !== null) this.#drill?.ended(this.#told, nanoUsd(this.#amount));
      this.#drill?.retryBudget.requestEnded(this.#ports.clock.monotonicMs());
    }
  }

  /**
   * Takes what the request is now known to need; what was taken before that was known is given back, but for the request itself where the rest is refused.
   * @returns what keeps the request out; null where nothing does.
   */
  #takeRates(opened: OpenedRequest): RateRefusal | null {
    const { route, wire } = this.#exchange;
    if (route.operation === 'countTokens') return null;
    const scopes = rateScopesOf(this.#snapshot, this.principal, opened.model);
    if (scopes.length === 0) return null;
    const { rateLimits, outputEstimate, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    const before = this.#rateTake;
    if (before !== null) rateLimits.settle(before, null, nowMs);
    const taken = rateLimits.take(scopes, expectedTokens(opened, route.operation, outputEstimate), nowMs);
    this.#client.limited(wire.rateHeaders(rateLimits.left(scopes, nowMs), clock.nowMs()));
    const kept = taken.ok || before === null ? taken : rateLimits.take(scopes, noRateTokens, nowMs);
    this.#rateTake = kept.ok ? kept.value : null;
    return taken.ok ? null : taken.fault;
  }

  /** Once a request: what was taken is settled. @param unsent What it used where no vendor was called; null: nothing, and not even a request. */
  #settleRates(unsent: RateTokens | null): void {
    if (this.#rateTake === null) return;
    const used = this.#attemptIds.length === 0 ? unsent : this.#rateTokens;
    this.#ports.rateLimits.settle(this.#rateTake, used, this.#ports.clock.monotonicMs());
    this.#rateTake = null;
  }

  #refuseRate(refusal: RateRefusal): Promise<void> {
    countRateRefusal(this.#ports.metrics, refusal);
    this.#decisions.push({ attempt: 1, chosen: null, limited: waitText(refusal), candidates: [] });
    return this.#refuse(rateRefusal(refusal));
  }

  /**
   * Has tokens counted once for all who ask the same: whoever is first asks a vendor, and the next one where the first has left. What a vendor could not
   * say, the others ask for themselves.
   */
  async #count(opened: OpenedRequest): Promise<void> {
    const turn = this.#counts.turn(this.#snapshot, this.#exchange);
    if (turn.kind === 'ask') {
      try {
        return await this.#serve(opened);
      } finally {
        turn.settle(this.#counted ?? (this.#abandonment.reason === null ? null : 'left'));
      }
    }
    const end = await untilAbandoned(turn.end, this.#abandonment);
    if (this.#abandonment.reason !== null) return this.#abandoned();
    if (end === 'left') return this.#count(opened);
    if (end === null) return this.#serve(opened);
    await this.#keepRequest(okStatus, null);
    this.#client.answeredBy(end.target, end.dropped);
    this.#client.deliver({}, end.body);
  }

  async #serve(asked: OpenedRequest): Promise<void> {
    let opened = asked;
    if (this.#exchange.passed !== undefined) this.#client.openPassed();
    else if (opened.facts.stream) this.#client.openStream(this.#snapshot.limits);
    let choice = new TargetChoice(this.#ports, this.#snapshot, this.#exchange, opened, {
      holder: this.#holderOf(opened),
      affinity: this.#affinityOf(opened),
    });
    this.#drill = choice.drill;
    this.#drill?.retryBudget.requestStarted(this.#ports.clock.monotonicMs());
    for (let attempt = 1; ; attempt += 1) {
      const started = await this.#startWhenPossible(opened, choice, attempt);
      if (started === null) return this.#abandoned();
      const next = 'kind' in started ? started : await this.#settle(started, await this.#call(started));
      if (next.kind === 'done') return;
      if (this.#farewell !== null) return this.#farewell;
      if (next.kind === 'refuse') return this.#giveUp(opened, next.refusal);
      if (next.kind === 'passOn') return this.#passOn(next.answer);
      if (next.kind === 'goOn') ({ opened, choice } = next);
      else if (next.waitMs > 0) await pause(next.waitMs, this.#abandonment, this.#ports.clock);
      if (this.#abandonment.reason !== null) return this.#abandoned();
    }
  }

  /** What its conversation has left in prompt caches; null where that can make no difference. */
  #affinityOf({ deployments, facts, model }: OpenedRequest): Affinity | null {
    if (this.#exchange.route.operation !== 'generate' || deployments.length < 2) return null;
    return new Affinity(this.#affinity, conversationKey(this.#exchange, facts, this.#snapshot), model.name);
  }

  /** The boundary in which the conversation is held that the request goes on from; null where it does not, or where that is not known. */
  #holderOf({ facts }: OpenedRequest): string | null {
    const id = facts.conversation?.continues ?? null;
    return id === null ? null : this.#conversations.holderOf(this.principal.organisation, id);
  }

  /** Remembers who holds a conversation, before the client can go on with it. */
  #keepConversation({ about: { opened }, weighed }: StartedAttempt, answerId: string | null): void {
    const { conversation, answerKept } = opened.facts;
    if ((conversation === undefined && answerKept !== true) || answerId === null) return;
    this.#conversations.keep(this.principal.organisation, answerId, weighed.deployment.boundary);
  }

  /** Keeps an answer that its target does not, before the client can go on with it. Resolves once it is on disk, or cannot be. */
  #keepAnswer({ about: { opened }, passage }: StartedAttempt, lastBytes: Uint8Array): Promise<void> | null {
    if (!passage.translated || !opened.passages.keepsAnswer) return null;
    const answer = answerToKeep(this.#exchange, opened.facts, lastBytes);
    return answer === null ? null : this.#ports.answers.keep(answer);
  }

  /** Where everybody is out for a moment, the moment is waited for once: the client had better wait here than come back. */
  async #startWhenPossible(
    opened: OpenedRequest,
    choice: TargetChoice,
    attempt: number,
  ): Promise<StartedAttempt | Next | null> {
    const choosing = this.#choose(choice, attempt);
    const chosen = choosing instanceof Promise ? await choosing : choosing;
    if (chosen === null) return null;
    const { retryAtMs } = chosen.choice;
    const waitMs = retryAtMs === null ? Infinity : retryAtMs - this.#ports.clock.monotonicMs();
    const waits = chosen.passage === null && this.#failures.length === 0 && waitMs <= sameTargetWaitMsMax;
    if (!waits) return this.#start(opened, choice, attempt, chosen);
    await pause(Math.max(0, waitMs), this.#abandonment, this.#ports.clock);
    if (this.#abandonment.reason !== null) return null;
    const choosingAgain = this.#choose(choice, attempt);
    const later = choosingAgain instanceof Promise ? await choosingAgain : choosingAgain;
    return later === null ? null : this.#start(opened, choice, attempt, later);
  }

  /** At once, so that nobody else chooses in between; only what has to be translated apart is waited for. Null where it was abandoned meanwhile. */
  #choose(choice: TargetChoice, attempt: number): Chosen | Promise<Chosen | null> {
    const chosen = choice.choose(attempt);
    return 'prepare' in chosen ? this.#choosePrepared(choice, attempt, chosen) : chosen;
  }

  /** Chooses anew each time that a target was prepared: by then another may be the better one. */
  async #choosePrepared(choice: TargetChoice, attempt: number, first: Unprepared): Promise<Chosen | null> {
    for (let chosen: Chosen | Unprepared = first; ; chosen = choice.choose(attempt)) {
      if (!('prepare' in chosen)) return chosen;
      await chosen.prepare(this.#abandonment);
      if (this.#abandonment.reason !== null) return null;
    }
  }

  /** Holds and writes the intent: everything that comes before the vendor hears of it. */
  async #start(
    opened: OpenedRequest,
    choice: TargetChoice,
    attempt: number,
    chosen: Chosen,
  ): Promise<StartedAttempt | Next | null> {
    const { weighed, passage } = chosen;
    const { decision } = chosen.choice;
    const { clock, budgets, health, ids, journal, paces, shares } = this.#ports;
    const atMs = clock.nowMs();
    const taken = passage === null ? null : this.#takeOfProvider(opened, weighed);
    // While the request was translated somebody else was quicker: the choice is made anew.
    if (taken?.ok === false) return this.#startWhenPossible(opened, choice, attempt);
    if (passage === null) {
      this.#decisions.push(decision);
      return this.#goingOn === null ? this.#exhausted(choice) : { kind: 'refuse', refusal: this.#goingOn.refusal };
    }
    const rateTake = taken?.value ?? null;
    const unpaid = this.#payGoingOn(attempt);
    if (unpaid !== null) {
      this.#settleOfProvider(rateTake, null);
      return { kind: 'refuse', refusal: unpaid };
    }
    const edited = this.#edit(passage, weighed);
    const { scopes } = choice;
    const first = firstHold(opened, weighed, budgets.remaining(scopes, atMs), this.#outputs, this.principal.key);
    const amount = first?.amount ?? weighed.worstCase;
    const holding = budgets.hold(scopes, amount, atMs, clock.monotonicMs());
    if (!holding.ok) {
      this.#settleOfProvider(rateTake, null);
      if (holding.fault.reason === 'lease' && this.#mayAskRoom(attempt)) {
        await this.#askRoom(choice, amount);
        // Much may have happened meanwhile: the choice is made anew.
        return this.#abandonment.reason === null ? this.#startWhenPossible(opened, choice, attempt) : null;
      }
      this.#decisions.push(decision);
      const refusal = budgetRefusal(holding.fault, this.#roomAnswer, atMs);
      return { kind: 'refuse', refusal: this.#goingOn === null ? refusal : unheld(this.#goingOn.refusal, refusal) };
    }
    this.#decisions.push(decision);
    if (decision.forced !== undefined) this.#tellForced(decision);
    const about = { exchange: this.#exchange, opened, weighed };
    const attemptId = ids.nextAttemptId(atMs);
    const intent = intentOf(about, { attemptId, attempt, atMs, budgets: holding.value.buckets });
    // Who chooses while this is being written sees it.
    const startedMonotonicMs = clock.monotonicMs();
    const ticket = health.started(
      weighed.candidate,
      startedMonotonicMs,
      opened.model.name,
      this.#awaited(opened, weighed.deployment),
    );
    const expectedUse = paces.started(weighed.candidate, atMs);
    const spending = shares.begin(weighed.candidate, atMs);
    try {
      await journal.append(intent);
    } catch (error) {
      budgets.release(holding.value);
      this.#settleOfProvider(rateTake, null);
      health.cancelled(ticket, clock.monotonicMs());
      expectedUse?.giveBack();
      spending.end();
      throw error;
    }
    this.#attemptIds.push(intent.attemptId);
    this.#client.attempted(targetName(weighed.deployment.target), leftOut(passage, edited));
    return {
      about,
      choice,
      weighed,
      passage,
      move: decision.move ?? null,
      intent,
      hold: holding.value,
      heldOutput: first === null ? null : this.#heldOutput(scopes, weighed, holding.value, first),
      expectedUse,
      spending,
      rateTake,
      edited,
      ticket,
      startedMonotonicMs,
    };
  }

  #heldOutput(scopes: readonly string[], { outputBoundTokens }: Weighed, hold: Hold, first: FirstHold): HeldOutput {
    const { budgets, budgetRoom, clock } = this.#ports;
    const { coveredTokens, costOf } = first;
    const monotonicMs = (): number => clock.monotonicMs();
    return new HeldOutput({
      hold,
      budgets,
      budgetRoom,
      scopes,
      coveredTokens,
      outputBoundTokens,
      costOf,
      monotonicMs,
      roomMs,
      abandonment: this.#abandonment,
    });
  }

  /** What was given may be gone before it is held: another request was quicker. */
  #mayAskRoom(attempt: number): boolean {
    const { clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    const { attempt: last, asks, deadlineMs } = this.#room;
    if (last !== attempt) {
      this.#room = { attempt, asks: 1, deadlineMs: nowMs + roomMs };
      this.#roomAnswer = 'unknown';
    } else if (this.#roomAnswer === 'given' && asks < roomAsksMax && nowMs < deadlineMs)
      this.#room = { attempt, asks: asks + 1, deadlineMs };
    else return false;
    return true;
  }

  /** Asks for more of the budgets that this replica may not spend so much of. */
  async #askRoom({ scopes }: TargetChoice, amount: NanoUsd): Promise<void> {
    const asking = this.#ports.budgetRoom.ask(scopes, amount, this.#room.deadlineMs, this.#abandonment);
    this.#roomAnswer = (await untilAbandoned(asking, this.#abandonment)) ?? 'unknown';
  }

  /** Of the limits of the account that is to be called; null where it has none. Counting tokens is none of what vendors limit by these. */
  #takeOfProvider(opened: OpenedRequest, { deployment: { rates } }: Weighed): Result<RateTake, RateRefusal> | null {
    const { operation } = this.#exchange.route;
    if (rates === null || operation === 'countTokens') return null;
    const { rateLimits, outputEstimate, clock } = this.#ports;
    return rateLimits.take([rates], expectedTokens(opened, operation, outputEstimate), clock.monotonicMs());
  }

  /** @param used null where its vendor never heard of it */
  #settleOfProvider(take: RateTake | null, used: RateTokens | null): void {
    if (take !== null) this.#ports.rateLimits.settle(take, used, this.#ports.clock.monotonicMs());
  }

  #edit(passage: Passage, weighed: Weighed): EditedRequest {
    const { wire, body, facts, translated } = passage;
    const { target, capabilities } = weighed.deployment;
    const name = targetName(target);
    const { lacking } = this.#snapshot;
    const { known } = fitTo(passage, capabilities.unsupported, lacking);
    const corrections = joined(joined(known, this.#corrections.of(name)), this.#correctionFor(name));
    const cacheKey = vendorCacheKey(facts.cacheKey, this.principal, this.#snapshot);
    const edits = {
      ...(cacheKey === null ? {} : { cacheKey }),
      ...withinPolicy(corrections, facts, lacking),
      model: target.model,
      translated,
      askUsage: facts.stream && !facts.usageAsked,
    };
    const { imposedBoundTokens } = weighed;
    return wire.editRequest(
      body,
      facts,
      imposedBoundTokens === null ? edits : { ...edits, outputBoundTokens: imposedBoundTokens },
    );
  }

  /** Where its further calls are taken from. */
  get #retryBudget(): RetryBudget {
    return (this.#drill ?? this.#ports).retryBudget;
  }

  /** Makes the call. What goes wrong in making it is a failure like a vendor's: the attempt is settled, and another target may serve. */
  async #call(started: StartedAttempt): Promise<CallEnd> {
    // Neither an attempt of ours after the first nor a client's own retry is new work that makes room for more retries.
    if (started.intent.attempt === 1 && !this.#isClientRetry()) {
      this.#retryBudget.called(started.startedMonotonicMs);
    }
    const fault = this.#drill?.fault(started.weighed.candidate, started.startedMonotonicMs) ?? null;
    if (fault !== null) return { kind: 'failed', failure: fault, refusal: null, reading: unheard(false) };
    try {
      return await callTarget(this.#ports.transport, this.#targetCall(started));
    } catch (error) {
      this.#tellMistake(error);
      return {
        kind: 'failed',
        failure: { class: 'protocol', cause: 'call_failed' },
        refusal: null,
        reading: unheard(true),
      };
    }
  }

  #targetCall(started: StartedAttempt): TargetCall {
    const { limits } = this.#snapshot;
    const { clock, health } = this.#ports;
    const { deployment } = started.weighed;
    return {
      call: this.#upstreamCall(started),
      secrets: secretsToldBy(deployment.authorizer),
      passage: started.passage,
      relayAnswer: (body, headers) => {
        const { passages } = started.about.opened;
        const read = passages.relayAnswer(started.passage, this.#exchange.route.operation, body, headers);
        return read instanceof Promise ? this.#tellingMeanwhile(read) : read;
      },
      limits: {
        firstByteMs: this.#firstByteMs(deployment),
        idleMs: limits.idleMs,
        answerBytes: limits.answerBytes,
        refusalBytes,
        refusalMs: Math.min(refusalMs, limits.idleMs),
        lingerMs,
      },
      stream: this.#client.stream,
      isFollowed: mayBeContinued(this.#exchange, started.about.opened),
      heldOutput: started.heldOutput,
      abandonment: this.#abandonment,
      onHead: (headers) => this.#hear(started.ticket, headers),
      onContent: () => this.#tell(health.answering(started.ticket)),
      onClientDrain: (listener) => this.#exchange.reply.onDrain(listener),
      monotonicMs: () => clock.monotonicMs(),
      nowMs: () => clock.nowMs(),
    };
  }

  #firstByteMs({ capabilities }: Weighed['deployment']): number {
    const { firstByteMs, firstByteReasoningMs } = this.#snapshot.limits;
    return capabilities.reasoning ? firstByteReasoningMs : firstByteMs;
  }

  #awaited({ facts }: OpenedRequest, deployment: Weighed['deployment']): AwaitedHead {
    return { allowedMs: this.#firstByteMs(deployment), streamed: facts.stream };
  }

  /** That a vendor answers, and what it says is left of its limits, others who choose know at once. */
  #hear(ticket: Ticket, headers: UpstreamHeaders): void {
    const { clock, health } = this.#ports;
    const reading = readQuota(headers, clock.nowMs());
    health.heard(ticket, reading, clock.monotonicMs());
  }

  /** An answer that is here is read to its end for what it has cost; a client who need not wait for it is told so at once. */
  async #tellingMeanwhile<Read>(read: Promise<Read>): Promise<Read> {
    const tell = (): void => void this.#abandoned();
    this.#abandonment.listen(tell);
    try {
      return await read;
    } finally {
      this.#abandonment.unlisten(tell);
    }
  }

  #upstreamCall({ weighed, passage, edited }: StartedAttempt): UpstreamCall {
    const { deployment } = weighed;
    const { passed } = this.#exchange;
    const nowMs = this.#ports.clock.nowMs();
    if (passed !== undefined) return passedCall(this.#exchange, passed, deployment, nowMs);
    return upstreamCall(this.#exchange, deployment, passage, edited.body, nowMs);
  }

  #correctionFor(target: string): Correction | null {
    return this.#correction?.target === target ? this.#correction.correction : null;
  }

  #isClientRetry(): boolean {
    return Number(headerText(this.#exchange.headers, 'x-stainless-retry-count')) > 0;
  }

  async #settle(started: StartedAttempt, end: CallEnd): Promise<Next> {
    const { health, journal, clock, durability } = this.#ports;
    // An answer that had to wait for its translation may be whole after nobody waits for it.
    const mayDeliver = this.#abandonment.reason === null;
    this.#noteSeam(end.reading);
    // The record is with the system before the client has the last byte: a kill in between loses nothing.
    const { record, position } = await this.#appendFinal(started, end, mayDeliver);
    this.#book(started, record, end.reading);
    // Whoever has begun to answer has read the prompt, also where the client left.
    if (end.kind === 'answered' || end.reading.firstContentAtMs !== null)
      started.choice.answered(started.weighed, record, started.startedMonotonicMs);
    const nowMs = clock.monotonicMs();
    if (end.kind === 'failed') return this.#afterFailure(started, end, record);
    if (end.kind === 'cancelled') {
      health.cancelled(started.ticket, nowMs);
      await this.#abandoned();
      return done;
    }
    if (end.kind === 'capped') {
      health.cancelled(started.ticket, nowMs);
      this.#ports.metrics.count('archipel_capped_streams_total', { model: this.#model });
      return { kind: 'refuse', refusal: cappedRefusal(end.refusal, end.room, clock.nowMs()) };
    }
    this.#tell(health.succeeded(started.ticket, this.#seenOf(started, record), nowMs));
    const target = targetName(started.weighed.deployment.target);
    this.#countCaches(started.move, record);
    // The id of a continuation is not the one that the client has.
    if (this.#goingOn === null) this.#keepConversation(started, end.reading.answerId);
    this.#signedCalls.keep(ownerOf(this.principal), end.reading.signedCalls);
    const correction = this.#correctionFor(target);
    if (correction !== null && correction.once !== true) this.#corrections.learn(target, correction);
    if (!mayDeliver) {
      await this.#abandoned();
      return done;
    }
    const kept = this.#keepAnswer(started, end.lastBytes);
    if (durability() === 'strict')
      await untilAbandoned(Promise.all([journal.synced(position), kept]), this.#abandonment);
    if (this.#exchange.route.operation === 'countTokens') {
      // A copy: what was read with it would be kept, too.
      this.#counted = {
        body: Uint8Array.from(end.lastBytes),
        target,
        dropped: leftOut(started.passage, started.edited),
      };
    }
    this.#client.deliver(started.passage.translated ? {} : end.headers, end.lastBytes);
    return done;
  }

  /** What an answer tells of its target; that of a count of tokens is none of what models take their time for. */
  #seenOf({ about: { opened } }: StartedAttempt, { firstContentMs, usage }: FinalRecord): AnswerSeen {
    const streamed = opened.facts.stream;
    if (this.#exchange.route.operation === 'countTokens')
      return { firstContentMs: null, streamed, outputTokens: 0, tokens: 0 };
    const outputTokens = (usage.output ?? 0) + (usage.reasoning ?? 0);
    return { firstContentMs, streamed, outputTokens, tokens: totalTokens(usage) };
  }

  /** A record that cannot be made or kept still settles its hold, at the most that it can have cost. */
  async #appendFinal(
    started: StartedAttempt,
    end: CallEnd,
    mayDeliver: boolean,
  ): Promise<{ readonly record: FinalRecord; readonly position: unknown }> {
    const { about, intent, edited, startedMonotonicMs } = started;
    try {
      const endedMonotonicMs = this.#ports.clock.monotonicMs();
      const record = finalOf(about, { intent, edited, end, startedMonotonicMs, endedMonotonicMs });
      const status = this.#statusAfter(end, mayDeliver);
      const position = await (status === null ? this.#ports.journal.append(record) : this.#appendBoth(record, status));
      return { record, position };
    } catch (error) {
      this.#ports.budgets.forfeit(started.hold, started.weighed.worstCase);
      this.#settleOfProvider(started.rateTake, noRateTokens);
      this.#ports.health.cancelled(started.ticket, this.#ports.clock.monotonicMs());
      started.expectedUse?.giveBack();
      started.spending.end();
      throw error;
    }
  }

  /** What the request comes to where this attempt is surely its last, else null. */
  #statusAfter(end: CallEnd, mayDeliver: boolean): number | null {
    if (end.kind === 'answered') return mayDeliver ? (this.#client.stream?.status ?? okStatus) : null;
    return end.kind === 'cancelled' && this.#abandonment.reason === 'gone' ? clientGoneStatus : null;
  }

  /** The last attempt's record and the request's go to the disk in one write. */
  async #appendBoth(record: FinalRecord, status: number): Promise<unknown> {
    const { journal } = this.#ports;
    const request = this.#requestRecord(status, null);
    this.#kept = true;
    try {
      const position = await journal.append(record, request);
      this.#tellRequest(request);
      return position;
    } catch {
      // One of the two that is refused, or finds no room now, takes the other with it no further.
      const position = await journal.append(record);
      return (await this.#appendRequest(request)) ?? position;
    }
  }

  /** Moves the money in memory, by the same record that the ledger will hold. */
  #book(
    { about: { opened }, hold, expectedUse, spending, rateTake }: StartedAttempt,
    record: FinalRecord,
    reading: CallReading,
  ): void {
    const { budgets, shares, paces, metrics } = this.#ports;
    spending.end();
    const { crossed } = budgets.settle(hold, budgetCharge(record));
    for (const budget of crossed) this.#tellExceeded(budget);
    shares.add(record);
    paces.settled(record, expectedUse);
    this.#amount += parseNanoUsd(record.amountNanoUsd);
    this.#bookRates(rateTake, record, record.outcome.kind === 'ok' || reading.sent);
    const isWhole = record.basis === 'reported' && record.outcome.kind === 'ok' && this.#goingOn === null;
    if (isWhole) this.#learnOutput(opened, record, reading);
    // In the order of their names, in which they are kept.
    metrics.count('archipel_attempts_total', {
      model: record.model,
      outcome: record.outcome.kind === 'failed' ? record.outcome.failure.class : record.outcome.kind,
      provider: record.provider,
    });
  }

  /** What was read from the target's prompt cache, and what it cost to leave another's behind. */
  #countCaches(move: DecisionMove | null, record: FinalRecord): void {
    const { metrics } = this.#ports;
    const { counts } = this.#affinity;
    const { model } = record;
    if (record.operation === 'generate' && record.basis === 'reported') {
      const { inputTokens, cacheReadTokens } = rateTokensOf(record.usage);
      const labels = { model, provider: record.provider };
      metrics.count('archipel_input_tokens_total', labels, inputTokens);
      metrics.count('archipel_cache_read_tokens_total', labels, cacheReadTokens);
      counts.answered(`${record.provider}/${record.targetModel}`, inputTokens, cacheReadTokens);
    }
    if (move === null) return;
    counts.left(move.from, move.usd);
    metrics.count('archipel_cache_moves_total', { model, target: move.from });
    metrics.count('archipel_cache_move_usd_total', { model, target: move.from }, move.usd);
  }

  /** Once a window: a soft budget refuses nothing, and a hard one is exceeded by what was written unseen, or lowered below what is spent. */
  #tellExceeded(budget: string): void {
    this.#ports.metrics.count('archipel_exceeded_budgets_total');
    this.#ports.log.warn('more is spent than a budget has', { budget });
  }

  #learnOutput({ model, facts }: OpenedRequest, record: FinalRecord, { outputBytes, stalledMs }: CallReading): void {
    const { key, usage } = record;
    const { output = 0, reasoning = 0 } = usage;
    const outputTokens = output + reasoning;
    const inputTokens = facts.inputEstimateTokens;
    this.#ports.outputEstimate.observe(model.name, inputTokens, outputTokens);
    this.#learnLatency(record, inputTokens, outputTokens, stalledMs);
    if (facts.stream) this.#outputs.observe({ key, model: model.name, inputTokens, outputTokens, outputBytes });
  }

  /** Counting tokens is none of what models take their time for. */
  #learnLatency(record: FinalRecord, inputTokens: number, outputTokens: number, stalledMs: number): void {
    const { model, operation, provider, targetModel, stream, durationMs } = record;
    if (operation === 'countTokens') return;
    const { latencies, clock, metrics } = this.#ports;
    const firstContentMs = stream ? record.firstContentMs : null;
    const target = targetName({ provider, model: targetModel });
    const seen = { model, target, inputTokens, outputTokens, firstContentMs, durationMs, stalledMs };
    latencies.observe(seen, clock.monotonicMs());
    if (firstContentMs !== null) metrics.observeMs('archipel_first_content_ms', firstContentMs, { model, provider });
  }

  #bookRates(ofProvider: RateTake | null, { usage }: FinalRecord, sent: boolean): void {
    if (ofProvider === null && this.#rateTake === null) return;
    const used = rateTokensOf(usage);
    this.#rateTokens = rateTokensAdded(this.#rateTokens, used);
    this.#settleOfProvider(ofProvider, sent ? used : null);
  }

  /** The client may read what the vendor said of its request; what is logged of it is what the record has. */
  #afterFailure(started: StartedAttempt, end: CallEnd & { kind: 'failed' }, record: FinalRecord): Next {
    const { outcome } = record;
    const { health, clock } = this.#ports;
    const { failure, refusal } = end;
    const kept = outcome.kind === 'failed' ? outcome.failure : failure;
    const { weighed, passage, choice } = started;
    const lost = lostHere(failure);
    const nowMs = clock.monotonicMs();
    this.#failures.push(failure);
    // What a drill makes up is no word about the target, nor is what cannot be the rest of another's answer.
    const isBlamed = lost === null && failure.cause !== drillCause && !isRefusedContinuation(failure);
    if (isBlamed) this.#tell(health.failed(started.ticket, kept, nowMs));
    else health.cancelled(started.ticket, nowMs);
    if (this.#client.stream?.committed) return this.#afterBreak(started, end, record);
    this.#client.stream?.discard();
    if (this.#isForTheClient(passage, failure, refusal)) return forTheClient(passage, failure, refusal);
    const corrected = failure.class === 'capability' && this.#correct(started, failure);
    if (!corrected) choice.tried(weighed);
    // The same target would be paid for the same answer once more.
    if (lost !== null && !choice.othersEligible(nowMs)) return { kind: 'refuse', refusal: lost };
    return this.#nextStep(started, asOfTarget(passage, failure), refusal, corrected);
  }

  /** The client has a part of the answer: somebody else goes on with it, or it is told that there is no more. */
  #afterBreak(
    { about: { opened }, weighed, choice, intent }: StartedAttempt,
    { failure, reading }: CallEnd & { kind: 'failed' },
    { usage }: FinalRecord,
  ): Next {
    const before = this.#goingOn;
    const hasWritten = before === null || reading.seam?.isSewn === true;
    const refusal = hasWritten ? truncated(weighed, failure) : unfinished(before.refusal, weighed, failure);
    // Of a call that was never made nothing is known, and the answer stands where it stood.
    const running = hasWritten ? reading.running : before.running;
    const isOver = hasWritten
      ? !isBreak(failure)
      : isRefusedContinuation(failure) || failure.class === 'content_policy';
    if (running === null || isOver || intent.attempt >= this.#snapshot.limits.attempts)
      return { kind: 'refuse', refusal };
    const going: GoingOn = {
      opened: before?.opened ?? opened,
      running,
      textLength: running.text.length,
      from: hasWritten ? targetName(weighed.deployment.target) : before.from,
      usage: gone(before, usage),
      writtenTokens: (before?.writtenTokens ?? 0) + (hasWritten ? writtenIn(usage) : 0),
      refusal,
    };
    if (!canGoOn(going)) return { kind: 'refuse', refusal };
    choice.tried(weighed);
    this.#goingOn = going;
    return this.#goOn(going, choice);
  }

  /** Asks for the rest as for any answer: whoever is eligible is weighed anew, and an attempt has its hold and its record. */
  #goOn(going: GoingOn, before: TargetChoice): Next {
    const { translator } = this.#ports;
    const facts = continuedFacts(going);
    const lacking = withoutAnew(this.#snapshot.lacking);
    const passages = new Passages(this.#exchange, facts, {
      translator,
      signedCalls: this.#signedCalls,
      inlineBytes: this.#snapshot.limits.inlineBytes,
      policy: lacking,
      keepsAnswers: going.opened.passages.keepsAnswer && !going.running.isUntouched,
      goingOn: continuingWay(going),
    });
    const deployments = going.opened.deployments.map(asGoingOn);
    const opened = { ...going.opened, facts, deployments, passages };
    const choice = before.goingOn({ ...this.#snapshot, lacking }, opened);
    return { kind: 'goOn', opened, choice };
  }

  /** Whoever is found to go on with an answer is asked as a retry, paid once an attempt. @returns what the client is told where that is not to be had. */
  #payGoingOn(attempt: number): Refusal | null {
    const going = this.#goingOn;
    if (going === null || this.#paidAttempt === attempt) return null;
    const { clock, log } = this.#ports;
    if (this.#retryBudget.tryRetry(clock.monotonicMs())) {
      this.#paidAttempt = attempt;
      return null;
    }
    log.warn('retry budget is used up', { requestId: this.#exchange.requestId });
    return going.refusal;
  }

  /** What became of a seam stands with the decision that led there. */
  #noteSeam({ seam }: CallReading): void {
    const going = this.#goingOn;
    const decision = this.#decisions.at(-1);
    if (going === null || seam === null || decision === undefined) return;
    const { from, textLength } = going;
    const { isSewn, ...told } = seam;
    this.#decisions[this.#decisions.length - 1] = { ...decision, seam: { from, textLength, ...told } };
    const outcome = told.refused ?? (isSewn ? 'continued' : 'failed');
    this.#ports.metrics.count('archipel_seams_total', { outcome });
  }

  /** Somebody else at once, the same target after a short wait where there is nobody else, or the end. */
  #nextStep(
    { weighed, passage, choice, intent }: StartedAttempt,
    failure: Failure,
    refusal: RefusedAnswer | null,
    corrected: boolean,
  ): Next {
    const { clock, log } = this.#ports;
    const { limits } = this.#snapshot;
    const nowMs = clock.monotonicMs();
    const step = sameTargetWait(failure, {
      deadlineMs: limits.totalMs - (nowMs - this.#exchange.startedMonotonicMs),
      attemptsLeft: this.#exchange.passed === undefined ? limits.attempts - intent.attempt : 0,
      othersEligible: corrected || choice.othersEligible(nowMs),
    });
    this.#lastWord = refusal === null ? null : passedOn(passage, failure, refusal);
    if (step.action === 'stop') return this.#exhausted(choice);
    if (!this.#retryBudget.tryRetry(nowMs)) {
      log.warn('retry budget is used up', { requestId: this.#exchange.requestId });
      return this.#exhausted(choice);
    }
    if (step.action === 'other-target') return { kind: 'again', waitMs: 0 };
    choice.again(weighed);
    return { kind: 'again', waitMs: step.waitMs };
  }

  /** A target that does not take what we made of the request may be more particular than those who speak the client's wire: they are asked, too. */
  #isForTheClient({ translated }: Passage, failure: Failure, refusal: RefusedAnswer | null): boolean {
    // What is handed on as it is has nobody else to go to, and whatever its vendor says is the answer.
    if (this.#exchange.passed !== undefined) return refusal !== null;
    if (failure.class === 'client') return !translated;
    return failure.class === 'content_policy' && !this.#snapshot.moveContentPolicy;
  }

  /** Learns how this target wants the same thing said, once a request. */
  #correct({ weighed, passage }: StartedAttempt, failure: Failure): boolean {
    if (this.#correction !== null) return false;
    const correction = passage.wire.correction(failure, passage.facts);
    if (correction === null || correction.drop?.some((name) => this.#snapshot.lacking.kept.has(name))) return false;
    this.#correction = { target: targetName(weighed.deployment.target), correction };
    return true;
  }

  /** A vendor's word about the request is worth more to the client than "all failed". */
  #exhausted(choice: TargetChoice): Next {
    const aboutTheRequest = this.#failures.every((failure) => requestFaults.has(failure.class));
    if (aboutTheRequest && this.#lastWord !== null) return { kind: 'passOn', answer: this.#lastWord };
    return { kind: 'refuse', refusal: choice.nobody(this.#failures) };
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
        listed.some((operation) => deploymentsFor(model, wire, operation).length > 0),
    );
    this.#client.listModels(models.map(({ listed }) => listed));
  }

  /** Tokens can be counted here, too, if only to an upper estimate; everything else that nobody serves is refused. */
  async #giveUp(opened: OpenedRequest, refusal: Refusal): Promise<void> {
    const { route, wire } = this.#exchange;
    if (route.operation !== 'countTokens' || wire.tokenCount === null) return this.#refuse(refusal);
    const estimate = await opened.passages.estimateTokens(this.#abandonment);
    if (this.#abandonment.reason !== null) return this.#abandoned();
    if (!estimate.ok) return this.#refuse(estimate.fault);
    await this.#keepRequest(okStatus, null);
    this.#client.estimate(wire.tokenCount(estimate.value));
  }

  async #passOn(answer: PassedOn): Promise<void> {
    await this.#keepRequest(answer.answer.status, null);
    this.#client.passOn(answer);
  }

  async #refuse(refusal: Refusal): Promise<void> {
    this.#ports.metrics.count('archipel_refusals_total', { code: refusal.code });
    await this.#keepRequest(errorRow(refusal.code).status, refusal.code);
    this.#client.refuse(refusal);
  }

  #abandoned(): Promise<void> {
    this.#farewell ??= this.#tellAbandoned();
    return this.#farewell;
  }

  async #tellAbandoned(): Promise<void> {
    const { reason } = this.#abandonment;
    if (reason === 'key') await this.#refuse(keyRefusal(this.#keyFault));
    else if (reason === 'shutdown') await this.#refuse(shutdownRefusal);
    else if (reason === 'deadline') {
      const message = errorText('deadline_exceeded');
      await this.#refuse({ code: 'deadline_exceeded', message, retryAfterMs: retryAfterUnstatedMs });
    } else await this.#keepRequest(clientGoneStatus, null);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof CodedError && error.code === 'ledger_unavailable') {
      const message = errorText('ledger_unavailable');
      return { code: 'ledger_unavailable', message, retryAfterMs: retryAfterUnstatedMs };
    }
    this.#tellMistake(error);
    return { code: 'internal_error', message: errorText('internal_error') };
  }

  #tellMistake(error: unknown): void {
    this.#ports.log.error('request failed inside the gateway', {
      requestId: this.#exchange.requestId,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  /** Once a request: what goes wrong while its answer is handed on does not make another of it. */
  async #keepRequest(status: number, errorCode: GatewayErrorCode | null): Promise<void> {
    if (this.#kept) return;
    this.#kept = true;
    await this.#appendRequest(this.#requestRecord(status, errorCode));
  }

  /** @returns its position; null where it could not be kept: the money is in the records of the attempts, and the request is still answered. */
  async #appendRequest(request: RequestRecord): Promise<unknown> {
    try {
      const position = await this.#ports.journal.append(request);
      this.#tellRequest(request);
      return position;
    } catch (error) {
      const message = errorMessage(error);
      this.#ports.log.error('record of a request was not kept', { requestId: request.requestId, message });
      return null;
    }
  }

  #requestRecord(status: number, errorCode: GatewayErrorCode | null): RequestRecord {
    const { requestId, principal, wire, route, startedAtMs, startedMonotonicMs } = this.#exchange;
    return {
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
      ...(this.#needs === null ? {} : { needs: featuresIn(this.#needs) }),
    };
  }

  #tellRequest(request: RequestRecord): void {
    this.#told = request;
    const { metrics } = this.#ports;
    const { model, status, durationMs } = request;
    metrics.count('archipel_requests_total', { model, status: String(status) });
    metrics.observeMs('archipel_request_duration_ms', durationMs, { model });
  }
}

/** Of a call from which nothing came back. @param sent whether the vendor may have seen the request */
const unheard = (sent: boolean): CallReading => ({
  usage: null,
  outputBytes: 0,
  sent,
  refused: false,
  firstContentAtMs: null,
  stalledMs: 0,
  answerId: null,
  signedCalls: [],
  servedTier: null,
  running: null,
  seam: null,
});

/** A vendor's word about the request itself: its answer where there is one, else what it said inside its stream. */
const forTheClient = (passage: Passage, failure: Failure, refusal: RefusedAnswer | null): Next =>
  refusal === null
    ? { kind: 'refuse', refusal: { code: 'bad_request', message: failure.message ?? errorText('bad_request') } }
    : { kind: 'passOn', answer: passedOn(passage, failure, refusal) };

const passedOn = ({ translated }: Passage, failure: Failure, answer: RefusedAnswer): PassedOn => ({
  answer,
  words: failure.message ?? errorText('bad_request'),
  translated,
});

/** What is wrong with our own words for a request is this target's view of it, not yet the client's mistake. */
const asOfTarget = ({ translated }: Passage, failure: Failure): Failure =>
  translated && failure.class === 'client' ? { ...failure, class: 'capability' } : failure;

/** Members that were left out on the way, by the passage and by edits, which are named so; of what said nothing there is nothing to tell. */
const leftOut = ({ dropped, facts: { defaults = [] } }: Passage, { named }: EditedRequest): readonly string[] => {
  const edited = named.flatMap((name) => (name.startsWith('-') ? [name.slice(1)] : []));
  const told = edited.filter((name) => !defaults.includes(name));
  return told.length === 0 ? dropped : [...new Set([...dropped, ...told])];
};

/** Waits, but not for ever: a disk that hangs must not hold what the client may abandon. @returns null where it was abandoned */
const untilAbandoned = async <Value>(wait: Promise<Value>, abandonment: Abandonment): Promise<Value | null> => {
  if (abandonment.reason !== null) return null;
  const { promise, resolve } = Promise.withResolvers<null>();
  const stop = (): void => resolve(null);
  abandonment.listen(stop);
  try {
    return await Promise.race([wait, promise]);
  } finally {
    abandonment.unlisten(stop);
  }
};

const truncated = (weighed: Weighed, failure: Failure): Refusal => {
  const target = targetName(weighed.deployment.target);
  return {
    code: 'upstream_truncated',
    message: `The answer of ${target} broke off (${failure.cause}). What came before is incomplete; send the request again.`,
  };
};

/** Where nothing of a continuation went out. */
const unfinished = (refusal: Refusal, weighed: Weighed, failure: Failure): Refusal => ({
  ...refusal,
  message: `${refusal.message} ${targetName(weighed.deployment.target)} did not go on with it (${failure.cause}).`,
});

/** Where a budget has no room for a continuation. */
const unheld = (refusal: Refusal, { message }: Refusal): Refusal => ({
  ...refusal,
  message: `${refusal.message} Nobody was asked to go on with it: ${message}`,
});

const shutdownRefusal: Refusal = {
  code: 'overloaded',
  message: 'This server is shutting down and could wait no longer for the answer. Send the request again.',
  retryAfterMs: retryAfterUnstatedMs,
};

/** A balance that nobody knows is asked for again and again; or its window ends before that, and the next one is known. */
const unknownBalance = ({ scope, resetsAtMs }: BudgetRefusal, nowMs: number): Refusal => ({
  code: 'ledger_unavailable',
  message: `What the budget ${scope} has spent is not known until the database is back. Try again after the Retry-After.`,
  retryAfterMs: Math.min(retryAfterUnknownMs, (resetsAtMs ?? Infinity) - nowMs),
});

/** What this replica was allowed is used up, or its time is over, and it did not hear of more in time. */
const unansweredRoom = ({ scope }: BudgetRefusal): Refusal => ({
  code: 'ledger_unavailable',
  message: `What this replica may spend of the budget ${scope} is used up, and it heard of no more in time: the database does not answer, or other replicas have the rest. Try again after the Retry-After.`,
  retryAfterMs: retryAfterUnstatedMs,
});

/** @param room what came of asking for more: only what is known to be spent is over. */
const budgetRefusal = (refusal: BudgetRefusal, room: RoomAnswer, nowMs: number): Refusal => {
  switch (refusal.reason) {
    case 'unknown':
      return unknownBalance(refusal, nowMs);
    case 'lease':
      return room === 'spent' ? exhaustedBudget(refusal, nowMs) : unansweredRoom(refusal);
    case 'cap':
      return exhaustedBudget(refusal, nowMs);
  }
};

/** An answer that goes no further: what came of it is incomplete. */
const cappedRefusal = (refusal: BudgetRefusal, room: RoomAnswer, nowMs: number): Refusal => {
  const { message, ...rest } = budgetRefusal(refusal, room, nowMs);
  return { message: `The answer ends where its budget does. ${message}`, ...rest };
};

/** Dollars to the last nano-dollar, without the zeros at the end. */
const leftText = ({ remainingNanoUsd }: BudgetRefusal): string => formatUsd(remainingNanoUsd, 9).replace(/\.?0+$/, '');

const exhaustedBudget = (refusal: BudgetRefusal, nowMs: number): Refusal => ({
  code: 'budget_exhausted',
  message: `${errorText('budget_exhausted')} It is the budget ${refusal.scope}, of which $${leftText(refusal)} is left.`,
  ...(refusal.resetsAtMs === null ? {} : { retryAfterMs: refusal.resetsAtMs - nowMs }),
});
