import { expect, test } from 'vitest';
import { hours } from './hours.ts';

test.each([
  [0, '0'],
  [1 / 180, '0.00556'],
  [0.5, '0.5'],
  [12.54, '12.5'],
  [64, '64'],
  [99.96, '100'],
  [1_536.4, '1,536'],
  [53_568, '53,568'],
  [null, '-'],
])('%s hours are written %s', (value, text) => {
  expect(hours(value)).toBe(text);
});
