/**
 * One vendor's model behind one host. US dollars per million tokens: list prices of 2 July 2026 (models.dev). Discount and latency are assumptions.
 * Where a vendor has no price for a cache, a cached token costs what any other does.
 */
export interface MarketTarget {
  readonly name: string;
  readonly host: string;
  readonly inputUsd: number;
  readonly outputUsd: number;
  readonly cacheReadUsd: number;
  readonly cacheWriteUsd: number;
  /** Of the contract, 0 to 1. */
  readonly discount: number;
  readonly latencyS: number;
}

const target = (
  name: string,
  host: string,
  [inputUsd, outputUsd, cacheReadUsd, cacheWriteUsd]: readonly [number, number, number, number],
  discount: number,
  latencyS: number,
): MarketTarget => ({ name, host, inputUsd, outputUsd, cacheReadUsd, cacheWriteUsd, discount, latencyS });

export const market: readonly MarketTarget[] = [
  target('azure gpt-5.4', 'azure', [2.5, 15, 0.25, 2.5], 0, 0.9),
  target('bedrock eu sonnet-5', 'aws', [2.2, 11, 0.22, 2.75], 0.05, 1.1),
  target('anthropic sonnet-5', 'aws', [2, 10, 0.2, 2.5], 0, 1),
  target('vertex gemini-3.1-pro', 'gcp', [2, 12, 0.2, 2], 0.1, 1.2),
  target('mistral medium-2604', 'mistral', [1.5, 7.5, 1.5, 1.5], 0, 0.7),
  target('fireworks glm-5.2', 'fireworks', [1.4, 4.4, 0.26, 1.4], 0, 0.8),
];

/** Targets by their index in the market. */
export const marketIndex = { azure: 0, bedrock: 1, anthropic: 2, vertex: 3, mistral: 4, fireworks: 5 } as const;

export const hosts: readonly string[] = [...new Set(market.map(({ host }) => host))];

/** Index of each target's host in `hosts`. */
export const hostOf: readonly number[] = market.map(({ host }) => hosts.indexOf(host));

/** Kinds of requests: those that any target may serve, and those that the first four may. */
export const kindCount = 2;
const restrictedTargets = 4;
export const restrictedShare = 0.25;

export const mayServe = (kind: number, index: number): boolean => kind === 0 || index < restrictedTargets;

/** Largest shares of all spend in a month: each target is a vendor of its own. */
export const shareCaps = { vendor: 0.45, host: 0.6 } as const;

/** How long a target keeps the prompt of a conversation after its last request. An assumption. */
export const cacheLifeS = 300;

/** What a request costs at a target, in US dollars, with so many tokens of its input in that target's cache. */
export const priceUsd = (
  index: number,
  inputTokens: number,
  outputTokens: number,
  cachedTokens: number,
  hasCaches: boolean,
): number => {
  const prices = market[index];
  if (prices === undefined) throw new Error(`the market has no target ${index}`);
  const freshUsd = hasCaches ? prices.cacheWriteUsd : prices.inputUsd;
  const listUsd =
    (inputTokens - cachedTokens) * freshUsd + cachedTokens * prices.cacheReadUsd + outputTokens * prices.outputUsd;
  return (listUsd * (1 - prices.discount)) / 1e6;
};
