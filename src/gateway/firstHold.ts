import type { NanoUsd } from '../kernel/index.ts';
import { worstCaseCost } from '../ledger/index.ts';
import type { OutputQuantile } from '../router/index.ts';
import { featureSet } from '../vocabulary/index.ts';
import { growthTokens } from './HeldOutput.ts';
import type { OpenedRequest } from './openRequest.ts';
import type { Weighed } from './weigh.ts';

/** Share of answers like this one that a first hold covers whole. */
const coveredShare = 0.95;
/** Room is ample where every hard budget has so many times the worst case left: then a hold that has to grow will find what it needs. */
const ampleTimes = 4n;

/** What is written that is no text: it is not counted by its bytes. */
const unread = featureSet(['imageOutput', 'audioOutput']);

/** A hold to begin with that is smaller than the worst case. */
export interface FirstHold {
  readonly amount: NanoUsd;
  readonly coveredTokens: number;
  readonly costOf: (outputTokens: number) => NanoUsd;
}

/**
 * What is held first for an answer that comes as a stream, by what the caller's answers were like. Null where the worst case is held: room is not ample, too
 * little is known of such answers, or they are not seen as they are written (not streamed, or thought out of sight).
 * @param remaining What the tightest hard budget has left; null where none is hard.
 */
export const firstHold = (
  opened: OpenedRequest,
  weighed: Weighed,
  remaining: NanoUsd | null,
  outputs: OutputQuantile,
  key: string,
): FirstHold | null => {
  const { facts, model } = opened;
  const { deployment, terms, tier, worstCase, inputBoundTokens, outputBoundTokens } = weighed;
  const { price, discount } = terms;
  if (remaining === null || price === null || remaining < worstCase * ampleTimes) return null;
  const isSeen = facts.stream && !deployment.capabilities.reasoning && (facts.requirements.features & unread) === 0;
  if (!isSeen) return null;
  const expected = outputs.atMost(coveredShare, key, model.name, facts.inputEstimateTokens);
  if (expected === null) return null;
  const coveredTokens = Math.max(expected, growthTokens);
  if (coveredTokens >= outputBoundTokens) return null;
  const costOf = (outputTokens: number): NanoUsd =>
    worstCaseCost({ price, inputBoundTokens, outputBoundTokens: outputTokens, discount, tier });
  return { amount: costOf(coveredTokens), coveredTokens, costOf };
};
