// `node tools/programsTable.ts [RESULTS]`: writes README.md's table of programs from what `test/e2e/programs.long.test.ts` kept, else from bench/results/programs.jsonl.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { replaceBetween } from './replaceBetween.ts';

const root = resolve(import.meta.dirname, '..');
const readmePath = resolve(root, 'README.md');
const keptPath = resolve(root, 'bench/results/programs.jsonl');

/** Between these the table stands; everything else of the file is written by hand. */
export const programsMarkers = {
  begin: '<!-- programs: written by `node tools/programsTable.ts` -->',
  end: '<!-- programs end -->',
};

const resultShape = z.object({
  at: z.string(),
  commit: z.string(),
  program: z.string(),
  version: z.string(),
  wire: z.string(),
  what: z.string(),
  outcome: z.string(),
});

type Result = z.infer<typeof resultShape>;

const columns = ['round trip', 'dies before', 'dies in the middle'] as const;

/** Lines of results, the newest of each program and question. */
export const newestResults = (text: string): readonly Result[] => {
  const newest = new Map<string, Result>();
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const result = resultShape.parse(JSON.parse(line));
    newest.set(`${result.program}\n${result.what}`, result);
  }
  return [...newest.values()];
};

const cells = (values: readonly string[]): string => `| ${values.join(' | ')} |`;

/** The table, with when and from what it was seen: Markdown, without the markers. */
export const programsTableOf = (results: readonly Result[]): string => {
  const rows = [...Map.groupBy(results, ({ program }) => program)].map(([program, own]) => {
    const outcome = (what: string): string => own.find((one) => one.what === what)?.outcome ?? 'not run';
    return cells([`${program} ${own[0]?.version ?? ''}`, own[0]?.wire ?? '', ...columns.map(outcome)]);
  });
  const days = results.map(({ at }) => at.slice(0, 10)).toSorted();
  return [
    cells(['', 'speaks', 'a tool round trip', 'its vendor dies before the answer', 'in the middle of it']),
    '|---|---|---|---|---|',
    ...rows,
    '',
    `Each at a vendor of another wire than its own, ${days.at(-1) ?? 'never'}. Again: \`npm run test:long -- test/e2e/programs\`.`,
  ].join('\n');
};

if (import.meta.main) {
  const results = newestResults(readFileSync(process.argv[2] ?? keptPath, 'utf8'));
  writeFileSync(keptPath, `${results.map((result) => JSON.stringify(result)).join('\n')}\n`);
  writeFileSync(
    readmePath,
    replaceBetween(readFileSync(readmePath, 'utf8'), programsMarkers, programsTableOf(results)),
  );
  console.log(`wrote the programs of ${readmePath}`);
}
