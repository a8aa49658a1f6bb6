import { nanoUsd, scaleUsd, type NanoUsd, type Ratio } from '../kernel/index.ts';
import { expectedUsd, priceUsage, RateLimits, Shares, type RateTokens, type ShareRecord } from '../ledger/index.ts';
import { servedPrice, type PriceEntry } from '../market/index.ts';
import {
  atItsLimit,
  choose,
  Health,
  type Candidate,
  type ClosedAdmission,
  type LatencyEstimate,
  type Pacing,
} from '../router/index.ts';
import { targetName, type FinalRecord, type RateScope, type TargetRef } from '../vocabulary/index.ts';
import { BurstBuckets } from './BurstBuckets.ts';
import { isLost, lossText } from './Loss.ts';
import type { PastRequest } from './PastRequest.ts';
import type { DrillEvent } from './Scenario.ts';
import type { Foreseen, Sendable } from './Sendable.ts';
import type { Supply, SupplyTarget, SupplyTerms } from './Supply.ts';

/** What contracts and caps make of costs in a world, as the gateway goes by it. */
export interface WorldPaces {
  readonly pacing: Pacing | null;
  indexOf(target: TargetRef): number;
  /** Time goes on. Unix milliseconds, never back. */
  moveTo(nowMs: number): void;
  /** A request was served there. */
  served(
    use: Pick<FinalRecord, 'contract' | 'startedAtMs' | 'usage' | 'amountNanoUsd' | 'provider' | 'targetModel'>,
  ): void;
}

/** How a request fared in a world. */
export type Fared =
  | {
      readonly served: true;
      /** "provider/model". */
      readonly target: string;
      readonly amount: NanoUsd;
      readonly contract: string | null;
      /** The cap that was broken because nobody else was left; null where none was. */
      readonly forced: string | null;
    }
  | {
      readonly served: false;
      /** `nobody`: none is left that could serve it; `capacity`: those who are left are at their limits. */
      readonly why: 'nobody' | 'capacity';
    };

const whole: Ratio = { numerator: 1n, denominator: 1n };
const noNames: ReadonlySet<string> = new Set();

const times = (one: Ratio, other: Ratio): Ratio => ({
  numerator: one.numerator * other.numerator,
  denominator: one.denominator * other.denominator,
});

const numberOf = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator);

/** What happens to a target at a moment. */
interface Condition {
  readonly out: string | null;
  readonly capacity: number;
  readonly price: Ratio;
}

const conditionOf = (target: SupplyTarget, events: readonly DrillEvent[]): Condition => {
  let out: string | null = null;
  let capacity = whole;
  let price = whole;
  for (const event of events) {
    const loss = event.of.find((one) => isLost(target, one));
    if (loss === undefined) continue;
    if (event.out) out ??= lossText(loss);
    if (event.capacity !== null) capacity = times(capacity, event.capacity);
    if (event.price !== null) price = times(price, event.price);
  }
  return { out, capacity: numberOf(capacity), price };
};

/** Limits of which only a part is left; one at least, since less than one lets nobody through ever. */
const scaledRates = (scope: RateScope, share: number): RateScope => {
  if (share === 1) return scope;
  const left = (rate: number | null): number | null => (rate === null ? null : Math.max(1, Math.floor(rate * share)));
  const { rpm, tpm, inputTpm, outputTpm, streams } = scope.rates;
  const rates = {
    rpm: left(rpm),
    tpm: left(tpm),
    inputTpm: left(inputTpm),
    outputTpm: left(outputTpm),
    streams: left(streams),
  };
  return { ...scope, rates };
};

const outIn = ({ out }: Condition): string | null => (out === null ? null : `out in this drill (${out})`);

interface Weighed {
  readonly target: SupplyTarget;
  readonly terms: SupplyTerms;
  readonly condition: Condition;
  readonly rates: RateScope | null;
  readonly candidate: Candidate;
}

/**
 * A market in which requests of the past are sent once more, one by one in the order of their time, by the chooser that sends those of today. Nothing is slow
 * here and nothing fails by itself: who is out is out from the first moment on, and who is at a limit says so before it is asked.
 */
export class World {
  readonly #supply: Supply;
  readonly #shares: Shares;
  readonly #health = new Health();
  readonly #rates = new RateLimits();
  readonly #bursts: BurstBuckets;
  readonly #latencies: LatencyEstimate;
  readonly #paces: WorldPaces | null;

  /** @param spent what the window of the caps had spent before. @param latencies what was learnt of answers so far. */
  constructor(
    supply: Supply,
    counted: ConstructorParameters<typeof Shares>[0],
    spent: Iterable<ShareRecord>,
    latencies: LatencyEstimate,
    pacesFor: (shares: Shares) => WorldPaces | null,
  ) {
    this.#supply = supply;
    this.#shares = new Shares(counted);
    this.#shares.load(spent);
    this.#bursts = new BurstBuckets(supply.burstCapacity);
    this.#latencies = latencies;
    this.#paces = pacesFor(this.#shares);
  }

  /** @param events what is happening at its moment. */
  send(sendable: Sendable, events: readonly DrillEvent[]): Fared {
    const { request, foreseen, usdPerSecond } = sendable;
    const atMs = request.startedAtMs;
    this.#paces?.moveTo(atMs);
    const weighed = sendable.targets.map((target, index) => this.#weigh(sendable, target, index, events));
    const { index, decision } = choose({
      candidates: weighed.map(({ candidate }) => candidate),
      health: this.#health,
      caps: this.#supply.caps,
      shares: this.#shares.view(atMs, this.#supply.forecastUsd),
      tried: noNames,
      attempt: 1,
      nowMs: atMs,
      atMs,
      pacer: this.#paces?.pacing ?? null,
      nextTurnShare: 0,
      usdPerSecond,
    });
    const chosen = index === null ? undefined : weighed[index];
    if (chosen === undefined || chosen.terms.price === null) {
      const isFull = weighed.some(({ candidate }) => candidate.refusal === null);
      return { served: false, why: isFull ? 'capacity' : 'nobody' };
    }
    this.#take(chosen, foreseen, request);
    const amount = this.#book(chosen, chosen.terms.price, request, foreseen.inputTokens);
    this.#paces?.served({
      contract: chosen.terms.contract,
      startedAtMs: atMs,
      usage: request.usage,
      amountNanoUsd: amount.toString(),
      provider: chosen.target.target.provider,
      targetModel: chosen.target.target.model,
    });
    const target = targetName(chosen.target.target);
    return { served: true, target, amount, contract: chosen.terms.contract, forced: decision.forced ?? null };
  }

  /** @param index of the target within the request's. */
  #weigh(sendable: Sendable, target: SupplyTarget, index: number, events: readonly DrillEvent[]): Weighed {
    const { request, foreseen } = sendable;
    const { startedAtMs } = request;
    const terms = target.terms(startedAtMs);
    const condition = conditionOf(target, events);
    const rates = target.rates === null ? null : scaledRates(target.rates, condition.capacity);
    const { price, discount } = terms;
    const usd = price === null ? 0 : expectedUsd({ price, discount, ...foreseen }) * numberOf(condition.price);
    const candidate: Candidate = {
      target: target.target,
      credential: target.credential,
      quotaDomain: target.quotaDomain,
      vendor: target.vendor,
      hosts: target.hosts,
      jurisdiction: target.jurisdiction,
      lab: target.lab,
      inputTokens: foreseen.inputTokens,
      cachedTokens: 0,
      outputTokens: foreseen.outputTokens,
      expectedUsd: usd,
      refusal: outIn(condition) ?? sendable.refusals[index] ?? (price === null ? 'unpriced' : null),
      rest: this.#rest(target, rates, condition.capacity, foreseen, startedAtMs),
      paced: this.#paces?.indexOf(target.target) ?? -1,
      next: null,
      expectedMs: this.#expectedMs(sendable, target),
      weight: sendable.places?.[index] ?? null,
      slowness: null,
    };
    return { target, terms, condition, rates, candidate };
  }

  /** Null where time counts for nothing, too. */
  #expectedMs({ request, foreseen, usdPerSecond }: Sendable, { target }: SupplyTarget): number | null {
    if (usdPerSecond === 0) return null;
    const { model, startedAtMs } = request;
    const { inputTokens, outputTokens } = foreseen;
    return this.#latencies.expectedMs(model, targetName(target), inputTokens, outputTokens, startedAtMs);
  }

  #rest(
    { quotaDomain }: SupplyTarget,
    rates: RateScope | null,
    capacity: number,
    foreseen: Foreseen,
    atMs: number,
  ): ClosedAdmission | null {
    const refusal = rates === null ? null : this.#rates.refusal(rates, tokensOf(foreseen), atMs);
    if (refusal !== null) return atItsLimit('at a limit of the file', atMs + refusal.retryAfterMs);
    return this.#bursts.hasRoom(quotaDomain, capacity, atMs) ? null : atItsLimit('at its burst capacity', atMs + 1_000);
  }

  /** How many are under way at a time is no matter here: a request is over as soon as it is sent. */
  #take({ target, rates }: Weighed, foreseen: Foreseen, { startedAtMs }: PastRequest): void {
    this.#bursts.take(target.quotaDomain);
    if (rates === null) return;
    const expected = tokensOf(foreseen);
    const taken = this.#rates.take([rates], expected, startedAtMs);
    if (taken.ok) this.#rates.settle(taken.value, expected, startedAtMs);
  }

  #book(
    { target, terms: { discount }, condition }: Weighed,
    price: PriceEntry,
    { usage, startedAtMs }: PastRequest,
    inputTokens: number,
  ): NanoUsd {
    const bill = priceUsage({ price: servedPrice(price, null, inputTokens) ?? price, usage, discount });
    const { amountNanoUsd } = bill.ok ? bill.value : bill.fault.bill;
    const amount = condition.price === whole ? amountNanoUsd : scaleUsd(amountNanoUsd, condition.price);
    const { vendor, hosts, jurisdiction, lab } = target;
    this.#shares.add({ vendor, hosts, jurisdiction, lab, amountNanoUsd: nanoUsd(amount).toString(), startedAtMs });
    return amount;
  }
}

const tokensOf = ({ inputTokens, outputTokens }: Foreseen): RateTokens => ({
  inputTokens,
  cacheReadTokens: 0,
  outputTokens: Math.ceil(outputTokens),
});
