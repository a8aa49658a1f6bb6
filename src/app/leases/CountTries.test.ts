import { expect, test } from 'vitest';
import { CountTries } from './CountTries.ts';

test('a count that fails is tried again after twice the pause each time, up to five minutes, and is news once', () => {
  const tries = new CountTries();
  const pauses: number[] = [];
  let nowMs = 0;
  expect(tries.isDue(nowMs)).toBe(true);
  for (let failure = 0; failure < 11; failure += 1) {
    expect(tries.failed(nowMs)).toBe(failure === 0);
    const startedMs = nowMs;
    while (!tries.isDue(nowMs)) nowMs += 1_000;
    pauses.push((nowMs - startedMs) / 1_000);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('one that succeeded is due at once, and its next failure is news', () => {
  const tries = new CountTries();
  tries.failed(0);
  tries.failed(1_000);
  tries.succeeded();
  expect(tries.isDue(1_000)).toBe(true);
  expect(tries.failed(1_000)).toBe(true);
  expect([tries.isDue(1_999), tries.isDue(2_000)]).toEqual([false, true]);
});
