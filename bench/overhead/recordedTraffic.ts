import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The wires that are measured, by their names in a configuration file. */
export type WireName = 'openai' | 'anthropic';

/** What the fixed vendor answers on one wire: real answers, as vendors sent them. */
export interface RecordedAnswers {
  readonly path: string;
  /** Body of a whole answer, about 1 KB. */
  readonly whole: Buffer;
  /** A streamed answer, one event each with the empty line that ends it. */
  readonly events: readonly Buffer[];
}

const recordings = join(import.meta.dirname, '../../test/fixtures/recordings');
const exchangeShape = z.object({ response: z.object({ body: z.unknown() }) });

const readWhole = (name: string): Buffer => {
  const { response } = exchangeShape.parse(JSON.parse(readFileSync(join(recordings, name), 'utf8')));
  return Buffer.from(JSON.stringify(response.body));
};

const readEvents = (name: string): Buffer[] =>
  readFileSync(join(recordings, name), 'utf8')
    .split('\n\n')
    .filter((event) => event.trim() !== '')
    .map((event) => Buffer.from(`${event}\n\n`));

export const recordedAnswers: Readonly<Record<WireName, RecordedAnswers>> = {
  openai: {
    path: '/v1/chat/completions',
    whole: readWhole('openrouter/cache.1.json'),
    events: readEvents('openai/stream-usage.response.sse'),
  },
  anthropic: {
    path: '/v1/messages',
    whole: readWhole('anthropic/tool-with-thinking.1.json'),
    events: readEvents('anthropic/text-stream.response.sse'),
  },
};

const question =
  'Compare the architectural patterns that distributed databases use: how they shard their data, how they replicate it, how they agree on an ' +
  'order of writes, and what each of them gives up when the network splits. Name one system for each pattern, and say for which workload you ' +
  'would pick it and for which you would not. Keep to what has been published; where opinions differ, say so in half a sentence.';
const answered =
  'Architectural patterns: 1. leader and followers, one order of writes, reads that may lag; 2. leaderless quorums, tunable by R and W; ' +
  '3. consensus per shard, linearizable at the price of a majority; 4. deterministic ordering before execution.';
const system = 'You are a careful assistant who answers briefly.';
const followUp = 'Summarise that in one sentence.';

/** A client's request of about 1 KB: the same conversation in the words of each wire. */
export const requestBody = (wire: WireName, model: string, stream: boolean): Buffer => {
  const turns = [
    { role: 'user', content: question },
    { role: 'assistant', content: answered },
    { role: 'user', content: followUp },
  ];
  const options = { temperature: 0.7, max_tokens: 256, stream };
  const usage = stream ? { stream_options: { include_usage: true } } : {};
  const body =
    wire === 'openai'
      ? { model, messages: [{ role: 'system', content: system }, ...turns], ...options, ...usage }
      : { model, system, messages: turns, ...options };
  return Buffer.from(JSON.stringify(body));
};
