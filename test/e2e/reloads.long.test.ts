import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { runMutants } from '../rigs/runMutants.ts';
import { runReloads } from '../rigs/runReloads.ts';
import type { Server } from '../rigs/startServer.ts';

const seed = seedOf('reloads.long');
const reloads = Number(process.env['ARCHIPEL_RELOADS'] ?? 1_000);
const mutants = Number(process.env['ARCHIPEL_MUTANTS'] ?? 10_000);

const onEnd = endAfterEach();
const onServer = (server: Server): void => onEnd(() => removeServer(server));

test('a thousand reloads at ten a second lose no request [G21]', async () => {
  const { outcomes, rows, editions, reloadMs, mixed, close } = await runReloads({
    reloads,
    everyMs: 100,
    seed,
    onServer,
  });
  onEnd(close);
  const failed = outcomes.filter(({ fault }) => fault !== null).length;
  keepResult('reloads', seed, {
    reloads,
    requests: rows.requests.length,
    failed,
    mixed: mixed.length,
    editions,
    secondAttempts: rows.attempts.filter(({ attempt }) => attempt > 1).length,
    reloadMsP50: Math.round(reloadMs[Math.floor(reloadMs.length / 2)] ?? 0),
    reloadMsMax: Math.round(reloadMs.at(-1) ?? 0),
  });
  expect([failed, mixed.length]).toEqual([0, 0]);
});

test('ten thousand faulty files leave one of the valid ones in force [G21]', async () => {
  const figures = await runMutants({ mutants, seed, onServer });
  keepResult('mutants', seed, { ...figures, faults: figures.faults.length });
  expect(figures.faults.slice(0, 3)).toEqual([]);
});
