import { describe, expect, it } from 'vitest';

import { totalTokens, type Usage } from '../../vocabulary/index.ts';
import { assemble } from '../codec/answers.fixture.ts';
import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import {
  cutAt,
  eventsIn,
  factsFor,
  observeAll,
  recordedAnswer,
  recordedStream,
  statedTotal,
  streamsOf,
  wholeAnswersOf,
} from '../recordings.fixture.ts';
import { decodeChunks } from './codec/answers.fixture.ts';
import { responsesCodec } from './codec/responsesCodec.ts';
import { responsesWire } from './responsesWire.ts';

const streams = streamsOf('responses');
const all = wholeAnswersOf('responses');
const whole = all.filter((path) => recordedAnswer(path).status === 200 && !path.includes('input-tokens'));
const facts = factsFor(responsesWire, 'generate', { model: 'm', input: 'hi', stream: true });

const brokenStreams: Readonly<Record<string, string>> = {
  'recordings/responses/openai-error.1.chunks.txt': 'insufficient_quota',
  // Made by hand: its first and its last event lack a brace.
  'recordings/responses/parallel-tool-call-wrapper.1.chunks.txt': 'undecodable_event',
};

const isWhole = (path: string): boolean => brokenStreams[path] === undefined;

/** Four answers in a row stand in it; all else after the first end belongs to no answer. */
const firstAnswer = (path: string): ReturnType<typeof eventsIn> => {
  const events = eventsIn(recordedStream(path));
  const end = events.findIndex(({ data }) => /"type": ?"response\.(completed|incomplete)"/.test(data ?? ''));
  return end === -1 ? events : events.slice(0, end + 1);
};

const usageIn = (path: string): Usage | null => {
  if (!path.endsWith('.json')) return observeAll(responsesWire, facts, eventsIn(recordedStream(path))).end.usage;
  const read = responsesWire.readAnswer('generate', recordedAnswer(path).body);
  return read.ok ? read.value.usage : null;
};

/** Read by hand from the recordings. */
const buckets: Readonly<Record<string, Usage | null>> = {
  'responses-tools.0.json': { input: 58, output: 44, requests: 1 },
  'responses-reasoning.0.json': { input: 13, reasoning: 1920, output: 279, requests: 1 },
  'openai-reasoning-usage.0.json': { input: 13, reasoning: 1600, output: 315, requests: 1 },
  'mistral-thinking.0.json': { input: 13, reasoning: 1344, output: 272, requests: 1 },
  'anthropic-thinking-from-other-model.0.json': { input: 23, reasoning: 1920, output: 291, requests: 1 },
  'responses-stream-usage.response.sse': { input: 53, reasoning: 448, output: 21, requests: 1 },
  'github-copilot-id-rotation.1.chunks.txt': { input: 19, reasoning: 44, output: 61, requests: 1 },
  'lmstudio-tool-call.1.chunks.txt': { input: 180, cacheRead: 2, reasoning: 48, output: 13, requests: 1 },
};

describe('recorded answers of vendors who speak the responses wire', () => {
  it('are all here', () => {
    expect(streams).toHaveLength(15);
    expect(whole).toHaveLength(12);
    expect(all).toHaveLength(17);
  });

  it.each([...streams, ...whole])('adds up to the total that the vendor states in %s', (path) => {
    const told = path.endsWith('.json')
      ? parseJson(Buffer.from(recordedAnswer(path).body).toString())
      : firstAnswer(path).map(({ data }) => parseJson(data ?? ''));
    const usage = usageIn(path);
    expect(usage === null ? null : totalTokens(usage)).toBe(statedTotal(told));
  });

  it.each(Object.entries(buckets))('has the buckets that were read by hand from %s', (path, usage) => {
    expect(usageIn(`recordings/responses/${path}`)).toEqual(usage);
  });

  it.each(streams)('finds %s whole where it is, and its failure where it is not', (path) => {
    const { steps, end, closing } = observeAll(responsesWire, facts, eventsIn(recordedStream(path)));
    expect(steps.find((step) => step.kind === 'failure')?.failure?.cause).toBe(brokenStreams[path]);
    expect(end.complete).toBe(isWhole(path));
    expect(closing).toBe('');
  });

  it.each(streams)('does not take %s for whole when it is cut after any event before its end', (path) => {
    const events = firstAnswer(path);
    const { states } = observeAll(responsesWire, facts, events);
    expect(states.slice(0, -1).filter(({ complete }) => complete)).toEqual([]);
  });

  it.each(streams.filter(isWhole))('sees no content in the preamble of %s and commits at the first of it', (path) => {
    const events = firstAnswer(path);
    const { steps } = observeAll(responsesWire, facts, events);
    const first = steps.findIndex(({ kind }) => kind === 'content');
    expect(first).toBeGreaterThan(0);
    for (const { data } of events.slice(0, first)) expect(data ?? '').not.toMatch(/"delta": ?"[^"]/);
  });

  it.each(streams)('reads %s alike however its bytes are split', (path) => {
    const bytes = recordedStream(path);
    const expected = decodeChunks(bytes);
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let at = 1; at < bytes.length; at += step) {
      const seen = decodeChunks(...cutAt(bytes, [at, Math.min(bytes.length, at + 7)]));
      expect(seen.parts).toEqual(expected.parts);
      expect(seen.state).toEqual(expected.state);
    }
  });

  it.each(streams.filter(isWhole))('finds in the parts of %s what its last event says', (path) => {
    const last = parseJson(firstAnswer(path).at(-1)?.data ?? '');
    const told = responsesCodec.decodeAnswer(Buffer.from(JSON.stringify(isJsonObject(last) ? last['response'] : null)));
    if (!told.ok) throw new Error(told.fault.message);
    const read = assemble(decodeChunks(recordedStream(path)).parts);
    expect(read.usage).toEqual(told.value.usage);
    expect(read.finish.native).toBe(told.value.finish.native);
    // Relays exist that give each telling other ids, and such whose last telling has no output.
    const plain = (content: typeof read.content): unknown =>
      content.map((part) => ('seal' in part ? { ...part, seal: null } : part));
    if (told.value.content.length > 0) expect(plain(read.content)).toEqual(plain(told.value.content));
  });

  it('counts the same bytes of output in a stream and in its last event', () => {
    for (const path of streams.filter(isWhole)) {
      const last = parseJson(firstAnswer(path).at(-1)?.data ?? '');
      const response = isJsonObject(last) ? last['response'] : null;
      const read = responsesWire.readAnswer('generate', Buffer.from(JSON.stringify(response)));
      if (!read.ok) throw new Error(read.fault.message);
      const { end } = observeAll(responsesWire, facts, firstAnswer(path));
      expect([path, end.outputBytes]).toEqual([path, read.value.outputBytes]);
    }
  });
});

describe('recorded refusals', () => {
  it.each([
    ['responses-400', 'operator', 'model_not_found'],
    ['responses-400-b', 'operator', 'model_not_found'],
    ['responses-401', 'operator', 'invalid_api_key'],
    ['responses-error-400', 'client', 'bad_request'],
  ])('%s is a failure of the class %s', (name, failureClass, cause) => {
    const answer = recordedAnswer(`recordings/responses/${name}.json`);
    expect(responsesWire.classify(answer, 0)).toMatchObject({ class: failureClass, cause, status: answer.status });
  });
});

it('reads a recorded count of tokens', () => {
  const { body } = recordedAnswer('recordings/responses/responses-input-tokens.json');
  expect(responsesWire.readAnswer('countTokens', body)).toEqual({ ok: true, value: { usage: null, outputBytes: 0 } });
  expect(JSON.parse(Buffer.from(responsesWire.tokenCount?.(16) ?? []).toString())).toEqual(
    JSON.parse(Buffer.from(body).toString()),
  );
});
