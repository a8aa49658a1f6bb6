// A listener on loopback that nobody may reach, and everything that can be written so that a careless program would.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../../src/app/index.ts';
import { selfSigned } from '../../src/egress/selfSigned.fixture.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { ForbiddenListener } from '../rigs/ForbiddenListener.ts';
import { forbiddenSpellings } from '../rigs/forbiddenSpellings.ts';
import { RawConnection } from '../rigs/RawConnection.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';
import { chatAnswer, messageAnswer } from '../rigs/vendorAnswers.ts';

const clientKey = 'sk-test-forbidden';
const price = { inputPerMTok: '1', outputPerMTok: '2' };
const dearer = { inputPerMTok: '10', outputPerMTok: '20' };

/** What a public name may lead to: the listener, and places where no vendor is. */
const nearAddresses: readonly string[] = (
  '127.0.0.1 127.0.0.9 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 64:ff9b::7f00:1 64:ff9b::127.0.0.1 2002:7f00:1:: ::127.0.0.1 ' +
  '::ffff:0:127.0.0.1 0.0.0.0 :: ::ffff:0.0.0.0 10.0.0.1 192.168.1.1 172.16.0.1 100.64.0.1 fd12::1 ::ffff:10.0.0.1 ' +
  '169.254.169.254 ::ffff:169.254.169.254 fe80::1%lo fd00:ec2::254 100.100.100.200 224.0.0.1 ff02::1 255.255.255.255'
).split(' ');

/** Public addresses that the program finds on this machine, and on which nobody listens. */
const farAddress = '93.184.216.34';
const deadAddress = '93.184.216.35';

/** Which statuses take a client elsewhere, and what else an answer can say of another place. */
const redirects = [300, 301, 302, 303, 305, 307, 308] as const;

let listener: ForbiddenListener;
let spellings: readonly string[];
let well: ScriptedUpstream;
let messages: ScriptedUpstream;
let redirecting: ScriptedUpstream;
let far: { readonly port: number; readonly requests: () => number; close(): Promise<void> };
let folder: string;
let server: Server;

/** A vendor of TLS that closes each connection after its answer, so that the next request looks the name up again. */
const openFar = async (certificate: { readonly key: string; readonly certificate: string }) => {
  let requests = 0;
  const secure = createTlsServer({ key: certificate.key, cert: certificate.certificate }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      requests += 1;
      const body = JSON.stringify(chatAnswer('from afar'));
      const head = ['HTTP/1.1 200 OK', 'content-type: application/json', 'connection: close'];
      socket.end([...head, `content-length: ${body.length}`, '', body].join('\r\n'));
    });
  });
  secure.on('tlsClientError', () => {});
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const address = secure.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { port, requests: () => requests, close: () => new Promise<void>((done) => secure.close(() => done())) };
};

const rival = (baseUrl: string, more: object = {}): object => ({
  ...providerOf('openai', '', 'rival'),
  baseUrl,
  ...more,
});

/** A model that a provider would serve, were the one that is well not there. */
const modelOf = (provider: string): object => ({
  deployments: [
    { provider, model: 'vendor-chat', price },
    { provider: 'well', model: 'vendor-chat', price: dearer },
  ],
});

/** Lines of a file before its first provider. */
const headLines = [
  'version: 1',
  'teams: { research: {} }',
  'models: { m: { deployments: [ { provider: well, model: m } ] } }',
  'providers: {',
];

/** Of providers with these URLs and `addresses: public`, those that the file may have, by what is said of their lines. */
const allowedOf = (urls: readonly string[]): readonly string[] => {
  const lines = urls.map((url, at) => `  "p${at}": ${JSON.stringify(rival(url, { addresses: 'public' }))},`);
  const text = [
    ...headLines,
    ...lines,
    `  well: ${JSON.stringify(providerOf('openai', well.url, 'well'))}`,
    '}',
    '',
  ].join('\n');
  const known = { wires: ['openai'], nowMs: Date.now() };
  const env = { [vendorKeyName]: vendorKey };
  const loaded = loadConfiguration({ text, file: 'spellings.yaml' }, { known, env, readFile: () => '' });
  const faulty = new Set((loaded.ok ? [] : loaded.fault).map(({ line }) => line));
  return urls.filter((_url, at) => !faulty.has(headLines.length + at + 1));
};

let allowed: readonly string[] = [];
/** Some of them, which a gateway is asked to call: no more than its retry budget has room for. */
let asked: readonly string[] = [];

const configuration = (): string => {
  const near = Object.fromEntries(
    nearAddresses.map((_address, at) => [`near-${at}`, rival(`https://near-${at}.example:${listener.port}/v1`)]),
  );
  const spelled = Object.fromEntries(asked.map((url, at) => [`spelled-${at}`, rival(url, { addresses: 'public' })]));
  const sending = Object.fromEntries(
    redirects.map((status) => [`redirect-${status}`, rival(`${redirecting.url}/${status}/v1`)]),
  );
  const doors = {
    flip: rival(`https://flip.example:${listener.port}/v1`),
    mixed: rival(`https://mixed.example:${listener.port}/v1`),
    open: rival(`https://open.example:${listener.port}/v1`, { addresses: 'loopback' }),
  };
  const rivals = { ...near, ...spelled, ...sending, ...doors };
  return configurationOf({
    limits: { connectMs: 3_200, firstByteMs: 5_000 },
    providers: {
      ...rivals,
      well: providerOf('openai', well.url, 'well'),
      messages: providerOf('anthropic', messages.url, 'messages'),
    },
    models: {
      ...Object.fromEntries(Object.keys(rivals).map((name) => [`by-${name}`, modelOf(name)])),
      chat: { deployments: [{ provider: 'well', model: 'vendor-chat', price }] },
      message: { deployments: [{ provider: 'messages', model: 'vendor-message', price }] },
    },
    keys: [{ name: 'all', hash: hashOf(clientKey), team: 'research' }],
    sites: {
      here: {
        executor: 'local',
        vendor: 'self',
        host: 'self',
        accelerators: [{ kind: 'GB200', count: 8 }],
        price: { GB200: { hourUsd: '1' } },
      },
    },
  });
};

beforeAll(async () => {
  folder = temporaryFolder();
  listener = await ForbiddenListener.open();
  spellings = forbiddenSpellings(listener.port);
  well = await ScriptedUpstream.open(answer(200, chatAnswer('from the one that is well')));
  messages = await ScriptedUpstream.open(answer(200, messageAnswer('from the one that is well')));
  let next = 0;
  redirecting = await ScriptedUpstream.open((response, call) => {
    const to = encodeURI(spellings[(next += 37) % spellings.length] ?? '');
    const status = Number(/^\/(\d+)\//.exec(call.path)?.[1] ?? 302);
    const headers = { location: to, 'content-location': to, refresh: `0; url=${to}`, link: `<${to}>; rel=preload` };
    response.writeHead(status, {
      ...headers,
      'alt-svc': `http/1.1="127.0.0.1:${listener.port}"`,
      'content-length': '0',
    });
    response.end();
  });
  const certificate = selfSigned('flip.example');
  writeFileSync(join(folder, 'ca.pem'), certificate.certificate);
  far = await openFar(certificate);
  // No more than a hundred faults are told at once.
  allowed = chunksOf(
    spellings.filter((url) => URL.canParse(url)),
    90,
  ).flatMap(allowedOf);
  asked = allowed.filter((_url, at) => at % Math.ceil(allowed.length / 30) === 0);
  const names = {
    'flip.example': [[farAddress], ['127.0.0.1'], ['::ffff:127.0.0.1'], ['127.0.0.9', '::1']],
    'mixed.example': [[deadAddress, '127.0.0.1', '::1']],
    'open.example': [['127.0.0.1']],
    'near.example': [['127.0.0.1']],
    ...Object.fromEntries(nearAddresses.map((address, at) => [`near-${at}.example`, [[address]]])),
    'vendor.example': [['127.0.0.1']],
  };
  const elsewhere = `http://127.0.0.1:${listener.port}`;
  server = await startServer({
    configuration: configuration(),
    env: {
      [vendorKeyName]: vendorKey,
      NODE_OPTIONS: `--import=${join(import.meta.dirname, '../rigs/scriptedNames.ts')}`,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      TEST_NAMES: JSON.stringify(names),
      TEST_PORTS: JSON.stringify({ [farAddress]: far.port, [deadAddress]: 9 }),
      HTTP_PROXY: elsewhere,
      HTTPS_PROXY: elsewhere,
      ALL_PROXY: elsewhere,
      http_proxy: elsewhere,
      https_proxy: elsewhere,
    },
  });
});

afterAll(async () => {
  await removeServer(server);
  await Promise.all([well, messages, redirecting, listener].map((one) => one[Symbol.asyncDispose]()));
  await far.close();
  removeFolder(folder);
});

afterEach(() => {
  listener.connects.length = 0;
});

/** Asks many things, some at a time. */
const inParallel = async <Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>) => {
  const results: Result[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [at, item] of waiting) results[at] = await act(item);
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return results;
};

const post = async (path: string, body: object): Promise<{ readonly status: number; readonly text: string }> => {
  const answered = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answered.status, text: await answered.text() };
};

const ask = (model: string) => post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hello' }] });

const chunksOf = <Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, at) => items.slice(at * length, (at + 1) * length));

const user = (content: unknown): object => ({ messages: [{ role: 'user', content }] });
const named = (url: string, at: number): string => `t${at}_${url.length}`;

/** Where a chat can name a place. */
const chatShapes: Readonly<Record<string, (urls: readonly string[]) => object>> = {
  images: (urls) => user(urls.map((url) => ({ type: 'image_url', image_url: { url, detail: 'low' } }))),
  files: (urls) => user(urls.map((url) => ({ type: 'file', file: { file_data: url, filename: url } }))),
  'file ids': (urls) => user(urls.map((url) => ({ type: 'file', file: { file_id: url } }))),
  sounds: (urls) => user(urls.map((url) => ({ type: 'input_audio', input_audio: { data: url, format: 'wav' } }))),
  texts: (urls) => user(urls.map((url) => ({ type: 'text', text: `![](${url})` }))),
  tools: (urls) => ({
    ...user('Hello'),
    tools: urls.map((url, at) => ({
      type: 'function',
      function: { name: named(url, at), description: url, parameters: { $schema: url, $ref: url, type: 'object' } },
    })),
  }),
  'tool servers': (urls) => ({ ...user('Hello'), tools: urls.map((url) => ({ type: 'mcp', server_url: url })) }),
  schemas: (urls) => ({
    ...user('Hello'),
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'a', schema: { allOf: urls.map(($ref) => ({ $ref })) } },
    },
  }),
  'other fields': ([url]) => ({
    ...user('Hello'),
    user: url,
    base_url: url,
    api_base: url,
    webhook: url,
    callback_url: url,
    custom_host: url,
    metadata: { url },
    mcp_servers: [{ type: 'url', url, name: 'a' }],
    store: url,
    previous_response_id: url,
  }),
};

/** The same for a message. */
const messageShapes: Readonly<Record<string, (urls: readonly string[]) => object>> = {
  images: (urls) => user(urls.map((url) => ({ type: 'image', source: { type: 'url', url } }))),
  documents: (urls) => user(urls.map((url) => ({ type: 'document', source: { type: 'url', url }, title: url }))),
  'file ids': (urls) => user(urls.map((url) => ({ type: 'document', source: { type: 'file', file_id: url } }))),
  'tool results': (urls) => ({
    messages: [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: { urls } }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: urls.map((url) => ({ type: 'image', source: { type: 'url', url } })),
          },
        ],
      },
    ],
  }),
  tools: (urls) => ({
    ...user('Hello'),
    tools: urls.map((url, at) => ({
      name: named(url, at),
      description: url,
      input_schema: { $ref: url, type: 'object' },
    })),
  }),
  'tool servers': (urls) => ({ ...user('Hello'), mcp_servers: urls.map((url) => ({ type: 'url', url, name: 'a' })) }),
  'other fields': ([url]) => ({
    ...user('Hello'),
    metadata: { user_id: url },
    container: url,
    service_tier: url,
    base_url: url,
  }),
};

interface Sent {
  readonly path: string;
  readonly body: object;
}

/** Every spelling in every shape, for targets of both wires. */
const bodiesNaming = (urls: readonly string[]): readonly Sent[] =>
  (
    [
      ['/v1/chat/completions', chatShapes],
      ['/v1/messages', messageShapes],
    ] as const
  ).flatMap(([path, shapes]) =>
    Object.entries(shapes).flatMap(([shape, put]) =>
      chunksOf(urls, shape === 'other fields' ? 40 : 200).flatMap((some) =>
        ['chat', 'message'].map((model) => ({ path, body: { model, max_tokens: 50, ...put(some) } })),
      ),
    ),
  );

const hostHeaders: readonly string[] = (
  'x-forwarded-host forwarded x-original-url x-rewrite-url x-original-host x-host x-base-url x-portkey-custom-host ' +
  'openai-base-url x-api-base x-upstream x-target-url x-archipel-target referer via destination proxy x-wap-profile ' +
  'link from x-webhook-url true-client-ip soapaction'
).split(' ');

/** Latin-1, as headers are written: bytes of UTF-8 where it does not reach, and no line ends. */
const headerText = (url: string): string =>
  Buffer.from(url.replaceAll(/[\u0000-\u001f]/g, ''), 'utf8').toString('latin1');

const rawAsk = async (head: readonly string[]): Promise<number> => {
  using connection = await RawConnection.open(server.url);
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello' }] });
  const lines = [`authorization: Bearer ${clientKey}`, 'content-type: application/json', 'connection: close'];
  await connection.write([...head, ...lines, `content-length: ${body.length}`, '', body].join('\r\n'));
  return (await connection.untilClosed()).status;
};

describe('0 connects to the forbidden listener [G13]', () => {
  test('by 500 and more spellings in the file, which is refused or leads nowhere near [A13]', async () => {
    expect(spellings.length).toBeGreaterThanOrEqual(500);
    expect(allowed.filter((url) => /^(?:localhost$|127\.|0\.|\[)/.test(new URL(url).hostname))).toEqual([]);
    const answers = await inParallel([...asked.keys()], (at) => ask(`by-spelled-${at}`));
    expect(answers.filter(({ text }) => !text.includes('from the one that is well'))).toEqual([]);
    expect(listener.connects).toEqual([]);
    process.stderr.write(
      `${JSON.stringify({ spellings: spellings.length, allowed: allowed.length, asked: asked.length })}\n`,
    );
  });

  test('by a public name that leads there, and to other places where no vendor is [A13] [A14]', async () => {
    const answers = await inParallel([...nearAddresses.keys()], (at) => ask(`by-near-${at}`));
    expect(answers.filter(({ text }) => !text.includes('from the one that is well'))).toEqual([]);
    expect(listener.connects).toEqual([]);
    const alarms = [...server.stderr().matchAll(/"event":"a target needs the operator".*"cause":"forbidden_address"/g)];
    expect(alarms.length).toBeGreaterThanOrEqual(nearAddresses.length);
  });

  test('by a name that leads elsewhere at first, and there from its second look-up on [A14]', async () => {
    expect((await ask('by-flip')).text).toContain('from afar');
    for (let count = 0; count < 3; count += 1)
      expect((await ask('by-flip')).text).toContain('from the one that is well');
    expect(far.requests()).toBe(1);
    expect((await ask('by-mixed')).text).toContain('from the one that is well');
    expect(listener.connects).toEqual([]);
  });

  test('by a redirect, or whatever else an answer says of another place [A13]', async () => {
    const thrice = redirects.flatMap((status) => [status, status, status]);
    const answers = await inParallel(thrice, (status) => ask(`by-redirect-${status}`));
    expect(answers.filter(({ text }) => !text.includes('from the one that is well'))).toEqual([]);
    expect(redirecting.calls.length).toBeGreaterThanOrEqual(redirects.length);
    expect(listener.connects).toEqual([]);
  });

  test('by all places of a request’s body, for targets of both wires [A12] [A13]', async () => {
    well.forget();
    messages.forget();
    const sent = bodiesNaming(spellings);
    const statuses = await inParallel(sent, async ({ path, body }) => (await post(path, body)).status);
    const count = (status: number): number => statuses.filter((one) => one === status).length;
    process.stderr.write(`${JSON.stringify({ bodies: sent.length, passed: count(200), refused: count(400) })}\n`);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(count(200)).toBeGreaterThan(sent.length / 4);
    expect(well.calls.length + messages.calls.length).toBeGreaterThanOrEqual(count(200));
    expect(listener.connects).toEqual([]);
  });

  test('by any header, by the host that is called, and by the target of a request [A12]', async () => {
    const some = spellings.filter((_url, at) => at % 2 === 0);
    const host = `host: ${new URL(server.url).host}`;
    const statuses = await inParallel(some, (url) =>
      rawAsk(['POST /v1/chat/completions HTTP/1.1', host, ...hostHeaders.map((name) => `${name}: ${headerText(url)}`)]),
    );
    expect([...new Set(statuses)]).toEqual([200]);
    const asOrigin = await inParallel(some, (url) =>
      rawAsk(['POST /v1/chat/completions HTTP/1.1', host, `origin: ${headerText(url)}`]),
    );
    expect([...new Set(asOrigin)]).toEqual([403]);
    const places = spellings.filter((_url, at) => at % 3 === 0).map(headerText);
    const asHost = await inParallel(places, (url) =>
      rawAsk(['POST /v1/chat/completions HTTP/1.1', `host: ${url.replace(/^[^/]*\/+/, '').replace(/\/.*$/, '')}`]),
    );
    const asTarget = await inParallel(places, (url) => rawAsk([`POST ${url.replaceAll(' ', '%20')} HTTP/1.1`, host]));
    const asQuery = await inParallel(places, (url) =>
      rawAsk([
        `POST /v1/chat/completions?base_url=${encodeURIComponent(url)}&url=${encodeURIComponent(url)} HTTP/1.1`,
        host,
      ]),
    );
    const authority = `127.0.0.1:${listener.port}`;
    const tunnels = [await rawAsk([`CONNECT ${authority} HTTP/1.1`, `host: ${authority}`]).catch(() => 0)];
    expect([...asTarget, ...tunnels].filter((status) => status === 200)).toEqual([]);
    expect(asQuery.filter((status) => status >= 500).concat(asHost.filter((status) => status >= 500))).toEqual([]);
    expect(listener.connects).toEqual([]);
  });

  test('by the control plane: each of its operations, with spellings wherever text may stand [A12] [A13]', async () => {
    const operations = await operationsOf(server);
    const some = spellings.filter((_url, at) => at % 97 === 0);
    const all = operations.flatMap((operation) => some.map((url) => ({ operation, url })));
    const statuses = await inParallel(all, ({ operation, url }) => operation(url));
    expect(operations.length).toBeGreaterThan(20);
    expect(statuses.filter((status) => status === 401 || status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(some.length);
    expect(listener.connects).toEqual([]);
  });

  test('by a job: its data, its checkpoints and where it is ready [A13]', async () => {
    const job = {
      name: 'reader',
      kind: 'batch',
      team: 'research',
      command: ['true'],
      directory: folder,
      accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }] },
      attempts: 1,
    };
    const serving = { ...job, kind: 'serve' };
    const some = spellings.filter((url, at) => at % 61 === 0 || url.startsWith('s3:'));
    const statuses = await inParallel(some, async (url) => {
      const jobs = [
        { ...job, data: [{ name: 'a', uri: url, gigabytes: '0' }] },
        { ...job, checkpoint: { uri: url } },
        { ...serving, serve: { model: 'chat', readinessPath: url } },
        { ...serving, serve: { model: 'chat', readinessPath: `/@${url}`, basePath: `//${url}` } },
      ];
      return Promise.all(jobs.map((one) => adminAsk(server, 'POST', '/admin/v1/jobs', one)));
    });
    const taken = statuses.flat().filter((status) => status < 300).length;
    process.stderr.write(`${JSON.stringify({ jobs: statuses.flat().length, taken })}\n`);
    expect(taken).toBeGreaterThan(0);
    expect(statuses.flat().filter((status) => status >= 500)).toEqual([]);
    expect(listener.connects).toEqual([]);
  });

  test('by a reload of a file that names it', async () => {
    const path = server.configurationPath!;
    const before = readFileSync(path, 'utf8');
    for (const url of spellings.filter((_url, at) => at % 61 === 0)) {
      writeFileSync(path, before.replace(`https://flip.example:${listener.port}/v1`, JSON.stringify(url).slice(1, -1)));
      await adminAsk(server, 'POST', '/admin/v1/reload', {});
    }
    writeFileSync(path, before);
    await adminAsk(server, 'POST', '/admin/v1/reload', {});
    expect(listener.connects).toEqual([]);
  });
});

test('where the file lets a provider near, the same name reaches the listener', async () => {
  expect((await ask('by-open')).text).toContain('from the one that is well');
  expect(listener.connects.length).toBeGreaterThan(0);
});

test('a client that follows redirects reaches it', async () => {
  const followed = spellings.indexOf(`http://127.0.0.1:${listener.port}/v1`);
  expect(followed).toBeGreaterThanOrEqual(0);
  const told = await ScriptedUpstream.open(answer(302, '', { location: spellings[followed] ?? '' }));
  await fetch(told.url).catch(() => {});
  await told[Symbol.asyncDispose]();
  expect(listener.connects.length).toBeGreaterThan(0);
});

const adminAsk = async (to: Server, method: string, path: string, body: unknown): Promise<number> => {
  const answered = await fetch(`${to.adminUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${to.adminKey}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
  await answered.text();
  return answered.status;
};

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** A value of a schema with a text wherever one may stand. */
const filled = (schema: Schema, text: string): unknown => {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.properties !== undefined) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, filled(inner, text)]));
  }
  if (schema.type === 'array') return [filled(schema.items ?? {}, text)];
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  return schema.type === 'boolean' ? false : text;
};

/** It would lock the others out, and takes nothing that could name a place. */
const takesOurKey = '/admin/v1/operators/control/rotate';

/** Every operation of the control plane, as it tells them itself. */
const operationsOf = async (to: Server): Promise<readonly ((text: string) => Promise<number>)[]> => {
  const answered = await fetch(`${to.adminUrl}/admin/v1/openapi.json`, {
    headers: { authorization: `Bearer ${to.adminKey}` },
  });
  const { paths }: { paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> } = JSON.parse(
    await answered.text(),
  );
  const others = Object.entries(paths).filter(([path]) => path !== takesOurKey);
  return others.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => (text: string) => {
      const encoded = encodeURIComponent(text.toWellFormed());
      const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => `${name}=${encoded}`);
      const schema = requestBody?.content['application/json']?.schema ?? {};
      const at = `${path.replaceAll(/\{[^}]*\}/g, encoded)}?${query.join('&')}`;
      const body = schema.properties === undefined ? { url: text } : filled(schema, text);
      return adminAsk(to, method.toUpperCase(), at, body);
    }),
  );
};
