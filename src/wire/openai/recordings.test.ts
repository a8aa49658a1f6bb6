import { describe, expect, it } from 'vitest';

import { totalTokens, type Usage } from '../../vocabulary/index.ts';
import { parseJson } from '../json/JsonObject.ts';
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
import { openaiWire } from './openaiWire.ts';

const vendors = ['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible'];
const streams = vendors.flatMap(streamsOf);
const whole = vendors
  .flatMap(wholeAnswersOf)
  .filter((path) => recordedAnswer(path).status === 200 && !/error/.test(path));
const facts = factsFor(openaiWire, 'generate', { model: 'm', messages: [], stream: true });

const brokenStreams: Readonly<Record<string, string>> = {
  'recordings/groq/tool-use-failed-midstream.0.response.sse': 'tool_use_failed',
  'recordings/openrouter/midstream-error.response.sse': 'context_length_exceeded',
};

const usageIn = (path: string): Usage | null => {
  if (!path.endsWith('.json')) return observeAll(openaiWire, facts, eventsIn(recordedStream(path))).end.usage;
  const read = openaiWire.readAnswer(path.includes('embedding') ? 'embed' : 'generate', recordedAnswer(path).body);
  return read.ok ? read.value.usage : null;
};

/** Read by hand from the recordings; a stream that was not asked for usage has none. */
const buckets: Readonly<Record<string, Usage | null>> = {
  'openai/chat.json': { input: 12, output: 5, requests: 1 },
  'openai/embeddings.json': { input: 4, requests: 1 },
  'openai/openai-embedding.json': { input: 12, requests: 1 },
  'openai/reasoning-temperature.json': { input: 13, reasoning: 192, output: 46, requests: 1 },
  'openai/reasoning-usage.1.json': { input: 577, reasoning: 1792, output: 528, requests: 1 },
  'openai/refusal.0.json': { input: 65, output: 13, requests: 1 },
  'openai/multi-tools-stream.response.sse': { input: 75, output: 51, requests: 1 },
  'openai/stream-usage.response.sse': { input: 12, output: 89, requests: 1 },
  'openai/azure-model-router.1.chunks.txt': { input: 15, reasoning: 64, output: 14, requests: 1 },
  'openai/text-stream.0.response.sse': null,
  'azure/azure-deepseek-reasoning.1.json': { input: 19, output: 1969, requests: 1 },
  'azure/content-filter.0.json': { input: 15, output: 19, requests: 1 },
  'azure/embeddings-401.0.json': { input: 8, requests: 1 },
  'azure/reasoning-404.0.json': { input: 11, reasoning: 192, output: 11, requests: 1 },
  'deepseek/deepseek-json.json': { cacheRead: 320, input: 175, reasoning: 118, output: 26, requests: 1 },
  'deepseek/deepseek-tool-call.chunks.txt': { cacheRead: 320, input: 19, reasoning: 39, output: 44, requests: 1 },
  'deepseek/reasoning-stream.response.sse': { input: 6, reasoning: 198, output: 14, requests: 1 },
  'groq/groq-tool-call.chunks.txt': { input: 210, output: 15, requests: 1 },
  'groq/tool-use-failed-400.2.json': { cacheRead: 256, input: 80, reasoning: 59, output: 37, requests: 1 },
  'groq/tool-use-failed-midstream.0.response.sse': null,
  'groq/tool-use-failed-midstream.2.response.sse': { input: 339, reasoning: 38, output: 20, requests: 1 },
  'mistral/mistral-incremental-tool-call.chunks.txt': { cacheRead: 128, input: 43, output: 14, requests: 1 },
  'mistral/prompt-cache.1.json': { cacheRead: 224, input: 44, output: 5, requests: 1 },
  'mistral/thinking-stream.response.sse': { input: 10, output: 232, requests: 1 },
  'openrouter/cache.0.json': { cacheWrite5m: 3211, input: 3, output: 100, requests: 1 },
  'openrouter/cache.1.json': { cacheRead: 3211, cacheWrite5m: 115, input: 3, output: 53, requests: 1 },
  // It says 11 reasoning tokens in a completion of 10 and a total of 43 + 10.
  'openrouter/midstream-error.response.sse': { input: 43, reasoning: 10, requests: 1 },
  'openrouter/reasoning-stream.response.sse': { input: 9, output: 104, requests: 1 },
  // xAI counts reasoning outside the completion.
  'xai/xai-text.json': { cacheRead: 2, input: 10, reasoning: 228, output: 1, requests: 1 },
  'xai/xai-tool-call.chunks.txt': { cacheRead: 290, input: 1, reasoning: 196, output: 26, requests: 1 },
  'xai/xai-tool-call.json': { cacheRead: 244, input: 47, reasoning: 189, output: 26, requests: 1 },
  'openai-compatible/moonshotai-stream.chunks.txt': { input: 9, reasoning: 7, output: 5, requests: 1 },
  'openai-compatible/alibaba-tool-call.chunks.txt': { input: 295, output: 22, requests: 1 },
  'openai-compatible/perplexity-text.json': { input: 11, output: 392, requests: 1 },
};

describe('recorded answers of vendors who speak the openai wire', () => {
  it('are all here', () => {
    expect(streams).toHaveLength(28);
    expect(whole).toHaveLength(43);
  });

  it.each(Object.entries(buckets))('has the buckets that were read by hand from %s', (path, usage) => {
    expect(usageIn(`recordings/${path}`)).toEqual(usage);
  });

  it.each([...streams, ...whole])('adds up to the total that the vendor states in %s', (path) => {
    const told = path.endsWith('.json')
      ? parseJson(Buffer.from(recordedAnswer(path).body).toString())
      : eventsIn(recordedStream(path)).map(({ data }) => parseJson(data ?? ''));
    const usage = usageIn(path);
    expect(usage === null ? null : totalTokens(usage)).toBe(statedTotal(told));
  });

  it.each(whole.filter((path) => !path.includes('prompt-filter.0')))('reads %s as a whole answer', (path) => {
    const operation = path.includes('embedding') ? 'embed' : 'generate';
    expect(openaiWire.readAnswer(operation, recordedAnswer(path).body)).toMatchObject({
      ok: true,
      value: { usage: { requests: 1 } },
    });
  });

  it.each(streams)('finds %s whole where it is, and its failure where it is not', (path) => {
    const { steps, end, closing } = observeAll(openaiWire, facts, eventsIn(recordedStream(path)));
    const cause = brokenStreams[path];
    expect(steps.find((step) => step.kind === 'failure')?.failure?.cause).toBe(cause);
    expect(end.complete).toBe(cause === undefined);
    const owesDone = end.complete && !steps.some((step) => step.kind === 'terminal');
    expect(closing).toBe(owesDone ? 'data: [DONE]\n\n' : '');
  });

  it.each(streams)('does not take %s for whole when it is cut before its finish reason', (path) => {
    const events = eventsIn(recordedStream(path));
    const { states } = observeAll(openaiWire, facts, events);
    const finish = events.findIndex(({ data }) => /"finish_reason": ?"/.test(data ?? ''));
    for (const [index, { complete }] of states.entries()) {
      if (finish === -1 || index < finish) expect(complete).toBe(false);
    }
  });

  it.each(streams)('sees no content in the preamble of %s and commits at the first of it', (path) => {
    const events = eventsIn(recordedStream(path));
    const { steps } = observeAll(openaiWire, facts, events);
    const first = steps.findIndex((step) => step.kind === 'content');
    expect(first).toBeGreaterThanOrEqual(0);
    for (const { data } of events.slice(0, first)) {
      expect(data ?? '').not.toMatch(/"(content|reasoning|reasoning_content|arguments)": ?"[^"]/);
    }
  });

  it.each(streams)('observes %s alike however its bytes are split', (path) => {
    const bytes = recordedStream(path);
    const expected = observeAll(openaiWire, facts, eventsIn(bytes));
    const step = Math.max(1, Math.floor(bytes.length / 300));
    for (let at = 1; at < bytes.length; at += step) {
      const seen = observeAll(openaiWire, facts, eventsIn(...cutAt(bytes, [at, Math.min(bytes.length, at + 7)])));
      expect(seen.end).toEqual(expected.end);
      expect(seen.steps.map(({ kind }) => kind)).toEqual(expected.steps.map(({ kind }) => kind));
    }
  });

  it('observes a small stream alike when it comes byte by byte', () => {
    const bytes = recordedStream('recordings/openai/text-stream.1.response.sse');
    const single = cutAt(
      bytes,
      Array.from({ length: bytes.length }, (_, at) => at),
    );
    expect(observeAll(openaiWire, facts, eventsIn(...single))).toEqual(observeAll(openaiWire, facts, eventsIn(bytes)));
  });
});
