import { describe, expect, it } from 'vitest';
import { seededRandom } from './seededRandom.ts';

const drawn = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

describe('seeded random numbers', () => {
  it('are the same from the same seed, and others from another', () => {
    expect(drawn(7, 100)).toEqual(drawn(7, 100));
    expect(drawn(8, 100)).not.toEqual(drawn(7, 100));
  });

  it('are those of mulberry32', () => {
    expect(drawn(1, 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it.each([0, 1, -1, 2 ** 31, 2 ** 32 + 5])('are spread evenly from 0 to below 1 (seed %i)', (seed) => {
    const numbers = drawn(seed, 20_000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (const number of numbers) counts[Math.floor(number * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(250);
  });
});
