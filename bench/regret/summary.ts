// `node bench/regret/summary.ts [file]`: tells what bench/results/regret.jsonl holds, a line for each trace, size, row and policy: how many seeds, regret
// on the mean and at most (of ten seeds that is the 95th percentile), shortfall that could have been avoided, use of the floor over the bound's, cache
// hits, and months that ended, or had a minute after their first tenth, over a cap. In per cent. The last line of a seed counts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegretFigures } from './RegretCase.ts';

interface SavedLine {
  readonly row: string;
  readonly trace: string;
  readonly requests: number;
  readonly floor: number;
  readonly seed: number;
  readonly gap: number;
  readonly boundFloorUse: number;
  readonly policies: Readonly<Record<string, RegretFigures>>;
}

type ToldFigures = RegretFigures & Pick<SavedLine, 'gap' | 'boundFloorUse'>;

const [path = join(import.meta.dirname, '../results/regret.jsonl')] = process.argv.slice(2);
const lines = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SavedLine);

/** By what is told in one line, the figures of each seed. */
const groups = new Map<string, Map<number, ToldFigures>>();
for (const { trace, requests, floor, row, policies, seed, gap, boundFloorUse } of lines)
  for (const [name, figures] of Object.entries(policies)) {
    const key = `${trace} ${requests} ${floor === 0 ? 'no floor' : 'floor'} | ${row} | ${name}`;
    const group = groups.get(key) ?? new Map<number, ToldFigures>();
    groups.set(key, group.set(seed, { ...figures, gap, boundFloorUse }));
  }

const percent = (value: number, digits = 2): string => (100 * value).toFixed(digits);

for (const [key, bySeed] of groups) {
  const figures = [...bySeed.values()];
  const mean = (of: (one: ToldFigures) => number): number =>
    figures.reduce((sum, one) => sum + of(one), 0) / figures.length;
  const most = (of: (one: ToldFigures) => number): number => Math.max(...figures.map(of));
  const told = [
    `${figures.length} seeds`,
    `regret ${percent(mean(({ regret }) => regret))}/${percent(most(({ regret }) => regret))}`,
    `shortfall ${percent(
      mean(({ avoidableShortfall }) => avoidableShortfall),
      3,
    )}`,
    `floor ${percent(
      mean(({ floorUse, boundFloorUse }) => floorUse / boundFloorUse),
      1,
    )}`,
    `hits ${percent(
      mean(({ cacheHits }) => cacheHits ?? NaN),
      1,
    )}`,
    `over at end ${figures.filter(({ endOverrun }) => endOverrun > 0).length}`,
    `over in minutes ${percent(mean(({ brokenMinutes }) => brokenMinutes))}`,
    `gap ${most(({ gap }) => gap).toExponential(1)}`,
  ];
  process.stdout.write(`${key}: ${told.join(', ')}\n`);
}
