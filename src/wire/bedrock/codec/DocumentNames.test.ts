import { expect, it } from 'vitest';

import { DocumentNames } from './DocumentNames.ts';

it('gives many documents of one name names of their own, at a cost that grows as they do', () => {
  const names = new DocumentNames();
  const given = Array.from({ length: 50_000 }, () => names.next('a'));
  expect(new Set(given).size).toBe(given.length);
  expect([given[0], given[1], given.at(-1)]).toEqual(['a', 'a (2)', 'a (50000)']);
});

it('passes over numbers that stand in a name already', () => {
  const names = new DocumentNames();
  expect(['a (2)', 'a', 'a', 'a (2)', 'a'].map((name) => names.next(name))).toEqual([
    'a (2)',
    'a',
    'a (3)',
    'a (2) (2)',
    'a (4)',
  ]);
});
