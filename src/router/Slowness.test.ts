import { describe, expect, test } from 'vitest';
import { Slowness } from './Slowness.ts';

const stream = (firstContentMs: number) => ({ firstContentMs, streamed: true, outputTokens: 100 });

const usual = (slowness: Slowness, ms = 300): Slowness => {
  for (let answer = 0; answer < 40; answer++)
    slowness.observe(stream(ms * (answer % 2 === 0 ? 0.8 : 1.25)), answer * 100);
  return slowness;
};

describe('how much slower a target is than usual', () => {
  test('is a brown-out after a few answers that took many times as long', () => {
    const slowness = usual(new Slowness());
    expect(slowness.factor(4_000)).toBeNull();
    let answers = 0;
    while (slowness.factor(4_000 + answers * 100) === null && answers < 50)
      slowness.observe(stream(3_000), 4_000 + ++answers * 100);
    expect(answers).toBeLessThanOrEqual(5);
  });

  test('is none for an answer among many that took long, nor for all that take a little longer', () => {
    const slowness = usual(new Slowness());
    expect(slowness.observe(stream(6_000), 4_000)).toBeGreaterThan(10);
    expect(slowness.factor(4_000)).toBeNull();
    for (let answer = 0; answer < 50; answer++) slowness.observe(stream(600), 5_000 + answer * 100);
    expect(slowness.factor(10_000)).toBeNull();
  });

  test('is none where nobody feels it', () => {
    const slowness = usual(new Slowness(), 10);
    for (let answer = 0; answer < 50; answer++) expect(slowness.observe(stream(150), 5_000)).toBe(1);
    expect(slowness.factor(5_000)).toBeNull();
  });

  test('fades without answers, so that it is tried again', () => {
    const slowness = usual(new Slowness());
    for (let answer = 0; answer < 50; answer++) slowness.observe(stream(6_000), 5_000);
    expect(slowness.factor(5_000)).toBeGreaterThan(4);
    expect(slowness.factor(25_000)).toBeNull();
  });

  test('becomes the usual where it lasts', () => {
    const slowness = usual(new Slowness());
    for (let answer = 0; answer < 300; answer++) slowness.observe(stream(3_000), 5_000 + answer * 100);
    expect(slowness.factor(35_000)).toBeNull();
  });

  test('is not felt by answers that come whole because they are long', () => {
    const slowness = new Slowness();
    const whole = (outputTokens: number) => ({ firstContentMs: 500 + outputTokens * 8, streamed: false, outputTokens });
    for (let answer = 0; answer < 40; answer++) slowness.observe(whole(50), 0);
    for (let answer = 0; answer < 40; answer++) slowness.observe(whole(4_000), 0);
    expect(slowness.factor(0)).toBeNull();
    for (let answer = 0; answer < 40; answer++) slowness.observe({ ...whole(4_000), firstContentMs: 200_000 }, 0);
    expect(slowness.factor(0)).toBeGreaterThan(3);
  });
});
