import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { judgeBooks } from '../rigs/judgeBooks.ts';
import { killReplicas } from '../rigs/killReplicas.ts';
import type { Outcome } from '../rigs/load.ts';
import { loadBoth } from '../rigs/loadBoth.ts';
import { openFleet } from '../rigs/openFleet.ts';
import { conditionsOf } from '../rigs/runDatabaseOutages.ts';

const seed = seedOf('durable.ci');
const replicas = 3;
/** With room for all that is asked. */
const budgetsUsd = ['1000'];

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);

test('three gateways on one database that are killed at any moment lose no answered attempt and double none [G1]', async () => {
  const fleet = await openFleet({ seed, replicas, budgetsUsd, databases: 'shared', onOpen });
  const { wrong, harmShown, ...figures } = await killReplicas({ fleet, kills: 50, concurrency: 12, seed });
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(wrong).toEqual([]);
  expect(figures.faults).toEqual([]);
  expect(figures).toMatchObject({ kills: 50, lostOrDoubled: 0 });
  expect(figures.answered).toBeGreaterThan(0);
  expect(figures.unknown, 'kills that caught calls on their way').toBeGreaterThan(0);
  expect(harmShown.length).toBeGreaterThan(1);
});

test('three gateways whose database is away serve what has room in its budgets, and refuse what has none', async () => {
  const fleet = await openFleet({ seed, replicas, budgetsUsd: [...budgetsUsd, '0.001'], databases: 'linked', onOpen });
  const { rivals, database, keys } = fleet;
  const until = new AbortController();
  const loading = fleet.replicas.map(({ server }, index) =>
    loadBoth(server, {
      key: keys[0]!.key,
      seed,
      name: `replica ${index}`,
      concurrency: 4,
      perSecond: 10,
      until: until.signal,
    }),
  );
  await pause(3_000);
  await database!.proxy.set({ kind: 'refuse' });
  await pause(15_000);
  const conditions = await Promise.all(fleet.replicas.map(({ server }) => conditionsOf(server)));
  await database!.proxy.set({ kind: 'none' });
  until.abort();
  const outcomes: readonly Outcome[] = (await Promise.all(loading)).flat();
  expect(outcomes.filter(({ fault }) => fault !== null)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(100);
  for (const one of conditions) expect(one).toContain('database_away');
  const { faults } = await judgeBooks({ rivals, replicas: fleet.replicas, database: database!, outcomes });
  expect(faults).toEqual([]);
});
