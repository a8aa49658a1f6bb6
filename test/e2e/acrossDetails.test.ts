// What a vendor of the other wire really receives, and what its client is told beside the answer: images, errors, counts, headers.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf } from '../rigs/caseOf.ts';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import { soldModel, type Market } from '../rigs/Market.ts';
import { SandboxMarket } from '../rigs/SandboxMarket.ts';
import { answer } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream, messageAnswer, messageStream, vendorError } from '../rigs/vendorAnswers.ts';

let sandbox: SandboxMarket;
let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

const chats = { wire: 'openai' } as const;
const messages = { wire: 'anthropic' } as const;

beforeAll(async () => {
  sandbox = await SandboxMarket.open(() => ({
    'chats-only': [chats],
    'messages-only': [messages],
    'chats-limited': [chats],
    'messages-limited': [messages],
    'chats-broken': [chats],
    'messages-broken': [messages],
    // The cheapest is asked first.
    'chats-first': [chats, { ...messages, usdPerMTok: '2' }],
    'messages-first': [messages, { ...chats, usdPerMTok: '2' }],
  }));
  ({ market } = sandbox);
  ({ openai, anthropic, headers } = market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const question = { role: 'user', content: 'Compare the weather in Paris and Rome.' } as const;
const chat = (model: string) => ({ model, messages: [question] });
const message = (model: string) => ({ model, max_tokens: 500, messages: [question] });

describe('an image', () => {
  const [{ content: sent }] = caseOf('21-data-uri-image').json('reverse.request.json').messages;
  const pixel: string = sent[0].source.data;
  const text = { type: 'text' as const, text: 'Which colour?' };
  const asUri = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${pixel}` } };
  const asBytes = {
    type: 'image' as const,
    source: { type: 'base64' as const, media_type: 'image/png' as const, data: pixel },
  };
  const askChat = (model: string) => ({ model, messages: [{ role: 'user' as const, content: [text, asUri] }] });
  const askMessage = (model: string) => ({
    ...message(model),
    messages: [{ role: 'user' as const, content: [asBytes, text] }],
  });

  it('reaches a vendor of the other wire as that wire writes it', async () => {
    market.tell('messages-only', answer(200, messageAnswer('red')));
    await openai.chat.completions.create(askChat('messages-only'));
    expect(market.lastBody('messages-only')['messages']).toEqual([{ role: 'user', content: [text, asBytes] }]);

    market.tell('chats-only', answer(200, chatAnswer('red')));
    await anthropic.messages.create(askMessage('chats-only'));
    expect(market.lastBody('chats-only')['messages']).toEqual([{ role: 'user', content: [asUri, text] }]);
  });

  it.each(['aurora', 'borealis', 'cascade'])('is taken by %s from both', async (vendor) => {
    const completion = await openai.chat.completions.create(askChat(`${vendor}-only`));
    expect(completion.choices[0]!.finish_reason).toBe('stop');
    expect((await anthropic.messages.create(askMessage(`${vendor}-only`))).stop_reason).toBe('end_turn');
  });
});

describe('errors of a vendor of the other wire', () => {
  const anthropicError = (type: string, words: string): object => ({
    type: 'error',
    error: { type, message: words },
    request_id: 'req_v',
  });
  const words = 'messages.0: this is not how to ask';

  it.each([false, true])(
    "of the request itself are the SDK's own, in the vendor's words, streamed: %s",
    async (stream) => {
      market.tell('messages-only', answer(400, anthropicError('invalid_request_error', words)));
      const asked = openai.chat.completions.create({ ...chat('messages-only'), stream });
      await expect(asked).rejects.toThrow(OpenAI.BadRequestError);
      await expect(asked).rejects.toMatchObject({
        message: expect.stringContaining(words),
        type: 'invalid_request_error',
      });

      market.tell('chats-only', answer(400, vendorError(words)));
      const told = anthropic.messages.create({ ...message('chats-only'), stream });
      await expect(told).rejects.toThrow(Anthropic.BadRequestError);
      await expect(told).rejects.toMatchObject({
        message: expect.stringContaining(words),
        type: 'invalid_request_error',
      });
    },
  );

  it('about a rate are its own, and say when to come back', async () => {
    market.tell(
      'messages-limited',
      answer(429, anthropicError('rate_limit_error', 'slow down'), { 'retry-after': '30' }),
    );
    market.tell('chats-limited', answer(429, vendorError('slow down', 'requests'), { 'retry-after': '30' }));
    await expect(openai.chat.completions.create(chat('messages-limited'))).rejects.toThrow(OpenAI.RateLimitError);
    expect(Number(headers.last('retry-after'))).toBeGreaterThan(20);
    await expect(anthropic.messages.create(message('chats-limited'))).rejects.toThrow(Anthropic.RateLimitError);
    expect(Number(headers.last('retry-after'))).toBeGreaterThan(20);
  });

  it('about its own trouble are server errors', async () => {
    market.tell('messages-broken', answer(500, anthropicError('api_error', 'broken')));
    market.tell('chats-broken', answer(500, vendorError('broken', 'server_error')));
    await expect(openai.chat.completions.create(chat('messages-broken'))).rejects.toThrow(OpenAI.InternalServerError);
    await expect(anthropic.messages.create(message('chats-broken'))).rejects.toThrow(Anthropic.InternalServerError);
  });

  it('do not come in place of ours: a wrong key, a model that is not there', async () => {
    const { url } = market.server;
    const chatsOfOther = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    const messagesOfOther = new Anthropic({ baseURL: url, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(chatsOfOther.chat.completions.create(chat('messages-only'))).rejects.toThrow(
      OpenAI.AuthenticationError,
    );
    await expect(messagesOfOther.messages.create(message('chats-only'))).rejects.toThrow(Anthropic.AuthenticationError);
    await expect(openai.chat.completions.create(chat('chat-huge'))).rejects.toThrow(OpenAI.NotFoundError);
    await expect(anthropic.messages.create(message('chat-huge'))).rejects.toThrow(Anthropic.NotFoundError);
  });
});

describe('what the other wire has no word for', () => {
  // What the SDK's types have lost or warn of, their users still send.
  const few: object = { top_k: 5 };
  const seeded: object = { seed: 7 };

  it('is refused by name where it shapes the answer', async () => {
    const before = market.calls('messages-only').length + market.calls('chats-only').length;
    await expect(openai.chat.completions.create({ ...chat('messages-only'), n: 2 })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_feature',
      message: expect.stringContaining('n'),
    });
    const search = { type: 'web_search_20250305' as const, name: 'web_search' as const };
    const asked = anthropic.messages.create({ ...message('chats-only'), tools: [search] });
    await expect(asked).rejects.toThrow(Anthropic.BadRequestError);
    await expect(asked).rejects.toThrow('web_search');
    expect(headers.last('x-archipel-error')).toBe('unsupported_feature');
    expect(market.calls('messages-only').length + market.calls('chats-only').length).toBe(before);
  });

  it('is left out where it only tunes or labels, and told', async () => {
    await openai.chat.completions.create({ ...chat('borealis-only'), ...seeded, store: true });
    expect(headers.last('x-archipel-dropped')).toBe('seed, store');
    expect(headers.last('x-archipel-target')).toBe('borealis/chat-large');
    await anthropic.messages.create({ ...message('aurora-only'), ...few });
    expect(headers.last('x-archipel-dropped')).toBe('top_k');
  });

  it('is sent where the vendor speaks the same wire, and nothing is told', async () => {
    await openai.chat.completions.create({ ...chat('aurora-only'), ...seeded });
    expect(headers.last('x-archipel-dropped')).toBe(null);
    await anthropic.messages.create({ ...message('borealis-only'), ...few });
    expect(headers.last('x-archipel-dropped')).toBe(null);
  });

  it('keeps a request with the vendor that has the word', async () => {
    market.tell('messages-first', answer(200, messageAnswer('from messages')));
    market.tell('messages-first', answer(200, chatAnswer('from chats')), 1);
    const plain = await openai.chat.completions.create(chat('messages-first'));
    expect(plain.choices[0]!.message.content).toBe('from messages');
    const twice = await openai.chat.completions.create({ ...chat('messages-first'), n: 2 });
    expect(twice.choices[0]!.message.content).toBe('from chats');
    expect(headers.last('x-archipel-attempts')).toBe('1');
  });
});

describe('a vendor that fails', () => {
  it.each([false, true])('is replaced by one of the other wire, and nobody notices, streamed: %s', async (stream) => {
    market.tell('chats-first', answer(503, vendorError('down', 'server_error')));
    market.tell(
      'chats-first',
      stream ? messageStream('from messages') : answer(200, messageAnswer('from messages')),
      1,
    );
    const completion = stream
      ? await openai.chat.completions.stream(chat('chats-first')).finalChatCompletion()
      : await openai.chat.completions.create(chat('chats-first'));
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'from messages' } });
    expect(headers.last('x-archipel-target')).toBe(`chats-first-1/${soldModel}`);

    market.tell('messages-first', answer(503, { type: 'error', error: { type: 'api_error', message: 'down' } }));
    market.tell('messages-first', stream ? chatStream('from chats') : answer(200, chatAnswer('from chats')), 1);
    const said = stream
      ? await anthropic.messages.stream(message('messages-first')).finalMessage()
      : await anthropic.messages.create(message('messages-first'));
    expect(said).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'from chats' }] });
    expect(headers.last('x-archipel-target')).toBe(`messages-first-1/${soldModel}`);
  });
});

describe('a count of tokens', () => {
  const long = { role: 'user', content: 'How much is this? '.repeat(200) } as const;

  it('is estimated where no vendor counts, and is no less than what is billed', async () => {
    const short = await anthropic.messages.countTokens({ model: 'aurora-only', messages: [question] });
    expect(headers.last('x-archipel-estimated')).toBe('true');
    const more = await anthropic.messages.countTokens({ model: 'aurora-only', messages: [long] });
    for (const [counted, asked] of [
      [short, question],
      [more, long],
    ] as const) {
      const { usage } = await anthropic.messages.create({ ...message('aurora-only'), messages: [asked] });
      expect(counted.input_tokens).toBeGreaterThanOrEqual(usage.input_tokens);
      expect(counted.input_tokens).toBeLessThan(usage.input_tokens * 3 + 100);
    }
  });

  it("is the vendor's own where it counts", async () => {
    const counted = await anthropic.messages.countTokens({ model: 'borealis-only', messages: [question] });
    expect(headers.last('x-archipel-estimated')).toBe(null);
    const { usage } = await anthropic.messages.create(message('borealis-only'));
    expect(counted.input_tokens).toBe(usage.input_tokens);
  });
});

describe('the list of models', () => {
  it('is the same for clients of both wires', async () => {
    const forChats = (await Array.fromAsync(openai.models.list())).map(({ id }) => id);
    const forMessages = (await Array.fromAsync(anthropic.models.list())).map(({ id }) => id);
    expect(forChats.toSorted()).toEqual(forMessages.toSorted());
    expect(forChats).toEqual(expect.arrayContaining(['aurora-only', 'borealis-only', 'cascade-only', 'chats-only']));
  });
});
