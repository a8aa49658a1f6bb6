import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { runFleetAbsence } from '../rigs/fleetAbsence.ts';
import { judgeBooks } from '../rigs/judgeBooks.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { killReplicas } from '../rigs/killReplicas.ts';
import { openFleet } from '../rigs/openFleet.ts';

const seed = seedOf('durable.long');
const replicas = 3;
/** With room for all that is asked. */
const ample = '1000000';
const kills = Number(process.env['ARCHIPEL_KILLS'] ?? 1_000);
const awayMs = Number(process.env['ARCHIPEL_AWAY_MINUTES'] ?? 10) * 60_000;
/** The 99th percentile of requests without the database over that with it. */
const p99RatioMax = 1.2;

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);

test('a thousand kills of three gateways on one database lose no answered attempt and double none [G1]', async () => {
  // Without a budget: one that starts while the database is dead has no lease yet, and may refuse.
  const fleet = await openFleet({ seed, replicas, budgetsUsd: [], databases: 'shared', onOpen });
  const { wrong, harmShown, ...figures } = await killReplicas({ fleet, kills, concurrency: 12, seed });
  keepResult('durable-kills', seed, { replicas, wrong: wrong.length, ...figures });
  expect(wrong).toEqual([]);
  expect(figures.faults).toEqual([]);
  expect(figures).toMatchObject({ kills, lostOrDoubled: 0 });
  expect(harmShown.length).toBeGreaterThan(1);
});

test('ten minutes without the database cost clients of three gateways nothing where their budgets have room [G7]', async () => {
  const fleet = await openFleet({ seed, replicas, budgetsUsd: [ample], databases: 'linked', onOpen });
  const { rivals, database, keys } = fleet;
  const { outcomes, ...figures } = await runFleetAbsence({
    fleet,
    key: keys[0]!.key,
    seed,
    concurrency: 8,
    peakMs: 15_000,
    awayMs,
    pieces: 2,
  });
  const faulty = outcomes.filter(({ fault }) => fault !== null);
  const p99Ratio = figures.p99Ms.away / figures.p99Ms.there;
  const books = await judgeBooks({ rivals, replicas: fleet.replicas, database: database!, outcomes });
  keepResult('durable-absence', seed, {
    replicas,
    awayMs,
    requests: outcomes.length,
    errors: faulty.length,
    p99Ratio,
    ...figures,
  });
  expect(faulty).toEqual([]);
  expect(figures.told).toBe(true);
  expect(books.faults).toEqual([]);
  expect(p99Ratio).toBeLessThanOrEqual(p99RatioMax);
});
