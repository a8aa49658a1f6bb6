import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputEstimate } from './OutputEstimate.ts';

describe('OutputEstimate', () => {
  test('has a modest guess for what was never seen', () => {
    expect(new OutputEstimate().expect('chat', 100, null)).toBe(256);
  });

  test('learns per size of the input, and lends what it knows to other sizes', () => {
    const estimate = new OutputEstimate();
    estimate.observe('chat', 100, 10);
    estimate.observe('chat', 120, 20);
    estimate.observe('chat', 5_000, 600);
    expect(estimate.expect('chat', 64, null)).toBe(15);
    expect(estimate.expect('chat', 8_000, null)).toBe(600);
    expect(estimate.expect('chat', 1_000, null)).toBe(210);
    expect(estimate.expect('other', 64, null)).toBe(256);
  });

  test('never expects more than the request allows', () => {
    const estimate = new OutputEstimate();
    estimate.observe('chat', 100, 1_000);
    expect(estimate.expect('chat', 100, 16)).toBe(16);
  });

  test('follows a change of habit', () => {
    const estimate = new OutputEstimate();
    for (let seen = 0; seen < 1_000; seen++) estimate.observe('chat', 100, 10);
    for (let seen = 0; seen < 100; seen++) estimate.observe('chat', 100, 500);
    expect(estimate.expect('chat', 100, null)).toBeGreaterThan(490);
  });

  test('forgets the oldest model rather than grow without end [A35]', () => {
    const estimate = new OutputEstimate();
    for (let model = 0; model <= 1_000; model++) estimate.observe(`m${model}`, 1, 7);
    expect(estimate.expect('m0', 1, null)).toBe(256);
    expect(estimate.expect('m1', 1, null)).toBe(7);
  });

  test('stays within what it has seen, whatever it is told', () => {
    const tokens = fc.oneof(fc.nat(1e6), fc.double());
    fc.assert(
      fc.property(fc.array(fc.tuple(tokens, tokens)), tokens, (seen, asked) => {
        const estimate = new OutputEstimate();
        for (const [input, output] of seen) estimate.observe('chat', input, output);
        const usable = seen.flatMap(([input, output]) =>
          input >= 0 && output >= 0 && output < Infinity ? [output] : [],
        );
        const expected = estimate.expect('chat', asked, null);
        const slack = 1e-9 * Math.max(1, ...usable);
        if (usable.length === 0) expect(expected).toBe(256);
        else {
          expect(expected).toBeGreaterThanOrEqual(Math.min(...usable) - slack);
          expect(expected).toBeLessThanOrEqual(Math.max(...usable) + slack);
        }
      }),
    );
  });
});
