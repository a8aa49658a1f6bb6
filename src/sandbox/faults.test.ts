// Every fault on every wire, as a client meets it, and what it costs.
import { request } from 'node:http';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { framesIn } from './bedrock/frames.fixture.ts';
import { openTestSandbox } from './openTestSandbox.fixture.ts';
import type { TestSandbox } from './openTestSandbox.fixture.ts';
import { sandboxCredential } from './startSandbox.ts';
import type { VendorReading } from './vendor/VendorServer.ts';

let opened: TestSandbox;
beforeEach(async () => {
  opened = await openTestSandbox();
});
afterEach(() => opened[Symbol.asyncDispose]());

interface WireCase {
  readonly vendor: string;
  readonly ask: (stream: boolean) => { readonly path: string; readonly body: object };
  /** Nano-dollars a token, by hand: with the contract's discount, and without. */
  readonly nanoUsd: { readonly input: number; readonly output: number };
  readonly listNanoUsd: { readonly input: number; readonly output: number };
  /** Input and output tokens that a whole answer tells. */
  readonly usage: (text: string) => readonly [input: number, output: number];
  /** An error, with its kind as `type`. */
  readonly error: (text: string, headers: Headers) => { readonly type?: string };
  /** Kinds of errors of who is down. */
  readonly down: readonly unknown[];
  readonly rateLimit: object;
  readonly overload: readonly [status: number, error: unknown];
  readonly auth: readonly [status: number, error: unknown];
  readonly credit: readonly [status: number, error: unknown];
  readonly streamType: string;
  /** A client's own decoder of what is garbage. */
  readonly decodesGarbage: (bytes: string) => unknown;
  readonly opening: string;
  readonly content: RegExp;
  readonly terminal: RegExp;
  readonly errorEvent: RegExp;
  /** Tokens that three content events can have. */
  readonly tokensOfThree: readonly number[];
}

const chat = { model: 'chat-large', messages: [{ role: 'user' as const, content: 'hello there' }] };
const message = { ...chat, max_tokens: 500 };
const firstData = (text: string): unknown => JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

const wires: readonly WireCase[] = [
  {
    vendor: 'aurora',
    ask: (stream) => ({ path: '/v1/chat/completions', body: { ...chat, stream } }),
    nanoUsd: { input: 1800, output: 7200 },
    listNanoUsd: { input: 2000, output: 8000 },
    usage: (text) => {
      const { usage } = JSON.parse(text);
      return [usage.prompt_tokens, usage.completion_tokens];
    },
    error: (text) => JSON.parse(text).error,
    down: ['server_error'],
    rateLimit: { code: 'rate_limit_exceeded' },
    overload: [503, { type: 'server_error' }],
    auth: [401, { code: 'invalid_api_key' }],
    credit: [429, { code: 'insufficient_quota', type: 'insufficient_quota' }],
    streamType: 'text/event-stream; charset=utf-8',
    decodesGarbage: firstData,
    opening: '"role":"assistant"',
    content: /"delta":\{"content":"[^"]/g,
    terminal: /\[DONE\]|"finish_reason":"stop"/,
    errorEvent: /data: \{"error":\{.*"server_error".*\}\}\n\n$/,
    tokensOfThree: [3],
  },
  {
    vendor: 'borealis',
    ask: (stream) => ({ path: '/v1/messages', body: { ...message, stream } }),
    nanoUsd: { input: 2500, output: 10_000 },
    listNanoUsd: { input: 2500, output: 10_000 },
    usage: (text) => {
      const { usage } = JSON.parse(text);
      return [usage.input_tokens, usage.output_tokens];
    },
    error: (text) => JSON.parse(text).error,
    down: ['api_error'],
    rateLimit: { type: 'rate_limit_error' },
    overload: [529, { type: 'overloaded_error', message: 'Overloaded' }],
    auth: [401, { type: 'authentication_error', message: 'invalid x-api-key' }],
    credit: [400, { type: 'invalid_request_error', message: expect.stringMatching(/^Your credit balance is too low/) }],
    streamType: 'text/event-stream; charset=utf-8',
    decodesGarbage: firstData,
    opening: 'event: message_start',
    content: /"text_delta"/g,
    terminal: /message_delta|message_stop/,
    errorEvent:
      /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":"Overloaded"\}\}\n\n$/,
    // One to four tokens a chunk.
    tokensOfThree: upTo(3, 12),
  },
  {
    vendor: 'cascade',
    ask: (stream) => ({
      path: `/model/chat-large/converse${stream ? '-stream' : ''}`,
      body: { messages: [{ role: 'user', content: [{ text: 'hello there' }] }] },
    }),
    nanoUsd: { input: 1600, output: 6400 },
    listNanoUsd: { input: 1600, output: 6400 },
    usage: (text) => {
      const { usage } = JSON.parse(text);
      return [usage.inputTokens, usage.outputTokens];
    },
    error: (text, headers) => ({ ...JSON.parse(text), type: headers.get('x-amzn-errortype')?.split(':')[0] }),
    down: ['InternalServerException', undefined],
    rateLimit: { type: 'ThrottlingException' },
    overload: [503, { type: 'ServiceUnavailableException' }],
    auth: [403, { type: 'UnrecognizedClientException' }],
    credit: [403, { type: 'AccessDeniedException', message: expect.stringMatching(/INVALID_PAYMENT_INSTRUMENT/) }],
    streamType: 'application/vnd.amazon.eventstream',
    decodesGarbage: (bytes) => framesIn(Buffer.from(bytes, 'latin1')),
    opening: 'messageStart',
    content: /"delta":\{"text":"[^"]/g,
    terminal: /"stopReason"|"usage"/,
    errorEvent: /:exception-type.*internalServerException.*"message":"The system encountered an unexpected error/s,
    tokensOfThree: [3],
  },
];

const setFault = async (vendor: string, fault: object): Promise<void> => {
  expect(await opened.sandbox.setVendorFault(vendor, fault)).toMatchObject({ ok: true });
};

/** What comes over the wire until it ends or breaks, as bytes and as the way it ended. */
const listen = (
  { vendor, ask }: WireCase,
  stream = false,
  leaveAfter: RegExp | null = null,
): Promise<{ status: number; text: string; ended: 'whole' | 'broken' }> =>
  new Promise((resolve) => {
    const { path, body } = ask(stream);
    let status = 0;
    let text = '';
    const client = request(
      `${opened.url(vendor)}${path}`,
      {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${sandboxCredential}`,
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
        },
      },
      (response) => {
        status = response.statusCode ?? 0;
        response.setEncoding('latin1');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (leaveAfter !== null && text.search(leaveAfter) >= 0) response.destroy();
        });
        response.on('close', () => resolve({ status, text, ended: response.complete ? 'whole' : 'broken' }));
        response.on('error', () => undefined);
      },
    );
    client.on('error', () => resolve({ status, text, ended: 'broken' }));
    client.end(JSON.stringify(body));
  });

const read = (vendor: string): Promise<VendorReading> => opened.sandbox.read(vendor);
const priced = (price: WireCase['nanoUsd'], input: number, output: number): string =>
  String(input * price.input + output * price.output);

describe.each(wires)('$vendor', (wire) => {
  const { vendor } = wire;
  const post = (stream = false, signal?: AbortSignal) => {
    const { path, body } = wire.ask(stream);
    return opened.post(vendor, path, body, {}, signal);
  };
  const contents = (text: string): number => text.match(wire.content)?.length ?? 0;
  const billOf = (input: number, output: number): string => priced(wire.nanoUsd, input, output);

  test('without a fault bills what it reports, to the nano-dollar', async () => {
    const [input, output] = wire.usage((await post()).text);
    expect(await read(vendor)).toMatchObject({
      requests: 1,
      answered: 1,
      refused: 0,
      cut: 0,
      tokens: { input, output },
      billNanoUsd: billOf(input, output),
      listNanoUsd: priced(wire.listNanoUsd, input, output),
    });
  });

  test.each([false, true])(
    'down answers 500 and 503 in its own words, streamed %s, and bills nothing',
    async (stream) => {
      await setFault(vendor, { fault: 'down' });
      const answers = await Promise.all(Array.from({ length: 16 }, () => post(stream)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500, 503]));
      for (const { text, headers } of answers) {
        expect(wire.down).toContain(wire.error(text, headers).type);
      }
      expect(await read(vendor)).toMatchObject({
        requests: 16,
        refused: 16,
        billNanoUsd: '0',
        fault: { fault: 'down' },
      });
    },
  );

  test('rate-limit answers 429 and says how long to wait, unless told not to', async () => {
    await setFault(vendor, { fault: 'rate-limit', retryAfterS: 7 });
    const answer = await post();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect(wire.error(answer.text, answer.headers)).toMatchObject(wire.rateLimit);
    await setFault(vendor, { fault: 'rate-limit', retryAfterS: 0 });
    expect((await post()).headers.has('retry-after')).toBe(false);
  });

  test.each([
    ['overload', ...wire.overload],
    ['auth', ...wire.auth],
    ['credit', ...wire.credit],
  ] as const)('%s answers %i', async (fault, status, error) => {
    await setFault(vendor, { fault });
    const answer = await post(true);
    expect([answer.status, wire.error(answer.text, answer.headers)]).toMatchObject([status, error]);
    expect(await read(vendor)).toMatchObject({ refused: 1, billNanoUsd: '0' });
  });

  test('refuse closes the port, and recovery opens the same one', async () => {
    const url = opened.url(vendor);
    expect((await post()).status).toBe(200);
    await setFault(vendor, { fault: 'refuse' });
    await expect(post()).rejects.toThrow('fetch failed');
    expect((await read(vendor)).requests).toBe(1);
    await setFault(vendor, { fault: 'none' });
    expect((await post()).status).toBe(200);
    expect((await read(vendor)).url).toBe(url);
  });

  test('refuse at a share resets single connections, drawn by its seed', async () => {
    const met = async (): Promise<string> => {
      await setFault(vendor, { fault: 'refuse', share: 0.5, seed: 4 });
      let pattern = '';
      for (let ask = 0; ask < 12; ask++) pattern += (await listen(wire)).ended === 'whole' ? '.' : 'x';
      return pattern;
    };
    const pattern = await met();
    expect(pattern).toMatch(/x/);
    expect(pattern).toMatch(/\./);
    expect(await met()).toBe(pattern);
  });

  test('hang takes the request and never answers', async () => {
    await setFault(vendor, { fault: 'hang' });
    const leaving = new AbortController();
    const asked = post(false, leaving.signal);
    await expect.poll(async () => (await read(vendor)).requests).toBe(1);
    await setFault(vendor, { fault: 'none' });
    expect((await post()).status).toBe(200);
    leaving.abort();
    await expect(asked).rejects.toThrow(/abort/);
    await expect.poll(() => read(vendor)).toMatchObject({ requests: 2, refused: 1, answered: 1 });
  });

  test('slow answers well', async () => {
    await setFault(vendor, { fault: 'slow', latencyMs: 1 });
    expect((await post()).status).toBe(200);
    expect((await listen(wire, true)).ended).toBe('whole');
  });

  test('garbage is a 200 that is not the protocol', async () => {
    await setFault(vendor, { fault: 'garbage' });
    const whole = await post();
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(() => JSON.parse(whole.text)).toThrow(SyntaxError);
    const streamed = await post(true);
    expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, wire.streamType]);
    const { text } = await listen(wire, true);
    expect(() => wire.decodesGarbage(text)).toThrow(/JSON|checksum/);
    expect(await read(vendor)).toMatchObject({ refused: 3, billNanoUsd: '0' });
  });

  test('error-in-stream before content bills nothing', async () => {
    await setFault(vendor, { fault: 'error-in-stream' });
    const { status, text, ended } = await listen(wire, true);
    expect([status, ended, contents(text)]).toEqual([200, 'whole', 0]);
    expect(text).toMatch(wire.errorEvent);
    expect(await read(vendor)).toMatchObject({ cut: 1, billNanoUsd: '0' });
    expect((await post()).status).toBe(500);
    expect(await read(vendor)).toMatchObject({ cut: 1, refused: 1, billNanoUsd: '0' });
  });

  test.each(['error-in-stream', 'cut-mid-stream'])(
    '%s after content bills the input and what was sent',
    async (fault) => {
      await setFault(vendor, { fault, afterEvents: 3 });
      const { text, ended } = await listen(wire, true);
      expect(contents(text)).toBe(3);
      expect(ended).toBe(fault === 'cut-mid-stream' ? 'broken' : 'whole');
      expect(text).not.toMatch(wire.terminal);
      const { tokens, billNanoUsd, cut } = await read(vendor);
      expect(cut).toBe(1);
      expect(wire.tokensOfThree).toContain(tokens.output);
      expect(billNanoUsd).toBe(billOf(tokens.input!, tokens.output!));
    },
  );

  test('cut-mid-stream cuts before content for nothing, and after the last content for everything', async () => {
    await setFault(vendor, { fault: 'cut-mid-stream' });
    const before = await listen(wire, true);
    expect([before.ended, contents(before.text)]).toEqual(['broken', 0]);
    expect(before.text).toContain(wire.opening);
    expect(await read(vendor)).toMatchObject({ cut: 1, billNanoUsd: '0' });
    await setFault(vendor, { fault: 'cut-mid-stream', afterEvents: 100_000 });
    const after = await listen(wire, true);
    expect(after.ended).toBe('broken');
    expect(after.text).not.toMatch(wire.terminal);
    await setFault(vendor, { fault: 'none' });
    const cut = (await read(vendor)).tokens;
    await listen(wire, true);
    const whole = (await read(vendor)).tokens;
    expect(whole).toEqual({ input: cut.input! * 2, output: cut.output! * 2 });
  });

  test('cut-mid-stream sends half of a whole answer under its full length', async () => {
    await setFault(vendor, { fault: 'cut-mid-stream' });
    const { status, text, ended } = await listen(wire);
    expect([status, ended]).toEqual([200, 'broken']);
    expect(text).toMatch(/^\{/);
    const { tokens, billNanoUsd } = await read(vendor);
    expect(billNanoUsd).toBe(billOf(tokens.input!, tokens.output!));
    expect(tokens.output).toBeGreaterThan(0);
  });

  test('a client that leaves is billed for what was made until it was noticed', async () => {
    const whole = (await listen(wire, true)).ended;
    const { tokens: full } = await read(vendor);
    await setFault(vendor, { fault: 'slow', latencyMs: 20 });
    const left = await listen(wire, true, wire.content);
    expect([whole, left.ended]).toEqual(['whole', 'broken']);
    await expect.poll(async () => (await read(vendor)).cut).toBe(1);
    const { tokens, billNanoUsd } = await read(vendor);
    const made = tokens.output! - full.output!;
    expect(tokens.input).toBe(full.input! * 2);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(full.output!);
    expect(billNanoUsd).toBe(billOf(tokens.input!, tokens.output!));
  });

  test('a client that leaves before a whole answer pays for its prompt', async () => {
    await setFault(vendor, { fault: 'slow', latencyMs: 600_000 });
    const leaving = new AbortController();
    const asked = post(false, leaving.signal);
    await expect.poll(async () => (await read(vendor)).requests).toBe(1);
    leaving.abort();
    await expect(asked).rejects.toThrow(/abort/);
    await expect.poll(async () => (await read(vendor)).cut).toBe(1);
    const { tokens } = await read(vendor);
    expect(tokens).toEqual({ input: expect.any(Number) });
  });

  test('a share of faults is drawn per request, the same for the same seed', async () => {
    const statuses = async (seed: number): Promise<string> => {
      await setFault(vendor, { fault: 'overload', share: 0.3, seed });
      const drawn: number[] = [];
      for (let ask = 0; ask < 30; ask++) drawn.push((await post()).status);
      return drawn.join(' ');
    };
    const first = await statuses(1);
    expect(first.match(/200/g)!.length).toBeGreaterThan(10);
    expect(first.match(/503|529/g)!.length).toBeGreaterThan(2);
    expect(await statuses(1)).toBe(first);
    expect(await statuses(2)).not.toBe(first);
  });

  test('a share of nothing is no fault', async () => {
    await setFault(vendor, { fault: 'down', share: 0 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => post()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('the official SDKs see', () => {
  const openai = (): OpenAI =>
    new OpenAI({ apiKey: sandboxCredential, baseURL: `${opened.url('aurora')}/v1`, maxRetries: 0 });
  const anthropic = (): Anthropic =>
    new Anthropic({ apiKey: sandboxCredential, baseURL: opened.url('borealis'), maxRetries: 0 });

  test('an error inside a stream as an error', async () => {
    for (const vendor of ['aurora', 'borealis']) await setFault(vendor, { fault: 'error-in-stream', afterEvents: 2 });
    const chunks = await openai().chat.completions.create({ ...chat, stream: true });
    await expect(Array.fromAsync(chunks)).rejects.toThrow(/The server had an error/);
    const events = await anthropic().messages.create({ ...message, stream: true });
    await expect(Array.fromAsync(events)).rejects.toThrow(/Overloaded/);
  });

  test('a cut connection as an error', async () => {
    for (const vendor of ['aurora', 'borealis']) await setFault(vendor, { fault: 'cut-mid-stream', afterEvents: 2 });
    await expect(Array.fromAsync(await openai().chat.completions.create({ ...chat, stream: true }))).rejects.toThrow(
      /terminated|closed|Connection/i,
    );
    await expect(openai().chat.completions.create(chat)).rejects.toThrow(/terminated|closed|Connection/i);
    await expect(Array.fromAsync(await anthropic().messages.create({ ...message, stream: true }))).rejects.toThrow(
      /terminated|closed|Connection/i,
    );
    await expect(anthropic().messages.create(message)).rejects.toThrow(/terminated|closed|Connection/i);
  });

  test('each refusal as its own class', async () => {
    await setFault('aurora', { fault: 'rate-limit' });
    await setFault('borealis', { fault: 'overload' });
    await expect(openai().chat.completions.create(chat)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(anthropic().messages.create(message)).rejects.toMatchObject({ status: 529 });
    await setFault('borealis', { fault: 'refuse' });
    await expect(anthropic().messages.create(message)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
  });
});

describe('the sandbox', () => {
  test('fails all vendors of a host together, and no other', async () => {
    expect(await opened.sandbox.setHostFault('north', { fault: 'down' })).toMatchObject({
      ok: true,
      value: { fault: 'down' },
    });
    expect((await opened.sandbox.readAll()).map(({ vendor, fault }) => [vendor, fault.fault])).toEqual([
      ['aurora', 'down'],
      ['borealis', 'none'],
      ['cascade', 'down'],
    ]);
    await opened.sandbox.setHostFault('north', { fault: 'none' });
    expect((await opened.sandbox.readAll()).every(({ fault }) => fault.fault === 'none')).toBe(true);
  });

  test('knows no other vendors, hosts and faults', async () => {
    const { sandbox } = opened;
    expect(await sandbox.setVendorFault('zephyr', { fault: 'down' })).toMatchObject({
      ok: false,
      fault: { code: 'sandbox_unknown_vendor' },
    });
    expect(await sandbox.setHostFault('west', { fault: 'down' })).toMatchObject({
      ok: false,
      fault: { code: 'sandbox_unknown_host' },
    });
    expect(await sandbox.setVendorFault('aurora', { fault: 'sad' })).toMatchObject({
      ok: false,
      fault: { code: 'sandbox_bad_fault' },
    });
    await expect(sandbox.read('zephyr')).rejects.toMatchObject({ code: 'sandbox_unknown_vendor' });
    await expect(sandbox.received('zephyr')).rejects.toMatchObject({ code: 'sandbox_unknown_vendor' });
  });

  test('changes a fault only as a whole, also when many are set at once', async () => {
    await Promise.all(
      ['refuse', 'down', 'refuse', 'none', 'refuse', 'none'].map((fault) => setFault('aurora', { fault })),
    );
    expect((await opened.post('aurora', '/v1/chat/completions', chat)).status).toBe(200);
  });
});
