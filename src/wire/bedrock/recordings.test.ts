import { describe, expect, it } from 'vitest';

import { totalTokens, type AnswerPart, type Usage } from '../../vocabulary/index.ts';
import { assemble, decodeAll, isWhole } from '../codec/answers.fixture.ts';
import type { DecodedStep } from '../codec/Codec.ts';
import { countIn, isJsonObject, objectIn, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { EventStreamReader } from '../eventStream/EventStreamReader.ts';
import { cutAt, recordedAnswer, recordingsOf, wholeAnswersOf } from '../recordings.fixture.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { StreamState } from '../wire.ts';
import { bedrockWire } from './bedrockWire.ts';
import { claude, converseStreams, factsOf, messagesIn, streamBytes } from './recordings.fixture.ts';

const facts = factsOf(claude);
const whole = wholeAnswersOf('bedrock')
  .filter((path) => !path.includes('/invoke-') && !converseStreams.includes(path.replace(/json$/, 'response.bin')))
  .filter((path) => recordedAnswer(path).status === 200);
const refusals = recordingsOf('bedrock', '.json').filter((path) => /error|-400/.test(path) && !path.includes('tool-'));

interface Observed {
  readonly steps: readonly DecodedStep[];
  readonly states: readonly StreamState[];
  readonly parts: readonly AnswerPart[];
}

const observe = (events: readonly SseEvent[]): Observed => {
  const decoder = bedrockWire.codec.decodeStream(facts);
  const states: StreamState[] = [];
  const steps = events.map((event) => {
    const step = decoder.decode(event);
    states.push({ ...decoder.state });
    return step;
  });
  return { steps, states, parts: [...steps.flatMap(({ parts }) => parts), ...decoder.closing()] };
};

const statedUsage = (body: unknown): JsonObject => (isJsonObject(body) ? (objectIn(body, 'usage') ?? {}) : {});

const usageIn = (path: string): { usage: Usage | null; stated: JsonObject } => {
  if (!path.endsWith('.json')) {
    const events = messagesIn(streamBytes(path));
    const metadata = events.find(({ event }) => event === 'metadata');
    return {
      usage: observe(events).states.at(-1)?.usage ?? null,
      stated: statedUsage(parseJson(metadata?.data ?? '')),
    };
  }
  const { body } = recordedAnswer(path);
  const decoded = bedrockWire.codec.decodeAnswer(body, facts);
  return {
    usage: decoded.ok ? decoded.value.usage : null,
    stated: statedUsage(parseJson(Buffer.from(body).toString())),
  };
};

/** Read by hand from the recordings. */
const buckets: Readonly<Record<string, Usage>> = {
  'converse-cache.0.json': { input: 2, cacheWrite5m: 1322, output: 5, requests: 1 },
  'converse-cache.1.json': { input: 2, cacheRead: 1322, output: 5, requests: 1 },
  'converse-stream-empty-delta.response.bin': { input: 70, output: 43, requests: 1 },
  'converse-stream-redacted.response.bin': { input: 92, output: 253, requests: 1 },
  'stream-tool-parse-errors.0.response.bin': { input: 295, output: 43, requests: 1 },
  'structured-output-stream.response.bin': { input: 210, output: 18, requests: 1 },
  'amazon-bedrock-tool-no-args.chunks.txt': { input: 100, output: 25, requests: 1 },
};

describe('recorded answers of the bedrock wire', () => {
  it('are all here', () => {
    expect(converseStreams).toHaveLength(15);
    expect(whole).toHaveLength(13);
    expect(refusals).toHaveLength(6);
  });

  it.each(Object.entries(buckets))('has the buckets that were read by hand from %s', (name, usage) => {
    expect(usageIn(`recordings/bedrock/${name}`).usage).toEqual(usage);
  });

  it.each([...converseStreams, ...whole])('adds up to what the vendor states in %s', (path) => {
    const { usage, stated } = usageIn(path);
    expect(totalTokens(usage ?? {})).toBe(countIn(stated, 'totalTokens'));
  });

  it.each(converseStreams)('finds %s whole with its stop, never before, and ends it with the last event', (path) => {
    const events = messagesIn(streamBytes(path));
    const { steps, states, parts } = observe(events);
    const stop = events.findIndex(({ event }) => event === 'messageStop');
    expect(states.map(({ complete }) => complete)).toEqual(states.map((_, index) => index >= stop));
    expect(steps.findIndex(({ kind }) => kind === 'terminal')).toBe(events.length - 1);
    expect(steps.some(({ kind }) => kind === 'failure')).toBe(false);
    expect(isWhole(parts)).toBe(true);
    assemble(parts);
  });

  it.each(converseStreams)('tells no end of %s where it is cut before its stop', (path) => {
    const events = messagesIn(streamBytes(path));
    const stop = events.findIndex(({ event }) => event === 'messageStop');
    for (let length = 0; length <= stop; length++) {
      const decoder = bedrockWire.codec.decodeStream(facts);
      expect(isWhole(decodeAll(decoder, events.slice(0, length)))).toBe(false);
      expect(decoder.state.complete).toBe(false);
    }
  });

  it.each(converseStreams)('sees no content in the preamble of %s', (path) => {
    const events = messagesIn(streamBytes(path));
    const first = observe(events).steps.findIndex(({ kind }) => kind === 'content');
    expect(first).toBeGreaterThan(0);
    for (const { data } of events.slice(0, first)) {
      expect(data ?? '').not.toMatch(/"(text|input|signature|redactedContent)":"[^"]|toolUse/);
    }
  });

  it.each(converseStreams)('decodes %s alike however its bytes are split', (path) => {
    const bytes = streamBytes(path);
    const expected = observe(messagesIn(bytes)).parts;
    const step = Math.max(1, Math.floor(bytes.length / 60));
    for (let at = 1; at < bytes.length; at += step) {
      expect(observe(messagesIn(...cutAt(bytes, [at, Math.min(bytes.length, at + 7)]))).parts).toEqual(expected);
    }
  });

  it.each(converseStreams)('never takes %s for whole where a byte before its stop is another', (path) => {
    const bytes = streamBytes(path);
    const events = messagesIn(bytes);
    const stop = events.findIndex(({ event }) => event === 'messageStop');
    const length = events.slice(0, stop + 1).reduce((sum, { raw }) => sum + raw.length, 0);
    const step = Math.max(1, Math.floor(length / 150));
    for (let at = 0; at < length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const pushed = new EventStreamReader().push(flipped);
      expect(pushed).toMatchObject({ ok: false });
      const decoder = bedrockWire.codec.decodeStream(facts);
      expect(isWhole(decodeAll(decoder, pushed.ok ? pushed.value : pushed.fault.events))).toBe(false);
    }
  });

  it.each(whole)('reads %s as a whole answer', (path) => {
    const decoded = bedrockWire.codec.decodeAnswer(recordedAnswer(path).body, facts);
    expect(decoded).toMatchObject({ ok: true, value: { usage: { requests: 1 } } });
    expect(decoded.ok && decoded.value.content.length).toBeGreaterThan(0);
  });

  it.each([
    ['error-400', 'operator', 'model_not_found'],
    ['error-400-model', 'operator', 'model_not_found'],
    ['error-400-stream', 'operator', 'model_not_found'],
    ['count-tokens-400', 'operator', 'model_not_found'],
    ['error-403', 'operator', 'invalid_api_key'],
    ['error-403-invoke', 'operator', 'invalid_api_key'],
  ])('says what %s means', (name, failureClass, cause) => {
    const answer = recordedAnswer(`recordings/bedrock/${name}.json`);
    expect(bedrockWire.classify(answer, 0)).toMatchObject({ class: failureClass, cause, status: answer.status });
  });
});
