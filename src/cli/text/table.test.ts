import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns are as wide as their widest cell, numbers at the right, and no line ends in spaces', () => {
  const shown = table(
    [{ head: 'NAME' }, { head: 'COST', right: true }, { head: 'NOTE' }],
    [
      ['aurora', '$1', ''],
      ['b', '$1,000', 'over'],
    ],
  );
  expect(shown).toBe(['NAME      COST  NOTE', 'aurora      $1', 'b       $1,000  over'].join('\n'));
});

test('a table without rows is its head', () => {
  expect(table([{ head: 'A' }, { head: 'B' }], [])).toBe('A  B');
});
