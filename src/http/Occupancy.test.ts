import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Occupancy, type Stay } from './Occupancy.ts';

const occupancyOf = (requestsInFlight: number, bodiesBytes: number): Occupancy =>
  new Occupancy(() => ({ requestsInFlight, bodiesBytes }));

/** A stay that there is room for. */
const enter = (occupancy: Occupancy): Stay => {
  const stay = occupancy.enter();
  if (stay === null) throw new Error('there is room');
  return stay;
};

describe('the occupancy', () => {
  test('takes up to its limit and not a byte more', () => {
    const occupancy = occupancyOf(10, 100);
    const [one, other] = [enter(occupancy), enter(occupancy)];
    expect(one.take(60)).toBe(true);
    expect(other.take(41)).toBe(false);
    expect(occupancy.heldBytes).toBe(60);
    expect(other.take(40)).toBe(true);
    expect(one.take(1)).toBe(false);
    expect(occupancy.heldBytes).toBe(100);
  });

  test('lets no more in than it may, and one more for each that leaves', () => {
    const occupancy = occupancyOf(2, 100);
    const first = enter(occupancy);
    enter(occupancy);
    expect(occupancy.enter()).toBeNull();
    first.leave();
    expect(occupancy.enter()).not.toBeNull();
    expect(occupancy.enter()).toBeNull();
  });

  test('counts a stay that is left twice once, and gives it nothing afterwards', () => {
    const occupancy = occupancyOf(2, 100);
    const [stayed, left] = [enter(occupancy), enter(occupancy)];
    stayed.take(50);
    left.take(50);
    left.leave();
    left.leave();
    expect([occupancy.requests, occupancy.heldBytes]).toEqual([1, 50]);
    expect(left.take(1)).toBe(false);
    expect(occupancy.heldBytes).toBe(50);
  });

  test('lets one key alone have nearly all places, and keeps some for others [G9]', () => {
    const occupancy = occupancyOf(1_000, 100);
    let mine = 0;
    while (occupancy.enter(mine) !== null) mine += 1;
    expect(mine).toBeGreaterThan(900);
    expect(mine).toBeLessThan(1_000);
    for (let others = 0; others < 10; others += 1) expect(occupancy.enter(others)).not.toBeNull();
    expect(occupancy.enter(mine)).toBeNull();
  });

  test('lets one key have all places where there are only a few', () => {
    const occupancy = occupancyOf(10, 100);
    for (let mine = 0; mine < 10; mine += 1) expect(occupancy.enter(mine)).not.toBeNull();
    expect(occupancy.enter(10)).toBeNull();
  });

  test('sends nobody out when its limits are lowered below what it holds', () => {
    let limits = { requestsInFlight: 2, bodiesBytes: 100 };
    const occupancy = new Occupancy(() => limits);
    const stay = enter(occupancy);
    stay.take(80);
    limits = { requestsInFlight: 1, bodiesBytes: 50 };
    expect([occupancy.requests, occupancy.heldBytes]).toEqual([1, 80]);
    expect(stay.take(1)).toBe(false);
    expect(occupancy.enter()).toBeNull();
    stay.leave();
    expect(enter(occupancy).take(50)).toBe(true);
  });

  test('holds at each moment what its stays took, never below nothing or above a limit, and nothing at the end', () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ act: fc.constant('enter' as const) }) },
      { weight: 4, arbitrary: fc.record({ act: fc.constant('take' as const), who: fc.nat(), bytes: fc.nat(400) }) },
      { weight: 2, arbitrary: fc.record({ act: fc.constant('leave' as const), who: fc.nat() }) },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 1_000 }),
        (steps, requestsInFlight, bodiesBytes) => {
          const occupancy = occupancyOf(requestsInFlight, bodiesBytes);
          /** All that ever came in; null stands for one that left. */
          const stays: { readonly stay: Stay; takenBytes: number | null }[] = [];
          const here = () => stays.filter(({ takenBytes }) => takenBytes !== null);
          const held = () => stays.reduce((sum, { takenBytes }) => sum + (takenBytes ?? 0), 0);
          for (const one of steps) {
            if (one.act === 'enter') {
              const isFull = here().length >= requestsInFlight;
              const stay = occupancy.enter();
              expect(stay === null).toBe(isFull);
              if (stay) stays.push({ stay, takenBytes: 0 });
            } else {
              const entry = stays[one.who % Math.max(1, stays.length)];
              if (!entry) continue;
              if (one.act === 'leave') {
                entry.stay.leave();
                entry.takenBytes = null;
              } else {
                const fits = entry.takenBytes !== null && held() + one.bytes <= bodiesBytes;
                expect(entry.stay.take(one.bytes)).toBe(fits);
                if (fits) entry.takenBytes = (entry.takenBytes ?? 0) + one.bytes;
              }
            }
            expect([occupancy.requests, occupancy.heldBytes]).toEqual([here().length, held()]);
            expect(occupancy.heldBytes).toBeGreaterThanOrEqual(0);
            expect(occupancy.heldBytes).toBeLessThanOrEqual(bodiesBytes);
          }
          for (const { stay } of stays) stay.leave();
          expect([occupancy.requests, occupancy.heldBytes]).toEqual([0, 0]);
        },
      ),
    );
  });
});
