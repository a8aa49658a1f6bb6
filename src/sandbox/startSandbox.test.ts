import { createServer } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTestSandbox } from './openTestSandbox.fixture.ts';
import type { TestSandbox } from './openTestSandbox.fixture.ts';

const chat = { model: 'chat-large', messages: [{ role: 'user', content: 'hello there' }] };
const message = { ...chat, max_tokens: 300 };
const conversation = { messages: [{ role: 'user', content: [{ text: 'hello there' }] }] };

const answersOf = async (opened: TestSandbox): Promise<readonly string[]> =>
  Promise.all([
    opened.post('aurora', '/v1/chat/completions', chat),
    opened.post('cascade', '/model/chat-large/converse-stream', conversation),
    opened.post('borealis', '/v1/messages', { ...message, stream: true }),
  ]).then((answers) => answers.map(({ text }) => text));

describe('the sandbox', () => {
  test('answers by its seed and the request alone', async () => {
    await using one = await openTestSandbox({ seed: 1 });
    await using same = await openTestSandbox({ seed: 1 });
    await using other = await openTestSandbox({ seed: 2 });
    const first = await answersOf(one);
    expect(await answersOf(one)).toEqual(first);
    expect(await answersOf(same)).toEqual(first);
    const others = await answersOf(other);
    expect(first.every((text, at) => text !== others[at])).toBe(true);
  });

  test('has every vendor answer in its own words', async () => {
    await using opened = await openTestSandbox();
    const [aurora, borealis, cascade] = await Promise.all([
      opened.post('aurora', '/v1/chat/completions', chat),
      opened.post('borealis', '/v1/messages', message),
      opened.post('cascade', '/model/chat-large/converse', conversation),
    ]);
    const said = [
      JSON.parse(aurora.text).choices[0].message.content,
      JSON.parse(borealis.text).content[0].text,
      JSON.parse(cascade.text).output.message.content[0].text,
    ];
    expect(new Set(said).size).toBe(3);
  });

  test('keeps its bills over a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'archipel-sandbox-'));
    const opened = await openTestSandbox({ directory, keepDirectory: true });
    await answersOf(opened);
    await opened.sandbox.setVendorFault('aurora', { fault: 'cut-mid-stream', afterEvents: 2 });
    await opened.post('aurora', '/v1/chat/completions', { ...chat, stream: true }).catch(() => undefined);
    const before = await opened.sandbox.readAll();
    await opened[Symbol.asyncDispose]();
    const again = await openTestSandbox({ directory, keepDirectory: true });
    const bills = (readings: typeof before): readonly object[] =>
      readings.map(({ vendor, tokens, billNanoUsd, listNanoUsd, answered, cut }) => ({
        vendor,
        tokens,
        billNanoUsd,
        listNanoUsd,
        answered,
        cut,
      }));
    expect(bills(await again.sandbox.readAll())).toEqual(bills(before));
    expect(before[0]).toMatchObject({ answered: 1, cut: 1 });
    await again[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  test('has billed a stream before the client can know that it is whole', async () => {
    await using opened = await openTestSandbox();
    await opened.post('borealis', '/v1/messages', { ...message, stream: true });
    const line = JSON.parse(await readFile(join(opened.directory, 'borealis.bill.jsonl'), 'utf8'));
    expect(line).toMatchObject({ model: 'chat-large', outcome: 'complete', at: '2026-11-03T09:30:00.000Z' });
    expect(BigInt(line.nanoUsd)).toBe(BigInt(line.tokens.input) * 2500n + BigInt(line.tokens.output) * 10_000n);
  });

  test('ends what is going on when it closes, and bills it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'archipel-sandbox-'));
    const opened = await openTestSandbox({ directory, keepDirectory: true });
    await opened.sandbox.setVendorFault('aurora', { fault: 'slow', latencyMs: 600_000 });
    const asked = opened.post('aurora', '/v1/chat/completions', { ...chat, stream: true });
    const hanging = opened.sandbox
      .setVendorFault('cascade', { fault: 'hang' })
      .then(() => opened.post('cascade', '/model/chat-large/converse', conversation));
    await expect
      .poll(async () => (await opened.sandbox.readAll()).reduce((sum, { requests }) => sum + requests, 0))
      .toBe(2);
    await Promise.all([
      expect(asked).rejects.toThrow(/fetch failed|terminated/),
      expect(hanging).rejects.toThrow(/fetch failed|terminated/),
      opened[Symbol.asyncDispose](),
    ]);
    const line = JSON.parse(await readFile(join(directory, 'aurora.bill.jsonl'), 'utf8'));
    expect(line).toMatchObject({ outcome: 'cut', tokens: { input: expect.any(Number) } });
    expect(await readFile(join(directory, 'cascade.bill.jsonl'), 'utf8')).toBe('');
    await rm(directory, { recursive: true });
  });

  test('remembers what reached a vendor, byte for byte, only when told to', async () => {
    await using recording = await openTestSandbox({ record: true });
    const bytes = '{"model": "chat-large",\n "messages":[{"role":"user","content":"h\\u00e9"}]}';
    await recording.post('aurora', '/v1/chat/completions?x=1', bytes, { 'x-mark': 'yes' });
    const [received] = await recording.sandbox.received('aurora');
    expect(received).toMatchObject({ method: 'POST', path: '/v1/chat/completions?x=1', headers: { 'x-mark': 'yes' } });
    expect(received!.body.toString()).toBe(bytes);
    await using silent = await openTestSandbox();
    await silent.post('aurora', '/v1/chat/completions', chat);
    expect(await silent.sandbox.received('aurora')).toEqual([]);
  });

  test('takes the ports it is given, and says which one is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? address!.port : 0;
    await expect(openTestSandbox({ ports: { cascade: port } })).rejects.toMatchObject({
      code: 'sandbox_port_taken',
      message: `cascade: cannot listen on port ${port}`,
    });
    await new Promise((resolve) => other.close(resolve));
    await using opened = await openTestSandbox({ ports: { cascade: port } });
    expect(opened.url('cascade')).toBe(`http://127.0.0.1:${port}`);
  });

  test('takes no credential but its own', async () => {
    await using opened = await openTestSandbox({ apiKey: 'another' });
    expect((await opened.post('aurora', '/v1/chat/completions', chat)).status).toBe(401);
    expect(
      (await opened.post('aurora', '/v1/chat/completions', chat, { authorization: 'Bearer another' })).status,
    ).toBe(200);
  });
});
