import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { judgeKills } from '../rigs/judgeKills.ts';
import { killRounds } from '../rigs/killRounds.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import type { Server } from '../rigs/startServer.ts';

const seed = seedOf('kill.ci');
const rounds = 15;
const concurrency = 30;

const onEnd = endAfterEach();

test('a server that is killed at any moment under load loses no answered attempt and doubles none [G1]', async () => {
  const startedMs = performance.now();
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  const onServer = (server: Server): void => onEnd(() => removeServer(server));
  const ran = await killRounds({ rivals, rounds, concurrency, seed, onServer });
  process.stderr.write(`${ran.plans.map((plan) => JSON.stringify(plan)).join('\n')}\n`);
  const figures = await judgeKills(ran, rivals, concurrency, seed, startedMs);
  process.stderr.write(`${JSON.stringify(figures)}\n`);
  expect(figures.answered).toBeGreaterThan(0);
});
