import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultNames, readFault } from './readFault.ts';

describe('a fault', () => {
  test.each(faultNames)('%s needs nothing but its name', (fault) => {
    expect(readFault({ fault })).toEqual({
      ok: true,
      value: { fault, share: 1, seed: null, afterEvents: 0, latencyMs: null, retryAfterS: 1 },
    });
  });

  test('takes all its fields', () => {
    const fault = { fault: 'slow', share: 0.25, seed: 3, afterEvents: 4, latencyMs: 1.5, retryAfterS: 0 };
    expect(readFault(fault)).toEqual({ ok: true, value: fault });
  });

  test.each([
    [null, /a fault is a JSON object/],
    [[], /a fault is a JSON object/],
    [{}, /"fault" is one of none, down, .*, not undefined/],
    [{ fault: 'toString' }, /"fault" is one of/],
    [
      { fault: 'down', shares: 1 },
      /unknown field "shares"; a fault has fault, share, seed, afterEvents, latencyMs, retryAfterS/,
    ],
    [{ fault: 'down', constructor: 1 }, /unknown field "constructor"/],
    [{ fault: 'down', share: 1.01 }, /"share" is a number from 0 to 1, not 1.01/],
    [{ fault: 'down', share: '1' }, /"share" is a number from 0 to 1, not "1"/],
    [{ fault: 'down', seed: 0.5 }, /"seed" is an integer/],
    [{ fault: 'down', afterEvents: -1 }, /"afterEvents" is an integer from 0/],
    [{ fault: 'down', latencyMs: 600_001 }, /"latencyMs" is a number from 0 to 600000/],
    [{ fault: 'down', retryAfterS: null }, /"retryAfterS" is an integer/],
  ])('like %j is refused in words', (body, message) => {
    const read = readFault(body);
    expect(read.ok).toBe(false);
    if (!read.ok)
      expect(read.fault).toMatchObject({ code: 'sandbox_bad_fault', message: expect.stringMatching(message) });
  });

  test('of any shape is taken or refused, never thrown over', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(typeof readFault(body).ok).toBe('boolean');
      }),
    );
  });
});
