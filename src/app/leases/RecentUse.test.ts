import { expect, test } from 'vitest';
import { RecentUse } from './RecentUse.ts';

const minuteMs = 60_000;

test('a lease covers a quarter of an hour of what was used lately, and twice the most that was held at a time', () => {
  const use = new RecentUse();
  expect(use.covering(0)).toBe(0n);
  use.add(10n, 7n, 0);
  use.add(20n, 3n, minuteMs - 1);
  expect(use.covering(minuteMs - 1)).toBe(30n * 15n + 14n);
  use.add(0n, 9n, minuteMs);
  expect(use.covering(minuteMs)).toBe((30n * 15n) / 2n + 18n);
  use.add(0n, 0n, 14 * minuteMs);
  expect(use.covering(14 * minuteMs)).toBe(30n + 18n);
});

test('what is idle for as long is covered no more, and begins anew', () => {
  const use = new RecentUse();
  use.add(10n, 7n, 0);
  use.add(0n, 0n, 15 * minuteMs);
  expect(use.covering(15 * minuteMs)).toBe(0n);
  use.add(2n, 0n, 20 * minuteMs);
  expect(use.covering(20 * minuteMs)).toBe(30n);
});
