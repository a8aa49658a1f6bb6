import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLog } from '../../kernel/index.ts';
import type { IntentRecord, SpoolRecord } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, machineClock } from '../exampleRecords.ts';
import { diskError, faultyFiles } from './FaultyFiles.ts';
import { openSpool } from './openSpool.ts';
import { powerLossFiles } from './PowerLossFiles.ts';
import type { Behind, PowerLossFiles } from './PowerLossFiles.ts';
import { readSpoolRecords } from './readSpoolRecords.ts';
import type { Spool } from './Spool.ts';

const limits = { segmentBytes: 4096, reserveBytes: 2048, groupMs: 1, retryMs: 1, retainedSegments: 0 };
const options = { clock: machineClock, log: silentLog, durability: 'group', limits } as const;
const otherBoot = '11111111-2222-4333-8444-555555555555';

/** What can happen to a spool, in any order. */
type Step =
  | 'intent'
  | 'final'
  | 'flush'
  | 'begin'
  | 'turn'
  | 'ship'
  | 'sync fails'
  | 'write fails'
  | 'disk full'
  | 'disk free';

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<Step>('intent', 'final') },
    { weight: 3, arbitrary: fc.constantFrom<Step>('flush', 'begin', 'turn', 'ship') },
    { weight: 2, arbitrary: fc.constantFrom<Step>('sync fails', 'write fails', 'disk full', 'disk free') },
  ),
  { minLength: 5, maxLength: 60 },
);

/** Runs the steps and notes what was acknowledged: as durable, and as with the operating system. */
class Run {
  readonly accepted: string[] = [];
  readonly durable: string[] = [];
  readonly shipped = new Set<string>();
  readonly #spool: Spool;
  readonly #files: PowerLossFiles;
  readonly #open: IntentRecord[] = [];

  constructor(spool: Spool, files: PowerLossFiles) {
    this.#spool = spool;
    this.#files = files;
  }

  async step(step: Step): Promise<void> {
    if (step === 'intent') {
      const intent = exampleIntent();
      if (this.#append(intent)) this.#open.push(intent);
    } else if (step === 'final') {
      const intent = this.#open[0];
      if (intent && this.#append(exampleFinal(intent))) this.#open.shift();
    } else if (step === 'flush') await this.#flush();
    else if (step === 'begin') {
      // The next steps meet a running sync.
      void this.#flush();
      await this.#files.breathe();
    } else if (step === 'ship') {
      const { payloads, next } = await this.#spool.read(this.#spool.shipped);
      const advanced = await this.#spool.advance(next).then(
        () => true,
        () => false,
      );
      // What was read is in the database, whether or not the checkpoint could be written.
      if (advanced || payloads.length > 0)
        for (const payload of payloads) this.shipped.add(nameOf(JSON.parse(payload.toString())));
    } else if (step === 'turn') await this.#files.breathe();
    else this.#fault(step);
  }

  async #flush(): Promise<void> {
    const before = this.accepted.length;
    try {
      await this.#spool.flush();
    } catch {
      return;
    }
    if (before > this.durable.length) this.durable.push(...this.accepted.slice(this.durable.length, before));
  }

  #append(record: SpoolRecord): boolean {
    try {
      this.#spool.append(record);
      this.accepted.push(nameOf(record));
      return true;
    } catch {
      return false;
    }
  }

  #fault(step: 'sync fails' | 'write fails' | 'disk full' | 'disk free'): void {
    let once = true;
    const failOnce = (): void => {
      if (once) {
        once = false;
        throw diskError('EIO');
      }
    };
    if (step === 'sync fails') this.#files.beforeSync = failOnce;
    if (step === 'write fails') this.#files.beforeWrite = failOnce;
    if (step === 'disk full') this.#files.freeBytes = 300;
    if (step === 'disk free') this.#files.freeBytes = Infinity;
  }
}

/** Tells a final that was appended from one that a recovery made up. */
const nameOf = (record: SpoolRecord): string => {
  if (record.type === 'request') return `request ${record.requestId}`;
  return record.type === 'intent' ? `intent ${record.attemptId}` : `final ${record.attemptId} ${record.outcome.kind}`;
};

const namesIn = async (directory: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const chunk of readSpoolRecords(faultyFiles(), directory, 100)) {
    for (const { payload } of chunk) names.push(nameOf(JSON.parse(payload.toString())));
  }
  return names;
};

/** Opens what a power loss left, on the next boot of the machine, and gives what it then holds. */
const recover = async (files: PowerLossFiles, behind: Behind, image: string): Promise<string[]> => {
  files.writeImage(image, behind);
  const next = faultyFiles();
  next.boot = otherBoot;
  const { spool } = await openSpool({ ...options, directory: image, files: next });
  await spool.close();
  return namesIn(image);
};

const inFolders = async (act: (directory: string, image: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-power-'));
  const image = mkdtempSync(join(tmpdir(), 'archipel-power-'));
  try {
    await act(directory, image);
  } finally {
    for (const folder of [directory, image]) rmSync(folder, { recursive: true, force: true });
  }
};

test(
  'whatever fails in between, a power loss loses nothing that was acknowledged as durable, and doubles nothing',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom<Behind>('nothing', 'written', 'zeros'), (run, behind) =>
        inFolders(async (directory, image) => {
          const files = powerLossFiles();
          const { spool } = await openSpool({ ...options, directory, files });
          const ran = new Run(spool, files);
          for (const step of run) await ran.step(step);
          const promised = [...ran.durable];
          const found = await recover(files, behind, image);
          expect(new Set(found).size).toBe(found.length);
          expect(promised.filter((name) => !found.includes(name) && !ran.shipped.has(name))).toEqual([]);
          // And without a power loss, everything that was accepted is there.
          files.freeBytes = Infinity;
          files.beforeSync = () => {};
          files.beforeWrite = () => {};
          await spool.close();
          const all = await namesIn(directory);
          expect(new Set(all).size).toBe(all.length);
          expect(ran.accepted.filter((name) => !all.includes(name) && !ran.shipped.has(name))).toEqual([]);
        }),
      ),
      { numRuns: 60 },
    );
  },
);

test('control: a disk whose syncs do nothing loses what was acknowledged', async () => {
  await inFolders(async (directory, image) => {
    const files = powerLossFiles();
    const { spool } = await openSpool({ ...options, directory, files });
    const ran = new Run(spool, files);
    await ran.step('intent');
    await ran.step('flush');
    files.sync = async () => {};
    for (const step of ['intent', 'final', 'flush'] as const) await ran.step(step);
    const found = await recover(files, 'nothing', image);
    expect(ran.durable.filter((name) => !found.includes(name))).toHaveLength(2);
    await spool.close();
  });
});

test('control: a sync that is repeated on the file where it failed says that it succeeded, and loses what was acknowledged', async () => {
  await inFolders(async (directory, image) => {
    const files = powerLossFiles();
    const once = { ...files };
    files.sync = (fd) => once.sync(fd).catch(() => once.sync(fd));
    const { spool } = await openSpool({ ...options, directory, files });
    const ran = new Run(spool, files);
    for (const step of ['intent', 'flush', 'sync fails', 'final', 'flush'] as const) await ran.step(step);
    const found = await recover(files, 'nothing', image);
    expect(ran.durable.filter((name) => !found.includes(name))).toHaveLength(1);
    await spool.close();
  });
});
