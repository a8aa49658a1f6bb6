// One server with a secret of its own in each slot, all that can go wrong, and then a search of everything that was written.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { scanCanaries } from '../../tools/scanCanaries.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import '../rigs/canaries/keepErrors.ts';
import { OutputKeeper, outputName, secretsName } from '../rigs/canaries/OutputKeeper.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { killedStart } from '../rigs/killedStart.ts';
import { endPostmaster } from '../rigs/postmaster.ts';
import { RawConnection } from '../rigs/RawConnection.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, answerStream, ScriptedUpstream, type ReceivedCall, type Script } from '../rigs/ScriptedUpstream.ts';
import { removeFolder, runArchipel, startServer, type Server } from '../rigs/startServer.ts';
import { chatAnswer, chatEvents, messageAnswer } from '../rigs/vendorAnswers.ts';

/** Where this run keeps what is written: that of the whole CI run, or one of its own. */
const folder = vi.hoisted(() => {
  const { mkdtempSync: make } = process.getBuiltinModule('node:fs');
  process.env['ARCHIPEL_CANARIES'] ??= make('/tmp/archipel-canaries-');
  return process.env['ARCHIPEL_CANARIES'];
});

const clientKey = canaryOf('client key');
const adminKey = canaryOf('admin key of the file');
const prompt = canaryOf('prompt');
const clientHeader = canaryOf('header of a client');
const modelWords = canaryOf('answer of a model');

/** All that a vendor can know of a call, in its own words. */
const wordsOf = ({ headers, body }: ReceivedCall): string =>
  `You sent ${JSON.stringify(headers)} with key ${String(headers['authorization'] ?? headers['x-api-key'])}: ${body.toString()}`;

const errorOf = (message: string, type: string): object => ({ type: 'error', error: { type, message, code: type } });

/** Vendors that fail, and say in it what they should not. */
const faults: Readonly<Record<string, Script>> = {
  unauthorized: (response, call) =>
    answer(401, errorOf(`Incorrect API key provided: ${vendorKey}. ${wordsOf(call)}`, 'authentication_error'), {
      'x-request-id': 'r',
      'www-authenticate': `Bearer ${vendorKey.replaceAll('"', '')}`,
    })(response, call),
  quoting: (response, call) =>
    answer(400, errorOf(`messages.0.content: "${prompt}" may not be said by '${vendorKey}'`, 'invalid_request_error'))(
      response,
      call,
    ),
  repeating: (response, call) => answer(400, errorOf(wordsOf(call), 'invalid_request_error'))(response, call),
  page: (response, call) =>
    answer(500, `<html>${wordsOf(call)}</html>`, { 'content-type': 'text/html' })(response, call),
  busy: (response, call) => answer(429, errorOf(wordsOf(call), 'rate_limit_error'))(response, call),
  garbage: (response, call) => answer(200, `${modelWords} is no JSON. ${wordsOf(call)}`)(response, call),
  'no-answer': (response, call) =>
    answer(200, { words: modelWords, error: errorOf(wordsOf(call), 'x') })(response, call),
  'stream-error': (response, call) =>
    answerStream(`event: error\ndata: ${JSON.stringify(errorOf(wordsOf(call), 'api_error'))}\n\n`)(response, call),
  'stream-garbage': (response, call) =>
    answerStream(`${chatEvents.role}data: ${modelWords} ${vendorKey}\n\n`, 'reset')(response, call),
  encoded: (response, call) => answer(200, 'x', { 'content-encoding': vendorKey.replaceAll('"', '') })(response, call),
  'no-stream': (response, call) => answer(200, modelWords, { 'content-type': 'text/plain' })(response, call),
  fine: (response, call) =>
    answer(200, call.path.includes('messages') ? messageAnswer(modelWords) : chatAnswer(modelWords))(response, call),
};

const wires = ['openai', 'anthropic'] as const;
const pathOf = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;
const models = Object.keys(faults).flatMap((fault) => wires.map((wire) => `${fault}-${wire}`));

const configuration = (url: string): string =>
  configurationOf({
    admin: { keys: [{ name: 'ops', hash: hashOf(adminKey), role: 'owner' }] },
    limits: { attempts: 1, idleMs: 2_000, totalMs: 5_000 },
    providers: Object.fromEntries(
      models.map((model) => [
        model,
        providerOf(model.endsWith('openai') ? 'openai' : 'anthropic', `${url}/${model}`, model),
      ]),
    ),
    models: Object.fromEntries(
      models.map((model) => [
        model,
        { deployments: [{ provider: model, model: 'm', price: { inputPerMTok: '1', outputPerMTok: '2' } }] },
      ]),
    ),
    keys: [{ name: 'tester', hash: hashOf(clientKey), team: 'research' }],
  });

const findLeaks = (): string[] =>
  scanCanaries(folder, [])
    .leaks.filter(({ path }) => path.startsWith(`${process.pid}/`))
    .map(({ path, slot, form }) => `${path}: ${slot} (${form})`);

let upstream: ScriptedUpstream;
let server: Server;
const scratch = mkdtempSync(join(tmpdir(), 'archipel-scratch-'));

const ask = (wire: (typeof wires)[number], model: string, stream: boolean): Promise<Response> =>
  fetch(`${server.url}${pathOf[wire]}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${clientKey}`,
      'x-secret-of-mine': clientHeader,
      'openai-organization': clientHeader,
      cookie: `session=${clientHeader.replaceAll('"', '')}`,
    },
    body: JSON.stringify({ model, stream, max_tokens: 100, messages: [{ role: 'user', content: prompt }] }),
  });

const askAll = async (): Promise<void> => {
  for (const model of models)
    for (const wire of wires)
      for (const stream of [false, true])
        await ask(wire, model, stream)
          .then((got) => got.text())
          .catch(() => '');
};

beforeAll(async () => {
  upstream = await ScriptedUpstream.open((response, call) => {
    const fault = call.path.split('/')[1]?.replace(/-(openai|anthropic)$/, '') ?? '';
    return (faults[fault] ?? answer(500, {}))(response, call);
  });
  server = await startServer({ configuration: configuration(upstream.url), env: { [vendorKeyName]: vendorKey } });
});

afterAll(async () => {
  await removeServer(server);
  await upstream[Symbol.asyncDispose]();
  removeFolder(scratch);
});

describe('no secret is written anywhere', () => {
  test('when vendors fail and repeat what they were sent [A27] [G12]', async () => {
    await askAll();
    // The vendors did have the secrets to repeat, and some of their words are kept.
    const [call] = upstream.calls;
    expect(call?.rawHeaders.join()).toContain(vendorKey);
    expect(call?.rawHeaders.join()).not.toContain(clientKey);
    expect(server.stderr()).toContain('[secret]');
    expect(findLeaks()).toEqual([]);
  });

  test('when clients send secrets where none belong [A27] [G12]', async () => {
    const raw = new OutputKeeper('errors');
    const [key, host] = [encodeURIComponent(clientKey), new URL(server.url).host];
    const body = JSON.stringify({ model: clientKey, messages: clientKey, [clientKey]: 1 });
    const post = (path: string, headers: string, text: string): string =>
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n${headers}connection: close\r\n\r\n${text}`;
    const requests = [
      post(`/v1/chat/completions?key=${key}`, '', body),
      post(`/v1/models/${key}:generateContent?key=${key}`, '', body),
      post(`/v1/${key}`, `authorization: Bearer ${clientKey}\r\n`, body),
      post('/v1/chat/completions', `authorization: Bearer ${clientKey}\r\n`, body),
      post('/v1/messages', `x-api-key: ${clientKey}\r\n`, `{"model": "${key}", ${key}`),
      post('/v1/messages', `x-api-key: ${clientKey}\r\nauthorization: Bearer ${adminKey}\r\n`, body),
      post('/v1/messages', `authorization: Digest ${clientKey}\r\n`, body),
      post('/v1/messages', `authorization: Bearer ${clientKey}\r\nauthorization: Bearer ${clientKey}\r\n`, body),
      `GET http://${key}@${host}/v1/models HTTP/1.1\r\nhost: ${key}\r\n\r\n`,
      `GET /v1/models HTTP/1.1\r\nhost: ${host}\r\n${clientKey}: ${clientKey}\r\n\r\n`,
      `${clientKey} /${key} HTTP/9.9\r\n\r\n`,
    ];
    const admin = [
      ...requests,
      post(`/admin/v1/keys?key=${encodeURIComponent(adminKey)}`, '', body),
      post('/admin/v1/keys', `authorization: Bearer ${clientKey}\r\n`, body),
      post(
        '/admin/v1/keys',
        `authorization: Bearer ${adminKey}\r\n`,
        JSON.stringify({ name: clientKey, team: clientKey }),
      ),
      post('/admin/v1/keys', `authorization: Bearer ${adminKey}\r\n`, `{"name": "${key}`),
      post(`/admin/v1/keys/${key}/rotate`, `authorization: Bearer ${adminKey}\r\n`, '{}'),
      post('/admin/v1/jobs', `authorization: Bearer ${adminKey}\r\n`, body),
    ];
    const send = async (url: string, text: string): Promise<void> => {
      using connection = await RawConnection.open(url);
      await connection.write(text);
      await connection.untilClosed().catch(() => null);
      // A client that names its key as a model may read it: it is told so by nobody else.
      raw.keep(`raw`, connection.text);
    };
    for (const text of requests) await send(server.url, text);
    for (const text of admin) await send(server.adminUrl, text);
    expect(findLeaks()).toEqual([]);
  });

  test('when a configuration holds secrets, is broken, or names a database that is not there [A27] [G12]', async () => {
    const good = configuration(upstream.url);
    const databasePassword = canaryOf('database password of the file').replaceAll(/["%+/&]/g, 'x');
    const databaseUrl = `postgres://user:${databasePassword}@127.0.0.1:1/none`;
    const broken = {
      'plain.yaml': good.replaceAll(`\${env:${vendorKeyName}}`, vendorKey.replaceAll('"', '')),
      'url.yaml': good.replaceAll('http://127', `http://user:${encodeURIComponent(vendorKey)}@127`),
      'hash.yaml': good.replaceAll(hashOf(clientKey), encodeURIComponent(clientKey)),
      'torn.yaml': `${good.slice(0, good.length / 2)}\n  credentials: { apiKey: ${vendorKey} \n`,
      'database.yaml': good.replace('{', `{ "store": { "url": "${databaseUrl}" },`),
      'unknown.yaml': good.replace('{', `{ "${encodeURIComponent(vendorKey)}": "${encodeURIComponent(vendorKey)}",`),
    };
    for (const [name, text] of Object.entries(broken)) {
      const path = join(scratch, name);
      writeFileSync(path, text);
      await runArchipel(['check', path], { env: { [vendorKeyName]: vendorKey } });
      writeFileSync(server.configurationPath!, text);
      await runArchipel(['reload', '--data-dir', server.dataDir]);
    }
    writeFileSync(server.configurationPath!, good);
    const up = ['up', '--data-dir', join(scratch, 'none'), '--config', join(scratch, 'plain.yaml')];
    await runArchipel(up, { env: { [vendorKeyName]: '' } });
    const at = join(scratch, 'database.yaml');
    writeFileSync(at, good.replace('{', '{ "store": { "url": "${env:DATABASE}" },'));
    const env = { [vendorKeyName]: vendorKey, DATABASE: databaseUrl };
    const dataDir = join(scratch, 'data');
    mkdirSync(dataDir);
    await killedStart({ dataDir, configurationPath: at, env, afterMs: 4_000 });
    expect(findLeaks()).toEqual([]);
  });

  test('by commands, with the right key, a wrong one and none [A27] [G12]', async () => {
    const at = ['--data-dir', server.dataDir];
    for (const command of [
      ['usage', '--by', 'key', '--fresh'],
      ['keys', 'list'],
      ['keys', 'create', 'made', '--team', 'research', '--json'],
      ['keys', 'rotate', 'made'],
      ['contracts'],
      ['dependency'],
      ['ledger', 'verify'],
      ['sites'],
      ['jobs', 'list'],
      ['reload'],
      ['backup', join(scratch, 'backup'), '--config', server.configurationPath!],
      ['doctor'],
      ['support-bundle', join(scratch, 'bundle')],
      ['usage', '--url', server.adminUrl, '--admin-key', adminKey],
      ['usage', '--url', server.adminUrl, '--admin-key', clientKey],
      ['usage', '--admin-key', `${adminKey}\n`],
      ['why', '01a21aa4-b93d-732e-9a06-f1efdb76e246'],
    ])
      await runArchipel([...command, ...at], { env: { [vendorKeyName]: vendorKey } });
    const backup = join(scratch, 'backup');
    expect(existsSync(backup)).toBe(true);
    new OutputKeeper('scratch').keep('backup', gunzipSync(readFileSync(backup)));
    expect(findLeaks()).toEqual([]);
  });

  test('when the database dies and the program is killed, nor by what it leaves on disk and in the database [G12]', async () => {
    await endPostmaster(server.dataDir);
    await askAll();
    await server.kill();
    const { dataDir, configurationPath } = server;
    const again = { dataDir, configuration: configuration(upstream.url), env: { [vendorKeyName]: vendorKey } };
    server = await startServer(again);
    expect(server.configurationPath).toBe(configurationPath);
    await askAll();
    await removeServer(server);
    const { files, allowed } = scanCanaries(folder, []);
    expect(files).toBeGreaterThan(50);
    expect(allowed).toBeGreaterThan(0);
    expect(findLeaks()).toEqual([]);
    // The control, in a folder of its own, since what is planted here would fail the run: one secret, in one of the ways in which it may be written.
    const control = join(scratch, 'control');
    mkdirSync(join(control, outputName, '1', '1-server'), { recursive: true });
    copyFileSync(join(folder, secretsName), join(control, secretsName));
    writeFileSync(
      join(control, outputName, '1', '1-server', 'stderr'),
      Buffer.from(`a${vendorKey}`).toString('base64'),
    );
    expect(scanCanaries(control, []).leaks.map(({ slot }) => slot)).toContain('vendor credential');
  });
});
