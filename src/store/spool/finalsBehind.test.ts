import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../kernel/index.ts';
import { exampleFinal, exampleIntent, machineClock } from '../exampleRecords.ts';
import { openSpool, type Spool } from './index.ts';

const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-behind-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const open = async (directory: string): Promise<Spool> => {
  const limits = { segmentBytes: 4_000, reserveBytes: 4_096, groupMs: 0, retainedSegments: 1 };
  const { spool } = await openSpool({ directory, clock: machineClock, log: silentLog, durability: 'group', limits });
  return spool;
};

/** An attempt from its intent to its final. @returns the id, and the sequence of its final. */
const attempt = (spool: Spool): readonly [string, number] => {
  const intent = exampleIntent();
  spool.append(intent);
  return [intent.attemptId, spool.append(exampleFinal(intent)).sequence];
};

const idsBehind = async (spool: Spool, sequence: number): Promise<readonly string[] | null> => {
  const ids: string[] = [];
  return (await spool.finalsBehind(sequence, ({ attemptId }) => ids.push(attemptId))) ? ids : null;
};

test('the finals behind a record are those that came after it, over segments and restarts, cut-off attempts too', async () => {
  const directory = temporary();
  const first = await open(directory);
  const ended = Array.from({ length: 12 }, () => attempt(first));
  const cut = exampleIntent();
  first.append(cut);
  await first.close();
  const spool = await open(directory);
  onTestFinished(() => spool.close());
  for (const [index, [, sequence]] of ended.entries()) {
    const behind = ended.slice(index + 1).map(([id]) => id);
    expect(await idsBehind(spool, sequence)).toEqual([...behind, cut.attemptId]);
  }
  expect(await idsBehind(spool, 0)).toHaveLength(13);
  expect(await idsBehind(spool, spool.appendedSequence)).toEqual([]);
});

test('what is no longer there, and what never was, is said to be so', async () => {
  const directory = temporary();
  const first = await open(directory);
  const ended = Array.from({ length: 12 }, () => attempt(first));
  await first.flush();
  const dropped: number[] = [];
  first.beforeDrop(async (sequence) => void dropped.push(sequence));
  let position = first.shipped;
  while (position.sequence < first.appendedSequence) position = (await first.read(position)).next;
  await first.advance(position);
  await first.close();
  const spool = await open(directory);
  onTestFinished(() => spool.close());
  expect(dropped).toHaveLength(1);
  const [last] = dropped;
  expect(last).toBeGreaterThan(0);
  expect(await idsBehind(spool, 0)).toBeNull();
  expect(await idsBehind(spool, last! - 1)).toBeNull();
  expect(await idsBehind(spool, last!)).toEqual(ended.filter(([, sequence]) => sequence > last!).map(([id]) => id));
  expect(await idsBehind(spool, spool.appendedSequence + 1)).toBeNull();
});
