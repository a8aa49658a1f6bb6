import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { runFleetAbsence } from '../rigs/fleetAbsence.ts';
import { judgeBooks } from '../rigs/judgeBooks.ts';
import { killReplicas } from '../rigs/killReplicas.ts';
import { openFleet } from '../rigs/openFleet.ts';

const seed = seedOf('durable.ci');
const replicas = 3;
/** With room for all that is asked. */
const ample = '1000';

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);

test('three gateways on one database that are killed at any moment lose no answered attempt and double none [G1]', async () => {
  // Without a budget: one that starts while the database is dead has no lease yet, and may refuse.
  const fleet = await openFleet({ seed, replicas, budgetsUsd: [], databases: 'shared', onOpen });
  const { wrong, harmShown, ...figures } = await killReplicas({ fleet, kills: 50, concurrency: 12, seed });
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(wrong).toEqual([]);
  expect(figures.faults).toEqual([]);
  expect(figures).toMatchObject({ kills: 50, lostOrDoubled: 0 });
  expect(figures.answered).toBeGreaterThan(0);
  expect(figures.unknown, 'kills that caught calls on their way').toBeGreaterThan(0);
  expect(harmShown.length).toBeGreaterThan(1);
});

test('clients of three gateways whose database is away do not notice it where their budgets have room [G7]', async () => {
  const fleet = await openFleet({ seed, replicas, budgetsUsd: [ample], databases: 'linked', onOpen });
  const { key = '' } = fleet.keys[0] ?? {};
  const { outcomes, ...figures } = await runFleetAbsence({
    fleet,
    key,
    seed,
    concurrency: 4,
    peakMs: 3_000,
    awayMs: 10_000,
    pieces: 1,
  });
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(outcomes.filter(({ fault }) => fault !== null)).toEqual([]);
  expect(figures.away).toBeGreaterThan(0);
  expect(figures.told).toBe(true);
  const { rivals, database } = fleet;
  const books = await judgeBooks({ rivals, replicas: fleet.replicas, database: database!, outcomes });
  expect(books.faults).toEqual([]);
});
