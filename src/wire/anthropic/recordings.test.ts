import { describe, expect, it } from 'vitest';

import { totalTokens, type Usage } from '../../vocabulary/index.ts';
import { countIn, isJsonObject, listIn, objectIn, parseJson, type JsonObject } from '../json/JsonObject.ts';
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
import { anthropicWire } from './anthropicWire.ts';

const streams = streamsOf('anthropic');
const whole = wholeAnswersOf('anthropic').filter((path) => recordedAnswer(path).status === 200);
const facts = factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true });
const spliced = 'recordings/anthropic/spliced-message-start.chunks.txt';
const duplicate = 'recordings/anthropic/duplicate-message-start.chunks.txt';
const wholeStreams = streams.filter((path) => path !== spliced && path !== duplicate);

/** What the vendor's last reports add up to, each count in its latest value; compactions are counted apart by the vendor. */
const statedTotal = (reports: readonly JsonObject[]): number => {
  const last = (name: string): number => reports.reduce((value, report) => countIn(report, name) ?? value, 0);
  const counts = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'];
  const own = counts.reduce((sum, name) => sum + last(name), 0);
  const compactions = listIn(reports.at(-1) ?? {}, 'iterations')
    .filter(isJsonObject)
    .filter((one) => one['type'] === 'compaction');
  return compactions.reduce(
    (sum, one) => sum + counts.reduce((more, name) => more + (countIn(one, name) ?? 0), 0),
    own,
  );
};

const reportsIn = (path: string): JsonObject[] => {
  const bodies = path.endsWith('.json')
    ? [parseJson(Buffer.from(recordedAnswer(path).body).toString())]
    : eventsIn(recordedStream(path)).map(({ data }) => parseJson(data ?? ''));
  return bodies
    .filter(isJsonObject)
    .map((body) => objectIn(body, 'usage') ?? objectIn(objectIn(body, 'message'), 'usage'))
    .filter((usage) => usage !== null);
};

const usageIn = (path: string): Usage | null => {
  if (!path.endsWith('.json')) return observeAll(anthropicWire, facts, eventsIn(recordedStream(path))).end.usage;
  const read = anthropicWire.readAnswer('generate', recordedAnswer(path).body);
  return read.ok ? read.value.usage : null;
};

/** Read by hand from the recordings. */
const buckets: Readonly<Record<string, Usage>> = {
  'anthropic-claude-opus-5-reasoning-high.1.json': { input: 51, reasoning: 139, output: 1560, requests: 1 },
  'anthropic-fallback.json': { input: 412, output: 264, requests: 1 },
  'cache-usage.0.json': { input: 3, cacheRead: 1111, output: 406, requests: 1 },
  'cache-usage.1.json': { input: 3, cacheRead: 1111, cacheWrite5m: 418, output: 33, requests: 1 },
  'image-url.json': { input: 296, output: 91, requests: 1 },
  'anthropic-clear-thinking.1.chunks.txt': { input: 69, output: 53, requests: 1 },
  // The total of cache writes grows after its split was told.
  'anthropic-code-execution-20260120-prompt-cache.1.chunks.txt': {
    input: 6,
    cacheRead: 6289,
    cacheWrite5m: 3337,
    output: 198,
    requests: 1,
  },
  'anthropic-mcp.1.chunks.txt': { input: 1250, output: 83, requests: 1 },
  'anthropic-message-delta-input-tokens.chunks.txt': { input: 61, output: 2, requests: 1 },
  'cache-stream.0.response.sse': { input: 4, cacheWrite5m: 1165, output: 201, requests: 1 },
  'cache-stream.1.response.sse': { input: 4, cacheRead: 1165, output: 221, requests: 1 },
  // 100 + 181 input, 83 + 8 output: the compaction is billed and not in the totals.
  'compaction-usage-stream.response.sse': { input: 281, cacheRead: 55096, output: 91, requests: 1 },
  'duplicate-message-start.chunks.txt': { input: 17, output: 227, requests: 1 },
  'pause-turn-stream.0.response.sse': { input: 404500, reasoning: 261, output: 682, requests: 1 },
  'pause-turn-stream.1.response.sse': { input: 482529, output: 1310, requests: 1 },
  'text-stream.response.sse': { input: 17, output: 171, requests: 1 },
  'thinking-stream.response.sse': { input: 43, output: 282, requests: 1 },
  'tools-stream.response.sse': { input: 506, output: 153, requests: 1 },
};

describe('recorded answers of the anthropic wire', () => {
  it('are all here', () => {
    expect(streams).toHaveLength(21);
    expect(whole).toHaveLength(22);
  });

  it.each(Object.entries(buckets))('has the buckets that were read by hand from %s', (name, usage) => {
    expect(usageIn(`recordings/anthropic/${name}`)).toEqual(usage);
  });

  it.each([...streams, ...whole])('adds up to what the vendor states in %s', (path) => {
    const usage = usageIn(path);
    expect(usage === null ? null : totalTokens(usage)).toBe(statedTotal(reportsIn(path)));
  });

  it.each(whole)('reads %s as a whole answer', (path) => {
    expect(anthropicWire.readAnswer('generate', recordedAnswer(path).body)).toMatchObject({
      ok: true,
      value: { usage: { requests: 1 } },
    });
  });

  it.each(wholeStreams)('finds %s whole at its last event, never before', (path) => {
    const events = eventsIn(recordedStream(path));
    const { steps, states, closing } = observeAll(anthropicWire, facts, events);
    const stop = events.findIndex(({ data }) => data?.includes('"message_stop"'));
    expect(states.map(({ complete }) => complete)).toEqual(states.map((_, index) => index >= stop));
    expect(steps[stop]?.kind).toBe('terminal');
    expect(steps.some(({ kind }) => kind === 'failure')).toBe(false);
    expect(closing).toBe('');
  });

  it('fails at a second answer inside a stream, and takes nothing after it for an end', () => {
    const { steps, end } = observeAll(anthropicWire, facts, eventsIn(recordedStream(spliced)));
    expect(steps.findIndex(({ kind }) => kind === 'failure')).toBe(7);
    expect(steps[7]).toMatchObject({ failure: { class: 'protocol', cause: 'second_message_start' } });
    expect(end.complete).toBe(false);
  });

  it('fails at a start that only repeats itself, before anything was said', () => {
    const { steps, end } = observeAll(anthropicWire, facts, eventsIn(recordedStream(duplicate)));
    expect(steps.findIndex(({ kind }) => kind === 'failure')).toBe(1);
    expect(steps[1]).toMatchObject({ failure: { class: 'protocol', cause: 'second_message_start' } });
    expect(steps.slice(0, 1).map(({ kind }) => kind)).toEqual(['preamble']);
    expect(end.complete).toBe(false);
  });

  it.each(wholeStreams)('sees no content in the preamble of %s', (path) => {
    const events = eventsIn(recordedStream(path));
    const { steps } = observeAll(anthropicWire, facts, events);
    const first = steps.findIndex(({ kind }) => kind === 'content');
    // A refusal may have no content at all: then its closing is the first to say something.
    expect(first >= 0 || path.includes('refusal')).toBe(true);
    for (const { data } of events.slice(0, Math.max(0, first))) {
      expect(data ?? '').not.toMatch(/"(text|thinking|partial_json)": ?"[^"]|tool_use/);
    }
  });

  it.each(streams)('observes %s alike however its bytes are split', (path) => {
    const bytes = recordedStream(path);
    const expected = observeAll(anthropicWire, facts, eventsIn(bytes));
    const step = Math.max(1, Math.floor(bytes.length / (bytes.length > 100_000 ? 40 : 300)));
    for (let at = 1; at < bytes.length; at += step) {
      const seen = observeAll(anthropicWire, facts, eventsIn(...cutAt(bytes, [at, Math.min(bytes.length, at + 7)])));
      expect(seen.end).toEqual(expected.end);
      expect(seen.steps.map(({ kind }) => kind)).toEqual(expected.steps.map(({ kind }) => kind));
    }
  });
});
