// `node bench/plan/plan.ts [--seeds 3,11,17,23,29] [--scenarios 50] [--vendors 6] [--cpu 300] [--gap 0.01] [--save]`: how near to the optimum a plan
// is proven to be, against the processor time of the whole process, both workers together, on members of the instance family: 60 months, the full
// catalogue, a cap of 45 % a vendor, any vendor lost, a tail weighed. One JSON line a seed; --save appends it to bench/plan/results.jsonl.
//
// Each seed runs in a process of its own, so that its memory is its own. The curve has the last point of each second of processor time in
// which a bound moved; `gapAt` reads it at 10, 25, 60 and 300 CPU-seconds.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { optimise } from '../../src/planner/index.ts';
import { instanceFamily } from '../../src/planner/instanceFamily.fixture.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3,11,17,23,29' },
    scenarios: { type: 'string', default: '50' },
    vendors: { type: 'string', default: '6' },
    cpu: { type: 'string', default: '300' },
    gap: { type: 'string', default: '0.01' },
    save: { type: 'boolean', default: false },
  },
});

const readAtS = [10, 25, 60, 300];
const searchSeed = 7;
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

interface Point {
  readonly cpuS: number;
  readonly lower: number;
  readonly upper: number;
}

/** The gap as it was known at a moment, or null where no plan was known. */
const gapAt = (curve: readonly Point[], atS: number): number | null => {
  const point = curve.findLast(({ cpuS }) => cpuS <= atS);
  return point === undefined || !Number.isFinite(point.upper)
    ? null
    : rounded((point.upper - point.lower) / point.upper, 5);
};

const measureOne = async (seed: number): Promise<object> => {
  const scenarios = Number(values.scenarios);
  const problem = instanceFamily({ scenarios, seed, vendors: Number(values.vendors) });
  const before = process.cpuUsage();
  const cpuS = (): number => {
    const { user, system } = process.cpuUsage(before);
    return rounded((user + system) / 1e6, 1);
  };
  const curve: Point[] = [];
  const result = await optimise(problem, {
    limits: { kind: 'time', cpuSeconds: Number(values.cpu), gap: Number(values.gap) },
    seed: searchSeed,
    onState: ({ upperBound, lowerBound }) => {
      const last = curve.at(-1);
      const point = { cpuS: cpuS(), lower: rounded(lowerBound, 3), upper: rounded(upperBound, 3) };
      if (last && last.lower === point.lower && last.upper === point.upper) return;
      if (last && Math.floor(point.cpuS) === Math.floor(last.cpuS)) curve.pop();
      curve.push(point);
    },
  });
  const curveToEnd = [
    ...curve,
    { cpuS: cpuS(), lower: rounded(result.lowerBound, 3), upper: rounded(result.upperBound, 3) },
  ];
  return {
    at: new Date().toISOString(),
    commit: execFileSync('git', ['describe', '--always', '--dirty']).toString().trim(),
    seed,
    scenarios,
    vendors: Number(values.vendors),
    searchSeed,
    lowerBound: result.lowerBound,
    upperBound: result.upperBound,
    gap: rounded(result.gap, 5),
    cpuS: cpuS(),
    gapAt: Object.fromEntries(readAtS.map((atS) => [atS, gapAt(curveToEnd, atS)])),
    residentMaxMb: Math.round(process.resourceUsage().maxRSS / 1_024),
    nodes: result.nodes,
    programs: result.programs,
    curve: curveToEnd,
  };
};

/** Runs this file again for one seed. */
const inOwnProcess = (seed: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = ['scenarios', 'vendors', 'cpu', 'gap'] as const;
    const flags = options.flatMap((name) => [`--${name}`, values[name]]);
    const child = spawn(process.execPath, [import.meta.filename, '--seeds', String(seed), ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // As `npm run archipel` starts it: without, each worker would hold the compiler that strips types.
      env: { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled') },
    });
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(text.trim()) : reject(new Error(`seed ${seed} ended with ${code}`)),
    );
  });

const seeds = values.seeds.split(',').map(Number);
for (const seed of seeds) {
  const line = seeds.length === 1 && !values.save ? JSON.stringify(await measureOne(seed)) : await inOwnProcess(seed);
  process.stdout.write(`${line}\n`);
  if (values.save) appendFileSync(join(import.meta.dirname, 'results.jsonl'), `${line}\n`);
}
