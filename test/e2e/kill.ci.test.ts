import { afterEach, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { judgeKills } from '../rigs/judgeKills.ts';
import { killRounds } from '../rigs/killRounds.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import type { Server } from '../rigs/startServer.ts';

const seed = seedOf('kill.ci');
const rounds = 50;
const concurrency = 30;

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a server that is killed at any moment under load loses no answered attempt and doubles none', async () => {
  const startedMs = performance.now();
  const rivals = await openRivals({ seed });
  ends.push(() => rivals.close());
  const onServer = (server: Server): void => void ends.push(() => removeServer(server));
  const ran = await killRounds({ rivals, rounds, concurrency, seed, onServer });
  process.stderr.write(`${ran.plans.map((plan) => JSON.stringify(plan)).join('\n')}\n`);
  const figures = await judgeKills(ran, rivals, concurrency, seed, startedMs);
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(figures.answered).toBeGreaterThan(0);
});
