import { afterEach, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { judgeKills } from '../rigs/judgeKills.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { killRounds } from '../rigs/killRounds.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { openRivals } from '../rigs/rivals.ts';
import type { Server } from '../rigs/startServer.ts';

const seed = seedOf('kill.long');
const rounds = Number(process.env['ARCHIPEL_KILLS'] ?? 1_000);
const concurrency = 30;

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a thousand kills lose no answered attempt and double none', async () => {
  const startedMs = performance.now();
  const rivals = await openRivals({ seed });
  ends.push(() => rivals.close());
  const onServer = (server: Server): void => void ends.push(() => removeServer(server));
  const ran = await killRounds({ rivals, rounds, concurrency, seed, onServer });
  const figures = await judgeKills(ran, rivals, concurrency, seed, startedMs);
  keepResult('kill', seed, { ...figures });
  expect(figures.rounds).toBe(rounds);
});
