import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { OverheadResult } from '../bench/overhead/overheadResult.ts';
import { figuresOf, newestRun, tableBegin, tableEnd, withFigures } from './benchTable.ts';

const root = resolve(import.meta.dirname, '..');

const load = (...cpuUs: number[]) => ({ cpuUs, databaseCpuUs: cpuUs.map(() => 0), perSecond: cpuUs.map(() => 1_000) });

const run: OverheadResult = {
  bench: 'overhead',
  commit: 'abc1234',
  dirty: false,
  date: '2026-11-27T04:00:00.000Z',
  seed: 1,
  machine: { cpu: 'AMD EPYC', cores: 2, loadAverageBefore: 0.1 },
  node: 'v26.12.1',
  versions: { nginx: '1.22.1', archipel: '0.1.0', portkey: '1.15.2' },
  rounds: 3,
  seconds: 3,
  load: {
    'openai>openai whole': { nginx: load(20, 10, 40), archipel: load(100, 60, 120), portkey: load(900, 1_000, 1_100) },
    'openai>openai stream': { nginx: load(8, 8, 8), archipel: load(16, 20, 24) },
    'openai>anthropic stream': { archipel: load(32, 30, 24) },
  },
  paced: {
    direct: { p50Ms: [1, 1, 1], p99Ms: [2, 2, 2], cpuUs: [0, 0, 0] },
    nginx: { p50Ms: [1.5, 1.5, 1.5], p99Ms: [1.9, 1.9, 1.9], cpuUs: [100, 100, 100] },
    archipel: { p50Ms: [2, 2, 2], p99Ms: [4, 4, 4], cpuUs: [400, 500, 600] },
  },
  residentMB: { nginx: 15, archipel: 149.6 },
  start: { coldMs: [2_400, 2_500, 9_000], warmMs: [1_400, 1_500, 1_600] },
  skipped: {},
};

const rowOf = (figures: string, name: string): string => figures.split('\n').find((line) => line.includes(name)) ?? '';

test('the figures of README.md are those of the newest run', () => {
  // When this fails, run `node tools/benchTable.ts`.
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const newest = newestRun(readFileSync(join(root, 'bench/results/overhead.jsonl'), 'utf8'));
  expect(readme).toBe(withFigures(readme, figuresOf(newest)));
});

test('a ratio is the middle of the rounds’ own ratios, a figure the middle of the rounds', () => {
  expect(rowOf(figuresOf(run), 'CPU per request of 1 KB')).toMatch(/\| 20 µs \| 100 µs \| 1000 µs \| 5\.0x nginx \|$/);
});

test('translation stands beside the pass-through of the same client, and only where it was timed', () => {
  const figures = figuresOf(run);
  expect(rowOf(figures, 'OpenAI client to Anthropic vendor')).toMatch(
    /per event.*\| - \| 30 µs \| - \| 1\.5x pass-through \|$/,
  );
  expect(figures).not.toContain('Anthropic client to OpenAI vendor');
});

test('what a proxy seems to add by chance alone gives no ratio', () => {
  const figures = figuresOf(run);
  expect(rowOf(figures, 'median')).toMatch(/\| 0\.50 ms \| 1\.00 ms \| - \| 2\.0x nginx \|$/);
  expect(rowOf(figures, '99th')).toMatch(/\| -0\.10 ms \| 2\.00 ms \| - \| - \|$/);
});

test('the figures say where, when and from what they were measured', () => {
  expect(figuresOf(run)).toContain('2 cores (AMD EPYC), Node 26.12.1, 2026-11-27, commit abc1234.');
  expect(figuresOf({ ...run, dirty: true })).toContain('commit abc1234 with changes.');
});

test('figures from a busy machine say so', () => {
  expect(figuresOf(run)).not.toContain('A first look');
  expect(figuresOf({ ...run, machine: { ...run.machine, loadAverageBefore: 3 } })).toContain('A first look');
});

test('the last line is the newest run', () => {
  const older = JSON.stringify({ ...run, commit: 'older' });
  expect(newestRun(`${older}\n${JSON.stringify(run)}\n`)).toEqual(run);
});

test.each([
  ['nothing', '', 'no run was saved'],
  ['a line of another bench', '{"bench":"start"}\n', 'expected \\"overhead\\"'],
  ['a run without rounds', JSON.stringify({ ...run, start: { coldMs: [], warmMs: [] } }), 'coldMs'],
])('%s is no run', (_name, text, why) => {
  expect(() => newestRun(text)).toThrow(why);
});

test('only what stands between the markers is replaced', () => {
  const text = `before\n${tableBegin}\n\nold\n\n${tableEnd}\nafter\n`;
  const once = withFigures(text, 'new');
  expect(once).toBe(`before\n${tableBegin}\n\nnew\n\n${tableEnd}\nafter\n`);
  expect(withFigures(once, 'new')).toBe(once);
});

test.each([
  ['no marker', 'text\n'],
  ['no end', `${tableBegin}\n`],
  ['an end before the beginning', `${tableEnd}\n${tableBegin}\n`],
])('a text with %s is left alone', (_name, text) => {
  expect(() => withFigures(text, 'new')).toThrow('README.md has no');
});
