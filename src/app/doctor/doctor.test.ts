import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeanTransport } from '../../egress/index.ts';
import { Secret } from '../../kernel/index.ts';
import { knownVendors } from '../firstConfiguration/firstConfiguration.ts';
import { readWithoutSecrets } from '../findInstallation.ts';
import { scrubSecrets } from '../scrubSecrets.ts';
import { checkClock } from './checkClock.ts';
import { checkDisk } from './checkDisk.ts';
import { checkProvider } from './checkProvider.ts';
import { checkRuntime, type RuntimeFacts } from './checkRuntime.ts';
import type { Finding } from './Finding.ts';
import { judgeDatabase, judgeStopped } from './judgeDatabase.ts';
import { judgeBacklog, judgeSpool } from './judgeSpool.ts';

const levels = (findings: readonly Finding[]): string => findings.map(({ level }) => level).join(' ');

test('every finding that is not ok says how to mend it', () => {
  const runtime: RuntimeFacts = {
    node: '22.1.0',
    platform: 'linux',
    architecture: 'x64',
    glibc: null,
    openFilesMax: 1_024,
  };
  const findings = [
    ...checkRuntime(runtime),
    ...checkRuntime({ ...runtime, platform: 'win32' }),
    ...checkDisk({ path: '/', freeBytes: 1, freeFiles: 1 }),
    checkClock({ of: 'x', skewMs: 1e6, exactToMs: 0 }),
    judgeBacklog(1e6),
  ];
  expect(levels(findings)).toBe('fail fail warn fail fail warn fail fail fail warn');
  for (const { mend, what } of findings) expect(mend, what).toMatch(/^\S.{10,}/);
});

describe('limits are judged at their edges:', () => {
  test('of the runtime', () => {
    const good: RuntimeFacts = {
      node: '24.0.0',
      platform: 'linux',
      architecture: 'x64',
      glibc: '2.36',
      openFilesMax: null,
    };
    expect(levels(checkRuntime(good))).toBe('ok');
    expect(levels(checkRuntime({ ...good, openFilesMax: 4_096 }))).toBe('ok');
    expect(levels(checkRuntime({ ...good, platform: 'darwin', glibc: null }))).toBe('ok');
    expect(levels(checkRuntime({ ...good, node: '23.9.9' }))).toBe('fail');
  });

  test('of a clock, which is only blamed for what is certain', () => {
    const level = (skewMs: number, exactToMs = 0): string => checkClock({ of: 'x', skewMs, exactToMs }).level;
    expect([level(1_999), level(-2_000), level(2_500, 501), level(59_999), level(-60_000)]).toEqual([
      'ok',
      'warn',
      'ok',
      'warn',
      'fail',
    ]);
    expect(checkClock({ of: 'x', skewMs: 5_000, exactToMs: 0 }).what).toBe('5 s behind x');
    expect(checkClock({ of: 'x', skewMs: -5_000, exactToMs: 0 }).what).toBe('5 s ahead of x');
  });

  test('of a disk, of which not every kind counts files', () => {
    const gibibyte = 1024 ** 3;
    expect(levels(checkDisk({ path: '/', freeBytes: 2 * gibibyte, freeFiles: 10_000 }))).toBe('ok ok');
    expect(levels(checkDisk({ path: '/', freeBytes: 2 * gibibyte - 1, freeFiles: null }))).toBe('warn');
    expect(levels(checkDisk({ path: '/', freeBytes: gibibyte / 4 - 1, freeFiles: 999 }))).toBe('fail fail');
  });

  test('of a database', () => {
    const good = {
      version: '18.4',
      skewMs: 0,
      answerMs: 1,
      isReadOnly: false,
      migration: 4,
      known: 4,
      replicas: [],
      fault: null,
    };
    expect(levels(judgeDatabase('x', good))).toBe('ok ok');
    expect(levels(judgeDatabase('x', { ...good, isReadOnly: true }))).toBe('ok fail ok');
    expect(levels(judgeDatabase('x', { ...good, migration: 3 }))).toBe('ok warn');
    expect(levels(judgeDatabase('x', { ...good, migration: 0 }))).toBe('ok ok');
    expect(levels(judgeDatabase('x', { ...good, migration: 5, fault: 'newer' }))).toBe('ok fail');
    const stopped = { majorVersion: '18', url: null, pid: null, hasPassword: true };
    expect(levels(judgeStopped(stopped, false))).toBe('ok');
    expect(levels(judgeStopped(null, false))).toBe('ok');
    expect(levels(judgeStopped({ ...stopped, hasPassword: false }, false))).toBe('fail');
    expect(levels(judgeStopped(stopped, true))).toBe('fail');
  });

  test('of a spool', () => {
    expect(levels([judgeBacklog(99_999), judgeBacklog(100_000)])).toBe('ok warn');
    expect(levels(judgeSpool(null))).toBe('ok');
    expect(judgeSpool({ segments: 0, bytes: 0, shipped: 3, backlog: 2, tornBytes: 7 })).toHaveLength(2);
  });
});

describe('a provider', () => {
  const key = 'vendors-own-key-7f3a';

  /** A vendor that answers by what its script says of each request. */
  const examined = async (
    script: (request: IncomingMessage) => { readonly status: number; readonly date?: string },
    credentials = '{ apiKey: "${env:KEY}" }',
    given: string | null = key,
    spoken: string = wire,
  ): Promise<{ readonly findings: readonly Finding[]; readonly asked: readonly IncomingMessage[] }> => {
    const asked: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      asked.push(request);
      const { status, date } = script(request);
      response.sendDate = false;
      response.writeHead(status, date === undefined ? {} : { date });
      // A vendor that repeats the key it refuses: its words are not told.
      response.end(`{"error":"wrong key ${key}"}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const transport = new LeanTransport();
    try {
      const file = `version: 1
providers: { rival: { wire: ${spoken}, vendor: rival, baseUrl: "http://127.0.0.1:${port}/v1", credentials: ${credentials} } }
models: { chat: { deployments: [ { provider: rival, model: m, price: { inputPerMTok: "1", outputPerMTok: "1" } } ] } }`;
      const read = readWithoutSecrets(file, 'test.yaml');
      const [provider] = read.ok ? read.value.providers : [];
      if (provider === undefined) throw new Error('the file is valid');
      const findings = await checkProvider(provider, {
        transport,
        clock: { nowMs: () => Date.UTC(2026, 10, 27, 12), monotonicMs: () => 0 },
        keyOf: () => (given === null ? null : new Secret(given)),
      });
      expect(JSON.stringify(findings)).not.toContain(key);
      return { findings, asked };
    } finally {
      await transport.close();
      server.closeAllConnections();
      server.close();
    }
  };

  const wire = knownVendors()[0] ?? '';
  const holdsKey = ({ headers }: IncomingMessage): boolean => headers.authorization === `Bearer ${key}`;

  test('is asked for its models only, which costs nothing', async () => {
    const { findings, asked } = await examined((request) => ({ status: holdsKey(request) ? 200 : 401 }));
    expect(findings.map(({ level, what }) => [level, what])).toEqual([
      ['ok', expect.stringContaining('is reached at 127.0.0.1')],
      ['ok', 'the key is valid'],
    ]);
    expect(asked.map(({ method, url }) => [method, url])).toEqual([
      ['GET', '/v1/models'],
      ['GET', '/v1/models'],
    ]);
    expect(asked.map(holdsKey)).toEqual([true, false]);
  });

  test.each([401, 403])('that answers %i refuses the key: that fails, and nothing of it is told', async (status) => {
    const { findings } = await examined(() => ({ status }));
    expect(findings.at(-1)).toMatchObject({ level: 'fail', what: `it refuses the key (${status})` });
  });

  test('whose list is there for everybody proves nothing', async () => {
    const { findings } = await examined(() => ({ status: 200 }));
    expect(findings.at(-1)).toMatchObject({ level: 'ok', what: expect.stringContaining('not proven') });
  });

  test('that lists its models elsewhere is reached, and its key not proven', async () => {
    const { findings, asked } = await examined(() => ({ status: 200 }), '{ apiKey: "${env:KEY}" }', key, 'bedrock');
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'warn']);
    expect(findings.at(-1)?.what).toContain('cannot be proven for nothing');
    expect(asked).toEqual([]);
  });

  test('that wants to be told the version of its API is told it, whoever sells there', async () => {
    const holds = ({ headers }: IncomingMessage): boolean => headers['api-key'] === key;
    const answers = (request: IncomingMessage) => ({ status: holds(request) ? 200 : 401 });
    const { findings, asked } = await examined(answers, '{ apiKey: "${env:KEY}" }', key, 'azure-openai');
    expect(findings.at(-1)).toMatchObject({ level: 'ok', what: 'the key is valid' });
    expect(asked[0]?.url).toMatch(/\/openai\/models\?api-version=2024-10-21$/);
  });

  test.each([
    [404, 'warn'],
    [429, 'warn'],
    [503, 'warn'],
  ])('that answers %i is to be looked at', async (status, level) => {
    const { findings } = await examined(() => ({ status }));
    expect(findings.at(-1)?.level).toBe(level);
  });

  test('without a key is fine where it asks for none, and wrong where it does', async () => {
    const free = await examined(() => ({ status: 200 }), '{}', null);
    expect(free.findings.at(-1)).toMatchObject({ level: 'ok', what: 'answers without a key' });
    const asks = await examined(() => ({ status: 401 }), '{}', null);
    expect(asks.findings.at(-1)).toMatchObject({
      level: 'fail',
      what: 'it asks for a key, and none is configured (401)',
    });
  });

  test('whose key cannot be read is not asked without it', async () => {
    const { findings, asked } = await examined(() => ({ status: 200 }), '{ apiKey: "${env:KEY}" }', null);
    expect([levels(findings), asked.length]).toEqual(['ok', 0]);
  });

  test('tells by its date whether our clock is wrong', async () => {
    const date = new Date(Date.UTC(2026, 10, 27, 11)).toUTCString();
    const { findings } = await examined((request) => ({ status: holdsKey(request) ? 200 : 401, date }));
    expect(findings.at(-1)).toMatchObject({ check: 'clock', level: 'fail', what: '3599 s ahead of rival' });
  });
});

describe('a secret', () => {
  const forms: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    encodeURIComponent,
    (secret) => JSON.stringify(secret).slice(1, -1),
    (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    (secret) => Buffer.from(secret).toString('hex'),
    (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => Buffer.from(`a${secret}b`).toString('base64'),
    (secret) => Buffer.from(`ab${secret}`).toString('base64'),
  ];

  test('is found and taken out in every form, and so is a half of it', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 16, maxLength: 60, unit: 'grapheme-ascii' }),
        fc.constantFrom(...forms),
        fc.constantFrom('whole', 'first', 'second'),
        (secret, form, part) => {
          const half = secret.length >> 1;
          const shown = { whole: secret, first: secret.slice(0, half), second: secret.slice(half) }[part];
          const scrubbed = scrubSecrets(`before ${form(shown)} after`, [secret]);
          // What may stay are the characters at the edges of base64 that belong to its neighbours too.
          expect(scrubbed).not.toContain(form(shown));
          expect(scrubbed).toContain('[secret]');
        },
      ),
    );
  });

  test('that is too short to be one is left alone', () => {
    expect(scrubSecrets('a short text', ['short'])).toBe('a short text');
  });
});
