// A provider's own paths, handed on as they are: the same bytes, our credential, and no way around keys, rates and budgets.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, hang, reset, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { isRightlySigned, signingFor } from '../../test/rigs/signedCalls.ts';
import { chatAnswer } from '../../test/rigs/vendorAnswers.ts';
import { noRates } from '../vocabulary/index.ts';
import { TestGateway, TestReply, usd, type TestGatewayOptions, type TestPassed } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const everything = { path: '/**', methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], usdPerRequest: '0.06' } as const;

/** One provider, `a`, with a model and with rules for its own paths; all is open for six cents unless said. */
const open = async (
  rules: readonly Partial<TestPassed>[] = [{}],
  options: Partial<TestGatewayOptions> = {},
): Promise<{ readonly a: ScriptedUpstream; readonly gateway: TestGateway }> => {
  const a = await ScriptedUpstream.open(answer(200, { ok: true }));
  const gateway = new TestGateway({
    targets: [{ provider: 'a', upstream: a }],
    passed: rules.map((rule) => ({ provider: 'a', upstream: a, ...everything, ...rule })),
    ...options,
  });
  opened.push(a, gateway);
  return { a, gateway };
};

/** Every byte there is, so that nothing that reads text comes through whole. */
const anyBytes = Buffer.from(Array.from({ length: 1_024 }, (_, at) => (at * 7) % 256));

describe('what is handed on', () => {
  it('reaches the vendor byte for byte, and so does its answer the client, with its status', async () => {
    const { a, gateway } = await open();
    a.always(answer(201, anyBytes, { 'content-type': 'audio/mpeg', 'content-disposition': 'attachment' }));
    const type = 'multipart/form-data; boundary=----b';
    const reply = await gateway.pass({
      method: 'POST',
      to: 'a/audio/speech',
      bytes: anyBytes,
      headers: { 'content-type': type },
    });
    const [call] = a.calls;
    expect([call?.method, call?.path, call?.headers['content-type']]).toEqual(['POST', '/v1/audio/speech', type]);
    expect(call?.body.equals(anyBytes)).toBe(true);
    expect(Buffer.concat(reply.chunks).equals(anyBytes)).toBe(true);
    expect(reply.status).toBe(201);
    expect(reply.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-disposition': 'attachment',
      'content-length': '1024',
      'x-archipel-target': 'a/**',
      'x-archipel-attempts': '1',
    });
    expect(gateway.journal.requests).toMatchObject([{ status: 201, operation: 'passthrough' }]);
  });

  it('may have no answer but its status', async () => {
    const { a, gateway } = await open();
    a.always(answer(204, '', { 'content-length': '0' }));
    const reply = await gateway.pass({ method: 'DELETE', to: 'a/files/file-1' });
    expect([reply.status, reply.text, reply.ended, reply.headers['content-length']]).toEqual([
      204,
      '',
      true,
      undefined,
    ]);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'ok' }, amountNanoUsd: '60000000' }]);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const)('goes by %s as well', async (method) => {
    const { a, gateway } = await open();
    const body = method === 'GET' || method === 'HEAD' ? '' : '{"a":1}';
    const reply = await gateway.pass({ method, to: 'a/files/file-1', bytes: body });
    expect([reply.status, a.calls[0]?.method, a.calls[0]?.body.toString()]).toEqual([200, method, body]);
  });

  it('carries our credential and none of the client, and of its headers those of the list [A19] [A30]', async () => {
    const { a, gateway } = await open();
    const mine = 'sk-of-the-client';
    await gateway.pass({
      to: 'a/files',
      headers: {
        authorization: `Bearer ${mine}`,
        'x-api-key': mine,
        'x-goog-api-key': mine,
        'api-key': mine,
        cookie: `key=${mine}`,
        'openai-organization': 'org-of-somebody',
        'x-forwarded-for': '10.0.0.1',
        'x-http-method-override': 'DELETE',
        accept: 'application/json',
        'idempotency-key': 'once',
        'openai-beta': 'assistants=v2',
      },
    });
    const { headers, rawHeaders } = a.calls[0] ?? {};
    expect(headers).toMatchObject({
      authorization: 'Bearer sk-a',
      accept: 'application/json',
      'idempotency-key': 'once',
      'openai-beta': 'assistants=v2',
      'accept-encoding': 'identity',
      via: '1.1 archipel-0123456789abcdef',
    });
    expect(rawHeaders?.join('\n')).not.toMatch(/sk-of-the-client|cookie|organization|forwarded-for|override/i);
  });

  it.each([
    [{ 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' }, ''],
    [{ 'x-goog-upload-protocol': 'Resumable' }, ''],
    [{ 'x-goog-upload-command': 'upload, finalize' }, ''],
    [{}, '?uploadType=resumable'],
    [{}, '?upload_id=u&upload_protocol=resumable'],
  ])('is no upload in parts, which a vendor would lead past us: %j%s', async (headers, query) => {
    const { a, gateway } = await open([{ wire: 'gemini' }]);
    const reply = await gateway.pass({ method: 'POST', to: 'a/upload/v1beta/files', headers, query });
    expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([400, 'unsupported_feature', 0]);
    expect(reply.text).toContain('X-Goog-Upload-Protocol: multipart');
  });

  it('may be an upload in one request, with what is said of the file', async () => {
    const { a, gateway } = await open([{ wire: 'gemini' }]);
    // An address to go on with is told nobody.
    a.always(answer(200, { file: { name: 'files/f' } }, { 'x-goog-upload-url': `${a.url}/upload?upload_id=u` }));
    const headers = { 'x-goog-upload-protocol': 'multipart', 'content-type': 'multipart/related; boundary=b' };
    const reply = await gateway.pass({ method: 'POST', to: 'a/upload/v1beta/files', headers, bytes: anyBytes });
    expect([reply.status, a.calls[0]?.headers['x-goog-upload-protocol']]).toEqual([200, 'multipart']);
    expect(a.calls[0]?.body.equals(anyBytes)).toBe(true);
    expect(Object.keys(reply.headers)).not.toContain('x-goog-upload-url');
  });

  it('keeps its query, but for what could be a credential and what the provider says itself', async () => {
    const { a, gateway } = await open([{ query: 'api-version=2024-10-21' }]);
    const query =
      '?purpose=batch&key=k1&API-KEY=k2&%6bey=k3&access_token=k4&x=1;key=k5&X-Amz-Signature=k6&%zz=k7&api-version=k8&API-Version=k9&access_key=k10&client_secret=k11&page%5Btoken%5D=p&pageToken=P';
    await gateway.pass({ to: 'a/files', query });
    expect(a.calls[0]?.path).toBe('/v1/files?api-version=2024-10-21&purpose=batch&page%5Btoken%5D=p&pageToken=P');
  });

  it('may begin with the end of the base URL, as clients write it', async () => {
    const { a, gateway } = await open([{ path: '/files', usdPerRequest: '0' }]);
    await gateway.pass({ to: 'a/v1/files' });
    await gateway.pass({ to: 'a/files' });
    expect(a.calls.map(({ path }) => path)).toEqual(['/v1/files', '/v1/files']);
  });

  it('is signed where the provider signs', async () => {
    const authorizer = signingFor('eu-west-3');
    const { a, gateway } = await open([{ path: '/model/*/invoke', wire: 'bedrock', authorizer }]);
    await gateway.pass({
      method: 'POST',
      to: 'a/model/x/invoke',
      bytes: '{"a":1}',
      query: '?b=2&a=1',
      headers: { 'content-type': 'application/json' },
    });
    const [call] = a.calls;
    expect(call?.path).toBe('/model/x/invoke?b=2&a=1');
    expect(call !== undefined && isRightlySigned(call)).toBe(true);
    expect(call !== undefined && isRightlySigned({ ...call, path: '/model/y/invoke?b=2&a=1' })).toBe(false);
  });

  it('is decoded where the vendor encodes it unasked, and says no length that it has no more', async () => {
    const { a, gateway } = await open();
    const { gzipSync } = await import('node:zlib');
    a.always(answer(200, gzipSync(anyBytes), { 'content-encoding': 'gzip', 'content-type': 'image/png' }));
    const reply = await gateway.pass({ to: 'a/files/f/content' });
    expect(Buffer.concat(reply.chunks).equals(anyBytes)).toBe(true);
    expect(Object.keys(reply.headers)).not.toEqual(expect.arrayContaining(['content-length']));
    expect(reply.headers['content-encoding']).toBeUndefined();
  });
});

describe('a stream', () => {
  const event = 'data: {"type":"image_generation.partial_image"}\n\n';

  it('is there while it comes, and ends when its record is kept', async () => {
    const { a, gateway } = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event);
      await promise;
      response.end(event);
    });
    const { reply, done } = gateway.startPass({ method: 'POST', to: 'a/images/generations' });
    await reply.until(({ text }) => text === event);
    expect(gateway.journal.finals).toEqual([]);
    resolve();
    await done;
    expect([reply.text, reply.ended, reply.headers['content-type']]).toEqual([
      event + event,
      true,
      'text/event-stream',
    ]);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'ok' } }]);
  });

  it('of a length that was told keeps its last piece until its record is kept', async () => {
    const { a, gateway } = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    a.always(async (response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '10' });
      response.write('12345');
      await promise;
      response.end('67890');
    });
    /** How many records were kept when the client had so many bytes. */
    const finalsAt: [bytes: number, finals: number][] = [];
    class WatchedReply extends TestReply {
      override write(bytes: Uint8Array): boolean {
        const more = super.write(bytes);
        finalsAt.push([this.text.length, gateway.journal.finals.length]);
        return more;
      }

      override end(bytes?: Uint8Array): void {
        super.end(bytes);
        finalsAt.push([this.text.length, gateway.journal.finals.length]);
      }
    }
    const { reply, done } = gateway.startPass({ to: 'a/files/f/content', reply: new WatchedReply() });
    await reply.until(({ text }) => text === '12345');
    resolve();
    await done;
    expect([reply.text, reply.headers['content-length']]).toEqual(['1234567890', '10']);
    expect(finalsAt).toEqual([
      [5, 0],
      [10, 1],
    ]);
  });

  it('that its vendor breaks off is broken off for the client, and billed', async () => {
    const { a, gateway } = await open();
    a.always(answerStream(event, 'reset'));
    const reply = await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    expect([reply.text, reply.wasCut]).toEqual([event, true]);
    expect(a.calls).toHaveLength(1);
    expect(gateway.journal.finals).toMatchObject([
      { outcome: { kind: 'failed', failure: { cause: 'reset' } }, amountNanoUsd: '60000000' },
    ]);
    expect(gateway.journal.requests).toMatchObject([{ errorCode: 'upstream_truncated' }]);
  });

  it('is broken off by a stop that waits no longer, and billed', async () => {
    const { a, gateway } = await open();
    a.always(answerStream(event, 'hang'));
    const { reply, done } = gateway.startPass({ method: 'POST', to: 'a/images/generations' });
    await reply.until(({ text }) => text === event);
    expect(gateway.gateway.shutDown()).toBe(1);
    await done;
    expect([reply.text, reply.wasCut]).toEqual([event, true]);
    expect(await a.calls[0]?.ended, 'the vendor is not called any more').toBe(false);
    expect(gateway.journal.requests).toMatchObject([{ errorCode: 'overloaded' }]);
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'cancelled' }, amountNanoUsd: '60000000' }]);
  });

  it('that has not begun is refused by such a stop, with a time to come back, as is what comes after it', async () => {
    const { a, gateway } = await open();
    a.always(hang);
    const { reply, done } = gateway.startPass({ method: 'POST', to: 'a/images/generations' });
    await a.call(1);
    gateway.gateway.shutDown();
    await done;
    const late = await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    for (const { status, headers } of [reply, late])
      expect([status, headers['x-archipel-error'], headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(a.calls).toHaveLength(1);
  });

  it('ends with its key', async () => {
    const { a, gateway } = await open();
    a.always(answerStream(event, 'hang'));
    const { reply, done } = gateway.startPass({ method: 'POST', to: 'a/images/generations' });
    await reply.until(({ text }) => text === event);
    gateway.keys.clear();
    await done;
    expect(reply.wasCut).toBe(true);
    expect(gateway.journal.requests).toMatchObject([{ errorCode: 'invalid_key' }]);
    expect(gateway.journal.finals).toMatchObject([{ amountNanoUsd: '60000000' }]);
  });

  it('stops coming while the client does not read', async () => {
    const { a, gateway } = await open();
    const piece = Buffer.alloc(65_536, 7);
    const pieces = 400;
    a.always(async (response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      for (let sent = 0; sent < pieces; sent += 1)
        if (!response.write(piece)) await new Promise<void>((resolve) => response.once('drain', () => resolve()));
      response.end();
    });
    const reply = new TestReply();
    reply.appetite = 1;
    const { done } = gateway.startPass({ to: 'a/files/f/content', reply });
    await reply.until(({ chunks }) => chunks.length > 0);
    const before = reply.chunks.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(reply.chunks.length).toBe(before);
    reply.drain(null);
    await done;
    expect(Buffer.concat(reply.chunks).length).toBe(piece.length * pieces);
  });
});

describe('a path', () => {
  const odd = [
    '//evil.example/x',
    '/../x',
    '/files/..',
    '/%2e%2e/x',
    '/files%2f..%2fx',
    '/files%5c..%5cx',
    '/files;v=1',
    '/files%3bv=1',
    '/files/a%20b',
    '/files/%00',
    '/files/%0d%0ahost:%20evil.example',
    '/files/%2565',
    '/files/%',
    '/files/%ff',
    '/files/',
    '/files/%C3%A9',
  ];

  it.each(odd)('that could be read in two ways is refused: %s', async (path) => {
    const { a, gateway } = await open();
    const reply = await gateway.pass({ to: `a${path}` });
    expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([400, 'bad_request', 0]);
  });

  it.each(['/@evil.example/x', '/x@evil.example:80', '/http:', '/files/a%3Ab'])(
    'leads to the provider and nowhere else: %s [A12]',
    async (path) => {
      const { a, gateway } = await open();
      const reply = await gateway.pass({ to: `a${path}` });
      expect([reply.status, a.calls[0]?.path, a.calls[0]?.headers['host']]).toEqual([
        200,
        `/v1${path}`,
        new URL(a.url).host,
      ]);
    },
  );

  const own = [
    '/chat/completions',
    '/Chat/Completions',
    '/v1/v1/chat/completions',
    '/openai/deployments/gpt/chat/completions',
    '/responses',
    '/responses/input_tokens',
    '/embeddings',
    '/v1/messages',
    '/messages',
    '/anthropic/v1/messages',
    '/v1beta/models/gemini:generateContent',
    '/v1beta/models/gemini%3AgenerateContent',
    '/v1beta/models/gemini%3astreamGenerateContent',
    '/projects/p/publishers/google/models/gemini:GENERATECONTENT',
    '/model/some.model/converse',
    '/model/some.model/converse-stream',
  ];

  it.each(own)('that is served here itself is not handed on, whatever the rules: %s', async (path) => {
    const { a, gateway } = await open();
    const reply = await gateway.pass({ method: 'POST', to: `a${path}` });
    expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([403, 'passthrough_closed', 0]);
    expect(reply.text).toContain('served by this gateway itself');
  });

  it.each(['/messages/batches', '/responses/resp_1', '/completions', '/models/veo:predictLongRunning', '/chat'])(
    'that only looks like one of those is handed on: %s',
    async (path) => {
      const { a, gateway } = await open();
      const reply = await gateway.pass({ method: 'POST', to: `a${path}` });
      expect([reply.status, a.calls.length]).toEqual([200, 1]);
    },
  );

  it('that no rule opens is refused, with the key of the file that would open it', async () => {
    const { a, gateway } = await open([{ path: '/files', methods: ['GET'] }]);
    const closed = [
      { to: 'a/images/generations' },
      { to: 'a/files', method: 'POST' },
      { to: 'a/files/file-1' },
      { to: 'b/files' },
      { to: 'a/Files' },
    ] as const;
    for (const pass of closed) {
      const reply = await gateway.pass(pass);
      expect([reply.status, reply.headers['x-archipel-error']]).toEqual([403, 'passthrough_closed']);
      expect(reply.text).toContain(`providers.${pass.to[0]}.passthrough`);
    }
    expect((await gateway.pass({ to: 'a/files' })).status).toBe(200);
    expect([a.calls.length, gateway.journal.intents.length]).toEqual([1, 1]);
  });

  it('is refused in the words of the client', async () => {
    const { gateway } = await open([]);
    const reply = await gateway.pass({ to: 'a/files', wire: 'anthropic' });
    expect(reply.json).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
  });
});

describe('whatever is written as a path', () => {
  const words = (
    '.. . %2e %2E%2E / // \\ %5c %2f @ evil.example : ; %3b ? %3f # %23 %20 %25 % * %00 %0a é %C3%A9 http:// files v1 /x ' +
    'chat completions Chat %43hat /chat/completions /responses /messages /embeddings :generateContent %3AstreamGenerateContent /converse'
  ).split(' ');
  /** What every reader of addresses takes for one that is served here, however lenient. */
  const ownEnding =
    /\/(?:chat\/completions|responses|responses\/input_tokens|embeddings|messages|messages\/count_tokens|converse|converse-stream)$|:(?:generatecontent|streamgeneratecontent|counttokens)$/;

  it('is refused, or leads under the base URL of its provider, and never to what is served here', async () => {
    const { a, gateway } = await open([{ usdPerRequest: '0' }]);
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 }), async (parts) => {
        a.forget();
        const reply = await gateway.pass({ to: `a/${parts.join('')}` });
        const [call] = a.calls;
        if (call === undefined) {
          expect([400, 403]).toContain(reply.status);
          return;
        }
        passed += 1;
        const read = new URL(call.path, a.url);
        expect([read.host, read.pathname]).toEqual([new URL(a.url).host, call.path]);
        expect(read.pathname.startsWith('/v1/')).toBe(true);
        expect(decodeURIComponent(read.pathname).toLowerCase()).not.toMatch(ownEnding);
      }),
      { numRuns: 400 },
    );
    expect(passed).toBeGreaterThan(20);
  });
});

describe('a key that is limited to models', () => {
  it('may use the paths that count as one of its models, and no others', async () => {
    const { a, gateway } = await open([
      { path: '/images/**', countsAs: 'pictures' },
      { path: '/audio/**', countsAs: 'sounds' },
      { path: '/files' },
    ]);
    const principal = { models: ['pictures'] };
    const codes = [];
    for (const to of ['a/images/generations', 'a/audio/speech', 'a/files'])
      codes.push((await gateway.pass({ to, principal })).headers['x-archipel-error']);
    expect(codes).toEqual([undefined, 'key_forbidden_model', 'key_forbidden_model']);
    expect(a.calls).toHaveLength(1);
    expect(gateway.journal.intents).toMatchObject([{ model: 'pictures', targetModel: 'images/**' }]);
    // The same paths with a key that is not.
    expect((await gateway.pass({ to: 'a/files', principal: { hash: 'e'.repeat(64), models: null } })).status).toBe(200);
  });
});

describe('money', () => {
  const budgets = [{ id: 'key:tester', capNanoUsd: usd('0.10') }];

  it('is held before the vendor hears of it, and billed at the price of the rule', async () => {
    const { a, gateway } = await open([{}], { budgets });
    a.always(hang);
    const { done, reply } = gateway.startPass({ method: 'POST', to: 'a/images/generations' });
    const call = await a.call(1);
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: usd('0.06'), spentNanoUsd: 0n });
    const second = await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    expect([second.status, second.headers['x-archipel-error']]).toEqual([402, 'budget_exhausted']);
    expect(a.calls).toHaveLength(1);
    reply.leave();
    await done;
    expect(await call.ended).toBe(false);
    // Whoever leaves early pays as well.
    expect(gateway.standing('key:tester')).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: usd('0.06') });
    expect(gateway.journal.finals).toMatchObject([
      {
        outcome: { kind: 'cancelled' },
        basis: 'estimated',
        usage: { requests: 1 },
        amountNanoUsd: '60000000',
        rangeNanoUsd: ['0', '60000000'],
        lines: [{ bucket: 'requests', units: 1, amountNanoUsd: '60000000', source: 'file' }],
      },
    ]);
  });

  it('is not asked for where the rule says 0, even of a budget that is used up', async () => {
    const { gateway } = await open([{ usdPerRequest: '0' }], { budgets: [{ id: 'key:tester', capNanoUsd: usd('0') }] });
    const reply = await gateway.pass({ to: 'a/files' });
    expect(reply.status).toBe(200);
    expect(gateway.journal.finals).toMatchObject([{ amountNanoUsd: '0', usage: { requests: 1 } }]);
  });

  it('is not taken for what the vendor refused, and is open where nobody knows', async () => {
    const { a, gateway } = await open([{}], { budgets });
    a.next(answer(400, { error: { message: 'No such size.' } }), reset);
    await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    expect(gateway.journal.finals).toMatchObject([
      { basis: 'reported', amountNanoUsd: '0', rangeNanoUsd: ['0', '0'] },
      { basis: 'unknown', amountNanoUsd: '0', rangeNanoUsd: ['0', '60000000'] },
    ]);
  });

  it('counts in the share of its vendor: models go to others, and what has one target goes there with a word on the cap', async () => {
    const b = await ScriptedUpstream.open(answer(200, chatAnswer('from b')));
    opened.push(b);
    const a = await ScriptedUpstream.open(answer(200, chatAnswer('from a')));
    const gateway = new TestGateway({
      targets: [
        { provider: 'a', upstream: a },
        { provider: 'b', upstream: b, inputPerMTok: '5', outputPerMTok: '5' },
      ],
      passed: [{ provider: 'a', upstream: a, ...everything, usdPerRequest: '1' }],
      caps: { vendor: 0.5 },
    });
    opened.push(a, gateway);
    expect((await gateway.ask()).headers['x-archipel-target']).toBe('a/vendor-model');
    for (let asked = 0; asked < 2; asked += 1)
      expect((await gateway.pass({ method: 'POST', to: 'a/images/generations' })).status).toBe(200);
    expect((await gateway.ask()).headers['x-archipel-target']).toBe('b/vendor-model');
    await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    const forced = gateway.journal.requests.map(({ decisions: [decision] }) => decision?.forced);
    expect(forced).toEqual([undefined, undefined, 'over vendor cap 0.5 (a)', undefined, 'over vendor cap 0.5 (a)']);
  });

  it('rates of the key count as for all else', async () => {
    const { a, gateway } = await open();
    const principal = { limits: { ...noRates, rpm: 1 } };
    expect((await gateway.pass({ to: 'a/files', principal })).status).toBe(200);
    const second = await gateway.pass({ to: 'a/files', principal });
    expect([second.status, second.headers['x-archipel-error'], a.calls.length]).toEqual([429, 'rate_limited', 1]);
    // The chat has the same rate.
    expect((await gateway.ask({ principal })).status).toBe(429);
  });
});

describe('a failure of the vendor', () => {
  it.each([304, 400, 401, 403, 404, 409, 429, 500, 503])(
    '%d is the answer, and nobody is called twice',
    async (status) => {
      const { a, gateway } = await open();
      const body = status === 304 ? '' : '{"error":{"message":"as the vendor says it, with sk-a"}}';
      a.always(
        answer(status, body, { 'retry-after': '7', location: 'https://elsewhere.example/', 'set-cookie': 'a=b' }),
      );
      const reply = await gateway.pass({ to: 'a/files/file-1' });
      expect([reply.status, reply.text, a.calls.length]).toEqual([status, body.replace('sk-a', '[secret]'), 1]);
      expect(reply.headers).toMatchObject({ 'retry-after': '7' });
      expect(Object.keys(reply.headers)).not.toEqual(expect.arrayContaining(['location']));
      expect(Object.keys(reply.headers)).not.toEqual(expect.arrayContaining(['set-cookie']));
    },
  );

  it('is told as ours where no answer came, after one call', async () => {
    const { a, gateway } = await open();
    a.always(reset);
    const reply = await gateway.pass({ method: 'POST', to: 'a/images/generations' });
    expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([502, 'all_targets_failed', 1]);
  });

  it.each([401, 403, 404])('%d says nothing of what others ask of the same path', async (status) => {
    const { a, gateway } = await open();
    a.always(answer(status, { error: { message: 'no' } }));
    for (let asked = 0; asked < 4; asked += 1)
      expect((await gateway.pass({ to: 'a/files/file-1' })).status).toBe(status);
    expect(a.calls).toHaveLength(4);
  });

  it.each([401, 403, 404, 429, 500])('%d says nothing of the models of the same provider', async (status) => {
    const { a, gateway } = await open();
    a.always(answer(status, { error: { message: 'no' } }, { 'retry-after': '60' }));
    for (let asked = 0; asked < 6; asked += 1) await gateway.pass({ to: 'a/files/file-1' });
    a.always(answer(200, chatAnswer('well')));
    expect((await gateway.ask()).status).toBe(200);
  });

  it('of a model says nothing of the other paths, either: the credential is out for models only', async () => {
    const { a, gateway } = await open();
    a.next(answer(401, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } }));
    expect((await gateway.ask()).headers['x-archipel-error']).toBe('upstream_credentials');
    expect((await gateway.ask()).headers['x-archipel-error']).toBe('upstream_credentials');
    expect(a.calls).toHaveLength(1);
    expect((await gateway.pass({ to: 'a/files' })).status).toBe(200);
  });

  it('that asks to wait is heeded on the same path', async () => {
    const { a, gateway } = await open();
    a.next(answer(429, { error: { message: 'slow down' } }, { 'retry-after': '60' }));
    expect((await gateway.pass({ to: 'a/files' })).status).toBe(429);
    const second = await gateway.pass({ to: 'a/files' });
    expect([second.status, second.headers['x-archipel-error'], a.calls.length]).toEqual([429, 'rate_limited', 1]);
  });
});
