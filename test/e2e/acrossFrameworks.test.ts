// The AI SDK, with its provider of each wire, against vendors of both wires, one vendor at a time.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, isStepCount, Output, streamText, tool, type LanguageModel } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import { marketKey } from '../rigs/Market.ts';
import { SandboxMarket, sandboxVendors } from '../rigs/SandboxMarket.ts';

let sandbox: SandboxMarket;
let headers: HeaderKeeper;

beforeAll(async () => {
  sandbox = await SandboxMarket.open();
  ({ headers } = sandbox.market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const providers = {
  'openai-compatible': (model: string): LanguageModel =>
    createOpenAICompatible({
      name: 'archipel',
      baseURL: `${sandbox.market.server.url}/v1`,
      apiKey: marketKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
      fetch: headers.fetch,
    })(model),
  openai: (model: string): LanguageModel =>
    createOpenAI({ baseURL: `${sandbox.market.server.url}/v1`, apiKey: marketKey, fetch: headers.fetch })(model),
  anthropic: (model: string): LanguageModel =>
    createAnthropic({ baseURL: `${sandbox.market.server.url}/v1`, apiKey: marketKey, fetch: headers.fetch })(model),
} as const;

const cells = Object.keys(providers).flatMap((provider) =>
  sandboxVendors.map(({ vendor, wire }) => ({ provider: provider as keyof typeof providers, vendor, wire })),
);

describe.each(cells)('the AI SDK over $provider, served by $vendor ($wire wire)', ({ provider, vendor }) => {
  const question = () => ({
    model: providers[provider](`${vendor}-only`),
    maxRetries: 0,
    instructions: 'You answer in one paragraph.',
    prompt: 'What is the weather in Paris?',
  });
  const weatherFor = (asked: string[]) =>
    tool({
      description: 'Weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => {
        asked.push(city);
        return 'sunny in Paris';
      },
    });
  const words = expect.stringMatching(/\S+ \S+/);

  const expectBooked = async (usage: { inputTokens: number | undefined; outputTokens: number | undefined }) => {
    expect(headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    const booked = await sandbox.booked(vendor);
    expect({ input: usage.inputTokens, output: usage.outputTokens }).toEqual(booked);
  };

  it('gets a text, and the usage that is billed', async () => {
    const { text, finishReason, usage } = await generateText(question());
    expect([text, finishReason]).toEqual([words, 'stop']);
    await expectBooked(usage);
  });

  it('streams a text, and the usage that is billed', async () => {
    const result = streamText(question());
    const pieces = await Array.fromAsync(result.textStream);
    expect(pieces.length).toBeGreaterThan(3);
    expect(await result.text).toBe(pieces.join(''));
    expect(await result.finishReason).toBe('stop');
    await expectBooked(await result.usage);
  });

  it('runs its tools until it has an answer, whole and streamed', async () => {
    const asked: string[] = [];
    const ask = { ...question(), tools: { get_weather: weatherFor(asked) }, stopWhen: isStepCount(3) };
    const { text, steps } = await generateText(ask);
    expect(text).toContain('sunny in Paris');
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(await streamText(ask).text).toContain('sunny in Paris');
    expect(asked).toEqual(['Paris', 'Paris']);
  });

  it('chooses among its tools', async () => {
    const ring = tool({ description: 'Rings a bell', inputSchema: z.object({}), execute: () => 'ding' });
    const ask = { ...question(), tools: { ring_bell: ring, get_weather: weatherFor([]) } };
    const calledBy = async (toolChoice: 'none' | 'required' | { type: 'tool'; toolName: 'ring_bell' }) =>
      (await generateText({ ...ask, toolChoice })).toolCalls.map(({ toolName, input }) => [toolName, input]);
    expect(await calledBy('none')).toEqual([]);
    expect(await calledBy('required')).toEqual([['get_weather', { city: 'Paris' }]]);
    expect(await calledBy({ type: 'tool', toolName: 'ring_bell' })).toEqual([['ring_bell', {}]]);
  });

  it('gets an answer in a schema, whole and streamed', async () => {
    const output = Output.object({ schema: z.object({ city: z.string(), people: z.number().int() }) });
    const wanted = { city: 'Paris', people: expect.any(Number) };
    expect((await generateText({ ...question(), output })).output).toEqual(wanted);
    expect(await streamText({ ...question(), output }).output).toEqual(wanted);
  });

  it('raises its own error, which says whether to try again', async () => {
    const model = providers[provider]('chat-huge');
    await expect(generateText({ ...question(), model })).rejects.toSatisfy(
      (error) => APICallError.isInstance(error) && error.statusCode === 404 && !error.isRetryable,
    );
  });
});
