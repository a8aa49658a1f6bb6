// `node bench/placement/placement.ts [--save] [--offers FILE] [--seed 1] [--jobs 1000] [--instances 40]`: what placing costs, and how well it places.
//
// 1. Processor time of one decision on one core: so many queued jobs, no two of them alike, over every row of an offer list, each row a site of its own with
//    a few machines free and one vendor capped: each job decided alone, and the queue together, which has to share out what there is.
// 2. Cost against the exact optimum (a mixed-integer program, solved by HiGHS to the end) on small instances in which the cheap capacity is scarce: the
//    queue together, each job in turn at the least expected cost, and each job in turn on the cheapest accelerator-hour. Placing earlier jobs comes first:
//    costs are compared where a way places the same jobs as the optimum; elsewhere it is counted as having left out an earlier job.
//
// Sketch of the cost: 2,500 offers are looked up by accelerator, about 300 fit a job, each is weighed in 0.2 us and judged in 0.2 us: 0.15 ms a decision and
// 20 candidates in words 0.05 ms. A queue adds about 1,000 looks at an offer a job, 0.3 us each: 0.3 ms, and as much for finding room where there is none.
// A table goes to stderr, one JSON line to stdout; --save appends it to bench/placement/results.jsonl.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decide, decideQueue } from '../../src/placement/decide/decisions.fixture.ts';
import type { PlacementDecision, PlacementLimits } from '../../src/placement/index.ts';
import { chanceOf } from '../overhead/chance.ts';
import { exactOptimum } from './exactOptimum.ts';
import { importedOffers } from './importedOffers.ts';
import { jobMix } from './jobMix.ts';
import { cheapestFirst, oneByOne, queueTogether, type Placed } from './placementWays.ts';
import { scarceInstance } from './scarceInstance.ts';

const { values } = parseArgs({
  options: {
    save: { type: 'boolean', default: false },
    offers: { type: 'string', default: join(import.meta.dirname, '../../test/fixtures/offers/gpu-offers.csv') },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1000' },
    instances: { type: 'string', default: '40' },
  },
});

const seed = Number(values.seed);
const rounds = 3;
const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits));

/** Milliseconds of processor time. */
const cpuMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

const placedOf = (decisions: readonly PlacementDecision[]) => ({
  placed: decisions.filter(({ chosen }) => chosen !== null).length,
  usd: rounded(
    decisions.reduce((sum, { chosen }) => sum + (chosen?.expected?.usd ?? 0), 0),
    2,
  ),
});

/** The first round warms the compiler up; the best of the rest counts, since other work on the machine only ever adds. */
const leastCpuMs = (work: () => void): number => {
  work();
  return Math.min(...Array.from({ length: rounds }, () => cpuMs(work)));
};

const measureSpeed = () => {
  const random = chanceOf(seed);
  const nowMs = 1_800_000_000_000;
  const { rows, priced, offers } = importedOffers(values.offers, random);
  const queue = jobMix(Number(values.jobs), random, nowMs);
  const capped = offers.find(({ hourUsd }) => hourUsd !== null)?.vendor;
  const limits: PlacementLimits = {
    nowMs,
    headroomUsd: (dimension, name) => (dimension === 'vendor' && name === capped ? 200_000 : Infinity),
    closedSites: new Map(),
  };
  let alone: PlacementDecision[] = [];
  const aloneMs = leastCpuMs(() => {
    alone = queue.map(({ demand }) => decide(demand, offers, limits));
  });
  let together: PlacementDecision[] = [];
  const togetherMs = leastCpuMs(() => {
    together = [...decideQueue(queue, offers, limits).values()];
  });
  return {
    rows,
    priced,
    offers: offers.length,
    jobs: queue.length,
    decide: { cpuMsEach: rounded(aloneMs / queue.length), ...placedOf(alone) },
    decideQueue: { cpuMsEach: rounded(togetherMs / queue.length), ...placedOf(together) },
  };
};

const ways = { decideQueue: queueTogether, oneByOne, cheapestFirst };
const smallSize = { jobs: [8, 14], offers: [5, 8] } as const;

const usdOf = (placed: Placed): number => placed.reduce<number>((sum, usd) => sum + (usd ?? 0), 0);
/** "110": the third is left out. Greater is better by the order of the queue. */
const whoOf = (placed: Placed): string => placed.map((usd) => (usd === null ? '0' : '1')).join('');

interface WayResult {
  readonly ratios: number[];
  leftOutEarlier: number;
}

const compareWith = (optimum: Placed, placed: Placed, result: WayResult): void => {
  if (whoOf(placed) > whoOf(optimum)) throw new Error('more is placed than can be');
  if (whoOf(placed) !== whoOf(optimum)) result.leftOutEarlier += 1;
  else if (usdOf(placed) < usdOf(optimum) * (1 - 1e-6)) throw new Error('cheaper than the optimum');
  else result.ratios.push(usdOf(optimum) === 0 ? 1 : usdOf(placed) / usdOf(optimum));
};

const measureCost = async () => {
  const results = new Map(
    Object.keys(ways).map((way): [string, WayResult] => [way, { ratios: [], leftOutEarlier: 0 }]),
  );
  let jobsLeftOut = 0;
  for (let number = 0; number < Number(values.instances); number += 1) {
    const instance = scarceInstance(chanceOf(seed * 1_000 + number), smallSize);
    // Each in turn: all ways and the optimum speak of the same instance.
    const optimum = await exactOptimum(instance);
    jobsLeftOut += optimum.filter((usd) => usd === null).length;
    for (const [way, place] of Object.entries(ways)) {
      const result = results.get(way);
      if (result) compareWith(optimum, place(instance), result);
    }
  }
  return {
    instances: Number(values.instances),
    jobsLeftOutByOptimum: jobsLeftOut,
    ways: Object.fromEntries(
      [...results].map(([way, { ratios, leftOutEarlier }]) => [
        way,
        {
          compared: ratios.length,
          mean: rounded(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length),
          worst: rounded(Math.max(...ratios)),
          leftOutEarlier,
        },
      ]),
    ),
  };
};

const speed = measureSpeed();
const cost = await measureCost();

const told = [
  `${speed.jobs} jobs x ${speed.offers} offers (${speed.rows} rows, ${speed.priced} priced): CPU ms per decision`,
  `  decide one by one  ${speed.decide.cpuMsEach}`,
  `  decideQueue        ${speed.decideQueue.cpuMsEach}  (${speed.decideQueue.placed} placed)`,
  `${cost.instances} scarce instances: cost over the exact optimum, and how often an earlier job was left out`,
  ...Object.entries(cost.ways).map(
    ([way, { mean, worst, leftOutEarlier }]) =>
      `  ${way.padEnd(18)} mean ${mean.toFixed(4)}  worst ${worst.toFixed(4)}  left out ${leftOutEarlier}`,
  ),
];
process.stderr.write(`${told.join('\n')}\n`);

const line = JSON.stringify({
  bench: 'placement',
  at: new Date().toISOString(),
  commit: execFileSync('git', ['describe', '--always', '--dirty']).toString().trim(),
  seed,
  speed,
  cost,
});
process.stdout.write(`${line}\n`);
if (values.save) appendFileSync(join(import.meta.dirname, 'results.jsonl'), `${line}\n`);
