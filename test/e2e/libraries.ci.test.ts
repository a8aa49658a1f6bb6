// Libraries over the vendors' SDKs, pointed at the gateway as their users would, against vendors of every wire, one vendor at a time.
import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, HumanMessage, type ToolMessage, type UsageMetadata } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIProvider, Runner, tool as agentTool } from '@openai/agents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { marketKey } from '../rigs/Market.ts';
import { SandboxMarket, sandboxVendors } from '../rigs/SandboxMarket.ts';

let sandbox: SandboxMarket;

beforeAll(async () => {
  sandbox = await SandboxMarket.open();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const url = (): string => sandbox.market.server.url;
const kept = (): typeof fetch => sandbox.market.headers.fetch;
const words = expect.stringMatching(/\S+ \S+/);

const usedBy = ({ usage_metadata: usage }: { readonly usage_metadata?: UsageMetadata | undefined }) => ({
  input: usage?.input_tokens,
  output: usage?.output_tokens,
});

const chatModels = {
  'LangChain over chat completions': (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: marketKey,
      maxRetries: 0,
      configuration: { baseURL: `${url()}/v1`, fetch: kept() },
    }),
  'LangChain over responses': (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: marketKey,
      maxRetries: 0,
      useResponsesApi: true,
      configuration: { baseURL: `${url()}/v1`, fetch: kept() },
    }),
  'LangChain over messages': (model: string) =>
    new ChatAnthropic({
      model,
      anthropicApiKey: marketKey,
      anthropicApiUrl: url(),
      maxRetries: 0,
      maxTokens: 500,
      clientOptions: { fetch: kept() },
    }),
} as const;

const cells = Object.keys(chatModels).flatMap((library) =>
  sandboxVendors.map(({ vendor, wire }) => ({ library: library as keyof typeof chatModels, vendor, wire })),
);

describe.each(cells)('$library, served by $vendor ($wire wire)', ({ library, vendor }) => {
  const model = (): BaseChatModel => chatModels[library](`${vendor}-only`);
  const question = 'What is the weather in Paris?';

  test('gets a text, and the usage that is billed', async () => {
    const answer = await model().invoke(question);
    expect(answer.text).toEqual(words);
    expect(usedBy(answer)).toEqual(await sandbox.booked(vendor));
  });

  test('streams a text, and the usage that is billed', async () => {
    const chunks = await Array.fromAsync(await model().stream(question));
    expect(chunks.length).toBeGreaterThan(3);
    const whole = chunks.reduce((one, other) => one.concat(other));
    expect(whole.text).toEqual(words);
    const booked = await sandbox.booked(vendor);
    const used = usedBy(whole);
    if (library !== 'LangChain over messages') return expect(used).toEqual(booked);
    // It adds the counts of the first event to those of the last, and never reads the last one's input: of a translated answer that is an estimate.
    expect([0, 1]).toContain((used.output ?? 0) - booked.output);
    expect(used.input).toBeGreaterThanOrEqual(booked.input);
  });

  test.each([false, true])('calls a tool and goes on with its result, streamed: %s', async (stream) => {
    const weather = langchainTool(({ city }) => `sunny in ${city}`, {
      name: 'get_weather',
      description: 'Weather of a city',
      schema: z.object({ city: z.string() }),
    });
    const bound = model().bindTools?.([weather]);
    if (bound === undefined) throw new Error('this model takes no tools');
    const first = stream
      ? (await Array.fromAsync(await bound.stream(question))).reduce((one, other) => one.concat(other))
      : await bound.invoke(question);
    const [call] = first.tool_calls ?? [];
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Paris' } });
    const result: ToolMessage = await weather.invoke({ ...call!, type: 'tool_call' });
    const second = await bound.invoke([new HumanMessage(question), first, result]);
    expect(second.text).toContain('sunny in Paris');
    expect(first instanceof AIMessageChunk || !stream).toBe(true);
  });

  test('gets an answer in a schema', async () => {
    const schema = z.object({ city: z.string() });
    const answer = await model().withStructuredOutput(schema, { method: 'jsonSchema' }).invoke(question);
    expect(answer).toEqual({ city: expect.any(String) });
  });
});

const agentCells = sandboxVendors.flatMap(({ vendor, wire }) =>
  [false, true].map((useResponses) => ({
    vendor,
    wire,
    useResponses,
    over: useResponses ? 'responses' : 'chat completions',
  })),
);

describe.each(agentCells)(
  'an agent of @openai/agents over $over, served by $vendor ($wire wire)',
  ({ vendor, useResponses }) => {
    const open = (asked: string[]) => {
      const modelProvider = new OpenAIProvider({ apiKey: marketKey, baseURL: `${url()}/v1`, useResponses });
      const weather = agentTool({
        name: 'get_weather',
        description: 'Weather of a city',
        parameters: z.object({ city: z.string() }),
        execute: ({ city }) => {
          asked.push(city);
          return `sunny in ${city}`;
        },
      });
      const agent = new Agent({
        name: 'Forecaster',
        instructions: 'You tell the weather.',
        model: `${vendor}-only`,
        tools: [weather],
      });
      return { agent, runner: new Runner({ modelProvider, tracingDisabled: true }) };
    };

    test.each([false, true])('runs its tools until it has an answer, streamed: %s', async (stream) => {
      const asked: string[] = [];
      const { agent, runner } = open(asked);
      const question = 'What is the weather in Paris?';
      if (stream) {
        const run = await runner.run(agent, question, { stream: true });
        for await (const _ of run) continue;
        await run.completed;
        expect(run.finalOutput).toContain('sunny in Paris');
      } else {
        const run = await runner.run(agent, question);
        expect(run.finalOutput).toContain('sunny in Paris');
      }
      expect(asked).toEqual(['Paris']);
    });
  },
);
