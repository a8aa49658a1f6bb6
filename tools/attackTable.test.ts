import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type AttackTable, attackDocument, attackFindings, readAttackTable } from './attackTable.ts';
import { taggedTests } from './attacks/taggedTests.ts';

const root = resolve(import.meta.dirname, '..');

const shown = { file: 'src/a.test.ts', line: 3, title: 'refuses two Hosts', ids: ['A8'] };
const fine: AttackTable = {
  attacks: [
    { id: 'A8', happened: 'two readings', correct: 'refuse | close' },
    { id: 'A15', happened: 'a tool changed', correct: 'pin it', open: 'comes with tools' },
  ],
  goals: [{ id: 'G24', happened: 'forgotten', correct: 'this table', open: 'soon' }],
  tests: [shown],
};

const judge = (table: AttackTable, document: string | null = attackDocument(table)): string[] =>
  attackFindings(table, document).map(({ file, line, rule, what }) => `${file}:${line} ${rule}: ${what}`);

test('a table whose rows are shown or open is fine', () => {
  expect(judge(fine)).toEqual([]);
  expect(attackDocument(fine)).toContain(
    '| A8 | two readings | refuse \\| close | `src/a.test.ts` › refuses two Hosts |  |',
  );
  expect(attackDocument(fine)).toContain('| A15 | a tool changed | pin it |  | comes with tools |');
});

test('a row that applies and has no test is found [G24]', () => {
  expect(judge({ ...fine, tests: [] })).toEqual([
    'tools/attacks/attackRows.ts:1 attack-row: A8 applies, and has no test',
  ]);
});

test('a title that names an unknown row is found', () => {
  const tests = [shown, { ...shown, line: 9, ids: ['A99'] }];
  expect(judge({ ...fine, tests })).toEqual(['src/a.test.ts:9 attack-id: the title names A99, which is no row']);
});

test('an open row that has got tests is found', () => {
  const tests = [{ ...shown, ids: ['A8', 'A15'] }];
  expect(judge({ ...fine, tests })).toEqual(['tools/attacks/attackRows.ts:1 attack-row: A15 is open, and has tests']);
});

test('a document that is stale or missing is found', () => {
  const stale = 'docs/reference/attacks.md:1 attack-table: the table is not what the titles of tests say';
  expect(judge(fine, attackDocument({ ...fine, tests: [{ ...shown, title: 'renamed' }] }))).toEqual([stale]);
  expect(judge(fine, null)).toEqual([stale]);
});

test('ids are read at the end of titles: plain, parametrised, computed, of groups', () => {
  const text = [
    "test('plain [A1]', () => {});",
    "it.skipIf(none)('two [A1, A2] [G3]', () => {});",
    "test.each([1])('n %i [A4]', () => {});",
    // oxlint-disable-next-line no-template-curly-in-string
    'test(`over ${name} of ${count} [A5]`, () => {});',
    "describe('group [A6]', () => {\n  test('inside', () => {});\n  describe('b', () => test('c [A7]', () => {}));\n});",
    "test.concurrent.for([1])('d [A8]', () => {});",
  ].join('\n');
  expect(taggedTests('x.test.ts', text).map(({ line, title, ids }) => `${line} ${title}: ${ids.join(' ')}`)).toEqual([
    '1 plain: A1',
    '2 two: A1 A2 G3',
    '3 n %i: A4',
    '4 over ... of ...: A5',
    '6 inside: A6',
    '7 c: A6 A7',
    '9 d: A8',
  ]);
});

test('what never runs, and brackets elsewhere, show nothing', () => {
  const text = [
    "test.skip('skipped [A1]', () => {});",
    "test.todo('later [A1]');",
    "describe.skip('all', () => {\n  test('x [A1]', () => {});\n});",
    "test('an array [A1] in the middle', () => {});",
    "test('a list [1]', () => {});",
    "other('no test [A1]', () => {});",
  ].join('\n');
  expect(taggedTests('x.test.ts', text)).toEqual([]);
});

test('the table of the repository is complete', () => {
  const table = readAttackTable(root);
  const ids = [...table.attacks, ...table.goals].map(({ id }) => id);
  expect(ids).toHaveLength(new Set(ids).size);
  expect(judge(table, readFileSync(resolve(root, 'docs/reference/attacks.md'), 'utf8'))).toEqual([]);
});
