import { targetName, type Decision, type DecisionCandidate } from '../vocabulary/index.ts';
import { rendezvous } from './affinity/rendezvous.ts';
import { candidateName, type Candidate } from './candidate.ts';
import { concentrationGuard } from './concentrationGuard.ts';
import type { Question } from './question.ts';
import type { Rest } from './Rest.ts';
import { nextTurnElsewhere, scoreOf, type Score } from './score.ts';

export interface Choice {
  readonly decision: Decision;
  /** Into `candidates`; null when nobody is left. */
  readonly index: number | null;
  /** Monotonic time at which the first of those that are out may be tried again; null where none is out. */
  readonly retryAtMs: number | null;
  /** Nobody is left, but asking again with `lastResort` finds one. */
  readonly lastResortLeft: boolean;
}

// How far from free choice a candidate stands; the flaws add up, and less is better whatever it costs.
const slow = 1;
const crowded = 2;
const overCap = 4;
const triedBefore = 8;
const atRest = 16;
const onBench = 32;
const ruledOut = 64;

interface Weighed {
  readonly flaws: number;
  /** Why it is out, or what speaks against it; null where nothing does. */
  readonly reason: string | null;
  /** Until when it is out; null where it is not, or for ever. */
  readonly untilMs: number | null;
  readonly lastResort: boolean;
}

/**
 * The target with the smallest score (`score.ts`) among those that are eligible, healthy and within the caps; where weights or canaries were drawn, the
 * one whose place is first; among equals the one that costs less by its price, then the nearest to the conversation, or the first of the file. A cap is broken only when nobody within the caps is
 * eligible and healthy, and then the decision says which (`forced`). Whoever is only slow or crowded is healthy.
 */
export const choose = (question: Question): Choice => {
  const weighed = question.candidates.map((candidate) => weigh(candidate, question));
  const isLeft = (index: number): boolean => (weighed[index]?.flaws ?? ruledOut) < ruledOut;
  const elsewhereUsd = nextTurnElsewhere(question, isLeft);
  const scores = question.candidates.map((candidate, index) =>
    isLeft(index) ? scoreOf(candidate, question, elsewhereUsd) : null,
  );
  const index = best(question, weighed, scores);
  tellFloors(question, weighed, scores);
  return {
    decision: explain(question, weighed, scores, index),
    index,
    retryAtMs: earliest(weighed),
    lastResortLeft: index === null && weighed.some((candidate) => candidate.lastResort),
  };
};

const free: Weighed = { flaws: 0, reason: null, untilMs: null, lastResort: false };

const out = (reason: string): Weighed => ({ flaws: ruledOut, reason, untilMs: null, lastResort: false });

const weigh = (candidate: Candidate, question: Question): Weighed => {
  if (candidate.refusal !== null) return out(candidate.refusal);
  if (!(candidate.expectedUsd >= 0 && candidate.expectedUsd < Infinity)) return out('its expected cost is unknown');
  const again = isNamed(candidate, question.again);
  const tried = again || isNamed(candidate, question.tried);
  const admission = question.health.admit(candidate, question.nowMs, again);
  const guard = concentrationGuard(candidate, question.caps, question.shares, question.pacer?.margin);
  const rest = question.health.restOf(candidate, question.nowMs);
  const { slowness } = candidate;
  if (admission.open && guard === null && rest === null && slowness === null && !tried) return free;
  const flaws =
    (slowness === null ? 0 : slow) + (guard === null ? 0 : overCap) + (tried ? triedBefore : 0) + restFlaw(rest);
  const barred = tried && !again;
  const guardReason = joined(
    joined(rest?.reason ?? null, guard === null ? null : `over ${guard}`),
    slowness === null ? null : `${slowness.toFixed(1)} times as slow as usual`,
  );
  if (admission.open) {
    if (barred) return out('already tried in this request');
    return { flaws, reason: guardReason, untilMs: null, lastResort: false };
  }
  const lastResort = admission.lastResort && !barred;
  const taken = lastResort && question.lastResort === true;
  const reason = taken ? joined(`last resort: ${admission.reason}`, guardReason) : admission.reason;
  return { flaws: taken ? flaws + onBench : ruledOut, reason, untilMs: admission.untilMs, lastResort };
};

/** How many requests a target bears is our own guess: no cap is broken for it. */
const restFlaw = (rest: Rest | null): number => {
  if (rest === null) return 0;
  return rest.isCrowded ? crowded : atRest;
};

const isNamed = (candidate: Candidate, names: ReadonlySet<string> | undefined): boolean =>
  names !== undefined &&
  names.size > 0 &&
  (names.has(targetName(candidate.target)) || names.has(candidateName(candidate)));

const joined = (first: string | null, second: string | null): string | null =>
  first === null || second === null ? (first ?? second) : `${first}, ${second}`;

const best = (question: Question, weighed: readonly Weighed[], scores: readonly (Score | null)[]): number | null => {
  let bestIndex: number | null = null;
  let bestFlaws = ruledOut;
  let bestPlace = Infinity;
  let bestUsd = Infinity;
  for (let index = 0; index < weighed.length; index++) {
    const flaws = weighed[index]?.flaws ?? ruledOut;
    const place = question.candidates[index]?.weight ?? 0;
    const usd = scores[index]?.usd ?? Infinity;
    if (flaws > bestFlaws || flaws === ruledOut) continue;
    if (flaws === bestFlaws && (place > bestPlace || (place === bestPlace && usd > bestUsd))) continue;
    const isEqual = flaws === bestFlaws && place === bestPlace && usd === bestUsd;
    if (isEqual && !comesFirst(question, index, bestIndex)) continue;
    bestIndex = index;
    bestFlaws = flaws;
    bestPlace = place;
    bestUsd = usd;
  }
  return bestIndex;
};

/** Floors learn from each request that they might take, once, what it would come to without them. */
const tellFloors = (
  { candidates, pacer, attempt, isKnown = false, atMs }: Question,
  weighed: readonly Weighed[],
  scores: readonly (Score | null)[],
): void => {
  if (pacer === null || attempt > 1 || isKnown) return;
  let elsewhereUsd = Infinity;
  for (const [index, { paced }] of candidates.entries())
    if (weighed[index]?.flaws === 0 && !pacer.hasFloor(paced))
      elsewhereUsd = Math.min(elsewhereUsd, scores[index]?.usd ?? Infinity);
  for (const [index, { paced, expectedUsd, inputTokens, cachedTokens, outputTokens }] of candidates.entries()) {
    if (weighed[index]?.flaws !== 0 || !pacer.hasFloor(paced)) continue;
    const { nextTurnUsd = 0, latencyUsd = 0 } = scores[index]?.terms ?? {};
    const withoutUsd = elsewhereUsd + nextTurnUsd - latencyUsd;
    pacer.saw(paced, expectedUsd, inputTokens, cachedTokens, outputTokens, withoutUsd, atMs);
  }
};

/** Whether a candidate comes before another whose score is the same: it takes less of what others could use, or is nearer to the conversation. */
const comesFirst = ({ conversation = null, candidates }: Question, index: number, other: number | null): boolean => {
  const candidate = candidates[index];
  const than = other === null ? undefined : candidates[other];
  if (candidate === undefined || than === undefined) return than === undefined;
  if (candidate.expectedUsd !== than.expectedUsd) return candidate.expectedUsd < than.expectedUsd;
  if (conversation === null) return false;
  return rendezvous(conversation, candidateName(candidate)) > rendezvous(conversation, candidateName(than));
};

const earliest = (weighed: readonly Weighed[]): number | null => {
  let atMs: number | null = null;
  for (const { untilMs } of weighed) if (untilMs !== null && (atMs === null || untilMs < atMs)) atMs = untilMs;
  return atMs;
};

const explain = (
  question: Question,
  weighed: readonly Weighed[],
  scores: readonly (Score | null)[],
  index: number | null,
): Decision => {
  const candidates = question.candidates.map((candidate, at) =>
    explained(candidate, weighed[at]?.reason ?? null, scores[at] ?? null),
  );
  const chosen = index === null ? null : (candidates[index]?.target ?? null);
  // Whoever is slow, crowded, asked again or at rest alone is within every guard.
  const isForced = index !== null && ((weighed[index]?.flaws ?? 0) & (overCap | onBench)) !== 0;
  const forced = isForced ? (weighed[index]?.reason ?? null) : null;
  const decision = { attempt: question.attempt, chosen, candidates };
  return forced === null ? decision : { ...decision, forced };
};

const finiteOrNull = (usd: number): number | null => (Number.isFinite(usd) ? usd : null);

const explained = (candidate: Candidate, reason: string | null, score: Score | null): DecisionCandidate => {
  const expectedUsd = finiteOrNull(candidate.expectedUsd);
  const entry: { -readonly [Name in keyof DecisionCandidate]: DecisionCandidate[Name] } = {
    target: targetName(candidate.target),
    expectedUsd,
    score: score === null ? null : finiteOrNull(score.usd),
  };
  if (reason !== null) entry.reason = reason;
  if (score !== null && score.terms !== null) entry.terms = score.terms;
  return entry;
};
