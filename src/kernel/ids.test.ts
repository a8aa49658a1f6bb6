import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUuidV7, parseAttemptId, UuidV7Maker, uuidV7Month, uuidV7TimeMs } from './ids.ts';

const maker = () => new UuidV7Maker((target) => crypto.getRandomValues(target));

describe('ids', () => {
  test('carry the millisecond they were made in', () => {
    const ms = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    const id = maker().next(ms);
    expect(isUuidV7(id)).toBe(true);
    expect(uuidV7TimeMs(id)).toBe(ms);
    expect(uuidV7Month(id)).toBe('2026-11');
    expect(uuidV7Month(maker().next(ms + 1))).toBe('2026-12');
  });

  test('belong to the month of their time, in whatever order they are asked about', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 })), (times) => {
        for (const ms of times) {
          const id = maker().next(ms);
          expect(uuidV7Month(id)).toBe(new Date(uuidV7TimeMs(id)).toISOString().slice(0, 7));
        }
      }),
    );
  });

  test('only grow within one maker, whatever the wall clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_050 }), { minLength: 2 }),
        (times) => {
          const one = maker();
          const ids = times.map((ms) => one.next(ms));
          expect(ids.toSorted()).toEqual(ids);
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
    );
  });

  test('do not run out within one millisecond', () => {
    const one = maker();
    const ids = Array.from({ length: 20_000 }, () => one.next(1_700_000_000_000));
    expect(new Set(ids).size).toBe(20_000);
  });

  test.each(['', 'x', '0190b1a0-0000-4000-8000-000000000000', '0190B1A0-0000-7000-8000-000000000000'])(
    'refuses %j',
    (text) => {
      expect(() => parseAttemptId(text)).toThrow(RangeError);
    },
  );
});
