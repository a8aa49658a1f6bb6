import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { ForeignDatabase } from '../rigs/ForeignDatabase.ts';
import { ledgerRowsAt } from '../rigs/ledgerRows.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { conditionsOf, makeKey } from '../rigs/runDatabaseOutages.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

/** Within this long a change is in force at every replica. Milliseconds. */
const within = { timeout: 2_000, interval: 20 };
/** For what takes its time on a busy machine. */
const inTheEnd = { timeout: 30_000, interval: 100 };

let rivals: Rivals;
let database: ForeignDatabase;
const folder = temporaryFolder();
/** The file of both replicas. */
const file = join(folder, 'archipel.yaml');
let env: Readonly<Record<string, string>> = {};
let one: Server;
let two: Server;

beforeAll(async () => {
  [rivals, database] = await Promise.all([openRivals({ seed: 35 }), ForeignDatabase.open()]);
  writeFileSync(file, `${rivals.configuration()}store: { url: "\${env:FOREIGN_URL}" }\n`);
  env = { ...rivals.env, FOREIGN_URL: database.url };
  const start = (): Promise<Server> => startServer({ env, arguments: ['--config', file] });
  [one, two] = await Promise.all([start(), start()]);
});
afterAll(async () => {
  await Promise.all([removeServer(one), removeServer(two)]);
  await database.remove();
  await rivals.close();
  removeFolder(folder);
});

const send = (server: Server, key: string): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'aurora-across', max_tokens: 16, messages: [{ role: 'user', content: 'tide' }] }),
  });

/** @returns status and code of the error of one request under a key. */
const ask = async (server: Server, key: string): Promise<readonly [number, string | null]> => {
  const answer = await send(server, key);
  await answer.text();
  return [answer.status, answer.headers.get('x-archipel-error')];
};

const served = [200, null] as const;
const ended = [401, 'invalid_key'] as const;

/** Has an operator change something. @returns the key that came of it, if one did */
const change = async (server: Server, method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<string> => {
  const answer = await fetch(`${server.adminUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.adminKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const told: { readonly key?: string } = JSON.parse(await answer.text());
  expect(answer.status, JSON.stringify(told)).toBe(200);
  return told.key ?? '';
};

const doctor = async ({ dataDir }: Server): Promise<string> =>
  (await runArchipel(['doctor', '--json', '--offline', '--config', file, '--data-dir', dataDir], { env })).stdout;

const hashOf = async (server: Server): Promise<unknown> =>
  (await new AdminPlane(server).ask('GET', '/admin/v1/status'))['configurationHash'];

test('a change of keys or of the file at one replica is in force at the other within two seconds', async () => {
  const made = await change(one, 'POST', '/admin/v1/keys', { name: 'roaming', team: 'load' });
  await expect.poll(() => ask(two, made), within).toEqual(served);
  const rotated = await change(two, 'POST', '/admin/v1/keys/roaming/rotate', {});
  await expect.poll(() => ask(one, made), within).toEqual(ended);
  await expect.poll(() => ask(one, rotated), within).toEqual(served);
  await change(one, 'DELETE', '/admin/v1/keys/roaming');
  await expect.poll(() => ask(two, rotated), within).toEqual(ended);

  const before = await hashOf(one);
  expect(await hashOf(two)).toBe(before);
  writeFileSync(file, readFileSync(file, 'utf8').replace('firstByteMs: 500', 'firstByteMs: 600'));
  const isNew = (server: Server) => expect.poll(() => hashOf(server), within).not.toBe(before);
  await Promise.all([isNew(one), isNew(two)]);
  expect(await doctor(one)).toContain('2 running: ');
});

test('a rate is held by both replicas together', async () => {
  const limited = await change(one, 'POST', '/admin/v1/keys', { name: 'limited', team: 'load', limits: { rpm: 40 } });
  await expect.poll(() => ask(two, limited), within).toEqual(served);
  const startedMs = performance.now();
  const statuses = await Promise.all(Array.from({ length: 120 }, (_, index) => ask(index % 2 ? one : two, limited)));
  const through = statuses.filter(([status]) => status === 200).length;
  const flowed = ((performance.now() - startedMs) * 40) / 60_000;
  // What each has at once; never more than the limit lets through.
  expect(through).toBeGreaterThanOrEqual(15);
  expect(through).toBeLessThanOrEqual(40 + flowed);
  expect(statuses.every(([status, code]) => status === 200 || code === 'rate_limited')).toBe(true);
});

test('replicas tell each other what they pace', async () => {
  const client = new pg.Client({ connectionString: database.directUrl });
  await client.connect();
  const told = async (): Promise<number | null> =>
    (await client.query("SELECT FROM archipel.replica WHERE (told ->> 'beganMs')::float8 > 0")).rowCount;
  await expect.poll(told, within).toBe(2);
  await client.end();
});

/** Ids of the requests, all of which were answered. */
const askMany = async (server: Server, key: string, count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await send(server, key);
    await answer.text();
    expect(answer.status).toBe(200);
    ids.push(answer.headers.get('x-archipel-request-id') ?? '');
  }
  return ids;
};

/** Ids of the requests of all attempts in the ledger. */
const idsIn = async (): Promise<readonly string[]> =>
  (await ledgerRowsAt(database.directUrl)).attempts.map(({ requestId }) => requestId);

test('a gateway goes on when the cloud of the database is lost with the other gateway in it, and all that both recorded is in the ledger in the end, once', async () => {
  const capped = await change(one, 'POST', '/admin/v1/keys', {
    name: 'capped',
    team: 'load',
    budget: { usd: '5', window: 'month', hard: true },
    limits: { rpm: 600 },
  });
  await expect.poll(() => ask(two, capped), inTheEnd).toEqual(served);
  const answered = [...(await askMany(one, capped, 5)), ...(await askMany(two, capped, 5))];

  await database.proxy.set({ kind: 'refuse' });
  answered.push(...(await askMany(one, clientKey, 3)));
  await one.kill();
  // Both kinds of keys, those with a hard budget too.
  answered.push(...(await askMany(two, capped, 5)), ...(await askMany(two, clientKey, 5)));
  await expect.poll(() => conditionsOf(two), inTheEnd).toContain('database_away');
  expect((await fetch(`${two.adminUrl}/readyz`)).status).toBe(200);
  expect(await ask(two, 'sk-archipel-of-nobody')).toEqual(ended);
  expect(await makeKey(two, 'meanwhile')).toMatchObject({ status: 503, code: 'store_unavailable' });
  expect(await new AdminPlane(two).backlog()).toBeGreaterThan(0);

  await database.proxy.set({ kind: 'none' });
  await expect.poll(() => conditionsOf(two), inTheEnd).toEqual([]);
  await new AdminPlane(two).drain();
  expect(await idsIn()).not.toEqual(expect.arrayContaining(answered));

  // The disk of the machine that is lost, attached here: ended in the middle of it, and called again.
  const adopt = ['ledger', 'adopt', one.dataDir, '--json', '--config', file, '--data-dir', two.dataDir];
  await expect.poll(() => doctor(two), inTheEnd).toContain('without having taken its leave');
  await runArchipel(adopt, { env, killAfterMs: 600 });
  const adopted = await runArchipel(adopt, { env });
  expect(adopted, adopted.stderr).toMatchObject({ code: 0 });
  const ids = await idsIn();
  expect(ids).toEqual(expect.arrayContaining(answered));
  expect(new Set(ids).size).toBe(ids.length);
  expect(await new AdminPlane(two).ledgerFaults()).toEqual([]);
  const again = await runArchipel(['up', '--config', file, '--data-dir', one.dataDir], { env });
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('was adopted on') });
});
