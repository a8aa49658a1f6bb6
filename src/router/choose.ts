import { targetName, type Decision, type DecisionCandidate } from '../vocabulary/index.ts';
import { candidateName, type Candidate } from './candidate.ts';
import { concentrationGuard, type Caps, type SharesView } from './concentrationGuard.ts';
import type { Health } from './Health.ts';

export interface Question {
  /** In the file's order. */
  readonly candidates: readonly Candidate[];
  readonly health: Health;
  readonly caps: Caps;
  readonly shares: SharesView;
  /** What was tried in this request: names by `targetName`, or by `candidateName` where only that credential was. Left out. */
  readonly tried: ReadonlySet<string>;
  /** Names of those that may be tried once more, because the request has waited for them (`sameTargetWait`). */
  readonly again?: ReadonlySet<string>;
  /** Take, where nobody else is left, a target that is out for its recent failures. The caller pays a retry from its budget. */
  readonly lastResort?: boolean;
  /** 1 for the first attempt of the request. */
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

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
const overCap = 1;
const triedBefore = 2;
const atRest = 4;
const onBench = 8;
const ruledOut = 16;

interface Weighed {
  readonly flaws: number;
  /** Why it is out, or what speaks against it; null where nothing does. */
  readonly reason: string | null;
  /** Until when it is out; null where it is not, or for ever. */
  readonly untilMs: number | null;
  readonly lastResort: boolean;
}

/**
 * The cheapest target that is eligible, healthy and within the caps; among equals the first of the file. A cap is broken only when nobody
 * within the caps is eligible and healthy, and then the decision says which (`forced`).
 */
export const choose = (question: Question): Choice => {
  const weighed = question.candidates.map((candidate) => weigh(candidate, question));
  const index = best(question.candidates, weighed);
  return {
    decision: explain(question, weighed, index),
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
  const guard = concentrationGuard(candidate, question.caps, question.shares);
  const rest = question.health.restReason(candidate, question.nowMs);
  if (admission.open && guard === null && rest === null && !tried) return free;
  const flaws = (guard === null ? 0 : overCap) + (tried ? triedBefore : 0) + (rest === null ? 0 : atRest);
  const barred = tried && !again;
  const guardReason = joined(rest, guard === null ? null : `over ${guard}`);
  if (admission.open) {
    if (barred) return out('already tried in this request');
    return { flaws, reason: guardReason, untilMs: null, lastResort: false };
  }
  const lastResort = admission.lastResort && !barred;
  const taken = lastResort && question.lastResort === true;
  const reason = taken ? joined(`last resort: ${admission.reason}`, guardReason) : admission.reason;
  return { flaws: taken ? flaws + onBench : ruledOut, reason, untilMs: admission.untilMs, lastResort };
};

const isNamed = (candidate: Candidate, names: ReadonlySet<string> | undefined): boolean =>
  names !== undefined &&
  names.size > 0 &&
  (names.has(targetName(candidate.target)) || names.has(candidateName(candidate)));

const joined = (first: string | null, second: string | null): string | null =>
  first === null || second === null ? (first ?? second) : `${first}, ${second}`;

const best = (candidates: readonly Candidate[], weighed: readonly Weighed[]): number | null => {
  let bestIndex: number | null = null;
  let bestFlaws = ruledOut;
  let bestUsd = Infinity;
  for (let index = 0; index < weighed.length; index++) {
    const flaws = weighed[index]?.flaws ?? ruledOut;
    const usd = candidates[index]?.expectedUsd ?? Infinity;
    if (flaws > bestFlaws || flaws === ruledOut || (flaws === bestFlaws && usd >= bestUsd)) continue;
    bestIndex = index;
    bestFlaws = flaws;
    bestUsd = usd;
  }
  return bestIndex;
};

const earliest = (weighed: readonly Weighed[]): number | null => {
  let atMs: number | null = null;
  for (const { untilMs } of weighed) if (untilMs !== null && (atMs === null || untilMs < atMs)) atMs = untilMs;
  return atMs;
};

const explain = (question: Question, weighed: readonly Weighed[], index: number | null): Decision => {
  const candidates = question.candidates.map((candidate, at) => explained(candidate, weighed[at] ?? free));
  const chosen = index === null ? null : (candidates[index]?.target ?? null);
  const forced = index === null ? null : (weighed[index]?.reason ?? null);
  const decision = { attempt: question.attempt, chosen, candidates };
  return forced === null ? decision : { ...decision, forced };
};

const explained = (candidate: Candidate, { flaws, reason }: Weighed): DecisionCandidate => {
  const expectedUsd = Number.isFinite(candidate.expectedUsd) ? candidate.expectedUsd : null;
  const entry = {
    target: targetName(candidate.target),
    expectedUsd,
    score: flaws >= ruledOut ? null : expectedUsd,
  };
  return reason === null ? entry : { ...entry, reason };
};
