import { describe, expect, test } from 'vitest';
import { SeededRandom } from './SeededRandom.ts';

const draws = (count: number, draw: () => number): readonly number[] => Array.from({ length: count }, draw);

const momentsOf = (values: readonly number[]): { mean: number; variance: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

describe('SeededRandom', () => {
  test('gives the same numbers to the same seed and stream, and others to another', () => {
    const first = (seed: number, stream: number): readonly number[] => {
      const random = new SeededRandom(seed, stream);
      return draws(5, () => random.next());
    };
    expect(first(1, 2)).toEqual(first(1, 2));
    expect(first(1, 2)).not.toEqual(first(1, 3));
    expect(first(1, 2)).not.toEqual(first(2, 2));
  });

  test('is the same generator for ever: plans are made again from a seed', () => {
    const random = new SeededRandom(42);
    expect(draws(3, () => random.next())).toMatchInlineSnapshot(`
      [
        0.9211069431621581,
        0.729273772565648,
        0.8167118318378925,
      ]
    `);
    expect(draws(3, () => random.normal())).toMatchInlineSnapshot(`
      [
        0.21710380572333016,
        0.5881262289102738,
        -0.4780992571573731,
      ]
    `);
  });

  test('draws evenly from 0 to below 1, within streams and across them', () => {
    const random = new SeededRandom(7);
    const within = momentsOf(draws(50_000, () => random.next()));
    let stream = 0;
    const across = momentsOf(draws(50_000, () => new SeededRandom(7, stream++).next()));
    for (const { mean, variance } of [within, across]) {
      expect(mean).toBeCloseTo(0.5, 2);
      expect(variance).toBeCloseTo(1 / 12, 2);
    }
  });

  test('draws normal numbers of mean 0 and variance 1, and their opposites where mirrored', () => {
    const random = new SeededRandom(7);
    const mirror = new SeededRandom(7, 0, true);
    const values = draws(50_000, () => random.normal());
    const { mean, variance } = momentsOf(values);
    expect(mean).toBeCloseTo(0, 1);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(values.filter((value) => Math.abs(value) > 1.96).length / values.length).toBeCloseTo(0.05, 2);
    expect(values.slice(0, 9).map((value) => -value)).toEqual(draws(9, () => mirror.normal()));
  });

  test('chooses one of several as often as its probability says, and never what cannot be', () => {
    const random = new SeededRandom(9);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 30_000; draw++) {
      const index = random.oneOf([0.2, 0.7, 0.1, 0]);
      counts[index]! += 1;
    }
    expect(counts.map((count) => Math.round(count / 300) / 100)).toEqual([0.2, 0.7, 0.1, 0]);
    expect(new SeededRandom(1).oneOf([0, 0])).toBe(-1);
    expect(new SeededRandom(1).oneOf([0.0, 1e-9, 0])).toBe(1);
  });

  test('draws whole numbers and ranges within their bounds', () => {
    const random = new SeededRandom(3);
    for (let draw = 0; draw < 1_000; draw++) {
      expect([0, 1, 2]).toContain(random.below(3));
      const between = random.between(-2, 5);
      expect(between >= -2 && between < 5).toBe(true);
    }
  });
});
