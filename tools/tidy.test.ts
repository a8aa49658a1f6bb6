import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { plantTree } from './testing/plantTree.ts';
import { ignoredSources, readSources } from './tidy.ts';

const git = (root: string, ...args: string[]): void =>
  void execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });

test('files that git tracks or would track are read; ignored, deleted and binary ones are not', () => {
  using tree = plantTree({
    '.gitignore': 'node_modules\n/data/\n',
    'tracked.md': 'one\n',
    'deleted.md': 'gone\n',
    'data/run.log': 'noise\n',
    'image.bin': 'a\0b',
  });
  git(tree.root, 'init', '--quiet');
  git(tree.root, 'add', 'tracked.md', 'deleted.md');
  execFileSync('rm', ['deleted.md'], { cwd: tree.root });
  expect(
    readSources(tree.root)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(['.gitignore', 'tracked.md']);
});

test('a source that .gitignore hides is found', () => {
  using tree = plantTree({
    '.gitignore': 'node_modules\ndata/\n',
    'src/market/data/prices.csv': 'a\n',
    'data/x': 'b\n',
  });
  git(tree.root, 'init', '--quiet');
  expect(ignoredSources(tree.root).map(({ file }) => file)).toEqual(['src/market/data/prices.csv']);
});
