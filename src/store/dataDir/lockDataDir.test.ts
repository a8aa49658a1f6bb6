import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { lockDataDir } from './lockDataDir.ts';
import { identityOf, processLives } from './processIdentity.ts';

let dataDir = '';
const lockFile = (): string => join(dataDir, 'archipel.lock');

beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'archipel-lock-'));
  dataDir = made;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

test('one process holds a data dir; the next is told who, and gets it after release [G1]', () => {
  const first = lockDataDir(dataDir);
  const second = lockDataDir(dataDir);
  expect(second).toMatchObject({ ok: false, fault: { code: 'data_dir_live', row: { status: 2 } } });
  expect(!second.ok && second.fault.message).toContain(`process ${process.pid}`);
  expect(first.ok).toBe(true);
  if (first.ok) first.value.release();
  expect(lockDataDir(dataDir).ok).toBe(true);
  expect(readdirSync(dataDir)).toEqual(['archipel.lock']);
});

test('the lock of a living other process holds', () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill('SIGKILL'));
  writeFileSync(lockFile(), JSON.stringify(identityOf(other.pid!)));
  expect(lockDataDir(dataDir)).toMatchObject({ ok: false, fault: { code: 'data_dir_live' } });
});

test('the lock of a process that is gone is taken over', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(lockFile(), JSON.stringify({ pid: gone, started: null }));
  expect(lockDataDir(dataDir).ok).toBe(true);
});

test.skipIf(process.platform !== 'linux')(
  'a number that a later process has is no holder (Linux: start times are known)',
  () => {
    writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, started: 'another-boot/1' }));
    expect(lockDataDir(dataDir).ok).toBe(true);
  },
);

test('a half-written lock is taken over', () => {
  writeFileSync(lockFile(), '{"pi');
  expect(lockDataDir(dataDir).ok).toBe(true);
});

test('release leaves a lock alone that is not ours any more', () => {
  const lock = lockDataDir(dataDir);
  writeFileSync(lockFile(), '{"pid":1,"started":null}');
  if (lock.ok) lock.value.release();
  expect(readFileSync(lockFile(), 'utf8')).toContain('"pid":1');
});

test('of many processes that find a dead lock at once, exactly one gets it', { timeout: 60_000 }, async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(lockFile(), JSON.stringify({ pid: gone, started: null }));
  const source = `
    import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, 'lockDataDir.ts'))};
    process.stdin.once('data', () => {
      console.log(lockDataDir(${JSON.stringify(dataDir)}).ok ? 'mine' : 'theirs');
      process.stdin.once('data', () => process.exit());
    });
    console.log('ready');`;
  const racers = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module-typescript', '-e', source]),
  );
  onTestFinished(() => racers.forEach((racer) => racer.kill('SIGKILL')));
  const next = () =>
    Promise.all(
      racers.map(
        (racer) =>
          new Promise<string>((resolve) =>
            racer.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
          ),
      ),
    );
  expect(await next()).toEqual(racers.map(() => 'ready'));
  const answers = next();
  for (const racer of racers) racer.stdin.write('go\n');
  expect((await answers).toSorted()).toEqual(['mine', 'theirs', 'theirs', 'theirs', 'theirs', 'theirs']);
});

test('a corpse that waits for its parent does not live', () => {
  expect(processLives(process.pid)).toBe(true);
  expect(processLives(2 ** 22 + 1)).toBe(false);
});
