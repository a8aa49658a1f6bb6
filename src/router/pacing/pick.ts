import { scoreUsd } from '../score.ts';
import type { Pacer } from './Pacer.ts';

/** What is asked of each target of a pacer, by its index. Money is Float64 US dollars. */
export interface Offers {
  /** Expected cost of the request, with what the target's prompt cache holds. */
  readonly costUsd: Float64Array;
  /** 1 where it may be chosen. */
  readonly eligible: Uint8Array;
  /** What the next turn would cost where this one has gone, and where it has not; null where there are no caches. */
  readonly warmUsd: Float64Array | null;
  readonly fullUsd: Float64Array | null;
  /** How likely a next turn is. */
  readonly nextTurnShare: number;
}

/** What being over a cap counts: more than any cost, so that it is chosen only where nobody else is left. */
const overCapUsd = 1e9;

/** What a warm cache at a target is worth to the next turn. @param nextUsd What that costs elsewhere at most. */
const nextTurnOf = (pacer: Pacer, { warmUsd, nextTurnShare }: Offers, nextUsd: number, target: number): number =>
  warmUsd === null ? 0 : nextTurnShare * Math.max(0, nextUsd - pacer.factorOf(target) * (warmUsd[target] ?? 0));

/**
 * The choice without health, words and explanation: for those who replay months of requests. Nothing is allocated.
 * @param atMs Unix milliseconds
 * @returns the index of the target; -1 where none is eligible.
 */
export const pick = (pacer: Pacer, offers: Offers, atMs: number): number => {
  const { costUsd, eligible, fullUsd } = offers;
  let nextUsd = Infinity;
  if (fullUsd !== null)
    for (let target = 0; target < costUsd.length; target++)
      if (eligible[target] === 1) nextUsd = Math.min(nextUsd, (fullUsd[target] ?? 0) * pacer.factorOf(target));
  let best = -1;
  let bestUsd = Infinity;
  let elsewhereUsd = Infinity;
  for (let target = 0; target < costUsd.length; target++) {
    if (eligible[target] !== 1) continue;
    const cost = costUsd[target] ?? 0;
    const factor = pacer.factorOf(target);
    const freeUsd = pacer.freeUsd(target, cost, 0, 0, 0, atMs);
    const payUsd = cost - freeUsd;
    const bid = freeUsd > 0 ? pacer.bidOf(target, atMs) : 0;
    let usd = scoreUsd(factor, payUsd, bid, freeUsd, nextTurnOf(pacer, offers, nextUsd, target), 0);
    if (payUsd > 0 && pacer.isOverCap(target, payUsd)) usd += overCapUsd;
    if (!pacer.hasFloor(target)) elsewhereUsd = Math.min(elsewhereUsd, usd);
    if (best >= 0 && usd >= bestUsd) continue;
    best = target;
    bestUsd = usd;
  }
  for (let target = 0; target < costUsd.length; target++)
    if (eligible[target] === 1 && pacer.hasFloor(target))
      pacer.saw(target, costUsd[target] ?? 0, 0, 0, 0, elsewhereUsd + nextTurnOf(pacer, offers, nextUsd, target), atMs);
  return best;
};
