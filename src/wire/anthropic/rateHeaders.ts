import type { RateLeft, RatesLeft } from '../../vocabulary/index.ts';

/** A time of RFC 3339 in whole seconds, as this vendor writes it; none earlier than meant. */
const timeText = (atMs: number): string =>
  new Date(Math.ceil(atMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');

/** As in test/fixtures/recordings/anthropic/thinking-stream-raw.json. */
export const rateHeaders = (left: RatesLeft, nowMs: number): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  const tell = (what: string, one: RateLeft | null): void => {
    if (one === null) return;
    headers[`anthropic-ratelimit-${what}-limit`] = String(one.limit);
    headers[`anthropic-ratelimit-${what}-remaining`] = String(one.remaining);
    headers[`anthropic-ratelimit-${what}-reset`] = timeText(nowMs + one.resetMs);
  };
  tell('requests', left.requests);
  tell('tokens', left.tokens);
  tell('input-tokens', left.inputTokens);
  tell('output-tokens', left.outputTokens);
  return headers;
};
