import { expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { runAbsence } from '../rigs/databaseAbsence.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import { startServer } from '../rigs/startServer.ts';

const seed = seedOf('databaseAway.long');
/** Away for so long in all, in pieces between which it is there for as long: both meet the same machine. */
const awayMs = Number(process.env['ARCHIPEL_AWAY_MINUTES'] ?? 10) * 60_000;
const pieces = 2;
const concurrency = 16;

/** The 99th percentile of requests without the database over that with it. */
const p99RatioMax = 1.2;
const drainRowsPerSecondMin = 10_000;
/** Medians of resident memory of the last third over the second. */
const growthMax = 1.1;

const onEnd = endAfterEach();

test('ten minutes without the database cost requests nothing, hold no memory, and are in it a moment after [G7]', async () => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  const server = await startServer({ configuration: rivals.configuration(), env: rivals.env });
  onEnd(() => removeServer(server));
  const { outcomes, ...figures } = await runAbsence({ server, seed, awayMs, pieces, concurrency });
  const p99Ratio = figures.p99Ms.away / figures.p99Ms.there;
  keepResult('databaseAway', seed, { awayMs, requests: outcomes.length, p99Ratio, ...figures });
  process.stderr.write(`${JSON.stringify({ awayMs, requests: outcomes.length, p99Ratio, ...figures })}\n`);
  await expectNoFault(server, outcomes, seed);
  const rows = await freshRows(server);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(figures.residentGrowth).toBeLessThanOrEqual(growthMax);
  expect(figures.drainRowsPerSecond).toBeGreaterThanOrEqual(drainRowsPerSecondMin);
  expect(p99Ratio).toBeLessThanOrEqual(p99RatioMax);
});
