import type { RateLeft, RatesLeft } from '../../vocabulary/index.ts';

/** Milliseconds as this vendor writes durations: "12ms", "8.64s", "6m0s". */
const durationText = (ms: number): string => {
  if (ms > 0 && ms < 1_000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${(ms - minutes * 60_000) / 1_000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
};

const tell = (headers: Record<string, string>, what: 'requests' | 'tokens', left: RateLeft | null): void => {
  if (left === null) return;
  headers[`x-ratelimit-limit-${what}`] = String(left.limit);
  headers[`x-ratelimit-remaining-${what}`] = String(left.remaining);
  headers[`x-ratelimit-reset-${what}`] = durationText(left.resetMs);
};

/** As in test/fixtures/recordings/openai/chat.json: requests, and tokens in and out together. There are no words here for either alone. */
export const rateHeaders = ({ requests, tokens }: RatesLeft): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  tell(headers, 'requests', requests);
  tell(headers, 'tokens', tokens);
  return headers;
};
