import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { newestResults, programsMarkers, programsTableOf } from './programsTable.ts';
import { replaceBetween } from './replaceBetween.ts';

const root = resolve(import.meta.dirname, '..');
const line = (program: string, what: string, outcome: string, at = '2026-11-28T01:00:00Z'): string =>
  JSON.stringify({ at, commit: 'c', program, version: '1.0', wire: 'openai', what, outcome });

test('README.md has the table of what was kept', () => {
  const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
  const results = newestResults(readFileSync(resolve(root, 'bench/results/programs.jsonl'), 'utf8'));
  expect(readme).toBe(replaceBetween(readme, programsMarkers, programsTableOf(results)));
});

test('of each program and question the newest counts, and what was not run is said', () => {
  const text = [line('A', 'round trip', 'fails'), line('B', 'dies before', 'unseen'), line('A', 'round trip', 'works')];
  const table = programsTableOf(newestResults(`${text.join('\n')}\n`));
  expect(table).toContain('| A 1.0 | openai | works | not run | not run |');
  expect(table).toContain('| B 1.0 | openai | not run | unseen | not run |');
  expect(table).not.toContain('fails');
});

test('what is no result stops whoever writes it', () => {
  expect(() => newestResults('{"program":"A"}\n')).toThrow('version');
});
