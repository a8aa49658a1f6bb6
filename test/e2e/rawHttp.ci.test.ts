// Bytes that could be read in two ways, sent to both listeners directly and through proxies as people put them in front of us.
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { proxiesMissing, startFrontProxies, type FrontProxies } from '../rigs/frontProxies.ts';
import { judgeRawRequests, type Way } from '../rigs/judgeRawRequests.ts';
import { RawConnection } from '../rigs/RawConnection.ts';
import { rawRequests, type RawCall } from '../rigs/rawRequests.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream, type ReceivedCall } from '../rigs/ScriptedUpstream.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';

const missing = proxiesMissing();
const isMissing = missing.length > 0 && process.env['CI'] === undefined;
if (isMissing) process.stderr.write(`skipped: install ${missing.join(' and ')}\n`);

const clientKey = 'sk-raw-client';
const adminKey = 'sk-raw-operator';

const chatText = (mark: string): string =>
  JSON.stringify({ model: 'chat', max_tokens: 5, messages: [{ role: 'user', content: mark }] });

/** A request that leaves nothing behind, and is told what it asked. */
const nowhere = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${adminKey}\r\nConnection: close\r\n\r\n`;

const chat: RawCall = {
  line: 'POST /v1/chat/completions',
  headers: `Authorization: Bearer ${clientKey}\r\nContent-Type: application/json\r\n`,
  body: chatText,
  nextClient: (mark) => nowhere(`/v1/${mark}`),
};

const makeKey: RawCall = {
  line: 'POST /admin/v1/keys',
  headers: `Authorization: Bearer ${adminKey}\r\nContent-Type: application/json\r\n`,
  body: (mark) => JSON.stringify({ name: mark, team: 'research' }),
  nextClient: (mark) => nowhere(`/admin/v1/${mark}`),
};

const markOf = ({ body }: Pick<ReceivedCall, 'body'>): string => {
  const { messages } = JSON.parse(body.toString());
  return String(messages[0].content);
};

const price = { inputPerMTok: '1', outputPerMTok: '1' };

const configuration = (vendor: string, round: string): string =>
  configurationOf({
    limits: { headersMs: 1_000, bodyMs: 1_500 },
    admin: { keys: [{ name: 'raw', hash: hashOf(adminKey), role: 'owner' }] },
    providers: {
      vendor: providerOf('openai', vendor, 'chat-vendor'),
      round: providerOf('openai', round, 'round-vendor'),
    },
    models: {
      chat: { deployments: [{ provider: 'vendor', model: 'm', price }] },
      round: { deployments: [{ provider: 'round', model: 'round', price }] },
    },
    keys: [{ name: 'raw', hash: hashOf(clientKey), team: 'research' }],
  });

const waysTo = (direct: string, nginx: string, haproxy: string): readonly Way[] => [
  { name: 'direct', url: direct, direct: true },
  { name: 'nginx', url: nginx, direct: false },
  { name: 'haproxy', url: haproxy, direct: false },
];

/** Passes bytes on to whoever `to` names: another address of the same server, of which its configuration knows nothing. */
class Detour implements AsyncDisposable {
  to = '';
  connections = 0;
  readonly #server = createTcpServer((client) => {
    this.connections += 1;
    const { hostname, port } = new URL(this.to);
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) socket.on('error', () => {});
    client.pipe(server).pipe(client);
  });

  static async open(): Promise<Detour> {
    const detour = new Detour();
    detour.#server.listen(0, '127.0.0.1');
    await once(detour.#server, 'listening');
    return detour;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await Promise.resolve();
  }
}

let upstream: ScriptedUpstream;
let detour: Detour;
let server: Server;

beforeAll(async () => {
  upstream = await ScriptedUpstream.open((response, call) => answer(200, chatAnswer(markOf(call)))(response, call));
  detour = await Detour.open();
  server = await startServer({
    configuration: configuration(upstream.url, detour.url),
    env: { [vendorKeyName]: vendorKey },
  });
  // The routes of the control plane are loaded when somebody first asks for them.
  await fetch(`${server.adminUrl}/admin/v1/openapi.json`);
});

afterAll(async () => {
  await removeServer(server);
  await upstream[Symbol.asyncDispose]();
  await detour[Symbol.asyncDispose]();
});

describe.skipIf(isMissing)('bytes that could be read in two ways', () => {
  let proxies: FrontProxies;

  beforeAll(async () => {
    proxies = await startFrontProxies([server.url, server.adminUrl]);
  });

  afterAll(async () => {
    await proxies?.[Symbol.asyncDispose]();
  });

  test('are many, each of its own', () => {
    const corpus = rawRequests(chat, 'count');
    expect(corpus.length).toBeGreaterThanOrEqual(80);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
    expect(new Set(corpus.map(({ bytes }) => bytes)).size).toBe(corpus.length);
  });

  test('have one reading or a closed connection on the data plane, the same through nginx and HAProxy [A8] [G15]', async () => {
    const ways = waysTo(server.url, proxies.nginx[0]!, proxies.haproxy[0]!);
    const judged = await judgeRawRequests(ways, chat, () => Promise.resolve(upstream.calls.map(markOf)));
    expect(judged.faults).toEqual([]);
    // What is well-formed does come through.
    for (const way of ways) expect(judged.served[way.name]).toBeGreaterThan(8);
  });

  test('have one reading or a closed connection on the control plane, the same through nginx and HAProxy [A8] [G15]', async () => {
    const keyNames = async (): Promise<readonly string[]> => {
      const told = await fetch(`${server.adminUrl}/admin/v1/keys`, {
        headers: { authorization: `Bearer ${adminKey}` },
      });
      const { keys } = (await told.json()) as { keys: { name: string }[] };
      return keys.map(({ name }) => name);
    };
    const ways = waysTo(server.adminUrl, proxies.nginx[1]!, proxies.haproxy[1]!);
    const judged = await judgeRawRequests(ways, makeKey, keyNames);
    expect(judged.faults).toEqual([]);
    for (const way of ways) expect(judged.served[way.name]).toBeGreaterThan(8);
  });

  test.each([
    { what: 'a plain server of Node', lenient: false, fault: ': was served' },
    { what: 'a lenient server of Node', lenient: true, fault: 'the hidden request was read' },
  ])('control: $what in our place reads what nobody should', async ({ lenient, fault }) => {
    const seen: string[] = [];
    const plain = createServer({
      insecureHTTPParser: lenient,
      headersTimeout: 400,
      requestTimeout: 800,
      connectionsCheckingInterval: 200,
    });
    plain.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (bytes: Buffer) => chunks.push(bytes));
      request.on('end', () => {
        const mark = /(?<="content":")[^"]*/.exec(Buffer.concat(chunks).toString())?.[0];
        if (mark !== undefined) seen.push(mark);
        if (request.method === 'GET') response.writeHead(404).end(request.url);
        else
          response
            .writeHead(mark === undefined ? 400 : 200, mark === undefined ? { connection: 'close' } : {})
            .end(mark);
      });
      request.on('error', () => {});
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    try {
      const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
      const { faults } = await judgeRawRequests([{ name: 'direct', url, direct: true }], chat, () =>
        Promise.resolve(seen),
      );
      expect(faults.filter((line) => line.includes(fault)).length).toBeGreaterThan(0);
    } finally {
      plain.closeAllConnections();
      plain.close();
    }
  });
});

/** Ways to write a Host by which a path could be smuggled past whoever looks at a URL instead of at the request line. */
const hostForms = [
  'localhost',
  'localhost:1',
  'localhost.',
  '127.0.0.1',
  '[::1]',
  '',
  'evil.example',
  'localhost/healthz',
  'localhost/healthz?',
  'localhost/healthz#',
  'localhost?/healthz',
  'localhost#/healthz',
  'localhost/../healthz',
  'localhost\\healthz',
  'localhost%2fhealthz',
  'healthz@localhost',
  'localhost, localhost/healthz',
  '/healthz',
  '?/healthz',
  '127.0.0.1/healthz#[::1]',
];

const pathForms = [
  (path: string) => path,
  (path: string) => `${path}?x=/healthz`,
  (path: string) => `${path}#/healthz`,
  (path: string) => `${path};/healthz`,
  (path: string) => `${path}%3f/healthz`,
  (path: string) => `/healthz/..${path}`,
  (path: string) => `/healthz/%2e%2e${path}`,
  (path: string) => `//healthz${path}`,
  (path: string) => `http://localhost/healthz${path}`,
  (path: string) => `/healthz\\..${path}`,
];

/** Paths that need no key. */
const keyless = ['/healthz', '/readyz', '/metrics', '/admin/v1/openapi.json'];

describe('without a key', () => {
  const statusOf = async (method: string, target: string, host: string, key = ''): Promise<number> => {
    using connection = await RawConnection.open(server.adminUrl);
    const body = method === 'GET' ? '' : '{}';
    await connection.write(
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${key}Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    return (await connection.untilClosed()).status;
  };

  test('no form of Host and path opens a route of the control plane [A2]', async () => {
    const told = await fetch(`${server.adminUrl}/admin/v1/openapi.json`);
    const { paths } = (await told.json()) as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      keyless.includes(path)
        ? []
        : Object.keys(methods).map((method) => ({
            method: method.toUpperCase(),
            path: path.replaceAll(/\{\w+\}/g, 'x'),
          })),
    );
    expect(routes.length).toBeGreaterThan(20);
    const left = routes.flatMap(({ method, path }) =>
      hostForms.flatMap((host) => pathForms.map((form) => ({ method, target: form(path), host }))),
    );
    expect(left.length).toBe(routes.length * 200);
    const opened: string[] = [];
    const askNext = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        const status = await statusOf(next.method, next.target, next.host);
        if (status < 400) opened.push(`${next.method} ${next.target} of ${next.host}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, askNext));
    expect(opened).toEqual([]);
  });

  test('control: with a key the same routes do open', async () => {
    const key = `Authorization: Bearer ${adminKey}\r\n`;
    expect(await statusOf('GET', '/admin/v1/status', 'localhost')).toBe(401);
    expect(await statusOf('GET', '/admin/v1/status', 'localhost', key)).toBe(200);
    expect(await statusOf('GET', '/admin/v1/status', 'localhost/healthz', key)).toBe(400);
  });
});

test('a provider that leads back here by an address that nobody knows is called once, and its client told of the loop [A34]', async () => {
  detour.to = server.url;
  const told = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'round', max_tokens: 5, messages: [{ role: 'user', content: 'round' }] }),
  });
  expect([told.status, told.headers.get('x-archipel-error'), told.headers.get('x-archipel-attempts')]).toEqual([
    508,
    'loop_detected',
    '1',
  ]);
  expect(detour.connections).toBe(1);
});
