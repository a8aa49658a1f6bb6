// Conversations that go on at another vendor than they began at, of the same wire or another: thinking, calls and their results come along.
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readChunks } from '../rigs/AnswerAsRead.ts';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import type { Market } from '../rigs/Market.ts';
import { SandboxMarket } from '../rigs/SandboxMarket.ts';
import { answer } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';

let sandbox: SandboxMarket;
let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

beforeAll(async () => {
  sandbox = await SandboxMarket.open(() => ({ chats: [{ wire: 'openai' }] }));
  ({ market } = sandbox);
  ({ openai, anthropic, headers } = market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const question = { role: 'user', content: 'What is the weather in Paris?' } as const;
const message = (model: string) => ({ model, max_tokens: 500, messages: [question] });

/** Where each next turn is served: there and back again, between vendors of three wires. */
const journeys = [
  ['aurora', 'borealis', 'cascade', 'borealis', 'aurora'],
  ['borealis', 'borealis', 'aurora', 'cascade', 'borealis'],
] as const;

const citySchema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

describe('a conversation with tools', () => {
  it.each(journeys)('of the openai SDK goes on from %s to %s, %s, %s and %s', async (...vendors) => {
    const tools = [
      { type: 'function' as const, function: { name: 'get_weather', description: 'Weather', parameters: citySchema } },
    ];
    const said: OpenAI.ChatCompletionMessageParam[] = [];
    for (const [turn, vendor] of vendors.entries()) {
      said.push(question);
      const ask = async () => {
        const { choices } = await openai.chat.completions.create({
          model: `${vendor}-thinking`,
          messages: said,
          tools,
          reasoning_effort: 'medium',
        });
        said.push(choices[0]!.message);
        return choices[0]!.message;
      };
      const calls = (await ask()).tool_calls!;
      for (const { id } of calls) said.push({ role: 'tool', tool_call_id: id, content: `sunny, ${turn} degrees` });
      expect((await ask()).content).toContain(`sunny, ${turn} degrees`);
      expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    }
  });

  it.each(journeys)('of the anthropic SDK goes on from %s to %s, %s, %s and %s', async (...vendors) => {
    const tools = [{ name: 'get_weather', description: 'Weather', input_schema: citySchema }];
    const said: Anthropic.MessageParam[] = [];
    for (const [turn, vendor] of vendors.entries()) {
      said.push(question);
      const ask = async () => {
        const { content } = await anthropic.messages
          .stream({
            model: `${vendor}-thinking`,
            max_tokens: 4_096,
            messages: said,
            tools,
            thinking: { type: 'enabled', budget_tokens: 1_024 },
          })
          .finalMessage();
        said.push({ role: 'assistant', content });
        return content;
      };
      const uses = (await ask()).filter((block) => block.type === 'tool_use');
      const results = uses.map(({ id }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: `sunny, ${turn} degrees`,
      }));
      said.push({ role: 'user', content: results });
      const answered = (await ask()).find((block) => block.type === 'text')!;
      expect(answered.text).toContain(`sunny, ${turn} degrees`);
      expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    }
  });
});

describe('thinking', () => {
  const thought = 'Paris first, then Rome.';
  const chatThought = {
    ...chatAnswer(''),
    choices: [
      { index: 0, message: { role: 'assistant', content: 'Warm.', reasoning_content: thought }, finish_reason: 'stop' },
    ],
  };

  it('that a vendor of the openai wire shows is a thinking block, which may come back', async () => {
    market.tell('chats', answer(200, chatThought));
    const ask = { ...message('chats'), max_tokens: 4_096, thinking: { type: 'adaptive' as const } };
    const { content } = await anthropic.messages.create(ask);
    expect(content).toMatchObject([
      { type: 'thinking', thinking: thought },
      { type: 'text', text: 'Warm.' },
    ]);
    const again = await anthropic.messages.create({
      ...ask,
      messages: [question, { role: 'assistant', content }, { role: 'user', content: 'And now?' }],
    });
    expect(again.stop_reason).toBe('end_turn');
  });

  it('of one vendor is no reason for another to refuse the conversation', async () => {
    market.tell('chats', answer(200, chatThought));
    const thinking = { type: 'adaptive' as const };
    const { content } = await anthropic.messages.create({ ...message('chats'), thinking });
    const again = await anthropic.messages.create({
      ...message('borealis-only'),
      messages: [question, { role: 'assistant', content }, { role: 'user', content: 'And now?' }],
    });
    expect(again.stop_reason).toBe('end_turn');
  });

  it('is not shown to who did not ask for it', async () => {
    market.tell('chats', answer(200, chatThought));
    const { content } = await anthropic.messages.create(message('chats'));
    expect(content).toMatchObject([{ type: 'text', text: 'Warm.' }]);
  });

  it('is asked of a vendor that can think, and shown to a chat', async () => {
    const ask = { model: 'borealis-thinking', messages: [question], reasoning_effort: 'high' as const };
    const { choices, usage } = await openai.chat.completions.create(ask);
    expect(choices[0]!.message).toMatchObject({ reasoning_content: expect.stringMatching(/\S+ \S+/) });
    const reasoning = usage!.completion_tokens_details!.reasoning_tokens!;
    expect(reasoning).toBeGreaterThan(0);
    expect(usage!.completion_tokens).toBeGreaterThan(reasoning);
    const chunks = await Array.fromAsync(await openai.chat.completions.create({ ...ask, stream: true }));
    expect(readChunks(chunks)).toMatchObject({ thinking: expect.stringMatching(/\S+ \S+/), ending: 'stop' });
    expect(headers.last('x-archipel-dropped')).toBe(null);
  });

  const efforts = ['none', 'low', 'high', 'max'] as const;

  it.each(efforts)(
    'with effort %s is asked within every bound, whatever the tools and the temperature',
    async (effort) => {
      for (const bound of [null, 1, 1_024, 128_000]) {
        for (const choice of ['none', 'auto', 'required'] as const) {
          const { choices } = await openai.chat.completions.create({
            model: 'borealis-thinking',
            messages: [question],
            reasoning_effort: effort,
            temperature: 0.5,
            max_completion_tokens: bound,
            tool_choice: choice,
            tools: [{ type: 'function', function: { name: 'get_weather', parameters: citySchema } }],
          });
          expect(choices[0]!.finish_reason).toMatch(/^(stop|length|tool_calls)$/);
        }
      }
    },
  );
});
