import { describe, expect, test } from 'vitest';
import { FloorWorth } from './FloorWorth.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Request = readonly [size: number, elsewhereUsd: number, payUsd: number];

/** What an hour teaches in which so many came a minute, in turn of these kinds. */
const taught = (perMinute: number, kinds: readonly Request[]): FloorWorth => {
  const worth = new FloorWorth(minuteMs, 0);
  for (let index = 0; index < 60 * perMinute; index++) {
    const [size, elsewhereUsd, payUsd] = kinds[index % kinds.length]!;
    worth.saw(size, elsewhereUsd, payUsd, (index * minuteMs) / perMinute);
  }
  worth.plan(hourMs);
  return worth;
};

describe('the room of a floor', () => {
  test('is of unknown worth until enough requests were seen', () => {
    const worth = new FloorWorth(minuteMs, 0);
    for (let index = 0; index < 31; index++) worth.saw(1, 1, 2, index * minuteMs);
    worth.plan(hourMs);
    expect(worth.isKnown).toBe(false);
    worth.saw(1, 1, 2, hourMs);
    worth.plan(hourMs);
    expect(worth.isKnown).toBe(true);
  });

  test('is worth what a request saves that fills it, as likely as one is still to come', () => {
    const worth = taught(2, [[1, 1, 2]]);
    expect(worth.takenUsd(1, 1, 1)).toBeGreaterThan(1 - Math.exp(-2));
    expect(worth.takenUsd(1, 1, 1)).toBeLessThan(1);
    expect(worth.takenUsd(1, 1, 0.5)).toBeLessThan(worth.takenUsd(1, 1, 1));
    expect(worth.takenUsd(1, 1, 0)).toBe(0);
  });

  test('is kept for those whom it saves most, while enough of them are still to come', () => {
    const worth = taught(10, [
      [0.5, 1, 2],
      [0.5, 0.2, 2],
    ]);
    expect(worth.takenUsd(0.5, 1, 0.9)).toBeGreaterThan(0.2);
    expect(worth.takenUsd(0.5, 1, 0.9)).toBeLessThan(1);
    expect(worth.takenUsd(0.5, 1, 0.02)).toBeLessThan(0.2);
  });

  test('is what requests say of whom some came while the clock was days ahead', () => {
    const worth = taught(2, [[1, 1, 2]]);
    const before = worth.takenUsd(1, 1, 1);
    worth.saw(1, 1, 2, 100 * hourMs);
    worth.plan(100 * hourMs);
    for (let index = 0; index < 240; index++) worth.saw(1, 3, 6, hourMs + (index * minuteMs) / 2);
    worth.plan(3 * hourMs);
    expect(worth.takenUsd(1, 1, 1)).toBeGreaterThan(2.8 * before);
    expect(worth.takenUsd(1, 1, 1)).toBeLessThan(3.2 * before);
  });

  test('is worth less where what does not fit has to be paid', () => {
    expect(taught(10, [[2, 1, 1.2]]).takenUsd(1, 1, 1)).toBeLessThanOrEqual(0.4 + 1e-12);
  });

  test('is worth what all of it saves where many small requests come', () => {
    const worthUsd = taught(600, [[0.01, 0.01, 0.02]]).takenUsd(1, 1, 1);
    expect(worthUsd).toBeGreaterThan(0.9);
    expect(worthUsd).toBeLessThan(1.001);
  });
});
