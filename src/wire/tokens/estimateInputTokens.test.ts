import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { inputBuckets, type GenerateRequest, type Message, type UserPart } from '../../vocabulary/index.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { anthropicCodec } from '../anthropic/codec/anthropicCodec.ts';
import type { Codec } from '../codec/Codec.ts';
import { isJsonObject, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { openaiCodec } from '../openai/codec/openaiCodec.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { eventsIn, factsFor, fixtureJson, observeAll, recordedAnswer, recordingsOf } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import type { Wire } from '../wire.ts';
import { estimateInputTokens } from './estimateInputTokens.ts';

interface Side {
  readonly wire: Wire;
  readonly codec: Codec;
}

const anthropic: Side = { wire: anthropicWire, codec: anthropicCodec };
const openai: Side = { wire: openaiWire, codec: openaiCodec };

const vendors: readonly (readonly [string, Side])[] = [
  ['anthropic', anthropic],
  ...['openai', 'azure', 'deepseek', 'groq', 'mistral', 'openrouter'].map((vendor) => [vendor, openai] as const),
];

const decoded = ({ codec }: Side, body: JsonObject): GenerateRequest => {
  const read = codec.decodeRequest(utf8Bytes(JSON.stringify({ model: 'deployment', ...body })));
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
};

const reportedTokens = ({ wire }: Side, path: string, body: JsonObject): number => {
  const answer = recordedAnswer(path);
  if (answer.status !== 200) return 0;
  const facts = factsFor(wire, 'generate', { model: 'm', messages: [], max_tokens: 1, stream: true });
  const read = body['stream'] === true ? null : wire.readAnswer('generate', answer.body);
  const usage =
    read === null ? observeAll(wire, facts, eventsIn(answer.body)).end.usage : read.ok ? read.value.usage : null;
  return inputBuckets.reduce((sum, bucket) => sum + (usage?.[bucket] ?? 0), 0);
};

const isText = ({ type }: Message['content'][number]): boolean => !['image', 'file', 'audio'].includes(type);

const exchangeIn = (side: Side, path: string) => {
  const recorded = fixtureJson(path);
  const exchange = isJsonObject(recorded) ? objectIn(recorded, 'request') : null;
  const body = objectIn(exchange, 'body');
  const isGenerate = /\/(?:messages|chat\/completions)(?:[?#]|$)/.test(textIn(exchange, 'uri') ?? '');
  // Longer strings were cut when the recording was published, and the count is of the whole.
  if (body === null || !isGenerate || JSON.stringify(body).includes('cut here by the curator')) return [];
  const reported = reportedTokens(side, path, body);
  if (reported === 0) return [];
  const request = decoded(side, body);
  // What a vendor's own tools fetch is reported as input, and is not in the request.
  if (request.natives.length > 0 || !request.messages.every(({ content }) => content.every(isText))) return [];
  return [{ path, request, reported }];
};

const exchanges = vendors.flatMap(([vendor, side]) =>
  recordingsOf(vendor, '.json').flatMap((path) => exchangeIn(side, path)),
);

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('the estimate for recorded exchanges', () => {
  it('has many to stand on', () => {
    expect(exchanges.length).toBeGreaterThan(50);
  });

  it.each(exchanges)('is not below what was reported for $path', ({ request, reported }) => {
    expect(estimateInputTokens(request)).toBeGreaterThanOrEqual(reported);
  });

  it('is at most twice of it in the middle, where fixed additions do not rule', () => {
    const ratios = exchanges
      .filter(({ reported }) => reported >= 100)
      .map(({ request, reported }) => estimateInputTokens(request) / reported);
    expect(ratios.length).toBeGreaterThan(15);
    expect(median(ratios)).toBeLessThanOrEqual(2);
  });

  it('is not far above it for a small one', () => {
    for (const { path, request, reported } of exchanges) {
      if (reported < 100) expect([path, estimateInputTokens(request) - reported < 900]).toEqual([path, true]);
    }
  });
});

const asking = (...content: UserPart[]): GenerateRequest => ({
  ...decoded(openai, { messages: [] }),
  messages: [{ role: 'user', content }],
});

const tokensOf = (text: string): number => estimateInputTokens(asking({ type: 'text', text }));

/** As counted by the tokenizer that takes most tokens for it, of seven. */
const countedTexts: readonly (readonly [string, number])[] = [
  ['1234567890 2026-11-27T03:10:15.123Z', 35],
  ['{"name":"get_weather","parameters":{"type":"object"}}', 14],
  ['数据库连接失败', 3],
  ['مرحبا بالعالم', 10],
  ['नमस्ते दुनिया', 15],
  ['👩‍👩‍👧‍👦🚀', 21],
  ['    return x;\n\n\n\t\tif (a) {', 11],
  ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 58],
  ['EtUFCkYIBxgCKkAE46qlfUcG4eBdm3DIVpKCXPk', 28],
];

describe('the estimate of a text', () => {
  it.each(countedTexts)('is not below the costliest tokenizer for %s', (text, counted) => {
    expect(tokensOf(text.repeat(20)) - tokensOf('')).toBeGreaterThanOrEqual(counted * 20);
  });

  it('grows with the text, wherever it is added', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, text, (before, added, after) => {
        expect(tokensOf(before + added + after)).toBeGreaterThanOrEqual(tokensOf(before + after));
      }),
    );
  });

  it('is of use: a page of English stays below one token for two letters', () => {
    const page = 'The gateway never waits for the database: keys, policy and prices are an in-memory snapshot. '.repeat(
      30,
    );
    expect(tokensOf(page)).toBeLessThan(page.length / 2);
  });
});

describe('the estimate of a request', () => {
  const pieces: readonly UserPart[] = [
    { type: 'text', text: 'a' },
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    { type: 'file', name: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data: 'A'.repeat(4_000) } },
    { type: 'file', name: null, source: { type: 'stored', wire: 'anthropic', id: 'file_1' } },
    { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'A'.repeat(400) } },
    { type: 'tool-result', callId: 'call_1', content: [{ type: 'text', text: 'sunny' }], isError: false },
  ];

  it.each(pieces)('grows with a part of type $type', (piece) => {
    expect(estimateInputTokens(asking(piece))).toBeGreaterThan(estimateInputTokens(asking()));
  });

  it('reads a file of text as text', () => {
    const digits = '0123456789'.repeat(100);
    const data = Buffer.from(digits).toString('base64');
    const file = asking({ type: 'file', name: null, source: { type: 'base64', mediaType: 'text/plain', data } });
    expect(estimateInputTokens(file)).toBe(tokensOf(digits));
  });

  it('grows with messages, tools, a schema and thinking, and does not count seals', () => {
    const request = asking({ type: 'text', text: 'Hello' });
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const tool = { name: 'get_weather', description: null, parameters: schema, strict: null };
    const tokens = estimateInputTokens(request);
    expect(estimateInputTokens({ ...request, messages: [...request.messages, ...request.messages] })).toBeGreaterThan(
      tokens,
    );
    const withTool = estimateInputTokens({ ...request, tools: [tool] });
    expect(withTool).toBeGreaterThan(tokens);
    expect(estimateInputTokens({ ...request, tools: [tool, tool] })).toBeGreaterThan(withTool);
    const outputFormat = { type: 'json-schema', name: null, description: null, schema, strict: null } as const;
    expect(estimateInputTokens({ ...request, outputFormat })).toBeGreaterThan(tokens);
    const reasoning = { mode: 'adaptive', budgetTokens: null, effort: null, show: false } as const;
    expect(estimateInputTokens({ ...request, reasoning })).toBeGreaterThan(tokens);

    const thought = (value: string): Message => ({
      role: 'assistant',
      content: [
        { type: 'thinking', text: 'so', seal: { wire: 'anthropic', value } },
        { type: 'redacted-thinking', seal: { wire: 'anthropic', value } },
        { type: 'tool-call', id: 'call_1', name: 'get_weather', arguments: '{}' },
        { type: 'refusal', text: 'No.' },
      ],
    });
    const estimateOf = (value: string) => estimateInputTokens({ ...request, messages: [thought(value)] });
    expect(estimateOf('x'.repeat(5_000))).toBe(estimateOf('x'));
  });
});
