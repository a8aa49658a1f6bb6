import { expect, test } from 'vitest';
import { silentLog, type Log } from '../kernel/index.ts';
import { FleetShares, type FleetSharesParts } from './FleetShares.ts';

/** A reading that takes as long as a test says, over a database that may be away. */
const openShares = () => {
  const world = { isAway: false, isNeeded: true, tookMs: 10, monotonicMs: 0 };
  const seen = { read: 0, lines: [] as string[] };
  const keep = (event: string): void => void seen.lines.push(event);
  const log: Log = { ...silentLog, info: keep, warn: keep };
  const ledger: FleetSharesParts['ledger'] = {
    database: { absence: null, exclusive: () => Promise.reject(new Error('nobody reads here')) },
    shipper: {
      failure: () => (world.isAway ? 'PostgreSQL does not answer' : null),
      between: () => Promise.reject(new Error('nobody reads here')),
    },
    spool: {
      instance: '',
      appendedSequence: 0,
      flush: () => Promise.resolve(),
      finalsBetween: () => Promise.resolve(),
    },
  };
  const learnShares = (): Promise<void> => {
    seen.read += 1;
    world.monotonicMs += world.tookMs;
    return Promise.resolve();
  };
  const clock = { nowMs: () => 0, monotonicMs: () => world.monotonicMs };
  const isNeeded = (): boolean => world.isNeeded;
  return { world, seen, shares: new FleetShares({ ledger, balances: { learnShares }, isNeeded, clock, log }) };
};

test('what others spend is read every five seconds, and more seldom where that takes long', async () => {
  const { world, shares } = openShares();
  expect(await shares.look()).toBe(5_000);
  world.tookMs = 1_000;
  expect(await shares.look()).toBe(20_000);
  world.tookMs = 60_000;
  expect(await shares.look()).toBe(1_200_000);
});

test('nothing is read where no cap is measured by it or nobody else lives, but once more what who was there had left', async () => {
  const { world, seen, shares } = openShares();
  world.isNeeded = false;
  expect(await shares.look()).toBe(5_000);
  expect(seen.read).toBe(0);
  world.isNeeded = true;
  await shares.look();
  world.isNeeded = false;
  await shares.look();
  world.monotonicMs += 60_000;
  await shares.look();
  expect(seen.read).toBe(3);
  expect(await shares.look()).toBe(5_000);
  expect(seen.read).toBe(3);
});

test('while the database is away nothing is read, and the log says so once', async () => {
  const { world, seen, shares } = openShares();
  await shares.look();
  world.isAway = true;
  expect(await shares.look()).toBe(5_000);
  await shares.look();
  world.isAway = false;
  await shares.look();
  expect(seen).toEqual({
    read: 2,
    lines: [
      'what other replicas spend is not known now: caps on shares are kept by what was last known of them',
      'caps on shares are kept by what all replicas spend again',
    ],
  });
});
