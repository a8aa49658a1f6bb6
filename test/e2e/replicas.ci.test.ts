import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { hashKey } from '../../src/access/index.ts';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { askUnderKey } from '../rigs/askUnderKey.ts';
import { canaryOf } from '../rigs/canaries/canaryOf.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { ForeignDatabase } from '../rigs/ForeignDatabase.ts';
import { PausedProcess } from '../rigs/PausedProcess.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import { startServer, type Server } from '../rigs/startServer.ts';

const seed = seedOf('replicas.ci');
const leaseMs = 2_500;
/** Some dozens of requests. */
const capNanoUsd = 1_200_000n;

const keys = ['shared', 'killed', 'outage'] as const;
const keyOf = (name: (typeof keys)[number]): string => canaryOf(`client key ${name}`);

const onEnd = endAfterEach();

/** Two gateways on one PostgreSQL, and vendors whose bills outlive both. */
const open = async () => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  const database = await ForeignDatabase.open();
  onEnd(() => database.remove());
  const client = new pg.Client({ connectionString: database.directUrl });
  client.on('error', () => {});
  await client.connect();
  onEnd(() => client.end());
  const budget = `{ usd: "${Number(capNanoUsd) / 1e9}", window: year, hard: true }`;
  const lines = keys.map(
    (name) => `  - { name: ${name}, hash: "sha256:${hashKey(keyOf(name))}", team: load, budget: ${budget} }\n`,
  );
  const configuration = `${rivals.configuration().replace('keys:\n', `keys:\n${lines.join('')}`)}ledger: { leaseMs: ${leaseMs} }
policy: { concentration: { jurisdiction: 0.99 } }
store: { url: "\${env:FOREIGN_URL}" }
`;
  const start = async (dataDir?: string): Promise<Server> => {
    const options = { configuration, env: { ...rivals.env, FOREIGN_URL: database.url } };
    const server = await startServer(dataDir === undefined ? options : { ...options, dataDir });
    onEnd(() => removeServer(server));
    return server;
  };
  return { database, client, start };
};

const budgetOf = `
SELECT spent_nano_usd::text AS spent, (
  SELECT coalesce(sum(greatest(granted_nano_usd, 0)), 0) FROM archipel.budget_lease AS lease
  WHERE lease.organisation_id = spend.organisation_id AND lease.scope = spend.scope AND window_from_ms = bucket_from_ms
)::text AS granted
FROM archipel.budget_spend AS spend WHERE scope = $1`;

/** What was spent of a key's budget, by the leases and by the attempts, and what gateways may still spend. */
const read = async (client: pg.Client, name: string) => {
  const { rows } = await client.query<{ spent: string; granted: string }>(budgetOf, [`key:${name}`]);
  const attempts = await client.query<{ charge: string }>(
    `SELECT coalesce(sum(CASE WHEN outcome_kind = 'unknown' THEN range_high_nano_usd ELSE amount_nano_usd END), 0)::text AS charge
     FROM archipel.attempt WHERE key_name = $1`,
    [name],
  );
  const { spent = '0', granted = '0' } = rows[0] ?? {};
  return { spent: BigInt(spent), granted: BigInt(granted), charged: BigInt(attempts.rows[0]!.charge) };
};

/** What all have spent under keys, by the attempts. */
const amountOf = async (client: pg.Client, ...names: readonly string[]): Promise<bigint> => {
  const { rows } = await client.query<{ amount: string }>(
    'SELECT coalesce(sum(amount_nano_usd), 0)::text AS amount FROM archipel.attempt WHERE key_name = ANY ($1)',
    [names],
  );
  return BigInt(rows[0]!.amount);
};

/** What caps on shares are kept by at a gateway. */
const sharesAt = async (server: Server): Promise<bigint> => {
  const told = await new AdminPlane(server).ask<{ readonly totalNanoUsd: string }>('GET', '/admin/v1/dependency');
  return BigInt(told.totalNanoUsd);
};

/** Asks again and again, several at a time, until so many in a row are refused. @returns how often each status was answered; 0 where the server was gone */
const askOut = async (server: Server, key: string, lanes = 4): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  let refused = 0;
  const lane = async (): Promise<void> => {
    while (refused < 8) {
      const [status, code] = await askUnderKey(server, key).catch(() => [0, null]);
      const name = `${status} ${code}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      refused = status === 200 ? 0 : refused + 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return counts;
};

/** What is answered while two spend the same: also that the other has the rest free, and did not give it back in a second. */
const answerNames = new Set(['200 null', '402 budget_exhausted', '503 ledger_unavailable']);

/** Asks for one thing at a time, so that nothing else is held, until it is refused as spent. */
const spendRest = (server: Server, key: string): Promise<void> =>
  expect
    .poll(async () => (await askUnderKey(server, key))[1], { timeout: 20_000, interval: 1 })
    .toBe('budget_exhausted');

test('two gateways on one PostgreSQL spend a hard budget together and never more, over a kill, a stop longer than a lease, and an outage', async () => {
  const { database, client, start } = await open();
  let first = await start();
  const second = await start();
  const watched = new AbortController();
  const over: string[] = [];
  const watch = async (): Promise<void> => {
    while (!watched.signal.aborted) {
      for (const name of keys) {
        const { spent, granted } = await read(client, name);
        if (spent + granted > capNanoUsd) over.push(`${name}: ${spent} spent and ${granted} granted`);
      }
      await pause(20);
    }
  };
  const watching = watch();
  onEnd(async () => {
    watched.abort();
    await watching;
  });

  // Both at once, until neither has any left.
  const answers = await Promise.all([askOut(first, keyOf('shared')), askOut(second, keyOf('shared'))]);
  process.stderr.write(`${JSON.stringify(answers.map((one) => [...one]))}\n`);
  for (const counts of answers) {
    expect(counts.get('200 null')).toBeGreaterThan(0);
    expect(
      [...counts.keys()].filter((name) => !answerNames.has(name)),
      first.stderr() + second.stderr(),
    ).toEqual([]);
  }

  await spendRest(second, keyOf('shared'));

  // One is killed in the middle, and comes back.
  const killing = askOut(first, keyOf('killed'));
  const surviving = askOut(second, keyOf('killed'), 2);
  await expect
    .poll(async () => (await read(client, 'killed')).spent > 0n, { timeout: 20_000, interval: 20 })
    .toBe(true);
  await first.kill();
  const [killed, survived] = await Promise.all([killing, surviving]);
  expect(killed.get('0 null')).toBeGreaterThan(0);
  expect(survived.get('200 null')).toBeGreaterThan(0);
  // What the other had free when it was killed is not spent.
  expect([...survived.keys()].filter((name) => !answerNames.has(name))).toEqual([]);
  first = await start(first.dataDir);
  // What it held alone and had not spent is there for both.
  expect((await askOut(first, keyOf('killed'))).get('402 budget_exhausted')).toBeGreaterThan(0);

  await spendRest(second, keyOf('killed'));

  // Within its lease a gateway serves without the database, and not beyond it.
  const key = keyOf('outage');
  for (let count = 0; count < 4; count += 1) expect(await askUnderKey(first, key)).toEqual([200, null, null]);
  await expect.poll(async () => (await read(client, 'outage')).granted > 0n, { timeout: 20_000 }).toBe(true);
  await pause(600);
  await database.proxy.set({ kind: 'refuse' });
  expect(await askUnderKey(first, key)).toEqual([200, null, null]);
  await expect
    .poll(() => askUnderKey(first, key), { timeout: 2 * leaseMs, interval: 250 })
    .toEqual([503, 'ledger_unavailable', '1']);
  expect((await fetch(`${first.adminUrl}/readyz`)).status).toBe(200);
  await database.proxy.set({ kind: 'none' });
  await expect.poll(() => askUnderKey(first, key), { timeout: 20_000, interval: 250 }).toEqual([200, null, null]);

  // One that stood still for longer than its lease does not spend it.
  const stopped = await PausedProcess.stop(first.pid);
  await database.proxy.set({ kind: 'refuse' });
  await pause(leaseMs + 500);
  stopped.go();
  expect(await askUnderKey(first, key)).toEqual([503, 'ledger_unavailable', '1']);
  await database.proxy.set({ kind: 'none' });
  await expect.poll(() => askUnderKey(first, key), { timeout: 20_000, interval: 250 }).toEqual([200, null, null]);

  for (const server of [first, second]) {
    await new AdminPlane(server).drain();
    expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  }
  // It has spent nothing under the third: this is what both have spent.
  const amount = await amountOf(client, 'shared', 'killed');
  await expect.poll(async () => (await sharesAt(second)) >= amount, { timeout: 20_000 }).toBe(true);
  watched.abort();
  await watching;
  expect(over).toEqual([]);
  for (const name of keys) {
    const { spent, charged } = await read(client, name);
    expect(spent, name).toBe(charged);
    expect(spent, name).toBeLessThanOrEqual(capNanoUsd);
    // What is left is less than one request is held at.
    if (name !== 'outage') expect(spent, name).toBeGreaterThan((capNanoUsd * 3n) / 4n);
  }
});
