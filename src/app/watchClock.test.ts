import { expect, test } from 'vitest';
import { silentLog, silentMetrics } from '../kernel/index.ts';
import { clockLook } from './watchClock.ts';

test('a jump of the wall clock is told once, with its size; a pause of the process and a slow correction are none', () => {
  const time = { nowMs: 1_800_000_000_000, monotonicMs: 5_000 };
  const jumps: unknown[] = [];
  const log = { ...silentLog, warn: (_event: string, fields?: object) => void jumps.push(fields) };
  const look = clockLook({ nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs }, log, silentMetrics);
  const pass = (wallMs: number, monotonicMs: number): void => {
    time.nowMs += wallMs;
    time.monotonicMs += monotonicMs;
    look();
  };
  pass(1_000, 1_000);
  pass(10_000, 10_000);
  for (let count = 0; count < 100; count += 1) pass(1_100, 1_000);
  expect(jumps).toEqual([]);
  pass(3_601_000, 1_000);
  pass(1_000, 1_000);
  pass(-3_599_000, 1_000);
  expect(jumps).toMatchObject([{ jumpMs: 3_600_000 }, { jumpMs: -3_600_000 }]);
});
