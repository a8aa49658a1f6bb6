import { describe, expect, test } from 'vitest';
import { Silence, type AwaitedHead } from './Silence.ts';

/** Answers each of its tries after some time. */
const talk = (silence: Silence, tries: number, fromMs: number, answerMs: number): void => {
  for (let one = 0; one < tries; one++) {
    silence.sent(fromMs + one * answerMs);
    silence.settled();
    silence.heard(fromMs + one * answerMs, fromMs + (one + 1) * answerMs);
  }
};

const hang = (silence: Silence, tries: number, fromMs: number, awaited: AwaitedHead | null = null): void => {
  for (let one = 0; one < tries; one++) silence.sent(fromMs + one, awaited);
};

describe('a quota domain that hangs', () => {
  test('is silent a second after the first try that it does not answer', () => {
    const silence = new Silence();
    talk(silence, 30, 0, 100);
    hang(silence, 5, 5_000);
    expect(silence.silentMs(5_999)).toBeNull();
    expect(silence.silentMs(6_000)).toBe(1_000);
    silence.heard(5_004, 6_100);
    expect(silence.silentMs(6_100)).toBeNull();
  });

  test('is silent no more once nobody waits there', () => {
    const silence = new Silence();
    talk(silence, 30, 0, 100);
    hang(silence, 5, 5_000);
    for (let one = 0; one < 5; one++) silence.settled();
    expect(silence.silentMs(7_000)).toBeNull();
    hang(silence, 4, 8_000);
    expect(silence.silentMs(60_000)).toBeNull();
  });

  test('is not judged before anything tells how it talks', () => {
    const silence = new Silence();
    hang(silence, 50, 0);
    expect(silence.silentMs(60_000)).toBeNull();
  });

  test.each([
    ['a stream', { allowedMs: 120_000, streamed: true }, 15_000],
    ['a stream of a model that thinks', { allowedMs: 600_000, streamed: true }, 75_000],
    ['a whole answer', { allowedMs: 120_000, streamed: false }, 60_000],
  ])('is borne as long as a part of what the file allows %s, where nothing was heard yet', (_, awaited, patienceMs) => {
    const silence = new Silence();
    hang(silence, 5, 0, awaited);
    expect(silence.silentMs(patienceMs - 10)).toBeNull();
    expect(silence.silentMs(patienceMs + 10)).toBe(patienceMs + 10);
  });

  test('is left alone within seconds once five answers were heard after a start', () => {
    const silence = new Silence();
    hang(silence, 1, 0, { allowedMs: 120_000, streamed: true });
    talk(silence, 5, 1, 100);
    hang(silence, 5, 5_000);
    expect(silence.silentMs(6_000)).toBeNull();
    expect(silence.silentMs(8_000)).toBe(3_000);
  });

  test('is judged after a start as before it, where that is not long ago', () => {
    const before = new Silence();
    talk(before, 30, 0, 100);
    const { usualMs } = before;
    expect(usualMs).toBeCloseTo(100);
    for (const [ageMs, silentMs] of [
      [3_600_000, 1_000],
      [90_000_000, null],
    ] as const) {
      const silence = new Silence();
      silence.restore(usualMs!, ageMs);
      hang(silence, 5, 0, { allowedMs: 120_000, streamed: true });
      expect(silence.silentMs(1_000)).toBe(silentMs);
    }
  });

  test('is not called silent because its first words take a minute, as they always have', () => {
    const silence = new Silence();
    for (let turn = 0; turn < 60; turn += 1) {
      const fromMs = turn * 70_000;
      hang(silence, 5, fromMs, { allowedMs: 600_000, streamed: true });
      expect(silence.silentMs(fromMs + 60_000)).toBeNull();
      for (let one = 0; one < 5; one += 1) {
        silence.settled();
        silence.heard(fromMs + one, fromMs + 60_000 + one);
      }
    }
  });

  test('is tried again by one request after a second, and by one more each time a quarter of the quiet has gone by', () => {
    const silence = new Silence();
    talk(silence, 30, 0, 100);
    hang(silence, 300, 5_000);
    const triedMs: number[] = [];
    for (let nowMs = 6_000; nowMs < 35_000; nowMs += 10) {
      if (silence.silentMs(nowMs) !== null) continue;
      triedMs.push(nowMs);
      silence.sent(nowMs);
    }
    expect(triedMs).toEqual([7_000, 8_000, 9_000, 10_340, 12_120, 14_500, 17_670, 21_900, 27_540]);
    silence.heard(27_540, 27_600);
    expect(silence.silentMs(29_000)).toBeNull();
  });

  test('is tried by one request alone after a long pause', () => {
    const silence = new Silence();
    talk(silence, 30, 0, 100);
    hang(silence, 5, 5_000);
    expect(silence.silentMs(60_000)).toBeNull();
    silence.sent(60_000);
    expect(silence.silentMs(60_001)).toBe(55_001);
  });

  test('is borne longer where long quiet is usual', () => {
    const silence = new Silence();
    talk(silence, 200, 0, 4_000);
    hang(silence, 5, 1_000_000);
    expect(silence.silentMs(1_011_000)).toBeNull();
    expect(silence.silentMs(1_012_000)).toBe(12_000);
  });

  test('is judged as before soon after a time in which it was slow', () => {
    const silence = new Silence();
    talk(silence, 200, 0, 50);
    talk(silence, 60, 10_000, 900);
    talk(silence, 60, 70_000, 50);
    hang(silence, 5, 80_000);
    expect(silence.silentMs(81_000)).toBe(1_000);
  });
});
