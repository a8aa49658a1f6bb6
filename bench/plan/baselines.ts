// `node bench/plan/baselines.ts [--seeds 3,11,17,23,29] [--scenarios 50] [--fresh 1000] [--cpu 60] [--save]`: what a plan is worth beside the simpler
// ways to decide, on the members of the instance family that plan.ts measures: each way's cost over the plan's proven lower bound on the scenarios
// that the plan was made for, and what the plan and the others cost on fresh ones. One JSON line a seed; --save appends it to
// bench/plan/results.jsonl. Ways that break the policy say how often: they need not pay for what they do not keep.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  comparisons,
  optimise,
  type ComparedPlan,
  type PlanDecision,
  type PlanProblem,
} from '../../src/planner/index.ts';
import { instanceFamily } from '../../src/planner/instanceFamily.fixture.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3,11,17,23,29' },
    scenarios: { type: 'string', default: '50' },
    fresh: { type: 'string', default: '1000' },
    cpu: { type: 'string', default: '60' },
    save: { type: 'boolean', default: false },
  },
});

const vendors = 6;
const searchSeed = 7;
/** Fresh futures are those of another seed. */
const freshSeedOffset = 1_000;
/** Of each search for a simpler way. */
const simplerCpuSeconds = 20;

const searched = (cpuSeconds: number) => ({ kind: 'time', cpuSeconds, gap: 0.01 }) as const;
const rounded = (value: number): number => Number(value.toFixed(4));

const figures = (one: ComparedPlan, lowerBound: number | null): object => ({
  way: one.kind,
  objective: rounded(one.objective),
  mean: rounded(one.mean),
  cvar: rounded(one.cvar),
  ...(lowerBound === null ? {} : { overLowerBound: rounded(one.objective / lowerBound - 1) }),
  violations: one.violations.length,
});

const measure = async (seed: number): Promise<object> => {
  const problem = instanceFamily({ scenarios: Number(values.scenarios), seed, vendors });
  const { incumbent, lowerBound, gap } = await optimise(problem, {
    limits: searched(Number(values.cpu)),
    seed: searchSeed,
  });
  if (incumbent === null) throw new Error(`seed ${seed}: no plan in ${values.cpu} CPU-seconds`);
  const told = await comparisons(problem, incumbent.decision, {
    limits: searched(simplerCpuSeconds),
    seed: searchSeed,
  });
  const { scenarios, priceIndices } = instanceFamily({
    scenarios: Number(values.fresh),
    seed: seed + freshSeedOffset,
    vendors,
  });
  const fresh: PlanProblem = { ...problem, scenarios, priceIndices };
  const onFresh = async (decision: PlanDecision) => comparisons(fresh, decision, { limits: null, seed: searchSeed });
  const planOnFresh = await onFresh(incumbent.decision);
  const ofMean = told.others.find(({ kind }) => kind === 'meanScenario');
  const ofMeanOnFresh = ofMean === undefined ? [] : [{ ...(await onFresh(ofMean.decision)).plan, kind: ofMean.kind }];
  return {
    bench: 'baselines',
    at: new Date().toISOString(),
    commit: execFileSync('git', ['describe', '--always', '--dirty']).toString().trim(),
    seed,
    scenarios: Number(values.scenarios),
    searchSeed,
    lowerBound,
    gap: rounded(gap),
    inSample: [told.plan, ...told.others].map((one) => figures(one, lowerBound)),
    fresh: Number(values.fresh),
    outOfSample: [planOnFresh.plan, ...planOnFresh.others, ...ofMeanOnFresh].map((one) => figures(one, null)),
  };
};

for (const seed of values.seeds.split(',').map(Number)) {
  const line = JSON.stringify(await measure(seed));
  process.stdout.write(`${line}\n`);
  if (values.save) appendFileSync(join(import.meta.dirname, 'results.jsonl'), `${line}\n`);
}
