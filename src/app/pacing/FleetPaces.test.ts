import { expect, test } from 'vitest';
import { flatForecast, Pacer, type PacingPlan } from '../../router/index.ts';
import { FleetPaces } from './FleetPaces.ts';

const noonMs = Date.parse('2026-11-26T12:00Z');
const dayMs = 86_400_000;
const leaseMs = 18_000;

const plan: PacingPlan = {
  targets: [{ vendor: 'aurora', hosts: {}, jurisdiction: null, lab: null, pools: [0], floors: [0] }],
  pools: [{ contract: 'pool', fromMs: noonMs, untilMs: noonMs + dayMs, needUsd: 900, spentUsd: 0, shortfallRate: 1 }],
  floors: [
    { contract: 'floor', fromMs: noonMs, untilMs: noonMs + dayMs, intervalMs: 60_000, capacityUsd: 6, meters: [] },
  ],
  caps: { vendor: 0.5, host: null, jurisdiction: null, lab: null },
  windowFromMs: noonMs,
  windowUntilMs: noonMs + dayMs,
  forecast: flatForecast(1_000, 1_000 / 24),
  beginsMs: noonMs,
};

/** Replicas on one table, all on a clock that a test moves. */
const openFleet = () => {
  const world = { nowMs: noonMs };
  const clock = { nowMs: () => world.nowMs, monotonicMs: () => world.nowMs };
  const table = new Map<string, { told: unknown; atMs: number }>();
  const join = (instance: string) => {
    const pacer = new Pacer(plan);
    const paces = {
      tell: () => pacer.tell(world.nowMs),
      hear: (...[told, eldest, sharing]: Heard) => {
        pacer.shareFloors(sharing);
        pacer.hear(told, eldest, world.nowMs);
      },
      onFloorUse: () => {},
      paceAlone: () => {
        pacer.shareFloors({ equalPart: 1 / 3, silent: null });
        pacer.hear(new Map(), null, world.nowMs);
      },
    };
    const talk = new FleetPaces({ instance, paces, clock });
    const beat = (): void => {
      table.set(instance, { told: JSON.parse(JSON.stringify(talk.say())), atMs: world.nowMs });
      const others = [...table].filter(([other]) => other !== instance);
      talk.hear(
        others.map(([other, { told, atMs }]) => ({ instance: other, told, silentMs: world.nowMs - atMs })),
        leaseMs,
        others.map(([other]) => other),
      );
    };
    const free = (): number => pacer.freeUsd(0, 99, 0, 0, 0, world.nowMs);
    return { pacer, talk, beat, free };
  };
  return { world, table, join };
};

type Heard = Parameters<ConstructorParameters<typeof FleetPaces>[0]['paces']['hear']>;
type Member = ReturnType<ReturnType<typeof openFleet>['join']>;

const beatAll = (members: readonly Member[]): void => {
  for (let round = 0; round < 2; round += 1) for (const { beat } of members) beat();
};

test('replicas fill a floor together, each use once', () => {
  const { world, join } = openFleet();
  const members = [join('one'), join('two'), join('three')];
  beatAll(members);
  for (const [index, { pacer }] of members.entries()) pacer.take(0, index + 0.5, {}, world.nowMs);
  for (let second = 0; second < 5; second += 1) {
    world.nowMs += 1_000;
    beatAll(members);
    expect(members.map(({ free }) => free())).toEqual([1.5, 1.5, 1.5]);
  }
});

test('the eldest says what multipliers are, the next when it is gone, and one that hears nobody goes on alone', () => {
  const { world, join } = openFleet();
  const eldest = join('eldest');
  for (let minute = 1; minute <= 60; minute += 1) {
    world.nowMs += 60_000;
    eldest.pacer.tick(world.nowMs);
  }
  const next = join('a');
  const last = join('b');
  const worth = ({ pacer }: Member): number | null => pacer.worthOf('pool', world.nowMs);
  beatAll([eldest, next, last]);
  expect([worth(next), worth(last)]).toEqual([worth(eldest), worth(eldest)]);
  // It is cut off: until a lease would have ended it goes on with what it knows, then with its own part.
  eldest.talk.miss();
  expect(eldest.free()).toBe(6);
  world.nowMs += 20_000;
  eldest.talk.miss();
  expect(eldest.free()).toBe(2);
  for (const { pacer } of [next, last]) pacer.tick(world.nowMs);
  next.pacer.settle(0, 500, world.nowMs);
  world.nowMs += 60_000;
  next.pacer.tick(world.nowMs);
  for (const { beat } of [next, last, next, last]) beat();
  expect(worth(last)).toBe(worth(next));
  expect(worth(last)).toBeLessThan(worth(eldest) ?? 0);
  expect([next.free(), last.free()]).toEqual([4, 4]);
});

test('what is told in a shape that is not known is passed over, and an equal part left to who tells it; who paces nothing has none', () => {
  const { world, table, join } = openFleet();
  const one = join('one');
  table.set('of a newer version', { told: { beganMs: 'long ago' }, atMs: world.nowMs });
  table.set('of another', { told: { beganMs: 0, pace: { pools: 7 } }, atMs: world.nowMs });
  one.beat();
  expect(one.free()).toBe(2);
  table.set('without contracts', { told: { beganMs: 0, pace: null }, atMs: world.nowMs });
  one.beat();
  expect(one.free()).toBe(3);
});

test('what one has used counts once after it fell silent', () => {
  const { world, join } = openFleet();
  const [gone, left] = [join('gone'), join('left')];
  beatAll([gone, left]);
  gone.pacer.take(0, 2, {}, world.nowMs);
  beatAll([gone, left]);
  expect(left.free()).toBe(4);
  world.nowMs += 20_000;
  left.beat();
  expect(left.free()).toBe(3);
  gone.pacer.take(0, 2, {}, world.nowMs);
  beatAll([gone, left]);
  expect(left.free()).toBe(2);
});
