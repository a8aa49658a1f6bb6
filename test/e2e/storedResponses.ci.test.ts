// Clients that count on a response being stored, as it is unless they say otherwise, at a vendor that stores none: over a restart, and on to another vendor.
import { createOpenAI } from '@ai-sdk/openai';
import { Agent, OpenAIProvider, Runner, tool as agentTool } from '@openai/agents';
import { generateText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { startServer, type Server } from '../rigs/startServer.ts';

let rivals: Rivals;
let server: Server;

const limits = { firstByteMs: 10_000, idleMs: 10_000 };

const start = async (dataDir?: string): Promise<Server> =>
  startServer({
    configuration: rivals.configuration({ limits }),
    env: rivals.env,
    ...(dataDir === undefined ? {} : { dataDir }),
  });

beforeAll(async () => {
  rivals = await openRivals({ seed: 29, latencyMs: 0 });
  server = await start();
});

afterAll(async () => {
  await removeServer(server);
  await rivals.close();
});

const restart = async (): Promise<void> => {
  await server.stop();
  server = await start(server.dataDir);
};

const model = 'borealis-only';
const question = 'What is the weather in Paris?';

/** Bodies of the requests that a client made, and the target of the last. */
const watched = () => {
  const bodies: string[] = [];
  let target: string | null = null;
  const watch: typeof fetch = async (input, init) => {
    bodies.push(typeof init?.body === 'string' ? init.body : '');
    const got = await fetch(input, init);
    target = got.headers.get('x-archipel-target');
    return got;
  };
  return { bodies, fetch: watch, target: () => target };
};

const openai = (watch = watched()): OpenAI =>
  new OpenAI({ apiKey: clientKey, baseURL: `${server.url}/v1`, maxRetries: 0, fetch: watch.fetch });

const weather = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'Weather of a city',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

const ask = (
  client: OpenAI,
  stream: boolean,
  body: OpenAI.Responses.ResponseCreateParamsNonStreaming,
): Promise<OpenAI.Responses.Response> =>
  stream ? client.responses.stream({ ...body, stream: true }).finalResponse() : client.responses.create(body);

test.each([false, true])('the SDK goes on from a call by its response, streamed: %s', async (stream) => {
  const first = await ask(openai(), stream, { model, input: question, tools: [weather] });
  const [call] = first.output.filter((item) => item.type === 'function_call');
  expect(first).toMatchObject({ store: true });
  await restart();
  const output = { type: 'function_call_output' as const, call_id: call!.call_id, output: 'sunny in Paris' };
  const second = await ask(openai(), stream, {
    model,
    input: [output],
    tools: [weather],
    previous_response_id: first.id,
  });
  expect(second.output_text).toContain('sunny in Paris');
  expect(second.previous_response_id).toBe(first.id);

  const client = openai();
  const fetched = await client.responses.retrieve(first.id);
  expect(fetched.output).toEqual(first.output.map(({ id }) => expect.objectContaining({ id })));
  const brought = await Array.fromAsync(client.responses.inputItems.list(second.id, { limit: 1 }));
  expect(brought).toMatchObject([output]);
  await client.responses.delete(first.id);
  await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
  const broken = client.responses.create({ model, input: 'And?', previous_response_id: second.id });
  await expect(broken).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
});

test('the AI SDK names what was said, as it does unless told otherwise', async () => {
  const watch = watched();
  const sold = () => createOpenAI({ apiKey: clientKey, baseURL: `${server.url}/v1`, fetch: watch.fetch })(model);
  const tools = {
    get_weather: tool({
      description: 'Weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => `sunny in ${city}`,
    }),
  };
  const messages = [{ role: 'user' as const, content: question }];
  const first = await generateText({ model: sold(), tools, messages, maxRetries: 0 });
  expect(first.finishReason).toBe('tool-calls');
  await restart();
  const second = await generateText({
    model: sold(),
    tools,
    messages: [...messages, ...first.finalStep.response.messages],
    maxRetries: 0,
  });
  expect(watch.bodies.at(-1)).toContain('item_reference');
  expect(second.text).toContain('sunny in Paris');
  const third = await generateText({
    model: sold(),
    messages: [
      ...messages,
      ...first.finalStep.response.messages,
      ...second.finalStep.response.messages,
      { role: 'user', content: 'Thanks' },
    ],
    maxRetries: 0,
  });
  expect(third.text).toMatch(/\S/);
});

test('an agent goes on from its last response', async () => {
  const asked: string[] = [];
  const lookUp = agentTool({
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });
  const agent = new Agent({ name: 'Forecaster', instructions: 'You tell the weather.', model, tools: [lookUp] });
  const runner = () =>
    new Runner({
      modelProvider: new OpenAIProvider({ apiKey: clientKey, baseURL: `${server.url}/v1`, useResponses: true }),
      tracingDisabled: true,
    });
  const first = await runner().run(agent, 'Hello');
  await restart();
  const second = await runner().run(agent, question, { previousResponseId: first.lastResponseId! });
  expect(second.finalOutput).toContain('sunny in Paris');
  expect(asked.at(-1)).toBe('Paris');
});

test('what one vendor answered is gone on from at another, of another wire, while it is out', async () => {
  const watch = watched();
  const across = { model: 'borealis-across' };
  const first = await openai(watch).responses.create({ ...across, input: question, tools: [weather] });
  const [call] = first.output.filter((item) => item.type === 'function_call');
  expect(watch.target()).toMatch(/^borealis\//);
  await rivals.setFault('borealis', 'down');
  const second = await openai(watch).responses.create({
    ...across,
    input: [{ type: 'function_call_output', call_id: call!.call_id, output: 'sunny in Paris' }],
    tools: [weather],
    previous_response_id: first.id,
  });
  expect(watch.target()).toMatch(/^cascade\//);
  expect(second.output_text).toContain('sunny in Paris');
});
