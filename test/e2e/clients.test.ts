// The official SDKs, unmodified but for base URL and key, against the program as it starts without a configuration.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { removeServer } from '../rigs/removeServer.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

let server: Server;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  server = await startServer();
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key! });
  anthropic = new Anthropic({ baseURL: server.url, apiKey: server.key! });
});

afterAll(() => removeServer(server));

const admin = async (method: string, path: string, body?: object) => {
  const got = await fetch(`${server.adminUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(got.status, path).toBe(200);
  return JSON.parse(await got.text());
};

const setFault = (vendor: string, fault: object): Promise<unknown> => admin('PUT', `/sandbox/vendors/${vendor}`, fault);
const estimatedAttempts = async (): Promise<number> => {
  const { rows } = await admin('GET', '/admin/v1/usage?groupBy=team&fresh=true');
  return rows.reduce((sum: number, { estimated }: { estimated: number }) => sum + estimated, 0);
};
const requestOf = (id: string | null) => admin('GET', `/admin/v1/requests/${id}`);

const question = { role: 'user', content: 'What is the weather in Paris?' } as const;
const chat = { model: 'chat-large', messages: [question] };
const message = { model: 'chat-large', max_tokens: 500, messages: [question] };
const citySchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
const cityShape = z.object({ city: z.string(), people: z.number().int() });

describe('the openai SDK', () => {
  const weather = {
    type: 'function',
    function: { name: 'get_weather', description: 'Weather of a city', parameters: citySchema },
  } as const;

  it('gets an answer, which tells where it came from', async () => {
    const { data, response } = await openai.chat.completions.create(chat).withResponse();
    expect(data).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
    expect(data.choices[0]!.message.content).toMatch(/\S+ \S+/);
    expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
    expect(response.headers.get('x-archipel-target')).toMatch(/^(aurora|borealis|cascade)\/chat-large$/);
    expect(response.headers.get('x-archipel-attempts')).toBe('1');
    expect(response.headers.get('x-archipel-sandbox')).toBe('true');
    const { attempts } = await requestOf(response.headers.get('x-archipel-request-id'));
    expect(attempts).toMatchObject([
      {
        outcome: { kind: 'ok' },
        basis: 'reported',
        usage: { input: data.usage!.prompt_tokens, output: data.usage!.completion_tokens },
      },
    ]);
  });

  it('streams, with usage only when it asks for it', async () => {
    const plain = await Array.fromAsync(await openai.chat.completions.create({ ...chat, stream: true }));
    expect(plain.length).toBeGreaterThan(5);
    expect(plain.at(-1)!.choices[0]!.finish_reason).toBe('stop');
    expect(plain.filter(({ usage }) => usage !== null && usage !== undefined)).toEqual([]);

    const asked = await Array.fromAsync(
      await openai.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } }),
    );
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
  });

  it('is billed for streams by what the vendor reports, whether it asked for usage or not', async () => {
    // One that speaks its wire, so that its chunks are the vendor's.
    const onItsWire = { headers: { 'x-archipel-pin': 'aurora' } };
    const { data, response } = await openai.chat.completions
      .create({ ...chat, stream: true }, onItsWire)
      .withResponse();
    const chunks = await Array.fromAsync(data);
    const written = chunks.filter(({ choices }) => (choices[0]?.delta.content ?? '') !== '').length;
    const { attempts } = await requestOf(response.headers.get('x-archipel-request-id'));
    expect(attempts).toMatchObject([{ basis: 'reported', usage: { output: written } }]);
  });

  it('puts a stream together by its own helper', async () => {
    const runner = openai.chat.completions.stream(chat);
    expect(await runner.finalContent()).toMatch(/\S+ \S+/);
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
      messages: [question, called, { role: 'tool', tool_call_id: call!.id, content: 'sunny, 21 degrees' }],
    });
    expect(second.choices[0]!.message.content).toContain('sunny, 21 degrees');
  });

  it.each([false, true])('calls a tool by runTools, streamed: %s', async (stream) => {
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

  it('gets an answer in a schema, by hand and by its zod helper', async () => {
    const byHand = await openai.chat.completions.create({
      ...chat,
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: citySchema } },
    });
    expect(JSON.parse(byHand.choices[0]!.message.content!)).toEqual({ city: 'Paris' });
    const parsed = await openai.chat.completions.parse({
      ...chat,
      response_format: zodResponseFormat(cityShape, 'city'),
    });
    expect(parsed.choices[0]!.message.parsed).toEqual({ city: 'Paris', people: expect.any(Number) });
  });

  it('embeds: in base64, which the SDK asks for and decodes, and in numbers, to the same vectors', async () => {
    const input = ['one text', 'another'];
    const asBase64 = await openai.embeddings.create({ model: 'embed-small', input });
    const asNumbers = await openai.embeddings.create({ model: 'embed-small', input, encoding_format: 'float' });
    expect(asBase64.data).toHaveLength(2);
    const [first, second] = asBase64.data;
    expect(first!.embedding.length).toBeGreaterThan(100);
    expect(first!.embedding).not.toEqual(second!.embedding);
    for (const [index, { embedding }] of asBase64.data.entries()) {
      for (const [at, value] of embedding.entries()) {
        expect(asNumbers.data[index]!.embedding[at]).toBeCloseTo(value, 6);
      }
    }
  });

  it('lists the models in its own shape', async () => {
    const models = await Array.fromAsync(openai.models.list());
    expect(models.map(({ id }) => id).toSorted()).toEqual(['chat-large', 'chat-small', 'embed-small', 'own-small']);
    expect(models[0]).toMatchObject({ object: 'model', owned_by: 'archipel' });
  });
});

describe('the anthropic SDK', () => {
  const weather: Anthropic.Tool = {
    name: 'get_weather',
    description: 'Weather of a city',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  };

  it('gets an answer, which tells where it came from', async () => {
    const { data, response } = await anthropic.messages.create(message).withResponse();
    expect(data).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(response.headers.get('x-archipel-target')).toMatch(/^(aurora|borealis|cascade)\/chat-large$/);
    const { attempts } = await requestOf(response.headers.get('x-archipel-request-id'));
    expect(attempts).toMatchObject([
      {
        outcome: { kind: 'ok' },
        basis: 'reported',
        usage: { input: data.usage.input_tokens, output: data.usage.output_tokens },
      },
    ]);
  });

  it('streams, and puts the stream together by its own helper', async () => {
    const events = await Array.fromAsync(await anthropic.messages.create({ ...message, stream: true }));
    expect([events[0]!.type, events.at(-1)!.type]).toEqual(['message_start', 'message_stop']);
    const final = await anthropic.messages.stream(message).finalMessage();
    expect(final.stop_reason).toBe('end_turn');
    expect(final.usage.output_tokens).toBeGreaterThan(0);
  });

  it('calls a tool, by hand', async () => {
    const first = await anthropic.messages.create({ ...message, tools: [weather] });
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
  });

  it.each([false, true])('calls a tool by toolRunner, streamed: %s', async (stream) => {
    const asked: unknown[] = [];
    const runner = anthropic.beta.messages.toolRunner({
      ...message,
      stream,
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

  it('gets an answer in a schema, by hand and by its zod helper', async () => {
    const byHand = await anthropic.messages.create({
      ...message,
      output_config: { format: { type: 'json_schema', schema: citySchema } },
    });
    expect(byHand.content).toEqual([{ type: 'text', text: '{"city":"Paris"}' }]);
    const parsed = await anthropic.messages.parse({
      ...message,
      output_config: { format: zodOutputFormat(cityShape) },
    });
    expect(parsed.parsed_output).toEqual({ city: 'Paris', people: expect.any(Number) });
  });

  it('counts tokens, free of charge', async () => {
    const { data, response } = await anthropic.messages
      .countTokens({ model: 'chat-large', messages: [question] })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(5);
    const { attempts } = await requestOf(response.headers.get('x-archipel-request-id'));
    expect(attempts).toMatchObject([{ operation: 'countTokens', amountNanoUsd: '0' }]);
    const answered = await anthropic.messages.create(message);
    expect(answered.usage.input_tokens).toBe(data.input_tokens);
  });

  it('lists the models in its own shape', async () => {
    const models = await Array.fromAsync(anthropic.models.list());
    expect(models.map(({ id }) => id).toSorted()).toEqual(['chat-large', 'chat-small', 'own-small']);
    expect(models[0]).toMatchObject({ type: 'model', display_name: expect.any(String) });
  });
});

describe('an abort of the client', () => {
  afterEach(async () => {
    for (const vendor of ['aurora', 'borealis', 'cascade']) await setFault(vendor, { fault: 'none' });
  });

  /** Waits until the gateway has recorded the request. */
  const recorded = async (id: string | null) => {
    for (;;) {
      const got = await fetch(`${server.adminUrl}/admin/v1/requests/${id}`, {
        headers: { authorization: `Bearer ${server.adminKey}` },
      });
      const known = JSON.parse(await got.text());
      if (got.status === 200 && known.request) return known;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  it('inside a stream breaks the vendor off, and is recorded as cancelled, its use estimated', async () => {
    // A vendor that stalls after five events would otherwise keep the stream open for minutes.
    for (const vendor of ['aurora', 'cascade']) await setFault(vendor, { fault: 'slow', latencyMs: 100 });
    const { data, response } = await openai.chat.completions.create({ ...chat, stream: true }).withResponse();
    for await (const _ of data) data.controller.abort();
    const { request, attempts } = await recorded(response.headers.get('x-archipel-request-id'));
    expect(request).toMatchObject({ status: 499, errorCode: null });
    expect(attempts).toMatchObject([{ outcome: { kind: 'cancelled' }, basis: 'estimated' }]);
    const [vendor] = response.headers.get('x-archipel-target')!.split('/');
    // The vendor noticed: it counts an answer that was cut.
    for (;;) {
      if ((await admin('GET', `/sandbox/vendors/${vendor}`)).cut > 0) break;
    }
  });

  it('of an answer that is not streamed breaks the vendor off as well', async () => {
    for (const vendor of ['aurora', 'borealis', 'cascade']) await setFault(vendor, { fault: 'hang' });
    const before = { stderr: server.stderr().length, estimated: await estimatedAttempts() };
    const aborting = new AbortController();
    const asked = anthropic.messages.create(message, { signal: aborting.signal });
    const inFlight = async (): Promise<number> => {
      const got = await fetch(`${server.adminUrl}/metrics`);
      return Number(/^archipel_requests_in_flight (\d+)/m.exec(await got.text())?.[1] ?? 0);
    };
    while ((await inFlight()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    aborting.abort();
    await expect(asked).rejects.toThrow(Anthropic.APIUserAbortError);
    while ((await inFlight()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { rows } = await admin('GET', '/admin/v1/usage?groupBy=team&fresh=true');
    expect(rows).toMatchObject([{ estimated: expect.toSatisfy((count: number) => count > before.estimated) }]);
    expect(server.stderr().slice(before.stderr)).not.toContain('"level":"error"');
  });
});

describe("errors arrive as the SDKs' own", () => {
  const withKey = (apiKey: string) => ({
    openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: server.url, apiKey, maxRetries: 0 }),
  });
  const newKey = async (name: string, more: object): Promise<string> =>
    (await admin('POST', '/admin/v1/keys', { name, team: 'demo', ...more })).key;

  afterEach(async () => {
    for (const vendor of ['aurora', 'borealis', 'cascade']) await setFault(vendor, { fault: 'none' });
  });

  it('a wrong key', async () => {
    const wrong = withKey(canaryOf('unknown key'));
    await expect(wrong.openai.chat.completions.create(chat)).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(wrong.openai.chat.completions.create(chat)).rejects.toMatchObject({
      status: 401,
      code: 'invalid_key',
    });
    await expect(wrong.anthropic.messages.create(message)).rejects.toThrow(Anthropic.AuthenticationError);
    await expect(wrong.anthropic.messages.create(message)).rejects.toMatchObject({ type: 'authentication_error' });
  });

  it('a model that is not there', async () => {
    const { openai: chats, anthropic: messages } = withKey(server.key!);
    await expect(chats.chat.completions.create({ ...chat, model: 'chat-huge' })).rejects.toThrow(OpenAI.NotFoundError);
    await expect(messages.messages.create({ ...message, model: 'chat-huge' })).rejects.toThrow(Anthropic.NotFoundError);
    await expect(messages.messages.create({ ...message, model: 'embed-small' })).rejects.toThrow(
      Anthropic.BadRequestError,
    );
  });

  it('a model that the key may not use', async () => {
    const { openai: chats, anthropic: messages } = withKey(await newKey('narrow', { models: ['chat-small'] }));
    await expect(chats.chat.completions.create(chat)).rejects.toThrow(OpenAI.PermissionDeniedError);
    await expect(messages.messages.create(message)).rejects.toThrow(Anthropic.PermissionDeniedError);
  });

  it('a request that a vendor refuses, in its own words', async () => {
    const { openai: chats, anthropic: messages } = withKey(server.key!);
    // Nobody but a vendor of the client's own wire can be asked this, so that nothing of it is left out.
    const tooWarm = { ...chat, temperature: 7, n: 2 };
    await expect(chats.chat.completions.create(tooWarm)).rejects.toThrow(OpenAI.BadRequestError);
    const tooWarmThread = Object.assign({}, message, { temperature: 7, thread: { type: 'create' } });
    const beta = { headers: { 'anthropic-beta': 'message-threads-2026-01-01' } };
    await expect(messages.messages.create(tooWarmThread, beta)).rejects.toThrow(/temperature/);
  });

  it('a rate that is used up', async () => {
    const { openai: chats, anthropic: messages } = withKey(await newKey('slow', { limits: { rpm: 1 } }));
    await chats.chat.completions.create(chat);
    await expect(chats.chat.completions.create(chat)).rejects.toSatisfy(
      (error) => error instanceof OpenAI.RateLimitError && Number(error.headers.get('retry-after')) > 0,
    );
    await expect(messages.messages.create(message)).rejects.toThrow(Anthropic.RateLimitError);
  });

  it('a budget that is used up', async () => {
    const { openai: chats, anthropic: messages } = withKey(await newKey('poor', { budget: { usd: '0.000001' } }));
    await expect(chats.chat.completions.create(chat)).rejects.toMatchObject({ status: 402, code: 'budget_exhausted' });
    await expect(messages.messages.create(message)).rejects.toMatchObject({ status: 402, type: 'billing_error' });
  });

  it('vendors that are all down: the SDK is told to come back, and succeeds once one is well again', async () => {
    for (const vendor of ['aurora', 'borealis', 'cascade']) await setFault(vendor, { fault: 'down' });
    await expect(withKey(server.key!).anthropic.messages.create(message)).rejects.toThrow(
      Anthropic.InternalServerError,
    );
    await setFault('borealis', { fault: 'none' });
    expect((await anthropic.messages.create(message)).stop_reason).toBe('end_turn');
  });

  it('a stream that breaks off in the middle is an error, and never a short answer', async () => {
    for (const vendor of ['aurora', 'borealis', 'cascade'])
      await setFault(vendor, { fault: 'cut-mid-stream', afterEvents: 3 });
    const { openai: chats } = withKey(server.key!);
    const pieces: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { choices } of await chats.chat.completions.create({ ...chat, stream: true })) {
        pieces.push(choices[0]?.delta.content ?? '');
      }
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect(pieces.join('')).not.toBe('');
    await expect(chats.chat.completions.stream(chat).finalContent()).rejects.toThrow(OpenAI.APIError);
  });
});
