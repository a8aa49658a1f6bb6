import { describe, expect, test } from 'vitest';
import { noCaps } from '../candidates.fixture.ts';
import { Pacer } from './Pacer.ts';
import { floorOf, hourMs, planOf, poolOf, targetOf } from './plans.fixture.ts';
import type { ToldPace } from './ToldPace.ts';

const minuteMs = 60_000;

const paced = (floor = floorOf()) =>
  new Pacer(
    planOf({
      targets: [targetOf('a', { pools: [0], floors: [0] }), targetOf('b')],
      pools: [poolOf()],
      floors: [floor],
      caps: { ...noCaps, vendor: 0.6 },
    }),
  );

/** All tell, and then all hear; the first is the eldest. */
const tellAll = (replicas: readonly Pacer[], nowMs: number): void => {
  const told = new Map(replicas.map((pacer, index) => [`${index}`, pacer.tell(nowMs)] as const));
  for (const [index, pacer] of replicas.entries()) {
    const others = new Map([...told].filter(([name]) => name !== `${index}`));
    pacer.hear(others, index === 0 ? null : (told.get('0') ?? null), nowMs);
  }
};

const free = (pacer: Pacer, atMs: number): number => pacer.freeUsd(0, 9, 0, 0, 0, atMs);

describe('of a floor, replicas that tell each other', () => {
  test('fill one interval together, however often they tell, and the next anew', () => {
    const replicas = [paced(), paced(), paced()];
    replicas[0]!.take(0, 0.75, {}, 0);
    replicas[1]!.take(0, 0.5, {}, 500);
    for (const atMs of [1_000, 2_000, 3_000]) {
      tellAll(replicas, atMs);
      expect(replicas.map((pacer) => free(pacer, atMs))).toEqual([0.75, 0.75, 0.75]);
    }
    replicas[1]!.giveBack(0, 0.5, {}, 1, 500);
    replicas[1]!.take(0, 0.25, {}, 3_500);
    tellAll(replicas, 4_000);
    expect(replicas.map((pacer) => free(pacer, 4_000))).toEqual([1, 1, 1]);
    expect(replicas.map((pacer) => free(pacer, minuteMs))).toEqual([2, 2, 2]);
    replicas[2]!.take(0, 1.5, {}, minuteMs);
    tellAll(replicas, minuteMs + 1_000);
    expect(replicas.map((pacer) => free(pacer, minuteMs + 1_000))).toEqual([0.5, 0.5, 0.5]);
  });

  test('count what one has used that is not heard any more, until its interval is over', () => {
    const [gone, left] = [paced(), paced()] as const;
    gone.take(0, 1.5, {}, 0);
    tellAll([gone, left], 1_000);
    left.shareFloors(0.5);
    left.hear(new Map(), null, 20_000);
    expect(free(left, 20_000)).toBe(0);
    expect(free(left, minuteMs)).toBe(1);
    left.shareFloors(1);
    expect(free(left, minuteMs)).toBe(2);
  });

  test('take what is told of another interval, or counted otherwise, for nothing', () => {
    const [pacer, ahead] = [paced(), paced()] as const;
    ahead.take(0, 1.5, {}, minuteMs);
    const told: ToldPace = ahead.tell(minuteMs);
    const other = { ...told, floors: { floor: { intervalFromMs: 0, used: [1, 1], requestsPerHour: 0 } } };
    pacer.hear(new Map([['ahead', told]]).set('other', other), null, 59_999);
    expect(free(pacer, 59_999)).toBe(2);
  });

  test('ask for its room what it is worth to the requests of all', () => {
    const [one, other] = [paced(), paced()] as const;
    const bidAfter = (isTold: boolean): number => {
      const replicas = [paced(), paced(), paced(), paced()];
      for (let index = 0; index < 480; index++) {
        const atMs = index * 7_500;
        replicas[index % 4]!.saw(0, 1, 0, 0, 0, index % 8 < 4 ? 0.9 : 0.1, atMs);
        if (isTold) tellAll(replicas, atMs);
      }
      for (const pacer of replicas) pacer.tick(hourMs);
      free(replicas[1]!, hourMs);
      return replicas[1]!.bidOf(0, hourMs);
    };
    for (let index = 0; index < 480; index++)
      for (const pacer of [one, other]) pacer.saw(0, 1, 0, 0, 0, index % 8 < 4 ? 0.9 : 0.1, index * 7_500);
    one.tick(hourMs);
    free(one, hourMs);
    expect(bidAfter(true)).toBeCloseTo(one.bidOf(0, hourMs), 1);
    expect(bidAfter(false)).toBeLessThan(one.bidOf(0, hourMs) - 0.1);
  });
});

test('the multipliers of the eldest are those of all, as far as each knows its contracts and names', () => {
  const [eldest, fresh, other] = [paced(), paced(), new Pacer(planOf())] as const;
  for (let minute = 1; minute <= 60; minute++) {
    eldest.settle(0, 1, minute * minuteMs - 1);
    eldest.tick(minute * minuteMs);
  }
  const factors = [0, 1].map((target) => eldest.factorOf(target));
  expect([0, 1].map((target) => fresh.factorOf(target))).not.toEqual(factors);
  tellAll([eldest, fresh, other], hourMs);
  expect([0, 1].map((target) => fresh.factorOf(target))).toEqual(factors);
  expect([0, 1].map((target) => other.factorOf(target))).toEqual([1, 1]);
  // Alone they go on from there.
  fresh.hear(new Map(), null, 2 * hourMs);
  expect([0, 1].map((target) => fresh.factorOf(target))).toEqual(factors);
});

test('what a floor has learnt of those who come is carried over, to a floor of the same terms', () => {
  const taught = paced();
  for (let index = 0; index < 600; index++) taught.saw(0, 1, 0, 0, 0, index % 2 === 0 ? 0.9 : 0.1, index * 6_000);
  taught.tick(hourMs);
  const bidOf = (pacer: Pacer): number => {
    free(pacer, hourMs);
    return pacer.bidOf(0, hourMs);
  };
  const kept = JSON.parse(JSON.stringify(taught.state()));
  const [again, otherTerms, older] = [paced(), paced(floorOf({ capacityUsd: 3 })), paced()] as const;
  again.adopt(kept);
  otherTerms.adopt(kept);
  delete kept.floors.floor.learnt;
  older.adopt(kept);
  expect(bidOf(again)).toBeCloseTo(bidOf(taught), 3);
  expect(bidOf(again)).toBeGreaterThan(0.4);
  for (const pacer of [otherTerms, older]) expect(bidOf(pacer)).toBeCloseTo(kept.floors.floor.bid);
});
