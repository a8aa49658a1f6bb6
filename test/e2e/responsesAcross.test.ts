// The official SDK of responses, and what Codex sends, against vendors of other wires; and clients of those against a vendor of responses.
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { zodTextFormat } from 'openai/helpers/zod';
import { marketKey, type ScriptedSeller, soldModel } from '../rigs/Market.ts';
import { answer, answerStream } from '../rigs/ScriptedUpstream.ts';
import { SandboxMarket, sandboxVendors } from '../rigs/SandboxMarket.ts';
import { chatAnswer, chatEvents, responseAnswer, responseStream } from '../rigs/vendorAnswers.ts';

const seller: ScriptedSeller = { wire: 'responses' };
const chats: ScriptedSeller = { wire: 'openai' };

let sandbox: SandboxMarket;
let openai: OpenAI;

beforeAll(async () => {
  sandbox = await SandboxMarket.open(() => ({ responses: [seller], chats: [chats] }));
  ({ openai } = sandbox.market);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const question = 'What is the weather in Paris?';
const words = expect.stringMatching(/\S+ \S+/);
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

describe.each(sandboxVendors)('the SDK of responses, served by $vendor ($wire wire)', ({ vendor }) => {
  const model = `${vendor}-only`;

  const ask = (
    stream: boolean,
    body: OpenAI.Responses.ResponseCreateParamsNonStreaming,
  ): Promise<OpenAI.Responses.Response> =>
    stream ? openai.responses.stream({ ...body, stream: true }).finalResponse() : openai.responses.create(body);

  it.each([false, true])('gets an answer that is kept, and the usage that is billed, streamed: %s', async (stream) => {
    const response = await ask(stream, { model, instructions: 'You answer in one paragraph.', input: question });
    expect(response).toMatchObject({ status: 'completed', store: true, output_text: words });
    expect(sandbox.market.headers.last('x-archipel-target')).toBe(`${vendor}/chat-large`);
    const booked = await sandbox.booked(vendor);
    expect(response.usage).toMatchObject({ input_tokens: booked.input, output_tokens: booked.output });
  });

  it.each([false, true])('calls a tool, and goes on with its result, streamed: %s', async (stream) => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: question }];
    const first = await ask(stream, { model, input, tools: [weather] });
    const [call] = first.output.filter((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather', status: 'completed' });
    expect(JSON.parse(call!.arguments)).toEqual({ city: expect.any(String) });
    const output = { type: 'function_call_output' as const, call_id: call!.call_id, output: 'sunny' };
    const second = await ask(stream, { model, input: [...input, call!, output], tools: [weather] });
    expect(second.output_text).toMatch(/\S/);
    expect(second.output.filter((item) => item.type === 'function_call')).toEqual([]);
  });

  it.each([false, true])('goes on from its last response without sending it again, streamed: %s', async (stream) => {
    const first = await ask(stream, { model, input: question, tools: [weather] });
    const [call] = first.output.filter((item) => item.type === 'function_call');
    const output = { type: 'function_call_output' as const, call_id: call!.call_id, output: 'sunny in Paris' };
    const more = { input: [output], tools: [weather], previous_response_id: first.id };
    const second = await ask(stream, { model, ...more });
    expect(second).toMatchObject({ previous_response_id: first.id });
    expect(second.output_text).toContain('sunny in Paris');
  });

  it('is told that its bound cut the answer', async () => {
    const response = await ask(true, { model, input: question, max_output_tokens: 16 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('parses what has the form of its schema', async () => {
    const form = z.object({ city: z.string(), people: z.number().int() });
    const response = await openai.responses.parse({
      model,
      input: question,
      text: { format: zodTextFormat(form, 'city') },
    });
    expect(response.output_parsed).toEqual({ city: expect.any(String), people: expect.any(Number) });
  });

  it('is refused what the vendor of another wire does not hold, by its name', async () => {
    const refused = openai.responses.create({ model, input: question, previous_response_id: 'resp_1' });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_feature',
      param: 'previous_response_id',
    });
  });
});

describe('tools of Codex, on a target of another wire,', () => {
  it('are called under their own names, in their group or with their text', async () => {
    const called = (id: string, name: string, written: string) => ({
      id,
      type: 'function',
      function: { name, arguments: written },
    });
    const calls = [called('c1', 'agents__spawn', '{"task":"x"}'), called('c2', 'patch', '{"input":"*** Begin"}')];
    const message = { role: 'assistant', content: null, tool_calls: calls };
    const completion = { ...chatAnswer(''), choices: [{ index: 0, message, finish_reason: 'tool_calls' }] };
    sandbox.market.tell('chats', answer(200, completion));
    const parameters = { type: 'object', properties: {} };
    const spawn = { type: 'function' as const, name: 'spawn', parameters, strict: false };
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'namespace', name: 'agents', description: 'Agents.', tools: [spawn] },
      { type: 'custom', name: 'patch' },
      { type: 'web_search' },
    ];
    const { output } = await openai.responses.create({ model: 'chats', input: question, tools });
    expect(output).toMatchObject([
      { type: 'function_call', namespace: 'agents', name: 'spawn', call_id: 'c1', arguments: '{"task":"x"}' },
      { type: 'custom_tool_call', name: 'patch', call_id: 'c2', input: '*** Begin' },
    ]);
    expect(sandbox.market.headers.last('x-archipel-dropped')).toBe('tools.web_search');
  });
});

describe('an answer of another wire that breaks off', () => {
  const half = { model: 'chats', input: question };

  it.each([
    [
      'the plain stream',
      async () => void (await Array.fromAsync(await openai.responses.create({ ...half, stream: true }))),
    ],
    ['its helper', async () => void (await openai.responses.stream(half).finalResponse())],
  ])('is raised by %s of the SDK', async (_, read) => {
    sandbox.market.tell('chats', answerStream(chatEvents.role + chatEvents.text('half')));
    await expect(read()).rejects.toMatchObject({ code: 'upstream_truncated' });
  });
});

describe('a vendor of responses', () => {
  const chat = { model: 'responses', messages: [{ role: 'user' as const, content: question }] };

  it('serves a client of chats, streamed and not', async () => {
    sandbox.market.tell('responses', answer(200, responseAnswer('fine')));
    const { choices } = await openai.chat.completions.create(chat);
    expect(choices).toMatchObject([{ message: { content: 'fine' }, finish_reason: 'stop' }]);
    expect(sandbox.market.lastBody('responses')).toEqual({
      model: soldModel,
      input: [{ role: 'user', content: [{ type: 'input_text', text: question }] }],
      store: false,
    });
    sandbox.market.tell('responses', responseStream('fine'));
    const streamed = await openai.chat.completions
      .stream({ ...chat, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(streamed).toMatchObject({
      choices: [{ message: { content: 'fine' } }],
      usage: { prompt_tokens: 10, completion_tokens: 3 },
    });
  });

  it('serves a client of messages, streamed', async () => {
    sandbox.market.tell('responses', responseStream('fine'));
    const message = await sandbox.market.anthropic.messages
      .stream({ model: 'responses', max_tokens: 50, messages: [{ role: 'user', content: question }] })
      .finalMessage();
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'fine' }], stop_reason: 'end_turn' });
  });

  it('gets what its own clients send as it stands, and answers as it stands', async () => {
    sandbox.market.tell('responses', answer(200, responseAnswer('fine')));
    const body = { model: 'responses', input: question, prompt: { id: 'pmpt_1' }, something_new: [1.0] };
    const sent = await sandbox.market.send('/v1/responses', body);
    expect(JSON.parse(sent.text)).toEqual(responseAnswer('fine'));
    expect(sandbox.market.lastBody('responses')).toEqual({ ...body, model: soldModel });
    expect(await sandbox.market.attempts()).toMatchObject([{ usage: { input: 10, output: 3 } }]);
  });
});

it('the list of models that Codex asks for has what it looks for', async () => {
  const got = await fetch(`${sandbox.market.server.url}/v1/models?client_version=0.169.0`, {
    headers: { authorization: `Bearer ${marketKey}` },
  });
  const { data, models } = (await got.json()) as { data: { id: string }[]; models: unknown };
  expect(data.map(({ id }) => id)).toContain('aurora-only');
  expect(models).toEqual([]);
});
