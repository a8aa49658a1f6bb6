// An operator's first hour with the real program: the first file, the doctor, a first call, a backup under load, and what a restore gives back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import { SecretScan } from '../rigs/canaries/SecretScan.ts';
import { hashOf, vendorKey, vendorKeyName } from '../rigs/configurationOf.ts';
import { forgetAttempt, wholeAttempts, type WholeAttempt } from '../rigs/ledgerRows.ts';
import { endPostmaster } from '../rigs/postmaster.ts';
import { answer, ScriptedUpstream, type ReceivedCall } from '../rigs/ScriptedUpstream.ts';
import {
  removeFolder,
  runArchipel,
  startServer,
  temporaryFolder,
  type Ended,
  type Server,
} from '../rigs/startServer.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';

interface Finding {
  readonly check: string;
  readonly subject: string | null;
  readonly level: string;
  readonly what: string;
  readonly mend: string | null;
}

const env = { [vendorKeyName]: vendorKey };

let folder: string;
let vendor: ScriptedUpstream;

const holdsKey = ({ headers }: ReceivedCall): boolean => headers['authorization'] === `Bearer ${vendorKey}`;

/** Lists models to who holds its key, and answers chats slowly enough for some to be under way at any moment. */
const serve = async (response: Parameters<ReturnType<typeof answer>>[0], call: ReceivedCall): Promise<void> => {
  if (!holdsKey(call)) return answer(401, { error: { message: `wrong key ${vendorKey}` } })(response, call);
  if (call.method === 'GET') return answer(200, { object: 'list', data: [] })(response, call);
  await pause(20);
  return answer(200, chatAnswer('Hello'))(response, call);
};

const archipel = (...args: readonly string[]): Promise<Ended> => runArchipel(args, { env, cwd: folder });

const findingsOf = ({ stdout }: Ended): readonly Finding[] => {
  const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(stdout);
  return findings;
};

const failed = (ended: Ended): readonly string[] =>
  findingsOf(ended)
    .filter(({ level }) => level === 'fail')
    .map(({ check, what }) => `${check}: ${what}`);

beforeAll(async () => {
  folder = temporaryFolder();
  vendor = await ScriptedUpstream.open(serve);
});
afterAll(async () => {
  await vendor[Symbol.asyncDispose]();
  for (const name of readdirSync(folder)) await endPostmaster(join(folder, name));
  removeFolder(folder);
});

/** The file of `init`, with a credential for the vendor. */
const configured = (text: string): string =>
  text.replace('    host: self\n', `    host: self\n    credentials: { apiKey: "\${env:${vendorKeyName}}" }\n`);

const ask = async (server: Server, key: string, content = 'Hello'): Promise<string> => {
  const answered = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content }] }),
  });
  await answered.text();
  expect(answered.status).toBe(200);
  return answered.headers.get('x-archipel-request-id') ?? '';
};

/** Clients that ask one question after the other until they are told to end. @returns how to end them; then every request that was answered. */
const traffic = (server: Server, key: string, clients: number): (() => Promise<readonly string[]>) => {
  let going = true;
  const answered: string[] = [];
  const running = Array.from({ length: clients }, async () => {
    while (going) answered.push(await ask(server, key));
  });
  return async () => {
    going = false;
    await Promise.all(running);
    return answered;
  };
};

/** What a restore is held against. */
interface Judged {
  readonly source: readonly WholeAttempt[];
  readonly restored: readonly WholeAttempt[];
  /** Requests that were answered before the backup began. */
  readonly answered: readonly string[];
}

/** What is wrong with a restored ledger; empty where nothing is. */
const faultsOf = ({ source, restored, answered }: Judged): readonly string[] => {
  const sourceRows = new Map(source.map((attempt) => [attempt.id, attempt]));
  const requests = new Set(restored.map(({ request }) => request));
  const doubled = restored.length - new Set(restored.map(({ id }) => id)).size;
  return [
    ...(doubled > 0 ? [`${doubled} attempts twice`] : []),
    ...answered.filter((request) => !requests.has(request)).map((request) => `request ${request} is lost`),
    ...restored.flatMap(({ id, row, outcome }) => {
      const original = sourceRows.get(id);
      if (original === undefined) return [`attempt ${id} never was`];
      // What was under way at the moment of the backup is known by its intent alone.
      return outcome === 'unknown' || row === original.row ? [] : [`attempt ${id} is not as it was`];
    }),
  ];
};

const readAfterStart = async (
  dataDir: string,
  configuration: string,
  act: (server: Server) => Promise<void>,
): Promise<void> => {
  const server = await startServer({ dataDir, configuration, env });
  try {
    await act(server);
  } finally {
    await server.stop();
    rmSync(server.configurationPath ?? '', { force: true });
  }
};

describe('the first hour of an operator', () => {
  let key = '';
  let configuration = '';
  let server: Server;
  let dataDir = '';
  const backups: Record<string, string> = {};
  let answeredBefore: readonly string[] = [];
  let source: readonly WholeAttempt[] = [];

  test('begins with a file that is valid and a key that is shown once', async () => {
    const made = await archipel(
      'init',
      '--provider',
      `rival=${vendor.url}/v1`,
      '--model',
      'chat=m',
      '--json',
      '--dir',
      folder,
    );
    expect([made.code, made.stderr]).toEqual([0, '']);
    ({ key } = JSON.parse(made.stdout));
    const path = join(folder, 'archipel.yaml');
    configuration = configured(readFileSync(path, 'utf8')).replace(/dataDir: .*/, `dataDir: ${join(folder, 'data')}`);
    writeFileSync(path, configuration);
    expect(configuration).toContain(hashOf(key));
    expect(await archipel('check', path)).toMatchObject({ code: 0 });
    expect(await archipel('init', '--provider', 'x=http://127.0.0.1:1', '--model', 'm')).toMatchObject({ code: 2 });
    expect(readFileSync(path, 'utf8')).toBe(configuration);
    dataDir = join(folder, 'data');
  });

  test('goes on with a doctor who finds nothing wrong, before the first start and beside a server', async () => {
    const before = await archipel('doctor', '--json');
    expect([failed(before), before.code]).toEqual([[], 0]);
    expect(findingsOf(before)).toContainEqual(
      expect.objectContaining({ check: 'provider', subject: 'rival', what: 'the key is valid' }),
    );
    expect(vendor.calls.every(({ method }) => method === 'GET')).toBe(true);

    mkdirSync(dataDir);
    server = await startServer({ dataDir, configuration, env });
    const beside = await archipel(
      'doctor',
      '--json',
      '--config',
      server.configurationPath ?? '',
      '--data-dir',
      dataDir,
    );
    expect([failed(beside), beside.code]).toEqual([[], 0]);
    expect(
      findingsOf(beside)
        .filter(({ check }) => check === 'server')
        .map(({ what }) => what),
    ).toEqual([expect.stringContaining(`process ${server.pid} serves`), 'it is ready']);
  });

  test('serves a first call, and is backed up in the middle of many', async () => {
    const place = ['--config', server.configurationPath ?? '', '--data-dir', dataDir];
    const stopBefore = traffic(server, key, 4);
    await pause(500);
    answeredBefore = await stopBefore();
    const stop = traffic(server, key, 12);
    const path = join(folder, 'first.tar.gz');
    const made = await archipel('backup', path, ...place, '--json');
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    backups['first'] = path;
    const during = await stop();
    expect(during.length).toBeGreaterThan(20);
    await ask(server, key, 'after the backups');
    const { adminUrl, adminKey } = server;
    const headers = { authorization: `Bearer ${adminKey}` };
    await (await fetch(`${adminUrl}/admin/v1/usage?groupBy=vendor&fresh=true`, { headers })).text();
    source = await wholeAttempts(dataDir);
    expect(await server.stop()).toBe(0);
    const stopped = await archipel('backup', join(folder, 'stopped.tar.gz'), ...place, '--json');
    expect([stopped.code, stopped.stderr]).toEqual([0, '']);
    backups['stopped'] = join(folder, 'stopped.tar.gz');
    expect(JSON.parse(stopped.stdout)).toMatchObject({ rows: { attempt: source.length } });
    // Nothing is ever written over.
    expect(await archipel('backup', backups['stopped'], ...place)).toMatchObject({ code: 2 });
  });

  test.each(['first', 'stopped'])(
    'gets everything back from the backup that is called %s, row by row, and keys go on to work [G25]',
    async (name) => {
      const restoredDir = join(folder, `restored-${name}`);
      const restored = await archipel('restore', backups[name] ?? '', '--data-dir', restoredDir, '--json');
      expect([restored.code, restored.stderr]).toEqual([0, '']);
      expect(JSON.parse(restored.stdout)).toMatchObject({ ledger: { faults: [], waiting: 0 } });
      const text = readFileSync(join(restoredDir, 'archipel.yaml'), 'utf8');
      expect(text).toBe(configuration);
      await readAfterStart(restoredDir, text, async (again) => {
        const rows = await wholeAttempts(restoredDir);
        if (name === 'stopped') expect(rows.length).toBe(source.length);
        else expect(rows.length).toBeLessThan(source.length);
        expect(faultsOf({ source, restored: rows, answered: answeredBefore })).toEqual([]);
        if (name === 'first') {
          const [one, two] = rows;
          await forgetAttempt(restoredDir, one?.id ?? '');
          const fewer = await wholeAttempts(restoredDir);
          // The judge is awake: it sees one that is missing, changed, or there twice.
          expect(faultsOf({ source, restored: fewer, answered: [one?.request ?? ''] })).toHaveLength(1);
          const changed = { id: two?.id ?? '', request: '', outcome: 'ok', journal: null, row: '{}' };
          expect(faultsOf({ source, restored: [changed], answered: [] })).toHaveLength(1);
          expect(faultsOf({ source, restored: [...rows, ...rows], answered: [] })).toHaveLength(1);
        } else {
          await ask(again, key);
          const verified = await archipel('ledger', 'verify', '--data-dir', restoredDir, '--json');
          expect([verified.code, JSON.parse(verified.stdout)]).toEqual([0, expect.objectContaining({ faults: [] })]);
        }
      });
      await endPostmaster(restoredDir);
    },
  );

  test('restores over nothing: not a live data dir, not one with files, not from a damaged file', async () => {
    const backup = backups['first'] ?? '';
    expect(await archipel('restore', backup, '--data-dir', dataDir)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not empty'),
    });
    const damaged = join(folder, 'damaged.tar.gz');
    const bytes = readFileSync(backup);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(damaged, bytes);
    const refused = await archipel('restore', damaged, '--data-dir', join(folder, 'from-damaged'));
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is damaged') });
    expect(existsSync(join(folder, 'from-damaged'))).toBe(false);
  });

  test('that is cut off in the middle of a restore starts nothing on half of a ledger', async () => {
    const halfDir = join(folder, 'half');
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const child = spawn(process.execPath, [main, 'restore', backups['first'] ?? '', '--data-dir', halfDir], {
      stdio: 'ignore',
      env: { ...process.env, ...env },
    });
    while (!existsSync(join(halfDir, 'postgres', 'postgres', 'postmaster.pid')) && child.exitCode === null)
      await pause(5);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await endPostmaster(halfDir);
    const up = await archipel('up', '--data-dir', halfDir, '--json', '--port', '0', '--admin-port', '0');
    expect(up).toMatchObject({ code: 2, stderr: expect.stringContaining('did not come to its end') });
    expect(failed(await archipel('doctor', '--offline', '--json', '--data-dir', halfDir))).toContainEqual(
      expect.stringContaining('did not come to its end'),
    );
    // Without the mark it would have started without a row of the database: what is there was booked anew from the spool.
    rmSync(join(halfDir, 'restoring'));
    await readAfterStart(halfDir, configuration, async () => {
      const journals = new Set(source.map(({ journal }) => journal));
      const rows = await wholeAttempts(halfDir);
      expect(rows.filter(({ journal }) => journals.has(journal))).toEqual([]);
    });
  });
});

describe('a doctor finds', () => {
  const configurationWith = (change: (text: string) => string): string => {
    const path = join(folder, `changed-${crypto.randomUUID().slice(0, 8)}.yaml`);
    writeFileSync(path, change(readFileSync(join(folder, 'archipel.yaml'), 'utf8')));
    return path;
  };

  test('a port that another program has, a key that the vendor refuses and a database that is down', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const path = configurationWith((text) =>
      text.replace('port: 8787', `port: ${port}`).replace(/^dataDir:/m, 'store: { url: "${env:DATABASE}" }\ndataDir:'),
    );
    const started = performance.now();
    const password = canaryOf('database password');
    const broken = await runArchipel(['doctor', '--json', '--config', path], {
      cwd: folder,
      env: {
        [vendorKeyName]: 'not-the-vendors-key',
        DATABASE: `postgres://archipel:${encodeURIComponent(password)}@127.0.0.1:9/archipel`,
      },
    });
    expect(performance.now() - started).toBeLessThan(30_000);
    other.close();
    expect(broken.code).toBe(1);
    expect(failed(broken)).toEqual([
      'port: another program listens there',
      expect.stringMatching(/^database: the database does not answer: .*ECONNREFUSED/),
      'provider: it refuses the key (401)',
    ]);
    for (const { mend } of findingsOf(broken).filter(({ level }) => level !== 'ok')) expect(mend).toMatch(/\S/);
    const scan = new SecretScan([
      { slot: 'database password', secret: password },
      { slot: 'vendor credential', secret: vendorKey },
    ]);
    expect(scan.find(Buffer.from(broken.stdout + broken.stderr))).toEqual([]);
  });

  test('a file with faults, each at its line, and still looks at everything else', async () => {
    const path = configurationWith((text) => text.replace('wire:', 'wired:'));
    const broken = await archipel('doctor', '--json', '--offline', '--config', path);
    expect(broken.code).toBe(1);
    expect(failed(broken)).toContainEqual(expect.stringMatching(/^configuration: .*\.yaml:\d+:\d+: /));
    expect(new Set(findingsOf(broken).map(({ check }) => check))).toContain('disk');
    expect(await archipel('doctor', '--json', '--config', 'nowhere.yaml')).toMatchObject({ code: 1 });
  });
});

describe('a support bundle', () => {
  const unpacked = (path: string): Buffer => gunzipSync(readFileSync(path));

  test('of a server that serves has no secret and no prompt in it, in any form; one that is planted is found', async () => {
    const adminKey = canaryOf('made key of an operator');
    const [prompt, spare] = [canaryOf('prompt'), canaryOf('note in a log')];
    const configuration = readFileSync(join(folder, 'archipel.yaml'), 'utf8')
      .replace(/hash: "sha256:\w+"/, `hash: "${hashOf('sk-client-of-a-bundle')}"`)
      .replace(/^dataDir:.*$/m, `dataDir: ${join(folder, 'bundled')}`);
    const dataDir = join(folder, 'bundled');
    mkdirSync(dataDir);
    await readAfterStart(dataDir, configuration, async (server) => {
      await ask(server, 'sk-client-of-a-bundle', prompt);
      const log = join(folder, 'server.log');
      const line = { ts: '2026-11-27T00:00:00.000Z', level: 'info', event: 'x' };
      const known = JSON.stringify({ ...line, said: `${vendorKey} and ${server.adminKey}` });
      writeFileSync(log, `${server.stderr()}${known}\nnot a line of ours: ${spare}\n`);
      const { password }: { readonly password: string } = JSON.parse(
        readFileSync(join(dataDir, 'postgres/postgres.json'), 'utf8'),
      );
      const options = ['--config', server.configurationPath ?? '', '--data-dir', dataDir, '--log', log];
      const run = (name: string): Promise<Ended> =>
        runArchipel(['support-bundle', join(folder, name), ...options], {
          cwd: folder,
          env: { ...env, ARCHIPEL_ADMIN_KEY: adminKey },
        });
      expect(await run('bundle.tar.gz')).toMatchObject({ code: 0, stderr: '' });
      const scan = new SecretScan([
        { slot: 'admin key', secret: server.adminKey },
        { slot: 'admin key of the environment', secret: adminKey },
        { slot: 'vendor credential', secret: vendorKey },
        { slot: 'database password', secret: password },
        { slot: 'client key', secret: 'sk-client-of-a-bundle' },
        { slot: 'prompt', secret: prompt },
        { slot: 'other words', secret: spare },
        { slot: 'environment', secret: canaryOf('environment, cloud') },
      ]);
      const bytes = unpacked(join(folder, 'bundle.tar.gz'));
      expect(scan.find(bytes)).toEqual([]);
      for (const name of [
        'about.json',
        'configuration.json',
        'doctor.json',
        'metrics.txt',
        'readiness.json',
        'spool.json',
        'server.log',
      ])
        expect(bytes.includes(name), name).toBe(true);
      expect(bytes.includes('1 lines left out')).toBe(true);

      // A secret that nobody can know, in a line that looks like one of ours: the search is awake.
      writeFileSync(log, `${JSON.stringify({ ...line, said: spare })}\n`);
      expect(await run('planted.tar.gz')).toMatchObject({ code: 0 });
      expect(scan.find(unpacked(join(folder, 'planted.tar.gz'))).map(({ slot }) => slot)).toContain('other words');
    });
  });

  test('of a configuration with faults, and of a database that is down, has none either', async () => {
    const literal = canaryOf('literal in a file');
    const password = canaryOf('database password');
    const path = join(folder, 'literal.yaml');
    writeFileSync(
      path,
      `version: 1\n# ${literal}\nstore: { url: "${literal}" }\nproviders: { rival: { apikey: "${encodeURIComponent(literal)}" } }\n`,
    );
    const bundle = join(folder, 'faulty.tar.gz');
    const database = `postgres://archipel:${encodeURIComponent(password)}@127.0.0.1:9/x`;
    const made = await runArchipel(['support-bundle', bundle, '--offline', '--config', path], {
      cwd: folder,
      env: { ...env, DATABASE: database },
    });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const scan = new SecretScan([
      { slot: 'literal', secret: literal },
      { slot: 'database password', secret: password },
    ]);
    expect(scan.find(unpacked(bundle))).toEqual([]);
  });
});
