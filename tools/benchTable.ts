// `node tools/benchTable.ts`: writes README.md's table of figures from the newest line in bench/results/overhead.jsonl.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isProvisional, overheadShape, type OverheadResult } from '../bench/overhead/overheadResult.ts';
import { overheadRows } from '../bench/overhead/overheadRows.ts';
import { replaceBetween } from './replaceBetween.ts';

const root = resolve(import.meta.dirname, '..');
const readmePath = resolve(root, 'README.md');
const resultsPath = resolve(root, 'bench/results/overhead.jsonl');

/** Between these the table stands; everything else of the file is written by hand. */
export const tableBegin = '<!-- figures: written by `node tools/benchTable.ts` -->';
export const tableEnd = '<!-- figures end -->';

/** The newest run of a file of lines, the last one. @throws Error where there is none, or it is not a run. */
export const newestRun = (text: string): OverheadResult => {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  if (line === '') throw new Error('no run was saved: node bench/overhead/overhead.ts --save');
  return overheadShape.parse(JSON.parse(line));
};

const cells = (values: readonly string[]): string => `| ${values.join(' | ')} |`;

/** The table with where, when and from what it was measured: Markdown, without the markers. */
export const figuresOf = (run: OverheadResult): string => {
  const { machine, versions, date, commit, dirty, node, rounds, seconds } = run;
  const version = (name: string): string => (versions[name] === undefined ? '' : ` ${versions[name]}`);
  const rows = overheadRows(run).map((row) => cells([row.figure, row.nginx, row.archipel, row.portkey, row.ratio]));
  return [
    cells(['', `nginx${version('nginx')}`, 'Archipel', `Portkey${version('portkey')}`, 'Archipel is']),
    '|---|--:|--:|--:|--:|',
    ...rows,
    '',
    `One interleaved run, medians of ${rounds} slices of ${seconds} s, ${machine.cores} cores (${machine.cpu}), Node ${node.replace('v', '')}, ` +
      `${date.slice(0, 10)}, commit ${commit}${dirty ? ' with changes' : ''}. nginx is a pure proxy; Archipel has everything on, its database apart. ` +
      'Again: `node bench/overhead/overhead.ts`.' +
      (isProvisional(machine) ? ' A first look: other work ran on the machine meanwhile.' : ''),
  ].join('\n');
};

/** A text with what stands between its markers replaced. @throws Error where the markers are missing or turned round. */
export const withFigures = (text: string, figures: string): string =>
  replaceBetween(text, { begin: tableBegin, end: tableEnd }, figures);

if (import.meta.main) {
  const figures = figuresOf(newestRun(readFileSync(resultsPath, 'utf8')));
  writeFileSync(readmePath, withFigures(readFileSync(readmePath, 'utf8'), figures));
  console.log(`wrote the figures of ${readmePath}`);
}
