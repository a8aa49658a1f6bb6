// The official SDK straight against the vendor of this wire.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSandbox } from '../openTestSandbox.fixture.ts';
import type { TestSandbox } from '../openTestSandbox.fixture.ts';
import { sandboxCredential } from '../startSandbox.ts';

let opened: TestSandbox;
let client: Anthropic;

beforeAll(async () => {
  opened = await openTestSandbox();
  client = new Anthropic({ apiKey: sandboxCredential, baseURL: opened.url('borealis'), maxRetries: 0 });
});
afterAll(() => opened[Symbol.asyncDispose]());

const question = { role: 'user', content: 'What is the weather in Paris?' } as const;
const base = { model: 'chat-large', max_tokens: 1000, messages: [question] };
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const longText = 'lighthouse keeper and sea '.repeat(400);

describe('a vendor of the anthropic wire, asked by its official SDK', () => {
  test('answers a message', async () => {
    const answer = await client.messages.create(base);
    expect(answer).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'chat-large',
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    expect(answer.id).toMatch(/^msg_01[A-Za-z0-9]{22}$/);
    expect(answer.content).toEqual([{ type: 'text', text: expect.stringMatching(/\S+ \S+/) }]);
    expect(answer.usage).toMatchObject({
      input_tokens: 14,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
    });
  });

  test('streams events in the recorded order', async () => {
    const stream = await client.messages.create({ ...base, stream: true });
    const types = (await Array.fromAsync(stream)).map(({ type }) => type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const raw = await opened.post('borealis', '/v1/messages', { ...base, stream: true });
    expect(raw.text).toMatch(
      /^event: message_start\ndata: \{"type":"message_start",.* *\}\n\nevent: content_block_start\n.*\n\nevent: ping\ndata: \{"type": "ping"\}\n\nevent: content_block_delta\n/,
    );
    expect(raw.text).toMatch(/event: message_stop\ndata: \{"type":"message_stop" *\}\n\n$/);
  });

  test('streams the tokens that it counts', async () => {
    const final = await client.messages.stream(base).finalMessage();
    expect(final.stop_reason).toBe('end_turn');
    const whole = await opened.post('borealis', '/v1/messages', { ...base, stream: true });
    expect(whole.text).toContain(`"output_tokens":${final.usage.output_tokens}`);
  });

  test('goes through a tool round trip', async () => {
    const first = await client.messages.create({ ...base, tools: [weather] });
    expect(first.stop_reason).toBe('tool_use');
    const use = first.content.find((block) => block.type === 'tool_use')!;
    expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Paris' } });
    const second = await client.messages.create({
      ...base,
      tools: [weather],
      messages: [
        question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny, 21 degrees' }] },
      ],
    });
    expect(second.content[0]).toMatchObject({
      type: 'text',
      text: expect.stringContaining('get_weather answered: sunny, 21 degrees'),
    });
  });

  test('streams a tool call that the SDK puts together', async () => {
    const final = await client.messages
      .stream({ ...base, tools: [weather], tool_choice: { type: 'any' } })
      .finalMessage();
    expect(final.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } }]);
  });

  test.each([
    [{ type: 'none' }, 'end_turn'],
    [{ type: 'tool', name: 'get_weather' }, 'tool_use'],
    [{ type: 'auto', disable_parallel_tool_use: true }, 'tool_use'],
  ] as const)('honours the tool choice %o', async (tool_choice, stop) => {
    expect((await client.messages.create({ ...base, tools: [weather], tool_choice })).stop_reason).toBe(stop);
  });

  test('holds a conversation for the SDK that sends only what is new', async () => {
    const runner = client.beta.messages.toolRunner({
      ...base,
      tools: [
        betaTool({
          name: 'get_weather',
          description: 'Weather',
          inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          run: () => 'sunny in Paris',
        }),
      ],
    });
    const final = await runner.runUntilDone();
    expect(final.content).toMatchObject([
      { type: 'text', text: expect.stringContaining('get_weather answered: sunny in Paris') },
    ]);
  });

  test('answers in the schema that was asked for', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const answer = await client.messages.create({
      ...base,
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(answer.content).toEqual([{ type: 'text', text: '{"city":"Paris"}' }]);
  });

  test('thinks when told to, signs it, counts it, and takes it back', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
    const asked = { ...base, max_tokens: 2000, thinking, tools: [weather] };
    const first = await client.messages.stream(asked).finalMessage();
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(first.content[0]).toMatchObject({
      thinking: expect.stringMatching(/weather/),
      signature: expect.stringMatching(/^EqQ/),
    });
    expect(first.usage.output_tokens_details!.thinking_tokens).toBeGreaterThan(5);
    const use = first.content.find((block) => block.type === 'tool_use')!;
    const history: Anthropic.MessageParam[] = [
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] },
    ];
    expect((await client.messages.create({ ...asked, messages: history })).stop_reason).toBe('end_turn');
    const forged = JSON.stringify({ ...asked, messages: history }).replace('"signature":"EqQ', '"signature":"FqQ');
    const refused = await opened.post('borealis', '/v1/messages', forged);
    expect([refused.status, JSON.parse(refused.text).error.message]).toEqual([
      400,
      'messages.1.content.0: Invalid `signature` in `thinking` block',
    ]);
  });

  test('keeps thinking to itself when it is to be omitted, and bills it all the same', async () => {
    const answer = await client.messages.create({ ...base, thinking: { type: 'adaptive', display: 'omitted' } });
    expect(answer.content[0]).toMatchObject({ type: 'thinking', thinking: '', signature: expect.any(String) });
    expect(answer.usage.output_tokens_details!.thinking_tokens).toBeGreaterThan(5);
  });

  test('ends at max_tokens and at stop sequences, and says by which', async () => {
    const short = await client.messages.create({ ...base, max_tokens: 3 });
    expect([short.stop_reason, short.usage.output_tokens]).toEqual(['max_tokens', 3]);
    const stopped = await client.messages.create({ ...base, stop_sequences: ['. '] });
    expect([stopped.stop_reason, stopped.stop_sequence]).toEqual(['stop_sequence', '. ']);
  });

  test('writes and reads its prompt cache, and forgets after five minutes', async () => {
    const system = [{ type: 'text', text: longText, cache_control: { type: 'ephemeral' } }] as const;
    const ask = async (): Promise<Anthropic.Usage> =>
      (await client.messages.create({ ...base, system: [...system] })).usage;
    const first = await ask();
    expect(first).toMatchObject({ input_tokens: 14, cache_read_input_tokens: 0 });
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1024);
    const second = await ask();
    expect(second).toMatchObject({
      input_tokens: 14,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: first.cache_creation_input_tokens,
    });
    opened.clock.advance(300_001);
    expect(await ask()).toMatchObject({
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: first.cache_creation_input_tokens,
    });
  });

  test('counts tokens as it bills them', async () => {
    const counted = await client.messages.countTokens({ model: 'chat-large', messages: [question], tools: [weather] });
    const answered = await client.messages.create({ ...base, tools: [weather] });
    expect(counted.input_tokens).toBe(answered.usage.input_tokens);
  });

  test('lists its models', async () => {
    const models = await Array.fromAsync(client.models.list());
    expect(models.map(({ id }) => id)).toEqual(['chat-large', 'chat-small']);
  });
});

const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] };
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] };
const ephemeral = { cache_control: { type: 'ephemeral' } };

describe('a vendor of the anthropic wire refuses, in its own words,', () => {
  test.each([
    [{ ...base, surprise: 1 }, 'surprise: Extra inputs are not permitted'],
    [{ model: 'chat-large', messages: [question] }, 'max_tokens: Field required'],
    [{ max_tokens: 1, messages: [question] }, 'model: Field required'],
    [{ model: 'chat-large', max_tokens: 1 }, 'messages: Field required'],
    [{ ...base, messages: [] }, 'messages: at least one message is required'],
    [{ ...base, messages: 'hi' }, 'messages: Input should be a valid list'],
    [{ ...base, messages: ['Invalid content'] }, 'messages.0: Input does not match the expected shape.'],
    [
      { ...base, messages: [{ role: 'robot', content: 'x' }] },
      "messages.0: Input tag 'robot' found using 'role' does not match any of the expected tags: 'user', 'assistant', 'system'",
    ],
    [
      { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 'x', mood: 1 }] }] },
      'messages.0.user.content.0.text.mood: Extra inputs are not permitted',
    ],
    [
      { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'messages: text content blocks must be non-empty',
    ],
    [
      { ...base, messages: [{ role: 'assistant', content: 'x' }, question] },
      'messages: first message must use the "user" role',
    ],
    [
      { ...base, messages: [question, { role: 'assistant', content: 'x ' }] },
      'messages: final assistant content cannot end with trailing whitespace',
    ],
    [{ ...base, max_tokens: '1' }, 'max_tokens: Input should be a valid integer'],
    [{ ...base, max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    [
      { ...base, max_tokens: 128_001 },
      'max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for chat-large',
    ],
    [{ ...base, temperature: 1.5 }, 'temperature: Input should be less than or equal to 1'],
    [
      { ...base, messages: [question, use] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
    [
      { ...base, messages: [question, use, question] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    ],
    [
      { ...base, messages: [result] },
      'messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    ],
    [
      { ...base, thinking: { type: 'enabled', budget_tokens: 1 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      { ...base, thinking: { type: 'enabled', budget_tokens: 1024 } },
      '`max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
    [
      { ...base, thinking: { type: 'adaptive' }, tools: [weather], tool_choice: { type: 'any' } },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
    [
      { ...base, thinking: { type: 'adaptive' }, temperature: 0 },
      '`temperature` may only be set to 1 when thinking is enabled.',
    ],
    [{ ...base, context_management: { edits: [] } }, 'context_management: Extra inputs are not permitted'],
    [{ ...base, thread: { type: 'create' } }, 'thread: Extra inputs are not permitted'],
    [
      { ...base, output_config: { effort: 'wild' } },
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ],
    [{ ...base, tools: [weather, weather] }, 'tools: Tool names must be unique.'],
    [
      { ...base, tools: [{ ...weather, name: 'a b' }] },
      "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
    [
      { ...base, tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags: 'custom'",
    ],
    [
      { ...base, tools: [weather], tool_choice: { type: 'tool', name: 'other' } },
      "Tool 'other' not found in provided tools",
    ],
    [{ ...base, stop_sequences: [' '] }, 'stop_sequences: each stop sequence must contain non-whitespace'],
    [
      { ...base, system: Array.from({ length: 5 }, () => ({ type: 'text', text: 'x', ...ephemeral })) },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      { ...base, messages: [{ role: 'user', content: 'a '.repeat(400_000) }] },
      'prompt is too long: 400007 tokens > 400000 maximum',
    ],
    ['{"model":', 'The request body is not valid JSON.'],
  ])('the message %#', async (body, message) => {
    const answer = await opened.post('borealis', '/v1/messages', body);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message },
        request_id: answer.headers.get('request-id'),
      },
    ]);
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });

  test('an unknown model, an unknown thread, a wrong key, version, method, path and too large a body', async () => {
    const told = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown[]> => {
      const answer = await opened.post('borealis', path, body, headers);
      const { error } = JSON.parse(answer.text);
      return [answer.status, error.type, error.message];
    };
    expect(await told('/v1/messages', { ...base, model: 'chat-huge' })).toEqual([
      404,
      'not_found_error',
      'model: chat-huge',
    ]);
    expect(await told('/v1/messages', base, { 'x-api-key': 'wrong' })).toEqual([
      401,
      'authentication_error',
      'invalid x-api-key',
    ]);
    expect(await told('/v1/messages', base, { 'anthropic-version': '1999-01-01' })).toEqual([
      400,
      'invalid_request_error',
      'anthropic-version: "1999-01-01" is not a valid version',
    ]);
    expect(await told('/v1/message', base)).toEqual([404, 'not_found_error', 'Not Found']);
    expect(await told('/v1/messages', 'x'.repeat(37 * 1024 * 1024))).toEqual([
      413,
      'request_too_large',
      'Request exceeds the maximum size',
    ]);
    expect((await opened.get('borealis', '/v1/messages')).status).toBe(405);
    const noKey = await opened.get('borealis', '/v1/models');
    expect([noKey.status, JSON.parse(noKey.text).error.message]).toEqual([401, 'x-api-key header is required']);
    const noVersion = await opened.get('borealis', '/v1/models', { 'x-api-key': sandboxCredential });
    expect([noVersion.status, JSON.parse(noVersion.text).error.message]).toEqual([
      400,
      'anthropic-version: header is required',
    ]);
    const thread = { ...base, thread: { type: 'continue', previous_message_id: 'msg_lost' } };
    const lost = await opened.post('borealis', '/v1/messages', thread, {
      'anthropic-beta': 'message-threads-2026-08-12',
    });
    expect([lost.status, JSON.parse(lost.text).error]).toMatchObject([
      404,
      { type: 'not_found_error', details: { error_code: 'thread_not_found' } },
    ]);
  });

  test('and bills nothing for any of it', async () => {
    const fresh = await openTestSandbox();
    await fresh.post('borealis', '/v1/messages', { ...base, surprise: 1 });
    await fresh.post('borealis', '/v1/messages/count_tokens', { model: 'chat-large', messages: [question] });
    expect(await fresh.sandbox.read('borealis')).toMatchObject({
      requests: 2,
      refused: 1,
      answered: 1,
      billNanoUsd: '0',
      tokens: {},
    });
    await fresh[Symbol.asyncDispose]();
  });
});
