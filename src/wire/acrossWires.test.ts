import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer, AnswerContent, FinishReason, GenerateRequest, Seal, Usage } from '../vocabulary/index.ts';
import { anthropicWire } from './anthropic/anthropicWire.ts';
import { answers as answersInMessages } from './anthropic/codec/answers.fixture.ts';
import { requests as requestsInMessages } from './anthropic/codec/requests.fixture.ts';
import { assemble, decodeAll, encodeAll, eventsOf, frame, partsOf, streamed } from './codec/answers.fixture.ts';
import type { StreamDecoder } from './codec/Codec.ts';
import { handedSeal } from './codec/handedSeal.ts';
import { greeting, requestRig, thinker } from './codec/requests.fixture.ts';
import { answers as answersInGemini } from './gemini/codec/answers.fixture.ts';
import { requests as requestsInGemini } from './gemini/codec/requests.fixture.ts';
import { geminiWire } from './gemini/geminiWire.ts';
import { normalRequest } from './normalRequest.fixture.ts';
import {
  anthropicClient,
  geminiClient,
  openaiClient,
  responsesClient,
  type AnswerRead,
} from './officialClients.fixture.ts';
import { answers as answersInChat } from './openai/codec/answers.fixture.ts';
import { requests as requestsInChat } from './openai/codec/requests.fixture.ts';
import { openaiWire } from './openai/openaiWire.ts';
import { TranslatingRelay } from './passage/TranslatingRelay.ts';
import { cutAt, eventsIn, factsFor, recordedStream, streamsOf } from './recordings.fixture.ts';
import { answers as answersInResponses } from './responses/codec/answers.fixture.ts';
import { requests as requestsInResponses } from './responses/codec/requests.fixture.ts';
import { responsesWire } from './responses/responsesWire.ts';
import { judgeChat, judgeGenerated, judgeMessages, judgeResponses } from './streamGrammar.fixture.ts';
import { continued, followed } from './seam/spliced.fixture.ts';
import type { Wire } from './wire.ts';

/** How hard to think each wire says on a scale of its own, and not all can say whether it is shown. */
const unthoughtInGemini = requestsInGemini.map((request): GenerateRequest => ({ ...request, reasoning: null }));

const facts = new Map([
  [openaiWire, factsFor(openaiWire, 'generate', { model: 'm', messages: [], stream: true })],
  [anthropicWire, factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true })],
  [geminiWire, factsFor(geminiWire, 'generate', { contents: [] })],
  [responsesWire, factsFor(responsesWire, 'generate', { model: 'm', input: [], stream: true })],
]);

const decoderOf = (vendor: Wire): StreamDecoder => {
  const asked = facts.get(vendor);
  if (asked === undefined) throw new Error(vendor.name);
  return vendor.codec.decodeStream(asked);
};

/** What a client is sent of a vendor's stream that arrives in these chunks. */
const relayed = (vendor: Wire, client: Wire, chunks: readonly Uint8Array[]): string => {
  const relay = new TranslatingRelay(decoderOf(vendor), client.codec, frame);
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
  ['chat', 'gemini', openaiWire, geminiWire, requestsInChat],
  ['messages', 'gemini', anthropicWire, geminiWire, requestsInMessages],
  ['gemini', 'chat', geminiWire, openaiWire, unthoughtInGemini],
  ['gemini', 'messages', geminiWire, anthropicWire, unthoughtInGemini],
  ['responses', 'gemini', responsesWire, geminiWire, requestsInResponses],
  ['gemini', 'responses', geminiWire, responsesWire, unthoughtInGemini],
  ['responses', 'chat', responsesWire, openaiWire, requestsInResponses],
  ['responses', 'messages', responsesWire, anthropicWire, requestsInResponses],
  ['chat', 'responses', openaiWire, responsesWire, requestsInChat],
  ['messages', 'responses', anthropicWire, responsesWire, requestsInMessages],
])('a request in the words of %s, written in those of %s,', (_from, _to, client, target, requests) => {
  const { write } = requestRig(client.codec);
  /** Where a body does not say them, model and stream stand in the path. */
  const read = (wire: Wire, body: Uint8Array, words: GenerateRequest): GenerateRequest => {
    const decoded = wire.codec.decodeRequest(body, words);
    if (!decoded.ok) throw new Error(decoded.fault.message);
    return decoded.value;
  };

  it('asks the same, but for what is told as dropped', () => {
    let translated = 0;
    fc.assert(
      fc.property(requests, (made) => {
        const asked = read(client, write(made).bytes, made);
        expect(asked).toEqual(made);
        const written = target.codec.encodeRequest(asked, thinker);
        if (!written.ok) {
          expect(written.fault.code).toBe('unsupported_feature');
          return;
        }
        translated += 1;
        const { body, dropped } = written.value;
        const again = read(target, body, asked);
        expect(normalRequest(again, asked, dropped)).toEqual(normalRequest(asked, asked, dropped));
        expect(again.hints).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(translated).toBeGreaterThan(15);
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

/** Values of the seals on these kinds of content, all or those of one wire. */
const sealsOf = (
  content: readonly AnswerContent[],
  wire: string | null,
  ...types: readonly AnswerContent['type'][]
): readonly string[] =>
  content.flatMap((part) => {
    const seal = 'seal' in part && types.includes(part.type) ? (part.seal ?? null) : null;
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
  seals: [...sealsOf(content, null, 'thinking', 'redacted-thinking'), ...sealsOf(content, 'gemini', 'tool-call')],
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

/** The seals in the order of the content that they are on, as a client keeps them. */
const keptSeals = (content: readonly AnswerContent[], kept: (seal: Seal) => string): readonly string[] =>
  content.flatMap((part) => {
    const seal = 'seal' in part && part.type !== 'text' ? (part.seal ?? null) : null;
    return seal === null ? [] : [kept(seal)];
  });

/** What a client of the messages wire must read: words of refusal are text, and seals of others say whose they are. Where no usage was told, an estimate. */
const asMessage = ({ content, finish, usage }: Answer): AnswerRead => {
  const isRefused = finish.reason === 'stop' && content.some((part) => part.type === 'refusal');
  const ending = finish.reason === 'unknown' ? finish.native : messageEndings[finish.reason];
  return {
    text: wordsOf(content, 'text', 'refusal'),
    thinking: wordsOf(content, 'thinking'),
    calls: callsOf(content),
    seals: keptSeals(content, (seal) => (seal.wire === 'anthropic' ? seal.value : handedSeal(seal, frame.sealedAt))),
    ending: isRefused ? 'refusal' : ending,
    usage: usage === null ? [frame.inputEstimateTokens, 0, 0] : readUsage(usage),
  };
};

const geminiEndings: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'context-length': 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  pause: 'OTHER',
  unknown: 'OTHER',
};

/** What a client of the gemini wire must read: words of refusal are text, and seals of others mean nothing there. */
const asGemini = ({ content, finish, usage }: Answer): AnswerRead => {
  const isRefused = finish.reason === 'stop' && content.some((part) => part.type === 'refusal');
  return {
    text: wordsOf(content, 'text', 'refusal'),
    thinking: wordsOf(content, 'thinking'),
    calls: callsOf(content),
    seals: sealsOf(content, 'gemini', 'thinking', 'redacted-thinking', 'text', 'tool-call'),
    ending: isRefused ? 'SAFETY' : geminiEndings[finish.reason],
    usage: usage === null ? null : readUsage(usage),
  };
};
const responseEndings: Readonly<Record<FinishReason, string>> = {
  stop: 'completed',
  'tool-calls': 'completed',
  length: 'max_output_tokens',
  'context-length': 'max_output_tokens',
  'content-filter': 'content_filter',
  pause: 'max_output_tokens',
  unknown: 'max_output_tokens',
};

/** What a client of the responses wire must read: seals say there whose they are. */
const asResponse = ({ content, finish, usage }: Answer): AnswerRead => ({
  text: wordsOf(content, 'text'),
  thinking: wordsOf(content, 'thinking'),
  calls: callsOf(content),
  seals: keptSeals(content, (seal) => handedSeal(seal, frame.sealedAt)),
  ending: responseEndings[finish.reason],
  usage: usage === null ? null : readUsage(usage),
});

describe.each([
  ['messages', 'chat', anthropicWire, openaiWire, answersInMessages, openaiClient, asChat],
  ['chat', 'messages', openaiWire, anthropicWire, answersInChat, anthropicClient, asMessage],
  ['gemini', 'chat', geminiWire, openaiWire, answersInGemini, openaiClient, asChat],
  ['gemini', 'messages', geminiWire, anthropicWire, answersInGemini, anthropicClient, asMessage],
  ['chat', 'gemini', openaiWire, geminiWire, answersInChat, geminiClient, asGemini],
  ['messages', 'gemini', anthropicWire, geminiWire, answersInMessages, geminiClient, asGemini],
  ['gemini', 'responses', geminiWire, responsesWire, answersInGemini, responsesClient, asResponse],
  ['responses', 'gemini', responsesWire, geminiWire, answersInResponses, geminiClient, asGemini],
  ['messages', 'responses', anthropicWire, responsesWire, answersInMessages, responsesClient, asResponse],
  ['chat', 'responses', openaiWire, responsesWire, answersInChat, responsesClient, asResponse],
  ['responses', 'chat', responsesWire, openaiWire, answersInResponses, openaiClient, asChat],
  ['responses', 'messages', responsesWire, anthropicWire, answersInResponses, anthropicClient, asMessage],
])('an answer in the words of %s, told in those of %s,', (_from, _to, vendor, client, answers, official, expected) => {
  it('is read by the official client as the vendor said it, wherever both streams are cut', async () => {
    await fc.assert(
      fc.asyncProperty(streamed(answers), cuts, cuts, async ({ answer, parts }, vendorCuts, clientCuts) => {
        const said = Buffer.from(encodeAll(vendor.codec.encodeStream(frame), parts));
        const sent = relayed(vendor, client, cutAnywhere(said, vendorCuts));
        expect(await official.readStream(Buffer.from(sent), clientCuts)).toEqual(expected(answer));
      }),
      { numRuns: 40 },
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
      { numRuns: 40 },
    );
  });
});

const chatVendors = ['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter', 'xai', 'openai-compatible'];

/** Recorded streams that are no whole answer. */
const broken = [
  'anthropic/duplicate-message-start.chunks.txt',
  'anthropic/spliced-message-start.chunks.txt',
  'groq/tool-use-failed-midstream.0.response.sse',
  'openrouter/midstream-error.response.sse',
  'responses/openai-error.1.chunks.txt',
  'responses/parallel-tool-call-wrapper.1.chunks.txt',
];

/** Who holds a stream to the grammar of a wire, who reads it, and what of an answer they must read. */
const readers = {
  chat: { judge: judgeChat, official: openaiClient, expected: asChat },
  messages: { judge: judgeMessages, official: anthropicClient, expected: asMessage },
  gemini: { judge: judgeGenerated, official: geminiClient, expected: asGemini },
  responses: { judge: judgeResponses, official: responsesClient, expected: asResponse },
};

/** Where the vendor gave a call no id, it is ours to give. */
const withAnyIds = ({ calls, ...rest }: AnswerRead): unknown => ({
  ...rest,
  calls: calls.map(([id, ...call]) => [id === '' ? expect.stringMatching(/./) : id, ...call]),
});

describe.each([
  ['vendors of chat', 'messages', openaiWire, anthropicWire, chatVendors],
  ['the vendor of messages', 'chat', anthropicWire, openaiWire, ['anthropic']],
  ['vendors of chat', 'gemini', openaiWire, geminiWire, chatVendors],
  ['the vendor of messages', 'gemini', anthropicWire, geminiWire, ['anthropic']],
  ['the vendor of gemini', 'chat', geminiWire, openaiWire, ['google']],
  ['the vendor of gemini', 'messages', geminiWire, anthropicWire, ['google']],
  ['vendors of chat', 'responses', openaiWire, responsesWire, chatVendors],
  ['the vendor of messages', 'responses', anthropicWire, responsesWire, ['anthropic']],
  ['the vendor of gemini', 'responses', geminiWire, responsesWire, ['google']],
  ['vendors of responses', 'gemini', responsesWire, geminiWire, ['responses']],
  ['vendors of responses', 'chat', responsesWire, openaiWire, ['responses']],
  ['vendors of responses', 'messages', responsesWire, anthropicWire, ['responses']],
] as const)('recorded streams of %s', (_from, to, vendor, client, vendors) => {
  const { judge, official, expected } = readers[to];
  const streams = vendors.flatMap(streamsOf);

  it('are all here', () => {
    expect(streams.length).toBeGreaterThan(8);
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

  const whole = streams.filter((path) => !broken.some((name) => path.endsWith(name)));

  it.each(whole)(`are read by the official client of ${to} as the vendor said it: %s`, async (path) => {
    const bytes = recordedStream(path);
    const said = assemble(decodeAll(decoderOf(vendor), eventsIn(bytes)));
    const read = await official.readStream(Buffer.from(relayed(vendor, client, [bytes])), [7, 77, 777, 1_777]);
    expect(read).toEqual(withAnyIds(expected(said)));
  });

  it('keep it also where they are cut off after any of their bytes, and have no end then', () => {
    const path = streams.find((one) => !broken.some((name) => one.endsWith(name))) ?? '';
    const bytes = recordedStream(path);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        const { fault, whole } = judge(relayed(vendor, client, [bytes.subarray(0, length)]));
        expect(fault).toBeNull();
        const saidWhy = /"(?:finish_reason|stop_reason|finishReason)": ?"/.test(bytes.subarray(0, length).toString());
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
  ['chat', openaiWire, openaiClient],
  ['messages', anthropicWire, anthropicClient],
  ['gemini', geminiWire, geminiClient],
  ['responses', responsesWire, responsesClient],
])('an answer that broke off and was gone on with', (name, client, official) => {
  const sayingWords = (text: string): Answer => ({ ...sample, content: [{ type: 'text', text }], finish: ended });
  const ended = { reason: 'stop', native: null, stopSequence: null } as const;
  const said = sayingWords('One vendor says this much, and then it bre');
  const rest = eventsOf(
    encodeAll(anthropicWire.codec.encodeStream(frame), partsOf(sayingWords('aks off; another one goes on.'), [3])),
  );

  it.each([
    ['came as it was', client],
    ['was translated', client === openaiWire ? anthropicWire : openaiWire],
  ])(`is one answer for the official client of ${name}, where the first part %s`, async (_, vendor) => {
    const events = eventsOf(encodeAll(vendor.codec.encodeStream(frame), partsOf(said, [2, 3])));
    for (const cut of [6, 9, 12]) {
      const relay = followed(vendor, client);
      const before = Buffer.concat(events.slice(0, cut).map((event) => relay.relay(event).bytes));
      const { running = null } = relay;
      if (running === null) throw new Error('the answer runs');
      const whole = Buffer.concat([before, Buffer.from(continued(running, anthropicWire, rest).sse)]);
      const read = await official.readStream(whole, [cut, 30 * cut]);
      expect(read.text).toBe(`${running.text}aks off; another one goes on.`);
      expect(read.usage).toEqual([6, 0, 5]);
    }
  });
});

describe.each([
  ['chat', openaiWire, judgeChat, judgeMessages],
  ['messages', anthropicWire, judgeMessages, judgeResponses],
  ['responses', responsesWire, judgeResponses, judgeMessages],
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
