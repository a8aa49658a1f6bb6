import type { DecisionTerms } from '../vocabulary/index.ts';
import type { Candidate } from './candidate.ts';
import type { Question } from './question.ts';

/** What a candidate comes to: smaller is better. */
export interface Score {
  /** US dollars; a Float64 for comparison only. Infinity where it cannot be worked out. */
  readonly usd: number;
  /** What it is made of beside the expected cost; null where there is nothing. */
  readonly terms: DecisionTerms | null;
}

/**
 * What is paid, by what a dollar counts there; what a floor takes, by its bid; less what the prompt cache of the target is worth to the next turn; and the
 * time until the answer by what a second is worth. All US dollars. What cannot be worked out is Infinity: worse than all that can.
 */
export const scoreUsd = (
  factor: number,
  payUsd: number,
  bid: number,
  freeUsd: number,
  nextTurnUsd: number,
  latencyUsd: number,
): number => {
  const usd = factor * payUsd + bid * freeUsd - nextTurnUsd + latencyUsd;
  return Number.isFinite(usd) ? usd : Infinity;
};

const factorOf = ({ paced }: Candidate, { pacer }: Question): number =>
  pacer === null || paced < 0 ? 1 : pacer.factorOf(paced);

/** What the next turn costs at most where this one has not gone to a target, at the best of those that are left; Infinity where nothing is known of it. */
export const nextTurnElsewhere = (question: Question, isLeft: (index: number) => boolean): number => {
  let leastUsd = Infinity;
  for (const [index, candidate] of question.candidates.entries()) {
    const { next } = candidate;
    if (next !== null && isLeft(index)) leastUsd = Math.min(leastUsd, factorOf(candidate, question) * next.fullUsd);
  }
  return leastUsd;
};

/** @param elsewhereUsd `nextTurnElsewhere` */
export const scoreOf = (candidate: Candidate, question: Question, elsewhereUsd: number): Score => {
  const { expectedUsd, inputTokens, cachedTokens, outputTokens, paced, next, expectedMs, weight } = candidate;
  const { pacer, atMs, nextTurnShare, usdPerSecond } = question;
  const factor = factorOf(candidate, question);
  const freeUsd =
    pacer === null || paced < 0 ? 0 : pacer.freeUsd(paced, expectedUsd, inputTokens, cachedTokens, outputTokens, atMs);
  const bid = freeUsd > 0 && pacer !== null ? pacer.bidOf(paced, atMs) : 0;
  const nextTurnUsd = next === null ? 0 : nextTurnShare * Math.max(0, elsewhereUsd - factor * next.warmUsd);
  const latencyUsd = expectedMs === null ? 0 : (usdPerSecond * expectedMs) / 1_000;
  const usd = scoreUsd(factor, expectedUsd - freeUsd, bid, freeUsd, nextTurnUsd, latencyUsd);
  const isPlain =
    factor === 1 && freeUsd === 0 && cachedTokens === 0 && nextTurnUsd === 0 && expectedMs === null && weight === null;
  if (isPlain) return { usd, terms: null };
  const terms: { -readonly [Name in keyof DecisionTerms]: DecisionTerms[Name] } = {};
  if (factor !== 1) terms.factor = factor;
  if (freeUsd > 0) {
    terms.freeUsd = freeUsd;
    terms.bid = bid;
  }
  if (cachedTokens > 0) terms.cachedTokens = cachedTokens;
  if (nextTurnUsd > 0) terms.nextTurnUsd = nextTurnUsd;
  if (expectedMs !== null) terms.latencyMs = expectedMs;
  if (latencyUsd > 0) terms.latencyUsd = latencyUsd;
  if (weight !== null) terms.weight = weight;
  return { usd, terms };
};
