// `node bench/choose/choose.ts [calls]`: what one choice with its explanation costs, for 1, 6 and 20 targets with caps on, beside two readings of the
// clock with nothing between them: plain, and paced: with pools, floors in dollars and in tokens, prompt caches and what a second is worth; and the same
// without health and explanation (`pick`). Prints one JSON line. The goal is a 99th percentile of at most 10 us for 6 targets, paced, 5 us later.
//
// Sketch of the cost: per target three look-ups of health 0.1 us each, four guards 0.1 us each, its names written twice 0.2 us, its factor, floor and terms
// 0.1 us: 1 us, and the decision's objects. What is drawn out by a collection of garbage shows in the 99.9th percentile.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import {
  choose,
  flatForecast,
  Health,
  Pacer,
  pick,
  type Candidate,
  type Dimension,
  type PacingPlan,
  type Question,
} from '../../src/router/index.ts';

const targetCounts = [1, 6, 20];
const warmCalls = 50_000;

const candidateOf = (index: number, call: number, isPaced: boolean): Candidate => ({
  target: { provider: `provider-${index}`, model: 'vendor-model-2026' },
  credential: `provider-${index}/main`,
  quotaDomain: `provider-${index}/main/vendor-model`,
  vendor: `vendor-${index % 4}`,
  hosts: index % 2 === 0 ? { north: 0.6, south: 0.4 } : { east: 1 },
  jurisdiction: index % 2 === 0 ? 'EU' : 'US',
  lab: `lab-${index % 3}`,
  expectedUsd: 0.001 + ((index * 7 + call) % 11) / 10_000,
  inputTokens: 1_000,
  cachedTokens: isPaced && index % 3 === 0 ? 800 : 0,
  outputTokens: 200,
  refusal: null,
  rest: null,
  paced: isPaced ? index : -1,
  next: isPaced ? { warmUsd: 0.0005, fullUsd: 0.002 + index / 10_000 } : null,
  expectedMs: isPaced ? 900 + ((index * 13 + call) % 7) * 100 : null,
  weight: null,
  slowness: null,
});

const health = new Health();
const shares = {
  totalUsd: 900,
  forecastUsd: 4_000,
  usdOf: (dimension: Dimension, name: string) => (dimension.length * 17 + name.length * 29) % 300,
};
const caps = { vendor: 0.45, host: 0.6, jurisdiction: 0.9, lab: 0.8 };

const dayMs = 86_400_000;

/** Every third target under a pool, every third under a floor of dollars, every third under one of tokens. */
const plan: PacingPlan = {
  targets: Array.from({ length: Math.max(...targetCounts) }, (_one, index) => {
    const { vendor, hosts, jurisdiction, lab } = candidateOf(index, 0, false);
    return {
      vendor,
      hosts,
      jurisdiction,
      lab,
      pools: index % 3 === 0 ? [0] : [],
      floors: index % 3 === 0 ? [] : [(index % 3) - 1],
    };
  }),
  pools: [{ contract: 'pool', fromMs: 0, untilMs: 30 * dayMs, needUsd: 1_000, spentUsd: 0, shortfallRate: 1 }],
  floors: [
    { contract: 'dollars', fromMs: 0, untilMs: 30 * dayMs, intervalMs: 60_000, capacityUsd: 0.01, meters: [] },
    {
      contract: 'tokens',
      fromMs: 0,
      untilMs: 30 * dayMs,
      intervalMs: 1_000,
      capacityUsd: 0,
      meters: [
        { capacity: 5_000, burndown: { input: 1, cacheRead: 0.1 } },
        { capacity: 500, burndown: { output: 1, reasoning: 1 } },
      ],
    },
  ],
  caps,
  windowFromMs: 0,
  windowUntilMs: 30 * dayMs,
  forecast: flatForecast(4_000, 5),
  beginsMs: 0,
};
const pacer = new Pacer(plan);
// A minute in which one name had everything, so that multipliers are not 0.
pacer.settle(0, 100, 1);
pacer.tick(60_000);

const questionOf = (targets: number, call: number, isPaced: boolean): Question => ({
  candidates: Array.from({ length: targets }, (_one, index) => candidateOf(index, call, isPaced)),
  health,
  caps,
  shares,
  tried: new Set(),
  attempt: 1,
  nowMs: performance.now(),
  atMs: 60_000 + call * 10,
  pacer: isPaced ? pacer : null,
  nextTurnShare: isPaced ? 0.3 : 0,
  usdPerSecond: isPaced ? 0.000_1 : 0,
});

/** Microseconds of each call, without the making of the question. */
const timesOf = (
  calls: number,
  targets: number,
  isPaced: boolean,
  timed: (question: Question) => unknown,
): number[] => {
  const times: number[] = [];
  let kept: unknown;
  for (let call = -warmCalls; call < calls; call += 1) {
    const question = questionOf(targets, call + warmCalls, isPaced);
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
/** The same prices again and again: nothing is made for a call. */
const offers = {
  costUsd: new Float64Array(6).fill(0.001),
  eligible: new Uint8Array(6).fill(1),
  warmUsd: new Float64Array(6).fill(0.000_5),
  fullUsd: new Float64Array(6).fill(0.002),
  nextTurnShare: 0.3,
};

const choices = (isPaced: boolean): object =>
  Object.fromEntries(
    targetCounts.map((targets) => [targets, quantilesOf(timesOf(calls, targets, isPaced, choose))] as const),
  );
process.stdout.write(
  `${JSON.stringify({
    bench: 'choose',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname })
      .toString()
      .trim(),
    node: process.version,
    cores: cpus().length,
    calls,
    emptyTimer: quantilesOf(timesOf(calls, 1, false, (question) => question)),
    targets: choices(false),
    paced: choices(true),
    pick: quantilesOf(timesOf(calls, 1, true, ({ atMs }) => pick(pacer, offers, atMs))),
  })}\n`,
);
