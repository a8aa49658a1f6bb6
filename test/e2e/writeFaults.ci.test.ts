import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assert, describe, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { InjectedFaults, syncedAgain, type DiskCall } from '../rigs/InjectedFaults.ts';
import { load, type Outcome } from '../rigs/load.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { PausedProcess } from '../rigs/PausedProcess.ts';
import { endPostmaster, postmasterOf } from '../rigs/postmaster.ts';
import { lackForPowerLoss, PowerLossDisk } from '../rigs/PowerLossDisk.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { faultsAfterReboot, notKept } from '../rigs/serverLosses.ts';
import { SmallDisk } from '../rigs/SmallDisk.ts';
import { recoverSpool } from '../rigs/spoolLosses.ts';
import { removeFolder, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const lack = lackForPowerLoss();
const isMissing = lack !== null && process.env['CI'] === undefined;
if (isMissing) process.stderr.write(`skipped: ${lack}\n`);

const seed = seedOf('writeFaults.ci');
const concurrency = 20;
/** Segments that a server may come to while faults are injected. */
const segments = 60;

const onEnd = endAfterEach();

const openVendors = async (): Promise<Rivals> => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  return rivals;
};

const whole = (outcomes: readonly Outcome[]): readonly Outcome[] => outcomes.filter(({ fault }) => fault === null);
const faulty = (outcomes: readonly Outcome[]): readonly Outcome[] => outcomes.filter(({ fault }) => fault !== null);

const expectWhole = async (server: Server, rivals: Rivals, outcomes: readonly Outcome[]): Promise<void> => {
  const rows = await freshRows(server);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
};

/** Load until it is told to end, with what came so far. */
const loading = (server: Server, name: string) => {
  const heard: Outcome[] = [];
  const until = new AbortController();
  const asked = { url: server.url, key: clientKey, model: 'aurora-across', concurrency, seed };
  const all = load({ ...asked, name, until: until.signal, onOutcome: (outcome) => void heard.push(outcome) });
  return {
    heard,
    end: () => {
      until.abort();
      return all;
    },
  };
};

/** Every file that the spool will write records to, under the name that it is made with and the one that it gets. */
const segmentsOf = (dataDir: string): readonly string[] => {
  const folder = join(dataDir, 'spool');
  const names = readdirSync(folder).filter((name) => name.endsWith('.spool'));
  const last = Math.max(1, ...names.map((name) => Number(name.slice('segment-'.length, -'.spool'.length))));
  return Array.from({ length: segments }, (_, index) =>
    join(folder, `segment-${String(last + index).padStart(12, '0')}.spool`),
  ).flatMap((path) => [path, `${path}.new`]);
};

/** Loses the power, and says what is gone of the whole answers that clients had. */
const lostNow = async (
  rivals: Rivals,
  disk: PowerLossDisk,
  server: Server,
  heard: readonly Outcome[],
): Promise<readonly string[]> => {
  const paused = await PausedProcess.stop(server.pid);
  const database = await PausedProcess.stop(postmasterOf(server.dataDir)!, 'with children');
  try {
    await pause(30);
    const had = whole(heard);
    const image = await disk.image();
    try {
      const dataDir = join(image.folder, 'data');
      const missing = notKept(had, await recoverSpool(join(dataDir, 'spool')));
      // A file of the spool that is in the database is not kept for ever: then the database is asked, too.
      return missing.length === 0 ? [] : await faultsAfterReboot(rivals, strict(rivals), dataDir, had);
    } finally {
      await image.close();
    }
  } finally {
    database.go();
    paused.go();
  }
};

const strict = (rivals: Rivals): string => `${rivals.configuration()}ledger: { durability: strict }\n`;

const openOnDisk = async (rivals: Rivals): Promise<{ readonly disk: PowerLossDisk; readonly server: Server }> => {
  const disk = await PowerLossDisk.open(320);
  onEnd(() => disk.close());
  const dataDir = join(disk.folder, 'data');
  mkdirSync(dataDir);
  const server = await startServer({ configuration: strict(rivals), dataDir, env: rivals.env });
  onEnd(async () => void (await Promise.all([server.kill(), endPostmaster(dataDir)])));
  return { disk, server };
};

const inLedgersWords = ({ errorCode, fault }: Outcome): boolean =>
  errorCode === 'ledger_unavailable' || fault?.includes('The ledger cannot take a record now') === true;

describe.skipIf(isMissing)('a disk that fails under a strict ledger', () => {
  test('never has an answer acknowledged that is not on it, and no file is synced again whose sync failed [G3]', async () => {
    assert(lack === null, lack ?? '');
    const rivals = await openVendors();
    const { disk, server } = await openOnDisk(rivals);
    const outcomes: Outcome[] = [];
    for (const { fault, meets } of [
      { fault: 'fdatasync:error=EIO:when=3+5', meets: 'EIO' },
      { fault: 'write:error=EIO:when=3+4', meets: 'EIO' },
      { fault: 'write:error=ENOSPC:when=3+4', meets: 'ENOSPC' },
      { fault: 'write:error=EINTR:when=2+3', meets: 'EINTR' },
      { fault: 'fdatasync:error=EINTR:when=2+3', meets: 'EINTR' },
      { fault: 'fdatasync:delay_enter=100000:when=1+2', meets: null },
    ]) {
      const faults = await InjectedFaults.attach(server.pid, fault, segmentsOf(server.dataDir));
      const run = loading(server, fault);
      await pause(1_200);
      const lost = await lostNow(rivals, disk, server, run.heard);
      await pause(300);
      const calls = await faults.detach();
      const ended = await run.end();
      outcomes.push(...ended);
      const met = calls.filter(({ error }) => error !== null && error === meets).length;
      process.stderr.write(
        `${fault}: ${whole(ended).length} answered, ${faulty(ended).length} refused, ${met} faults of ${calls.length} calls\n`,
      );
      expect(lost, fault).toEqual([]);
      expect(syncedAgain(calls), fault).toEqual([]);
      expect(met > 0, fault).toBe(meets !== null);
      expect(
        faulty(ended).filter((outcome) => !inLedgersWords(outcome)),
        stderrTail(server),
      ).toEqual([]);
      expect(whole(ended).length, fault).toBeGreaterThan(0);
    }
    await backToNormal(server);

    // The checkpoint: records wait, and nobody notices.
    const checkpoint = join(server.dataDir, 'spool', 'checkpoint.json');
    const faults = await InjectedFaults.attach(server.pid, 'rename:error=EIO', [checkpoint, `${checkpoint}.new`]);
    const run = loading(server, 'no checkpoint');
    await pause(1_500);
    const { status, ready } = await readiness(server);
    const calls = await faults.detach();
    const ended = await run.end();
    await expectNoFault(server, ended, seed);
    expect(calls.filter(({ error }) => error === 'EIO').length).toBeGreaterThan(0);
    expect([status, JSON.stringify(ready)]).toEqual([200, expect.stringContaining('EIO')]);
    await expectWhole(server, rivals, [...outcomes, ...ended]);
  });

  test('control: a file that is synced again after its sync failed is found', () => {
    const at = (startedS: number, error: string | null): DiskCall => ({
      call: 'fdatasync',
      path: 'one',
      startedS,
      endedS: startedS + 0.5,
      error,
    });
    expect(syncedAgain([at(1, null), at(2, 'EIO'), at(3, null)])).toEqual(['one']);
    expect(syncedAgain([at(1, null), at(2, 'EIO'), { ...at(3, null), path: 'two' }])).toEqual([]);
  });
});

/** Milliseconds until a request is answered whole. */
const backToNormal = async (server: Server): Promise<number> => {
  const startedMs = performance.now();
  for (;;) {
    const asked = { url: server.url, key: clientKey, model: 'aurora-across', seed };
    const [outcome] = await load({ ...asked, requests: 1, concurrency: 1, name: `normal ${startedMs}` });
    if (outcome?.fault === null) return performance.now() - startedMs;
    if (performance.now() - startedMs > 20_000) throw new Error(`it does not come back: ${outcome?.fault}`);
    await pause(20);
  }
};

const readiness = async ({
  adminUrl,
  adminKey,
}: Server): Promise<{ readonly status: number; readonly ready: unknown }> => {
  const answer = await fetch(`${adminUrl}/readyz`, { headers: { authorization: `Bearer ${adminKey}` } });
  return { status: answer.status, ready: await answer.json() };
};

const askOnce = async (server: Server) => {
  const startedMs = performance.now();
  const answer = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'aurora-across', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.text();
  return {
    status: answer.status,
    code: answer.headers.get('x-archipel-error'),
    retryAfterS: Number(answer.headers.get('retry-after')),
    durationMs: performance.now() - startedMs,
  };
};

describe.skipIf(isMissing)('a disk that is full', () => {
  /** Spool, database and log each on a small disk of its own. */
  const openSmall = async () => {
    const rivals = await openVendors();
    const dataDir = temporaryFolder();
    onEnd(() => removeFolder(dataDir));
    const mount = (name: string, mebibytes: number): SmallDisk => {
      const disk = SmallDisk.mount(join(dataDir, name), mebibytes);
      onEnd(() => disk.unmount());
      return disk;
    };
    const disks = { spool: mount('spool', 40), database: mount('postgres', 160), log: mount('log', 1) };
    const logPath = join(disks.log.folder, 'archipel.log');
    const node = join(dataDir, 'logging-node');
    writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' "$@" 2>>'${logPath}'\n`, { mode: 0o755 });
    const server = await startServer({
      configuration: rivals.configuration({ limits: { idleMs: 5_000, firstByteMs: 5_000 } }),
      dataDir,
      env: rivals.env,
      node,
    });
    onEnd(async () => {
      await server.kill();
      await endPostmaster(dataDir);
    });
    return { rivals, server, disks, logPath, log: () => readFileSync(logPath, 'utf8') };
  };

  test('refuses what is new with a Retry-After, has room for what runs, and is back two seconds after it has space [G3]', async () => {
    assert(lack === null, lack ?? '');
    const { rivals, server, disks, logPath, log } = await openSmall();
    const outcomes: Outcome[] = [];

    // The spool: what runs ends whole in the reserve.
    await rivals.setFault('aurora', 'slow', { share: 1, latencyMs: 100 });
    const asked = { url: server.url, key: clientKey, model: 'aurora-across', seed };
    const running = load({ ...asked, requests: concurrency, concurrency, streamShare: 1, name: 'running' });
    await pause(400);
    disks.spool.fill();
    const refused = [];
    for (let count = 0; count < 20; count += 1) refused.push(await askOnce(server));
    const full = await readiness(server);
    await rivals.setFault('aurora', 'none');
    outcomes.push(...(await running));
    disks.spool.free();
    const backMs = await backToNormal(server);
    const refusals = refused.filter(({ status }) => status !== 200);
    const quickestMs = Math.min(...refusals.map(({ durationMs }) => durationMs));
    process.stderr.write(
      `spool full: ${refusals.length} of 20 refused, in ${quickestMs.toFixed(1)} ms at best; back after ${backMs.toFixed(0)} ms\n`,
    );
    expect(faulty(outcomes), log()).toEqual([]);
    expect(refusals.length).toBeGreaterThan(10);
    expect([...new Set(refusals.map(({ status, code }) => `${status} ${code}`))]).toEqual(['503 ledger_unavailable']);
    expect(refusals.filter(({ retryAfterS }) => !(retryAfterS >= 1))).toEqual([]);
    expect(full).toMatchObject({ status: 503, ready: { reasons: [expect.stringContaining('full')] } });
    expect(backMs).toBeLessThan(2_000);

    // The database: nobody notices, and the records wait.
    disks.database.fill();
    const withoutDatabase = loading(server, 'database full');
    await pause(2_500);
    outcomes.push(...(await withoutDatabase.end()));
    expect(faulty(outcomes), log()).toEqual([]);
    disks.database.free();

    // The log: nobody notices, and how much is missing is told.
    // Up to the border of a page: what is left of one that is taken already would still be there.
    appendFileSync(logPath, '\n'.repeat(4096 - (log().length % 4096)));
    disks.log.fill();
    const withoutLog = loading(server, 'log full');
    const reload = (text: string): void => {
      writeFileSync(server.configurationPath!, text);
      process.kill(server.pid, 'SIGHUP');
    };
    reload('version: 7\n');
    await pause(1_000);
    outcomes.push(...(await withoutLog.end()));
    expect(faulty(outcomes)).toEqual([]);
    disks.log.free();
    reload('version: 8\n');
    await expect.poll(log, { timeout: 5_000 }).toMatch(/lines of the log were lost.*"lines":[1-9]/);
    await expectWhole(server, rivals, outcomes);
  });
});
