// What vendors seal goes back to who can open it, and to nobody else, whoever is asked next.
import { describe, expect, test } from 'vitest';

import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { generatedAnswer, messageAnswer, responseAnswer, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, type TestGatewayOptions, type TestReply, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

/** Targets called a, b, each dearer than the one before, each an account of its own. */
const openTargets = (...targets: readonly Partial<TestTarget>[]) => openWith({}, ...targets);

const openWith = async (options: Partial<TestGatewayOptions>, ...targets: readonly Partial<TestTarget>[]) => {
  const opened: TestTarget[] = [];
  for (const [index, one] of targets.entries()) {
    const provider = 'ab'.charAt(index);
    const upstream = await ScriptedUpstream.open();
    end(() => upstream[Symbol.asyncDispose]());
    opened.push({
      provider,
      upstream,
      inputPerMTok: String(1 + index),
      reasoning: true,
      maxOutputTokens: 8_000,
      ...one,
    });
  }
  const gateway = new TestGateway({ ...options, targets: opened });
  end(() => gateway[Symbol.asyncDispose]());
  const [a, b] = opened.map(({ upstream }) => upstream);
  return { a: a!, b: b ?? a!, gateway };
};

const down = answer(500, vendorError('oops', 'server_error'), { 'x-should-retry': 'false' });
const bodyOf = (upstream: ScriptedUpstream): string => upstream.calls.at(-1)!.body.toString();
const sentTo = (upstream: ScriptedUpstream): Record<string, unknown> => JSON.parse(bodyOf(upstream));
const toldOf = ({ status, headers }: TestReply) => [
  status,
  headers['x-archipel-target']?.slice(0, 1),
  headers['x-archipel-dropped'],
];

const question = { role: 'user', content: 'Hello' };
const cipher = 'gAAAAABp+/=';

describe('reasoning that one account encrypted, in the hands of a client of another wire,', () => {
  const thought = {
    ...responseAnswer('fine'),
    output: [
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: cipher },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'so', annotations: [] }],
      },
    ],
  };
  const accounts = [{ wire: 'responses' }, { wire: 'responses' }] as const;
  const thinking = { type: 'adaptive', display: 'summarized' };
  const clients = {
    openai: {
      more: { reasoning_effort: 'low' },
      said: ({ json }: TestReply): unknown => Object(json)['choices'][0].message,
    },
    anthropic: {
      more: { thinking, max_tokens: 4_000 },
      said: ({ json }: TestReply): unknown => ({ role: 'assistant', content: json['content'] }),
    },
  };

  test.each(['openai', 'anthropic'] as const)('%s, goes back to that account, with its id', async (wire) => {
    const { a, gateway } = await openTargets(...accounts);
    const { more, said } = clients[wire];
    a.always(answer(200, thought));
    const first = await gateway.ask({ wire, body: more });
    const messages = [question, said(first), question];
    const reply = await gateway.ask({ wire, body: { ...more, messages } });
    expect(toldOf(reply)).toEqual([200, 'a', undefined]);
    expect(sentTo(a)['input']).toMatchObject([
      {},
      { type: 'reasoning', id: 'rs_1', summary: [{ text: 'hm' }], encrypted_content: cipher },
      { type: 'message', content: [{ text: 'so' }] },
      {},
    ]);
  });

  test.each(['openai', 'anthropic'] as const)(
    '%s, does not go to another account, and the client is told',
    async (wire) => {
      const { a, b, gateway } = await openTargets(...accounts);
      const { more, said } = clients[wire];
      a.next(answer(200, thought));
      const first = await gateway.ask({ wire, body: more });
      a.always(down);
      b.always(answer(200, responseAnswer('fine')));
      const messages = [question, said(first), question];
      const reply = await gateway.ask({ wire, body: { ...more, messages } });
      expect(toldOf(reply)).toEqual([200, 'b', 'thinking']);
      expect(sentTo(b)['input']).toMatchObject([{}, { type: 'message', content: [{ text: 'so' }] }, {}]);
      expect(bodyOf(b)).not.toContain(cipher);
    },
  );
});

describe('the signature of a call', () => {
  const signature = 'EpwICpkIAXLI2nxl+/=';
  const calling = {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ functionCall: { name: 'look', args: {} }, thoughtSignature: signature }],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
  };
  const tools = [{ name: 'look', input_schema: { type: 'object', properties: {} } }];

  const askTwice = async (gateway: TestGateway, between: () => void): Promise<TestReply> => {
    const { json } = await gateway.ask({ wire: 'anthropic', body: { tools } });
    const content = json['content'] as readonly { readonly type: string; readonly id?: string }[];
    expect(content.map(({ type }) => type)).toEqual(['redacted_thinking', 'tool_use']);
    const result = { type: 'tool_result', tool_use_id: content[1]!.id, content: 'sea' };
    const messages = [question, { role: 'assistant', content }, { role: 'user', content: [result] }];
    between();
    return gateway.ask({ wire: 'anthropic', body: { tools, messages } });
  };

  const gemini = { wire: 'gemini', model: 'gemini-3-pro' };

  test('goes back to its account with a client of messages, who asked for no thinking', async () => {
    const { a, gateway } = await openTargets(gemini);
    a.next(answer(200, calling));
    a.always(answer(200, generatedAnswer('waves')));
    expect(toldOf(await askTwice(gateway, () => {}))).toEqual([200, 'a', undefined]);
    expect(sentTo(a)['contents']).toMatchObject([{}, { parts: [{ thoughtSignature: signature }] }, {}]);
  });

  test.each([
    ['account', gemini],
    ['model', { ...gemini, model: 'gemini-3-flash' }],
  ])('gives way to the vendor’s own word for none at another %s', async (_, other) => {
    const { a, b, gateway } = await openTargets(gemini, other);
    a.next(answer(200, calling));
    b.always(answer(200, generatedAnswer('waves')));
    expect(toldOf(await askTwice(gateway, () => a.always(down)))).toEqual([200, 'b', 'thought_signature']);
    const word = 'skip_thought_signature_validator';
    expect(sentTo(b)['contents']).toMatchObject([{}, { parts: [{ thoughtSignature: word }] }, {}]);
  });

  test.each([
    ['here', {}],
    ['apart', { limits: { inlineBytes: 1 } }],
  ])('is remembered for a client who gives back no more of a call than its id, translated %s', async (_, options) => {
    const { a, gateway } = await openWith(options, gemini);
    a.next(answer(200, calling));
    a.always(answer(200, generatedAnswer('waves')));
    const chatTools = [
      { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
    ];
    const { json } = await gateway.ask({ body: { tools: chatTools } });
    const { message } = (
      json['choices'] as readonly { readonly message: { readonly tool_calls: { id: string }[] } }[]
    )[0]!;
    const [{ id }] = message.tool_calls as [{ id: string }];
    const bare = { id, type: 'function', function: { name: 'look', arguments: '{}' } };
    const messages = [
      question,
      { role: 'assistant', content: null, tool_calls: [bare] },
      { role: 'tool', tool_call_id: id, content: 'sea' },
    ];
    await gateway.ask({ body: { tools: chatTools, messages } });
    expect(sentTo(a)['contents']).toMatchObject([{}, { parts: [{ thoughtSignature: signature }] }, {}]);
    const word = 'skip_thought_signature_validator';
    for (const stranger of [
      { organisation: 'other', hash: 'other' },
      { team: 'other', hash: 'another' },
    ]) {
      await gateway.ask({ body: { tools: chatTools, messages }, principal: stranger });
      expect(sentTo(a)['contents']).toMatchObject([{}, { parts: [{ thoughtSignature: word }] }, {}]);
    }
  });

  test('is left out, with its block, for a vendor of the client’s own wire', async () => {
    const { a, b, gateway } = await openTargets(gemini, { wire: 'anthropic' });
    a.next(answer(200, calling));
    b.always(answer(200, messageAnswer('waves')));
    expect(toldOf(await askTwice(gateway, () => a.always(down)))).toEqual([200, 'b', 'thinking']);
    expect(sentTo(b)['messages']).toMatchObject([{}, { content: [{ type: 'tool_use', name: 'look' }] }, {}]);
    expect(bodyOf(b)).not.toMatch(/archipel|redacted_thinking/);
  });
});

describe('a signature that its vendor refuses in its own words', () => {
  test('of Claude: is left out with all thinking, of that request alone, and the client is told', async () => {
    const { a, gateway } = await openTargets({ wire: 'anthropic', model: 'claude-opus-5' });
    const turns = [
      question,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'ZGF0YQ' },
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '1' }] },
    ];
    const refused = {
      type: 'invalid_request_error',
      message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
    };
    a.next(answer(400, { type: 'error', error: refused }));
    a.always(answer(200, messageAnswer('fine')));
    const body = { messages: turns, thinking: { type: 'enabled', budget_tokens: 2_000 }, max_tokens: 4_000 };
    const reply = await gateway.ask({ wire: 'anthropic', body });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'thinking']);
    const { messages, thinking } = sentTo(a);
    expect(messages).toMatchObject([{}, { content: [{ type: 'tool_use' }] }, {}]);
    // Calls without the thinking that led to them leave no room for thinking.
    expect(thinking).toBeUndefined();
    await gateway.ask({ wire: 'anthropic', body });
    expect(sentTo(a)['messages']).toEqual(turns);
  });

  test('of Gemini: is left out, and calls get the vendor’s word for none', async () => {
    const { a, gateway } = await openTargets({ wire: 'gemini', model: 'gemini-3-pro' });
    const call = { functionCall: { name: 'f', args: {} } };
    const contents = [
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'model', parts: [{ text: 'so', thoughtSignature: 'x' }, { ...call, thought_signature: 'y' }, call] },
      {
        role: 'user',
        parts: [{ functionResponse: { name: 'f', response: {} } }, { functionResponse: { name: 'f', response: {} } }],
      },
    ];
    a.next(answer(400, { error: { code: 400, message: 'Corrupted thought signature.', status: 'INVALID_ARGUMENT' } }));
    a.always(answer(200, generatedAnswer('fine')));
    const reply = await gateway.ask({ wire: 'gemini', body: { contents } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'thought_signature']);
    const parts = [{ text: 'so' }, { ...call, thoughtSignature: 'skip_thought_signature_validator' }, call];
    expect(sentTo(a)['contents']).toEqual([contents[0], { role: 'model', parts }, contents[2]]);
    await gateway.ask({ wire: 'gemini', body: { contents } });
    expect(sentTo(a)['contents']).toEqual(contents);
  });
});
