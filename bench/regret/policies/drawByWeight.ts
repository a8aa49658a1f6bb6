import { market } from '../market/market.ts';

/** An open target by chance, as likely as its weight; -1 where no open one has any. */
export const drawByWeight = (open: Uint8Array, weight: (target: number) => number, chance: () => number): number => {
  let sum = 0;
  for (let target = 0; target < market.length; target += 1) if (open[target] === 1) sum += weight(target);
  if (sum <= 0) return -1;
  let left = chance() * sum;
  let drawn = -1;
  for (let target = 0; target < market.length; target += 1) {
    if (open[target] !== 1) continue;
    drawn = target;
    left -= weight(target);
    if (left <= 0) break;
  }
  return drawn;
};
