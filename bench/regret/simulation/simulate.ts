import { seededRandom } from '../../../src/kernel/index.ts';
import type { World } from '../contracts/World.ts';
import { market, mayServe, priceUsd } from '../market/market.ts';
import { minutesOfMonth, secondsOfMonth } from '../months/loadShape.ts';
import { emptyRequest, readRequest, type Month } from '../months/Month.ts';
import { routerCaches, sentCaches, unknownCaches, type CacheForecast } from './CacheForecast.ts';
import { Books } from './Books.ts';
import { CapWatch, overrunOf } from './CapWatch.ts';
import type { Contender } from './Contender.ts';
import { ConversationCaches } from './ConversationCaches.ts';
import { MovingMeans, RouterEstimate, type OutputForecast } from './OutputForecast.ts';
import type { NextTurn, Policy, Question } from './Policy.ts';

/** What a month came to under a policy. Shares are 0 to 1. */
export interface MonthResult {
  /** Usage, the floor's fee and what pools fell short of, in US dollars. */
  readonly costUsd: number;
  readonly shortfallUsd: number;
  /** List value of what the floor took, over what it has. */
  readonly floorUse: number;
  /** Cached tokens over those that could have been; null where a trace tells nothing of prompts. */
  readonly cacheHits: number | null;
  /** How far the worst share is above its cap at the end. */
  readonly endOverrun: number;
  /** Part of the minutes, after the first tenth, in which a share was above its cap, and by how much at most. */
  readonly brokenMinutes: number;
  readonly overrunMax: number;
  /** Requests that nobody could serve when they came. */
  readonly unserved: number;
  readonly usdByTarget: readonly number[];
}

const targetCount = market.length;
const outageRestS = 60;
const refusalRestS = 5;
const chanceSeed = 4242;

const emptyQuestion = (knowsNextTurn: boolean): Question & { nextTurn: NextTurn | null } => ({
  nowS: 0,
  kind: 0,
  luck: 0,
  costUsd: new Float64Array(targetCount),
  open: new Uint8Array(targetCount),
  nextTurn: knowsNextTurn
    ? { share: 0, warmUsd: new Float64Array(targetCount), fullUsd: new Float64Array(targetCount) }
    : null,
});

/** Runs one month, request by request, under one policy. */
class Simulation {
  readonly #month: Month;
  readonly #contender: Contender;
  readonly #books: Books;
  readonly #policy: Policy;
  readonly #watch = new CapWatch();
  readonly #caches: ConversationCaches;
  readonly #cacheForecast: CacheForecast;
  readonly #outputByKind: MovingMeans;
  readonly #outputs: OutputForecast;
  readonly #question: Question;
  readonly #request = emptyRequest();
  /** Until when each target rests after a failure. */
  readonly #restsUntilS = new Float64Array(targetCount);
  #nextTickS = 60;
  #hitTokens = 0;
  #reusableTokens = 0;
  #unserved = 0;

  constructor(world: World, month: Month, contender: Contender, seed: number) {
    this.#month = month;
    this.#contender = contender;
    this.#books = new Books(world.contracts);
    this.#policy = contender.make({ world, books: this.#books, chance: seededRandom(chanceSeed + seed) });
    this.#caches = new ConversationCaches(month.hasCaches ? month.conversations : 0);
    this.#cacheForecast = {
      unknown: () => unknownCaches,
      sent: () => sentCaches(this.#caches),
      "the router's": () => routerCaches(),
    }[month.hasCaches ? contender.sight.caches : 'unknown']();
    this.#outputByKind = new MovingMeans(world.outputTokens, false);
    this.#outputs = {
      'mean by kind': () => this.#outputByKind,
      'mean by kind and size': () => new MovingMeans(world.outputTokens, true),
      "the router's estimate": () => new RouterEstimate(),
      known: () => this.#outputByKind,
    }[contender.sight.outputs]();
    this.#question = emptyQuestion(contender.sight.nextTurn && month.hasCaches);
  }

  run(): MonthResult {
    for (let at = 0; at < this.#month.count; at += 1) this.#serve(at);
    const books = this.#books;
    books.accrueFee(secondsOfMonth);
    const { floor } = books.contracts;
    const shortfallUsd = books.shortfallUsd();
    return {
      costUsd: books.usageUsd + floor.feeUsd + shortfallUsd,
      shortfallUsd,
      floorUse: books.floorUsd / (floor.usdPerMinute * minutesOfMonth),
      cacheHits: this.#month.hasCaches ? this.#hitTokens / this.#reusableTokens : null,
      endOverrun: Math.max(0, overrunOf(books)),
      brokenMinutes: this.#watch.brokenShare,
      overrunMax: this.#watch.overrunMax,
      unserved: this.#unserved,
      usdByTarget: Array.from(books.usdByTarget),
    };
  }

  #serve(at: number): void {
    readRequest(this.#month, at, this.#request);
    const nowS = this.#request.atS;
    this.#books.openMinute(nowS);
    this.#policy.beforeRequest?.(nowS);
    while (nowS >= this.#nextTickS) this.#tick();
    this.#ask();
    const target = this.#tryTargets() ?? this.#waitForCheapest();
    this.#settle(target);
  }

  #tick(): void {
    const nowS = this.#nextTickS;
    const feeUsd = this.#books.accrueFee(nowS);
    this.#policy.payFee?.(this.#books.contracts.floor.target, feeUsd, nowS);
    this.#policy.tick?.(nowS);
    this.#watch.look(this.#books, nowS);
    this.#nextTickS += 60;
  }

  /** Fills in the question: expected costs, who may be asked, what caches are worth. */
  #ask(): void {
    const { sight } = this.#contender;
    const { atS, kind, inputTokens, outputTokens, luck } = this.#request;
    const { hasCaches } = this.#month;
    const question = this.#question;
    question.nowS = atS;
    question.kind = kind;
    question.luck = luck;
    const expected = sight.outputs === 'known' ? outputTokens : this.#outputs.expect(kind, inputTokens);
    let isAnyOpen = false;
    for (let target = 0; target < targetCount; target += 1) {
      const held = this.#cacheForecast.predict(this.#request, target);
      question.costUsd[target] = priceUsd(target, inputTokens, expected, held, hasCaches);
      const isOpen = mayServe(kind, target) && (this.#restsUntilS[target] ?? 0) <= atS;
      question.open[target] = isOpen ? 1 : 0;
      isAnyOpen ||= isOpen;
    }
    // All rest: they are asked all the same.
    if (!isAnyOpen)
      for (let target = 0; target < targetCount; target += 1) question.open[target] = mayServe(kind, target) ? 1 : 0;
    if (question.nextTurn !== null) this.#weighNextTurn(question.nextTurn);
  }

  #weighNextTurn(nextTurn: NextTurn): void {
    const { kind, inputTokens } = this.#request;
    const expected = this.#outputByKind.expect(kind, inputTokens);
    for (let target = 0; target < targetCount; target += 1) {
      nextTurn.warmUsd[target] = priceUsd(target, inputTokens, expected, inputTokens, true);
      nextTurn.fullUsd[target] = priceUsd(target, inputTokens, expected, 0, true);
    }
    nextTurn.share = this.#cacheForecast.nextTurnShare(this.#request);
  }

  /** Asks one target after another. @returns who served, or null. */
  #tryTargets(): number | null {
    const question = this.#question;
    for (let tries = 1; tries <= targetCount; tries += 1) {
      const target = this.#policy.choose(question);
      if (target < 0) return null;
      if (this.#answers(target, tries)) return target;
      question.open[target] = 0;
      if (!question.open.includes(1)) return null;
    }
    return null;
  }

  #answers(target: number, tries: number): boolean {
    const { atS, luck } = this.#request;
    const minute = Math.floor(atS / 60);
    const weather = this.#month.weather[target];
    if (weather?.down[minute] === 1) {
      this.#restsUntilS[target] = atS + outageRestS;
      return false;
    }
    const refusedShare = weather?.refusedShare[minute] ?? 0;
    // Another draw for each target and try, the same under every policy.
    if (refusedShare === 0 || (luck * 7919 + target * 0.37 + tries * 0.11) % 1 >= refusedShare) return true;
    this.#restsUntilS[target] = Math.max(this.#restsUntilS[target] ?? 0, atS + refusalRestS);
    return false;
  }

  /** Whoever is cheapest serves a request that nobody could, later and at its price: so costs of policies stay comparable. */
  #waitForCheapest(): number {
    this.#unserved += 1;
    const { kind, inputTokens, outputTokens } = this.#request;
    const costUsd = (target: number): number =>
      mayServe(kind, target) ? priceUsd(target, inputTokens, outputTokens, 0, this.#month.hasCaches) : Infinity;
    return [...market.keys()].reduce((best, target) => (costUsd(target) < costUsd(best) ? target : best), 0);
  }

  #settle(target: number): void {
    const { atS, kind, inputTokens, outputTokens, luck } = this.#request;
    const hit = this.#month.hasCaches ? this.#useCache(target) : 0;
    const costUsd = priceUsd(target, inputTokens, outputTokens, hit, this.#month.hasCaches);
    const freeUsd = this.#books.freeUsd(target, costUsd);
    const paidUsd = costUsd - freeUsd;
    this.#books.bookUse(target, paidUsd, freeUsd, atS);
    this.#policy.settle?.({
      nowS: atS,
      target,
      kind,
      luck,
      paidUsd,
      freeUsd,
      tokens: inputTokens + outputTokens,
      latencyS: (market[target]?.latencyS ?? 0) * (0.7 + 0.6 * luck),
    });
    this.#outputs.observe(kind, inputTokens, outputTokens);
    if (this.#outputs !== this.#outputByKind) this.#outputByKind.observe(kind, inputTokens, outputTokens);
  }

  /** @returns tokens of the request that its target still had. */
  #useCache(target: number): number {
    const { atS, conversation, inputTokens, reusableTokens } = this.#request;
    const hit = Math.min(reusableTokens, this.#caches.heldTokens(conversation, target, atS));
    this.#reusableTokens += reusableTokens;
    this.#hitTokens += hit;
    this.#caches.send(conversation, target, inputTokens, atS);
    this.#cacheForecast.observe(this.#request, target, hit);
    return hit;
  }
}

/** The same seed lets the same things happen to every policy. */
export const simulate = (world: World, month: Month, contender: Contender, seed: number): MonthResult =>
  new Simulation(world, month, contender, seed).run();
