import type { NanoUsd } from '../kernel/index.ts';
import { nanoUsd } from '../kernel/index.ts';
import { expectedUsd, largestOutputBound, outputTokensMin, worstCaseCost } from '../ledger/index.ts';
import { tierPrice } from '../market/index.ts';
import {
  anyTier,
  type FeatureSet,
  type Operation,
  type RateScope,
  type ServiceTier,
  type TargetRef,
} from '../vocabulary/index.ts';
import { takesAsItIs, type RequestFacts, type Wire } from '../wire/index.ts';
import { candidateName, policyRefusal, type Candidate, type ClosedAdmission, type Health } from '../router/index.ts';
import type { Affinity, CachedPrompt } from './affinity/Affinity.ts';
import { cacheTermsOf } from './affinity/cacheTermsOf.ts';
import { pinRefusal, type Demands } from './demandsOf.ts';
import { lackingWords } from './lackingWords.ts';
import type { Deployment, Snapshot, Terms } from './Snapshot.ts';
import { spokenWire } from './spokenWire.ts';

/** Why a target is not eligible whose worst case no hard budget can take. */
export const beyondBudget = 'more than the budget has left';
/** Why a target is not eligible for a conversation that its vendor would have to hold. */
export const holdsNone = 'holds no conversations';
const holdsOthers = 'does not hold this conversation';
/** Reasons that lie in what a request goes on from, whenever it is sent. */
export const stateReasons: ReadonlySet<string> = new Set([holdsNone, holdsOthers]);
/** Where neither the request nor the market data says how long an answer can be. */
export const outputTokensUnknownMax = 131_072;
/** Where a request refers to content elsewhere and the market data does not say how much a model reads. */
export const inputTokensUnknownMax = 2_000_000;

/** One deployment as it stands for one request: what it would cost, at most and probably, and why it cannot serve, if so. */
export interface Weighed {
  readonly deployment: Deployment;
  readonly terms: Terms;
  readonly candidate: Candidate;
  /** "provider/model#credential": what is tried at most once. */
  readonly name: string;
  /** Service tier that the target is asked for; null where it is asked for none. */
  readonly tier: ServiceTier | null;
  /** What the request needs, the target lacks, and may not be left out. */
  readonly lacks: FeatureSet;
  /** As the target would keep it; null where it is not kept, or that makes no difference. */
  readonly prompt: CachedPrompt | null;
  /** Most that the attempt can cost. */
  readonly worstCase: NanoUsd;
  /** Bounds behind it. Tokens. */
  readonly inputBoundTokens: number;
  readonly outputBoundTokens: number;
  /** Output bound a choice that we set because the request has none and a hard budget needs one; null where none is set. */
  readonly imposedBoundTokens: number | null;
}

export interface WeighQuestion {
  readonly snapshot: Snapshot;
  readonly facts: RequestFacts;
  readonly demands: Demands;
  /** The client's wire. */
  readonly client: Wire;
  readonly operation: Operation;
  readonly deployments: readonly Deployment[];
  /** What the tightest hard budget has left, or null where none is hard. */
  readonly remaining: NanoUsd | null;
  /** Learned output tokens of such requests. */
  readonly outputEstimateTokens: number;
  /** Boundary in which the conversation is held that the request goes on from; null where it does not, or where that is not known. */
  readonly holder: string | null;
  /** Why candidates, by their names, cannot be told this request in their words, as far as it was tried. */
  readonly untold: ReadonlyMap<string, string>;
  /** Where a target stands in the pacer; -1 where nothing is about it. */
  readonly pacedAt: (target: TargetRef) => number;
  /** Places of the deployments by weights and canaries; null where there are none. */
  readonly places: readonly number[] | null;
  /** Milliseconds until an answer of so many tokens is expected from a target; null where nothing is known, or time counts for nothing. */
  readonly expectedMs: (target: TargetRef, outputTokens: number) => number | null;
  /** Why an account with limits may not be asked now, or null. */
  readonly restOf: (account: RateScope) => ClosedAdmission | null;
  /** Who is slower than usual. */
  readonly health: Pick<Health, 'slowness'>;
  /** Where its conversation has been; null where that makes no difference. */
  readonly affinity: Affinity | null;
  readonly atMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** Weighs each deployment for a request. */
export const weigh = (question: WeighQuestion): readonly Weighed[] =>
  question.deployments.map((deployment, index) => weighOne(question, deployment, question.places?.[index] ?? null));

const weighOne = (question: WeighQuestion, deployment: Deployment, place: number | null): Weighed => {
  const terms = deployment.terms(question.atMs);
  const tier = tierFor(question, deployment);
  const bounds = boundsOf(question, deployment, terms, tier);
  const outputTokens = expectedOutputTokens(question);
  const name = candidateName(deployment);
  const forbidden = policyRefusal(question.demands.policy, deployment) ?? pinRefusal(question.demands, deployment);
  // What it lacks is nothing to the client where it would not be asked anyway.
  const lacks = forbidden === null ? lacksOf(question, deployment) : 0;
  const prompt = promptOf(question, deployment, terms, name);
  const usdWith = (cachedTokens: number): number =>
    expectedOf(question, terms, tier, outputTokens, prompt, cachedTokens);
  const cachedTokens = prompt?.cachedTokens ?? 0;
  const refusal =
    forbidden ??
    (lacks === 0
      ? (bounds.refusal ?? question.untold.get(name) ?? refusalOf(question, deployment, terms, tier))
      : lackingWords(lacks));
  const candidate: Candidate = {
    target: deployment.target,
    credential: deployment.credential,
    quotaDomain: deployment.quotaDomain,
    vendor: deployment.vendor,
    hosts: deployment.hosts,
    jurisdiction: deployment.jurisdiction,
    lab: deployment.lab,
    inputTokens: question.facts.inputEstimateTokens,
    cachedTokens,
    outputTokens,
    expectedUsd: usdWith(cachedTokens),
    refusal,
    rest: deployment.rates === null ? null : question.restOf(deployment.rates),
    paced: question.pacedAt(deployment.target),
    next: question.affinity === null ? null : { warmUsd: usdWith(prompt?.nextTokens ?? 0), fullUsd: usdWith(0) },
    expectedMs: question.expectedMs(deployment.target, outputTokens),
    weight: place,
    slowness: question.health.slowness(deployment, question.nowMs),
  };
  return { deployment, terms, candidate, name, tier, lacks, prompt, ...bounds };
};

const lacksOf = ({ facts, snapshot }: WeighQuestion, { capabilities }: Deployment): FeatureSet =>
  facts.requirements.features & capabilities.lacks & ~snapshot.lacking.dropped;

/** No tier is asked for in the words of another wire. */
const tierFor = ({ facts, client }: WeighQuestion, deployment: Deployment): ServiceTier | null => {
  const { serviceTier } = facts;
  if (serviceTier === undefined) return null;
  return takesAsItIs(spokenWire(deployment, client), client) ? serviceTier : null;
};

interface Bounds {
  readonly worstCase: NanoUsd;
  readonly inputBoundTokens: number;
  readonly outputBoundTokens: number;
  readonly imposedBoundTokens: number | null;
  readonly refusal: string | null;
}

const boundsOf = (question: WeighQuestion, deployment: Deployment, terms: Terms, tier: ServiceTier | null): Bounds => {
  const { facts, operation, remaining } = question;
  const { contextTokens, maxOutputTokens } = deployment.capabilities;
  const inputBoundTokens = facts.inputBoundTokens ?? contextTokens ?? inputTokensUnknownMax;
  const modelBound = (maxOutputTokens ?? outputTokensUnknownMax) * facts.choices;
  const outputBoundTokens = operation === 'generate' ? (facts.outputBoundTokens ?? modelBound) : 0;
  const free = operation === 'countTokens' || terms.price === null;
  const costOf = (outputTokens: number): NanoUsd =>
    free || terms.price === null
      ? nanoUsd(0n)
      : worstCaseCost({
          price: terms.price,
          inputBoundTokens,
          outputBoundTokens: outputTokens,
          discount: terms.discount,
          tier,
        });
  const whole: Bounds = {
    worstCase: costOf(outputBoundTokens),
    inputBoundTokens,
    outputBoundTokens,
    imposedBoundTokens: null,
    refusal: null,
  };
  // What costs nothing, however much is written, needs no bound: its capacity is paid for by the second.
  if (remaining === null || free || terms.price === null || whole.worstCase === 0n) return whole;
  if (operation !== 'generate' || facts.outputBoundTokens !== null) {
    return whole.worstCase > remaining ? { ...whole, refusal: beyondBudget } : whole;
  }
  const { price, discount } = terms;
  const bought = largestOutputBound({ price, inputBoundTokens, remaining, discount, tier });
  const perChoice = Math.min(maxOutputTokens ?? outputTokensUnknownMax, Math.floor((bought ?? 0) / facts.choices));
  if (perChoice < outputTokensMin) return { ...whole, refusal: beyondBudget };
  const imposed = perChoice * facts.choices;
  return { ...whole, worstCase: costOf(imposed), outputBoundTokens: imposed, imposedBoundTokens: perChoice };
};

/** Whether it asks for a tier for which neither a price nor a ceiling is known. */
const isUnpricedTier = ({ price }: Terms, tier: ServiceTier | null): boolean =>
  tier !== null &&
  tier !== anyTier &&
  price?.ceilingPerMillion === undefined &&
  price !== null &&
  tierPrice(price, tier) === null;

const refusalOf = (
  question: WeighQuestion,
  deployment: Deployment,
  terms: Terms,
  tier: ServiceTier | null,
): string | null => {
  const { facts, operation, snapshot, holder } = question;
  const { contextTokens } = deployment.capabilities;
  const isUnpriced = terms.price === null || isUnpricedTier(terms, tier);
  if (isUnpriced && operation !== 'countTokens' && !snapshot.serveUnpriced) return 'unpriced';
  if (facts.conversation !== undefined) {
    if (!deployment.holdsConversations) return holdsNone;
    if (holder !== null && deployment.boundary !== holder) return holdsOthers;
  }
  // The estimate may be off by half either way; only what cannot fit is kept away here, the rest is the vendor's to say.
  if (contextTokens !== null && facts.inputEstimateTokens > 2 * contextTokens) {
    return `about ${facts.inputEstimateTokens} tokens in, context ${contextTokens}`;
  }
  return null;
};

const expectedOutputTokens = ({ facts, operation, outputEstimateTokens }: WeighQuestion): number =>
  operation === 'generate'
    ? Math.ceil(Math.min(outputEstimateTokens, facts.outputBoundTokens ?? outputEstimateTokens))
    : 0;

const expectedOf = (
  { facts, operation }: WeighQuestion,
  { price, discount }: Terms,
  tier: ServiceTier | null,
  outputTokens: number,
  prompt: CachedPrompt | null,
  cachedTokens: number,
): number => {
  if (price === null || operation === 'countTokens') return 0;
  const inputTokens = facts.inputEstimateTokens;
  return expectedUsd({
    price,
    inputTokens,
    cachedTokens,
    written: prompt?.written ?? null,
    outputTokens,
    discount,
    tier,
  });
};

const promptOf = (
  { affinity, facts, nowMs }: WeighQuestion,
  { promptCache }: Deployment,
  { price }: Terms,
  name: string,
): CachedPrompt | null => {
  if (affinity === null) return null;
  const terms = cacheTermsOf(promptCache, price, facts);
  return terms === null ? null : affinity.promptAt(name, terms, facts.inputEstimateTokens, nowMs);
};
