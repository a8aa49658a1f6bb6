// How a server ends while clients wait for it.
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, answerStream, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import { chatAnswer, chatEvents, messageEvents } from '../rigs/vendorAnswers.ts';
import { freePort } from '../rigs/vendorPorts.ts';

const key = 'sk-drain';

const onEnd = endAfterEach();

const openVendor = async (): Promise<ScriptedUpstream> => {
  const vendor = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
  onEnd(() => vendor[Symbol.asyncDispose]());
  return vendor;
};

const start = async (
  vendor: ScriptedUpstream,
  limits: Readonly<Record<string, number>>,
  more: { readonly dataDir?: string; readonly port?: number } = {},
): Promise<Server> => {
  const price = { inputPerMTok: '1', outputPerMTok: '2' };
  const server = await startServer({
    configuration: configurationOf({
      limits,
      providers: {
        chats: providerOf('openai', vendor.url, 'chat-vendor'),
        letters: providerOf('anthropic', vendor.url, 'letter-vendor'),
      },
      models: {
        chat: { deployments: [{ provider: 'chats', model: 'vendor-chat', price }] },
        letter: { deployments: [{ provider: 'letters', model: 'vendor-letter', price }] },
      },
      keys: [{ name: 'all', hash: hashOf(key), team: 'research' }],
    }),
    env: { [vendorKeyName]: vendorKey },
    ...(more.dataDir === undefined ? {} : { dataDir: more.dataDir }),
    ...(more.port === undefined ? {} : { arguments: ['--port', String(more.port)] }),
  });
  onEnd(() => removeServer(server));
  return server;
};

const ask = (url: string, stream = false): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', stream, max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }),
  });

const askLetter = (url: string): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'letter',
      stream: true,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  });

const readiness = async (server: Server): Promise<number> => (await fetch(`${server.adminUrl}/readyz`)).status;

describe('a server that is told to end', () => {
  test('says so to balancers first, serves until they have noticed, then refuses with a time to come back', async () => {
    const vendor = await openVendor();
    const server = await start(vendor, { lameDuckMs: 3_000 });
    const ended = server.stop();
    while ((await readiness(server)) === 200);
    const served = await ask(server.url);
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'close']);
    // What runs keeps the door open for those who come too late.
    vendor.next(async (response, call) => {
      await pause(5_000);
      await answer(200, chatAnswer('late'))(response, call);
    });
    const running = ask(server.url);
    await vendor.call(2);
    let refused = await ask(server.url);
    while (refused.status === 200) refused = await ask(server.url);
    expect([
      refused.status,
      ...['x-archipel-error', 'retry-after', 'connection'].map((name) => refused.headers.get(name)),
    ]).toEqual([503, 'overloaded', '1', 'close']);
    expect((await running).status).toBe(200);
    expect(await ended).toBe(0);
  });

  test('ends streams that take too long by the error of their wire, records them, and exits with 0', async () => {
    const vendor = await openVendor();
    vendor
      .next(answerStream(chatEvents.role + chatEvents.text('begun'), 'hang'))
      .next(answerStream(messageEvents.start(10) + messageEvents.open + messageEvents.text('begun'), 'hang'));
    const server = await start(vendor, { drainMs: 500 });
    const chat = await ask(server.url, true);
    const letter = await askLetter(server.url);
    expect(await server.stop()).toBe(0);
    const [chatText, letterText] = [await chat.text(), await letter.text()];
    expect(chatText).toMatch(/begun[^]*data: \{"error":[^\n]*shutting down[^\n]*\n\n$/);
    expect(letterText).toMatch(/begun[^]*event: error\ndata: [^\n]*shutting down[^\n]*\n\n$/);
    const next = await start(vendor, {}, { dataDir: server.dataDir });
    const usage = await fetch(`${next.adminUrl}/admin/v1/usage?groupBy=provider&fresh=true`, {
      headers: { authorization: `Bearer ${next.adminKey}` },
    });
    expect(next.stderr()).not.toContain('attempts were cut off');
    expect(JSON.stringify(await usage.json())).toMatch(/chats[^]*letters|letters[^]*chats/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'waits for nobody at a second signal, %s, and still exits with 0',
    async (signal) => {
      const vendor = await openVendor();
      vendor.next(answerStream(chatEvents.role + chatEvents.text('begun'), 'hang'));
      // Longer than any test may take.
      const server = await start(vendor, {
        lameDuckMs: 3_600_000,
        drainMs: 3_600_000,
        totalMs: 7_200_000,
        idleMs: 7_200_000,
      });
      const chat = await ask(server.url, true);
      const ended = server.stop();
      while ((await readiness(server)) === 200);
      process.kill(server.pid, signal);
      expect(await ended).toBe(0);
      expect(await chat.text()).toContain('shutting down');
    },
  );
});

/** Asks until there is an answer, as a client with patience does. @returns what it was told in the end, and how often it had to come back. */
const askWithPatience = async (
  url: string,
  stream: boolean,
): Promise<{ readonly fault: string | null; readonly tries: number }> => {
  let why = '';
  for (let tries = 1; tries <= 60; tries += 1) {
    try {
      const got = await ask(url, stream);
      const text = await got.text();
      const isWhole = stream ? text.endsWith(chatEvents.done) : text.includes('"fine"');
      if (got.status === 200) return { fault: isWhole ? null : `cut: ${text.slice(-200)}`, tries };
      why = `${got.status} ${got.headers.get('x-archipel-error')}`;
      if (got.status !== 503) return { fault: why, tries };
      await pause(Number(got.headers.get('retry-after')) * 250);
    } catch (error) {
      why = String(error);
      await pause(100);
    }
  }
  return { fault: why, tries: 60 };
};

test('a restart under load loses no request of clients that come back', async () => {
  const vendor = await openVendor();
  vendor.always(async (response, call) => {
    const { stream }: { stream?: boolean } = JSON.parse(call.body.toString());
    if (stream !== true) return answer(200, chatAnswer('fine'))(response, call);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of ['a ', 'stream ', 'of a while']) {
      response.write(chatEvents.text(part));
      await pause(150);
    }
    response.end(chatEvents.finish + chatEvents.usage(10, 3) + chatEvents.done);
  });
  const port = await freePort();
  const first = await start(vendor, {}, { port });
  let asking = true;
  const told: Awaited<ReturnType<typeof askWithPatience>>[] = [];
  const clients = Array.from({ length: 12 }, async (_, index) => {
    while (asking) told.push(await askWithPatience(first.url, index % 2 === 0));
  });
  await pause(700);
  expect(await first.stop()).toBe(0);
  const before = told.length;
  await start(vendor, {}, { port, dataDir: first.dataDir });
  await pause(1_500);
  asking = false;
  await Promise.all(clients);
  expect(told.filter(({ fault }) => fault !== null)).toEqual([]);
  expect(before).toBeGreaterThan(12);
  expect(told.length).toBeGreaterThan(before + 12);
  // Somebody had to come back, or nothing was proven.
  expect(told.some(({ tries }) => tries > 1)).toBe(true);
});
