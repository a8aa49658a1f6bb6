import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { freshClone, strangerEnvironment } from './freshClone.ts';
import { plantTree } from './testing/plantTree.ts';

/** A program of a few lines with the same surface; each trial breaks one thing of it. */
const program = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.statusCode = request.url === '/readyz' ? READYZ : 200;
  response.end('{}');
});
server.listen(0, '127.0.0.1', () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  BEFORE
  console.log(JSON.stringify({ url, adminUrl: url, key: 'k', adminKey: 'a', dataDir: 'd', pid: process.pid, version: '1' }));
});
process.on('SIGTERM', () => process.exit(CODE));
`;

const programWith = (readyz: string, before: string, code: string): string =>
  program.replace('READYZ', readyz).replace('BEFORE', before).replace('CODE', code);

/** What a trial left behind, in words that no expectation holds. */
const leftIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('archipel-clone-'))
    .map((name) => `left ${name}`);

const trial = async (text: string): Promise<string> => {
  using tree = plantTree({
    '.gitignore': 'node_modules\n',
    'package.json': JSON.stringify({
      name: 'planted',
      version: '1.0.0',
      type: 'module',
      scripts: { start: 'node main.js' },
    }),
    'package-lock.json': JSON.stringify({
      name: 'planted',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': { name: 'planted', version: '1.0.0' } },
    }),
    'main.js': text,
  });
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: tree.root,
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'Plant');
  using temporary = plantTree({});
  vi.stubEnv('TMPDIR', temporary.root);
  try {
    await freshClone(tree.root, strangerEnvironment(process.env));
    return ['fine', ...leftIn(temporary.root)].join(', ');
  } catch (error) {
    return [String(error), ...leftIn(temporary.root)].join(', ');
  }
};

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a program that starts, answers and stops passes [G17]', async () => {
  expect(await trial(programWith('200', '', '0'))).toBe('fine');
}, 60_000);

test.each([
  ['is not ready', programWith('503', '', '0'), '/readyz answered 503'],
  ['ends badly on SIGTERM', programWith('200', '', '7'), 'code 7 on SIGTERM'],
  ['ends before it is ready', 'process.exit(3);\n', 'code 3 before it was ready'],
  ['chatters on stdout', programWith('200', "console.log('hello');", '0'), 'more than the JSON line: hello'],
  ['says half', 'console.log(\'{"url":"http://127.0.0.1:1"}\');\nsetInterval(() => {}, 1000);\n', 'adminUrl'],
  [
    'writes into the clone',
    programWith('200', "(await import('node:fs')).writeFileSync('left.txt', '');", '0').replace(
      '() => {\n  const',
      'async () => {\n  const',
    ),
    'left.txt',
  ],
])(
  'a program that %s fails',
  async (_, text, reason) => {
    const said = await trial(text);
    expect(said).toContain(reason);
    expect(said).not.toContain('left archipel-clone-');
  },
  60_000,
);

test('a stranger has neither our PATH nor our variables', () => {
  expect(
    strangerEnvironment({
      PATH: '/a/node_modules/.bin:/usr/bin',
      npm_config_x: '1',
      ARCHIPEL_CONFIG: 'c',
      VITEST: '1',
      HOME: '/h',
    }),
  ).toEqual({ PATH: '/usr/bin', HOME: '/h' });
});
