import { expect, test } from 'vitest';
import { Recounts } from './Recounts.ts';

const due = (recounts: Recounts, monotonicMs: number, shipped: number, appended: number): readonly string[] => {
  const moment = { monotonicMs, shipped, appended };
  const ids = recounts.due(['key:a', 'key:b'], moment);
  recounts.counted(ids, moment);
  return [...ids];
};

test('a budget that is new here is counted at once, and again when all that was under way has been shipped', () => {
  const recounts = new Recounts();
  expect(due(recounts, 0, 3, 3)).toEqual([]);
  recounts.add(['key:a'], 0, 100);
  expect(due(recounts, 1, 3, 3)).toEqual(['key:a']);
  expect(due(recounts, 99, 5, 5)).toEqual([]);
  expect(due(recounts, 100, 5, 9)).toEqual([]);
  expect(due(recounts, 200, 8, 12)).toEqual([]);
  expect(due(recounts, 300, 9, 15)).toEqual(['key:a']);
  expect(due(recounts, 400, 15, 15)).toEqual([]);
});

test('one that is used only after that is counted once, and one that is gone not at all', () => {
  const recounts = new Recounts();
  recounts.add(['key:a', 'key:b'], 0, 100);
  recounts.keep((id) => id === 'key:b');
  expect(due(recounts, 150, 9, 9)).toEqual(['key:b']);
  expect(due(recounts, 151, 9, 9)).toEqual([]);
});

test('one that came anew while it was counted is counted again: it may be another', () => {
  const recounts = new Recounts();
  recounts.add(['key:a'], 0, 100);
  const moment = { monotonicMs: 200, shipped: 9, appended: 9 };
  const counting = recounts.due(['key:a'], moment);
  recounts.add(['key:a'], 201, 301);
  recounts.counted(counting, moment);
  expect(due(recounts, 202, 9, 9)).toEqual(['key:a']);
});
