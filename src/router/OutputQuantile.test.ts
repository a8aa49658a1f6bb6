import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputQuantile } from './OutputQuantile.ts';

const observe = (quantile: OutputQuantile, outputTokens: number, times = 1, more: object = {}): void => {
  const answer = { key: 'demo', model: 'chat', inputTokens: 1_000, outputTokens, outputBytes: 4 * outputTokens };
  for (let done = 0; done < times; done += 1) quantile.observe({ ...answer, ...more });
};

const atMost = (quantile: OutputQuantile, share = 0.95, key = 'demo', inputTokens = 1_000): number | null =>
  quantile.atMost(share, key, 'chat', inputTokens);

describe('a quantile of output', () => {
  test('says nothing before it has seen enough of this caller, model and size of input', () => {
    const quantile = new OutputQuantile(512);
    observe(quantile, 100, 19);
    expect(atMost(quantile)).toBeNull();
    observe(quantile, 100);
    expect(atMost(quantile)).toBe(128);
    expect([atMost(quantile, 0.95, 'other'), atMost(quantile, 0.95, 'demo', 100_000)]).toEqual([null, null]);
  });

  test('lets older answers fade', () => {
    const quantile = new OutputQuantile(512);
    observe(quantile, 4_000, 200);
    observe(quantile, 10, 200);
    expect(atMost(quantile, 0.5)).toBe(12);
    expect(atMost(quantile)).toBe(4_096);
    observe(quantile, 10, 1_000);
    expect(atMost(quantile)).toBe(12);
  });

  test('keeps what it knows over very many answers, and leaves out what is no count', () => {
    const quantile = new OutputQuantile(512);
    observe(quantile, 100, 30_000);
    observe(quantile, Number.NaN);
    observe(quantile, -1);
    observe(quantile, Infinity);
    expect(atMost(quantile, 1)).toBe(128);
  });

  test('says nothing any more once an answer was billed for more than came of it', () => {
    const quantile = new OutputQuantile(512);
    observe(quantile, 600, 40, { outputBytes: 88 });
    expect(atMost(quantile)).toBe(725);
    observe(quantile, 601, 1, { outputBytes: 88 });
    expect(atMost(quantile)).toBeNull();
  });

  test('goes on from what is recalled once one answer was seen that came whole, and leaves what it has seen itself', () => {
    const quantile = new OutputQuantile(512);
    const recalled = Array.from({ length: 300 }, () => ({
      key: 'demo',
      model: 'chat',
      inputTokens: 900,
      outputTokens: 5_000,
    }));
    quantile.recall(recalled);
    expect(atMost(quantile)).toBeNull();
    observe(quantile, 100);
    expect(atMost(quantile)).toBe(5_793);
    quantile.recall([...recalled, { ...recalled[0]!, outputTokens: 90_000 }]);
    expect(atMost(quantile)).toBe(5_793);
    const hiding = new OutputQuantile(512);
    hiding.recall(recalled);
    observe(hiding, 5_000, 1, { outputBytes: 0 });
    expect(atMost(hiding)).toBeNull();
  });

  test('is what all came to, also where their weights add up to a little less than their total', () => {
    const quantile = new OutputQuantile(512);
    const outputs = [
      1, 1, 92682, 23171, 16385, 1, 6, 92682, 32769, 9, 1, 1, 32769, 46341, 1, 1, 1, 65537, 32769, 16385,
    ];
    for (const output of outputs) observe(quantile, output);
    expect(atMost(quantile, 1)).toBe(131_072);
  });

  test('is at least what that share of recent answers came to, and less than the half more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 20, maxLength: 60 }), (outputs) => {
        const quantile = new OutputQuantile(512);
        for (const output of outputs) observe(quantile, output);
        const largest = Math.max(...outputs);
        const most = atMost(quantile, 1)!;
        expect(most).toBeGreaterThanOrEqual(largest);
        expect(most).toBeLessThanOrEqual(Math.ceil(largest * Math.SQRT2));
        expect(atMost(quantile, 0.5)!).toBeLessThanOrEqual(most);
      }),
      { numRuns: 100 },
    );
  });
});
