// Who may do what, and until when: the real program, two of them on one PostgreSQL, asked over HTTP and by commands.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/kernel/index.ts';
import { openDatabase, startEmbeddedPostgres, type Database, type EmbeddedPostgres } from '../../src/store/index.ts';
import {
  adminTable,
  askers,
  carriers,
  requestOf,
  rightStatus,
  routesOf,
  seenStatus,
  type Asker,
} from '../rigs/adminTable.ts';
import { Chance, seedOf } from '../rigs/Chance.ts';
import { configurationOf, hashOf, providerOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answerStream, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import {
  removeFolder,
  runArchipel,
  startServer,
  temporaryFolder,
  type Ended,
  type Server,
} from '../rigs/startServer.ts';
import { chatEvents } from '../rigs/vendorAnswers.ts';

const seed = seedOf('access.ci');

/** How soon the end of a key must be felt by what runs under it. */
const endMsMax = 2_000;
const guesses = 10_000;
/** Connections that guess at once. */
const guessers = 40;

const keyOf = (name: string): string => `sk-test-access-${name}`;
const databaseUrlName = 'ARCHIPEL_TEST_DATABASE_URL';

const fileKey = (name: string, more: object = {}): object => ({
  name,
  hash: hashOf(keyOf(name)),
  team: 'sales',
  ...more,
});

const always = ['client', 'witness', 'removed'];

/** The file of the two servers, with the teams and keys that a test leaves in it. */
const fileOf = (
  vendor: string,
  keys: readonly string[] = always,
  teams: readonly string[] = ['sales', 'passing'],
): string =>
  configurationOf({
    store: { url: `\${env:${databaseUrlName}}` },
    admin: {
      keys: [
        { name: 'owner', hash: hashOf(keyOf('owner')), role: 'owner' },
        { name: 'admin', hash: hashOf(keyOf('admin')), role: 'admin' },
        { name: 'viewer', hash: hashOf(keyOf('viewer')), role: 'viewer' },
        { name: 'limited', hash: hashOf(keyOf('limited')), role: 'admin', teams: ['sales'] },
      ],
    },
    providers: { chats: providerOf('openai', vendor, 'chat-vendor') },
    models: {
      chat: {
        deployments: [{ provider: 'chats', model: 'vendor-chat', price: { inputPerMTok: '1', outputPerMTok: '2' } }],
      },
    },
    teams: Object.fromEntries(teams.map((name) => [name, {}])),
    keys: [...keys.map((name) => fileKey(name)), fileKey('expired', { expires: '2020-01-01' })],
  });

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks a control plane, with an owner's key where no other headers are given. */
const ask = async (
  server: Pick<Server, 'adminUrl'>,
  line: string,
  {
    headers = { authorization: `Bearer ${keyOf('owner')}` },
    body,
  }: { headers?: Record<string, string>; body?: object } = {},
): Promise<Told> => {
  const [method = '', path = ''] = line.split(' ');
  const answer = await fetch(`${server.adminUrl}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
};

const makeKey = async (server: Server, name: string, team = 'sales'): Promise<string> => {
  const { status, body } = await ask(server, 'POST /admin/v1/keys', { body: { name, team } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body['key'] as string;
};

const asking = (server: Server, key: string, stream: boolean): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'chat', stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });

/** Ends what clients of a test still read. */
let leaving = new AbortController();
afterEach(() => {
  leaving.abort();
  leaving = new AbortController();
});

/** A stream that a client reads. */
class OpenStream {
  readonly requestId: string;
  text = '';
  endedMs = 0;
  readonly ended: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();

  constructor(answer: Response) {
    this.requestId = answer.headers.get('x-archipel-request-id') ?? '';
    // A test that is over leaves.
    this.ended = this.#read(answer).catch(() => {});
  }

  static async open(server: Server, key: string): Promise<OpenStream> {
    const answer = await asking(server, key, true);
    if (answer.status !== 200) throw new Error(`no stream: ${answer.status} ${await answer.text()}`);
    const stream = new OpenStream(answer);
    await stream.#begun.promise;
    return stream;
  }

  async #read(answer: Response): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) {
      this.text += decoder.decode(bytes, { stream: true });
      if (this.text.includes('said so far')) this.#begun.resolve();
    }
    this.endedMs = performance.now();
  }
}

const databaseFolder = temporaryFolder();
let postgres: EmbeddedPostgres;
let database: Database;
let vendor: ScriptedUpstream;
let here: Server;
let there: Server;

beforeAll(async () => {
  [postgres, vendor] = await Promise.all([
    startEmbeddedPostgres({ dataDir: databaseFolder, log: silentLog }),
    ScriptedUpstream.open(),
  ]);
  database = openDatabase({ url: postgres.url, log: silentLog });
  vendor.always(answerStream(chatEvents.role + chatEvents.text(`said so far ${'x'.repeat(400)}`), 'hang'));
  const start = (): Promise<Server> =>
    startServer({
      configuration: fileOf(vendor.url),
      env: { [vendorKeyName]: vendorKey, [databaseUrlName]: postgres.url.reveal() },
    });
  [here, there] = await Promise.all([start(), start()]);
}, 120_000);

afterAll(async () => {
  await Promise.all([here, there].map(removeServer));
  await vendor[Symbol.asyncDispose]();
  await database.close();
  await postgres.stop();
  removeFolder(databaseFolder);
}, 60_000);

/** Writes the file of both servers anew, and has them take it. */
const rewrite = async (keys: readonly string[], teams?: readonly string[]): Promise<void> => {
  for (const server of [here, there]) {
    writeFileSync(server.configurationPath ?? '', fileOf(vendor.url, keys, teams));
    const { status, body } = await ask(server, 'POST /admin/v1/reload');
    expect(status, JSON.stringify(body)).toBe(200);
  }
};

describe('a stream whose key ends', () => {
  const ways: readonly (readonly [what: string, key: () => Promise<string>, end: () => Promise<unknown>])[] = [
    ['is revoked', () => makeKey(here, 'revoked'), () => ask(here, 'DELETE /admin/v1/keys/revoked')],
    ['is replaced', () => makeKey(here, 'replaced'), () => ask(here, 'POST /admin/v1/keys/replaced/rotate')],
    ['is revoked at another process', () => makeKey(here, 'far'), () => ask(there, 'DELETE /admin/v1/keys/far')],
    ['is removed from the file', () => Promise.resolve(keyOf('removed')), () => rewrite(['client', 'witness'])],
    ['loses its team', () => makeKey(here, 'orphan', 'passing'), () => rewrite(['client', 'witness'], ['sales'])],
  ];

  test.each(ways)('because it %s is told so in its stream within 2 s, and billed [A7]', async (_, key, end) => {
    const [witness, stream] = [await OpenStream.open(here, keyOf('witness')), await OpenStream.open(here, await key())];
    const call = vendor.calls.at(-1);
    const startedMs = performance.now();
    await end();
    await stream.ended;
    expect(stream.endedMs - startedMs).toBeLessThan(endMsMax);
    const last = stream.text.trim().split('data: ').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'invalid_key' } });
    expect(await call?.ended, 'the vendor is called no longer').toBe(false);
    const { body } = await ask(here, `GET /admin/v1/requests/${stream.requestId}`);
    expect(body).toMatchObject({
      request: { status: 401, errorCode: 'invalid_key' },
      attempts: [{ outcome: { kind: 'cancelled' }, basis: 'estimated', usage: { output: 103 } }],
    });
    expect(witness.endedMs, 'whose key stands, goes on').toBe(0);
    expect((await asking(here, keyOf('client'), true)).status).toBe(200);
  });

  test('at another process, whose connection was lost meanwhile, ends all the same', async () => {
    const stream = await OpenStream.open(
      here,
      await makeKey(there, 'afar').then(async (key) => {
        await expect.poll(async () => (await asking(here, key, true)).status, { timeout: endMsMax }).toBe(200);
        return key;
      }),
    );
    const cut = await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'archipel keys'",
    );
    expect(cut, 'each of the two looks on a connection of its own').toHaveLength(2);
    const startedMs = performance.now();
    await ask(there, 'DELETE /admin/v1/keys/afar');
    await stream.ended;
    expect(stream.endedMs - startedMs).toBeLessThan(endMsMax);
  });
});

describe('the control plane', () => {
  let keys: Readonly<Record<Asker, string>>;

  beforeAll(async () => {
    const revoked = await makeKey(here, 'ended');
    await ask(here, 'DELETE /admin/v1/keys/ended');
    keys = {
      ...(Object.fromEntries(askers.map((asker) => [asker, keyOf(asker)])) as Record<Asker, string>),
      revoked,
      demo: 'sk-archipel-demo',
    };
  });

  test('opens each route to whom the table names, and to nobody else, however they carry their key [G14]', async () => {
    const document = await ask(here, 'GET /admin/v1/openapi.json');
    expect(routesOf(document.body as { paths: Record<string, object> }).toSorted()).toEqual(
      adminTable.map(({ route }) => route).toSorted(),
    );
    const deviations: string[] = [];
    for (const row of adminTable) {
      const { method, path } = requestOf(row);
      for (const asker of askers) {
        // The demo key is known to the sandbox alone.
        const right = asker === 'demo' ? rightStatus(row, 'stranger') : rightStatus(row, asker);
        const told = await Promise.all(
          carriers.map((carry) =>
            ask(here, `${method} ${path}`, {
              headers: asker === 'nobody' ? {} : carry(keys[asker]),
              ...(row.body && { body: row.body }),
            }),
          ),
        );
        for (const { status } of told)
          if (seenStatus(status) !== right) deviations.push(`${row.route} by ${asker}: ${status} instead of ${right}`);
      }
    }
    expect(deviations).toEqual([]);
  });

  test('tells a key of the data plane the same of every id, whether or not there is something of it [A6]', async () => {
    const mine = await OpenStream.open(here, keyOf('witness'));
    const there = [mine.requestId, '01a21aa4-b93d-732e-9a06-f1efdb76e246'];
    const names = ['client', 'witness', 'nobody-at-all'];
    for (const { route, body } of adminTable.filter((row) => row.route.includes('{'))) {
      const answers = [...there, ...names]
        .map((id) => route.replace(/\{\w+\}/, id))
        .map((line) =>
          ask(here, line, { headers: { authorization: `Bearer ${keyOf('client')}` }, ...(body && { body }) }),
        );
      const told = await Promise.all(answers);
      expect(new Set(told.map((one) => JSON.stringify(one))).size, route).toBe(1);
      expect(told[0]?.status).toBe(401);
    }
  });

  test('refuses a job with a member that nobody knows, at any depth [A3]', async () => {
    const job = {
      name: 'tiny',
      kind: 'batch',
      team: 'sales',
      command: ['node', '--version'],
      directory: '/',
      accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }], oneDomain: true },
      checkpoint: { uri: 'store:run', gigabytes: '1' },
      data: [{ name: 'corpus', uri: 'store:corpus' }],
    };
    const withOneMore = (value: unknown): unknown[] => {
      if (Array.isArray(value)) return value.flatMap((item) => withOneMore(item).map((changed) => [changed]));
      if (typeof value !== 'object' || value === null) return [];
      const inner = Object.entries(value).flatMap(([name, member]) =>
        withOneMore(member).map((changed) => ({ ...value, [name]: changed })),
      );
      return [{ ...value, shell: 'true' }, ...inner];
    };
    const wrong = withOneMore(job);
    expect(wrong).toHaveLength(5);
    for (const body of wrong) {
      const told = await ask(here, 'POST /admin/v1/jobs', { body: body as object });
      expect([told.status, JSON.stringify(told.body)]).toEqual([400, expect.stringContaining('shell')]);
    }
  });
});

/** Texts that may stand in a header and are no key, many of them nearly one. */
const guessOf = (chance: Chance, valid: string): string => {
  const characters = (count: number, from: number, to: number): string =>
    Array.from({ length: count }, () => String.fromCharCode(from + chance.below(to - from + 1))).join('');
  const sql = [
    "' OR '1'='1",
    "'; DROP TABLE archipel.api_key;--",
    "' UNION SELECT hash FROM archipel.api_key--",
    '$1',
    '%',
    '\\',
    '${7*7}',
  ];
  switch (chance.below(6)) {
    case 0:
      return valid.slice(0, -1 - chance.below(valid.length - 1));
    case 1: {
      const at = chance.below(valid.length);
      return `${valid.slice(0, at)}${characters(1, 0x21, 0x2b)}${valid.slice(at + 1)}`;
    }
    case 2:
      return `${valid}${sql[chance.below(sql.length)]}`;
    case 3:
      return hashOf(valid).replace('sha256:', chance.below(2) === 0 ? '' : 'sha256:');
    case 4:
      return characters(1 + chance.below(600), 0x21, 0x7e);
    default:
      return characters(1 + chance.below(100), 0x20, 0xff).replaceAll('\u007f', '');
  }
};

const carried = ['authorization: Bearer ', 'authorization: ', 'x-api-key: ', 'x-goog-api-key: '];

/** Asks once on a connection of its own. @returns the status. */
const statusOf = (port: number, header: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(text.split(' ')[1])));
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.write(
      `GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n${header}\r\n\r\n`,
      'latin1',
    );
  });

/** The database's server and all that it has started. */
const databaseProcesses = async (): Promise<readonly number[]> => {
  const started = await database.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  return [postgres.pid, ...started.map(({ pid }) => pid)];
};

test(`${guesses} guesses at a key are refused without the database, which stands still meanwhile [A1]`, async () => {
  const stopped = await databaseProcesses();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  try {
    const port = Number(new URL(here.url).port);
    const chance = new Chance(seed);
    const seen = new Map<number, number>();
    let left = guesses;
    const guess = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const status = await statusOf(
          port,
          `${carried[chance.below(carried.length)]}${guessOf(chance, keyOf('client'))}`,
        );
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: guessers }, guess));
    expect(Object.fromEntries(seen), `ARCHIPEL_SEED=${seed}`).toEqual({ 401: guesses });
    expect(await statusOf(port, `x-api-key: ${keyOf('client')}`), 'the key itself opens meanwhile').toBe(200);
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
  }
});

const tracer = ((): string | null => {
  try {
    return execFileSync('which', ['strace'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
})();
if (tracer === null && process.env['CI'] === undefined)
  process.stderr.write('skipped: processes are watched with strace, which is not here\n');

describe('a server of its own', () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const trace = join(folder, 'started');
  let server: Server;

  const run = (...args: readonly string[]): Promise<Ended> => runArchipel([...args, '--data-dir', dataDir]);
  const controlFile = (): { readonly adminKey: string } =>
    JSON.parse(readFileSync(join(dataDir, 'control.json'), 'utf8'));
  const modeOfControlFile = (): number => statSync(join(dataDir, 'control.json')).mode & 0o777;
  const statusFor = async (key: string): Promise<number> =>
    (await ask(server, 'GET /admin/v1/status', { headers: { authorization: `Bearer ${key}` } })).status;

  /** Node under the eyes of strace. */
  const watched = (): string => {
    const path = join(folder, 'node');
    const words = `-f --seccomp-bpf -qq -e trace=execve,execveat -o '${trace}' '${process.execPath}'`;
    writeFileSync(path, `#!/bin/sh\nexec '${tracer}' ${words} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  };

  beforeAll(async () => {
    mkdirSync(dataDir, { mode: 0o755 });
    server = await startServer({ dataDir, ...(tracer === null ? {} : { node: watched() }) });
  }, 120_000);
  afterAll(async () => {
    await removeServer(server);
    removeFolder(folder);
  });

  /** Programs that were started since a moment in the trace. */
  const startedSince = (length: number): readonly string[] =>
    [
      ...readFileSync(trace, 'utf8')
        .slice(length)
        .matchAll(/execve(?:at)?\((?:[^"]*, )?"([^"]+)".* = 0$/gm),
    ].map(([, path = '']) => path);

  test.skipIf(tracer === null && process.env['CI'] === undefined)(
    'starts no program for whatever its control plane is asked, but those of jobs [A4]',
    async () => {
      expect(tracer, 'install strace').not.toBeNull();
      const before = readFileSync(trace, 'utf8').length;
      const headers = { authorization: `Bearer ${server.adminKey}` };
      for (const row of adminTable.filter(({ route }) => !route.includes('operators'))) {
        const { method, path } = requestOf(row);
        const poisoned = { ...row.body, command: ['touch', '/tmp/x'], args: ['x'], env: { PATH: '/' } };
        for (const body of [row.body, poisoned])
          await ask(server, `${method} ${path}`, { headers, ...(method !== 'GET' && body && { body }) });
      }
      expect(startedSince(before)).toEqual([]);
      const job = {
        name: 'tiny',
        kind: 'batch',
        team: 'demo',
        command: ['true', '$(touch x)'],
        directory: '/',
        accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }] },
        hours: '0.01',
        attempts: 1,
      };
      const told = await ask(server, 'POST /admin/v1/jobs', { headers, body: job });
      expect(told.status, JSON.stringify(told.body)).toBe(200);
      await expect
        .poll(() => startedSince(before).some((path) => path.endsWith('/true')), { timeout: 15_000 })
        .toBe(true);
      const allowed = /^(\/usr)?\/bin\/true$|\/node$/;
      expect(startedSince(before).filter((path) => !allowed.test(path))).toEqual([]);
    },
  );

  test('lets the demo key break the sandbox and nothing else [G14]', async () => {
    const deviations: string[] = [];
    for (const row of adminTable) {
      const { method, path } = requestOf(row);
      const headers = { 'x-api-key': 'sk-archipel-demo' };
      const { status } = await ask(server, `${method} ${path}`, { headers, ...(row.body && { body: row.body }) });
      if (seenStatus(status) !== rightStatus(row, 'demo')) deviations.push(`${row.route}: ${status}`);
    }
    expect(deviations).toEqual([]);
  });

  test('has its admin key replaced by a command while it runs: the old one ends, and is nowhere any more', async () => {
    const old = server.adminKey;
    expect(await statusFor(old)).toBe(200);
    const { code, stdout, stderr } = await run('keys', 'rotate-admin');
    expect([code, stderr]).toEqual([0, '']);
    const [fresh = ''] = stdout.split('\n');
    expect([await statusFor(old), await statusFor(fresh)]).toEqual([401, 200]);
    expect([controlFile().adminKey, modeOfControlFile()]).toEqual([fresh, 0o600]);
    expect((await run('keys', 'list')).code, 'commands have the new one').toBe(0);
    expect(server.stderr()).not.toContain(fresh);
    expect(server.stderr()).not.toContain(old);
  });

  test('refuses its control file where others may read it, and so do commands, until it is closed', async () => {
    chmodSync(join(dataDir, 'control.json'), 0o644);
    const refused = await run('keys', 'list');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(
      /control\.json is open to others than its owner \(mode 0644\).*\n.*chmod 600.*rotate-admin/,
    );
    await server.stop();
    chmodSync(join(dataDir, 'control.json'), 0o604);
    await expect(startServer({ dataDir })).rejects.toThrow('open to others');
    chmodSync(join(dataDir, 'control.json'), 0o600);
  });

  test('has it replaced where no server runs, and starts with the new one', async () => {
    const old = controlFile().adminKey;
    const { code, stdout, stderr } = await run('keys', 'rotate-admin', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { key: fresh } = JSON.parse(stdout);
    expect([controlFile().adminKey, modeOfControlFile()]).toEqual([fresh, 0o600]);
    server = await startServer({ dataDir });
    expect(server.adminKey).toBe(fresh);
    expect([await statusFor(old), await statusFor(fresh)]).toEqual([401, 200]);
  });
});
