import { expect, test } from 'vitest';
import { interruptionsOfClass } from './interruptionsOfClass.ts';

// -ln(1 - p) / 730, by hand: ln(0.95) = -0.0512933, ln(0.9) = -0.1053605, ln(0.8) = -0.2231436.
test.each([
  ['<5%', 0.0512933 / 730],
  ['5-10%', 0.1053605 / 730],
  ['15-20%', 0.2231436 / 730],
  ['>20%', 1 / 730],
])('%s counts as its worst case', (text, rate) => {
  expect(interruptionsOfClass(text)).toBeCloseTo(rate, 9);
});

test('at the rate of a class, as many instances live through a month as the class leaves', () => {
  expect(Math.exp(-730 * (interruptionsOfClass('10-15%') ?? 0))).toBeCloseTo(0.85, 12);
});

test('a class without an upper bound is never better than one with', () => {
  expect(interruptionsOfClass('>20%')).toBeGreaterThan(interruptionsOfClass('15-20%') ?? Infinity);
});

test.each(['', '5%', '<0%', '20-15%', '5-5%', '<5', '<100%', 'often', '5–10%'])('%j is no class', (text) => {
  expect(interruptionsOfClass(text)).toBeNull();
});
