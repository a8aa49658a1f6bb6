import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodedError, silentLog } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import { exampleFinal, exampleIntent, machineClock } from '../exampleRecords.ts';
import { faultyFiles } from './FaultyFiles.ts';
import { openSpool } from './openSpool.ts';
import { scanSpool } from './scanSpool.ts';

const limits = { segmentBytes: 2048, reserveBytes: 1024, groupMs: 1, retryMs: 5 };
const otherBoot = '11111111-2222-4333-8444-555555555555';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'archipel-damage-'));

const readAll = async (directory: string, boot: string | null): Promise<readonly SpoolRecord[]> => {
  const files = faultyFiles();
  files.boot = boot;
  const records: SpoolRecord[] = [];
  await scanSpool(files, directory, 0, ({ frame }) => records.push(JSON.parse(frame.payload.toString())), 1);
  return records;
};

/** A spool of several files, whole. */
const wholeSpool = async (directory: string): Promise<void> => {
  const { spool } = await openSpool({ directory, clock: machineClock, log: silentLog, durability: 'group', limits });
  for (let count = 0; count < 6; count += 1) {
    const intent = exampleIntent();
    spool.append(intent);
    spool.append(exampleFinal(intent));
    await spool.flush();
  }
  await spool.close();
};

type Damage = (names: readonly string[], directory: string) => void;

const at = (names: readonly string[], directory: string, index: number): string =>
  join(directory, names[index % names.length]!);

const part = fc.record({
  file: fc.nat(),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.integer({ min: 1, max: 700 }),
});

/** Changes the bytes of one file. @param change gets them, where in them, and how many it is about */
const changed = (change: (bytes: Buffer, from: number, count: number) => Buffer) =>
  part.map(({ file, from, bytes: count }): Damage => (names, directory) => {
    const path = at(names, directory, file);
    const bytes = readFileSync(path);
    writeFileSync(path, change(bytes, Math.floor(from * (bytes.length - 1)), count));
  });

const damages = fc.oneof(
  changed((bytes, from, count) => {
    bytes[from]! ^= 1 << (count & 7);
    return bytes;
  }),
  changed((bytes, from) => bytes.subarray(0, from)),
  changed((bytes, from, count) => bytes.fill(0, from, Math.min(bytes.length, from + count))),
  changed((bytes, from, count) => Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + count)])),
  changed((bytes, from, count) => Buffer.concat([bytes.subarray(0, from + count), bytes.subarray(from)])),
  // A file that is there once more, behind the others or in another's place; one that is gone.
  fc.tuple(fc.nat(), fc.nat()).map(([file, place]): Damage => (names, directory) => {
    const behind = `segment-${String(names.length + 1 + (place % 3)).padStart(12, '0')}.spool`;
    cpSync(at(names, directory, file), join(directory, behind));
  }),
  fc.tuple(fc.nat(), fc.nat()).map(([file, place]): Damage => (names, directory) => {
    writeFileSync(at(names, directory, place), readFileSync(at(names, directory, file)));
  }),
  fc.nat().map(
    (file): Damage =>
      (names, directory) =>
        rmSync(at(names, directory, file)),
  ),
);

test(
  'whatever is flipped, cut, zeroed, doubled or moved, a spool is read as what was written from its beginning on, or not at all',
  { timeout: 60_000 },
  async () => {
    const whole = temporary();
    await wholeSpool(whole);
    const names = readdirSync(whole).filter((name) => name.endsWith('.spool'));
    const records = await readAll(whole, null);
    expect([names.length > 3, records.length]).toEqual([true, 12]);
    const told = { whole: 0, prefix: 0, loud: 0 };
    await fc.assert(
      fc.asyncProperty(damages, fc.constantFrom(null, otherBoot), async (damage, boot) => {
        const directory = temporary();
        try {
          for (const name of names) cpSync(join(whole, name), join(directory, name));
          damage(names, directory);
          const found = await readAll(directory, boot).catch((error: unknown) => error);
          if (found instanceof CodedError) {
            expect(['spool_damaged', 'spool_newer']).toContain(found.code);
            told.loud += 1;
            return;
          }
          if (!Array.isArray(found)) throw found;
          expect(found).toEqual(records.slice(0, found.length));
          told[found.length === records.length ? 'whole' : 'prefix'] += 1;
          // All but the last file were followed by another one, which says how much was on disk: only from there on may anything be missing.
          expect(found.length).toBeGreaterThanOrEqual(records.length - 2);
        } finally {
          rmSync(directory, { recursive: true, force: true });
        }
      }),
      { numRuns: 50 },
    );
    rmSync(whole, { recursive: true, force: true });
    expect([told.loud > 0, told.whole + told.prefix > 0], JSON.stringify(told)).toEqual([true, true]);
  },
);
