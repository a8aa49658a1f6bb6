import { describe, expect, it } from 'vitest';

import { totalTokens, type Usage } from '../../vocabulary/index.ts';
import { countIn, isJsonObject, objectIn, parseJson, type JsonObject } from '../json/JsonObject.ts';
import {
  cutAt,
  eventsIn,
  factsFor,
  observeAll,
  recordedAnswer,
  recordedStream,
  streamsOf,
  wholeAnswersOf,
} from '../recordings.fixture.ts';
import { geminiWire } from './geminiWire.ts';

const streams = streamsOf('google');
const bodyOf = (path: string): unknown => parseJson(Buffer.from(recordedAnswer(path, 429).body).toString());
const isAnswer = (path: string): boolean => {
  const body = bodyOf(path);
  return isJsonObject(body) && ('candidates' in body || 'promptFeedback' in body);
};
const recordings = wholeAnswersOf('google');
const whole = recordings.filter(isAnswer);
/** Asked for without `alt=sse`: one list of all chunks. */
const lists = recordings.filter((path) => Array.isArray(bodyOf(path)));
const facts = factsFor(geminiWire, 'generate', { contents: [] });

const streamed = (path: string): Buffer => {
  const chunks = path.endsWith('.json') ? bodyOf(path) : null;
  if (!Array.isArray(chunks)) return recordedStream(path);
  return Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
};

/** Answers that come in chunks, however they were framed. */
const chunked = [...streams, ...lists];

const lastUsage = (path: string): JsonObject => {
  const bodies = whole.includes(path)
    ? [bodyOf(path)]
    : eventsIn(streamed(path)).map(({ data }) => parseJson(data ?? ''));
  const usage = bodies.filter(isJsonObject).map((body) => objectIn(body, 'usageMetadata'));
  return usage.findLast((one) => countIn(one, 'totalTokenCount') !== null) ?? {};
};

const usageIn = (path: string): Usage | null => {
  if (!whole.includes(path)) return observeAll(geminiWire, facts, eventsIn(streamed(path))).end.usage;
  const read = geminiWire.readAnswer('generate', recordedAnswer(path).body);
  return read.ok ? read.value.usage : null;
};

/** Read by hand from the recordings. */
const buckets: Readonly<Record<string, Usage>> = {
  // 3,520 of which 3,512 cached, + 2 + 42 thoughts beside = 3,564.
  'cached-content.1.json': { input: 8, cacheRead: 3_512, output: 2, reasoning: 42, requests: 1 },
  'empty-response.json': { input: 10, output: 119, reasoning: 699, requests: 1 },
  'max-tokens-empty.json': { input: 15, reasoning: 2, requests: 1 },
  'model-armor-block.json': { input: 19, output: 6, reasoning: 27, requests: 1 },
  'safety-block.json': { input: 14, requests: 1 },
  'tool.0.json': { input: 33, output: 5, requests: 1 },
  'google-reasoning-gemini3.json': { input: 9, output: 29, reasoning: 258, requests: 1 },
  // The first chunks say another prompt, and no candidates: the last report holds.
  'text-stream.response.sse': { input: 13, output: 8, requests: 1 },
  'thinking-stream.response.sse': { input: 34, output: 469, reasoning: 787, requests: 1 },
  'vertex-flex-stream.response.sse': { input: 5, output: 1, reasoning: 100, requests: 1 },
  'gemini3-tools.0.json': { input: 60, output: 16, reasoning: 32, requests: 1 },
  // Only the last of the chunks has counts.
  'google-stream-no-args-tool-call.chunks.txt': { input: 249, output: 58, reasoning: 183, requests: 1 },
};

describe('recorded answers of the gemini wire', () => {
  it('are all here', () => {
    expect(streams).toHaveLength(9);
    expect(lists).toHaveLength(2);
    expect(whole).toHaveLength(12);
  });

  it.each(Object.entries(buckets))('has the buckets that were read by hand from %s', (name, usage) => {
    expect(usageIn(`recordings/google/${name}`)).toEqual(usage);
  });

  it.each([...chunked, ...whole])('adds up to what the vendor states in %s', (path) => {
    expect(totalTokens(usageIn(path) ?? {})).toBe(countIn(lastUsage(path), 'totalTokenCount'));
  });

  it.each(whole)('reads %s as a whole answer', (path) => {
    expect(geminiWire.readAnswer('generate', recordedAnswer(path).body)).toMatchObject({
      ok: true,
      value: { usage: { requests: 1 } },
    });
  });

  it.each(chunked)('finds %s whole with its finish reason, never before', (path) => {
    const events = eventsIn(streamed(path));
    const { steps, states, closing } = observeAll(geminiWire, facts, events);
    const finish = events.findIndex(({ data }) => data?.includes('"finishReason"'));
    expect(finish).toBeGreaterThanOrEqual(0);
    expect(states.map(({ complete }) => complete)).toEqual(states.map((_, index) => index >= finish));
    expect(steps.map(({ kind }) => kind)).not.toContain('failure');
    // What follows may still tell usage: nothing is the last event for sure.
    expect(steps.map(({ kind }) => kind)).not.toContain('terminal');
    expect(closing).toBe('');
  });

  it.each(chunked)('sees content in %s as soon as there is any, and no sooner', (path) => {
    const events = eventsIn(streamed(path));
    const { steps } = observeAll(geminiWire, facts, events);
    const first = steps.findIndex(({ kind }) => kind === 'content');
    expect(first).toBe(events.findIndex(({ data }) => /"text": ?"[^"]|"functionCall"/.test(data ?? '')));
  });

  it.each(chunked)('observes %s alike however its bytes are split', (path) => {
    const bytes = streamed(path);
    const expected = observeAll(geminiWire, facts, eventsIn(bytes));
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let at = 1; at < bytes.length; at += step) {
      const seen = observeAll(geminiWire, facts, eventsIn(...cutAt(bytes, [at, Math.min(bytes.length, at + 7)])));
      expect(seen.end).toEqual(expected.end);
      expect(seen.steps.map(({ kind }) => kind)).toEqual(expected.steps.map(({ kind }) => kind));
    }
  });
});
