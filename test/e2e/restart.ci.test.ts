import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { Chance, seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { killedStart } from '../rigs/killedStart.ts';
import { load as runLoad, type Outcome } from '../rigs/load.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { endPostmaster, postmasterOf } from '../rigs/postmaster.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const seed = seedOf('restart.ci');
const concurrency = 30;

const onEnd = endAfterEach();

const open = async (): Promise<Rivals> => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  return rivals;
};

const start = async (rivals: Rivals, dataDir?: string, limits: Record<string, number> = {}): Promise<Server> => {
  const configuration = rivals.configuration({ limits });
  const server = await startServer({ configuration, env: rivals.env, ...(dataDir === undefined ? {} : { dataDir }) });
  onEnd(() => removeServer(server));
  return server;
};

/** Load that goes on until it is told to end. */
const loading = (server: Server, name: string): { end(): Promise<readonly Outcome[]>; stopAsking(): void } => {
  const until = new AbortController();
  const load = { url: server.url, key: clientKey, model: 'aurora-first', concurrency, seed, name, until: until.signal };
  const outcomes = runLoad(load);
  return {
    stopAsking: () => until.abort(),
    end: () => {
      until.abort();
      return outcomes;
    },
  };
};

interface SlowReading {
  readonly announcedBytes: number;
  readonly bytes: number;
  readonly stopped: Promise<number | null>;
}

/** Reads the head of an answer, lets something happen, and only then reads on. */
const readSlowly = (server: Server, body: string, meanwhile: () => Promise<number | null>): Promise<SlowReading> =>
  new Promise((resolve, reject) => {
    const asked = request(`${server.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let bytes = 0;
      const stopped = meanwhile();
      setTimeout(() => answer.on('data', (chunk: Buffer) => void (bytes += chunk.length)), 1_000);
      answer.once('close', () => resolve({ announcedBytes: Number(answer.headers['content-length']), bytes, stopped }));
      answer.once('error', reject);
    });
    asked.end(body);
  });

const expectWhole = async (server: Server, rivals: Rivals, outcomes: readonly Outcome[]): Promise<void> => {
  const rows = await freshRows(server);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
};

describe('the database', () => {
  test('killed again and again under load, delays records and nothing else [G7]', async () => {
    const rivals = await open();
    const server = await start(rivals);
    const plane = new AdminPlane(server);
    const load = loading(server, 'no database');
    await pause(500);
    const downUntilMs = performance.now() + 4_000;
    let kills = 0;
    while (performance.now() < downUntilMs)
      if (await endPostmaster(server.dataDir)) kills += 1;
      else await pause(20);
    const { spoolBacklogRecords } = await plane.ask('GET', '/admin/v1/status');
    await pause(1_000);
    const outcomes = await load.end();
    process.stderr.write(
      `${kills} kills, ${String(spoolBacklogRecords)} records waited, ${outcomes.length} requests\n`,
    );
    await expectNoFault(server, outcomes, seed);
    expect(kills).toBeGreaterThan(1);
    expect(spoolBacklogRecords).toBeGreaterThan(0);
    expect(outcomes.length).toBeGreaterThan(concurrency);
    await expectWhole(server, rivals, outcomes);
    expect(server.stderr()).toContain('embedded PostgreSQL died and is started again');
  });

  test.each([
    { database: 'alive', says: 'embedded PostgreSQL was running and is adopted' },
    { database: 'dead', says: 'embedded PostgreSQL started' },
  ])('that is $database after a kill of the program serves the next start [G10]', async ({ database, says }) => {
    const rivals = await open();
    const first = await start(rivals);
    const load = loading(first, `database ${database}`);
    await pause(700);
    load.stopAsking();
    await first.kill();
    const outcomes = await load.end();
    const before = postmasterOf(first.dataDir);
    expect(before).not.toBeNull();
    if (database === 'dead') await endPostmaster(first.dataDir);
    const second = await start(rivals, first.dataDir);
    expect(second.stderr(), stderrTail(second)).toContain(says);
    expect(postmasterOf(second.dataDir) === before).toBe(database === 'alive');
    const again = await runLoad({
      ...second,
      key: clientKey,
      model: 'aurora-first',
      requests: 20,
      concurrency,
      seed,
      name: 'again',
    });
    expect(again.filter(({ fault }) => fault !== null)).toEqual([]);
    await expectWhole(second, rivals, [...outcomes, ...again]);
    expect(await second.stop()).toBe(0);
    expect(postmasterOf(second.dataDir)).toBeNull();
  });
});

test.each([0, 1, 2])(
  'a start that is killed at any moment leaves nothing that stops the next one (%i)',
  async (run) => {
    const rivals = await open();
    const chance = new Chance(seed + run);
    const dataDir = temporaryFolder();
    const configurationPath = `${dataDir}.yaml`;
    writeFileSync(configurationPath, rivals.configuration());
    onEnd(async () => {
      await endPostmaster(dataDir);
      removeFolder(dataDir);
      removeFolder(configurationPath);
    });
    for (let round = 0; round < 6; round += 1) {
      // The first of them fall into the making of the database, the later ones into its start.
      const afterMs = 200 + chance.below(1_500);
      const { killed, stderr } = await killedStart({ dataDir, configurationPath, env: rivals.env, afterMs });
      expect(killed, `ARCHIPEL_SEED=${seed}, round ${round} after ${afterMs} ms ended by itself:\n${stderr}`).toBe(
        true,
      );
    }
    const server = await start(rivals, dataDir);
    const load = { url: server.url, key: clientKey, model: 'aurora-first', requests: 20, concurrency: 5, seed };
    const outcomes = await runLoad({ ...load, name: `at last ${run}` });
    await expectNoFault(server, outcomes, seed);
    await expectWhole(server, rivals, outcomes);
  },
);

describe('SIGTERM under load', () => {
  test.each([0, 1])('lets every request that runs end whole, and ends with 0 (%i)', async (round) => {
    const rivals = await open();
    const server = await start(rivals);
    // Streams of a second and more among the short ones.
    await rivals.setFault('aurora', 'slow', { share: 0.3, latencyMs: 200 });
    const load = loading(server, `drain ${round}`);
    await pause(300 + new Chance(seed + round).below(700));
    load.stopAsking();
    // What was asked before is with the server by now.
    await pause(50);
    const code = await server.stop();
    const outcomes = await load.end();
    const faulty = outcomes.filter(({ fault }) => fault !== null);
    expect(faulty, `ARCHIPEL_SEED=${seed}\n${stderrTail(server)}`).toEqual([]);
    expect(code, stderrTail(server)).toBe(0);
    expect(postmasterOf(server.dataDir)).toBeNull();
    await expectWhole(await start(rivals, server.dataDir), rivals, outcomes);
  });

  test('waits for a reader that is slower than the stop', async () => {
    const rivals = await open();
    const server = await start(rivals, undefined, { firstByteMs: 5_000, idleMs: 10_000 });
    const input = Array.from({ length: 400 }, (_, index) => `harbour ${index}`);
    const ended = await readSlowly(server, JSON.stringify({ model: 'embed-small', input }), () => server.stop());
    expect(ended.bytes).toBeGreaterThan(5_000_000);
    expect(ended.bytes).toBe(ended.announcedBytes);
    expect(await ended.stopped).toBe(0);
  });

  test('refuses what comes later before a vendor hears of it, and cuts nothing', async () => {
    const rivals = await open();
    const server = await start(rivals);
    await rivals.setFault('aurora', 'slow', { share: 0.3, latencyMs: 200 });
    const load = loading(server, 'asked on');
    await pause(700);
    const code = await server.stop();
    const outcomes = await load.end();
    expect(code).toBe(0);
    const refused = outcomes.filter(({ fault }) => fault !== null);
    const cut = refused.filter(({ status, errorCode }) => status !== null && errorCode !== 'overloaded');
    expect(cut, `ARCHIPEL_SEED=${seed}\n${stderrTail(server)}`).toEqual([]);
    const answered = outcomes.filter(({ fault }) => fault === null);
    expect(answered.length).toBeGreaterThan(concurrency);
    const next = await start(rivals, server.dataDir);
    await expectWhole(next, rivals, outcomes);
    expect((await freshRows(next)).requests.filter(({ status }) => status === 200)).toHaveLength(answered.length);
  });
});
