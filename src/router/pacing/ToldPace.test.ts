import { describe, expect, test } from 'vitest';
import { noCaps } from '../candidates.fixture.ts';
import type { ToldFloor } from './FloorBucket.ts';
import { allHeard } from './FloorSharing.ts';
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

  test.each([
    { usedUsd: 1.5, leftUsd: 0.5, why: 'more than an equal part is used' },
    { usedUsd: 0.25, leftUsd: 1, why: 'the rest of an equal part is still its own' },
    { usedUsd: 0, leftUsd: 1, why: 'an equal part is its own' },
  ])(
    'count once what one has used that fell silent, until its interval is over: of $usedUsd dollars $why',
    ({ usedUsd, leftUsd }) => {
      const [gone, left] = [paced(), paced()] as const;
      gone.take(0, usedUsd, {}, 0);
      tellAll([gone, left], 1_000);
      left.shareFloors({ equalPart: 0.5, silent: new Set(['0']) });
      left.hear(new Map(), null, 20_000);
      expect(free(left, 20_000)).toBe(leftUsd);
      expect(free(left, minuteMs)).toBe(1);
      left.shareFloors(allHeard);
      expect(free(left, minuteMs)).toBe(2);
    },
  );

  test('count what one has used that took its leave, and leave nothing to it', () => {
    const [gone, left] = [paced(), paced()] as const;
    gone.take(0, 0.5, {}, 0);
    tellAll([gone, left], 1_000);
    left.shareFloors(allHeard);
    left.hear(new Map(), null, 2_000);
    expect(free(left, 2_000)).toBe(1.5);
  });

  test('fill an equal part where they hear nobody any more, less what they used themselves', () => {
    const [cutOff, other] = [paced(), paced()] as const;
    cutOff.take(0, 0.25, {}, 0);
    other.take(0, 1.5, {}, 0);
    tellAll([cutOff, other], 1_000);
    expect(free(cutOff, 1_000)).toBe(0.25);
    cutOff.shareFloors({ equalPart: 0.5, silent: null });
    cutOff.hear(new Map(), null, 20_000);
    expect(free(cutOff, 20_000)).toBe(0.75);
    expect(free(cutOff, minuteMs)).toBe(1);
    // They are heard again, and what they used counts again.
    cutOff.take(0, 0.25, {}, minuteMs);
    other.take(0, 1, {}, minuteMs);
    for (const pacer of [cutOff, other]) pacer.shareFloors({ equalPart: 0.5, silent: new Set() });
    tellAll([cutOff, other], minuteMs + 1_000);
    expect([cutOff, other].map((pacer) => free(pacer, minuteMs + 1_000))).toEqual([0.75, 0.75]);
  });

  test('fill an equal part of intervals that are over before they are told of, whatever others used', () => {
    const short = () => paced(floorOf({ intervalMs: 1_000 }));
    const replicas = [short(), short(), short(), short()];
    for (const pacer of replicas) pacer.shareFloors({ equalPart: 0.25, silent: new Set() });
    replicas[0]!.take(0, 0.125, {}, 0);
    replicas[1]!.take(0, 0.5, {}, 0);
    tellAll(replicas, 500);
    expect(replicas.map((pacer) => free(pacer, 500))).toEqual([0.375, 0, 0.5, 0.5]);
    expect(replicas.map((pacer) => free(pacer, 1_000))).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  test('leave an equal part to one whose clock is apart by more than an interval, and nothing more once it is right', () => {
    const [pacer, ahead] = [paced(), paced()] as const;
    pacer.shareFloors({ equalPart: 0.5, silent: new Set() });
    ahead.take(0, 1.5, {}, 2 * minuteMs);
    const hearAt = (nowMs: number): number => {
      pacer.hear(new Map([['ahead', ahead.tell(nowMs)]]), null, nowMs);
      return free(pacer, nowMs);
    };
    expect([59_999, minuteMs, 2 * minuteMs].map(hearAt)).toEqual([1, 2, 0.5]);
  });

  test('take what is told of another interval for nothing, and leave an equal part to who counts otherwise', () => {
    const [pacer, next] = [paced(), paced()] as const;
    pacer.shareFloors({ equalPart: 0.25, silent: new Set() });
    next.take(0, 1.5, {}, minuteMs);
    const told: ToldPace = next.tell(minuteMs);
    const floor = { ...told.floors['floor']!, intervalFromMs: 0 };
    const otherwise: readonly ToldFloor[] = [
      { ...floor, used: [1, 1] },
      { ...floor, intervalMs: 30_000 },
      { ...floor, capacities: [3] },
    ];
    const freeWith = (...floors: readonly ToldFloor[]): number => {
      const others = floors.map((one, index) => [`${index}`, { ...told, floors: { floor: one } }] as const);
      pacer.hear(new Map<string, ToldPace>([['next', told], ...others]), null, 59_999);
      return free(pacer, 59_999);
    };
    expect(freeWith()).toBe(2);
    expect(otherwise.map((one) => freeWith(one))).toEqual([1.5, 1.5, 1.5]);
    expect(freeWith(...otherwise)).toBe(0.5);
    expect(freeWith()).toBe(2);
    expect(freeWith(floor)).toBe(0.5);
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
