import { kindCount, market, marketIndex, mayServe, priceUsd } from '../market/market.ts';
import { drawMonth } from '../months/drawMonth.ts';
import { loadBy, minutesOfMonth, secondsOfMonth } from '../months/loadShape.ts';
import { emptyRequest, readRequest, type Month, type MonthRequest } from '../months/Month.ts';
import type { Trace } from '../traces/Trace.ts';
import type { Contracts } from './Contracts.ts';

/** All that is known before a month begins. */
export interface World {
  readonly trace: Trace;
  /** Expected requests of a month. */
  readonly requests: number;
  /** A month that drifts nowhere. */
  readonly forecast: Month;
  readonly forecastUsd: number;
  /** How many times too large the forecast of the volume is that policies are given. */
  readonly forecastScale: number;
  readonly contracts: Contracts;
  /** Mean output tokens by kind. */
  readonly outputTokens: readonly number[];
}

export interface WorldOptions {
  readonly requests: number;
  /** Size of the floor over the usual one: nearly 0 for a world without. */
  readonly floorScale: number;
}

const forecastSeed = 999;
/** A month costs more than its cheapest choices: a rough guess, for nobody knows. */
const spendOverCheapest = 1.12;
/** Sizes of the contracts, as shares of the forecast month. Assumptions. */
const bedrockPoolShare = 0.3;
const vertexPoolShare = 0.2;
const floorShare = 0.22;
const floorFeeShare = 0.7;

const cheapestUsd = (request: MonthRequest, hasCaches: boolean): number => {
  let leastUsd = Infinity;
  for (const index of market.keys())
    if (mayServe(request.kind, index))
      leastUsd = Math.min(
        leastUsd,
        priceUsd(index, request.inputTokens, request.outputTokens, request.reusableTokens, hasCaches),
      );
  return leastUsd;
};

const signContracts = (cheapestMonthUsd: number, floorListUsd: number, floorScale: number): Contracts => {
  const halfS = secondsOfMonth / 2;
  const usdPerMinute = ((floorShare * floorListUsd) / minutesOfMonth) * floorScale;
  const pool = (target: number, fromS: number, toS: number, share: number) => ({
    target,
    fromS,
    toS,
    minimumUsd: share * cheapestMonthUsd * (loadBy(toS) - loadBy(fromS)),
    feeShare: 1,
  });
  return {
    pools: [
      pool(marketIndex.bedrock, 0, secondsOfMonth, bedrockPoolShare),
      pool(marketIndex.vertex, 0, halfS, vertexPoolShare),
      pool(marketIndex.vertex, halfS, secondsOfMonth, vertexPoolShare),
    ],
    floor: { target: marketIndex.azure, usdPerMinute, feeUsd: floorFeeShare * usdPerMinute * minutesOfMonth },
  };
};

/** The contracts that somebody would sign for a trace, and what they know of the month to come: the forecast, with ideal caches. */
export const makeWorld = (trace: Trace, { requests, floorScale }: WorldOptions): World => {
  const forecast = drawMonth(trace, { seed: forecastSeed, requests, drifts: false });
  const request = emptyRequest();
  let cheapestMonthUsd = 0;
  let floorListUsd = 0;
  const outputs = new Float64Array(kindCount);
  const counts = new Float64Array(kindCount);
  for (let at = 0; at < forecast.count; at += 1) {
    readRequest(forecast, at, request);
    const { kind, inputTokens, outputTokens, reusableTokens } = request;
    cheapestMonthUsd += cheapestUsd(request, trace.hasCaches);
    floorListUsd += priceUsd(marketIndex.azure, inputTokens, outputTokens, reusableTokens, trace.hasCaches);
    outputs[kind] = (outputs[kind] ?? 0) + outputTokens;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return {
    trace,
    requests,
    forecast,
    forecastUsd: cheapestMonthUsd * spendOverCheapest,
    forecastScale: 1,
    contracts: signContracts(cheapestMonthUsd, floorListUsd, floorScale),
    outputTokens: Array.from(outputs, (sum, kind) => sum / (counts[kind] ?? NaN)),
  };
};

/** The same world before somebody whose forecast of the volume is so many times too large. */
export const misjudged = (world: World, forecastScale: number): World => ({
  ...world,
  forecastUsd: world.forecastUsd * forecastScale,
  forecastScale,
});
