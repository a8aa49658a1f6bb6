// The official SDK of Google against vendors of the other wires, and the SDKs of those against a vendor of Google's wire.
import type Anthropic from '@anthropic-ai/sdk';
import type { Content, GenerateContentResponse, GoogleGenAI } from '@google/genai';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf } from '../rigs/caseOf.ts';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import type { Market } from '../rigs/Market.ts';
import { SandboxMarket, sandboxVendors } from '../rigs/SandboxMarket.ts';
import { answer, answerStream } from '../rigs/ScriptedUpstream.ts';
import { chatStream, generatedAnswer, generatedStream } from '../rigs/vendorAnswers.ts';

let sandbox: SandboxMarket;
let market: Market;
let gemini: GoogleGenAI;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

beforeAll(async () => {
  const seller = { wire: 'gemini' } as const;
  sandbox = await SandboxMarket.open(() => ({
    contents: [seller],
    'breaks-off': [seller],
    'fails-over': [seller, { wire: 'openai', usdPerMTok: '2' }],
  }));
  ({ market } = sandbox);
  ({ gemini, openai, anthropic, headers } = market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const question = 'What is the weather in Paris?';
const cityParameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const tools = [
  {
    functionDeclarations: [
      { name: 'get_weather', description: 'Weather of a city', parametersJsonSchema: cityParameters },
    ],
  },
];
const words = /\S+ \S+/;

const textOf = (chunks: readonly GenerateContentResponse[]): string => chunks.map(({ text }) => text ?? '').join('');

describe.each(sandboxVendors)('the SDK of Google, served by $vendor ($wire wire)', ({ vendor }) => {
  const model = `${vendor}-only`;

  const expectBooked = async (usage: GenerateContentResponse['usageMetadata']): Promise<void> => {
    const booked = await sandbox.booked(vendor);
    const { promptTokenCount, candidatesTokenCount = 0, thoughtsTokenCount = 0, totalTokenCount } = usage!;
    expect([promptTokenCount, candidatesTokenCount + thoughtsTokenCount]).toEqual([booked.input, booked.output]);
    expect(totalTokenCount).toBe(booked.input + booked.output);
  };

  it('gets an answer, and the usage that is billed', async () => {
    const config = { systemInstruction: 'You answer in one paragraph.' };
    const { text, candidates, usageMetadata } = await gemini.models.generateContent({
      model,
      contents: question,
      config,
    });
    expect(text).toMatch(words);
    expect(candidates).toMatchObject([{ finishReason: 'STOP', index: 0, content: { role: 'model' } }]);
    expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    await expectBooked(usageMetadata);
  });

  it('puts a stream together, with usage in the last chunk', async () => {
    const chunks = await Array.fromAsync(await gemini.models.generateContentStream({ model, contents: question }));
    expect(chunks.length).toBeGreaterThan(3);
    expect(textOf(chunks)).toMatch(words);
    expect(chunks.at(-1)!.candidates![0]!.finishReason).toBe('STOP');
    await expectBooked(chunks.at(-1)!.usageMetadata);
  });

  it.each([false, true])('is told that its bound cut the answer, streamed: %s', async (stream) => {
    const request = { model, contents: question, config: { maxOutputTokens: 5 } };
    const last = stream
      ? (await Array.fromAsync(await gemini.models.generateContentStream(request))).at(-1)!
      : await gemini.models.generateContent(request);
    expect(last.candidates![0]!.finishReason).toBe('MAX_TOKENS');
    expect(last.usageMetadata!.candidatesTokenCount).toBe(5);
  });

  it.each([false, true])('calls a tool and gives back what it said, streamed: %s', async (stream) => {
    const ask = async (contents: Content[]): Promise<readonly GenerateContentResponse[]> => {
      const request = { model, contents, config: { tools } };
      if (!stream) return [await gemini.models.generateContent(request)];
      return Array.fromAsync(await gemini.models.generateContentStream(request));
    };
    const asked: Content = { role: 'user', parts: [{ text: question }] };
    const first = await ask([asked]);
    const [call] = first.flatMap(({ functionCalls = [] }) => functionCalls);
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Paris' }, id: expect.stringMatching(/./) });
    const said: Content = {
      role: 'model',
      parts: first.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []),
    };
    const response = { id: call!.id!, name: call!.name!, response: { output: 'sunny, 21 degrees' } };
    const second = await ask([asked, said, { role: 'user', parts: [{ functionResponse: response }] }]);
    expect(textOf(second)).toContain('sunny, 21 degrees');
    await expectBooked(second.at(-1)!.usageMetadata);
  });

  it('counts tokens', async () => {
    const { totalTokens } = await gemini.models.countTokens({ model, contents: question });
    expect(totalTokens).toBeGreaterThan(3);
  });

  it('goes on with a chat that it keeps itself', async () => {
    const chat = gemini.chats.create({ model });
    expect((await chat.sendMessage({ message: question })).text).toMatch(words);
    const chunks = await Array.fromAsync(await chat.sendMessageStream({ message: 'And tomorrow?' }));
    expect(textOf(chunks)).toMatch(words);
    expect(chat.getHistory(true).length).toBeGreaterThanOrEqual(4);
  });
});

describe('the SDK of Google', () => {
  it('lists the models of its key', async () => {
    const { page } = await gemini.models.list();
    expect(page.map(({ name }) => name)).toContain('models/aurora-only');
  });

  it('is told of what is wrong in its own shape', async () => {
    const asking = gemini.models.generateContent({ model: 'no-such-model', contents: question });
    await expect(asking).rejects.toMatchObject({ name: 'ApiError', status: 404 });
    await expect(asking).rejects.toThrow(/NOT_FOUND.*UNKNOWN_MODEL/s);
  });

  it('is refused what only its own vendor has, where no such vendor sells the model', async () => {
    const config = { tools: [{ googleSearch: {} }] };
    const asking = gemini.models.generateContent({ model: 'aurora-only', contents: question, config });
    await expect(asking).rejects.toThrow(/UNSUPPORTED_FEATURE/);
    await expect(asking).rejects.toThrow(/googleSearch/);
  });

  it('sees no fault of a vendor before the first content, whatever wire the next one speaks', async () => {
    market.tell('fails-over', answer(503, { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } }));
    market.tell('fails-over', chatStream('all of it'), 1);
    const request = { model: 'fails-over', contents: question };
    expect(textOf(await Array.fromAsync(await gemini.models.generateContentStream(request)))).toBe('all of it');
  });

  it('is told within its stream that a vendor broke off', async () => {
    const chunk = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: 'so far' }] } }] })}\n\n`;
    market.tell('breaks-off', answerStream(chunk));
    const stream = await gemini.models.generateContentStream({ model: 'breaks-off', contents: question });
    const texts: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { text } of stream) texts.push(text);
    })();
    await expect(reading).rejects.toThrow(/UPSTREAM_TRUNCATED/);
    expect(texts).toEqual(['so far']);
  });
});

/** A call as the vendor's newer models sign it. */
const signature = 'EpwICpkIAXLI2nxl+/=';
const calling = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [{ functionCall: { name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: signature }],
      },
      finishReason: 'STOP',
      index: 0,
    },
  ],
  usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 32 },
  modelVersion: 'gemini-3-pro-preview',
  responseId: 'r-1',
};
const callingStream = answerStream(`data: ${JSON.stringify(calling)}\n\n`);

/** The parts that reached the vendor in its last call, content by content. */
const lastContents = (): readonly { readonly role: string; readonly parts: readonly Record<string, unknown>[] }[] =>
  JSON.parse(JSON.stringify(market.lastBody('contents')['contents']));

describe('a vendor of the wire of Google serves', () => {
  it.each([false, true])('the SDK of OpenAI, streamed: %s', async (stream) => {
    market.tell('contents', stream ? generatedStream('fine', [10, 3]) : answer(200, generatedAnswer('fine', [10, 3])));
    const request = { model: 'contents', messages: [{ role: 'user' as const, content: question }] };
    const { choices, usage } = stream
      ? await openai.chat.completions
          .stream({ ...request, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await openai.chat.completions.create(request);
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { content: 'fine' } }]);
    expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 3 });
    const path = stream ? ':streamGenerateContent?alt=sse' : ':generateContent';
    expect(market.calls('contents').at(-1)!.path).toBe(`/contents-0/v1beta/models/vendor-model${path}`);
    expect(lastContents()).toEqual([{ role: 'user', parts: [{ text: question }] }]);
  });

  it.each([false, true])(
    'a round of tools of a chat, and the signature of the call with it, streamed: %s',
    async (stream) => {
      market.tell('contents', stream ? callingStream : answer(200, calling));
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }];
      const weather = { type: 'function', function: { name: 'get_weather', parameters: cityParameters } } as const;
      const request = { model: 'contents', messages, tools: [weather] };
      const { choices, usage } = stream
        ? await openai.chat.completions
            .stream({ ...request, stream_options: { include_usage: true } })
            .finalChatCompletion()
        : await openai.chat.completions.create(request);
      const { message: said, finish_reason: ending } = choices[0]!;
      expect(ending).toBe('tool_calls');
      expect(usage).toMatchObject({
        prompt_tokens: 20,
        completion_tokens: 12,
        completion_tokens_details: { reasoning_tokens: 7 },
      });
      market.tell('contents', answer(200, generatedAnswer('sunny')));
      const id = said.tool_calls![0]!.id;
      await openai.chat.completions.create({
        ...request,
        messages: [...messages, said, { role: 'tool', tool_call_id: id, content: 'sunny' }],
      });
      expect(lastContents().slice(1)).toEqual([
        {
          role: 'model',
          parts: [{ functionCall: { id, name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: signature }],
        },
        { role: 'user', parts: [{ functionResponse: { id, name: 'get_weather', response: { output: 'sunny' } } }] },
      ]);
    },
  );

  it.each([false, true])(
    'the SDK of Anthropic and its round of tools, with the signature of its call, streamed: %s',
    async (stream) => {
      market.tell('contents', stream ? callingStream : answer(200, calling));
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
      const request = {
        model: 'contents',
        max_tokens: 100,
        messages,
        tools: [{ name: 'get_weather', input_schema: { ...cityParameters, type: 'object' as const } }],
      };
      const said = stream
        ? await anthropic.messages.stream(request).finalMessage()
        : await anthropic.messages.create(request);
      expect(said).toMatchObject({
        stop_reason: 'tool_use',
        content: [{ type: 'redacted_thinking' }, { type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } }],
        usage: { input_tokens: 20, output_tokens: 12 },
      });
      const { id } = said.content.find((block) => block.type === 'tool_use')!;
      market.tell('contents', answer(200, generatedAnswer('sunny')));
      const result = { type: 'tool_result' as const, tool_use_id: id, content: 'sunny' };
      const { content } = await anthropic.messages.create({
        ...request,
        messages: [...messages, { role: 'assistant', content: said.content }, { role: 'user', content: [result] }],
      });
      expect(content).toMatchObject([{ type: 'text', text: 'sunny' }]);
      expect(lastContents().slice(1)).toMatchObject([
        {
          role: 'model',
          parts: [{ functionCall: { id, name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: signature }],
        },
        { role: 'user', parts: [{ functionResponse: { id, name: 'get_weather', response: { output: 'sunny' } } }] },
      ]);
    },
  );

  it('a message whose call came whole, with all its arguments (case 03)', async () => {
    const { bytes, json, expected } = caseOf('03-gemini-to-anthropic-args-dropped');
    market.tell('contents', answerStream(bytes('upstream.sse')));
    const asked = { ...json('request.json'), model: 'contents' };
    const said = await anthropic.messages.stream(asked).finalMessage();
    expect(said.content).toMatchObject(expected.assembledBlocks);
    expect(said).toMatchObject({ stop_reason: expected.stop_reason, usage: expected.usage });
    const { text } = await market.send('/v1/messages', asked);
    expect(text.match(/event: message_start/g)).toHaveLength(expected.messageStartCount);
    expect(text).toMatch(new RegExp(`event: ${expected.lastEvent}\\ndata: .*\\n\\n$`));
    expect(text).toContain('input_json_delta');
  });

  it.each([false, true])(
    'a chat whose prompt was blocked, with an answer that says so, streamed: %s (case 25)',
    async (stream) => {
      const { bytes, expected } = caseOf('25-stop-reason-table');
      const blocked = bytes('upstream-gemini-blocked.json');
      const events = answerStream(`data: ${JSON.stringify(JSON.parse(blocked.toString()))}\n\n`);
      market.tell('contents', stream ? events : answer(200, blocked));
      const request = { model: 'contents', messages: [{ role: 'user' as const, content: 'hi' }] };
      const { choices, usage } = stream
        ? await openai.chat.completions
            .stream({ ...request, stream_options: { include_usage: true } })
            .finalChatCompletion()
        : await openai.chat.completions.create(request);
      const { finish_reason: reason, usage: counts } = expected['upstream-gemini-blocked'];
      expect(choices[0]!.finish_reason).toBe(reason);
      expect(usage).toMatchObject(counts);
    },
  );
});
