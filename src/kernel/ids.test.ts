import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUuidV7, parseAttemptId, UuidV7Maker, uuidV7Month, uuidV7Of, uuidV7TimeMs } from './ids.ts';

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

  test('of a time and of bytes are what RFC 9562 says they are', () => {
    // Its own example (A.6): 22 February 2022, 19:22:22 UTC, with the random bits 0xcc3 and 0x18c4dc0c0c07398f.
    const bytes = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidV7Of(0x017f22e279b0, bytes)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  test('of a time and of bytes are the same for the same, carry their time, and differ where either differs', () => {
    const anyTime = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    const anyBytes = fc.uint8Array({ minLength: 10, maxLength: 32 });
    fc.assert(
      fc.property(anyTime, anyBytes, anyTime, (ms, bytes, otherMs) => {
        const before = bytes.slice();
        const id = uuidV7Of(ms, bytes);
        expect(isUuidV7(id)).toBe(true);
        expect(uuidV7TimeMs(id)).toBe(ms);
        expect(bytes).toEqual(before);
        expect(uuidV7Of(ms, bytes.slice(0, 10))).toBe(id);
        expect(uuidV7Of(otherMs, bytes) === id).toBe(otherMs === ms);
        const other = bytes.slice();
        other[9]! ^= 1;
        expect(uuidV7Of(ms, other)).not.toBe(id);
      }),
    );
  });

  test.each([-1, 0.5, 2 ** 48, Number.NaN])('refuse %s as their time, and too few bytes', (ms) => {
    expect(() => uuidV7Of(ms, new Uint8Array(16))).toThrow(RangeError);
    expect(() => uuidV7Of(0, new Uint8Array(9))).toThrow(RangeError);
  });
});
