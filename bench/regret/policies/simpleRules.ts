import { market, marketIndex } from '../market/market.ts';
import { plainSight, type Contender } from '../simulation/Contender.ts';
import { cheapestOpen, leastOf } from './cheapest.ts';
import { drawByWeight } from './drawByWeight.ts';

const bedrockShare = 0.6;
const latencyWeight = 0.05;

/** First the floor while its minute has room, then the pools' targets, then whoever is cheapest: what gateways call priority or spill-over. */
export const spillOver: Contender = {
  name: 'priority, spilling over',
  sight: plainSight,
  make: ({ books, chance }) => ({
    choose: (question) => {
      const { floor } = books.contracts;
      const isOpen = (target: number): boolean => question.open[target] === 1;
      if (isOpen(floor.target) && floor.usdPerMinute > books.floorMinuteUsd) return floor.target;
      const { bedrock, vertex } = marketIndex;
      if (isOpen(bedrock) && isOpen(vertex)) return chance() < bedrockShare ? bedrock : vertex;
      return [bedrock, vertex].find(isOpen) ?? cheapestOpen(question);
    },
  }),
};

/** By chance, in inverse proportion to the square of the price. */
export const inverseSquarePrice: Contender = {
  name: 'price^-2 weights',
  sight: plainSight,
  make: ({ chance }) => ({
    choose: ({ open, costUsd }) => drawByWeight(open, (target) => 1 / (costUsd[target] ?? Infinity) ** 2, chance),
  }),
};

/** Whoever had the fewest tokens in this minute. */
export const leastUsed: Contender = {
  name: 'least used',
  sight: plainSight,
  make: ({ chance }) => {
    const tokens = new Float64Array(market.length);
    let minute = -1;
    return {
      beforeRequest: (nowS) => {
        if (Math.floor(nowS / 60) === minute) return;
        minute = Math.floor(nowS / 60);
        tokens.fill(0);
      },
      choose: ({ open }) => leastOf(open, (target) => (tokens[target] ?? 0) + chance() * 1e-3),
      settle: (outcome) => {
        tokens[outcome.target] = (tokens[outcome.target] ?? 0) + outcome.tokens;
      },
    };
  },
};

export const lowestLatency: Contender = {
  name: 'lowest latency',
  sight: plainSight,
  make: () => {
    const latencies = Float64Array.from(market, ({ latencyS }) => latencyS);
    return {
      choose: ({ open }) => leastOf(open, (target) => latencies[target] ?? Infinity),
      settle: ({ target, latencyS }) => {
        const before = latencies[target] ?? 0;
        latencies[target] = before + latencyWeight * (latencyS - before);
      },
    };
  },
};
