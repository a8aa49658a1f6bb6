import type { RateDimension } from '../../vocabulary/index.ts';

/** Where a vendor tells of one of its limits how large it is, what remains of it, and when it is whole again. */
export interface QuotaHeaders {
  readonly dimension: RateDimension;
  readonly limit: string;
  readonly remaining: string;
  /** A duration, or a time of RFC 3339. */
  readonly reset: string;
  /** Seconds after which it is whole in any case, where a vendor says that. */
  readonly period?: string;
}

const anthropic = (dimension: RateDimension, what: string): QuotaHeaders => ({
  dimension,
  limit: `anthropic-ratelimit-${what}-limit`,
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
});

/** OpenAI, and many who speak its wire; the period is Azure's. */
const openai = (dimension: RateDimension, what: string): QuotaHeaders => ({
  dimension,
  limit: `x-ratelimit-limit-${what}`,
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
  period: `x-ratelimit-renewalperiod-${what}`,
});

/** As in test/fixtures/recordings: openai/chat.json, azure/content-filter.2.json, anthropic/thinking-stream-raw.json. Bedrock and Gemini tell nothing of the kind. */
export const quotaHeaders: readonly QuotaHeaders[] = [
  anthropic('requests', 'requests'),
  anthropic('tokens', 'tokens'),
  anthropic('inputTokens', 'input-tokens'),
  anthropic('outputTokens', 'output-tokens'),
  openai('requests', 'requests'),
  openai('tokens', 'tokens'),
];
