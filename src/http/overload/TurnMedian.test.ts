import { expect, test } from 'vitest';
import { TurnMedian } from './TurnMedian.ts';

const medianOf = (...looks: readonly (readonly [turnMs: number, elapsedMs: number])[]): number => {
  const median = new TurnMedian(1_000);
  for (const [turnMs, elapsedMs] of looks) median.add(turnMs, elapsedMs);
  return median.median;
};

const calm = Array.from({ length: 9 }, (): readonly [number, number] => [1, 100]);

test('what half of the time went into counts, by time and not by number', () => {
  expect(medianOf([1, 300], [400, 400], [1, 100], [1, 100], [400, 400])).toBe(400);
  expect(medianOf(...calm, [5, 100])).toBe(1);
});

test('one turn that is long for less than half of the time is none', () => {
  expect(medianOf(...calm, [450, 450])).toBe(1);
  expect(medianOf(...calm, [450, 450], [450, 450])).toBe(450);
});

test('nothing is told before there was time, and what is long past is forgotten', () => {
  expect(medianOf([900, 900])).toBe(0);
  expect(medianOf([900, 900], [900, 900], ...calm, [1, 100])).toBe(1);
});
