// Calls of several tools at once, from a vendor of one wire to the official SDK of the other, and their results back.
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Market } from '../rigs/Market.ts';
import { answer, answerStream, type Script } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, messageAnswer, messageEvents } from '../rigs/vendorAnswers.ts';

let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  market = await Market.open({ models: { chats: [{ wire: 'openai' }], messages: [{ wire: 'anthropic' }] } });
  ({ openai, anthropic } = market);
});

afterAll(() => market[Symbol.asyncDispose]());

const question = { role: 'user', content: 'Compare the weather in Paris and Rome.' } as const;

/** Whole or streamed, as it is asked. */
const either =
  (whole: object, stream: string): Script =>
  (response, call) => {
    const { stream: streamed = false } = JSON.parse(call.body.toString());
    return (streamed ? answerStream(stream) : answer(200, whole))(response, call);
  };

describe('parallel tool calls', () => {
  const citySchema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
  const event = (type: string, more: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const piece = (index: number, text: string): string =>
    chunk({ tool_calls: [{ index, function: { arguments: text } }] });

  const cities = ['Paris', 'Rome'];
  const calls = cities.map((city, index) => ({
    id: `call_${index}`,
    type: 'function' as const,
    function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
  }));
  const wholeChat = {
    ...chatAnswer(''),
    choices: [
      { index: 0, message: { role: 'assistant', content: null, tool_calls: calls }, finish_reason: 'tool_calls' },
    ],
  };
  // The pieces of both calls come mixed, as some vendors send them.
  const chatPieces = [
    chunk({ role: 'assistant', content: null }),
    ...calls.map((call, index) =>
      chunk({ tool_calls: [{ ...call, index, function: { ...call.function, arguments: '' } }] }),
    ),
    piece(0, '{"city":'),
    piece(1, '{"city": "Ro'),
    piece(0, '"Paris"}'),
    piece(1, 'me"}'),
    chunk({}, 'tool_calls'),
    chatEvents.done,
  ].join('');

  const uses = cities.map((city, index) => ({
    type: 'tool_use' as const,
    id: `toolu_${index}`,
    name: 'get_weather',
    input: { city },
  }));
  const wholeMessage = {
    ...messageAnswer(''),
    content: [{ type: 'text', text: 'I ask.' }, ...uses],
    stop_reason: 'tool_use',
  };
  const messagePieces = [
    messageEvents.start(5),
    messageEvents.open,
    messageEvents.text('I ask.'),
    messageEvents.close,
    ...uses.flatMap(({ input, ...use }, index) => [
      event('content_block_start', { index: index + 1, content_block: { ...use, input: {} } }),
      event('content_block_delta', {
        index: index + 1,
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      }),
      event('content_block_stop', { index: index + 1 }),
    ]),
    event('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } }),
    messageEvents.stop,
  ].join('');

  it.each([false, true])(
    'of a chat reach the anthropic SDK, and their results the vendor, streamed: %s',
    async (stream) => {
      market.tell('chats', either(wholeChat, chatPieces));
      const ask = {
        model: 'chats',
        max_tokens: 500,
        messages: [question],
        tools: [{ name: 'get_weather', description: 'Weather of a city', input_schema: citySchema }],
      };
      const first = stream ? await anthropic.messages.stream(ask).finalMessage() : await anthropic.messages.create(ask);
      expect(first.stop_reason).toBe('tool_use');
      const called = first.content.filter((block) => block.type === 'tool_use');
      expect(called.map(({ name, input }) => [name, input])).toEqual(cities.map((city) => ['get_weather', { city }]));

      market.tell('chats', answer(200, chatAnswer('done')));
      const results = called.map(({ id }, index) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: `result ${index}`,
      }));
      await anthropic.messages.create({
        ...ask,
        messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
      });
      const [, assistant, ...answers]: readonly { role: string; tool_calls?: readonly { id: string }[] }[] = Object(
        market.lastBody('chats')['messages'],
      );
      expect(assistant).toMatchObject({ role: 'assistant', tool_calls: calls.map(({ type }) => ({ type })) });
      expect(answers).toEqual(
        assistant!.tool_calls!.map(({ id }, index) => ({ role: 'tool', tool_call_id: id, content: `result ${index}` })),
      );
    },
  );

  it.each([false, true])(
    'of a message reach the openai SDK, and their results the vendor, streamed: %s',
    async (stream) => {
      market.tell('messages', either(wholeMessage, messagePieces));
      const ask = {
        model: 'messages',
        messages: [question],
        tools: [{ type: 'function' as const, function: { name: 'get_weather', parameters: citySchema } }],
      };
      const first = stream
        ? await openai.chat.completions.stream(ask).finalChatCompletion()
        : await openai.chat.completions.create(ask);
      const { message: said, finish_reason: finish } = first.choices[0]!;
      expect([said.content, finish]).toEqual(['I ask.', 'tool_calls']);
      const called = said.tool_calls!.flatMap((call) => (call.type === 'function' ? [call] : []));
      expect(called.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual(
        cities.map((city) => ['get_weather', { city }]),
      );

      market.tell('messages', answer(200, messageAnswer('done')));
      await openai.chat.completions.create({
        ...ask,
        messages: [
          question,
          { role: 'assistant', content: said.content, tool_calls: called },
          ...called.map(({ id }, index) => ({ role: 'tool' as const, tool_call_id: id, content: `result ${index}` })),
        ],
      });
      expect(market.lastBody('messages')['messages']).toEqual([
        { role: 'user', content: expect.anything() },
        { role: 'assistant', content: [{ type: 'text', text: 'I ask.' }, ...uses] },
        {
          role: 'user',
          content: uses.map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: `result ${index}` })),
        },
      ]);
    },
  );
});
