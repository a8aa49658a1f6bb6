import { market } from '../market/market.ts';
import type { Policy, PolicyInputs } from '../simulation/Policy.ts';
import { cheapestOpen } from './cheapest.ts';
import { drawByWeight } from './drawByWeight.ts';

/** How requests of one kind are shared out. */
export interface KindWeights {
  readonly byTarget: readonly number[];
  /** How likely the floor is asked first while its minute has room. */
  readonly floor: number;
}

/** The room that a floor must have for a request, over what it is expected to cost. */
const roomShare = 0.5;

/** Chooses by chance, with the weights that hold now, by kind. */
export const chooseByWeights = (
  { books, chance }: PolicyInputs,
  weightsNow: (nowS: number) => readonly KindWeights[],
): Policy['choose'] => {
  const { target: floorTarget, usdPerMinute } = books.contracts.floor;
  return (question) => {
    const weights = weightsNow(question.nowS)[question.kind];
    if (weights === undefined) return cheapestOpen(question);
    const leftUsd = usdPerMinute - books.floorMinuteUsd;
    const hasRoom = leftUsd > roomShare * (question.costUsd[floorTarget] ?? Infinity);
    if (weights.floor > 0 && question.open[floorTarget] === 1 && hasRoom && chance() < weights.floor)
      return floorTarget;
    const drawn = drawByWeight(question.open, (target) => weights.byTarget[target] ?? 0, chance);
    return drawn >= 0 ? drawn : cheapestOpen(question);
  };
};

/**
 * Weights of requests from what is to be bought.
 * @param usd At each target, and from the floor behind them.
 * @param meanUsd What a request costs at each target.
 * @param floorFactor The floor is asked so many times as often as its share: at times it is full.
 */
export const weightsOf = (
  usd: ArrayLike<number>,
  meanUsd: ArrayLike<number>,
  floorTarget: number,
  floorFactor: number,
): KindWeights => {
  const byTarget = market.map((_target, index) => (usd[index] ?? 0) / (meanUsd[index] ?? NaN));
  const floorWeight = (usd[market.length] ?? 0) / (meanUsd[floorTarget] ?? NaN);
  const sum = byTarget.reduce((before, weight) => before + weight, floorWeight);
  return { byTarget, floor: sum > 0 ? Math.min(1, (floorWeight / sum) * floorFactor) : 0 };
};
