// Models on Google's cloud: official clients, calls that a service account's key signs, and a key that is changed while the server runs.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import { noteSecret } from '../rigs/canaries/OutputKeeper.ts';
import { configurationOf, hashOf } from '../rigs/configurationOf.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream, type Script } from '../rigs/ScriptedUpstream.ts';
import { issueServiceAccount, readToken } from '../rigs/serviceAccount.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';
import { generatedAnswer, generatedStream, messageAnswer, messageStream } from '../rigs/vendorAnswers.ts';

const key = canaryOf('client key');
const first = issueServiceAccount();
const second = issueServiceAccount();
const location = '/v1/projects/test-project/locations/europe-west4';
const question = 'How high is the tide?';

let folder: string;
let upstream: ScriptedUpstream;
let server: Server;
let gemini: GoogleGenAI;
let openai: OpenAI;
let anthropic: Anthropic;

const writeKey = (document: string): void => writeFileSync(join(folder, 'account.json'), document);

const provider = (wire: string): object => ({
  wire,
  vendor: 'google',
  account: 'test-project',
  region: 'europe-west4',
  baseUrl: `${upstream.url}${location}`,
  credentials: { serviceAccount: `\${file:${join(folder, 'account.json')}}` },
  host: 'google',
});

const model = (name: string, sold: string): object => ({
  deployments: [{ provider: name, model: sold, price: { inputPerMTok: '1', outputPerMTok: '2' } }],
});

const options = () => ({ apiKey: key, maxRetries: 0 });

beforeAll(async () => {
  folder = temporaryFolder();
  upstream = await ScriptedUpstream.open();
  writeKey(first.document);
  const configuration = configurationOf({
    providers: { gemini: provider('vertex'), claude: provider('vertex-anthropic') },
    models: {
      tide: model('gemini', 'gemini-2.5-pro'),
      wave: model('claude', 'claude-sonnet-4-5@20250929'),
      vectors: { space: { model: 'text-embedding-005', dimensions: 2 }, ...model('gemini', 'text-embedding-005') },
    },
    keys: [{ name: 'customer', hash: hashOf(key), team: 'research' }],
  });
  server = await startServer({ configuration });
  gemini = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: server.url } });
  openai = new OpenAI({ ...options(), baseURL: `${server.url}/v1` });
  anthropic = new Anthropic({ ...options(), baseURL: server.url });
});

afterAll(async () => {
  await removeServer(server);
  await upstream[Symbol.asyncDispose]();
  removeFolder(folder);
});

/** The vendor's next answer, and what reached it for it. */
const serving = async <Answer>(script: Script, ask: () => Promise<Answer>) => {
  upstream.next(script);
  const answered = await ask();
  const call = upstream.calls.at(-1)!;
  return { answered, call, body: JSON.parse(call.body.toString()) as Record<string, unknown> };
};

test('the SDK of Google is answered, whole and streamed, by calls that the account’s key signs', async () => {
  const whole = await serving(answer(200, generatedAnswer('Six metres')), () =>
    gemini.models.generateContent({ model: 'tide', contents: question }),
  );
  expect(whole.answered.text).toBe('Six metres');
  expect(whole.call.path).toBe(`${location}/publishers/google/models/gemini-2.5-pro:generateContent`);
  expect(whole.body).toMatchObject({ contents: [{ role: 'user', parts: [{ text: question }] }] });
  const token = readToken(whole.call.headers['authorization'], first);
  expect(token).toMatchObject({ header: { kid: first.keyId }, claims: { iss: first.email } });
  expect(whole.call.headers).not.toHaveProperty('x-goog-api-key');

  const streamed = await serving(generatedStream('Six metres'), async () =>
    Array.fromAsync(await gemini.models.generateContentStream({ model: 'tide', contents: question })),
  );
  expect(streamed.answered.map(({ text }) => text ?? '').join('')).toBe('Six metres');
  expect(streamed.call.path).toMatch(/gemini-2\.5-pro:streamGenerateContent\?alt=sse$/);
  // One token serves all calls of its hour.
  expect(streamed.call.headers['authorization']).toBe(whole.call.headers['authorization']);
});

test('a client of another wire is served by Gemini there, and tokens are counted', async () => {
  const { answered, call } = await serving(answer(200, generatedAnswer('Six metres', [12, 3])), () =>
    openai.chat.completions.create({ model: 'tide', messages: [{ role: 'user', content: question }] }),
  );
  expect(answered.choices[0]?.message.content).toBe('Six metres');
  expect(answered.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 3 });
  expect(call.path).toBe(`${location}/publishers/google/models/gemini-2.5-pro:generateContent`);
  const counted = await serving(answer(200, { totalTokens: 12 }), () =>
    gemini.models.countTokens({ model: 'tide', contents: question }),
  );
  expect(counted.answered.totalTokens).toBe(12);
  expect(counted.call.path).toMatch(/gemini-2\.5-pro:countTokens$/);
});

test('the SDK of Anthropic is answered by Claude there: the path names the model, the body the version', async () => {
  const request = { model: 'wave', max_tokens: 50, messages: [{ role: 'user' as const, content: question }] };
  const whole = await serving(answer(200, messageAnswer('Six metres')), () =>
    anthropic.beta.messages.create({ ...request, betas: ['context-1m-2025-08-07'] }),
  );
  expect(whole.answered.content).toMatchObject([{ type: 'text', text: 'Six metres' }]);
  expect(whole.call.path).toBe(`${location}/publishers/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict`);
  expect(whole.body).toMatchObject({ anthropic_version: 'vertex-2023-10-16', max_tokens: 50 });
  expect(whole.body).not.toHaveProperty('model');
  expect(whole.call.headers['anthropic-beta']).toBe('context-1m-2025-08-07');
  expect(readToken(whole.call.headers['authorization'], first)).not.toBeNull();

  const streamed = await serving(messageStream('Six metres'), () => anthropic.messages.stream(request).finalMessage());
  expect(streamed.answered.content).toMatchObject([{ type: 'text', text: 'Six metres' }]);
  expect(streamed.call.path).toMatch(/:streamRawPredict$/);
  const counted = await serving(answer(200, { input_tokens: 14 }), () =>
    anthropic.messages.countTokens({ model: 'wave', messages: request.messages }),
  );
  expect(counted.answered.input_tokens).toBe(14);
  expect(counted.call.path).toBe(`${location}/publishers/anthropic/models/count-tokens:rawPredict`);
  expect(counted.body).toMatchObject({ model: 'claude-sonnet-4-5@20250929' });
});

test('the SDK of OpenAI gets vectors from there', async () => {
  const predictions = [
    [0.6, 0.8],
    [1, 0],
  ].map((values) => ({ embeddings: { values, statistics: { token_count: 2 } } }));
  const { answered, call, body } = await serving(answer(200, { predictions }), () =>
    openai.embeddings.create({ model: 'vectors', input: ['tide', 'wave'] }),
  );
  expect(answered.data.map(({ embedding }) => embedding[0])).toEqual([expect.closeTo(0.6, 6), 1]);
  expect(answered.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  expect(call.path).toBe(`${location}/publishers/google/models/text-embedding-005:predict`);
  expect(body).toMatchObject({ instances: [{ content: 'tide' }, { content: 'wave' }] });
});

test('what refers to the key is checked before it is taken; a new key serves without a restart', async () => {
  const reload = () => runArchipel(['reload', '--data-dir', server.dataDir]);
  writeKey('{ "type": "external_account" }');
  const refused = await reload();
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain('no key of a service account');
  const ask = () => gemini.models.generateContent({ model: 'tide', contents: question });
  const before = await serving(answer(200, generatedAnswer('Six')), ask);
  expect(readToken(before.call.headers['authorization'], first)).not.toBeNull();
  writeKey(second.document);
  expect((await reload()).code).toBe(0);
  const after = await serving(answer(200, generatedAnswer('Six')), ask);
  expect(readToken(after.call.headers['authorization'], second)?.claims).toMatchObject({ iss: second.email });
});

test('a vendor that refuses the account benches the credential, and what it repeats of the token reaches nobody', async () => {
  let token = '';
  const refusing: Script = (response, call) => {
    token = String(call.headers['authorization']).slice('Bearer '.length);
    noteSecret('token of a service account', token);
    const error = { code: 401, message: `Request had invalid credentials: ${token}`, status: 'UNAUTHENTICATED' };
    return answer(401, { error })(response, call);
  };
  upstream.next(refusing);
  const refused = await gemini.models.generateContent({ model: 'tide', contents: question }).catch(String);
  expect(refused).toContain('UPSTREAM_CREDENTIALS');
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{300,}$/);
  expect(refused).not.toContain(token.slice(-100));
  const calls = upstream.calls.length;
  await expect(gemini.models.generateContent({ model: 'tide', contents: question })).rejects.toThrow(
    'UPSTREAM_CREDENTIALS',
  );
  expect(upstream.calls).toHaveLength(calls);
});
