import type { Highs } from 'highs';
import { hindsightBound, type HindsightBound } from '../bound/hindsightBound.ts';
import type { Contracts } from '../contracts/Contracts.ts';
import type { ForecastMeans } from '../contracts/ForecastMeans.ts';
import type { World } from '../contracts/World.ts';
import { plainSight, type Contender } from '../simulation/Contender.ts';
import { chooseByWeights, weightsOf } from './KindWeights.ts';

const floorFactor = 2;

/** Contracts as they look from a forecast that is so many times what comes. */
const seenFrom = (contracts: Contracts, scale: number): Contracts => ({
  pools: contracts.pools.map((pool) => ({ ...pool, minimumUsd: pool.minimumUsd / scale })),
  floor: {
    ...contracts.floor,
    usdPerMinute: contracts.floor.usdPerMinute / scale,
    feeUsd: contracts.floor.feeUsd / scale,
  },
});

/** The plan of the forecast month, made once: what its optimum buys where. */
export const staticWeights = (
  highs: Highs,
  world: World,
  means: ForecastMeans,
  forecastBound: HindsightBound,
): Contender => {
  const { usdByKind } =
    world.forecastScale === 1
      ? forecastBound
      : hindsightBound(highs, seenFrom(world.contracts, world.forecastScale), world.forecast, null);
  const weights = usdByKind.map((usd, kind) =>
    weightsOf(usd, means.meanUsd[kind] ?? [], world.contracts.floor.target, floorFactor),
  );
  return {
    name: 'static weights of the forecast',
    sight: plainSight,
    make: (inputs) => ({ choose: chooseByWeights(inputs, () => weights) }),
  };
};
