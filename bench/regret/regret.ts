// `node bench/regret/regret.ts --trace azure-llm-2023-conv --seeds 11-20 [--row policies] [--requests 400000] [--floor 1] [--save]`: what policies cost
// above the certified optimum of hindsight, on months made of a public trace under the market, contracts and weather of this folder. Rows:
//
//   policies   everybody                             forecast   the forecast of the volume is wrong by half, either way
//   pacing     the pacers alone                      dead       the largest pool's vendor is dead for the last six hours
//   ablations  the reference, knowing less           replicas   one pacer against several that share what they know
//
// One JSON line a seed and row; --save appends it to bench/results/regret.jsonl. `--requests` is what a month has on the mean: 400,000 are 9 a minute.
// `--floor 0` is a world without a floor. `node bench/regret/summary.ts` tells means and largest of what was saved.
//
// Sketch of the cost: a month of 400,000 requests is drawn in 0.3 s, a policy takes 0.2 s for it, and its bound 15 rounds of 0.1 s.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadHighs } from '../../src/planner/linear/linearProgram.fixture.ts';
import { RegretCase } from './RegretCase.ts';
import { regretRows } from './regretRows.ts';

const { values } = parseArgs({
  options: {
    trace: { type: 'string', default: 'azure-llm-2023-conv' },
    seeds: { type: 'string', default: '11-20' },
    row: { type: 'string', default: 'policies' },
    requests: { type: 'string', default: '400000' },
    floor: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});

/** Not nothing: so that shares of it can be told. */
const noFloorScale = 1e-6;

const seedsOf = (text: string): number[] => {
  const [first = NaN, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_seed, index) => first + index);
};

const makeRow = regretRows[values.row];
if (makeRow === undefined) throw new Error(`--row ${values.row}: one of ${Object.keys(regretRows).join(', ')}`);

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: import.meta.dirname })
    .toString()
    .trim();
/** What runs. Lines that were saved are no change of it. */
const changes = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':(top,exclude)bench/results');
const commit = `${git('describe', '--always')}${changes === '' ? '' : '-dirty'}`;

const highs = await loadHighs();
const regretCase = new RegretCase(highs, values.trace, {
  requests: Number(values.requests),
  floorScale: Number(values.floor) || noFloorScale,
});
for (const seed of seedsOf(values.seeds)) {
  const { bounded, policies } = makeRow(highs, regretCase, seed);
  const { month, bound } = bounded;
  const line = JSON.stringify({
    bench: 'regret',
    row: values.row,
    at: new Date().toISOString(),
    commit,
    node: process.version,
    trace: values.trace,
    requests: Number(values.requests),
    floor: Number(values.floor),
    seed,
    count: month.count,
    boundUsd: bound.boundUsd,
    gap: bound.gap,
    rounds: bound.rounds,
    boundFloorUse: bound.floorUse,
    boundShortfallUsd: bound.shortfallUsd,
    policies,
  });
  process.stdout.write(`${line}\n`);
  if (values.save) appendFileSync(join(import.meta.dirname, '../results/regret.jsonl'), `${line}\n`);
}
