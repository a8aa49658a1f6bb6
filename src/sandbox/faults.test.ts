// Every fault on every wire, as a client meets it, and what it costs.
import { request } from 'node:http';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestSandbox } from './openTestSandbox.fixture.ts';
import type { TestSandbox } from './openTestSandbox.fixture.ts';
import { sandboxCredential } from './startSandbox.ts';
import type { VendorReading } from './vendor/VendorServer.ts';

let opened: TestSandbox;
beforeEach(async () => {
  opened = await openTestSandbox();
});
afterEach(() => opened[Symbol.asyncDispose]());

const wires = [
  {
    vendor: 'aurora',
    path: '/v1/chat/completions',
    body: { model: 'chat-large', messages: [{ role: 'user', content: 'hello there' }] },
  },
  {
    vendor: 'borealis',
    path: '/v1/messages',
    body: { model: 'chat-large', max_tokens: 500, messages: [{ role: 'user', content: 'hello there' }] },
  },
] as const;
type WireCase = (typeof wires)[number];

const setFault = async (vendor: string, fault: object): Promise<void> => {
  expect(await opened.sandbox.setVendorFault(vendor, fault)).toMatchObject({ ok: true });
};

/** What comes over the wire until it ends or breaks, as bytes and as the way it ended. */
const listen = (
  { vendor, path, body }: WireCase,
  over: object = {},
  leaveAfter: RegExp | null = null,
): Promise<{ status: number; text: string; ended: 'whole' | 'broken' }> =>
  new Promise((resolve) => {
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
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (leaveAfter?.test(text)) response.destroy();
        });
        response.on('close', () => resolve({ status, text, ended: response.complete ? 'whole' : 'broken' }));
        response.on('error', () => undefined);
      },
    );
    client.on('error', () => resolve({ status, text, ended: 'broken' }));
    client.end(JSON.stringify({ ...body, ...over }));
  });

const read = (vendor: string): Promise<VendorReading> => opened.sandbox.read(vendor);
const contents = (text: string): number => text.match(/"delta":\{"content":"[^"]|"text_delta"/g)?.length ?? 0;

/** Prices by hand, in nano-dollars a token: aurora's less a tenth. */
const nanoUsdPerToken = { aurora: { input: 1800, output: 7200 }, borealis: { input: 2500, output: 10_000 } } as const;
const billOf = (vendor: WireCase['vendor'], input: number, output: number): string =>
  String(input * nanoUsdPerToken[vendor].input + output * nanoUsdPerToken[vendor].output);

describe.each(wires)('$vendor', (wire) => {
  const { vendor, path, body } = wire;
  const post = (over: object = {}) => opened.post(vendor, path, { ...body, ...over });
  const openai = vendor === 'aurora';

  test('without a fault bills what it reports, to the nano-dollar', async () => {
    const answer = JSON.parse((await post()).text);
    const [input, output] = openai
      ? [answer.usage.prompt_tokens, answer.usage.completion_tokens]
      : [answer.usage.input_tokens, answer.usage.output_tokens];
    expect(await read(vendor)).toMatchObject({
      requests: 1,
      answered: 1,
      refused: 0,
      cut: 0,
      tokens: { input, output },
      billNanoUsd: billOf(vendor, input, output),
      listNanoUsd: openai ? String(input * 2000 + output * 8000) : billOf(vendor, input, output),
    });
  });

  test.each([false, true])(
    'down answers 500 and 503 in its own words, streamed %s, and bills nothing',
    async (stream) => {
      await setFault(vendor, { fault: 'down' });
      const answers = await Promise.all(Array.from({ length: 16 }, () => post({ stream })));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500, 503]));
      for (const { text } of answers) expect(JSON.parse(text).error.type).toBe(openai ? 'server_error' : 'api_error');
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
    expect(JSON.parse(answer.text).error).toMatchObject(
      openai ? { code: 'rate_limit_exceeded' } : { type: 'rate_limit_error' },
    );
    await setFault(vendor, { fault: 'rate-limit', retryAfterS: 0 });
    expect((await post()).headers.has('retry-after')).toBe(false);
  });

  test.each([
    [
      'overload',
      openai ? 503 : 529,
      openai ? { type: 'server_error' } : { type: 'overloaded_error', message: 'Overloaded' },
    ],
    [
      'auth',
      401,
      openai ? { code: 'invalid_api_key' } : { type: 'authentication_error', message: 'invalid x-api-key' },
    ],
    [
      'credit',
      openai ? 429 : 400,
      openai
        ? { code: 'insufficient_quota', type: 'insufficient_quota' }
        : { type: 'invalid_request_error', message: expect.stringMatching(/^Your credit balance is too low/) },
    ],
  ])('%s answers %i', async (fault, status, error) => {
    await setFault(vendor, { fault });
    const answer = await post({ stream: true });
    expect([answer.status, JSON.parse(answer.text).error]).toMatchObject([status, error]);
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
    const asked = opened.post(vendor, path, body, {}, leaving.signal);
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
    expect((await listen(wire, { stream: true })).ended).toBe('whole');
  });

  test('garbage is a 200 that is not the protocol', async () => {
    await setFault(vendor, { fault: 'garbage' });
    const whole = await post();
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(() => JSON.parse(whole.text)).toThrow(SyntaxError);
    const streamed = await post({ stream: true });
    expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(() => JSON.parse(/^data: (.*)$/m.exec(streamed.text)![1]!)).toThrow(SyntaxError);
    expect(await read(vendor)).toMatchObject({ refused: 2, billNanoUsd: '0' });
  });

  test('error-in-stream before content bills nothing', async () => {
    await setFault(vendor, { fault: 'error-in-stream' });
    const { status, text, ended } = await listen(wire, { stream: true });
    expect([status, ended, contents(text)]).toEqual([200, 'whole', 0]);
    expect(text).toMatch(
      openai
        ? /data: \{"error":\{.*"server_error".*\}\}\n\n$/
        : /event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":"Overloaded"\}\}\n\n$/,
    );
    expect(await read(vendor)).toMatchObject({ cut: 1, billNanoUsd: '0' });
    expect((await post()).status).toBe(500);
    expect(await read(vendor)).toMatchObject({ cut: 1, refused: 1, billNanoUsd: '0' });
  });

  test.each(['error-in-stream', 'cut-mid-stream'])(
    '%s after content bills the input and what was sent',
    async (fault) => {
      await setFault(vendor, { fault, afterEvents: 3 });
      const { text, ended } = await listen(wire, { stream: true });
      expect(contents(text)).toBe(3);
      expect(ended).toBe(fault === 'cut-mid-stream' ? 'broken' : 'whole');
      expect(text).not.toMatch(/\[DONE\]|message_stop/);
      const { tokens, billNanoUsd, cut } = await read(vendor);
      expect(cut).toBe(1);
      // One token a chunk on the one wire, one to four on the other.
      expect(openai ? [tokens.output] : [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).toContain(tokens.output);
      expect(openai ? tokens.output : 3).toBe(3);
      expect(billNanoUsd).toBe(billOf(vendor, tokens.input!, tokens.output!));
    },
  );

  test('cut-mid-stream cuts before content for nothing, and after the last content for everything', async () => {
    await setFault(vendor, { fault: 'cut-mid-stream' });
    const before = await listen(wire, { stream: true });
    expect([before.ended, contents(before.text)]).toEqual(['broken', 0]);
    expect(before.text).toContain(openai ? '"role":"assistant"' : 'event: message_start');
    expect(await read(vendor)).toMatchObject({ cut: 1, billNanoUsd: '0' });
    await setFault(vendor, { fault: 'cut-mid-stream', afterEvents: 100_000 });
    const after = await listen(wire, { stream: true });
    expect(after.ended).toBe('broken');
    expect(after.text).not.toMatch(/"finish_reason":"stop"|message_delta/);
    await setFault(vendor, { fault: 'none' });
    const cut = (await read(vendor)).tokens;
    await listen(wire, { stream: true });
    const whole = (await read(vendor)).tokens;
    expect(whole).toEqual({ input: cut.input! * 2, output: cut.output! * 2 });
  });

  test('cut-mid-stream sends half of a whole answer under its full length', async () => {
    await setFault(vendor, { fault: 'cut-mid-stream' });
    const { status, text, ended } = await listen(wire);
    expect([status, ended]).toEqual([200, 'broken']);
    expect(text).toMatch(/^\{/);
    const { tokens, billNanoUsd } = await read(vendor);
    expect(billNanoUsd).toBe(billOf(vendor, tokens.input!, tokens.output!));
    expect(tokens.output).toBeGreaterThan(0);
  });

  test('a client that leaves is billed for what was made until it was noticed', async () => {
    const whole = (await listen(wire, { stream: true })).ended;
    const { tokens: full } = await read(vendor);
    await setFault(vendor, { fault: 'slow', latencyMs: 20 });
    const left = await listen(wire, { stream: true }, openai ? /"content":"[^"]/ : /text_delta/);
    expect([whole, left.ended]).toEqual(['whole', 'broken']);
    await expect.poll(async () => (await read(vendor)).cut).toBe(1);
    const { tokens, billNanoUsd } = await read(vendor);
    const made = tokens.output! - full.output!;
    expect(tokens.input).toBe(full.input! * 2);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(full.output!);
    expect(billNanoUsd).toBe(billOf(vendor, tokens.input!, tokens.output!));
  });

  test('a client that leaves before a whole answer pays for its prompt', async () => {
    await setFault(vendor, { fault: 'slow', latencyMs: 600_000 });
    const leaving = new AbortController();
    const asked = opened.post(vendor, path, body, {}, leaving.signal);
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
  const chat = { ...wires[0].body, messages: [...wires[0].body.messages] };
  const message = { ...wires[1].body, messages: [...wires[1].body.messages] };

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
    expect((await opened.post('aurora', wires[0].path, wires[0].body)).status).toBe(200);
  });
});
