import { expect, test } from 'vitest';
import { usageTable } from './usage.ts';

const row = (group: string, usage: object) => ({
  group,
  attempts: 1_234,
  usage,
  amountNanoUsd: '24000000000',
  listNanoUsd: '32000000000',
  unknownUpToNanoUsd: '0',
});

test('accelerator-hours have a column of their own, and are no tokens', () => {
  const rows = [
    row('train', { acceleratorSeconds: 45_000 }),
    row('chat', { input: 1_000, cacheRead: 200, output: 50, requests: 7, acceleratorSeconds: 0 }),
  ];
  expect(usageTable({ groupBy: 'model', rows }).split('\n')).toEqual([
    'MODEL  ATTEMPTS  TOKENS IN  TOKENS OUT  ACCELERATOR HOURS      COST   AT LIST  UNKNOWN UP TO',
    'train     1,234          0           0               12.5  $24.0000  $32.0000             $0',
    'chat      1,234      1,200          50                  0  $24.0000  $32.0000             $0',
  ]);
});

test('where no job ran there is no such column', () => {
  const rows = [row('chat', { input: 1_000, output: 50, requests: 7, acceleratorSeconds: 0 })];
  expect(usageTable({ groupBy: 'model', rows })).not.toContain('ACCELERATOR');
});

test('what was read from prompt caches has a column where there is any', () => {
  const rows = [
    { ...row('chat', { input: 750, cacheRead: 250, output: 50 }), cacheReadShare: 0.25 },
    { ...row('embed', { input: 9 }), cacheReadShare: null },
  ];
  const told = usageTable({ groupBy: 'target', rows }).split('\n');
  expect(told.map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ['TARGET', 'ATTEMPTS', 'TOKENS IN', 'FROM CACHE'],
    ['chat', '1,234', '1,000', '25.0 %'],
    ['embed', '1,234', '9', '-'],
  ]);
});
