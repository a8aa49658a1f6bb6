import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordedAnswer, recordingsOf } from '../recordings.fixture.ts';
import { readQuota } from './readQuota.ts';

const headersOf = (recording: string) => recordedAnswer(`recordings/${recording}`).headers;

test('OpenAI tells requests and tokens, with durations', () => {
  const nowMs = Date.parse('2026-11-28T10:00:00Z');
  expect(readQuota(headersOf('openai/text-stream.0.json'), nowMs)).toEqual({
    requests: { limit: 5_000, remaining: 4_999, resetMs: 12 },
    tokens: { limit: 160_000, remaining: 159_974, resetMs: 9 },
  });
});

test('Anthropic tells input and output apart, with times', () => {
  const headers = headersOf('anthropic/from-issue-429-token-limit.json');
  expect(readQuota(headers, Date.parse('2025-04-30T13:31:11Z'))).toEqual({
    requests: { limit: 1_000, remaining: 1_000, resetMs: 0 },
    tokens: { limit: 120_000, remaining: 20_000, resetMs: 0 },
    inputTokens: { limit: 100_000, remaining: 0, resetMs: 60_000 },
    outputTokens: { limit: 20_000, remaining: 20_000, resetMs: 0 },
  });
});

test('Azure tells a period instead of a time', () => {
  const headers = headersOf('azure/content-filter.2.json');
  expect(readQuota(headers, 0)).toEqual({
    requests: { limit: 120, remaining: 119, resetMs: 60_000 },
    tokens: { limit: 120_000, remaining: 119_986, resetMs: 60_000 },
  });
});

test('of vendors who tell nothing nothing is made up', () => {
  for (const vendor of ['google', 'bedrock', 'deepseek'])
    for (const path of recordingsOf(vendor, '.json')) expect(readQuota(recordedAnswer(path).headers, 0)).toBe(null);
});

test.each([
  [{ 'x-ratelimit-remaining-requests': '-3', 'x-ratelimit-reset-requests': '1s' }],
  [{ 'x-ratelimit-remaining-requests': 'NaN', 'x-ratelimit-reset-requests': '1s' }],
  [{ 'x-ratelimit-remaining-requests': '1e3', 'x-ratelimit-reset-requests': '1s' }],
  [{ 'x-ratelimit-remaining-requests': '0' }],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'soon' }],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '-5s' }],
  [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '8760h' }],
  [{ 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2999-01-01T00:00:00Z' }],
  [{ 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-13-45T99:00:00Z' }],
])('what is absurd is left out: %j', (headers) => {
  expect(readQuota(headers, Date.parse('2026-11-28T10:00:00Z'))).toBe(null);
});

test('whatever stands there, what is read are counts and times within bounds', () => {
  const name = fc.constantFrom(
    'x-ratelimit-remaining-tokens',
    'x-ratelimit-limit-tokens',
    'x-ratelimit-reset-tokens',
    'x-ratelimit-renewalperiod-tokens',
    'anthropic-ratelimit-tokens-remaining',
    'anthropic-ratelimit-tokens-reset',
  );
  const value = fc.oneof(
    fc.string(),
    fc.nat().map(String),
    fc.constantFrom('1s', '-1', '1h1m', '2026-11-28T11:00:00Z'),
  );
  fc.assert(
    fc.property(fc.dictionary(name, value), (headers) => {
      for (const { limit, remaining, resetMs } of Object.values(readQuota(headers, 0) ?? {})) {
        expect(Number.isSafeInteger(remaining) && remaining >= 0).toBe(true);
        expect(limit === null || limit >= remaining).toBe(true);
        expect(resetMs >= 0 && resetMs <= 32 * 86_400_000).toBe(true);
      }
    }),
  );
});
