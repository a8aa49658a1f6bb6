import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CodedError, silentLog } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../exampleRecords.ts';
import { faultyFiles, type FaultyFiles } from './FaultyFiles.ts';
import { openSpool } from './openSpool.ts';
import { scanSpool } from './scanSpool.ts';
import { nodeFiles } from './SpoolFiles.ts';
import { TurnJournal } from './TurnJournal.ts';

const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const open = async (directory: string, files: FaultyFiles, reserveBytes = 32_768) => {
  const limits = { reserveBytes, groupMs: 1, retryMs: 5 };
  const { spool } = await openSpool({
    directory,
    clock: machineClock,
    log: silentLog,
    durability: 'group',
    files,
    limits,
  });
  return { spool, journal: new TurnJournal(spool) };
};

const recordsIn = async (directory: string): Promise<SpoolRecord[]> => {
  const records: SpoolRecord[] = [];
  await scanSpool(nodeFiles, directory, 0, ({ frame }) => records.push(JSON.parse(frame.payload.toString())));
  return records;
};

const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : String(error));

/** How each of some appends ended: null, or with which code. */
const endsOf = async (appends: readonly Promise<unknown>[]): Promise<(string | null)[]> =>
  (await Promise.allSettled(appends)).map((end) => (end.status === 'fulfilled' ? null : codeOf(end.reason)));

describe('records of one turn', () => {
  test('are one write, in the order in which they were given', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool, journal } = await open(directory, files);
    let writes = 0;
    files.beforeWrite = () => void writes++;
    const intents = Array.from({ length: 20 }, () => exampleIntent());
    const positions = await Promise.all(intents.map((intent) => journal.append(intent)));
    // The first also begins a segment.
    expect(writes).toBeLessThanOrEqual(2);
    writes = 0;
    const finals = intents.map((intent) => exampleFinal(intent));
    await Promise.all(finals.map((final) => journal.append(final, exampleRequest([final]))));
    expect(writes).toBe(1);
    expect(positions.every(({ sequence }) => sequence === 20)).toBe(true);
    expect((await recordsIn(directory)).map((record) => record.type)).toEqual([
      ...intents.map(() => 'intent'),
      ...finals.flatMap(() => ['final', 'request']),
    ]);
    await spool.close();
  });

  test('are with the operating system when the append resolves, and not before the turn ends', async () => {
    const directory = temporary();
    const { spool, journal } = await open(directory, faultyFiles());
    const append = journal.append(exampleIntent());
    expect(await recordsIn(directory)).toHaveLength(0);
    await append;
    expect(await recordsIn(directory)).toHaveLength(1);
    await spool.close();
  });

  test('go out at once when they are flushed, and once only', async () => {
    const directory = temporary();
    const { spool, journal } = await open(directory, faultyFiles());
    const append = journal.append(exampleIntent());
    journal.flush();
    expect(await recordsIn(directory)).toHaveLength(1);
    await append;
    journal.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await recordsIn(directory)).toHaveLength(1);
    await spool.close();
  });

  test('that are wrong or too large are refused alone', async () => {
    const directory = temporary();
    const { spool, journal } = await open(directory, faultyFiles());
    const good = exampleIntent();
    const ends = await endsOf([
      journal.append(exampleIntent({ model: 'x'.repeat(2_000_000) })),
      journal.append(good),
      journal.append(exampleFinal(exampleIntent())),
    ]);
    expect(ends).toEqual(['record_too_large', null, expect.stringContaining('assertion')]);
    expect(await recordsIn(directory)).toEqual([good]);
    await spool.close();
  });

  test('are refused where they are new work and kept where they are owed, when the disk is full', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool, journal } = await open(directory, files);
    const running = Array.from({ length: 5 }, () => exampleIntent());
    await Promise.all(running.map((intent) => journal.append(intent)));
    files.freeBytes = 500;
    const finals = running.map((intent) => exampleFinal(intent));
    const ends = await endsOf(finals.flatMap((final) => [journal.append(exampleIntent()), journal.append(final)]));
    expect(ends).toEqual(finals.flatMap(() => ['ledger_unavailable', null]));
    files.freeBytes = Infinity;
    await spool.close();
    const kept = (await recordsIn(directory)).filter((record) => record.type === 'final');
    expect(kept.map(({ attemptId }) => attemptId)).toEqual(finals.map(({ attemptId }) => attemptId));
  });
});

test('whatever the disk does, what was kept is there in its order, and what was refused is not', async () => {
  const turn = fc.record({
    appends: fc.integer({ min: 1, max: 6 }),
    freeBytes: fc.constantFrom(Infinity, 3_000, 800, 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 6 }), async (turns) => {
      const directory = mkdtempSync(join(tmpdir(), 'archipel-journal-'));
      const files = faultyFiles();
      const { spool, journal } = await open(directory, files, 4_096);
      const kept: string[] = [];
      let refusals = 0;
      for (const { appends, freeBytes } of turns) {
        files.freeBytes = freeBytes;
        const intents = Array.from({ length: appends }, () => exampleIntent());
        const ends = await endsOf(intents.map((intent) => journal.append(intent)));
        kept.push(...intents.filter((_, index) => ends[index] === null).map(({ attemptId }) => attemptId));
        refusals += ends.filter((end) => end === 'ledger_unavailable').length;
        expect(ends.every((end) => end === null || end === 'ledger_unavailable')).toBe(true);
      }
      files.freeBytes = Infinity;
      expect(turns.every(({ freeBytes }) => freeBytes > 0) || refusals > 0).toBe(true);
      await spool.close();
      const found = (await recordsIn(directory)).filter((record) => record.type === 'intent');
      expect(found.map(({ attemptId }) => attemptId)).toEqual(kept);
      rmSync(directory, { recursive: true, force: true });
    }),
    { numRuns: 60 },
  );
});
