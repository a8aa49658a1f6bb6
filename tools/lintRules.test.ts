import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { plantTree } from './testing/plantTree.ts';

const root = resolve(import.meta.dirname, '..');
const configPath = resolve(root, '.oxlintrc.json');

const configSchema = z.object({ rules: z.record(z.string(), z.unknown()) });
const reportSchema = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });

/** One file for each rule that we chose, broken in that way. */
const planted: Readonly<Record<string, string>> = {
  eqeqeq: 'export const same = (a: unknown, b: unknown) => a == b;',
  'no-console': "console.log('to nobody');",
  'no-eval': "eval('1');",
  'no-new-func': "export const made = new Function('1');",
  'no-param-reassign': 'export const next = (count: number) => {\n  count = count + 1;\n  return count;\n};',
  'no-var': 'export var old = 1;',
  'prefer-const': 'let fixed = 1;\nexport const twice = fixed * 2;',
  'import/no-cycle': "import type { Other } from './cycleOther.ts';\nexport interface Mine {\n  other: Other;\n}",
  'import/no-default-export': 'export default 1;',
  'import/no-mutable-exports': 'export let moving = 1;\nexport const move = () => {\n  moving += 1;\n};',
  'import/no-self-import': "import * as self from './import-no-self-import.ts';\nexport const me = () => self;",
  'typescript/await-thenable': 'export const f = async () => {\n  await 1;\n};',
  'typescript/consistent-type-imports': "import { Other } from './cycleOther.ts';\nexport type Used = Other;",
  'typescript/no-deprecated': '/** @deprecated use another */\nconst old = () => 1;\nexport const used = old();',
  'typescript/no-explicit-any': 'export const loose = (value: any): void => void value;',
  'typescript/no-floating-promises': 'const act = async () => {};\nexport const f = () => {\n  act();\n};',
  'typescript/no-misused-promises': 'const act = async () => true;\nexport const f = () => (act() ? 1 : 2);',
  'typescript/no-non-null-assertion': 'export const first = (list: string[]) => list[0]!;',
  'typescript/no-unsafe-argument': "const take = (text: string) => text;\nexport const taken = take(JSON.parse('1'));",
  'typescript/no-unsafe-assignment':
    "const loose = JSON.parse('1');\nexport const tight: number = Number(loose as unknown);",
  'typescript/no-unsafe-call': "export const called: unknown = JSON.parse('1')();",
  'typescript/no-unsafe-member-access': "export const read: unknown = JSON.parse('1').a;",
  'typescript/no-unsafe-return': "export const give = (): string => JSON.parse('1');",
  'typescript/only-throw-error': "export const f = () => {\n  throw 'a text';\n};",
  'typescript/prefer-promise-reject-errors': "export const f = () => Promise.reject('a text');",
  'typescript/return-await':
    'export const f = async (act: () => Promise<number>) => {\n  try {\n    return act();\n  } catch {\n    return 0;\n  }\n};',
  'typescript/switch-exhaustiveness-check':
    "export const f = (side: 'left' | 'right') => {\n  switch (side) {\n    case 'left':\n      return 1;\n  }\n  return 0;\n};",
  'unicorn/prefer-node-protocol': "import { existsSync } from 'fs';\nexport const there = existsSync('/');",
  'vitest/no-identical-title':
    "import { expect, test } from 'vitest';\ntest('same', () => {\n  expect(1).toBe(1);\n});\ntest('same', () => {\n  expect(2).toBe(2);\n});",
  'vitest/valid-expect': "import { expect, test } from 'vitest';\ntest('asks nothing', () => {\n  expect(1);\n});",
};

/** Rules of the category that we took whole, as a sample. */
const sampled: Readonly<Record<string, string>> = {
  'no-unused-vars': 'const never = 1;\nexport {};',
  'no-unsafe-finally': 'export const f = () => {\n  try {\n    return 1;\n  } finally {\n    return 2;\n  }\n};',
  'typescript/no-base-to-string': 'export const text = String({});',
  'unicorn/no-thenable': 'export const odd = { then() {} };',
};

const fileOf = (rule: string): string =>
  `src/ledger/${rule.replace('/', '-')}${rule.startsWith('vitest/') ? '.test' : ''}.ts`;

/** oxlint answers "typescript(no-explicit-any)"; a rule of its own is "eslint(...)". */
const ruleOf = (code: string): string => {
  const [, plugin, name] = /^([\w-]+)\(([\w-]+)\)$/.exec(code) ?? [];
  return plugin === 'eslint' ? `${name}` : `${plugin}/${name}`;
};

const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'esnext',
    module: 'nodenext',
    strict: true,
    types: ['node'],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
});

/** What oxlint says, with our configuration, as "rule file". */
const lint = (files: Readonly<Record<string, string>>): string[] => {
  using tree = plantTree({
    'package.json': '{"type":"module"}',
    'tsconfig.json': tsconfig,
    '.oxlintrc.json': readFileSync(configPath, 'utf8'),
    ...files,
  });
  const { stdout } = spawnSync(
    resolve(root, 'node_modules/.bin/oxlint'),
    ['--type-aware', '--format', 'json', 'src', 'tools', 'test'],
    { cwd: tree.root, encoding: 'utf8', timeout: 60_000, env: { PATH: process.env['PATH'] } },
  );
  return reportSchema.parse(JSON.parse(stdout)).diagnostics.map(({ code, filename }) => `${ruleOf(code)} ${filename}`);
};

const placeholders = { 'tools/a.ts': 'export const a = 1;\n', 'test/a.ts': 'export const a = 1;\n' };

test('each rule that we chose bites on its planted file', () => {
  const all = { ...planted, ...sampled };
  const found = lint({
    ...placeholders,
    'src/ledger/cycleOther.ts':
      "import type { Mine } from './import-no-cycle.ts';\nexport interface Other {\n  mine: Mine;\n}\n",
    ...Object.fromEntries(Object.entries(all).map(([rule, text]) => [fileOf(rule), `${text}\n`])),
  });
  const missed = Object.keys(all).filter((rule) => !found.includes(`${rule} ${fileOf(rule)}`));
  expect(missed).toEqual([]);
}, 90_000);

test('a chosen rule without a planted file is no rule', () => {
  const { rules } = configSchema.parse(JSON.parse(readFileSync(configPath, 'utf8')));
  const chosen = Object.keys(rules).filter((rule) => rules[rule] !== 'off');
  expect(chosen.filter((rule) => !(rule in planted))).toEqual([]);
  expect(Object.keys(planted).filter((rule) => !chosen.includes(rule))).toEqual([]);
});

test('what the house allows passes', () => {
  const found = lint({
    'src/ledger/Balance.ts':
      "import type { Reader } from './Reader.ts';\nexport const balance = (reader: Reader): number => reader.read();\nexport const parse = (text: string): unknown => JSON.parse(text);\n",
    'src/ledger/Reader.ts': 'export interface Reader {\n  read(): number;\n}\n',
    'src/ledger/balance.test.ts':
      "import { expect, test } from 'vitest';\nimport { balance, parse } from './Balance.ts';\ntest('reads', () => {\n  const list = [balance({ read: () => 1 })];\n  expect(list[0]!, 'first').toBe(1);\n  expect(parse('1')).toBe(1);\n  expect(JSON.parse('{\"a\":1}').a).toBe(1);\n});\n",
    'tools/a.ts': "console.log('tools speak');\n",
    'test/a.config.ts': 'export default {};\n',
    'src/cli/main.ts': "console.log('so does the command line');\n",
  });
  expect(found).toEqual([]);
}, 90_000);

test('oxlint sees every source of ours', () => {
  const listing = execFileSync(resolve(root, 'node_modules/.bin/oxlint'), ['--debug=files', 'src', 'tools'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(listing).toContain('src/kernel/money.ts');
  expect(listing).toContain('tools/lintRules.test.ts');
});
