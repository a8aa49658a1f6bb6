import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

/** Prints figures as one JSON line, with the commit and the machine that they are of; --save appends it to `bench/results/<bench>.jsonl`. */
export const tellFigures = (bench: string, figures: Readonly<Record<string, number | null>>): void => {
  const line = JSON.stringify({
    bench,
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname })
      .toString()
      .trim(),
    node: process.version,
    cores: cpus().length,
    loadAverage: loadavg()[0],
    ...figures,
  });
  process.stdout.write(`${line}\n`);
  if (process.argv.includes('--save'))
    appendFileSync(join(import.meta.dirname, `../results/${bench}.jsonl`), `${line}\n`);
};
