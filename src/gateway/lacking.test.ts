// What a target is known to lack: such requests keep away from it, or go there without, as the policy says.
import { describe, expect, test } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import {
  chatAnswer,
  chatStream,
  generatedAnswer,
  messageAnswer,
  responseAnswer,
} from '../../test/rigs/vendorAnswers.ts';
import { policySchema } from '../router/index.ts';
import { lackPolicyOf, type LackPolicy } from './LackPolicy.ts';
import { TestGateway, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

const answers: Readonly<Record<string, (text: string) => object>> = {
  openai: chatAnswer,
  anthropic: messageAnswer,
  'vertex-anthropic': messageAnswer,
  responses: responseAnswer,
  gemini: generatedAnswer,
};

/** Targets a, b, ... each dearer than the one before. */
const open = async (
  targets: readonly Partial<TestTarget>[],
  policy: object = {},
  limits: TestGatewayOptions['limits'] = {},
) => {
  const opened: TestTarget[] = [];
  for (const [index, { wire = 'openai', ...more }] of targets.entries()) {
    const provider = 'abc'.charAt(index);
    const upstream = await ScriptedUpstream.open(answer(200, answers[wire]!(`from ${provider}`)));
    end(() => upstream[Symbol.asyncDispose]());
    opened.push({ provider, upstream, wire, inputPerMTok: String(index + 1), outputPerMTok: '1', ...more });
  }
  const lacking: LackPolicy = lackPolicyOf(policySchema.parse(policy));
  const gateway = new TestGateway({ targets: opened, lacking, limits });
  end(() => gateway[Symbol.asyncDispose]());
  return { gateway, upstreams: opened.map(({ upstream }) => upstream) };
};

type Opened = Awaited<ReturnType<typeof open>>;

const reasonsIn = ({ gateway }: Opened): readonly (string | undefined)[] =>
  gateway.journal.requests[0]!.decisions[0]!.candidates.map(({ reason }) => reason);

const sentTo = ({ upstreams }: Opened, index = 0): Record<string, unknown> =>
  JSON.parse(upstreams[index]!.calls[0]!.body.toString('utf8'));

const pixel = 'iVBORw0KGgo=';
const url = `data:image/png;base64,${pixel}`;
const chatOf = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
const image = { type: 'image_url', image_url: { url } };

const pictures: readonly (readonly [wire: string, body: Readonly<Record<string, unknown>>])[] = [
  ['openai', chatOf({ type: 'text', text: 'What is it?' }, image)],
  [
    'anthropic',
    chatOf(
      { type: 'text', text: 'What is it?' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
    ),
  ],
  [
    'responses',
    {
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: url },
          ],
        },
      ],
    },
  ],
  [
    'gemini',
    {
      contents: [
        { role: 'user', parts: [{ text: 'What is it?' }, { inlineData: { mimeType: 'image/png', data: pixel } }] },
      ],
    },
  ],
];

describe.each(pictures)('a picture from a client of the %s wire', (wire, body) => {
  test.each(['openai', 'anthropic', 'responses', 'gemini'])(
    'never goes to a target of the %s wire that takes none, although it is cheaper, and the decision says why',
    async (other) => {
      const opened = await open([{ wire: other, unsupported: ['images'] }, { wire: other }]);
      const reply = await opened.gateway.ask({ wire, body });
      expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
      expect(opened.upstreams[0]!.calls).toEqual([]);
      expect(reasonsIn(opened)).toEqual(['takes no images (images)', undefined]);
    },
  );

  test('is refused where nobody takes it, before anything is held or sent, with the feature and the targets', async () => {
    const opened = await open([
      { wire, unsupported: ['images'] },
      { wire: 'anthropic', unsupported: ['images', 'tools'] },
    ]);
    const reply = await opened.gateway.ask({ wire, body });
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    const error = reply.json['error'] as Record<string, unknown>;
    expect(error['message']).toBe(
      'No target of the model "logical" can serve this request: a/vendor-model takes no images (images); b/vendor-model takes no images (images). Leave it out.',
    );
    if (wire === 'openai' || wire === 'responses') expect(error['param']).toBe('images');
    if (wire === 'anthropic') expect([reply.json['type'], error['type']]).toEqual(['error', 'invalid_request_error']);
    if (wire === 'gemini') expect([error['code'], error['status']]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(opened.gateway.journal.intents).toEqual([]);
    expect(opened.upstreams.flatMap(({ calls }) => calls)).toEqual([]);
  });

  test.each(['openai', 'anthropic', 'responses', 'gemini'])(
    'is left out for a target of the %s wire where the file says so, and the client is told',
    async (other) => {
      const opened = await open([{ wire: other, unsupported: ['images'] }], { features: { images: 'drop' } });
      const reply = await opened.gateway.ask({ wire, body });
      expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'images']);
      const sent = JSON.stringify(sentTo(opened));
      expect(sent).toContain('What is it?');
      expect(sent).toContain('An image was left out here');
      expect(sent).not.toContain(pixel);
      expect(reply.text).toContain('from a');
    },
  );
});

test.each(['openai', 'anthropic'])('a large body loses as much, in the thread that translates it: %s', async (wire) => {
  const policy = { features: { images: 'drop' }, parameters: { n: 'drop' } };
  const opened = await open([{ wire, unsupported: ['images'] }], policy, { inlineBytes: 1 });
  const reply = await opened.gateway.ask({ body: { ...chatOf({ type: 'text', text: 'What is it?' }, image), n: 2 } });
  expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'images, n']);
  expect(JSON.stringify(sentTo(opened))).not.toContain(pixel);
});

describe('a feature that a target lacks', () => {
  test.each([
    [
      'documents',
      'takes no documents',
      chatOf({ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }),
    ],
    ['audio', 'takes no audio', chatOf({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })],
    ['video', 'takes no video', chatOf({ type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAA' } })],
    ['tools', 'takes no tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['structuredOutput', 'gives no structured output', { response_format: { type: 'json_object' } }],
    ['stream', 'does not stream', { stream: true }],
    [
      'prefill',
      'does not go on with an answer that has begun',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
    ],
    [
      'system',
      'takes no system prompt',
      {
        messages: [
          { role: 'system', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
    ],
    [
      'imageAddresses',
      'takes images as data only, by no address or name',
      chatOf({ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }),
    ],
    ['imageOutput', 'makes no images', { modalities: ['text', 'image'] }],
    ['audioOutput', 'makes no audio', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }],
  ])('keeps a request that needs it away unless the file says otherwise: %s', async (feature, words, body) => {
    const opened = await open([{ unsupported: [feature] }, {}]);
    if (feature === 'stream') opened.upstreams[1]!.always(chatStream('from b'));
    const reply = await opened.gateway.ask({ body });
    expect([reply.status, reply.headers['x-archipel-target'], reply.headers['x-archipel-dropped']]).toEqual([
      200,
      'b/vendor-model',
      undefined,
    ]);
    expect(reasonsIn(opened)[0]).toBe(`${words} (${feature})`);
    expect(opened.upstreams[0]!.calls).toEqual([]);
  });

  test('keeps images by their address away from a vendor that takes the same words, but only data', async () => {
    const opened = await open([{ wire: 'vertex-anthropic', unsupported: ['imageAddresses'] }, { wire: 'anthropic' }]);
    const ask = (source: object) =>
      opened.gateway.ask({ wire: 'anthropic', body: { max_tokens: 9, ...chatOf({ type: 'image', source }) } });
    const byAddress = await ask({ type: 'url', url: 'https://a.example/b.png' });
    const asData = await ask({ type: 'base64', media_type: 'image/png', data: pixel });
    expect([byAddress, asData].map(({ status, headers }) => [status, headers['x-archipel-target']])).toEqual([
      [200, 'b/vendor-model'],
      [200, 'a/vendor-model'],
    ]);
  });

  test('is not asked for by requests that do not need it', async () => {
    const opened = await open([{ unsupported: ['images', 'tools', 'stream', 'prefill', 'system', 'video'] }]);
    const reply = await opened.gateway.ask({
      body: { stream: false, tools: [], messages: [{ role: 'user', content: '"type":"image_url"' }] },
    });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'a/vendor-model']);
  });

  test('is left out by default where it only tunes, and everything else passes as it came', async () => {
    const opened = await open([{ unsupported: ['parallelTools', 'developerRole'] }]);
    const body = {
      seed: 7,
      n: 2,
      parallel_tool_calls: false,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    };
    const reply = await opened.gateway.ask({ body });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'parallel_tool_calls, developer']);
    expect(sentTo(opened)).toEqual({
      model: 'vendor-model',
      seed: 7,
      n: 2,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  test.each([
    ['parallelTools', { parallel_tool_calls: false }],
    [
      'developerRole',
      {
        messages: [
          { role: 'developer', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
    ],
    ['schemas', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } } }],
    ['reasoning', { reasoning_effort: 'low' }],
  ])('keeps the request away where the file says that it is not left out: %s', async (feature, body) => {
    const targets = [{ unsupported: [feature] }, {}];
    const dropping = await open(targets);
    expect((await dropping.gateway.ask({ body })).headers['x-archipel-target']).toBe('a/vendor-model');
    const refusing = await open(targets, { features: { [feature]: 'refuse' } });
    const reply = await refusing.gateway.ask({ body });
    expect([reply.headers['x-archipel-target'], reply.headers['x-archipel-dropped']]).toEqual([
      'b/vendor-model',
      undefined,
    ]);
    expect(reasonsIn(refusing)[0]).toContain(`(${feature})`);
  });

  test('a schema is asked for in words of a target that cannot be held to one', async () => {
    const opened = await open([{ unsupported: ['schemas'] }]);
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const response_format = { type: 'json_schema', json_schema: { name: 'a', schema } };
    const reply = await opened.gateway.ask({ body: { response_format } });
    expect(reply.headers['x-archipel-dropped']).toBe('response_format');
    expect(sentTo(opened)).not.toHaveProperty('response_format');
    expect(JSON.stringify(sentTo(opened)['messages'])).toContain('one JSON object');
  });

  test('thinking is not asked for on the wire of responses either where the target does not think', async () => {
    const opened = await open([{ wire: 'responses', unsupported: ['reasoning'] }]);
    const reply = await opened.gateway.ask({ wire: 'responses', body: { reasoning: { effort: 'low' } } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'reasoning']);
    expect(sentTo(opened)).not.toHaveProperty('reasoning');
  });

  test('thinking within a budget becomes thinking as the model sees fit, where it knows no other', async () => {
    const opened = await open([{ wire: 'anthropic', reasoning: true, unsupported: ['thinking.enabled'] }]);
    const reply = await opened.gateway.ask({
      wire: 'anthropic',
      body: { max_tokens: 4_096, thinking: { type: 'enabled', budget_tokens: 2_048 } },
    });
    expect(reply.status).toBe(200);
    expect(sentTo(opened)['thinking']).toMatchObject({ type: 'adaptive' });
  });

  test('an answer that has begun is answered anew where the file says so, also by a wire that cannot go on with one', async () => {
    const body = {
      messages: [
        { role: 'user', content: 'Say it' },
        { role: 'assistant', content: 'It' },
      ],
    };
    for (const target of [{ wire: 'anthropic', unsupported: ['prefill'] }, { wire: 'openai' }]) {
      const opened = await open([target], { features: { prefill: 'drop' } });
      const reply = await opened.gateway.ask({ wire: 'anthropic', body });
      expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'prefill']);
      expect(sentTo(opened)['messages']).toHaveLength(1);
    }
    const several = { messages: [...body.messages, { role: 'assistant', content: ' all' }] };
    for (const target of [{ wire: 'anthropic', unsupported: ['prefill'] }, { wire: 'openai' }]) {
      const opened = await open([target], { features: { prefill: 'drop' } });
      expect((await opened.gateway.ask({ wire: 'anthropic', body: several })).status).toBe(200);
      expect(sentTo(opened)['messages']).toEqual([{ role: 'user', content: 'Say it' }]);
    }
    const kept = await open([{ wire: 'openai' }]);
    expect((await kept.gateway.ask({ wire: 'anthropic', body })).headers['x-archipel-error']).toBe(
      'unsupported_feature',
    );
  });
});

describe('an answer that has begun to nothing', () => {
  const opening: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    openai: { messages: [{ role: 'assistant', content: 'It' }] },
    anthropic: { messages: [{ role: 'assistant', content: 'It' }] },
    responses: { input: [{ role: 'assistant', content: 'It' }] },
    gemini: { contents: [{ role: 'model', parts: [{ text: 'It' }] }] },
  };

  test.each(['openai', 'anthropic', 'responses', 'gemini'])(
    'is refused in the words of a client of the %s wire where it would be left out, and nothing is sent',
    async (wire) => {
      for (const target of [
        { wire: 'anthropic', unsupported: ['prefill'] },
        { wire: 'openai', unsupported: ['prefill'] },
      ]) {
        const opened = await open([target], { features: { prefill: 'drop' } });
        const reply = await opened.gateway.ask({ wire, body: opening[wire]! });
        expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
        expect(reply.json['error']).toMatchObject({ message: expect.stringContaining('(prefill)') });
        expect(opened.upstreams[0]!.calls).toEqual([]);
      }
    },
  );
});

describe('what says only what holds anyway', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];

  test.each([[{}], [{ features: { parallelTools: 'refuse' } }]])(
    'is no need, and never reaches a target that refuses to be told, under the policy %j',
    async (policy) => {
      for (const wire of ['openai', 'responses']) {
        const opened = await open([{ wire, unsupported: ['parallelTools'] }], policy);
        const own = wire === 'openai' ? { tools } : { tools: [{ type: 'function', name: 'f' }] };
        const reply = await opened.gateway.ask({ wire, body: { ...own, parallel_tool_calls: true } });
        expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, undefined]);
        expect(sentTo(opened)).not.toHaveProperty('parallel_tool_calls');
        expect(sentTo(opened)['tools']).toHaveLength(1);
        const other = await open([{ wire, unsupported: ['parallelTools'] }], policy);
        const body = {
          tools: [{ name: 'f', input_schema: { type: 'object' } }],
          tool_choice: { type: 'auto', disable_parallel_tool_use: false },
        };
        const translated = await other.gateway.ask({ wire: 'anthropic', body });
        expect([translated.status, translated.headers['x-archipel-dropped']]).toEqual([200, undefined]);
        expect(sentTo(other)).not.toHaveProperty('parallel_tool_calls');
      }
    },
  );

  test('reaches targets that do not refuse it, as it came', async () => {
    const opened = await open([{}]);
    await opened.gateway.ask({ body: { tools, parallel_tool_calls: true, logprobs: false } });
    expect(sentTo(opened)).toMatchObject({ parallel_tool_calls: true, logprobs: false });
  });

  test('is left out where its parameter is refused, also where the file keeps that, and what says something is not', async () => {
    const idle = {
      n: 1,
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      stop: [],
      response_format: { type: 'text' },
      tools: [],
      presence_penalty: 0,
    };
    const names = Object.keys(idle);
    const policy = { parameters: Object.fromEntries(names.map((name) => [name, 'refuse'])) };
    const opened = await open([{ unsupported: names }], policy);
    const reply = await opened.gateway.ask({ body: idle });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, undefined]);
    expect(Object.keys(sentTo(opened)).toSorted()).toEqual(['messages', 'model']);
    for (const body of [
      { n: 2 },
      { logprobs: true },
      { stop: ['a'] },
      { logit_bias: { 1: 1 } },
      { presence_penalty: 1 },
    ]) {
      const refusing = await open([{ unsupported: names }], policy);
      expect((await refusing.gateway.ask({ body })).headers['x-archipel-error']).toBe('unsupported_feature');
    }
  });
});

describe('a parameter that a target refuses', () => {
  test('keeps the request away where it shapes the answer, and no attempt is spent on it', async () => {
    const opened = await open([{ unsupported: ['logprobs'] }, {}]);
    const reply = await opened.gateway.ask({ body: { logprobs: true } });
    expect([reply.headers['x-archipel-target'], reply.headers['x-archipel-attempts']]).toEqual(['b/vendor-model', '1']);
    expect(reasonsIn(opened)[0]).toContain('`logprobs`');
    const alone = await open([{ unsupported: ['logprobs'] }]);
    const refused = await alone.gateway.ask({ body: { logprobs: true } });
    expect([refused.status, refused.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect(refused.json).toMatchObject({ error: { param: 'logprobs' } });
    expect(alone.gateway.journal.intents).toEqual([]);
  });

  test('is left out where the file says so, on its own wire and on another', async () => {
    const policy = { parameters: { logprobs: 'drop', n: 'drop' } };
    const own = await open([{ unsupported: ['logprobs'] }], policy);
    const reply = await own.gateway.ask({ body: { logprobs: true, n: 2 } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'logprobs']);
    expect(sentTo(own)).toMatchObject({ n: 2 });
    expect(sentTo(own)).not.toHaveProperty('logprobs');
    const other = await open([{ wire: 'anthropic' }], policy);
    expect((await other.gateway.ask({ body: { logprobs: true, n: 2 } })).headers['x-archipel-dropped']).toBe(
      'logprobs, n',
    );
  });

  test('is never left out where the file says that, whatever the reason to leave it out, and no attempt is spent on it', async () => {
    const both = { temperature: 0.5, top_p: 0.9 };
    for (const [parameters, unsupported, wire, body] of [
      [{ top_p: 'refuse' }, ['temperature+top_p'], 'anthropic', both],
      [{ parallel_tool_calls: 'refuse' }, ['parallelTools'], 'openai', { parallel_tool_calls: false }],
      [{ developer: 'refuse' }, ['developerRole'], 'openai', { messages: [{ role: 'developer', content: 'a' }] }],
      [{ user: 'refuse' }, ['user'], 'openai', { user: 'someone' }],
    ] as const) {
      const opened = await open([{ wire, unsupported: [...unsupported] }, { wire }], { parameters });
      const reply = await opened.gateway.ask({ wire, body });
      expect([reply.headers['x-archipel-target'], reply.headers['x-archipel-attempts']]).toEqual([
        'b/vendor-model',
        '1',
      ]);
      expect(sentTo(opened, 1)).toMatchObject(body);
      expect(reasonsIn(opened)[0]).toContain(`\`${Object.keys(parameters)[0]}\``);
    }
    const other = await open([{ wire: 'anthropic', unsupported: ['temperature+top_p'] }], {
      parameters: { temperature: 'refuse' },
    });
    const reply = await other.gateway.ask({ wire: 'anthropic', body: both });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'top_p']);
  });

  test('is never left out where the file says that, on its own wire and on another', async () => {
    const policy = { parameters: { temperature: 'refuse', seed: 'refuse' } };
    const own = await open([{ unsupported: ['temperature'] }, {}], policy);
    expect((await own.gateway.ask({ body: { temperature: 0.5 } })).headers['x-archipel-target']).toBe('b/vendor-model');
    const other = await open([{ wire: 'anthropic' }, {}], policy);
    const reply = await other.gateway.ask({ body: { seed: 7 } });
    expect([reply.headers['x-archipel-target'], reply.headers['x-archipel-attempts']]).toEqual(['b/vendor-model', '1']);
    expect(reasonsIn(other)[0]).toContain('`seed`');
  });

  test('is not corrected away where the file says that: the target’s own refusal is believed', async () => {
    const refusal = {
      error: {
        message: 'Unsupported parameter: user',
        type: 'invalid_request_error',
        param: 'user',
        code: 'unsupported_parameter',
      },
    };
    const opened = await open([{}, {}], { parameters: { user: 'refuse' } });
    opened.upstreams[0]!.always(answer(400, refusal));
    const reply = await opened.gateway.ask({ body: { user: 'someone' } });
    expect([reply.headers['x-archipel-target'], reply.headers['x-archipel-dropped']]).toEqual([
      'b/vendor-model',
      undefined,
    ]);
  });

  test('of two samplers the second one goes where a model takes one only', async () => {
    const opened = await open([{ wire: 'anthropic', unsupported: ['temperature+top_p'] }]);
    const reply = await opened.gateway.ask({ wire: 'anthropic', body: { temperature: 0.5, top_p: 0.9 } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'top_p']);
    expect(sentTo(opened)).toMatchObject({ temperature: 0.5 });
    const one = await open([{ wire: 'anthropic', unsupported: ['temperature+top_p'] }]);
    expect(
      (await one.gateway.ask({ wire: 'anthropic', body: { top_p: 0.9 } })).headers['x-archipel-dropped'],
    ).toBeUndefined();
  });
});
