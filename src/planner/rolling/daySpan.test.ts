import { expect, test } from 'vitest';
import { daysIn, monthsLong, monthsTouched, overlapOf, trackedMonths } from './daySpan.ts';

const horizon = { from: '2027-01-01', until: '2029-01-01' };

test('days are counted from the first to before the second, over the end of a year and a leap day', () => {
  expect(daysIn({ from: '2027-12-30', until: '2028-01-02' })).toBe(3);
  expect(daysIn({ from: '2028-02-28', until: '2028-03-01' })).toBe(2);
  expect(daysIn({ from: '2028-03-01', until: '2028-02-28' })).toBe(0);
  expect(daysIn(overlapOf(horizon, { from: '2026-12-01', until: '2027-01-04' }))).toBe(3);
});

test('a part of a month counts by its days', () => {
  expect(monthsTouched({ from: '2027-01-31', until: '2027-03-01' }).map(({ from }) => from)).toEqual([
    '2027-01-01',
    '2027-02-01',
  ]);
  expect(monthsLong({ from: '2027-01-17', until: '2027-03-15' })).toBeCloseTo(15 / 31 + 1 + 14 / 31, 12);
});

test('months are tracked until the running one, which is told in part', () => {
  expect(trackedMonths(horizon, '2027-01-01')).toEqual([]);
  expect(trackedMonths(horizon, '2027-03-08').map(({ month, partial, share }) => [month, partial, share])).toEqual([
    ['2027-01', false, 1],
    ['2027-02', false, 1],
    ['2027-03', true, 7 / 31],
  ]);
  expect(trackedMonths(horizon, '2031-01-01')).toHaveLength(24);
});
