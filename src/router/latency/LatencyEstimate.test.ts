import { describe, expect, test } from 'vitest';
import { LatencyEstimate, type SeenLatency } from './LatencyEstimate.ts';

const minuteMs = 60_000;

/** A stream of 200 tokens of which the first takes 500 ms and the rest 2 s. */
const stream: SeenLatency = {
  model: 'chat',
  target: 'a/m',
  inputTokens: 1_000,
  outputTokens: 200,
  firstContentMs: 500,
  durationMs: 2_500,
  stalledMs: 0,
};

const learnt = (...seen: readonly Partial<SeenLatency>[]): LatencyEstimate => {
  const estimate = new LatencyEstimate();
  for (const one of seen) for (let index = 0; index < 20; index++) estimate.observe({ ...stream, ...one }, 0);
  return estimate;
};

const isNear = (seen: number | null, expected: number): void => {
  expect(seen).toBeGreaterThan(expected / 1.2);
  expect(seen).toBeLessThan(expected * 1.2);
};

describe('what an answer is expected to take', () => {
  test('is its first token and its length by how fast tokens come', () => {
    const estimate = learnt({});
    isNear(estimate.expectedMs('chat', 'a/m', 1_000, 200, 0), 2_500);
    isNear(estimate.expectedMs('chat', 'a/m', 1_000, 2_000, 0), 20_500);
  });

  test('is known for each size of input, and for others by its target', () => {
    const estimate = learnt({}, { inputTokens: 100_000, firstContentMs: 8_000, durationMs: 10_000 });
    isNear(estimate.expectedMs('chat', 'a/m', 1_000, 200, 0), 2_500);
    isNear(estimate.expectedMs('chat', 'a/m', 100_000, 200, 0), 10_000);
    const unseen = estimate.expectedMs('chat', 'a/m', 10, 200, 0)!;
    expect(unseen).toBeGreaterThan(2_000);
    expect(unseen).toBeLessThan(12_000);
  });

  test('is that of its model where nothing is known of a target, and null where nothing is of the model', () => {
    const estimate = learnt({});
    isNear(estimate.expectedMs('chat', 'new/m', 1_000, 200, 0), 2_500);
    expect(estimate.expectedMs('other', 'new/m', 1_000, 200, 0)).toBeNull();
  });

  test('goes over to the model as what was seen of a target fades', () => {
    const estimate = learnt({ target: 'slow/m', firstContentMs: 20_000, durationMs: 22_000 });
    isNear(estimate.expectedMs('chat', 'slow/m', 1_000, 200, 0), 22_000);
    for (let index = 0; index < 40; index++) estimate.observe(stream, 120 * minuteMs);
    isNear(estimate.expectedMs('chat', 'slow/m', 1_000, 200, 120 * minuteMs), 2_500);
  });

  test('is learnt from whole answers, too, whose first token is taken from streams', () => {
    const whole = { firstContentMs: null, durationMs: 2_500 };
    isNear(learnt(whole).expectedMs('chat', 'a/m', 1_000, 200, 0), 2_500);
    isNear(learnt({}, whole).expectedMs('chat', 'a/m', 1_000, 2_000, 0), 20_500);
    isNear(learnt({ ...whole, outputTokens: 0, durationMs: 300 }).expectedMs('chat', 'a/m', 1_000, 0, 0), 300);
  });
});

test('an answer whose client read it slowly says when it began, and not how fast it was written', () => {
  const slow = learnt({}, { durationMs: 60_000, stalledMs: 57_000 }).snapshot(0)[0]!;
  isNear(slow.tokensPerS.p90, 100);
  isNear(slow.tokensPerS.p50, 100);
  isNear(slow.firstMs.p50, 500);
});

test('views tell quantiles of each target, of all sizes together', () => {
  const estimate = learnt({}, { inputTokens: 8, target: 'b/m', outputTokens: 2 });
  const [a, b] = estimate.snapshot(0);
  expect([a!.target, a!.answers, b!.target]).toEqual(['a/m', 20, 'b/m']);
  isNear(a!.firstMs.p90, 500);
  isNear(a!.tokensPerS.p50, 100);
  expect(b!.tokensPerS).toEqual({ p50: null, p90: null });
});

test('what the configuration no longer names is forgotten', () => {
  const estimate = learnt({}, { target: 'gone/m', model: 'gone' });
  estimate.retain(new Set(['a/m']), new Set(['chat']));
  expect(estimate.snapshot(0).map(({ target }) => target)).toEqual(['a/m']);
  expect(estimate.expectedMs('gone', 'gone/m', 1_000, 200, 0)).toBeNull();
});
