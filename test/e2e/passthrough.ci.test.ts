// A vendor's own paths through the whole program, by the vendor's own SDK: pictures, speech, transcriptions and files, and what the ledger says of them.
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { RawConnection } from '../rigs/RawConnection.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, answerStream, ScriptedUpstream, type Script } from '../rigs/ScriptedUpstream.ts';
import { runArchipel, startServer, type Server } from '../rigs/startServer.ts';

const key = canaryOf('client key passthrough');
const poorKey = canaryOf('client key passthrough poor');
const modelKey = canaryOf('client key passthrough models');
const env = { [vendorKeyName]: vendorKey };

const picture = Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 31) % 256));
const sound = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 17) % 256));
const partialImage = { type: 'image_generation.partial_image', b64_json: 'AAAA', partial_image_index: 0 };
const completedImage = { type: 'image_generation.completed', b64_json: 'BBBB' };
const file = {
  id: 'file-1',
  object: 'file',
  bytes: 3,
  created_at: 1_700_000_000,
  filename: 'a.jsonl',
  purpose: 'batch',
};

const eventOf = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** What the vendor answers at each of its paths. */
const scripts: Readonly<Record<string, Script>> = {
  'POST /v1/images/generations': (response, call) =>
    call.body.toString().includes('"stream":true')
      ? answerStream(eventOf(partialImage) + eventOf(completedImage))(response, call)
      : answer(200, { created: 1, data: [{ b64_json: picture.toString('base64') }] })(response, call),
  'POST /v1/audio/speech': answer(200, sound, { 'content-type': 'audio/mpeg' }),
  'POST /v1/audio/transcriptions': answer(200, { text: 'a sentence that was said' }),
  'GET /v1/files': answer(200, { object: 'list', data: [file], has_more: false }),
  'POST /v1/files': answer(200, file),
  'GET /v1/files/file-1/content': answer(200, '{}\n', { 'content-type': 'application/octet-stream' }),
  'HEAD /v1/files/file-1/content': (response) => {
    response.writeHead(200, { 'content-length': '3' });
    response.end();
  },
  // Half of what it announces, and then nothing.
  'GET /v1/files/broken/content': (response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '10' });
    response.write('12345', () => response.destroy());
  },
  'DELETE /v1/files/file-1': answer(200, { id: 'file-1', object: 'file', deleted: true }),
};

let upstream: ScriptedUpstream;
let server: Server;

const clientOf = (apiKey: string, path = '/passthrough/openai/v1'): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${server.url}${path}`, maxRetries: 0 });

const configuration = (): string =>
  configurationOf({
    providers: {
      openai: {
        ...providerOf('openai', upstream.url, 'openai'),
        passthrough: [
          { path: '/images/generations', methods: ['POST'], usdPerRequest: '0.19', model: 'pictures' },
          { path: '/audio/*', methods: ['POST'], usdPerRequest: '0.006' },
          { path: '/files/**', methods: ['GET', 'POST', 'DELETE'], usdPerRequest: '0' },
        ],
      },
    },
    models: {
      chat: { deployments: [{ provider: 'openai', model: 'm', price: { inputPerMTok: '1', outputPerMTok: '1' } }] },
      pictures: {
        deployments: [{ provider: 'openai', model: 'gpt-image-1', price: { inputPerMTok: '5', outputPerMTok: '40' } }],
      },
    },
    contracts: [
      {
        id: 'openai-2026',
        vendor: 'openai',
        covers: [{ provider: 'openai' }],
        kind: 'pool',
        usd: '1000',
        period: ['2026-01-01', '2036-01-01'],
        fulfil: 'total',
        shortfall: { rate: '1.0' },
      },
    ],
    keys: [
      { name: 'painter', hash: hashOf(key), team: 'research' },
      { name: 'poor', hash: hashOf(poorKey), team: 'research', budget: { usd: '0.20', window: 'total' } },
      { name: 'modelled', hash: hashOf(modelKey), team: 'research', models: ['pictures'] },
    ],
  });

beforeAll(async () => {
  upstream = await ScriptedUpstream.open((response, call) => {
    const script = scripts[`${call.method} ${call.path.split('?')[0]}`];
    return (script ?? answer(404, { error: { message: `no ${call.path}` } }))(response, call);
  });
  server = await startServer({ configuration: configuration(), env });
});

afterAll(async () => {
  await removeServer(server);
  await upstream[Symbol.asyncDispose]();
});

const admin = async (path: string) => {
  const got = await fetch(`${server.adminUrl}${path}`, { headers: { authorization: `Bearer ${server.adminKey}` } });
  return JSON.parse(await got.text());
};

/** What a key has spent, in nano-dollars. */
const spentBy = async (name: string): Promise<string | undefined> => {
  const { rows } = await admin('/admin/v1/usage?groupBy=key&fresh=true');
  return rows.find(({ group }: { readonly group: string }) => group === name)?.amountNanoUsd;
};

it('pictures come whole, and streamed while they are made', async () => {
  const client = clientOf(key);
  const made = await client.images.generate({ model: 'gpt-image-1', prompt: 'An archipelago' });
  expect(Buffer.from(made.data?.[0]?.b64_json ?? '', 'base64').equals(picture)).toBe(true);
  const stream = await client.images.generate({ model: 'gpt-image-1', prompt: 'Another', stream: true });
  expect((await Array.fromAsync(stream)).map(({ type }) => type)).toEqual([partialImage.type, completedImage.type]);
});

it('speech comes byte for byte, and what was said goes out as a form', async () => {
  // Without the version in the base URL, as the file's own base URL has it already.
  const client = clientOf(key, '/passthrough/openai');
  const speech = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' });
  expect(Buffer.from(await speech.arrayBuffer()).equals(sound)).toBe(true);
  const said = await client.audio.transcriptions.create({ model: 'whisper-1', file: await toFile(sound, 'a.mp3') });
  expect(said.text).toBe('a sentence that was said');
  const form = upstream.calls.at(-1);
  expect(form?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  expect(form?.body.includes(sound)).toBe(true);
});

it('files are listed, sent, read and deleted for nothing', async () => {
  const client = clientOf(key);
  expect((await client.files.list({ purpose: 'batch' })).data.map(({ id }) => id)).toEqual(['file-1']);
  expect((await client.files.create({ purpose: 'batch', file: await toFile(Buffer.from('{}\n'), 'a.jsonl') })).id).toBe(
    'file-1',
  );
  expect(await (await client.files.content('file-1')).text()).toBe('{}\n');
  expect((await client.files.delete('file-1')).deleted).toBe(true);
});

it('the vendor hears of its own key only [A19]', () => {
  const told = upstream.calls.map(({ path, rawHeaders }) => `${path}\n${rawHeaders.join('\n')}`).join('\n');
  expect(upstream.calls.every(({ headers }) => headers['authorization'] === `Bearer ${vendorKey}`)).toBe(true);
  expect(told).not.toContain(key);
});

it('the ledger has every request with its price, under the contract', async () => {
  // Two pictures, two sounds, four acts on files.
  expect(await spentBy('painter')).toBe('392000000');
  const { rows } = await admin('/admin/v1/usage?groupBy=model&fresh=true');
  const byModel = Object.fromEntries(
    rows.map(({ group, attempts, amountNanoUsd }: Readonly<Record<string, unknown>>) => [
      group,
      [attempts, amountNanoUsd],
    ]),
  );
  expect(byModel).toEqual({
    pictures: [2, '380000000'],
    'passthrough/openai/audio/*': [2, '12000000'],
    'passthrough/openai/files/**': [4, '0'],
  });
  const { contracts } = await admin('/admin/v1/contracts');
  expect(contracts).toMatchObject([{ id: 'openai-2026', drawnNanoUsd: '392000000' }]);
  const verified = await runArchipel(['ledger', 'verify', '--data-dir', server.dataDir]);
  expect(verified).toMatchObject({ code: 0 });
});

it('the head of a thing is told without it', async () => {
  const got = await fetch(`${server.url}/passthrough/openai/v1/files/file-1/content`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${key}` },
  });
  expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, '3', '']);
});

it('an answer that its vendor breaks off is none for the client, whether or not a length was told', async () => {
  const broken = clientOf(key).files.content('broken');
  await expect(broken.then((response) => response.text())).rejects.toThrow('terminated');
});

it('`why` tells where one went and what it cost', async () => {
  const { response } = await clientOf(key)
    .audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' })
    .withResponse();
  const id = response.headers.get('x-archipel-request-id') ?? '';
  await response.arrayBuffer();
  await admin('/admin/v1/usage?groupBy=key&fresh=true');
  const why = await runArchipel(['why', id, '--data-dir', server.dataDir]);
  expect(why.stdout).toContain('openai/audio/*');
  expect(why.stdout).toContain('0.006');
});

it('a budget refuses what it has no room for, before the vendor hears of it', async () => {
  const client = clientOf(poorKey);
  await client.images.generate({ model: 'gpt-image-1', prompt: 'One' });
  const before = upstream.calls.length;
  await expect(client.images.generate({ model: 'gpt-image-1', prompt: 'Two' })).rejects.toMatchObject({
    status: 402,
    code: 'budget_exhausted',
  });
  expect(upstream.calls.length).toBe(before);
  expect(await spentBy('poor')).toBe('190000000');
});

it('what no rule opens, what is served here and what the key may not have are refused', async () => {
  const before = upstream.calls.length;
  const open = clientOf(key);
  const chat = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };
  await expect(open.chat.completions.create(chat)).rejects.toMatchObject({ status: 403, code: 'passthrough_closed' });
  await expect(open.batches.list()).rejects.toMatchObject({ status: 403, code: 'passthrough_closed' });
  await expect(clientOf(modelKey).files.list()).rejects.toMatchObject({ status: 403, code: 'key_forbidden_model' });
  await expect(clientOf('sk-nobody').files.list()).rejects.toMatchObject({ status: 401 });
  expect(upstream.calls.length).toBe(before);
  // The same key where its model is named.
  await clientOf(modelKey).images.generate({ model: 'gpt-image-1', prompt: 'One' });
  expect(upstream.calls.length).toBe(before + 1);
});

it('no way of writing a path leads to another host [A12] [A13]', async () => {
  const elsewhere = await ScriptedUpstream.open(answer(200, {}));
  const before = upstream.calls.length;
  const { host, port } = new URL(elsewhere.url);
  const targets = [
    `${elsewhere.url}/passthrough/openai/files`,
    `/passthrough/openai//${host}/files`,
    `/passthrough//${host}/files`,
    `/passthrough/openai/files/../../../${host}`,
    `/passthrough/openai/files/%2e%2e/%2e%2e/x`,
    `/passthrough/openai/files/..%2f..%2fx`,
    `/passthrough/@${host}/files`,
    `/passthrough/openai@${host}/files`,
    `/passthrough/openai:${port}/files`,
    `/passthrough/${host}/files`,
    `/passthrough/http:/${host}/files`,
  ];
  const statuses: number[] = [];
  for (const target of targets) {
    using connection = await RawConnection.open(server.url);
    await connection.write(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
    );
    statuses.push((await connection.untilClosed()).status);
  }
  expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true);
  expect([elsewhere.calls.length, upstream.calls.length]).toEqual([0, before]);
  await elsewhere[Symbol.asyncDispose]();
});
