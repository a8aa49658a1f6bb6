import { readsForLess, type PriceEntry, type PromptCache } from '../../market/index.ts';
import type { RequestFacts } from '../../wire/index.ts';

/** How a target would keep the prompt of a request. */
export interface CacheTerms {
  /** How long, since it was read. Milliseconds. */
  readonly lifetimeMs: number;
  /** The bucket as which what is not read from the cache is billed. */
  readonly written: 'cacheWrite5m' | 'cacheWrite1h';
}

const terms = (lifetimeMs: number, written: CacheTerms['written']): CacheTerms => ({ lifetimeMs, written });

/** Null where the prompt is not kept, or to be read from a cache makes it no cheaper. */
export const cacheTermsOf = (
  cache: PromptCache | null,
  price: PriceEntry | null,
  { cacheMark, inputEstimateTokens }: Pick<RequestFacts, 'cacheMark' | 'inputEstimateTokens'>,
): CacheTerms | null => {
  if (cache === null || price === null || inputEstimateTokens < cache.tokensMin || !readsForLess(price)) return null;
  if (cache.marked && cacheMark === undefined) return null;
  const isHour = cacheMark === '1h';
  return terms(isHour ? cache.hourMs : cache.lifetimeMs, isHour && cache.marked ? 'cacheWrite1h' : 'cacheWrite5m');
};
