// What reaches a vendor is what the client sent, byte for byte but for the named edits; and the answer comes back untouched.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, answerStream, ScriptedUpstream, type ReceivedCall, type Script } from '../rigs/ScriptedUpstream.ts';
import { startServer, type Server } from '../rigs/startServer.ts';
import {
  chatAnswer,
  chatEvents,
  chatStream,
  generatedAnswer,
  generatedStream,
  messageAnswer,
  messageStream,
  responseAnswer,
  responseStream,
} from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const key = canaryOf('client key');
const boundedKey = canaryOf('client key bounded');
const price = { inputPerMTok: '1', outputPerMTok: '2' };

/** Models that the recorded clients ask for, and the vendors' names of them. */
const logicalModels = ['chat-large', 'claude-opus-5-5', 'gemini-2.5-pro', 'e'] as const;
const vendorNames = {
  openai: 'vendor/chat-v7:free',
  anthropic: 'anthropic.message-v2:0',
  gemini: 'gemini-v3:exp',
  embed: 'vendor-embed',
} as const;

type WireName = 'openai' | 'anthropic' | 'gemini';
const sellers: Readonly<Record<WireName, string>> = { openai: 'chats', anthropic: 'messages', gemini: 'contents' };

/** All models are sold over one wire, so that bytes pass as they are. */
const configuration = (openai: string, anthropic: string, gemini: string, wire: WireName): string =>
  configurationOf({
    providers: {
      chats: { ...providerOf('openai', openai, 'chat-vendor'), alsoSpeaks: ['responses'] },
      messages: { ...providerOf('anthropic', anthropic, 'message-vendor'), holdsConversations: true },
      contents: providerOf('gemini', gemini, 'content-vendor'),
    },
    models: {
      ...Object.fromEntries(
        ['chat-large', 'claude-opus-5-5', 'gemini-2.5-pro'].map((name) => [
          name,
          { deployments: [{ provider: sellers[wire], model: vendorNames[wire], price }] },
        ]),
      ),
      e: {
        space: { model: 'vendor-embed', dimensions: 4 },
        deployments: [{ provider: 'chats', model: vendorNames.embed, price: { inputPerMTok: '1' } }],
      },
      picky: { deployments: [{ provider: 'chats', model: 'vendor-picky', price }] },
    },
    keys: [
      { name: 'tester', hash: hashOf(key), team: 'research' },
      {
        name: 'bounded',
        hash: hashOf(boundedKey),
        team: 'research',
        budget: { usd: '0.02', window: 'total', hard: true },
      },
    ],
  });

let openai: ScriptedUpstream;
let anthropic: ScriptedUpstream;
let gemini: ScriptedUpstream;
/** For clients of the chat and responses wires, for those of the messages wire, and for those who name the model in the path. */
let server: Server;
let messagesServer: Server;
let contentsServer: Server;

const wireAt = (path: string): WireName => {
  if (path.includes('/models/')) return 'gemini';
  return path.startsWith('/v1/messages') ? 'anthropic' : 'openai';
};

const serverAt = (path: string): Server =>
  ({ openai: server, anthropic: messagesServer, gemini: contentsServer })[wireAt(path)];

beforeAll(async () => {
  openai = await ScriptedUpstream.open();
  anthropic = await ScriptedUpstream.open();
  gemini = await ScriptedUpstream.open();
  const open = (wire: WireName): Promise<Server> =>
    startServer({
      configuration: configuration(openai.url, anthropic.url, gemini.url, wire),
      env: { [vendorKeyName]: vendorKey },
    });
  server = await open('openai');
  messagesServer = await open('anthropic');
  contentsServer = await open('gemini');
});

afterAll(async () => {
  await removeServer(server);
  await removeServer(messagesServer);
  await removeServer(contentsServer);
  await gemini[Symbol.asyncDispose]();
  await openai[Symbol.asyncDispose]();
  await anthropic[Symbol.asyncDispose]();
});

const embeddings = {
  object: 'list',
  model: 'm',
  data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2, 0.3, 0.4] }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
};

/** Answers as the request asks for it. */
const fitting: Script = (response, call) => {
  const { stream = false } = JSON.parse(call.body.toString());
  if (call.path.startsWith('/v1/embeddings')) return answer(200, embeddings)(response, call);
  if (call.path.includes('count_tokens')) return answer(200, { input_tokens: 7 })(response, call);
  if (call.path.includes(':countTokens')) return answer(200, { totalTokens: 7 })(response, call);
  if (call.path.includes(':generateContent')) return answer(200, generatedAnswer('fine'))(response, call);
  if (call.path.includes(':streamGenerateContent')) return generatedStream('fine')(response, call);
  if (call.path.startsWith('/v1/messages')) {
    return (stream ? messageStream('fine') : answer(200, messageAnswer('fine')))(response, call);
  }
  if (call.path.startsWith('/v1/responses')) {
    return (stream ? responseStream('fine') : answer(200, responseAnswer('fine')))(response, call);
  }
  return (stream ? chatStream('fine') : answer(200, chatAnswer('fine')))(response, call);
};

beforeEach(() => {
  openai.always(fitting).forget();
  anthropic.always(fitting).forget();
  gemini.always(fitting).forget();
});

interface Sent {
  readonly path?: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

/** Sends a body as it stands and gives what the vendor got and what came back. */
const send = async ({ path = '/v1/chat/completions', body, headers = {}, key: callersKey = key }: Sent) => {
  const upstream = { openai, anthropic, gemini }[wireAt(path)];
  const before = upstream.calls.length;
  const got = await fetch(`${serverAt(path).url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${callersKey}`, ...headers },
    body,
  });
  const text = await got.text();
  return { status: got.status, headers: got.headers, text, calls: upstream.calls.slice(before) };
};

const received = (calls: readonly ReceivedCall[]): string => {
  expect(calls).toHaveLength(1);
  return calls[0]!.body.toString();
};

interface Recorded {
  readonly recording: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

const folder = new URL('../fixtures/clients/', import.meta.url);
const recorded = readdirSync(folder)
  .flatMap((file): Recorded[] => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  .filter(({ body }) => body !== undefined)
  .map((one) => [one.recording, one] as const);

const nameAt = (path: string): string =>
  path.startsWith('/v1/messages')
    ? vendorNames.anthropic
    : path === '/v1/embeddings'
      ? vendorNames.embed
      : vendorNames.openai;

/** The model that a path names. */
const modelIn = (path: string): string => /\/models\/([^:]+):/.exec(path)?.[1] ?? '';

/** Headers that a vendor may see: ours, and those of the wire's list. */
const allowed: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-type',
  'content-length',
  'accept-encoding',
  'user-agent',
  'via',
  'authorization',
  'x-api-key',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
]);

describe('bodies that real clients sent', () => {
  it('are many, of every path that is forwarded', () => {
    expect(recorded.length).toBeGreaterThan(40);
    const asked = recorded.map(([, { path, body }]) => body?.['model'] ?? modelIn(path));
    expect(new Set(asked)).toEqual(new Set(logicalModels));
  });

  it.each(recorded.filter(([, { path }]) => wireAt(path) === 'gemini'))(
    '%s reaches the vendor as it was, but for the model in the path',
    async (_, { path, headers, body }) => {
      const text = JSON.stringify(body, null, 1);
      const { status, calls } = await send({ path, headers: { ...headers, 'x-goog-api-key': key }, body: text });
      expect(status).toBe(200);
      expect(received(calls)).toBe(text);
      const [call] = calls;
      // The vendor is called by its beta path, which has all that the stable one has.
      const vendorPath = path.replace(/^\/v1(?:beta)?/, '/v1beta').replace(modelIn(path), 'gemini-v3%3Aexp');
      expect(call!.path).toBe(vendorPath);
      expect(call!.headers['x-goog-api-key']).toBe(vendorKey);
      const names = call!.rawHeaders.filter((_name, index) => index % 2 === 0).map((name) => name.toLowerCase());
      expect(names.filter((name) => !allowed.has(name) && name !== 'x-goog-api-key')).toEqual([]);
    },
  );

  it.each(recorded.filter(([, { path }]) => wireAt(path) !== 'gemini'))(
    '%s reaches the vendor with the named edits alone',
    async (_, { path, headers, body }) => {
      for (const text of [JSON.stringify(body), JSON.stringify(body, null, 2)]) {
        const { status, calls } = await send({
          path,
          headers: { ...headers, authorization: `Bearer ${key}`, 'x-api-key': key },
          body: text,
        });
        expect(status).toBe(200);
        const asksUsage =
          path === '/v1/chat/completions' && body!['stream'] === true && body!['stream_options'] === undefined;
        const got = received(calls);
        const undone = got
          .replace(JSON.stringify(nameAt(path)), JSON.stringify(body!['model']))
          .replace(asksUsage ? '"stream_options":{"include_usage":true},' : '', '');
        expect(undone).toBe(text);
        expect(JSON.parse(got)).toEqual({
          ...body,
          model: nameAt(path),
          ...(asksUsage ? { stream_options: { include_usage: true } } : {}),
        });
        const [call] = calls;
        const names = call!.rawHeaders.filter((_name, index) => index % 2 === 0).map((name) => name.toLowerCase());
        expect(names.filter((name) => !allowed.has(name))).toEqual([]);
        for (const name of ['anthropic-version', 'anthropic-beta', 'openai-beta']) {
          const wanted = path.startsWith('/v1/messages') === name.startsWith('anthropic') ? headers[name] : undefined;
          if (wanted !== undefined) expect(call!.headers[name]).toBe(wanted);
        }
        expect(call!.headers['accept-encoding']).toBe('identity');
        expect(call!.path).toBe(path);
      }
    },
  );
});

const hi = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };

describe("the caller's key", () => {
  it.each(['authorization', 'x-api-key', 'x-goog-api-key'])(
    'sent as %s never reaches a vendor, whose own key does [A19]',
    async (carrier) => {
      for (const path of ['/v1/chat/completions', '/v1/messages', '/v1beta/models/chat-large:streamGenerateContent']) {
        const got = await fetch(`${serverAt(path).url}${path}?key=${key}&api_key=${key}&beta=true&alt=sse`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            [carrier]: carrier === 'authorization' ? `Bearer ${key}` : key,
            cookie: `session=${key}`,
            'proxy-authorization': `Bearer ${key}`,
            'x-forwarded-for': '10.1.2.3',
            'openai-organization': key,
          },
          body: JSON.stringify(path.includes('models') ? hi : { model: 'chat-large', messages: [], max_tokens: 5 }),
        });
        await got.text();
        expect(got.status).toBe(200);
        const call = [...openai.calls, ...anthropic.calls, ...gemini.calls].at(-1)!;
        expect([call.path, ...call.rawHeaders].join('\n')).not.toContain(key);
        expect(call.rawHeaders.join('\n')).toContain(vendorKey);
        openai.forget();
        anthropic.forget();
        gemini.forget();
      }
    },
  );

  it('is none in the query, where it is heard of by nobody', async () => {
    const path = '/v1beta/models/chat-large:generateContent';
    const got = await fetch(`${contentsServer.url}${path}?key=${key}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(hi),
    });
    const told = await got.text();
    expect(got.status).toBe(401);
    expect(JSON.parse(told)).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
    expect(gemini.calls).toEqual([]);
    expect(told + contentsServer.stderr() + contentsServer.stdout()).not.toContain(key);
  });

  it('opens a stream of events and no list, which is told', async () => {
    const path = '/v1beta/models/chat-large:streamGenerateContent';
    const { status, text } = await send({ path, headers: { 'x-goog-api-key': key }, body: JSON.stringify(hi) });
    expect([status, text]).toEqual([400, expect.stringContaining('?alt=sse')]);
    expect(JSON.parse(text)).toMatchObject({ error: { status: 'INVALID_ARGUMENT' } });
  });

  it('and the key of the vendor stand in no log and no answer [A27]', async () => {
    await send({ body: '{"model":"chat-large","messages":[]}', headers: { 'x-api-key': key } });
    const refused = await send({ body: '{', headers: { 'x-api-key': key } });
    const told = refused.text + server.stderr() + server.stdout();
    for (const secret of [key, vendorKey]) expect(told).not.toContain(secret);
  });
});

describe('JSON that is odd but valid', () => {
  const odd: readonly (readonly [name: string, before: string, after: string])[] = [
    ['white space everywhere', '\n\t{ \r\n "messages"\t:\n[ ] ,\t"model" :  "chat-large" \n}\r\n  ', 'model'],
    ['the model at the end', '{"messages":[],"temperature":1.0,"model":"chat-large"}', 'model'],
    ['the model with an escape', '{"model":"chat\\u002dlarge","messages":[]}', 'escaped'],
    [
      'numbers as they were written',
      '{"model":"chat-large","messages":[],"a":[1.0,1e400,-0,0.10,12345678901234567890,1E+2,1e-999]}',
      'model',
    ],
    [
      'escapes as they were written',
      '{"model":"chat-large","messages":[{"role":"user","content":"\\u00e9\\/\\ud83d\\ude00\\u0000\\b\\ud800"}]}',
      'model',
    ],
    [
      'letters beyond ASCII',
      '{"model":"chat-large","messages":[{"role":"user","content":"é 漢字 😀 \u2028 \u00ad"}],"ключ":"ß"}',
      'model',
    ],
    [
      'keys that stand twice below the top',
      '{"model":"chat-large","messages":[{"role":"user","role":"system","content":"a","content":"b"}]}',
      'model',
    ],
    [
      'names that objects have',
      '{"messages2":{"__proto__":{"model":"x"}},"constructor":1,"model":"chat-large","toString":null,"messages":[]}',
      'model',
    ],
    [
      'a model inside the messages',
      '{"messages":[{"model":"chat-large","role":"user","content":"\\"model\\":\\"chat-large\\""}],"model":"chat-large"}',
      'last model',
    ],
    [
      'members that nobody knows',
      '{"model":"chat-large","messages":[],"x_vendor":{"deep":[[[[{}]]]]},"":0," ":1}',
      'model',
    ],
    ['deep nesting', `{"model":"chat-large","messages":[],"deep":${'['.repeat(60)}${']'.repeat(60)}}`, 'model'],
  ];

  it.each(odd)('%s reaches the vendor as it was written', async (_, text, edit) => {
    const { status, calls } = await send({ body: text });
    expect(status).toBe(200);
    const written = edit === 'escaped' ? '"chat\\u002dlarge"' : '"chat-large"';
    const at =
      edit === 'last model' ? text.lastIndexOf(written) : text.indexOf(written, text.search(/"model"\s*:\s*"chat/));
    expect(received(calls)).toBe(
      `${text.slice(0, at)}${JSON.stringify(vendorNames.openai)}${text.slice(at + written.length)}`,
    );
  });

  it('whatever its members, their order, their white space and their escapes [A11] [A38]', async () => {
    const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
    const text = fc.string({ unit: 'binary', maxLength: 8 }).map((value) => JSON.stringify(value.toWellFormed()));
    const escaped = fc.constantFrom('"\\u0041\\n"', '"\\ud83d\\ude00"', '"\\/"', '"\\udead"');
    const number = fc.constantFrom('0', '-0', '1.50', '1e5', '-1.5E-7', '99999999999999999999', '1e400');
    const scalar = fc.oneof(text, escaped, number, fc.constantFrom('true', 'false', 'null'));
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        scalar,
        fc
          .tuple(space, fc.array(tie('value'), { maxLength: 3 }))
          .map(([gap, all]) => `[${gap}${all.join(`${gap},`)}${gap}]`),
        fc
          .tuple(space, fc.array(fc.tuple(text, tie('value')), { maxLength: 3 }))
          .map(([gap, all]) => `{${gap}${all.map(([name, one]) => `${name}${gap}:${one}`).join(`,${gap}`)}${gap}}`),
      ),
    }));
    const key_ = fc.stringMatching(/^x[a-zé]{1,8}$/);
    const members = fc.uniqueArray(fc.tuple(key_, value), { selector: ([name]) => name, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(members, space, fc.nat(7), async (extra, gap, place) => {
        const all = extra.map(([name, one]) => `${JSON.stringify(name)}${gap}:${gap}${one}`);
        all.splice(place % (all.length + 1), 0, `"model"${gap}:${gap}"chat-large"`);
        all.splice(place % (all.length + 1), 0, `"messages":[]`);
        const body = `${gap}{${gap}${all.join(`${gap},${gap}`)}${gap}}${gap}`;
        const { status, calls } = await send({ body });
        expect(status).toBe(200);
        const own = `"model"${gap}:${gap}"chat-large"`;
        const edited = `"model"${gap}:${gap}${JSON.stringify(vendorNames.openai)}`;
        expect(received(calls)).toBe(body.replace(own, edited));
      }),
      { numRuns: 150 },
    );
  });

  it('a body of 32 MiB reaches the vendor whole, and one byte more does not', async () => {
    const frame = '{"messages":[{"role":"user","content":""}],"model":"chat-large"}';
    const body = frame.replace('""}]', `"${'x'.repeat(33_554_432 - frame.length)}"}]`);
    const { status, calls } = await send({ body });
    expect(status).toBe(200);
    const wanted = body.replace('"chat-large"}', `${JSON.stringify(vendorNames.openai)}}`);
    const digest = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    expect(digest(calls[0]!.body)).toBe(digest(wanted));
    expect((await send({ body: `${body} ` })).status).toBe(413);
  });
});

describe('the named edits', () => {
  it('merge include_usage into stream options of the client', async () => {
    const { calls } = await send({
      body: '{"model":"chat-large","messages":[],"stream":true,"stream_options":{ "include_obfuscation" : false }}',
    });
    expect(received(calls)).toBe(
      `{"model":${JSON.stringify(vendorNames.openai)},"messages":[],"stream":true,"stream_options":{"include_usage":true, "include_obfuscation" : false }}`,
    );
  });

  it('turn include_usage on where the client turned it off, and hide the chunk that it did not ask for', async () => {
    const { calls, text } = await send({
      body: '{"model":"chat-large","messages":[],"stream":true,"stream_options":{"include_usage":false}}',
    });
    expect(received(calls)).toContain('"stream_options":{"include_usage":true}');
    expect(text).toBe(chatEvents.role + chatEvents.text('fine') + chatEvents.finish + chatEvents.done);
  });

  it('leave out nothing where the client asked for usage: not a byte but the model', async () => {
    const body = '{"model":"chat-large","messages":[],"stream":true,"stream_options":{"include_usage":true}}';
    const { calls, text } = await send({ body });
    expect(received(calls)).toBe(body.replace('"chat-large"', JSON.stringify(vendorNames.openai)));
    expect(text).toContain('"usage":');
  });

  it('bound the output under a hard budget, where the client does not', async () => {
    const body = '{"model":"chat-large","messages":[]}';
    const unbounded = received((await send({ body, key: boundedKey })).calls);
    const bound = /^\{"max_completion_tokens":(\d+),/.exec(unbounded);
    expect(Number(bound?.[1])).toBeGreaterThanOrEqual(256);
    expect(unbounded.replace(bound![0], '{').replace(JSON.stringify(vendorNames.openai), '"chat-large"')).toBe(body);
    const own = '{"model":"chat-large","messages":[],"max_tokens":300}';
    expect(received((await send({ body: own, key: boundedKey })).calls)).toBe(
      own.replace('"chat-large"', JSON.stringify(vendorNames.openai)),
    );
  });

  it('say a refused bound under its other name, and change no other byte', async () => {
    openai.next(
      answer(400, {
        error: {
          message:
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          type: 'invalid_request_error',
          param: 'max_tokens',
          code: 'unsupported_parameter',
        },
      }),
    );
    const body = '{ "model" : "picky", "max_tokens" : 0300 , "messages" : [] }'.replace('0300', '300');
    const { status, calls } = await send({ body });
    expect(status).toBe(200);
    expect(calls.map((call) => call.body.toString())).toEqual([
      body.replace('"picky"', '"vendor-picky"'),
      body.replace('"picky"', '"vendor-picky"').replace('max_tokens', 'max_completion_tokens'),
    ]);
  });

  it('stand in the ledger by their names', async () => {
    const { headers } = await send({ body: '{"model":"chat-large","messages":[],"stream":true}' });
    const got = await fetch(`${server.adminUrl}/admin/v1/requests/${headers.get('x-archipel-request-id')}`, {
      headers: { authorization: `Bearer ${server.adminKey}` },
    });
    expect(await got.json()).toMatchObject({ attempts: [{ edits: ['model', 'stream_options.include_usage'] }] });
  });
});

describe('what a vendor answers', () => {
  it('whole, reaches the client as it stands, with the headers of the list alone', async () => {
    const text = `\n{ "choices" : [ { "message" : {"role":"assistant","content":"\\u00e9 é\\/"},"finish_reason":"stop"} ],\r\n "n":1.0,"n":1e400, "usage":{"prompt_tokens":1,"completion_tokens":1} }\n`;
    openai.next(
      answer(200, text, {
        'content-type': 'application/json; charset=utf-8',
        'x-request-id': 'req_1',
        'set-cookie': 'tracker=1',
        server: 'vendor',
        'x-ratelimit-remaining-tokens': '7',
        'openai-organization': 'org-secret',
        'retry-after': '9',
      }),
    );
    const got = await send({ body: '{"model":"chat-large","messages":[]}' });
    expect(got.text).toBe(text);
    expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(got.headers.get('x-request-id')).toBe('req_1');
    for (const name of ['set-cookie', 'server', 'openai-organization', 'x-ratelimit-remaining-tokens', 'retry-after']) {
      expect(got.headers.has(name), name).toBe(false);
    }
  });

  it('as a refusal of the request, reaches the client in its own words', async () => {
    const text =
      '{ "error" : {"message":"Invalid \'messages\': too short.","type":"invalid_request_error","param":"messages","code":null}}\n';
    openai.next(answer(400, text));
    const got = await send({ body: '{"model":"chat-large","messages":[]}' });
    expect([got.status, got.text]).toEqual([400, text]);
  });

  const oddStreams: readonly (readonly [string, string])[] = [
    [
      'comments and other fields',
      `: hello\n\nid: 7\nretry: 10\n\n${chatEvents.text('a')}: more\n${chatEvents.finish}${chatEvents.done}`,
    ],
    ['lines ended by CRLF', (chatEvents.text('a') + chatEvents.finish + chatEvents.done).replaceAll('\n', '\r\n')],
    [
      'events that nobody knows',
      `event: vendor.new\ndata: {"type":"vendor.new"}\n\n${chatEvents.text('é😀')}${chatEvents.finish}${chatEvents.done}`,
    ],
    [
      'no space after data:',
      (chatEvents.text('a') + chatEvents.finish).replaceAll('data: ', 'data:') + chatEvents.done,
    ],
    [
      'many choices',
      chatEvents.text('a').replace('"index":0', '"index":1') +
        chatEvents.text('b') +
        chatEvents.finish +
        chatEvents.done,
    ],
  ];

  it.each(oddStreams)('as a stream with %s, reaches the client as it stands', async (_, sent) => {
    const bytes = Buffer.from(sent);
    for (const pieces of [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))]) {
      openai.next(async (response, call) => {
        if (pieces.length === 1) return answerStream(sent)(response, call);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const piece of pieces) response.write(piece);
        response.end();
      });
      const got = await send({ body: '{"model":"chat-large","messages":[],"stream":true}' });
      expect(got.text).toBe(sent);
      expect(got.headers.get('content-type')).toBe('text/event-stream');
    }
  });

  it('as a stream of the messages wire, reaches the client as it stands, its usage too', async () => {
    const body = '{"model":"chat-large","messages":[],"max_tokens":9,"stream":true}';
    const first = await send({ path: '/v1/messages', body });
    expect(first.text).toContain('"output_tokens":3');
    expect(first.text.startsWith('event: message_start\n')).toBe(true);
    expect(received(first.calls)).toBe(body.replace('"chat-large"', JSON.stringify(vendorNames.anthropic)));
  });
});

describe('where a request goes', () => {
  it('is said by the file: whatever host a caller names, nobody calls it [A12] [A13]', async () => {
    let calls = 0;
    const canary = createServer((socket) => {
      calls += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(canary, 'listening');
    const { port } = canary.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/v1`;
    const hostHeaders =
      'x-forwarded-host x-original-url x-rewrite-url x-base-url x-api-base x-portkey-custom-host x-target-url x-upstream forwarded x-host destination origin-url';
    const members =
      'api_base base_url baseURL custom_host endpoint host url callback webhook webhook_url proxy upstream target provider file_url metadata';
    const image = { type: 'image_url', image_url: { url: `${url}/a.png` } };
    const messages = [{ role: 'user', content: [{ type: 'text', text: url }, image] }];
    for (const name of hostHeaders.split(' ')) {
      const got = await send({
        body: JSON.stringify({ model: 'chat-large', messages }),
        headers: { [name]: name === 'forwarded' ? `host=127.0.0.1:${port}` : url },
      });
      expect([name, got.status, got.calls.length]).toEqual([name, 200, 1]);
    }
    for (const name of members.split(' ')) {
      const got = await send({ body: JSON.stringify({ model: 'chat-large', messages, [name]: url }) });
      expect([name, got.status, got.calls.length]).toEqual([name, 200, 1]);
    }
    openai.next(answer(307, {}, { location: `${url}/chat/completions` }));
    // Not followed: it is a failure of the vendor, who is asked once more.
    const moved = await send({ body: JSON.stringify({ model: 'chat-large', messages }) });
    expect([moved.status, moved.calls.length]).toEqual([200, 2]);
    expect(calls).toBe(0);
    // The control: it would have been seen.
    await fetch(url).catch(() => null);
    expect(calls).toBe(1);
    canary.close();
  });

  it('is also where its answer comes from: of many at once each has its own [A17]', async () => {
    openai.always((response, call) => answer(200, chatAnswer(JSON.parse(call.body.toString()).user))(response, call));
    const ask = async (user: string): Promise<string> =>
      JSON.parse((await send({ body: JSON.stringify({ model: 'chat-large', messages: [], user }) })).text).choices[0]
        .message.content;
    for (let round = 0; round < 5; round += 1) {
      const users = Array.from({ length: 40 }, (_, index) => `user ${round} ${index}`);
      expect(await Promise.all(users.map(ask))).toEqual(users);
    }
  });
});
