import { chmodSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { editionEnv, editionText, hashOfText, mixedEditions } from '../rigs/editions.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault } from '../rigs/expectAnswers.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { runMutants } from '../rigs/runMutants.ts';
import { runReloads } from '../rigs/runReloads.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const seed = seedOf('reloads.ci');

const onEnd = endAfterEach();
const onServer = (server: Server): void => onEnd(() => removeServer(server));

test('50 reloads at ten a second lose no request, and each request sees one configuration [G21]', async () => {
  const { server, outcomes, rows, editions, mixed, close } = await runReloads({
    reloads: 50,
    everyMs: 100,
    seed,
    onServer,
  });
  onEnd(close);
  await expectNoFault(server, outcomes, seed);
  expect(mixed).toEqual([]);
  // Requests met the reloads, some of them across several attempts, or nothing is proven.
  expect(editions).toBeGreaterThan(25);
  expect(rows.requests.length).toBeGreaterThan(200);
  expect(rows.attempts.filter(({ attempt }) => attempt > 1).length).toBeGreaterThan(0);
  // The judge sees a request that was served by two editions, and one that paid the price of another.
  const [first, ...others] = rows.attempts;
  const elsewhere = { ...first!, target: first!.target.replace(/edition-\d+/, 'edition-999') };
  expect(mixedEditions({ ...rows, attempts: [elsewhere, ...others] })).toHaveLength(2);
});

test('1,000 faulty files leave a running server with exactly one of the valid ones [G21]', async () => {
  const figures = await runMutants({ mutants: 1_000, seed, onServer });
  process.stderr.write(`${JSON.stringify({ ...figures, faults: figures.faults.length })}\n`);
  expect(figures.faults.slice(0, 3)).toEqual([]);
  expect(figures.taken).toBeGreaterThan(30);
  expect(figures.refused).toBeGreaterThan(300);
});

describe('a file that goes wrong under a running server', () => {
  let server: Server;
  let path: string;
  let plane: AdminPlane;
  const good = editionText('http://127.0.0.1:9', 3);
  const folder = temporaryFolder();
  const secret = `${folder}/vendor.key`;
  const withSecret = good.replace('${env:ARCHIPEL_TEST_VENDOR_KEY}', `\${file:${secret}}`);

  beforeAll(async () => {
    writeFileSync(secret, 'sk-vendors-own\n');
    server = await startServer({ configuration: withSecret, env: editionEnv });
    path = server.configurationPath!;
    plane = new AdminPlane(server);
  });

  afterAll(async () => {
    await removeServer(server);
    removeFolder(folder);
  });

  const reasons = async (): Promise<string> => {
    const told = await plane.ask<{ reasons: readonly string[] }>('GET', '/readyz');
    return told.reasons.join('\n');
  };

  /** Waits until the watcher has seen it. */
  const untilReasons = async (expected: RegExp): Promise<string> => {
    for (;;) {
      const told = await reasons();
      if (expected.test(told)) return told;
    }
  };

  const writeGood = (): void => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, withSecret);
  };

  const mended = async (): Promise<void> => {
    writeFileSync(secret, 'sk-vendors-own\n');
    writeGood();
    // What took most away is given back at once; the watcher finds nothing new.
    await plane.ask('POST', '/admin/v1/reload');
    expect(await reasons()).toBe('');
    expect(await plane.ask('GET', '/admin/v1/status')).toMatchObject({
      configurationHash: hashOfText(withSecret),
      configurationRefused: null,
    });
  };

  test.each([
    ['is cut off', () => truncateSync(path, 300), /:\d+:\d+: /],
    ['is empty', () => truncateSync(path, 0), /:1:1: /],
    ['is gone', () => rmSync(path), /cannot be read \(ENOENT\)/],
    ['has 10 MB and more', () => writeFileSync(path, `${withSecret}# ${'x'.repeat(10_000_000)}`), /larger than/],
    [
      'may not be read',
      () => {
        // Root reads whatever its mode says: there a folder in the file's place must do.
        if (process.getuid?.() !== 0) return chmodSync(path, 0);
        rmSync(path);
        mkdirSync(path);
      },
      /cannot be read|not a regular file/,
    ],
    ['has lost the file of a secret', () => rmSync(secret), /vendor\.key/],
    ['is half of another', () => writeFileSync(path, 'version: 1\nproviders:\n  vendor: { wire: ope'), /:\d+:\d+: /],
  ])('that %s is told, and the last good one stays [G21]', async (_, spoil, says) => {
    const from = server.stderr().length;
    spoil();
    expect(await untilReasons(/./)).toMatch(says);
    expect(server.stderr().slice(from)).toContain('configuration refused, the last one stays in force');
    const { configurationHash, configurationRefused } = await plane.ask('GET', '/admin/v1/status');
    expect(configurationHash).toBe(hashOfText(withSecret));
    expect(configurationRefused).toMatchObject({ code: 'configuration_invalid' });
    // Balancers are not told to go away: requests are served.
    expect((await fetch(`${server.adminUrl}/readyz`)).status).toBe(200);
    await mended();
  });

  test('that takes most of what serves away is refused until somebody forces it [G21]', async () => {
    const less = JSON.stringify({
      ...JSON.parse(withSecret),
      models: { chat: { deployments: JSON.parse(withSecret).models.chat.deployments.slice(0, 1) } },
    });
    writeFileSync(path, less);
    expect(await untilReasons(/./)).toMatch(/2 of 3 targets would be gone/);
    const asked = ['reload', '--data-dir', server.dataDir];
    const plain = await runArchipel(asked);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toContain('archipel reload --force');
    expect((await plane.ask('GET', '/admin/v1/status'))['configurationHash']).toBe(hashOfText(withSecret));
    expect((await runArchipel([...asked, '--force'])).code).toBe(0);
    expect(await reasons()).toBe('');
    expect((await plane.ask('GET', '/admin/v1/status'))['configurationHash']).toBe(hashOfText(less));
    await mended();
  });

  test('that is saved in pieces, or twice within 10 ms, is read whole and last', async () => {
    const from = server.stderr().length;
    const next = withSecret.replace('"pingMs": 5003', '"pingMs": 5004');
    writeFileSync(path, next.slice(0, 400));
    writeFileSync(path, next.slice(0, 800));
    renameSync(path, `${path}.old`);
    writeFileSync(path, withSecret.replace('"pingMs": 5003', '"pingMs": 5005'));
    writeFileSync(path, next);
    rmSync(`${path}.old`);
    while ((await plane.ask('GET', '/admin/v1/status'))['configurationHash'] !== hashOfText(next));
    expect(server.stderr().slice(from)).not.toContain('configuration refused');
    await mended();
  });

  test('takes force as a yes or no and nothing else', async () => {
    const answers = await Promise.all(
      [{ force: 'true' }, { forced: true }, { force: 1 }].map((body) =>
        fetch(`${server.adminUrl}/admin/v1/reload`, {
          method: 'POST',
          headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});
