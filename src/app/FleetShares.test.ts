import { once } from 'node:events';
import { expect, test } from 'vitest';
import { silentLog, type Log } from '../kernel/index.ts';
import { FleetShares, type FleetSharesParts } from './FleetShares.ts';

/** A reading that takes as long as a test says, over a database that may be away. */
const openShares = (differs: Pick<FleetSharesParts, 'readingMsMax'> = {}) => {
  const world = {
    isAway: false,
    hangs: false,
    hasCaps: true,
    hasOthers: true,
    learns: true,
    tookMs: 10,
    monotonicMs: 0,
  };
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
  const learnShares: FleetSharesParts['balances']['learnShares'] = async (_ledger, _clock, signal) => {
    seen.read += 1;
    world.monotonicMs += world.tookMs;
    if (world.hangs) await once(signal, 'abort');
    signal.throwIfAborted();
    return world.learns;
  };
  const clock = { nowMs: () => 0, monotonicMs: () => world.monotonicMs };
  const shares = new FleetShares({
    ledger,
    balances: { learnShares },
    hasCaps: () => world.hasCaps,
    hasOthers: () => world.hasOthers,
    clock,
    log,
    ...differs,
  });
  return { world, seen, shares };
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
  world.hasCaps = false;
  expect(await shares.look()).toBe(5_000);
  world.hasCaps = true;
  const alone = openShares();
  alone.world.hasOthers = false;
  expect(await alone.shares.look()).toBe(5_000);
  expect([seen.read, alone.seen.read]).toEqual([0, 0]);
  await shares.look();
  world.hasOthers = false;
  await shares.look();
  world.monotonicMs += 60_000;
  await shares.look();
  expect(seen.read).toBe(3);
  expect(await shares.look()).toBe(5_000);
  expect(seen.read).toBe(3);
});

test('what others have spent is learnt for caps that a reload brings after they are gone, and nothing that was not learnt counts as read', async () => {
  const { world, seen, shares } = openShares();
  world.hasCaps = false;
  await shares.look();
  world.hasOthers = false;
  world.monotonicMs += 600_000;
  await shares.look();
  expect(seen.read).toBe(0);
  world.hasCaps = true;
  world.learns = false;
  await shares.look();
  await shares.look();
  world.learns = true;
  await shares.look();
  expect(seen.read).toBe(3);
  await shares.look();
  expect(seen.read).toBe(3);
});

test('a reading that hangs is given up, and made again after as long as it took', async () => {
  const { world, seen, shares } = openShares({ readingMsMax: 1 });
  world.hangs = true;
  expect(await shares.look()).toBe(5_000);
  world.tookMs = 300_000;
  expect(await shares.look()).toBe(300_000);
  expect(seen.lines).toHaveLength(1);
  world.hangs = false;
  world.tookMs = 10;
  expect(await shares.look()).toBe(5_000);
  expect(seen.lines).toHaveLength(2);
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
