// Clients who ask for vectors, served by targets of other wires: the official SDK of the client's wire, vendors on loopback.
import OpenAI from 'openai';
import { afterAll, describe, expect, test } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream, type Script } from '../../test/rigs/ScriptedUpstream.ts';
import { silentLog, silentMetrics } from '../kernel/index.ts';
import type { TranslationKind } from '../wire/index.ts';
import {
  logicalModel,
  TestGateway,
  type TestGatewayOptions,
  type TestReply,
  type TestTarget,
} from './openTestGateway.fixture.ts';
import { TranslationThread } from './translation/TranslationThread.ts';
import type { Translator } from './translation/Translator.ts';

const end = endAfterEach();
const titan = 'amazon.titan-embed-text-v2:0';
const cohere = 'cohere.embed-english-v3';

const thread = new TranslationThread({ log: silentLog, metrics: silentMetrics });
afterAll(() => thread.close());

const open = async (
  targets: readonly Omit<TestTarget, 'upstream' | 'provider'>[],
  options: Omit<TestGatewayOptions, 'targets'> = {},
) => {
  const upstreams = await Promise.all(targets.map(() => ScriptedUpstream.open()));
  for (const upstream of upstreams) end(() => upstream[Symbol.asyncDispose]());
  const gateway = new TestGateway({
    ...options,
    targets: targets.map((target, index) => ({ ...target, provider: `p${index}`, upstream: upstreams[index]! })),
  });
  end(() => gateway[Symbol.asyncDispose]());
  const replies: TestReply[] = [];
  const openai = new OpenAI({
    apiKey: 'none',
    baseURL: 'http://sdk.invalid/v1',
    maxRetries: 0,
    fetch: async (_url, init) => {
      const said = typeof init?.body === 'string' ? init.body : '';
      const body = { ...(JSON.parse(said) as object), messages: undefined };
      const reply = await gateway.ask({ path: '/v1/embeddings', body });
      replies.push(reply);
      return new Response(reply.text, { status: reply.status, headers: reply.headers });
    },
  });
  const serve = (script: Script, index = 0): void => void upstreams[index]!.next(script);
  const calls = (index = 0) =>
    upstreams[index]!.calls.map(({ path, body }) => ({ path, body: JSON.parse(body.toString()) as unknown }));
  return { gateway, openai, serve, calls, reply: () => replies.at(-1)! };
};

const vector = [0.6, -0.8];
const rounded = vector.map((number) => expect.closeTo(number, 6) as unknown);

describe('the SDK of OpenAI gets vectors', () => {
  test('of Titan, with the tokens that it counted', async () => {
    const { gateway, openai, serve, calls, reply } = await open([{ wire: 'bedrock', model: titan }]);
    serve(answer(200, { embedding: vector, inputTextTokenCount: 3 }, { 'x-amzn-bedrock-input-token-count': '3' }));
    const { data, usage, model } = await openai.embeddings.create({
      model: logicalModel,
      input: 'tide',
      dimensions: 2,
    });
    expect(data).toEqual([{ object: 'embedding', index: 0, embedding: rounded }]);
    expect([usage, model]).toEqual([{ prompt_tokens: 3, total_tokens: 3 }, logicalModel]);
    expect(calls()).toEqual([
      {
        path: '/model/amazon.titan-embed-text-v2%3A0/invoke',
        body: { inputText: 'tide', dimensions: 2, normalize: true },
      },
    ]);
    expect(reply().headers['x-archipel-target']).toBe(`p0/${titan}`);
    expect(gateway.journal.finals).toMatchObject([
      { operation: 'embed', basis: 'reported', usage: { input: 3 }, outcome: { kind: 'ok' }, amountNanoUsd: '3000' },
    ]);
  });

  test('of Cohere, several at once', async () => {
    const { gateway, openai, serve, calls } = await open([{ wire: 'bedrock', model: cohere }]);
    const embeddings = { float: [vector, [1, 0]] };
    serve(answer(200, { embeddings }, { 'x-amzn-bedrock-input-token-count': '9' }));
    const { data, usage } = await openai.embeddings.create({
      model: logicalModel,
      input: ['tide', 'wave'],
      encoding_format: 'float',
    });
    expect(data.map(({ embedding }) => embedding)).toEqual([vector, [1, 0]]);
    expect(usage.prompt_tokens).toBe(9);
    expect(calls()).toMatchObject([{ body: { texts: ['tide', 'wave'], input_type: 'search_document' } }]);
    expect(gateway.journal.finals).toMatchObject([{ basis: 'reported', usage: { input: 9 } }]);
  });

  test('of Gemini, which counts nothing: the estimate is booked and told', async () => {
    const { gateway, openai, serve, calls } = await open([{ wire: 'gemini', model: 'gemini-embedding-001' }]);
    serve(answer(200, { embeddings: [{ values: [3, -4] }] }));
    const { data, usage } = await openai.embeddings.create({ model: logicalModel, input: 'tide' });
    expect(data[0]?.embedding).toEqual(rounded);
    expect(calls()).toEqual([
      {
        path: '/v1beta/models/gemini-embedding-001:batchEmbedContents',
        body: { requests: [{ model: 'models/gemini-embedding-001', content: { parts: [{ text: 'tide' }] } }] },
      },
    ]);
    const [final] = gateway.journal.finals;
    expect(final).toMatchObject({ basis: 'estimated', usage: { input: usage.prompt_tokens } });
    expect(usage.prompt_tokens).toBeGreaterThan(1);
  });

  test('of Azure, byte for byte as it answers', async () => {
    const { openai, serve, calls, reply } = await open([
      { wire: 'azure-openai', model: 'our embed', query: 'api-version=2024-10-21' },
    ]);
    const body = `{ "object":"list","data":[{"object":"embedding","index":0,"embedding":"${Buffer.alloc(8).toString('base64')}"}],"model":"x","usage":{"prompt_tokens":2,"total_tokens":2} }`;
    serve(answer(200, body));
    const { data } = await openai.embeddings.create({ model: logicalModel, input: [[1, 2]] });
    expect(data[0]?.embedding).toEqual([0, 0]);
    expect(reply().text).toBe(body);
    expect(calls()).toMatchObject([
      { path: '/openai/deployments/our%20embed/embeddings?api-version=2024-10-21', body: { input: [[1, 2]] } },
    ]);
  });
});

describe('vectors above inlineBytes', () => {
  const given: TranslationKind[] = [];
  const watched: Translator = {
    translate: (kind, job, abandonment) => {
      given.push(kind);
      return thread.translate(kind, job, abandonment);
    },
  };
  /** Once translated apart, and once here. */
  const bounds = [1, 262_144] as const;
  const texts = { input: ['tide', 'wave'], messages: undefined };

  test.each([
    ['gemini', 'gemini-embedding-001', { embeddings: [{ values: [3, -4] }, { values: vector }] }, 'float'],
    ['bedrock', cohere, { embeddings: { float: [[3, -4], vector] } }, 'base64'],
    [
      'vertex',
      'text-embedding-005',
      {
        predictions: [
          { embeddings: { values: [1, 0], statistics: { token_count: 3 } } },
          { embeddings: { values: vector } },
        ],
      },
      'float',
    ],
  ])('are said to %s, and its answer to the client, byte for byte as small ones are', async (...way) => {
    const [wire, model, said, encoding] = way;
    const seen: unknown[] = [];
    for (const inlineBytes of bounds) {
      given.length = 0;
      const { gateway, serve, calls } = await open([{ wire, model }], { translator: watched, limits: { inlineBytes } });
      serve(answer(200, said, { 'x-amzn-bedrock-input-token-count': '9' }));
      const body = { ...texts, encoding_format: encoding, user: 'u' };
      const reply = await gateway.ask({ path: '/v1/embeddings', body });
      const [final] = gateway.journal.finals;
      seen.push([calls(), reply.status, reply.text, reply.headers['x-archipel-dropped'], final?.basis, final?.usage]);
      expect(given).toEqual(inlineBytes === 1 ? ['embed', 'vectors'] : []);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual(expect.arrayContaining([200, expect.stringContaining('"embedding"'), 'user']));
  });

  test('that are none are left for another target', async () => {
    const targets = [
      { wire: 'gemini', inputPerMTok: '1' },
      { wire: 'gemini', inputPerMTok: '2' },
    ];
    const { gateway, serve } = await open(targets, { translator: watched, limits: { inlineBytes: 1 } });
    serve(answer(200, { embeddings: [{ values: [1, 0] }] }));
    serve(answer(200, { embeddings: [{ values: [1, 0] }, { values: vector }] }), 1);
    const reply = await gateway.ask({ path: '/v1/embeddings', body: texts });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'p1/vendor-model']);
    const [failed] = gateway.journal.finals;
    expect(failed?.outcome).toMatchObject({ kind: 'failed', failure: { class: 'protocol', cause: 'not_an_answer' } });
  });

  test.each([
    ['tokens', { input: [1, 2] }],
    ['what is wrong in itself', { input: [''] }],
    ['what nobody knows', { input: 'tide', truncate: 'END' }],
  ])('are refused as small ones are: %s', async (_, asked) => {
    const seen: unknown[] = [];
    for (const inlineBytes of bounds) {
      const { gateway, calls } = await open([{ wire: 'gemini' }], { translator: watched, limits: { inlineBytes } });
      const reply = await gateway.ask({ path: '/v1/embeddings', body: { ...asked, messages: undefined } });
      const { error } = reply.json;
      seen.push([reply.status, reply.headers['x-archipel-error'], { ...(error as object), request_id: '' }, calls()]);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject([400, expect.any(String), {}, []]);
  });
});

describe('what a target cannot be told', () => {
  test('goes to one that can, before any attempt is spent', async () => {
    const targets = [
      { wire: 'bedrock', model: titan, inputPerMTok: '1' },
      { wire: 'openai', inputPerMTok: '2' },
    ];
    const { gateway, openai, serve, calls } = await open(targets);
    const data = [{ object: 'embedding', index: 0, embedding: [1] }];
    for (const input of [
      ['tide', 'wave'],
      [1, 2],
    ]) {
      serve(answer(200, { object: 'list', data, usage: { prompt_tokens: 1, total_tokens: 1 } }), 1);
      await openai.embeddings.create({ model: logicalModel, input: input as string[], encoding_format: 'float' });
    }
    expect([calls(0), calls(1).length, gateway.journal.finals.length]).toEqual([[], 2, 2]);
  });

  test.each([
    ['several texts', { input: ['tide', 'wave'] }, 'takes one text a call'],
    ['tokens', { input: [1, 2] }, 'Tokens in `input`'],
    ['what nobody knows', { input: 'tide', truncate: 'END' }, 'has no word for truncate'],
  ])('is refused in so many words where nobody can: %s', async (_, body, words) => {
    const { gateway } = await open([{ wire: 'bedrock', model: titan }]);
    const reply = await gateway.ask({ path: '/v1/embeddings', body: { ...body, messages: undefined } });
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect(reply.text).toContain(words);
    expect(gateway.journal.records.map(({ type }) => type)).toEqual(['request']);
  });

  test('nor is what is wrong in itself told to anybody', async () => {
    const { gateway, calls } = await open([{ wire: 'gemini' }]);
    const reply = await gateway.ask({ path: '/v1/embeddings', body: { input: [''], messages: undefined } });
    expect([reply.status, reply.headers['x-archipel-error'], calls()]).toEqual([400, 'bad_request', []]);
  });
});

describe('a vendor that answers wrongly', () => {
  test('is left for another one: a vector of another length spoils what a client has', async () => {
    const { gateway, openai, serve } = await open([
      { wire: 'bedrock', model: titan, inputPerMTok: '1' },
      { wire: 'gemini', inputPerMTok: '2' },
    ]);
    serve(answer(200, { embedding: [1, 0, 0], inputTextTokenCount: 1 }));
    serve(answer(200, { embeddings: [{ values: vector }] }), 1);
    const { data } = await openai.embeddings.create({ model: logicalModel, input: 'tide', dimensions: 2 });
    expect(data[0]?.embedding).toEqual(rounded);
    const outcomes = gateway.journal.finals.map(({ outcome }) => outcome);
    expect(outcomes).toMatchObject([{ kind: 'failed', failure: { class: 'protocol' } }, { kind: 'ok' }]);
  });

  test('refuses in its own words', async () => {
    const { gateway, serve } = await open([{ wire: 'bedrock', model: titan }]);
    const error = { message: 'Malformed input request: #/dimensions: 7 is not a valid enum value' };
    serve(answer(400, error, { 'x-amzn-errortype': 'ValidationException' }));
    const reply = await gateway.ask({
      path: '/v1/embeddings',
      body: { input: 'tide', dimensions: 7, messages: undefined },
    });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('is not a valid enum value');
  });
});
