// Reported faults of gateways (test/fixtures/cases) in how requests are said to a vendor of the other wire: each is sent through the program.
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageEventsIn } from '../rigs/AnswerAsRead.ts';
import { caseOf } from '../rigs/caseOf.ts';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import { Market, soldModel, type ScriptedSeller } from '../rigs/Market.ts';
import { answer, answerStream } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer, messageAnswer, messageStream } from '../rigs/vendorAnswers.ts';

const parallelCalls = caseOf('01-anthropic-parallel-tool-index');
const noArguments = caseOf('05-noarg-tool-empty-string');
const toolChoice = caseOf('17-tool-choice-none-parallel-false');
const signatures = caseOf('19-signature-delta-lost');
const images = caseOf('21-data-uri-image');
const callIds = caseOf('29-toolcall-ids-across-providers');
const bounds = caseOf('45-max-tokens-reasoning-models');

const chats: ScriptedSeller = { wire: 'openai' };
const messages: ScriptedSeller = { wire: 'anthropic' };
/** Asked only after the first has failed. */
const backup = { usdPerMTok: '2' };

const models: Record<string, readonly ScriptedSeller[]> = {
  chats: [chats],
  messages: [messages],
  'case-29': [messages, { ...messages, ...backup }],
  'case-45-known': [{ ...chats, capabilities: { reasoning: true, unsupported: ['max_tokens', 'temperature'] } }],
  'case-45-unknown': [chats],
  'case-45-bounded': [{ ...messages, capabilities: { maxOutputTokens: 1_234 } }],
};

let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

beforeAll(async () => {
  market = await Market.open({ models });
  ({ openai, anthropic, headers } = market);
});

afterAll(() => market[Symbol.asyncDispose]());

const hi = { role: 'user', content: 'hi' } as const;
const chat = (model: string) => ({ model, messages: [hi] });
const message = (model: string) => ({ model, max_tokens: 100, messages: [hi] });

/** Messages with their contents as lists of blocks. */
const blocksOf = (list: unknown): { role: string; content: never[] }[] => {
  const turns: readonly { role: string; content: unknown }[] = Object(list);
  return turns.map(({ role, content }) => ({
    role,
    content: JSON.parse(JSON.stringify(typeof content === 'string' ? [{ type: 'text', text: content }] : content)),
  }));
};

describe('tool calls', () => {
  it('case 01: parallel calls of a message keep apart in a chat, counted from 0', async () => {
    const expected = parallelCalls.expected;
    market.tell('messages', answerStream(parallelCalls.bytes('upstream.sse')));
    const request = { ...parallelCalls.json('request.json'), model: 'messages' };
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const runner = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
    runner.on('chunk', (chunk) => chunks.push(chunk));
    const { choices, usage } = await runner.finalChatCompletion();

    const pieces = chunks.flatMap(({ choices: [choice] }) => choice?.delta.tool_calls ?? []);
    const byIndex = Map.groupBy(pieces, ({ index }) => index);
    expect([...byIndex.keys()]).toEqual([0, 1]);
    for (const [first, ...rest] of byIndex.values()) {
      expect(first).toMatchObject({ id: expect.any(String), type: 'function', function: { name: expect.any(String) } });
      expect(rest.filter((piece) => piece.id !== undefined || piece.function?.name !== undefined)).toEqual([]);
    }
    const assembled = choices[0]!.message.tool_calls!.map((call, index) => ({
      index,
      id: call.id,
      ...(call.type === 'function' && {
        name: call.function.name,
        argumentsJson: JSON.parse(call.function.arguments),
      }),
    }));
    expect({ assembledToolCalls: assembled, finish_reason: choices[0]!.finish_reason, usage }).toMatchObject(expected);
  });

  it('case 05: a call without arguments has "{}", and "" comes back as none', async () => {
    const [expected] = noArguments.expected.assembledToolCalls;
    market.tell('messages', answerStream(noArguments.bytes('upstream.sse')));
    const first = noArguments.json('request.json');
    const { choices } = await openai.chat.completions.stream({ ...first, model: 'messages' }).finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [{ id: expected.id, function: { name: expected.name, arguments: expected.arguments } }],
      },
    });

    market.tell('messages', answer(200, messageAnswer('done')));
    const second = { ...noArguments.json('request2.json'), model: 'messages' };
    await openai.chat.completions.create(second);
    const { messages: wanted } = noArguments.json('upstream-request2.json');
    expect(blocksOf(market.lastBody('messages')['messages'])).toEqual(blocksOf(wanted));
  });

  it('case 05: arguments that are no JSON are refused, and nobody is asked', async () => {
    const before = market.calls('messages').length;
    const request = JSON.parse(
      noArguments.bytes('request2.json').toString().replace('"arguments": ""', '"arguments": "{\\"a"'),
    );
    const { status } = await market.send('/v1/chat/completions', { ...request, model: 'messages' });
    expect([status, headers.last('x-archipel-error')]).toEqual([400, 'bad_request']);
    expect(market.calls('messages')).toHaveLength(before);
  });

  const matrix: readonly {
    tool_choice: string | null;
    parallel_tool_calls: boolean | null;
    tools: boolean;
    anthropic: object | null;
  }[] = toolChoice.json('matrix.json');

  it.each(matrix)(
    'case 17: tool_choice $tool_choice, parallel $parallel_tool_calls, with tools: $tools, is said as the vendor says it',
    async ({ tool_choice: choice, parallel_tool_calls: parallel, tools, anthropic: wanted }) => {
      market.tell('messages', messageStream('fine'));
      const { tool_choice: _, parallel_tool_calls: __, tools: offered, ...request } = toolChoice.json('request.json');
      const named = { type: 'function', function: { name: 'get_weather' } };
      const { status } = await market.send('/v1/chat/completions', {
        ...request,
        model: 'messages',
        ...(choice === null ? {} : { tool_choice: choice === 'named' ? named : choice }),
        ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
        ...(tools ? { tools: offered } : {}),
      });
      expect(status).toBe(200);
      const said = market.lastBody('messages');
      // To leave the choice out and to say "auto" is the same.
      const auto = JSON.stringify(said['tool_choice']) === '{"type":"auto"}' && wanted === null && tools;
      expect(auto ? null : (said['tool_choice'] ?? null)).toEqual(wanted);
      expect('tools' in said).toBe(tools);
    },
  );

  it('case 17: the flag has its way back', async () => {
    market.tell('chats', answer(200, chatAnswer('fine')));
    await anthropic.messages.create({
      ...message('chats'),
      tools: [{ name: 'get_weather', input_schema: { type: 'object' } }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(market.lastBody('chats')).toMatchObject({ parallel_tool_calls: false });
  });

  describe('case 29: of a conversation that goes on elsewhere', () => {
    const { messages: history, tools } = callIds.json('request.json');

    it('keep their pairs, and a result without its call is no result', async () => {
      market.tell('messages', answer(200, messageAnswer('fine')));
      expect((await market.send('/v1/chat/completions', { model: 'messages', messages: history, tools })).status).toBe(
        200,
      );
      const blocks: { type: string; id?: string; tool_use_id?: string }[] = blocksOf(
        market.lastBody('messages')['messages'],
      ).flatMap(({ content }) => content);
      const [use] = blocks.filter(({ type }) => type === 'tool_use');
      expect(use!.id).toMatch(/^[a-zA-Z0-9_-]+$/);
      const results = blocks.filter(({ type }) => type === 'tool_result');
      expect(results.map(({ tool_use_id: id }) => id)).toEqual([use!.id]);
    });

    it('have ids that the wire takes, the same each time', async () => {
      const { mistralIdPattern, openaiChatIdMax } = callIds.expected;
      market.tell('chats', answer(200, chatAnswer('fine')));
      const use = (id: string) => ({ type: 'tool_use' as const, id, name: 'ls', input: {} });
      const result = (id: string) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'a.txt' });
      const ids = ['toolu_01AbCdEfGhIjKlMnOpQrStUv', `call_${'x'.repeat(80)}`];
      const ask = {
        ...message('chats'),
        messages: [
          hi,
          { role: 'assistant' as const, content: ids.map(use) },
          { role: 'user' as const, content: [...ids.map(result), { type: 'text' as const, text: 'next' }] },
        ],
      };
      const saidIds = async () => {
        await anthropic.messages.create(ask);
        const said: readonly { role: string; tool_call_id?: string; tool_calls?: readonly { id: string }[] }[] = Object(
          market.lastBody('chats')['messages'],
        );
        const called = said.flatMap(({ tool_calls: calls = [] }) => calls.map(({ id }) => id));
        expect(said.flatMap(({ tool_call_id: id }) => id ?? [])).toEqual(called);
        return called;
      };
      const [short, long, ...others] = await saidIds();
      expect(others).toEqual([]);
      // What fits stays, so that a prompt's cache finds it again; what is made anew fits the narrowest vendor.
      expect([short, short!.length <= openaiChatIdMax]).toEqual([ids[0], true]);
      expect(long).toMatch(new RegExp(mistralIdPattern));
      expect(await saidIds()).toEqual([short, long]);
    });

    it('are not tried again where a vendor refuses their history', async () => {
      const refusal = { type: 'error', error: { type: 'invalid_request_error', message: 'messages.2: no tool call' } };
      for (const seller of [0, 1]) market.tell('case-29', answer(400, refusal), seller);
      const { status } = await market.send('/v1/chat/completions', { model: 'case-29', messages: history, tools });
      expect(status).toBe(400);
      for (const seller of [0, 1]) expect(market.calls('case-29', seller).length).toBeLessThanOrEqual(1);
    });
  });
});

describe('what comes back to its vendor', () => {
  it('case 19: signatures and redacted thinking pass as they are, both ways', async () => {
    const stream = signatures.bytes('upstream.sse').toString();
    market.tell('messages', answerStream(stream));
    const first = await market.send('/v1/messages', { ...signatures.json('request.json'), model: 'messages' });
    expect(messageEventsIn(first.text)).toEqual(messageEventsIn(stream));

    market.tell('messages', answer(200, messageAnswer('fine')));
    const second = { ...signatures.json('request2.json'), model: 'messages' };
    await market.send('/v1/messages', second);
    expect(market.lastBody('messages')).toEqual({ ...second, model: soldModel });
    expect(headers.last('x-archipel-dropped')).toBe(null);
  });

  it('case 19: thinking that nobody signed does not reach a vendor that wants signatures', async () => {
    market.tell('messages', answer(200, messageAnswer('fine')));
    const unsigned = { ...signatures.json('request2-unsigned.json'), model: 'messages' };
    expect((await market.send('/v1/messages', unsigned)).status).toBe(200);
    const { 'request2-unsigned': expected } = signatures.expected;
    const turns = blocksOf(market.lastBody('messages')['messages']);
    expect(turns[1]).toEqual({ role: 'assistant', content: expected['upstreamMessages.1.content'] });
    expect(turns).toHaveLength(unsigned.messages.length);
  });

  it('case 21: images pass as the other wire writes them', async () => {
    market.tell('messages', answer(200, messageAnswer('fine')));
    await market.send('/v1/chat/completions', { ...images.json('request.json'), model: 'messages' });
    const { messages: wanted } = images.json('upstream-request.json');
    expect(market.lastBody('messages')['messages']).toEqual(wanted);

    market.tell('chats', answer(200, chatAnswer('fine')));
    await market.send('/v1/messages', { ...images.json('reverse.request.json'), model: 'chats' });
    const { messages: reverse } = images.json('reverse.upstream-request.json');
    expect(market.lastBody('chats')['messages']).toEqual(reverse);
  });

  it('case 21: a common wrong media type is mended', async () => {
    market.tell('messages', answer(200, messageAnswer('fine')));
    const text = images.bytes('request.json').toString().replace('data:image/png', 'data:image/jpg');
    await market.send('/v1/chat/completions', { ...JSON.parse(text), model: 'messages' });
    expect(JSON.stringify(market.lastBody('messages'))).toContain('"media_type":"image/jpeg"');
  });

  it('case 21: an image in a tool result is not lost where a tool can only answer in text', async () => {
    const [{ content }] = images.json('reverse.request.json').messages;
    market.tell('chats', answer(200, chatAnswer('fine')));
    const { status } = await market.send('/v1/messages', {
      ...message('chats'),
      messages: [
        hi,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }] },
      ],
    });
    expect(status).toBe(200);
    const said: readonly { role: string; content: unknown }[] = Object(market.lastBody('chats')['messages']);
    expect(said.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user']);
    expect(JSON.stringify(said.at(-1))).toContain(content[0].source.data);
  });
});

describe('case 45: bounds and temperatures', () => {
  const request = bounds.json('request.json');
  const expected = bounds.expected;

  const expectAccepted = (model: string): void => {
    const said = market.lastBody(model);
    expect(said).toMatchObject(expected.has);
    for (const name of expected.upstreamRequestLacks) expect(said).not.toHaveProperty(name);
    for (const name of expected.warnedAbout) expect(headers.last('x-archipel-dropped')?.split(', ')).toContain(name);
  };

  it('are said as a model that is known to refuse them takes them, for clients of either wire', async () => {
    market.tell('case-45-known', answer(200, chatAnswer('fine')));
    const model = 'case-45-known';
    for (const path of ['/v1/chat/completions', '/v1/messages'] as const) {
      expect((await market.send(path, { ...request, model })).status).toBe(200);
      expectAccepted(model);
      expect(headers.last('x-archipel-attempts')).toBe('1');
    }
    const { messages: wanted } = bounds.json('upstream-request.json');
    expect(blocksOf(market.lastBody(model)['messages'])).toEqual(blocksOf(wanted));
  });

  it('are said anew once to a model that refuses them, and so from then on', async () => {
    const { status, body } = bounds.json('upstream.error.json');
    const model = 'case-45-unknown';
    market.tell(model, (response, call) => {
      const refused = 'max_tokens' in JSON.parse(call.body.toString());
      return (refused ? answer(status, body) : answer(200, chatAnswer('fine')))(response, call);
    });
    const { temperature: _, ...bounded } = request;
    for (const path of ['/v1/chat/completions', '/v1/messages'] as const) {
      expect((await market.send(path, { ...bounded, model })).status).toBe(200);
      expect(market.lastBody(model)).toMatchObject(expected.has);
    }
    expect(market.calls(model)).toHaveLength(3);
  });

  it('are filled in where the wire must have one and the client said none', async () => {
    market.tell('case-45-bounded', answer(200, messageAnswer('fine')));
    await openai.chat.completions.create(chat('case-45-bounded'));
    expect(market.lastBody('case-45-bounded')['max_tokens']).toBe(1_234);
  });
});
