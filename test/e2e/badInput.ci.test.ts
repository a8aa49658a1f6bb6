// What the program says to requests that cannot be served: every code, in the shape of each client wire.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { RawConnection, type RawAnswer } from '../rigs/RawConnection.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, hang, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import { chatAnswer, messageAnswer, vendorError } from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const keys = {
  all: canaryOf('client key all'),
  narrow: canaryOf('client key narrow'),
  poor: canaryOf('client key poor'),
  once: canaryOf('client key once'),
  thrifty: canaryOf('client key thrifty'),
  expired: canaryOf('client key expired'),
} as const;

const limits = {
  bodyBytes: 262_144,
  headerBytes: 16_384,
  headersMs: 500,
  bodyMs: 600,
  totalMs: 1_500,
  idleMs: 500,
  requestsInFlight: 1,
  attempts: 2,
};

const price = { inputPerMTok: '1', outputPerMTok: '2' };
/** Of equals one is drawn, by words that are others in each run. */
const dearer = { inputPerMTok: '1.1', outputPerMTok: '2.2' };

const configuration = (openai: string, anthropic: string): string =>
  configurationOf({
    limits,
    providers: {
      chats: providerOf('openai', openai, 'chat-vendor'),
      messages: providerOf('anthropic', anthropic, 'message-vendor'),
    },
    models: {
      'chat-large': {
        deployments: [
          { provider: 'chats', model: 'vendor-chat', price },
          { provider: 'messages', model: 'vendor-message', price: dearer },
        ],
      },
      'chats-only': { deployments: [{ provider: 'chats', model: 'vendor-chat-2', price }] },
      'messages-only': { deployments: [{ provider: 'messages', model: 'vendor-message-2', price }] },
      'nobody-knows': {
        deployments: [
          { provider: 'chats', model: 'a-model-that-no-list-has' },
          { provider: 'messages', model: 'a-model-that-no-list-has' },
        ],
      },
      toolless: {
        deployments: [
          {
            provider: 'chats',
            model: 'vendor-chat-3',
            price,
            capabilities: { contextTokens: 10, unsupported: ['tools'] },
          },
          {
            provider: 'messages',
            model: 'vendor-message-3',
            price,
            capabilities: { contextTokens: 10, unsupported: ['tools'] },
          },
        ],
      },
    },
    keys: [
      { name: 'all', hash: hashOf(keys.all), team: 'research' },
      { name: 'narrow', hash: hashOf(keys.narrow), team: 'research', models: ['chats-only'] },
      {
        name: 'poor',
        hash: hashOf(keys.poor),
        team: 'research',
        budget: { usd: '0.000001', window: 'total', hard: true },
      },
      { name: 'once', hash: hashOf(keys.once), team: 'research', limits: { rpm: 1 } },
      { name: 'thrifty', hash: hashOf(keys.thrifty), team: 'research', limits: { tpm: 100 } },
      { name: 'expired', hash: hashOf(keys.expired), team: 'research', expires: '2020-01-01' },
    ],
  });

let openai: ScriptedUpstream;
let anthropic: ScriptedUpstream;
let server: Server;

beforeAll(async () => {
  openai = await ScriptedUpstream.open();
  anthropic = await ScriptedUpstream.open();
  server = await startServer({
    configuration: configuration(openai.url, anthropic.url),
    env: { [vendorKeyName]: vendorKey },
  });
});

afterAll(async () => {
  await removeServer(server);
  await openai[Symbol.asyncDispose]();
  await anthropic[Symbol.asyncDispose]();
});

afterEach(() => {
  openai.always(answer(200, chatAnswer('fine'))).forget();
  anthropic.always(answer(200, messageAnswer('fine'))).forget();
});

type WireName = 'openai' | 'anthropic';

const wireNames: readonly WireName[] = ['openai', 'anthropic'];
const pathOf = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

interface Ask {
  readonly key?: string | null;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it stands, or members beside model and messages. */
  readonly body?: string | Readonly<Record<string, unknown>>;
}

const bodyOf = (wire: WireName, members: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    model: 'chat-large',
    messages: [{ role: 'user', content: canaryOf('prompt') }],
    ...(wire === 'anthropic' ? { max_tokens: 10 } : {}),
    ...members,
  });

const ask = (wire: WireName, { key = keys.all, path = pathOf[wire], method = 'POST', headers = {}, body }: Ask) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : wire === 'openai' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key }),
      ...(wire === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : bodyOf(wire, body) }),
  });

/** Expects an error of ours in the shape of a wire. @returns its message. */
const expectError = async (
  wire: WireName,
  got: Pick<Response, 'status' | 'headers'> & { text(): Promise<string> },
  status: number,
  code: string,
): Promise<string> => {
  expect([got.status, got.headers.get('x-archipel-error')]).toEqual([status, code]);
  expect(got.headers.get('content-type')).toBe('application/json');
  const requestId = got.headers.get('x-archipel-request-id');
  expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const body = JSON.parse(await got.text());
  if (wire === 'openai') {
    expect(body).toEqual({
      error: { message: expect.any(String), type: expect.any(String), param: expect.toSatisfy(isTextOrNull), code },
    });
  } else {
    expect(body).toEqual({
      type: 'error',
      error: { type: expect.any(String), message: expect.any(String) },
      request_id: requestId,
    });
  }
  expect(body.error.message.length).toBeGreaterThan(10);
  return body.error.message;
};

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

/** What a raw answer looks like to `expectError`. */
const asResponse = (raw: RawAnswer) => ({
  status: raw.status,
  headers: new Headers({ ...raw.headers }),
  text: () => Promise.resolve(raw.body),
});

describe.each(wireNames)('on the %s wire', (wire) => {
  it('no key, a wrong key, an expired key and two different keys are invalid_key', async () => {
    for (const [key, headers] of [
      [null, {}],
      [canaryOf('unknown key'), {}],
      [keys.expired, {}],
      [keys.all, { 'x-goog-api-key': 'another' }],
    ] as const) {
      const message = await expectError(wire, await ask(wire, { key, headers }), 401, 'invalid_key');
      expect(message).not.toContain(key ?? 'another');
    }
    expect(openai.calls.length + anthropic.calls.length).toBe(0);
  });

  it('a model that the key may not use is key_forbidden_model', async () => {
    await expectError(wire, await ask(wire, { key: keys.narrow }), 403, 'key_forbidden_model');
  });

  it('a model that nobody knows is unknown_model, and the names near to it are named', async () => {
    const got = await ask(wire, { body: { model: 'chat-larg' } });
    expect(await expectError(wire, got, 404, 'unknown_model')).toContain('chat-large');
  });

  it('names that the key may not use are not told by unknown_model', async () => {
    const got = await ask(wire, { key: keys.narrow, body: { model: 'chat-larg' } });
    expect(await expectError(wire, got, 404, 'unknown_model')).not.toContain('chat-large');
  });

  it('broken JSON is invalid_json, with line and column', async () => {
    const got = await ask(wire, { body: '{\n  "model": "chat-large",\n  "messages": [,]\n}' });
    expect(await expectError(wire, got, 400, 'invalid_json')).toMatch(/line 3, column 16|3:16/);
    for (const body of ['', '{"model":"chat-large"', '{"a":1}x', '{"a":"\u0001"}']) {
      await expectError(wire, await ask(wire, { body }), 400, 'invalid_json');
    }
  });

  it('JSON that is no object is bad_request', async () => {
    for (const body of ['[]', 'null', '"chat-large"', '7']) {
      await expectError(wire, await ask(wire, { body }), 400, 'bad_request');
    }
  });

  it('a key that stands twice is duplicate_key, escaped or not', async () => {
    for (const again of ['"model":"chats-only"', '"m\\u006fdel":"chats-only"']) {
      const body = bodyOf(wire).replace('{', `{${again},`);
      expect(await expectError(wire, await ask(wire, { body }), 400, 'duplicate_key')).toContain('model');
    }
    expect(openai.calls.length + anthropic.calls.length).toBe(0);
  });

  it('a body without a model or messages, or with bounds that cannot be, is bad_request and names the member', async () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ model: undefined }, 'model'],
      [{ model: 7 }, 'model'],
      [{ messages: undefined }, 'messages'],
      [{ messages: 'Hello' }, 'messages'],
      [{ stream: 'yes' }, 'stream'],
      [{ max_tokens: 1e12 }, 'max_tokens'],
      [{ max_tokens: -1 }, 'max_tokens'],
      ...(wire === 'openai' ? ([[{ n: 1e9 }, 'n']] as const) : ([[{ max_tokens: undefined }, 'max_tokens']] as const)),
    ];
    for (const [members, name] of wrong) {
      const got = await ask(wire, { body: { ...members } });
      expect(await expectError(wire, got, 400, 'bad_request')).toContain(name);
    }
  });

  it('what no target of the model can be told is unsupported_feature, and names the member', async () => {
    const [model, member, value] = wire === 'openai' ? ['messages-only', 'n', 2] : ['chats-only', 'container', 'c1'];
    const got = await ask(wire, { body: { model, [member]: value } });
    expect(await expectError(wire, got, 400, 'unsupported_feature')).toContain(member);
  });

  it('a body that announces too much is body_too_large at once', async () => {
    using connection = await RawConnection.open(server.url);
    const head = `POST ${pathOf[wire]} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${keys.all}\r\ncontent-type: application/json\r\n`;
    await connection.write(`${head}content-length: ${limits.bodyBytes + 1}\r\n\r\n{`);
    await expectError(wire, asResponse(await connection.answer()), 413, 'body_too_large');
  });

  it('a chunked body that grows too large is refused while it is read, and the client sees the 413', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(
      `POST ${pathOf[wire]} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${keys.all}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const part = 'x'.repeat(65_536);
    for (let sentBytes = 0; sentBytes <= limits.bodyBytes; sentBytes += part.length) {
      await connection.write(`10000\r\n${part}\r\n`);
    }
    // The body has no end yet: the answer comes while it is read, and what follows is thrown away.
    await expectError(wire, asResponse(await connection.answer()), 413, 'body_too_large');
    await connection.write(`10000\r\n${part}\r\n0\r\n\r\n`);
    expect((await connection.untilClosed()).status).toBe(413);
  });

  it('a whole client that sends too much is told so, not cut off', async () => {
    await expectError(wire, await ask(wire, { body: { padding: 'x'.repeat(3_000_000) } }), 413, 'body_too_large');
  });

  it('anything but plain JSON is wrong_content_type', async () => {
    for (const headers of [
      { 'content-type': 'text/plain' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-encoding': 'gzip' },
      { 'content-encoding': 'br, gzip' },
    ]) {
      await expectError(wire, await ask(wire, { headers }), 415, 'wrong_content_type');
    }
    expect((await ask(wire, { headers: { 'content-type': 'application/json; charset=utf-8' } })).status).toBe(200);
  });

  it('a model without a price is unpriced', async () => {
    const got = await ask(wire, { body: { model: 'nobody-knows' } });
    expect(await expectError(wire, got, 422, 'unpriced')).toMatch(/price/);
  });

  it('a budget that is used up is budget_exhausted', async () => {
    await expectError(wire, await ask(wire, { key: keys.poor }), 402, 'budget_exhausted');
    expect(openai.calls.length + anthropic.calls.length).toBe(0);
  });

  it('requests and tokens beyond the rates of a key are rate_limited, with a true Retry-After', async () => {
    // One request a minute, whichever wire it comes by: the first of this file passes.
    await ask(wire, { key: keys.once });
    const requests = await ask(wire, { key: keys.once });
    const waitS = Number(requests.headers.get('retry-after'));
    await expectError(wire, requests, 429, 'rate_limited');
    expect(waitS).toBeGreaterThan(55);
    expect(waitS).toBeLessThanOrEqual(60);

    const body = { metadata: undefined, padding: 'x'.repeat(380) };
    await ask(wire, { key: keys.thrifty, body });
    const tokens = await ask(wire, { key: keys.thrifty, body });
    const tokensWaitS = Number(tokens.headers.get('retry-after'));
    await expectError(wire, tokens, 429, 'rate_limited');
    expect(tokensWaitS).toBeGreaterThan(0);
    expect(tokensWaitS).toBeLessThanOrEqual(60);
  });

  it('what no target of the model has is unsupported_feature, and what none has room for no_eligible_target, with the reason', async () => {
    const tools =
      wire === 'openai'
        ? [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
        : [{ name: 'f', input_schema: { type: 'object' } }];
    const lacking = await ask(wire, { body: { model: 'toolless', tools } });
    expect(await expectError(wire, lacking, 400, 'unsupported_feature')).toContain('takes no tools (tools)');
    const messages = [{ role: 'user', content: 'a long question, '.repeat(20) }];
    const long = await ask(wire, { body: { model: 'toolless', messages } });
    expect(await expectError(wire, long, 503, 'no_eligible_target')).toContain('context 10');
  });

  it('a path that is not there is not_found, another method method_not_allowed with Allow', async () => {
    await expectError('openai', await ask(wire, { path: '/v1/nothing' }), 404, 'not_found');
    await expectError('openai', await ask(wire, { path: '/admin/v1/keys', method: 'GET' }), 404, 'not_found');
    const got = await ask(wire, { method: 'GET' });
    expect(got.headers.get('allow')).toBe('POST');
    await expectError(wire, got, 405, 'method_not_allowed');
    const models = await ask(wire, { path: '/v1/models', method: 'DELETE', body: '' });
    expect(models.headers.get('allow')).toBe('GET');
    await expectError(wire, models, 405, 'method_not_allowed');
  });

  /** A model that is served over the client's own wire alone. */
  const ownModel = { body: { model: wire === 'openai' ? 'chats-only' : 'messages-only' } };

  it('one request more than may be in flight is overloaded, and the first is served on', async () => {
    const upstream = wire === 'openai' ? openai : anthropic;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.always(async (response, call) => {
      await released;
      await answer(200, wire === 'openai' ? chatAnswer('first') : messageAnswer('first'))(response, call);
    });
    const first = ask(wire, ownModel);
    await upstream.call(1);
    const second = await ask(wire, ownModel);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectError(wire, second, 503, 'overloaded');
    release();
    expect((await first).status).toBe(200);
  });

  it('a vendor that never answers is deadline_exceeded', async () => {
    (wire === 'openai' ? openai : anthropic).always(hang);
    const got = await ask(wire, ownModel);
    expect(Number(got.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectError(wire, got, 504, 'deadline_exceeded');
  });

  it('a vendor that always fails is all_targets_failed, with the cause and without its words', async () => {
    const upstream = wire === 'openai' ? openai : anthropic;
    upstream.always(answer(500, vendorError('secret internals of the vendor', 'server_error')));
    const got = await ask(wire, ownModel);
    expect(Number(got.headers.get('retry-after'))).toBeGreaterThan(0);
    const message = await expectError(wire, got, 502, 'all_targets_failed');
    expect(message).toContain('server_error');
    expect(message).not.toContain('secret internals');
  });

  it('a body that comes too slowly is request_timeout', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(
      `POST ${pathOf[wire]} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${keys.all}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
    );
    const answered = connection.answer();
    const drip = setInterval(() => void connection.write(' '), 50);
    try {
      await expectError(wire, asResponse(await answered), 408, 'request_timeout');
    } finally {
      clearInterval(drip);
    }
  });
});

const auth = `authorization: Bearer ${keys.all}\r\n`;
const listModels = `GET /v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`;
const post = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n${auth}content-type: application/json\r\n`;

describe('HTTP that could be read in two ways', () => {
  const corpus: readonly (readonly [name: string, bytes: string])[] = [
    ['no Host', `GET /v1/models HTTP/1.1\r\n${auth}\r\n`],
    ['two Hosts', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nhost: y\r\n${auth}\r\n`],
    ['an empty Host', `GET /v1/models HTTP/1.1\r\nhost:\r\n${auth}\r\n`],
    ['a Host with a query', `GET /v1/models HTTP/1.1\r\nhost: localhost/?a#b\r\n${auth}\r\n`],
    ['a Host with a user', `GET /v1/models HTTP/1.1\r\nhost: a@localhost\r\n${auth}\r\n`],
    ['a Host with a space', `GET /v1/models HTTP/1.1\r\nhost: localhost y\r\n${auth}\r\n`],
    ['an absolute target', `GET http://localhost/v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a target with a host', `GET //localhost/v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a dotted path', `GET /v1/../v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a path that ends in dots', `GET /v1/models/.. HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a single dot', `GET /v1/./models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['an encoded dot', `GET /v1/%2e%2e/v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['an encoded slash', `GET /v1%2Fmodels HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['an encoded NUL', `GET /v1/models%00 HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a double slash', `GET /v1//models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a backslash', `GET /v1\\models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a fragment', `GET /v1/models#x HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['bytes above ASCII in the target', `GET /v1/m\xf6dels HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a tab in the request line', `GET\t/v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a space in the target', `GET /v1/mod els HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a method that is none', `G@T /v1/models HTTP/1.1\r\nhost: localhost\r\n${auth}\r\n`],
    ['a version that is none', `GET /v1/models HTTP/9.9\r\nhost: localhost\r\n${auth}\r\n`],
    ['HTTP/0.9', `GET /v1/models HTTP/0.9\r\nhost: localhost\r\n${auth}\r\n`],
    ['HTTP/2.0', `GET /v1/models HTTP/2.0\r\nhost: localhost\r\n${auth}\r\n`],
    ['no version', `GET /v1/models\r\nhost: localhost\r\n${auth}\r\n`],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['Transfer-Encoding gzip, chunked', `${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding chunked, chunked', `${post}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding identity', `${post}transfer-encoding: identity\r\n\r\n`],
    ['Transfer-Encoding xchunked', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding with a vertical tab', `${post}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
    ['two Transfer-Encodings', `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['Content-Length and Transfer-Encoding', `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['Transfer-Encoding and Content-Length', `${post}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n`],
    [
      'Transfer-Encoding on HTTP/1.0',
      `${post.replace('HTTP/1.1', 'HTTP/1.0')}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two Content-Lengths', `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['two equal Content-Lengths', `${post}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`],
    ['a Content-Length list', `${post}content-length: 2, 2\r\n\r\n{}`],
    ['a negative Content-Length', `${post}content-length: -2\r\n\r\n{}`],
    ['a signed Content-Length', `${post}content-length: +2\r\n\r\n{}`],
    ['a hexadecimal Content-Length', `${post}content-length: 0x2\r\n\r\n{}`],
    ['a huge Content-Length', `${post}content-length: 99999999999999999999999\r\n\r\n{}`],
    ['a negative chunk', `${post}transfer-encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n`],
    ['a chunk size with a prefix', `${post}transfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n`],
    ['a huge chunk size', `${post}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}`],
    ['a chunk longer than its size', `${post}transfer-encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n`],
    ['a chunk size ended by LF', `${post}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n`],
    ['a chunk extension with a bare CR', `${post}transfer-encoding: chunked\r\n\r\n2;a\rb\r\n{}\r\n0\r\n\r\n`],
    ['lines ended by LF', listModels.replaceAll('\r\n', '\n')],
    ['a bare LF in a header', `GET /v1/models HTTP/1.1\r\nhost: localhost\nx-a: b\r\n${auth}\r\n`],
    ['a bare CR in a header', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-a: b\rc\r\n${auth}\r\n`],
    ['a NUL in a header', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-a: b\0c\r\n${auth}\r\n`],
    ['a folded header', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n c\r\n${auth}\r\n`],
    ['a space before the colon', `GET /v1/models HTTP/1.1\r\nhost : x\r\n${auth}\r\n`],
    ['a header without a name', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\n: b\r\n${auth}\r\n`],
    ['a header without a colon', `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nwhatever\r\n${auth}\r\n`],
    ['a header that begins with a space', `GET /v1/models HTTP/1.1\r\n host: localhost\r\n${auth}\r\n`],
    [
      'an underscore trick on a name that is none',
      `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx(a): b\r\n${auth}\r\n`,
    ],
  ];

  it.each(corpus)('%s: 400, and the connection is closed', async (_, bytes) => {
    using connection = await RawConnection.open(server.url);
    await connection.write(bytes);
    connection.halfClose();
    const got = await connection.untilClosed();
    await expectError('openai', asResponse(got), 400, 'bad_request');
    expect(got.headers['connection']).toBe('close');
    expect(got.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(openai.calls).toHaveLength(0);
  });

  it('nothing behind a refused request on the same connection is read [A8]', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(`${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n${listModels}`);
    const got = await connection.untilClosed();
    expect(got.status).toBe(400);
    expect(got.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  });

  it('garbage behind a request never lands inside its answer [A8]', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    openai.always(async (response, call) => {
      await released;
      await answer(200, chatAnswer('fine'))(response, call);
    });
    using connection = await RawConnection.open(server.url);
    const body = bodyOf('openai');
    await connection.write(`${post}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const call = await openai.call(1);
    await connection.write('\x00\x01 no HTTP at all\r\n\r\n');
    // The connection cannot be trusted any more: its client is taken for gone.
    expect(await call.ended).toBe(false);
    release();
    expect(connection.text).not.toContain('400');
  });

  it('a plain request on the same kind of connection is served, as are several in a row', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(listModels + listModels);
    const text = await connection.until((all) => all.split('"object":"list"').length === 3);
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });
});

describe('heads that are too large or too slow', () => {
  it('a head larger than headerBytes is headers_too_large', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(`GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-bomb: ${'x'.repeat(64 * 1_024)}`);
    await expectError('openai', asResponse(await connection.answer()), 431, 'headers_too_large');
  });

  it('a thousand headers are headers_too_large', async () => {
    using connection = await RawConnection.open(server.url);
    const bomb = Array.from({ length: 1_000 }, (_, index) => `x-${index}: ${'v'.repeat(20)}\r\n`).join('');
    await connection.write(`GET /v1/models HTTP/1.1\r\nhost: localhost\r\n${bomb}\r\n`);
    await expectError('openai', asResponse(await connection.answer()), 431, 'headers_too_large');
  });

  it('names of properties that all objects have are headers like others [A10]', async () => {
    using connection = await RawConnection.open(server.url);
    await connection.write(listModels.replace('host:', '__proto__: x\r\nconstructor: y\r\nhost:'));
    expect((await connection.answer()).status).toBe(200);
  });

  it('a head that comes a byte at a time is cut off by request_timeout', async () => {
    using connection = await RawConnection.open(server.url);
    const answered = connection.answer();
    await connection.write('GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
    const drip = setInterval(() => void connection.write('z'), 50);
    try {
      await expectError('openai', asResponse(await answered), 408, 'request_timeout');
    } finally {
      clearInterval(drip);
    }
  });

  it('a connection that says nothing is closed', async () => {
    using connection = await RawConnection.open(server.url);
    expect((await connection.untilClosed()).status).toBe(408);
  });
});

describe('a client that does not read its answer', () => {
  it('is cut off after idleMs', async () => {
    const text = 'x'.repeat(24 * 1_024 * 1_024);
    openai.always(answer(200, chatAnswer(text)));
    using connection = await RawConnection.open(server.url);
    const body = bodyOf('openai');
    await connection.write(`${post}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    await connection.until((all) => all.includes('x-archipel-target'));
    connection.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 4 * limits.idleMs));
    connection.socket.resume();
    await connection.closed();
    expect(connection.text.length).toBeLessThan(text.length);
  });

  it('but reads on within that time has all of it', async () => {
    const text = 'x'.repeat(24 * 1_024 * 1_024);
    openai.always(answer(200, chatAnswer(text)));
    expect(await (await ask('openai', {})).json()).toEqual(chatAnswer(text));
  });
});

describe('a client that ends its side after its request', () => {
  const body = bodyOf('openai');
  const whole = `${post}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  it('still gets its answer', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    openai.always(async (response, call) => {
      await released;
      await answer(200, chatAnswer('for the half-closed'))(response, call);
    });
    using connection = await RawConnection.open(server.url);
    await connection.write(whole);
    connection.halfClose();
    await openai.call(1);
    // Two looks of the server at whether somebody is still there.
    await connection.until((text) => text.split('102 Processing').length > 2);
    release();
    const got = await connection.untilClosed();
    expect(got.status).toBe(200);
    expect(got.body).toContain('for the half-closed');
  });

  it('and is gone altogether, has its call broken off, long before the deadline', async () => {
    const gone = async (): Promise<number> => {
      const text = await (await fetch(`${server.adminUrl}/metrics`)).text();
      return Number(/^archipel_requests_total\{[^}]*status="499"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const before = await gone();
    openai.always(hang);
    const connection = await RawConnection.open(server.url);
    await connection.write(whole);
    const call = await openai.call(1);
    connection.socket.destroy();
    expect(await call.ended).toBe(false);
    // At the deadline it would be a 504. It is counted once its record is kept, which the vendor does not wait for.
    await expect.poll(gone).toBe(before + 1);
  });
});

describe('credentials that a vendor refuses', () => {
  // The credential stays benched: these come last for their providers.
  it.each(wireNames)('are upstream_credentials on the %s wire, never the 401 of the vendor', async (wire) => {
    const upstream = wire === 'openai' ? openai : anthropic;
    upstream.always(
      answer(401, {
        type: 'error',
        error: {
          type: 'authentication_error',
          message: `Incorrect API key provided: ${vendorKey}`,
          code: 'invalid_api_key',
        },
      }),
    );
    const model = wire === 'openai' ? 'chats-only' : 'messages-only';
    const got = await ask(wire, { body: { model } });
    expect(Number(got.headers.get('retry-after'))).toBeGreaterThan(0);
    const message = await expectError(wire, got, 503, 'upstream_credentials');
    expect(message).not.toContain(vendorKey);
    expect(server.stderr()).not.toContain(vendorKey);
    expect(server.stderr()).toContain('a target needs the operator');
  });
});
