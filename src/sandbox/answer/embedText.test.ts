import { expect, test } from 'vitest';
import { embedText } from './embedText.ts';

const cosine = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, at) => sum + value * right[at]!, 0);

test.each([1, 7, 256, 1536])('an embedding of %i dimensions has unit length', (dimensions) => {
  const vector = embedText('a lighthouse in the fog', dimensions);
  expect(vector).toHaveLength(dimensions);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
});

test('fewer dimensions are the beginning of the whole, scaled', () => {
  const whole = embedText('a lighthouse', 1536);
  const part = embedText('a lighthouse', 10);
  const scale = part[0]! / whole[0]!;
  expect([...part].every((value, at) => Math.abs(value - whole[at]! * scale) < 1e-5)).toBe(true);
});

test('texts that share words are nearer than texts that do not', () => {
  const [one, near, far] = ['the old lighthouse keeper', 'a lighthouse keeper', 'quarterly tax returns'].map((text) =>
    embedText(text, 1536),
  );
  expect(cosine(one!, near!)).toBeGreaterThan(0.4);
  expect(Math.abs(cosine(one!, far!))).toBeLessThan(0.2);
});
