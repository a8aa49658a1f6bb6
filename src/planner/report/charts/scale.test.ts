import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extentOf, fitting, linearScale, niceTicks, textWidth } from './scale.ts';

test('ticks enclose what they are for, rise by even steps and stay few', () => {
  const figure = fc.double({ min: 0, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(figure, figure, (one, other) => {
      const [least, most] = [Math.min(one, other), Math.max(one, other)];
      fc.pre(most - least > 1e-6 * Math.max(1, most));
      const ticks = niceTicks(least, most);
      const [first, last] = extentOf(ticks);
      const slack = 1e-6 * Math.max(1, most);
      expect(first).toBeLessThanOrEqual(least + slack);
      expect(last).toBeGreaterThanOrEqual(most - slack);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(9);
      for (const [index, tick] of ticks.entries()) if (index > 0) expect(tick).toBeGreaterThan(ticks[index - 1]!);
    }),
  );
  expect(niceTicks(0, 13_963)).toEqual([0, 5_000, 10_000, 15_000]);
  expect(niceTicks(0, 0).length).toBeGreaterThanOrEqual(2);
});

test('a scale of a single figure draws it, too', () => {
  expect(linearScale([5, 5], [0, 100])(5)).toBe(0);
  expect(linearScale([0, 10], [0, 100])(5)).toBe(50);
});

test('a text that does not fit is cut with a sign that it was', () => {
  expect(fitting('short', 100)).toBe('short');
  const cut = fitting('a very long label of somebody', 60);
  expect(cut.endsWith('…')).toBe(true);
  expect(textWidth(cut)).toBeLessThanOrEqual(60);
});
