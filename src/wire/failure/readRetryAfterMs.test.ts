import { describe, expect, it } from 'vitest';

import { fixtureJson, recordedAnswer } from '../recordings.fixture.ts';
import { isJsonObject, objectIn } from '../json/JsonObject.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { utf8Bytes } from '../utf8.ts';
import { readRetryAfterMs } from './readRetryAfterMs.ts';

const nowMs = Date.UTC(2026, 10, 26, 12, 0, 0);

const rows = (() => {
  const cases = fixtureJson('cases/23-retry-after-ignored.cases.json');
  return Array.isArray(cases) ? cases.filter(isJsonObject) : [];
})();

const headersOf = (row: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(objectIn({ ...row }, 'headers') ?? {}).map(([name, value]) => [
      name,
      String(value).replace('$httpDate(+7s)', new Date(nowMs + 7_000).toUTCString()),
    ]),
  );

describe('the wait that a vendor asks for', () => {
  it('has the rows of case 23', () => {
    expect(rows).toHaveLength(12);
  });

  it.each(rows)('is read right by both wires from %j (case 23)', (row) => {
    const { status, body } = row;
    for (const wire of [openaiWire, anthropicWire]) {
      const answer = {
        status: Number(status),
        headers: headersOf(row),
        body: utf8Bytes(JSON.stringify(body ?? { error: { message: 'x' } })),
      };
      const failure = wire.classify(answer, nowMs);
      expect(failure.retryAfterMs).toBe(row['waitMs'] ?? row['cooldownMs']);
      expect(failure.retrySameTarget).toBe(headersOf(row)['x-should-retry'] === 'false' ? false : undefined);
      if (status === 429 || status === 529) expect(failure.class).toBe('quota');
      if (status === 503) expect(failure.class).toBe('transient');
      if (status === 400) expect(failure.class).toBe('client');
    }
  });

  it('is not even looked for in an answer that is a success', () => {
    const { status, headers, body } = recordedAnswer('recordings/anthropic/retry-after-on-200.0.json');
    expect([status, headers['retry-after']]).toEqual([200, '4']);
    expect(anthropicWire.readAnswer('generate', body)).toMatchObject({
      ok: true,
      value: { usage: { input: 628, output: 50, requests: 1 }, outputBytes: expect.any(Number) },
    });
  });

  it.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': ' 2 ' }, 2_000],
    [{ 'retry-after': 'Thu, 26 Nov 2026 11:59:00 GMT' }, 0],
    [{ 'retry-after': 'Thu, 99 Nov 2026 11:59:00 GMT' }, null],
    [{ 'retry-after': '2026-11-26T12:00:05Z' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '1e9' }, null],
    [{ 'retry-after': 'Infinity' }, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '0.5' }, 1],
    [{ 'retry-after': ['4', '5'] }, 4_000],
    [{}, null],
  ])('is read from %j as %s', (headers, waitMs) => {
    expect(readRetryAfterMs(headers, null, nowMs)).toBe(waitMs);
  });

  it('is taken from the body only where the headers are silent', () => {
    expect(readRetryAfterMs({}, '34.4s', nowMs)).toBe(34_400);
    expect(readRetryAfterMs({ 'retry-after': '1' }, '34.4s', nowMs)).toBe(1_000);
    expect(readRetryAfterMs({ 'retry-after': 'soon' }, '1m2s', nowMs)).toBe(62_000);
    expect(readRetryAfterMs({}, 'soon', nowMs)).toBeNull();
  });

  it('is the longest reset of an exhausted limit where nothing else is said', () => {
    const openai = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m8.64s',
      'x-ratelimit-remaining-tokens': '5',
      'x-ratelimit-reset-tokens': '6h',
    };
    expect(readRetryAfterMs(openai, null, nowMs)).toBe(68_640);
    const { headers } = recordedAnswer('recordings/anthropic/from-issue-429-requests-no-retry-after.json');
    const reset = Date.parse(String(headers['anthropic-ratelimit-requests-reset']));
    expect(readRetryAfterMs(headers, null, reset - 12_000)).toBe(12_000);
    expect(readRetryAfterMs(headers, null, nowMs)).toBeNull();
  });
});
