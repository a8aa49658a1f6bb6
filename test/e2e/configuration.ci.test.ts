// The configuration file and the command line, as the person who runs the program meets them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/kernel/index.ts';
import { openDatabase, startEmbeddedPostgres } from '../../src/store/index.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';
import { chatAnswer, chatEvents } from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const env = { [vendorKeyName]: vendorKey };

const fileOf = (upstream: string, model: string, key: string): string =>
  configurationOf({
    providers: { vendor: providerOf('openai', upstream, 'some-vendor') },
    models: {
      [model]: {
        deployments: [{ provider: 'vendor', model: 'vendor-model', price: { inputPerMTok: '1', outputPerMTok: '2' } }],
      },
    },
    keys: [{ name: 'tester', hash: hashOf(key), team: 'research' }],
  });

const chat = async (server: Server, key: string, model: string, more: object = {}): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });

const admin = (server: Server, method: string, path: string): Promise<Response> =>
  fetch(`${server.adminUrl}${path}`, { method, headers: { authorization: `Bearer ${server.adminKey}` } });

/** Waits until a server has written a line to stderr that says so. */
const said = async (server: Server, from: number, isSaid: (text: string) => boolean): Promise<string> => {
  while (!isSaid(server.stderr().slice(from))) await new Promise((resolve) => setTimeout(resolve, 20));
  return server.stderr().slice(from);
};

let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
});

afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
});

describe('a server with a configuration file', () => {
  let server: Server;
  let path: string;
  let good: string;

  beforeAll(async () => {
    good = fileOf(upstream.url, 'first-model', canaryOf('client key first'));
    server = await startServer({ configuration: good, env });
    path = server.configurationPath!;
  });

  afterAll(() => removeServer(server));

  afterEach(async () => {
    writeFileSync(path, good);
    const reloaded = await admin(server, 'POST', '/admin/v1/reload');
    const served = await chat(server, canaryOf('client key first'), 'first-model');
    if (reloaded.status !== 200 || served.status !== 200) throw new Error('the good file is not in force again');
  });

  /** The file with a fault in the line that this test knows. */
  const faulty = (): { readonly text: string; readonly place: string } => {
    const lines = good.split('\n');
    const at = lines.findIndex((line) => line.includes('"wire": "openai"'));
    lines[at] = lines[at]!.replace('"openai"', '"opneai"');
    const column = lines[at]!.indexOf('"opneai"') + 1;
    return { text: lines.join('\n'), place: `${path}:${at + 1}:${column}` };
  };

  it('is ready, and says with which file', async () => {
    expect(await (await fetch(`${server.adminUrl}/readyz`)).json()).toEqual({ status: 'ok' });
    expect(await (await admin(server, 'GET', '/admin/v1/status')).json()).toMatchObject({
      configurationFile: path,
      sandbox: false,
      models: ['first-model'],
    });
    expect((await chat(server, canaryOf('client key first'), 'first-model')).headers.has('x-archipel-sandbox')).toBe(
      false,
    );
  });

  it('takes nothing of a faulty file over the API, and says file, line and column', async () => {
    const { text, place } = faulty();
    writeFileSync(path, text);
    const got = await admin(server, 'POST', '/admin/v1/reload');
    expect([got.status, got.headers.get('x-archipel-error')]).toEqual([422, 'configuration_invalid']);
    const { error } = (await got.json()) as { readonly error: { readonly message: string } };
    expect(error.message).toContain(place);
    expect(error.message).toContain('openai');
    expect((await chat(server, canaryOf('client key first'), 'first-model')).status).toBe(200);
  });

  it('takes nothing of a faulty file at SIGHUP, nor when it sees the file change', async () => {
    const { text, place } = faulty();
    for (const tell of [() => process.kill(server.pid, 'SIGHUP'), () => {}]) {
      const from = server.stderr().length;
      writeFileSync(path, `${text}\n`);
      tell();
      const log = await said(server, from, (all) => all.includes('configuration refused'));
      expect(log).toContain(place);
      expect((await chat(server, canaryOf('client key first'), 'first-model')).status).toBe(200);
      writeFileSync(path, good);
    }
  });

  it.each([
    ['empty', ''],
    ['cut off', '{ "version": 1, "prov'],
    ['of another version', '{ "version": 2 }'],
    ['without models', configurationOf({})],
    ['no YAML', 'a: [1, }'],
    ['with a key that nobody knows', configurationOf({ modles: {} })],
  ])('refuses a file that is %s', async (_, text) => {
    writeFileSync(path, text);
    const got = await admin(server, 'POST', '/admin/v1/reload');
    expect(got.status).toBe(422);
    expect(await got.text()).toContain(`${path}:`);
    expect((await chat(server, canaryOf('client key first'), 'first-model')).status).toBe(200);
  });

  it('refuses a file that has gone', async () => {
    removeFolder(path);
    expect((await admin(server, 'POST', '/admin/v1/reload')).status).toBe(422);
    expect((await chat(server, canaryOf('client key first'), 'first-model')).status).toBe(200);
  });

  it.each([
    ['POST /admin/v1/reload', async () => void (await admin(server, 'POST', '/admin/v1/reload'))],
    ['SIGHUP', async () => void process.kill(server.pid, 'SIGHUP')],
    ['the watch of the file', async () => {}],
    ['archipel reload', async () => void (await runArchipel(['reload', '--data-dir', server.dataDir]))],
  ])('takes a valid file whole by %s', async (_, tell) => {
    const from = server.stderr().length;
    writeFileSync(path, fileOf(upstream.url, 'second-model', canaryOf('client key second')));
    await tell();
    await said(server, from, (all) => all.includes('configuration in force'));
    expect((await chat(server, canaryOf('client key second'), 'second-model')).status).toBe(200);
    expect((await chat(server, canaryOf('client key first'), 'second-model')).status).toBe(401);
    expect((await chat(server, canaryOf('client key second'), 'first-model')).status).toBe(404);
  });

  it('serves a request to its end by the configuration that it began with', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream.forget();
    upstream.next(async (response, call) => {
      await released;
      await answer(200, chatAnswer('begun before'))(response, call);
    });
    const begun = chat(server, canaryOf('client key first'), 'first-model');
    await upstream.call(1);
    writeFileSync(path, fileOf(upstream.url, 'second-model', canaryOf('client key second')));
    expect((await admin(server, 'POST', '/admin/v1/reload')).status).toBe(200);
    release();
    expect(await (await begun).json()).toEqual(chatAnswer('begun before'));
  });

  it('refuses a second server on its data dir, which says what to do', async () => {
    const second = await runArchipel(
      ['up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', server.dataDir, '--config', path],
      { env },
    );
    expect(second.code).toBe(2);
    expect(second.stdout).toBe('');
    expect(second.stderr).toContain(server.dataDir);
    expect(second.stderr.trim().split('\n').length).toBeGreaterThan(1);
    expect((await chat(server, canaryOf('client key first'), 'first-model')).status).toBe(200);
  });

  it('answers a command with a wrong admin key by exit code 4, and one that asks for what is not there by 1', async () => {
    const at = ['--url', server.adminUrl, '--admin-key'];
    const wrong = await runArchipel(['usage', ...at, canaryOf('unknown key')]);
    expect([wrong.code, wrong.stdout]).toEqual([4, '']);
    const absent = await runArchipel(['why', '01a21a76-f8e1-76f0-bade-f320001a365c', ...at, server.adminKey]);
    expect([absent.code, absent.stdout]).toEqual([1, '']);
  });
});

describe.concurrent('a start that cannot be', () => {
  const folder = temporaryFolder();
  afterAll(() => removeFolder(folder));

  const up = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runArchipel(['up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', join(folder, 'data'), ...args], {
      env: { ...env, ...more },
      cwd: folder,
    });

  it('with a file that is named and missing ends with 2 and names it, by option and by environment', async ({
    expect,
  }) => {
    for (const ended of [await up(['--config', 'nowhere.yaml']), await up([], { ARCHIPEL_CONFIG: 'nowhere.yaml' })]) {
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toContain(join(folder, 'nowhere.yaml'));
    }
  });

  it('with a database named and no file does not fall into the sandbox', async ({ expect }) => {
    const ended = await up([], { ARCHIPEL_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('ARCHIPEL_DATABASE_URL');
  });

  it('with a faulty file ends with 2 and says every fault at its place', async ({ expect }) => {
    const path = join(folder, 'faulty.yaml');
    writeFileSync(path, 'version: 1\nproviders:\n  a: { wire: openai, vendr: x }\nmodels: {}\nkyes: []\n');
    const ended = await up(['--config', path]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`${path}:3:`);
    expect(ended.stderr).toContain(`${path}:5:1`);
  });

  it('with a secret that is not there ends with 2 and names the variable, never a value', async ({ expect }) => {
    const path = join(folder, 'secretless.yaml');
    writeFileSync(
      path,
      fileOf(upstream.url, 'm', canaryOf('client key x')).replace(vendorKeyName, 'ARCHIPEL_TEST_NOT_SET'),
    );
    const ended = await up(['--config', path]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('ARCHIPEL_TEST_NOT_SET');
    expect(ended.stderr).not.toContain(vendorKey);
  });

  it('of the sandbox on an address that is not loopback ends with 2', async ({ expect }) => {
    const ended = await up(['--host', '0.0.0.0']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('loopback');
  });

  it('of a command that is none, or with an option that is none, ends with 2', async ({ expect }) => {
    expect((await runArchipel(['upp'])).code).toBe(2);
    expect((await up(['--prot', '1'])).code).toBe(2);
    expect((await up(['--port', '70000'])).code).toBe(2);
  });
});

describe('archipel check', () => {
  const folder = temporaryFolder();
  afterAll(() => removeFolder(folder));

  it('says 0 to a valid file and 2 to a faulty one, and touches nothing', async () => {
    const path = join(folder, 'archipel.yaml');
    writeFileSync(path, fileOf(upstream.url, 'm', canaryOf('client key x')));
    const valid = await runArchipel(['check', path], { env });
    expect([valid.code, valid.stdout]).toEqual([0, `${path} is valid\n`]);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"vendor-model"', '7'));
    const faulty = await runArchipel(['check', path, '--json'], { env });
    expect(faulty.code).toBe(2);
    const report = JSON.parse(faulty.stdout);
    expect(report).toMatchObject({ valid: false, faults: [expect.stringMatching(/archipel\.yaml:\d+:\d+: /)] });
    expect((await runArchipel(['check', join(folder, 'nowhere.yaml')])).code).toBe(2);
  });
});

describe('a server that is told to stop', () => {
  it('lets a stream end, says one line of JSON in all, exits with 0, and may be started again', async () => {
    upstream.forget();
    const key = canaryOf('client key first');
    const server = await startServer({ configuration: fileOf(upstream.url, 'first-model', key), env });
    try {
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      upstream.next(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chatEvents.text('begun'));
        await released;
        response.end(chatEvents.text('and ended') + chatEvents.finish + chatEvents.done);
      });
      const stream = await chat(server, key, 'first-model', { stream: true });
      const from = server.stderr().length;
      const stopped = server.stop();
      // The server refuses what is new while the stream goes on.
      for (;;) {
        const late = await chat(server, key, 'first-model').catch(() => null);
        if (late === null || late.status === 503) break;
      }
      release();
      expect(await stream.text()).toBe(
        chatEvents.text('begun') + chatEvents.text('and ended') + chatEvents.finish + chatEvents.done,
      );
      expect(await stopped).toBe(0);
      expect(server.stdout().trim().split('\n')).toHaveLength(1);
      expect(JSON.parse(server.stdout())).toEqual({
        url: server.url,
        adminUrl: server.adminUrl,
        key: null,
        adminKey: server.adminKey,
        dataDir: server.dataDir,
        pid: server.pid,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
      expect(server.stderr().slice(from)).not.toContain('"level":"error"');
      const sandboxed = await runArchipel(['up', '--json', '--data-dir', server.dataDir], { cwd: server.dataDir });
      expect(sandboxed.code, 'no sandbox where a configuration ran').toBe(2);
    } finally {
      await removeServer(server);
    }
  });

  it('whose database was migrated by a newer program does not start, and says what to do', async () => {
    const server = await startServer({
      configuration: fileOf(upstream.url, 'first-model', canaryOf('client key first')),
      env,
    });
    try {
      expect(await server.stop()).toBe(0);
      const embedded = await startEmbeddedPostgres({ dataDir: join(server.dataDir, 'postgres'), log: silentLog });
      const database = openDatabase({ url: embedded.url, log: silentLog });
      await database.query("INSERT INTO archipel.migration (number, name, checksum) VALUES (9999, '9999_future', 'x')");
      await database.close();
      await embedded.stop();
      const ended = await runArchipel(
        [
          'up',
          '--json',
          '--port',
          '0',
          '--admin-port',
          '0',
          '--data-dir',
          server.dataDir,
          '--config',
          server.configurationPath!,
        ],
        { env },
      );
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toContain('9999');
      expect(ended.stderr).toMatch(/newer version of the program/);
    } finally {
      await removeServer(server);
    }
  });
});
