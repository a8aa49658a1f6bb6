import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { runOverload } from '../rigs/overload/runOverload.ts';

const seed = seedOf('overload.long');
const stepS = Number(process.env['ARCHIPEL_OVERLOAD_S'] ?? 180);

/** On a machine with nothing else to do: the ratios of steps of three minutes. */
test('goodput, fairness and recovery under two and five times what can be done [G8] [G9]', async () => {
  const figures = await runOverload({ peakS: 20, stepS, settleS: 10 }, seed);
  keepResult('overload', seed, { stepS, ...figures });
  expect(figures.goodput2).toBeGreaterThanOrEqual(0.9);
  expect(figures.goodput5).toBeGreaterThanOrEqual(0.8);
  expect(figures.p99Ratio2).toBeLessThanOrEqual(2);
  expect(figures.p99RatioAfter).toBeLessThanOrEqual(1.2);
  expect(figures.shedMsP99).toBeLessThanOrEqual(20);
  expect(figures.othersServedMin).toBe(1);
  expect(figures.othersP99Ratio).toBeLessThanOrEqual(1.2);
  expect(figures.unprotected).toBeLessThan(0.1);
});
