import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

const commitOf = (): string => {
  try {
    const run = (...args: string[]): string =>
      execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return run('rev-parse', 'HEAD') + (run('status', '--porcelain') === '' ? '' : '+changes');
  } catch {
    return 'unknown';
  }
};

/** Appends a figure as a line of JSON to the file that ARCHIPEL_RESULTS names, else ./results.jsonl. */
export const keepResult = (name: string, seed: number, figures: Readonly<Record<string, unknown>>): void => {
  const path = process.env['ARCHIPEL_RESULTS'] ?? 'results.jsonl';
  const line = { name, at: new Date().toISOString(), commit: commitOf(), seed, node: process.version, ...figures };
  appendFileSync(path, `${JSON.stringify(line)}\n`);
};
