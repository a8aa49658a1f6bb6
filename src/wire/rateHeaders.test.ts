import { expect, test } from 'vitest';
import type { RateLeft, RatesLeft } from '../vocabulary/index.ts';
import { anthropicWire } from './anthropic/anthropicWire.ts';
import { readRetryAfterMs } from './failure/readRetryAfterMs.ts';
import { geminiWire } from './gemini/geminiWire.ts';
import { openaiWire } from './openai/openaiWire.ts';
import { recordedAnswer } from './recordings.fixture.ts';
import { responsesWire } from './responses/responsesWire.ts';

const left = (limit: number, remaining: number, resetMs: number): RateLeft => ({ limit, remaining, resetMs });
const all: RatesLeft = {
  requests: left(100, 99, 1_200),
  tokens: left(9_000, 0, 66_779),
  inputTokens: left(5_000, 7, 3_000),
  outputTokens: left(4_000, 4_000, 0),
};
const nothing: RatesLeft = { requests: null, tokens: null, inputTokens: null, outputTokens: null };
const nowMs = Date.parse('2026-11-28T10:00:00.500Z');

test('what is left stands in headers that the vendors have, and nothing stands where nothing is limited', () => {
  expect(openaiWire.rateHeaders(all, nowMs)).toEqual({
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '99',
    'x-ratelimit-reset-requests': '1.2s',
    'x-ratelimit-limit-tokens': '9000',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '1m6.779s',
  });
  expect(responsesWire.rateHeaders(all, nowMs)).toEqual(openaiWire.rateHeaders(all, nowMs));
  expect(anthropicWire.rateHeaders(all, nowMs)).toEqual({
    'anthropic-ratelimit-requests-limit': '100',
    'anthropic-ratelimit-requests-remaining': '99',
    'anthropic-ratelimit-requests-reset': '2026-11-28T10:00:02Z',
    'anthropic-ratelimit-tokens-limit': '9000',
    'anthropic-ratelimit-tokens-remaining': '0',
    'anthropic-ratelimit-tokens-reset': '2026-11-28T10:01:08Z',
    'anthropic-ratelimit-input-tokens-limit': '5000',
    'anthropic-ratelimit-input-tokens-remaining': '7',
    'anthropic-ratelimit-input-tokens-reset': '2026-11-28T10:00:04Z',
    'anthropic-ratelimit-output-tokens-limit': '4000',
    'anthropic-ratelimit-output-tokens-remaining': '4000',
    'anthropic-ratelimit-output-tokens-reset': '2026-11-28T10:00:01Z',
  });
  expect(geminiWire.rateHeaders(all, nowMs)).toEqual({});
  for (const wire of [openaiWire, anthropicWire]) expect(wire.rateHeaders(nothing, nowMs)).toEqual({});
});

test.each([
  ['openai', openaiWire, 'openai/chat.json'],
  ['anthropic', anthropicWire, 'anthropic/thinking-stream-raw.json'],
])('the names of the %s wire are those that its vendor was seen to send', (_, wire, recording) => {
  const seen = Object.keys(recordedAnswer(`recordings/${recording}`).headers).filter((name) =>
    name.includes('ratelimit'),
  );
  expect(Object.keys(wire.rateHeaders(all, nowMs)).toSorted()).toEqual(seen.toSorted());
});

test.each([
  [0, '0s'],
  [12, '12ms'],
  [8_640, '8.64s'],
  [59_999, '59.999s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
  [86_461_001, '24h1m1.001s'],
])('%d ms until all is there again are written %s, as the vendor does', (resetMs, text) => {
  const headers = openaiWire.rateHeaders({ ...nothing, requests: left(1, 0, resetMs) }, nowMs);
  expect(headers['x-ratelimit-reset-requests']).toBe(text);
  expect(readRetryAfterMs(headers, null, nowMs) ?? 0).toBe(resetMs);
});
