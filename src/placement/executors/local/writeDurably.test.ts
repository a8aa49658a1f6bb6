import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openLog } from './openLog.ts';
import { syncFolder, writeDurably, writeFirst } from './writeDurably.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archipel-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'record.json');
});

/** What a job may put under a name of ours. */
const traps: Readonly<Record<string, (name: string) => void>> = {
  'a pipe that nobody reads': (name) => void spawnSync('mkfifo', [name]),
  'a link to a file of somebody else': (name) => symlinkSync(join(folder, 'foreign'), name),
  'a folder with something in it': (name) => mkdirSync(join(name, 'deep'), { recursive: true }),
};

describe.each(Object.keys(traps))('where a job has put %s', (trap) => {
  beforeEach(() => writeFileSync(join(folder, 'foreign'), 'foreign'));

  test.each(['record.json', 'record.json.new'])('as %s, a record is written all the same', async (name) => {
    traps[trap]!(join(folder, name));
    await writeDurably(path, { atMs: 1 });
    expect(readFileSync(path, 'utf8')).toBe('{"atMs":1}\n');
    expect(readFileSync(join(folder, 'foreign'), 'utf8')).toBe('foreign');
    expect(readdirSync(folder).toSorted()).toEqual(['foreign', 'record.json']);
  });

  test('as its draft, a first record is written all the same', async () => {
    traps[trap]!(`${path}.draft`);
    await writeFirst(path, `${path}.draft`, { atMs: 1 });
    expect(readFileSync(path, 'utf8')).toBe('{"atMs":1}\n');
    expect(readFileSync(join(folder, 'foreign'), 'utf8')).toBe('foreign');
  });

  test('as a log, nothing is written into it', () => {
    traps[trap]!(join(folder, 'log'));
    expect(() => openLog(folder)).toThrow(/ENXIO|ELOOP|EISDIR/);
  });
});

test('the first record of a name stays', async () => {
  for (const atMs of [1, 2]) await writeFirst(path, `${path}.draft`, { atMs });
  expect(readFileSync(path, 'utf8')).toBe('{"atMs":1}\n');
  expect(readdirSync(folder)).toEqual(['record.json']);
});

test('a log that is a pipe with a reader gets nothing either', () => {
  const log = join(folder, 'log');
  spawnSync('mkfifo', [log]);
  const reader = openSync(log, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  expect(() => openLog(folder)).toThrow('is no plain file');
});

test('a pipe in the place of a folder is refused at once', async () => {
  spawnSync('mkfifo', [path]);
  await expect(syncFolder(path)).rejects.toThrow('ENOTDIR');
});
