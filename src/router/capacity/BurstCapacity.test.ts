import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BurstCapacity } from './BurstCapacity.ts';

const day = 86_400_000;

const serve = (capacity: BurstCapacity, times: number, fromMs: number, apartMs: number, tokens = 100): void => {
  for (let time = 0; time < times; time++) capacity.served(tokens, fromMs + time * apartMs);
};

describe('what a quota domain serves at most', () => {
  test('is what was served in its busiest minute', () => {
    const capacity = new BurstCapacity();
    expect(capacity.isMeasured).toBe(false);
    serve(capacity, 600, 0, 500);
    serve(capacity, 30, 400_000, 2_000, 10_000);
    expect(capacity.reading('a', 458_000)).toEqual({
      quotaDomain: 'a',
      requestsPerMinute: 120,
      tokensPerMinute: 300_000,
      limited: false,
    });
  });

  test('is a limit where its vendor refused more at about that rate, until more is served', () => {
    const capacity = new BurstCapacity();
    serve(capacity, 120, 0, 500);
    capacity.refused(60_000);
    expect(capacity.reading('a', 60_000).limited).toBe(true);
    serve(capacity, 10, 200_000, 500);
    expect(capacity.reading('a', 205_000).limited).toBe(true);
    serve(capacity, 200, 300_000, 250);
    expect(capacity.reading('a', 350_000)).toMatchObject({ requestsPerMinute: 200, limited: false });
  });

  test('is none where it refused far below it, as vendors do that have no room', () => {
    const capacity = new BurstCapacity();
    serve(capacity, 120, 0, 500);
    capacity.refused(600_000);
    expect(capacity.reading('a', 600_000)).toMatchObject({ requestsPerMinute: 120, limited: false });
  });

  test('counts half after a week', () => {
    const capacity = new BurstCapacity();
    serve(capacity, 120, 0, 500);
    expect(capacity.reading('a', 7 * day + 59_500).requestsPerMinute).toBe(60);
  });

  test('is kept over a restart, at its age, and where more is served that counts', () => {
    const before = new BurstCapacity();
    serve(before, 120, 0, 500);
    before.refused(59_500);
    const after = new BurstCapacity();
    after.restore(before.reading('a', 59_500), 7 * day, 1_000);
    expect(after.reading('a', 1_000)).toMatchObject({ requestsPerMinute: 60, tokensPerMinute: 6_000, limited: true });
    serve(after, 90, 2_000, 500);
    expect(after.reading('a', 60_000)).toMatchObject({ requestsPerMinute: 90, limited: false });
  });

  test('is what a plain count over every minute gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9_000), { minLength: 1, maxLength: 80 }), (gapsMs) => {
        const capacity = new BurstCapacity();
        const atMs = gapsMs.map((_gap, at) => gapsMs.slice(0, at + 1).reduce((sum, gap) => sum + gap, 0));
        for (const nowMs of atMs) capacity.served(1, nowMs);
        const second = (nowMs: number): number => Math.floor(nowMs / 1_000);
        const counts = atMs.map(
          (nowMs, at) => atMs.slice(0, at + 1).filter((other) => second(nowMs) - second(other) < 60).length,
        );
        expect(capacity.reading('a', atMs.at(-1)!).requestsPerMinute).toBe(Math.max(...counts));
      }),
      { numRuns: 50 },
    );
  });
});
