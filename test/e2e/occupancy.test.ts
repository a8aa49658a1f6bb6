import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { RawConnection } from '../rigs/RawConnection.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const key = canaryOf('client key');
const bodyBytes = 4_000_000;
const bodiesBytes = 10_000_000;

let vendor: ScriptedUpstream;
let server: Server;

/** Lets the vendor's answers go. */
let release = (): void => {};

const holdAnswers = (): void => {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  vendor.always(async (response, call) => {
    await released;
    await answer(200, chatAnswer('fine'))(response, call);
  });
};

beforeAll(async () => {
  vendor = await ScriptedUpstream.open();
  server = await startServer({
    configuration: configurationOf({
      limits: { bodyBytes, bodiesBytes },
      providers: { chats: providerOf('openai', vendor.url, 'chat-vendor') },
      models: {
        chat: {
          deployments: [{ provider: 'chats', model: 'vendor-chat', price: { inputPerMTok: '1', outputPerMTok: '2' } }],
        },
      },
      keys: [{ name: 'all', hash: hashOf(key), team: 'research' }],
    }),
    env: { [vendorKeyName]: vendorKey },
  });
});

afterAll(async () => {
  await removeServer(server);
  await vendor[Symbol.asyncDispose]();
});

afterEach(() => {
  release();
  vendor.forget();
});

/** Asks with a body of exactly this size. */
const ask = (bytes = 0): Promise<Response> => {
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10 });
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: body.padEnd(bytes, ' '),
  });
};

const expectOverloaded = async (got: Response, why: string): Promise<void> => {
  expect([got.status, got.headers.get('x-archipel-error'), got.headers.get('retry-after')]).toEqual([
    503,
    'overloaded',
    '1',
  ]);
  expect(await got.json()).toMatchObject({ error: { code: 'overloaded', message: expect.stringContaining(why) } });
};

it('large bodies beyond what all together may hold are told to come back, and those before them are served', async () => {
  holdAnswers();
  const first = ask(bodyBytes);
  const second = ask(bodyBytes);
  await vendor.call(2);
  await expectOverloaded(await ask(bodyBytes), 'limits.bodiesBytes');
  const small = ask();
  await vendor.call(3);
  release();
  for (const served of [first, second, small]) expect((await served).status).toBe(200);
  expect((await ask(bodyBytes)).status).toBe(200);
});

it('a server that was told to end is not ready, tells newcomers to come back, and serves what it has', async () => {
  const readiness = async () => {
    const got = await fetch(`${server.adminUrl}/readyz`, { headers: { authorization: `Bearer ${server.adminKey}` } });
    return [got.status, await got.json()] as const;
  };
  expect(await readiness()).toEqual([200, { status: 'ok', reasons: [], details: [] }]);
  holdAnswers();
  const running = ask();
  await vendor.call(1);
  const ended = server.stop();
  // The signal is on its way: from some moment on it is so.
  while ((await readiness())[0] === 200);
  expect(await readiness()).toMatchObject([503, { status: 'not ready', reasons: ['the server is shutting down'] }]);
  expect((await fetch(`${server.adminUrl}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.adminUrl}/healthz`)).status).toBe(200);
  await expectOverloaded(await ask(), 'shutting down');
  release();
  expect((await running).status).toBe(200);
  expect(await ended).toBe(0);
  await expect(RawConnection.open(server.url)).rejects.toThrow('ECONNREFUSED');
});
