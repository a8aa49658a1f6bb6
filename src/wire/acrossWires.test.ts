import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer, AnswerContent, FinishReason, GenerateRequest, Usage } from '../vocabulary/index.ts';
import { anthropicWire } from './anthropic/anthropicWire.ts';
import { answers as answersInMessages } from './anthropic/codec/answers.fixture.ts';
import { requests as requestsInMessages } from './anthropic/codec/requests.fixture.ts';
import { encodeAll, frame, partsOf, streamed } from './codec/answers.fixture.ts';
import { greeting, requestRig, thinker } from './codec/requests.fixture.ts';
import { normalRequest } from './normalRequest.fixture.ts';
import { anthropicClient, openaiClient, type AnswerRead } from './officialClients.fixture.ts';
import { answers as answersInChat } from './openai/codec/answers.fixture.ts';
import { requests as requestsInChat } from './openai/codec/requests.fixture.ts';
import { openaiWire } from './openai/openaiWire.ts';
import { TranslatingRelay } from './passage/TranslatingRelay.ts';
import { cutAt, eventsIn, factsFor, recordedStream, streamsOf } from './recordings.fixture.ts';
import { judgeChat, judgeMessages } from './streamGrammar.fixture.ts';
import type { Wire } from './wire.ts';

const facts = {
  openai: factsFor(openaiWire, 'generate', { model: 'm', messages: [], stream: true }),
  anthropic: factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true }),
};

/** What a client is sent of a vendor's stream that arrives in these chunks. */
const relayed = (vendor: Wire, client: Wire, chunks: readonly Uint8Array[]): string => {
  const decoder = vendor.codec.decodeStream(vendor === openaiWire ? facts.openai : facts.anthropic);
  const relay = new TranslatingRelay(decoder, client.codec.encodeStream(frame));
  const pieces = eventsIn(...chunks).map((event) => relay.relay(event).bytes);
  return Buffer.concat([...pieces, relay.closing()]).toString('utf8');
};

const cuts = fc.array(fc.nat(5_000), { maxLength: 12 });
const cutAnywhere = (bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] =>
  cutAt(
    bytes,
    offsets.map((offset) => offset % (bytes.length + 1)),
  );

describe.each([
  ['chat', 'messages', openaiWire, anthropicWire, requestsInChat],
  ['messages', 'chat', anthropicWire, openaiWire, requestsInMessages],
])('a request in the words of %s, written in those of %s,', (_from, _to, client, target, requests) => {
  const { decode, write } = requestRig(client.codec);
  const readAgain = requestRig(target.codec).decode;

  it('asks the same, but for what is told as dropped', () => {
    let translated = 0;
    fc.assert(
      fc.property(requests, (made) => {
        const asked = decode(write(made).body);
        expect(asked).toEqual(made);
        const written = target.codec.encodeRequest(asked, thinker);
        if (!written.ok) {
          expect(written.fault.code).toBe('unsupported_feature');
          return;
        }
        translated += 1;
        const { body, dropped } = written.value;
        const again = readAgain(JSON.parse(Buffer.from(body).toString()));
        expect(normalRequest(again, asked, dropped)).toEqual(normalRequest(asked, asked, dropped));
        expect(again.hints).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(translated).toBeGreaterThan(150);
  });

  it.each<[string, Partial<GenerateRequest>]>([
    ['another word', { messages: [{ role: 'user', content: [{ type: 'text', text: 'ho' }] }] }],
    ['another bound', { outputTokensMax: 8 }],
    ['a stop sequence more', { stopSequences: ['b'] }],
    ['a choice more', { toolChoice: { type: 'none' } }],
    ['no tools', { tools: [] }],
    ['another form', { outputFormat: { type: 'json-object' } }],
    ['another user', { endUser: 'v' }],
    ['thinking', { reasoning: { mode: 'off', budgetTokens: null, effort: null, show: false } }],
  ])('would be found out with %s', (_, changes) => {
    const tools = [{ name: 'f', description: null, parameters: { type: 'object' }, strict: null }];
    const asked: GenerateRequest = { ...greeting, tools, outputTokensMax: 9, endUser: 'u' };
    expect(normalRequest({ ...asked, ...changes }, asked, [])).not.toEqual(normalRequest(asked, asked, []));
  });
});

const wordsOf = (content: readonly AnswerContent[], ...types: readonly AnswerContent['type'][]): string =>
  content.map((part) => (types.includes(part.type) && 'text' in part ? part.text : '')).join('');

const sumOf = (usage: Usage, ...buckets: readonly (keyof Usage)[]): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

const readUsage = (usage: Usage): AnswerRead['usage'] => [
  sumOf(usage, 'input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'inputAudio', 'inputImage'),
  sumOf(usage, 'cacheRead'),
  sumOf(usage, 'output', 'reasoning', 'outputAudio', 'outputImage'),
];

const callsOf = (content: readonly AnswerContent[]): AnswerRead['calls'] =>
  content.flatMap((part) =>
    part.type === 'tool-call' ? [[part.id, part.name, JSON.parse(part.arguments) as unknown] as const] : [],
  );

/** Values of the seals, all or those of one wire. */
const sealsOf = (content: readonly AnswerContent[], wire: string | null): readonly string[] =>
  content.flatMap((part) => {
    const seal = part.type === 'thinking' || part.type === 'redacted-thinking' ? part.seal : null;
    return seal === null || (wire !== null && seal.wire !== wire) ? [] : [seal.value];
  });

const chatEndings: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  pause: 'length',
  unknown: 'length',
};

/** What a client of the chat wire must read of what the vendor said. */
const asChat = ({ content, finish, usage }: Answer): AnswerRead => ({
  text: wordsOf(content, 'text'),
  thinking: wordsOf(content, 'thinking'),
  calls: callsOf(content),
  seals: sealsOf(content, null),
  ending: chatEndings[finish.reason],
  usage: usage === null ? null : readUsage(usage),
});

const messageEndings: Readonly<Record<Exclude<FinishReason, 'unknown'>, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  pause: 'pause_turn',
};

/** What a client of the messages wire must read: words of refusal are text, and seals of others mean nothing there. Where no usage was told, an estimate. */
const asMessage = ({ content, finish, usage }: Answer): AnswerRead => {
  const isRefused = finish.reason === 'stop' && content.some((part) => part.type === 'refusal');
  const ending = finish.reason === 'unknown' ? finish.native : messageEndings[finish.reason];
  return {
    text: wordsOf(content, 'text', 'refusal'),
    thinking: wordsOf(content, 'thinking'),
    calls: callsOf(content),
    seals: sealsOf(content, 'anthropic'),
    ending: isRefused ? 'refusal' : ending,
    usage: usage === null ? [frame.inputEstimateTokens, 0, 0] : readUsage(usage),
  };
};

describe.each([
  ['messages', 'chat', anthropicWire, openaiWire, answersInMessages, openaiClient, asChat],
  ['chat', 'messages', openaiWire, anthropicWire, answersInChat, anthropicClient, asMessage],
])('an answer in the words of %s, told in those of %s,', (_from, _to, vendor, client, answers, official, expected) => {
  it('is read by the official client as the vendor said it, wherever both streams are cut', async () => {
    await fc.assert(
      fc.asyncProperty(streamed(answers), cuts, cuts, async ({ answer, parts }, vendorCuts, clientCuts) => {
        const said = Buffer.from(encodeAll(vendor.codec.encodeStream(frame), parts));
        const sent = relayed(vendor, client, cutAnywhere(said, vendorCuts));
        expect(await official.readStream(Buffer.from(sent), clientCuts)).toEqual(expected(answer));
      }),
      { numRuns: 80 },
    );
  });

  it('is read so where it is whole', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const decoded = vendor.codec.decodeAnswer(vendor.codec.encodeAnswer(answer, frame));
        if (!decoded.ok) throw new Error(decoded.fault.cause);
        const { usage, ...read } = await official.readWhole(client.codec.encodeAnswer(decoded.value, frame));
        const { usage: told, ...rest } = expected(answer);
        expect(read).toEqual(rest);
        // Whole answers tell usage at once: there is no estimate before.
        expect(usage).toEqual(answer.usage === null && usage !== null ? [0, 0, 0] : told);
      }),
      { numRuns: 80 },
    );
  });
});

const chatVendors = ['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible'];

/** Recorded streams that are no whole answer. */
const broken = [
  'anthropic/spliced-message-start.chunks.txt',
  'groq/tool-use-failed-midstream.0.response.sse',
  'openrouter/midstream-error.response.sse',
];

describe.each([
  ['vendors of chat', 'messages', openaiWire, anthropicWire, chatVendors, judgeMessages],
  ['the vendor of messages', 'chat', anthropicWire, openaiWire, ['anthropic'], judgeChat],
])('recorded streams of %s', (_from, to, vendor, client, vendors, judge) => {
  const streams = vendors.flatMap(streamsOf);

  it('are all here', () => {
    expect(streams.length).toBeGreaterThan(15);
  });

  it.each(streams)(`keep the grammar of ${to}, and end only if they are whole: %s`, (path) => {
    const bytes = recordedStream(path);
    const sent = relayed(vendor, client, [bytes]);
    expect(judge(sent)).toEqual({ fault: null, whole: !broken.some((name) => path.endsWith(name)) });
    fc.assert(
      fc.property(cuts, (offsets) => {
        expect(relayed(vendor, client, cutAnywhere(bytes, offsets))).toBe(sent);
      }),
      { numRuns: 5 },
    );
  });

  it('keep it also where they are cut off after any of their bytes, and have no end then', () => {
    const path = streams.find((one) => !broken.some((name) => one.endsWith(name))) ?? '';
    const bytes = recordedStream(path);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        const { fault, whole } = judge(relayed(vendor, client, [bytes.subarray(0, length)]));
        expect(fault).toBeNull();
        const saidWhy = /"(?:finish_reason|stop_reason)": ?"/.test(bytes.subarray(0, length).toString());
        expect(saidWhy || !whole).toBe(true);
      }),
    );
  });
});

const sample: Answer = {
  id: 'a1',
  model: 'm-1',
  content: [
    { type: 'thinking', text: 'so', seal: { wire: 'anthropic', value: 'S' } },
    { type: 'text', text: 'I call two' },
    { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
    { type: 'tool-call', id: 'c2', name: 'g', arguments: '{}' },
  ],
  finish: { reason: 'tool-calls', native: 'tool_use', stopSequence: null },
  usage: { input: 1, output: 2 },
};

describe.each([
  ['chat', openaiWire, judgeChat, judgeMessages],
  ['messages', anthropicWire, judgeMessages, judgeChat],
])('the checker of the grammar of %s', (_, wire, judge, judgeOther) => {
  const events = encodeAll(wire.codec.encodeStream(frame), partsOf(sample, [3])).split(/(?<=\n\n)/);
  /** Words may be any, and a count may be missing. */
  const isFree = (event: string): boolean => /"delta":\{"(?:content|reasoning)|"(?:text|thinking)_delta"/.test(event);
  const isSpare = (event: string): boolean => /"signature_delta"|"usage":\{"prompt/.test(event);

  it('takes what is whole, and not for the other wire’s', () => {
    expect(judge(events.join(''))).toEqual({ fault: null, whole: true });
    expect(judgeOther(events.join('')).fault).not.toBeNull();
  });

  it.each(events.map((event, at) => [at, event] as const))('misses event %i, or finds it twice: %s', (at, event) => {
    const without = judge(events.toSpliced(at, 1).join(''));
    const twice = judge(events.toSpliced(at, 0, event).join(''));
    expect(without.fault === null && without.whole).toBe(isFree(event) || isSpare(event));
    expect(twice.fault === null).toBe(isFree(event));
  });

  it.each([0, 1, 2, 3])('knows a stream that ends %i events early', (missing) => {
    const { fault, whole } = judge(events.slice(0, events.length - missing).join(''));
    expect({ fault, whole }).toEqual({ fault: null, whole: missing === 0 });
  });
});
