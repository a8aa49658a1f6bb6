import { hostOf, market, shareCaps } from '../market/market.ts';
import { plainSight, type Contender } from '../simulation/Contender.ts';
import type { PolicyInputs, Question } from '../simulation/Policy.ts';

const marginShare = 0.002;
const forecastShare = 0.03;

/** Index of the open target with the lowest figure, or -1. */
export const leastOf = (open: Uint8Array, figure: (target: number) => number): number => {
  let least = Infinity;
  let best = -1;
  for (let target = 0; target < market.length; target += 1) {
    if (open[target] !== 1) continue;
    const own = figure(target);
    if (own >= least) continue;
    least = own;
    best = target;
  }
  return best;
};

export const cheapestOpen = ({ open, costUsd }: Question): number =>
  leastOf(open, (target) => costUsd[target] ?? Infinity);

export const cheapestFirst: Contender = {
  name: 'cheapest first',
  sight: plainSight,
  make: () => ({ choose: cheapestOpen }),
};

/** The hard guard alone: who would break a cap is asked last. */
const isGuarded = ({ books, world }: PolicyInputs, target: number, costUsd: number): boolean => {
  const host = hostOf[target] ?? 0;
  const measureUsd = Math.max(books.totalUsd + costUsd, forecastShare * world.forecastUsd);
  return (
    (books.usdByTarget[target] ?? 0) + costUsd > (shareCaps.vendor - marginShare) * measureUsd ||
    (books.usdByHost[host] ?? 0) + costUsd > (shareCaps.host - marginShare) * measureUsd
  );
};

const behindAllOthersUsd = 1e9;

export const guardedCheapest: Contender = {
  name: 'cheapest first, guarded',
  sight: plainSight,
  make: (inputs) => ({
    choose: ({ open, costUsd }) =>
      leastOf(open, (target) => {
        const ownUsd = costUsd[target] ?? Infinity;
        return ownUsd + (isGuarded(inputs, target, ownUsd) ? behindAllOthersUsd : 0);
      }),
  }),
};
