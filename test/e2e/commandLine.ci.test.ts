// The command line against the real program: what each command prints, as text and as JSON, and how it ends.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configurationOf, hashOf, providerOf } from '../rigs/configurationOf.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { answer, ScriptedUpstream } from '../rigs/ScriptedUpstream.ts';
import {
  runArchipel,
  startServer,
  temporaryFolder,
  removeFolder,
  type Ended,
  type Server,
} from '../rigs/startServer.ts';
import { chatAnswer } from '../rigs/vendorAnswers.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';

const ask = (server: Server, key: string, model = 'chat-large'): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });

/** The one line that a command prints with --json. */
const lineOf = ({ stdout, stderr, code }: Ended): Record<string, unknown> => {
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').length, stdout).toBe(2);
  expect(stdout.endsWith('\n')).toBe(true);
  return JSON.parse(stdout);
};

const escapes = '\u001b';

describe('commands at a server', () => {
  let server: Server;
  let requestId = '';

  const run = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await runArchipel([...args, '--data-dir', server.dataDir]);
    // Nobody looks at a terminal here: no colours, no progress.
    expect(ended.stdout + ended.stderr).not.toContain(escapes);
    return ended;
  };

  beforeAll(async () => {
    server = await startServer();
    const answered = await ask(server, server.key ?? '');
    requestId = answered.headers.get('x-archipel-request-id') ?? '';
  });
  afterAll(async () => {
    await server.stop();
    await removeServer(server);
  });

  test.each(['provider', 'vendor', 'host', 'model', 'team', 'key', 'contract', 'day'])(
    'usage --by %s has a row for what was asked',
    async (group) => {
      const { code, stdout, stderr } = await run('usage', '--by', group, '--fresh');
      expect([code, stderr]).toEqual([0, '']);
      const [head, row, ...rest] = stdout.trimEnd().split('\n');
      expect(head).toMatch(new RegExp(`^${group.toUpperCase()} +ATTEMPTS +TOKENS IN +TOKENS OUT +COST +AT LIST`));
      expect(row).toMatch(/^\S+ +1 +\d+ +\d+ +\$0\.\d+/);
      expect(rest).toEqual([]);
    },
  );

  test('usage as JSON has amounts as decimal strings in nano-dollars, by vendor unless told', async () => {
    const { groupBy, rows, totalNanoUsd } = lineOf(await run('usage', '--json'));
    expect(groupBy).toBe('vendor');
    expect(rows).toMatchObject([{ group: 'borealis', attempts: 1, reported: 1, amountNanoUsd: totalNanoUsd }]);
    expect(totalNanoUsd).toMatch(/^[1-9]\d+$/);
  });

  test('usage of a time without requests has no rows', async () => {
    const { rows, totalNanoUsd } = lineOf(await run('usage', '--to', '2020-01-01', '--json'));
    expect([rows, totalNanoUsd]).toEqual([[], '0']);
  });

  test('why explains an answer: who was weighed, what each would cost, what it did cost', async () => {
    const [text, json] = await Promise.all([run('why', requestId), run('why', requestId, '--json')]);
    expect(lineOf(json)).toMatchObject({
      request: {
        requestId,
        model: 'chat-large',
        key: 'demo',
        status: 200,
        decisions: [{ chosen: 'borealis/chat-large' }],
      },
      attempts: [{ provider: 'borealis', vendor: 'borealis', basis: 'reported', outcome: { kind: 'ok' } }],
    });
    expect(text.stdout).toMatch(new RegExp(`^request ${requestId}: chat-large for demo \\(demo\\), 200 after \\d`));
    expect(text.stdout).toMatch(
      /^->  borealis\/chat-large +\$0\.\d{6} +\$0\.\d{6} {2}floor takes \$0\.\d{6} at 0\.\d{3}$/m,
    );
    expect(text.stdout).toMatch(
      /^ +aurora\/chat-large +\$0\.\d{6} +\$0\.\d{6} {2}a dollar counts 0\.\d{3} +\$0\.\d{6} more$/m,
    );
    expect(text.stdout).toMatch(/^ {2}output +\d+ +\$10\.0000\/M .* sandbox$/m);
  });

  test('why of a request that never was fails with 1', async () => {
    const { code, stdout, stderr } = await run('why', '01a21aa4-b93d-732e-9a06-f1efdb76e246');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('There is no request 01a21aa4-b93d-732e-9a06-f1efdb76e246.');
  });

  test('contracts shows every contract, what is due, drawn and left', async () => {
    const [text, json] = await Promise.all([run('contracts'), run('contracts', '--json')]);
    expect(lineOf(json)).toMatchObject({
      contracts: [
        { id: 'aurora-pool', kind: 'pool', committedNanoUsd: '120000000000000', dueNanoUsd: '1000000000000' },
        { id: 'borealis-reserved', kind: 'floor', commitment: '$0.05 a minute' },
        { id: 'north-slot', kind: 'slot', commitment: '8 x GB200' },
      ],
    });
    expect(text.stdout).toMatch(
      /^CONTRACT +KIND +VENDOR +COMMITTED +DUE NOW +DRAWN +LEFT +ELAPSED +UNTIL +WORTH +BID +UNUSED$/m,
    );
    expect(text.stdout).toMatch(/^aurora-pool +pool +aurora +\$120,000 +\$1,000 /m);
  });

  test('dependency shows every vendor and host of the configuration against its cap', async () => {
    const [text, json] = await Promise.all([run('dependency'), run('dependency', '--json')]);
    const { dimensions } = lineOf(json) as { dimensions: Record<string, { name: string; cap: number | null }[]> };
    expect(new Set(dimensions['vendor']?.map(({ name }) => name))).toEqual(new Set(['aurora', 'borealis', 'cascade']));
    expect(dimensions['host']?.map(({ cap }) => cap)).toEqual([0.6, 0.6]);
    expect(text.stdout).toMatch(/^vendor +borealis +\$0\.\d+ +100\.0 % +45\.0 %$/m);
    expect(text.stdout).toMatch(/^host +north +\$0 +0\.0 % +60\.0 %$/m);
  });

  test('ledger verify proves the ledger, and says how much it looked at', async () => {
    const [text, json] = await Promise.all([run('ledger', 'verify'), run('ledger', 'verify', '--json')]);
    expect(lineOf(json)).toMatchObject({ faults: [] });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringMatching(/^checked \d+ .*: the ledger is whole\n$/) });
  });

  test('keys are made, listed, replaced and ended; each works, or does not, from then on', async () => {
    const { key } = lineOf(
      await run(
        'keys',
        'create',
        'laptop',
        '--team',
        'demo',
        '--models',
        'chat-large, chat-small',
        '--budget',
        '0.50',
        '--json',
      ),
    ) as { key: string };
    expect((await ask(server, key)).status).toBe(200);
    expect((await ask(server, key, 'embed-small')).status).toBe(403);
    const listed = await run('keys', 'list');
    expect(listed.stdout).toMatch(/^laptop +demo +chat-large, chat-small +- +\$0\.5 a month +- +active +api$/m);
    expect(listed.stdout).not.toContain(key.slice(20));

    const replaced = await run('keys', 'rotate', 'laptop');
    expect(replaced.code, replaced.stderr).toBe(0);
    const [fresh = ''] = replaced.stdout.split('\n');
    expect(replaced.stdout).toContain('This is the only time the key laptop is shown.');
    expect((await ask(server, key)).status).toBe(401);
    expect((await ask(server, fresh)).status).toBe(200);

    expect(lineOf(await run('keys', 'revoke', 'laptop', '--json'))).toEqual({ name: 'laptop' });
    expect((await ask(server, fresh)).status).toBe(401);
    const { keys } = lineOf(await run('keys', 'list', '--json')) as { keys: object[] };
    expect(keys).toMatchObject([
      { name: 'demo', state: 'active', managedBy: 'file' },
      { name: 'laptop', state: 'revoked' },
    ]);
  });

  test('keys that cannot be made are refused with 1, and the reason is one that helps', async () => {
    const refusals: readonly (readonly [readonly string[], string])[] = [
      [['demo', '--team', 'demo'], 'The key "demo" stands in the configuration file.\nEdit the file and reload.'],
      [['other', '--team', 'dmeo'], 'There is no team "dmeo"; the teams are demo.'],
      [['other', '--team', 'demo', '--models', 'chat-larg'], 'There is no model "chat-larg".'],
      [['other', '--team', 'demo', '--expires', '2027-02-30'], '2027-02-30 is no day of the calendar.'],
    ];
    for (const [args, reason] of refusals) {
      const { code, stdout, stderr } = await run('keys', 'create', ...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe(`archipel: ${reason}\n`);
    }
  });

  test('sandbox fault breaks and mends a vendor or a host, and sandbox show tells', async () => {
    const broken = lineOf(await run('sandbox', 'fault', 'north', 'rate-limit', '--share', '0.5', '--json'));
    const fault = { fault: 'rate-limit', share: 0.5 };
    expect(broken).toMatchObject({
      vendors: [
        { vendor: 'aurora', fault },
        { vendor: 'borealis', fault: { fault: 'none' } },
        { vendor: 'cascade', fault },
      ],
    });
    const shown = await run('sandbox', 'show');
    expect(shown.stdout).toMatch(/^VENDOR +HOST +WIRE +FAULT +REQUESTS +BILL$/m);
    expect(shown.stdout).toMatch(/^aurora +north +openai +rate-limit \(50 %\) +\d+ +\$\d/m);
    const mended = await run('sandbox', 'fault', 'north', 'none');
    expect(mended.stdout).toMatch(/^cascade +north +bedrock +none /m);
  });

  test('sandbox fault of what there is not fails with 1, and lists what there is', async () => {
    const nobody = await run('sandbox', 'fault', 'auror', 'down');
    expect([nobody.code, nobody.stdout]).toEqual([1, '']);
    expect(nobody.stderr).toContain('"auror". Its vendors are aurora, borealis, cascade; its hosts are north, south.');
    const nothing = await run('sandbox', 'fault', 'aurora', 'dwn');
    expect([nothing.code, nothing.stdout]).toEqual([1, '']);
    expect(nothing.stderr).toContain('none, down, refuse, hang, slow, rate-limit, overload, auth, credit');
  });

  test('reload of what did not change is fine, and a SIGHUP does not end the sandbox', async () => {
    process.kill(server.pid, 'SIGHUP');
    expect(lineOf(await run('reload', '--json'))).toMatchObject({ changed: false });
    expect((await ask(server, server.key ?? '')).status).toBe(200);
  });

  test('a wrong admin key ends a command with 4, whatever it asks; that of the demo may break the sandbox and no more', async () => {
    const lines = ['usage', 'keys revoke demo', 'reload', 'sandbox fault north down'];
    const refused = await Promise.all(
      lines.map((line) => run(...line.split(' '), '--admin-key', canaryOf('unknown key'))),
    );
    for (const { code, stdout, stderr } of refused) {
      expect([code, stdout]).toEqual([4, '']);
      expect(stderr).toBe(
        'archipel: This path needs an admin key.\nGive one with --admin-key or ARCHIPEL_ADMIN_KEY.\n',
      );
    }
    const [may, mayNot] = await Promise.all([
      run('sandbox', 'show', '--admin-key', server.key ?? ''),
      run('usage', '--admin-key', server.key ?? ''),
    ]);
    expect([may.code, mayNot.code]).toEqual([0, 4]);
  });

  test('a server is found by URL and key, as options or in the environment', async () => {
    const { adminUrl, adminKey } = server;
    const elsewhere = temporaryFolder();
    try {
      const [byOption, byEnv] = await Promise.all([
        runArchipel(['usage', '--json', '--url', adminUrl, '--admin-key', adminKey], { cwd: elsewhere }),
        runArchipel(['usage', '--json'], {
          cwd: elsewhere,
          env: { ARCHIPEL_ADMIN_URL: adminUrl, ARCHIPEL_ADMIN_KEY: adminKey },
        }),
      ]);
      for (const ended of [byOption, byEnv]) expect(lineOf(ended)).toMatchObject({ groupBy: 'vendor' });
    } finally {
      removeFolder(elsewhere);
    }
  });
});

/** Starts `up` as a person would, without --json, and waits until the first screen is whole. */
const firstScreenOf = async (
  dataDir: string,
  ...args: readonly string[]
): Promise<{ readonly screen: string; readonly stop: () => Promise<number | null> }> => {
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'up', '--data-dir', dataDir, ...args], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let screen = '';
  await new Promise<void>((shown, ended) => {
    child.stdout.on('data', (bytes: Buffer) => {
      screen += bytes.toString();
      if (screen.includes('embed-small is gone')) shown();
    });
    child.once('exit', (code) => ended(new Error(`archipel up ended with ${code}`)));
  });
  return {
    screen,
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      return ((await exit) as [number | null])[0];
    },
  };
};

describe('without a server', () => {
  let dataDir = '';
  let server: Server | null = null;
  const run = (...args: readonly string[]): Promise<Ended> => runArchipel([...args, '--data-dir', dataDir]);

  beforeAll(() => {
    dataDir = temporaryFolder();
  });
  afterAll(async () => {
    await server?.stop();
    if (server) await removeServer(server);
    else removeFolder(dataDir);
  });

  test('a key can be made, and serves from the next start on', async () => {
    const { key } = lineOf(await run('keys', 'create', 'early', '--team', 'demo', '--json')) as { key: string };
    const { keys } = lineOf(await run('keys', 'list', '--json')) as { keys: object[] };
    expect(keys).toMatchObject([{ name: 'demo' }, { name: 'early', managedBy: 'api', state: 'active' }]);
    const needy = await run('keys', 'revoke', 'early');
    expect([needy.code, needy.stdout]).toEqual([2, '']);

    server = await startServer({ dataDir });
    expect((await ask(server, key)).status).toBe(200);
    expect(await server.stop()).toBe(0);
    expect(server.stdout().trimEnd().split('\n')).toHaveLength(1);
  });

  test('what was used can be read, and the ledger be proven', async () => {
    const { rows } = lineOf(await run('usage', '--by', 'key', '--json')) as { rows: object[] };
    expect(rows).toMatchObject([{ group: 'early', attempts: 1 }]);
    expect(lineOf(await run('ledger', 'verify', '--json'))).toMatchObject({ faults: [] });
  });

  test('the admin key stays the same over starts, readable by its owner alone', async () => {
    const path = join(dataDir, 'control.json');
    const { adminKey, pid } = JSON.parse(readFileSync(path, 'utf8'));
    expect([adminKey, pid]).toEqual([server?.adminKey, null]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('up shows a person one page: where, what was signed, the caps, how to ask, what to break; and stops by SIGTERM', async () => {
    const { screen, stop } = await firstScreenOf(dataDir, '--port', '0', '--admin-port', '0');
    try {
      const url = /^Endpoint +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(screen)?.[1] ?? '';
      expect(screen).not.toContain(escapes);
      expect(screen).toMatch(/^Archipel \d+\.\d+\.\d+\nSimulated vendors/);
      expect(screen).toMatch(/^Control plane +http:\/\/127\.0\.0\.1:\d+$/m);
      expect(screen).toMatch(/^Key +sk-archipel-demo$/m);
      expect(screen).toMatch(/^ {2}aurora-pool +pool +aurora +\$120,000 /m);
      expect(screen).toMatch(/^ {2}borealis-reserved +floor +borealis +\$0\.05 a minute /m);
      expect(screen).toMatch(/^ {2}north-slot +slot +aurora +8 x GB200 /m);
      for (const [dimension, name, cap] of [
        ['vendor', 'aurora', '45.0 %'],
        ['vendor', 'borealis', '45.0 %'],
        ['vendor', 'cascade', '45.0 %'],
        ['host', 'north', '60.0 %'],
        ['host', 'south', '60.0 %'],
      ])
        expect(screen).toMatch(new RegExp(`^  ${dimension} +${name} .* ${cap}$`, 'm'));
      expect(screen).toContain(`curl ${url}/v1/chat/completions -H "authorization: Bearer sk-archipel-demo"`);
      expect(screen).toContain(`new OpenAI({ baseURL: '${url}/v1', apiKey: 'sk-archipel-demo' })`);
      expect(screen).toMatch(/^Now lose aurora +npm run --silent archipel -- sandbox fault aurora down /m);
      expect(screen).toMatch(/^Now lose the whole north +npm run --silent archipel -- sandbox fault north down /m);

      // What it says to type is what works.
      const [, line = ''] = /^Now lose cascade +npm run --silent archipel -- (.*)$/m.exec(screen) ?? [];
      expect(await runArchipel(line.split(' '))).toMatchObject({ code: 0 });
    } finally {
      expect(await stop()).toBe(0);
    }
  });

  test('up on a port that is taken ends with 2 and says which plane, which port and what to do', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    try {
      for (const [plane, args] of [
        ['data plane', ['--port', port, '--admin-port', '0']],
        ['control plane', ['--port', '0', '--admin-port', port]],
      ] as const) {
        const { code, stdout, stderr } = await run('up', '--json', ...args);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(new RegExp(`archipel up: the ${plane}: .*EADDRINUSE.*:${port}\n.*--admin-port`));
      }
    } finally {
      taken.close();
    }
  });
});

describe('secrets in files', () => {
  test('are read anew when they change, those too that a reload brought', async () => {
    const folder = temporaryFolder();
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const vendorKeys = ['one', 'two', 'three', 'four'].map((name) => canaryOf(`vendor credential ${name}`));
    writeFileSync(first, `${vendorKeys[0]}\n`);
    writeFileSync(second, `${vendorKeys[1]}\n`);
    const fileWith = (path: string): string =>
      configurationOf({
        providers: {
          vendor: { ...providerOf('openai', upstream.url, 'some-vendor'), credentials: { apiKey: `\${file:${path}}` } },
        },
        models: {
          chat: { deployments: [{ provider: 'vendor', model: 'm', price: { inputPerMTok: '1', outputPerMTok: '2' } }] },
        },
        keys: [{ name: 'tester', hash: hashOf(canaryOf('client key')), team: 'research' }],
      });
    const server = await startServer({ configuration: fileWith(first) });
    /** The credential with which the vendor is called now. */
    const credential = async (): Promise<string | undefined> => {
      expect((await ask(server, canaryOf('client key'), 'chat')).status).toBe(200);
      return upstream.calls.at(-1)?.headers['authorization']?.toString();
    };
    try {
      expect(await credential()).toBe(`Bearer ${vendorKeys[0]}`);
      writeFileSync(first, `${vendorKeys[2]}\n`);
      await expect.poll(credential, { timeout: 10_000 }).toBe(`Bearer ${vendorKeys[2]}`);

      writeFileSync(server.configurationPath!, fileWith(second));
      expect((await runArchipel(['reload', '--data-dir', server.dataDir])).code).toBe(0);
      expect(await credential()).toBe(`Bearer ${vendorKeys[1]}`);
      writeFileSync(second, `${vendorKeys[3]}\n`);
      await expect.poll(credential, { timeout: 10_000 }).toBe(`Bearer ${vendorKeys[3]}`);
      for (const vendorKey of vendorKeys) expect(server.stderr()).not.toContain(vendorKey);

      // A command in the server's own folder finds it, though it was started with a file of another place.
      mkdirSync(join(folder, 'data'));
      copyFileSync(join(server.dataDir, 'control.json'), join(folder, 'data', 'control.json'));
      writeFileSync(join(folder, 'data', 'configured'), '');
      const found = await runArchipel(['keys', 'list', '--json'], { cwd: folder });
      expect(lineOf(found)).toMatchObject({ keys: [{ name: 'tester' }] });
    } finally {
      await server.stop();
      await removeServer(server);
      await upstream[Symbol.asyncDispose]();
      removeFolder(folder);
    }
  });
});
