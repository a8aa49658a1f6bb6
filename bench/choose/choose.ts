// `node bench/choose/choose.ts [calls]`: what one choice with its explanation costs, for 1, 6 and 20 targets with caps on, beside two readings of the
// clock with nothing between them. Prints one JSON line. The goal is a 99th percentile of at most 10 us for 6 targets, 5 us later.
//
// Sketch of the cost: per target three look-ups of health 0.1 us each, four guards 0.1 us each, its names written twice 0.2 us: 1 us, and the
// decision's objects. What is drawn out by a collection of garbage shows in the 99.9th percentile.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { choose, Health, type Candidate, type Dimension, type Question } from '../../src/router/index.ts';

const targetCounts = [1, 6, 20];
const warmCalls = 50_000;

const candidateOf = (index: number, call: number): Candidate => ({
  target: { provider: `provider-${index}`, model: 'vendor-model-2026' },
  credential: `provider-${index}/main`,
  quotaDomain: `provider-${index}/main/vendor-model`,
  vendor: `vendor-${index % 4}`,
  hosts: index % 2 === 0 ? { north: 0.6, south: 0.4 } : { east: 1 },
  jurisdiction: index % 2 === 0 ? 'EU' : 'US',
  lab: `lab-${index % 3}`,
  expectedUsd: 0.001 + ((index * 7 + call) % 11) / 10_000,
  inputTokens: 1_000,
  refusal: null,
  rest: null,
});

const health = new Health();
const shares = {
  totalUsd: 900,
  forecastUsd: 4_000,
  usdOf: (dimension: Dimension, name: string) => (dimension.length * 17 + name.length * 29) % 300,
};
const caps = { vendor: 0.45, host: 0.6, jurisdiction: 0.9, lab: 0.8 };

const questionOf = (targets: number, call: number): Question => ({
  candidates: Array.from({ length: targets }, (_one, index) => candidateOf(index, call)),
  health,
  caps,
  shares,
  tried: new Set(),
  attempt: 1,
  nowMs: performance.now(),
});

/** Microseconds of each call, without the making of the question. */
const timesOf = (calls: number, targets: number, timed: (question: Question) => unknown): number[] => {
  const times: number[] = [];
  let kept: unknown;
  for (let call = -warmCalls; call < calls; call += 1) {
    const question = questionOf(targets, call + warmCalls);
    const beganNs = process.hrtime.bigint();
    kept = timed(question);
    const tookNs = process.hrtime.bigint() - beganNs;
    if (call >= 0) times.push(Number(tookNs) / 1_000);
  }
  // Read, so that no compiler leaves the work out.
  if (kept === undefined) throw new Error('nothing was timed');
  return times.toSorted((one, other) => one - other);
};

const quantile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? NaN) * 100) / 100;

const quantilesOf = (sorted: readonly number[]): Record<'p50Us' | 'p99Us' | 'p999Us', number> => ({
  p50Us: quantile(sorted, 0.5),
  p99Us: quantile(sorted, 0.99),
  p999Us: quantile(sorted, 0.999),
});

const calls = Number(process.argv[2] ?? 100_000);
const choices = targetCounts.map((targets) => [targets, quantilesOf(timesOf(calls, targets, choose))] as const);
process.stdout.write(
  `${JSON.stringify({
    bench: 'choose',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname })
      .toString()
      .trim(),
    node: process.version,
    cores: cpus().length,
    calls,
    emptyTimer: quantilesOf(timesOf(calls, 1, (question) => question)),
    targets: Object.fromEntries(choices),
  })}\n`,
);
