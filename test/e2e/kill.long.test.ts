import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { judgeKills } from '../rigs/judgeKills.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { killRounds } from '../rigs/killRounds.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import type { Server } from '../rigs/startServer.ts';

const seed = seedOf('kill.long');
const rounds = Number(process.env['ARCHIPEL_KILLS'] ?? 1_000);
const concurrency = 30;
/** The rest of the hour that a long test has is the judges'. */
const minutesMax = 50;

const onEnd = endAfterEach();

test('a thousand kills lose no answered attempt and double none [G1]', async () => {
  const startedMs = performance.now();
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  const onServer = (server: Server): void => onEnd(() => removeServer(server));
  const ran = await killRounds({ rivals, rounds, concurrency, seed, minutesMax, onServer });
  const figures = await judgeKills(ran, rivals, concurrency, seed, startedMs);
  keepResult('kill', seed, { ...figures });
  expect(figures.rounds).toBe(rounds);
});
