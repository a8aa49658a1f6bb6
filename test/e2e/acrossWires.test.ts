// The official SDKs of both wires against vendors of both wires, one vendor at a time: what differs is the program's to bridge.
import type Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import type OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import { SandboxMarket, sandboxVendors } from '../rigs/SandboxMarket.ts';

let sandbox: SandboxMarket;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

beforeAll(async () => {
  sandbox = await SandboxMarket.open();
  ({ openai, anthropic, headers } = sandbox.market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const question = { role: 'user', content: 'What is the weather in Paris?' } as const;
const ringing = { role: 'user', content: 'Please ring_bell at the door of Anna.' } as const;
const guidance = 'You answer in one paragraph.';
const citySchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'] as string[],
  additionalProperties: false,
};
const nothingSchema = { type: 'object', properties: {} } as const;
const cityShape = z.object({ city: z.string(), people: z.number().int() });
const words = expect.stringMatching(/\S+ \S+/);

describe.each(sandboxVendors)('the openai SDK, served by $vendor ($wire wire)', ({ vendor }) => {
  const chat = { model: `${vendor}-only`, messages: [{ role: 'system' as const, content: guidance }, question] };
  const weather = {
    type: 'function',
    function: { name: 'get_weather', description: 'Weather of a city', parameters: citySchema },
  } as const;
  const bell = {
    type: 'function',
    function: { name: 'ring_bell', description: 'Rings a bell', parameters: nothingSchema },
  } as const;

  const expectBooked = async (usage: OpenAI.CompletionUsage | null | undefined): Promise<void> => {
    expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    const booked = await sandbox.booked(vendor);
    expect(usage).toMatchObject({ prompt_tokens: booked.input, completion_tokens: booked.output });
    expect(usage!.total_tokens).toBe(booked.input + booked.output);
  };

  it('gets an answer, and the usage that is billed', async () => {
    const { choices, usage } = await openai.chat.completions.create(chat);
    expect(choices).toMatchObject([
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: words } },
    ]);
    await expectBooked(usage);
  });

  it('puts a stream together by its own helper, usage too where it asks for it', async () => {
    const runner = openai.chat.completions.stream({ ...chat, stream_options: { include_usage: true } });
    const pieces: string[] = [];
    runner.on('content', (piece) => pieces.push(piece));
    const { choices, usage } = await runner.finalChatCompletion();
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { content: words } }]);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(choices[0]!.message.content);
    await expectBooked(usage);
  });

  it('is shown no usage in a stream where it does not ask for it', async () => {
    const chunks = await Array.fromAsync(await openai.chat.completions.create({ ...chat, stream: true }));
    expect(chunks.filter(({ usage }) => usage !== null && usage !== undefined)).toEqual([]);
    expect(chunks.filter(({ choices }) => choices.length === 0)).toEqual([]);
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop');
    await sandbox.booked(vendor);
  });

  it.each([false, true])('is told that its bound cut the answer, streamed: %s', async (stream) => {
    const bound = { ...chat, max_tokens: 5 };
    const { choices, usage } = stream
      ? await openai.chat.completions
          .stream({ ...bound, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await openai.chat.completions.create(bound);
    expect(choices[0]!.finish_reason).toBe('length');
    expect(usage!.completion_tokens).toBe(5);
  });

  it('calls a tool, by hand', async () => {
    const first = await openai.chat.completions.create({ ...chat, tools: [weather] });
    const { message: called, finish_reason: finish } = first.choices[0]!;
    expect(finish).toBe('tool_calls');
    const [call] = called.tool_calls!;
    expect(call!.type === 'function' && JSON.parse(call!.function.arguments)).toEqual({ city: 'Paris' });
    const second = await openai.chat.completions.create({
      ...chat,
      tools: [weather],
      messages: [...chat.messages, called, { role: 'tool', tool_call_id: call!.id, content: 'sunny, 21 degrees' }],
    });
    expect(second.choices[0]!.message.content).toContain('sunny, 21 degrees');
    await expectBooked(second.usage);
  });

  it.each([false, true])('runs its tools by runTools, streamed: %s', async (stream) => {
    const asked: string[] = [];
    const tools = [
      zodFunction({
        name: 'get_weather',
        description: 'Weather of a city',
        parameters: z.object({ city: z.string() }),
        function: ({ city }) => {
          asked.push(city);
          return 'sunny in Paris';
        },
      }),
    ];
    const runner = stream
      ? openai.chat.completions.runTools({ ...chat, stream: true, tools })
      : openai.chat.completions.runTools({ ...chat, tools });
    expect(await runner.finalContent()).toContain('sunny in Paris');
    expect(asked).toEqual(['Paris']);
  });

  it.each([false, true])('calls a tool that takes nothing, streamed: %s', async (stream) => {
    const ask = { ...chat, messages: [ringing], tools: [bell] };
    const first = stream
      ? await openai.chat.completions.stream(ask).finalChatCompletion()
      : await openai.chat.completions.create(ask);
    const [call] = first.choices[0]!.message.tool_calls!;
    const calling = { name: 'ring_bell', arguments: '{}' };
    expect(call).toMatchObject({ type: 'function', function: calling });
    const second = await openai.chat.completions.create({
      ...ask,
      messages: [
        ringing,
        { role: 'assistant', content: null, tool_calls: [{ id: call!.id, type: 'function', function: calling }] },
        { role: 'tool', tool_call_id: call!.id, content: 'ding' },
      ],
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: words } });
  });

  it.each([
    ['none', 'stop', []],
    ['auto', 'tool_calls', ['get_weather']],
    ['required', 'tool_calls', ['get_weather']],
    [{ type: 'function', function: { name: 'ring_bell' } }, 'tool_calls', ['ring_bell']],
  ] as const)('chooses among its tools by %j', async (choice, finish, called) => {
    for (const parallel of [true, false]) {
      const { choices } = await openai.chat.completions.create({
        ...chat,
        tools: [bell, weather],
        tool_choice: choice,
        parallel_tool_calls: parallel,
      });
      expect(choices[0]!.finish_reason).toBe(finish);
      const calls = choices[0]!.message.tool_calls ?? [];
      expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(called);
    }
  });

  it('gets an answer in a schema, by hand and by its zod helper, whole and streamed', async () => {
    const byHand = await openai.chat.completions.create({
      ...chat,
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: citySchema } },
    });
    expect(JSON.parse(byHand.choices[0]!.message.content!)).toEqual({ city: 'Paris' });
    const typed = { ...chat, response_format: zodResponseFormat(cityShape, 'city') };
    const parsed = await openai.chat.completions.parse(typed);
    expect(parsed.choices[0]!.message.parsed).toEqual({ city: 'Paris', people: expect.any(Number) });
    const streamed = await openai.chat.completions.stream(typed).finalChatCompletion();
    expect(streamed.choices[0]!.message.parsed).toEqual({ city: 'Paris', people: expect.any(Number) });
  });
});

describe.each(sandboxVendors)('the anthropic SDK, served by $vendor ($wire wire)', ({ vendor }) => {
  const message = { model: `${vendor}-only`, max_tokens: 500, system: guidance, messages: [question] };
  const weather: Anthropic.Tool = { name: 'get_weather', description: 'Weather of a city', input_schema: citySchema };
  const bell: Anthropic.Tool = { name: 'ring_bell', description: 'Rings a bell', input_schema: nothingSchema };

  const expectBooked = async (usage: Anthropic.Usage): Promise<void> => {
    expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    const booked = await sandbox.booked(vendor);
    const { input_tokens: input, output_tokens: output } = usage;
    expect({ input, output }).toEqual(booked);
  };

  it('gets a message, and the usage that is billed', async () => {
    const answer = await anthropic.messages.create(message);
    expect(answer).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(answer.content).toMatchObject([{ type: 'text', text: words }]);
    await expectBooked(answer.usage);
  });

  it('puts a stream together by its own helper, usage too', async () => {
    const stream = anthropic.messages.stream(message);
    const pieces: string[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    const answer = await stream.finalMessage();
    expect(answer).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(pieces.length).toBeGreaterThan(3);
    expect(answer.content).toMatchObject([{ type: 'text', text: pieces.join('') }]);
    await expectBooked(answer.usage);
  });

  it('gets events in the order of its protocol', async () => {
    const events = await Array.fromAsync(await anthropic.messages.create({ ...message, stream: true }));
    const types = events.map(({ type }) => type);
    const deltas = types.filter((type) => type === 'content_block_delta');
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      ...deltas,
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it.each([false, true])('is told that its bound cut the answer, streamed: %s', async (stream) => {
    const bound = { ...message, max_tokens: 5 };
    const answer = stream
      ? await anthropic.messages.stream(bound).finalMessage()
      : await anthropic.messages.create(bound);
    expect(answer).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 5 } });
  });

  it('calls a tool by hand and gives its result', async () => {
    const first = await anthropic.messages.create({ ...message, tools: [weather] });
    expect(first.stop_reason).toBe('tool_use');
    const use = first.content.find((block) => block.type === 'tool_use')!;
    expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Paris' } });
    const second = await anthropic.messages.create({
      ...message,
      tools: [weather],
      messages: [
        question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny, 21 degrees' }] },
      ],
    });
    expect(second.content).toMatchObject([{ type: 'text', text: expect.stringContaining('sunny, 21 degrees') }]);
    await expectBooked(second.usage);
  });

  // A thread lives at one vendor. Where a vendor knows none, the SDK is told so and sends the whole conversation instead.
  it.each([
    { stream: false },
    { stream: true },
    { stream: false, thread: false as const },
    { stream: true, thread: false as const },
  ])('runs its tools by toolRunner, %j', async (how) => {
    const asked: unknown[] = [];
    const runner = anthropic.beta.messages.toolRunner({
      ...message,
      ...how,
      tools: [
        betaTool({
          name: 'get_weather',
          description: 'Weather of a city',
          inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          run: (input) => {
            asked.push(input);
            return 'sunny in Paris';
          },
        }),
      ],
    });
    const final = await runner.runUntilDone();
    expect(final.content).toMatchObject([{ type: 'text', text: expect.stringContaining('sunny in Paris') }]);
    expect(asked).toEqual([{ city: 'Paris' }]);
  });

  it.each([false, true])('calls a tool that takes nothing, streamed: %s', async (stream) => {
    const ask = { ...message, messages: [ringing], tools: [bell] };
    const first = stream ? await anthropic.messages.stream(ask).finalMessage() : await anthropic.messages.create(ask);
    const use = first.content.find((block) => block.type === 'tool_use')!;
    expect(use).toMatchObject({ name: 'ring_bell', input: {} });
    const second = await anthropic.messages.create({
      ...ask,
      messages: [
        ringing,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'ding' }] },
      ],
    });
    expect(second).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: words }] });
  });

  it.each([
    [{ type: 'none' }, 'end_turn', []],
    [{ type: 'auto' }, 'tool_use', ['get_weather']],
    [{ type: 'auto', disable_parallel_tool_use: true }, 'tool_use', ['get_weather']],
    [{ type: 'any' }, 'tool_use', ['get_weather']],
    [{ type: 'tool', name: 'ring_bell' }, 'tool_use', ['ring_bell']],
    [{ type: 'tool', name: 'ring_bell', disable_parallel_tool_use: true }, 'tool_use', ['ring_bell']],
  ] as const)('chooses among its tools by %j', async (choice, stop, called) => {
    const answer = await anthropic.messages.create({ ...message, tools: [bell, weather], tool_choice: choice });
    expect(answer.stop_reason).toBe(stop);
    const uses = answer.content.filter((block) => block.type === 'tool_use');
    expect(uses.map(({ name }) => name)).toEqual(called);
  });

  it('gets a message in a schema, by hand and by its zod helper, whole and streamed', async () => {
    const byHand = await anthropic.messages.create({
      ...message,
      output_config: { format: { type: 'json_schema', schema: citySchema } },
    });
    expect(byHand.content).toEqual([{ type: 'text', text: '{"city":"Paris"}' }]);
    const typed = { ...message, output_config: { format: zodOutputFormat(cityShape) } };
    const parsed = await anthropic.messages.parse(typed);
    expect(parsed.parsed_output).toEqual({ city: 'Paris', people: expect.any(Number) });
    const streamed = await anthropic.messages.stream(typed).finalMessage();
    expect(streamed.parsed_output).toEqual({ city: 'Paris', people: expect.any(Number) });
  });
});
