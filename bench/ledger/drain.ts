// `node bench/ledger/drain.ts [rows] [--save]`: how fast the spool drains into the embedded PostgreSQL, in rows of attempts and requests with their journals (a million; 100000 is the
// short form), how much memory that takes at its beginning and at its end, and how long records wait for the database while it keeps up: 200 requests a second for ten seconds.
// Ends with 1 where the ledger is not whole afterwards. Prints one JSON line; --save appends it to bench/results/drain.jsonl.
// By a sketch a row costs PostgreSQL some 40 us of its processor (15 to read its JSON, 15 for the row and its indexes, the rest for journals and the other table) and Node 10 us.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog, silentMetrics } from '../../src/kernel/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../../src/store/exampleRecords.fixture.ts';
import {
  migrate,
  openDatabase,
  openSpool,
  startEmbeddedPostgres,
  startShipper,
  verifyLedger,
  type Spool,
} from '../../src/store/index.ts';
import { tellFigures } from './tellFigures.ts';

const [, , count = '1000000'] = process.argv.filter((word) => word !== '--save');
const requests = Math.ceil(Number(count) / 2);
const teams = 20;
const keys = 60;
const vendors = 6;
const steadySeconds = 10;
const steadyPerSecond = 200;
const sampleMs = 100;
const mebibyte = 1024 * 1024;

/** An intent, its final and its request; two of the three become rows. */
const append = (spool: Spool, n: number): void => {
  const who = { team: `team-${n % teams}`, key: `key-${n % keys}`, vendor: `vendor-${n % vendors}` };
  const intent = exampleIntent({ startedAtMs: Date.now(), ...who });
  const final = exampleFinal(intent);
  spool.append(intent);
  spool.append(final, exampleRequest([final]));
};

/** The value that so large a part of them does not exceed. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'archipel-drain-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), log: silentLog });
const database = openDatabase({ url: postgres.url, log: silentLog });
const { spool } = await openSpool({
  directory: join(folder, 'spool'),
  clock: machineClock,
  log: silentLog,
  durability: 'group',
  limits: { bytesMax: 64 * 1024 * mebibyte },
});

/** When each record that is not in the database yet was appended, by its place behind `firstWaiting`. */
const appendedAtMs: number[] = [];
let firstWaiting = 0;
const waitsMs: number[] = [];
const metrics = {
  ...silentMetrics,
  gauge: (name: string, value: number) => {
    if (name !== 'archipel_spool_backlog_records' || firstWaiting === 0) return;
    const nowMs = performance.now();
    const shipped = spool.appendedSequence - value;
    for (; firstWaiting <= shipped; firstWaiting++) waitsMs.push(nowMs - (appendedAtMs.shift() ?? nowMs));
  },
};

const drain = async (): Promise<{ seconds: number; nodeCpuSeconds: number; rss: number[] }> => {
  const rss: number[] = [];
  const timer = setInterval(() => rss.push(process.memoryUsage.rss()), sampleMs);
  const [beganMs, beganCpu] = [performance.now(), process.cpuUsage()];
  const shipper = startShipper({ spool, database, clock: machineClock, log: silentLog, metrics: silentMetrics });
  await shipper.drain(AbortSignal.timeout(3_600_000));
  const [seconds, cpu] = [(performance.now() - beganMs) / 1_000, process.cpuUsage(beganCpu)];
  clearInterval(timer);
  await shipper.stop();
  return { seconds, nodeCpuSeconds: (cpu.user + cpu.system) / 1e6, rss };
};

const keepUp = async (): Promise<void> => {
  const shipper = startShipper({ spool, database, clock: machineClock, log: silentLog, metrics });
  firstWaiting = spool.appendedSequence + 1;
  for (let tick = 0; tick < steadySeconds * 20; tick++) {
    for (let n = 0; n < steadyPerSecond / 20; n++) {
      append(spool, n);
      const nowMs = performance.now();
      appendedAtMs.push(nowMs, nowMs, nowMs);
    }
    await pause(50);
  }
  await shipper.drain(AbortSignal.timeout(60_000));
  await shipper.stop();
};

/** The largest of a part of what was sampled, in megabytes. */
const peakMB = (rss: readonly number[], from: number, to: number): number =>
  Math.round(Math.max(0, ...rss.slice(Math.floor(rss.length * from), Math.ceil(rss.length * to))) / 1e6);

try {
  await migrate(database);
  for (let n = 0; n < requests; n++) {
    append(spool, n);
    if (n % 1_000 === 0) await spool.flush();
  }
  await spool.flush();
  const { seconds, nodeCpuSeconds, rss } = await drain();
  await keepUp();
  waitsMs.sort((one, other) => one - other);
  const verifyBeganMs = performance.now();
  const { checked, faults } = await verifyLedger(database, spool.directory);
  const rows = 2 * requests;
  tellFigures('drain', {
    rows,
    seconds: Math.round(seconds * 10) / 10,
    rowsPerSecond: Math.round(rows / seconds),
    nodeCpuMicrosPerRow: Math.round((nodeCpuSeconds * 1e6) / rows),
    peakMBFirstQuarter: peakMB(rss, 0, 0.25),
    peakMBLastQuarter: peakMB(rss, 0.75, 1),
    waitMsMedian: Math.round(quantile(waitsMs, 0.5)),
    waitMsP99: Math.round(quantile(waitsMs, 0.99)),
    waitMsMax: Math.round(waitsMs.at(-1) ?? 0),
    verifySeconds: Math.round((performance.now() - verifyBeganMs) / 100) / 10,
    journals: checked.journals,
    lines: checked.lines,
    faults: faults.length,
  });
  const wanted = requests + steadySeconds * steadyPerSecond;
  if (faults.length > 0 || checked.attempts !== wanted) process.exitCode = 1;
} finally {
  await spool.close();
  await database.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
