import { kindCount, market, priceUsd } from '../market/market.ts';
import { emptyRequest, readRequest, type Month } from '../months/Month.ts';

/** What a forecast month says of each kind of request. */
export interface ForecastMeans {
  readonly counts: readonly number[];
  /** By kind and target: what one request costs there. */
  readonly meanUsd: readonly Float64Array[];
}

/** Part of the prompts in reach of a cache that are taken to be in it. */
const assumedHits = 0.9;

export const forecastMeans = (forecast: Month): ForecastMeans => {
  const counts = Array.from({ length: kindCount }, () => 0);
  const sums = counts.map(() => new Float64Array(market.length));
  const request = emptyRequest();
  for (let at = 0; at < forecast.count; at += 1) {
    readRequest(forecast, at, request);
    const { kind, inputTokens, outputTokens, reusableTokens } = request;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const ofKind = sums[kind];
    if (ofKind === undefined) continue;
    for (const target of market.keys())
      ofKind[target] =
        (ofKind[target] ?? 0) +
        priceUsd(target, inputTokens, outputTokens, reusableTokens * assumedHits, forecast.hasCaches);
  }
  return { counts, meanUsd: sums.map((ofKind, kind) => ofKind.map((sum) => sum / (counts[kind] ?? NaN))) };
};
