import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { askUnderKey } from '../rigs/askUnderKey.ts';
import { databaseOutages } from '../rigs/databaseOutages.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { ForeignDatabase } from '../rigs/ForeignDatabase.ts';
import { ledgerRows, ledgerRowsAt, type LedgerRows } from '../rigs/ledgerRows.ts';
import { faultsOfRows } from '../rigs/judgeBooks.ts';
import type { Outcome } from '../rigs/load.ts';
import { loadBoth } from '../rigs/loadBoth.ts';
import { PausedProcess } from '../rigs/PausedProcess.ts';
import { postmasterOf } from '../rigs/postmaster.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import {
  conditionsOf,
  makeKey,
  runDatabaseOutages,
  untilDrained,
  type OutageReport,
} from '../rigs/runDatabaseOutages.ts';
import { startServer, type Server } from '../rigs/startServer.ts';

const seed = seedOf('databaseAway.ci');
/** How long the database stands still, and how long it is away in each other way. */
const stillMs = 60_000;
const outageMs = 5_000;
const load = { perSecond: 20, concurrency: 8 };

const onEnd = endAfterEach();

const open = async (): Promise<Rivals> => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  return rivals;
};

const openForeign = async (): Promise<ForeignDatabase> => {
  const database = await ForeignDatabase.open();
  onEnd(() => database.remove());
  return database;
};

/** Other tests on the same machine must not look like overload. */
const limits = { turnMs: 60_000 };

const fileWith = (rivals: Rivals): string =>
  `${rivals.configuration({ limits })}store: { url: "\${env:FOREIGN_URL}" }\n`;

const start = async (options: Parameters<typeof startServer>[0]): Promise<Server> => {
  const server = await startServer(options);
  onEnd(() => removeServer(server));
  return server;
};

const joined = (all: readonly LedgerRows[]): LedgerRows => ({
  attempts: all.flatMap(({ attempts }) => attempts),
  requests: all.flatMap(({ requests }) => requests),
});

/** The control of it all: a row that is lost, one that is there twice, and an answer that the client never got are all seen. */
const expectHarmToShow = async (rows: LedgerRows, rivals: Rivals, outcomes: readonly Outcome[]): Promise<void> => {
  const answered = outcomes.findLast(({ fault }) => fault === null);
  const row = rows.attempts.find(({ requestId }) => requestId === answered?.requestId)!;
  const lost = { ...rows, attempts: rows.attempts.filter((one) => one !== row) };
  const doubled = { ...rows, attempts: [...rows.attempts, row] };
  expect(await faultsOfRows(lost, rivals, outcomes)).not.toEqual([]);
  expect(await faultsOfRows(doubled, rivals, outcomes)).not.toEqual([]);
  const unanswered = { ...answered!, fault: 'broken off' };
  expect([...outcomes, unanswered].filter(({ fault }) => fault !== null)).toHaveLength(1);
};

test('requests do not notice that the database hangs, dies, refuses, is read-only, slow, restarted, full, lying or another one; and all is in it afterwards, once [G7]', async () => {
  const rivals = await open();
  const database = await openForeign();
  const hanging = await start({ configuration: rivals.configuration({ limits }), env: rivals.env });
  const server = await start({ configuration: fileWith(rivals), env: { ...rivals.env, FOREIGN_URL: database.url } });
  const until = new AbortController();
  const outcomes: Outcome[] = [];
  const ofHanging = loadBoth(hanging, { ...load, seed, name: 'hanging', until: until.signal });
  const ofServer = loadBoth(server, {
    ...load,
    seed,
    name: 'foreign',
    until: until.signal,
    onOutcome: (one) => void outcomes.push(one),
  });
  await pause(2_000);

  const standStill = async (): Promise<{ readonly waited: number; readonly drainMs: number }> => {
    const stopped = await PausedProcess.stop(postmasterOf(hanging.dataDir)!, 'with children');
    let waited = 0;
    try {
      const startedMs = performance.now();
      expect(await makeKey(hanging, 'made-while-it-hangs')).toMatchObject({ status: 503, code: 'store_unavailable' });
      expect(await conditionsOf(hanging)).toContain('database_away');
      await pause(stillMs - (performance.now() - startedMs));
      waited = await new AdminPlane(hanging).backlog();
    } finally {
      stopped.go();
    }
    return { waited, drainMs: Math.round(await untilDrained(hanging)) };
  };
  const beAway = async (): Promise<readonly OutageReport[]> => {
    await database.copy();
    return runDatabaseOutages({ server, database, outageMs, outcomes });
  };
  const [still, reports] = await Promise.all([standStill(), beAway()]);
  until.abort();
  const all = [...(await ofHanging), ...(await ofServer)];
  process.stderr.write(`${reports.map((report) => JSON.stringify(report)).join('\n')}\n`);
  process.stderr.write(`${JSON.stringify({ stillMs, requests: all.length, ...still })}\n`);

  await expectNoFault(server, all, seed);
  for (const [index, report] of reports.entries()) {
    const { isAway } = databaseOutages[index]!;
    expect(report.failedRequests, report.name).toBe(0);
    expect(report.requests, report.name).toBeGreaterThan(0);
    if (isAway) expect(report, report.name).toMatchObject({ told: true, writeStatus: 503 });
  }
  // The copy that took over lacked what had been shipped to the other one.
  expect(server.stderr()).toContain('the database lacks records that it had');
  // A backlog of so many records was there to be drained.
  expect(still.waited).toBeGreaterThan((stillMs / 1_000) * load.perSecond);
  for (const one of [hanging, server]) {
    await new AdminPlane(one).drain();
    expect(await new AdminPlane(one).ledgerFaults()).toEqual([]);
    expect(await conditionsOf(one), stderrTail(one)).toEqual([]);
  }
  const rows = joined([await ledgerRows(hanging.dataDir), await ledgerRowsAt(database.directUrl)]);
  await expectRecorded(server, rows, all, seed);
  expect(await faultsOfRows(rows, rivals, all)).toEqual([]);
  await expectHarmToShow(rows, rivals, all);
});

const served = [200, null, null] as const;
const unknown = [503, 'ledger_unavailable', '5'] as const;

test('a start without the database serves what it knew, closes budgets that it does not know, and takes the truth when it is there', async () => {
  const rivals = await open();
  const database = await openForeign();
  const options = { configuration: fileWith(rivals), env: { ...rivals.env, FOREIGN_URL: database.url } };
  let server = await start(options);
  const { key } = await makeKey(server, 'capped');
  expect(await askUnderKey(server, key!)).toEqual(served);
  const { dataDir } = server;

  // What was kept, and what the spool has behind it; of a hard budget, what this gateway may spend of it.
  const kept = join(dataDir, 'lastGood.jsonl');
  await expect.poll(() => readFileSync(kept, 'utf8'), { timeout: 30_000 }).toContain('"freeNanoUsd"');
  await server.kill();
  await database.proxy.set({ kind: 'refuse' });
  const startedMs = performance.now();
  server = await start({ ...options, dataDir });
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(await askUnderKey(server, key!)).toEqual(served);
  expect(await askUnderKey(server, clientKey)).toEqual(served);
  expect((await askUnderKey(server, 'sk-archipel-of-nobody'))[0]).toBe(401);
  expect(await conditionsOf(server)).toEqual(expect.arrayContaining(['database_away', 'kept_state']));
  expect(await makeKey(server, 'another')).toMatchObject({ status: 503, code: 'store_unavailable' });
  expect((await fetch(`${server.adminUrl}/readyz`)).status).toBe(200);

  // Nothing kept: nobody knows what was spent, nor which keys there are.
  await server.kill();
  rmSync(kept);
  server = await start({ ...options, dataDir });
  expect(await askUnderKey(server, key!)).toEqual(unknown);
  expect(await askUnderKey(server, clientKey)).toEqual(served);
  expect(await conditionsOf(server)).toEqual(expect.arrayContaining(['database_away', 'kept_state', 'keys_unknown']));
  expect((await fetch(`${server.adminUrl}/readyz`)).status).toBe(200);

  await database.proxy.set({ kind: 'none' });
  await expect.poll(() => askUnderKey(server, key!), { timeout: 30_000, interval: 500 }).toEqual(served);
  await expect.poll(() => conditionsOf(server), { timeout: 30_000, interval: 500 }).toEqual([]);
  await new AdminPlane(server).drain();
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(await faultsOfRows(await ledgerRowsAt(database.directUrl), rivals, [])).toEqual([]);
});
