import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CodedError, silentLog } from '../../kernel/index.ts';
import { settleCapacity } from '../../ledger/index.ts';
import type { FinalRecord, SpoolRecord } from '../../vocabulary/index.ts';
import {
  exampleCapacity,
  exampleFinal,
  exampleIntent,
  exampleRequest,
  machineClock,
  noonMs,
} from '../exampleRecords.ts';
import { encodeFrame, encodeSegmentHeader } from './frames.ts';
import { diskError, faultyFiles } from './FaultyFiles.ts';
import { openSpool } from './openSpool.ts';
import type { SpoolOptions } from './openSpool.ts';
import { ReadMemory } from './readSegment.ts';
import { scanSpool } from './scanSpool.ts';
import type { Spool } from './Spool.ts';
import { nodeFiles } from './SpoolFiles.ts';

const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-spool-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const small = { reserveBytes: 4096, groupMs: 1, retryMs: 5 };

const open = (directory: string, more: Partial<SpoolOptions> = {}) =>
  openSpool({
    directory,
    clock: machineClock,
    log: silentLog,
    durability: 'group',
    ...more,
    limits: { ...small, ...more.limits },
  });

/** What a kill would leave at this moment: a copy of the folder, without the lock of the living process. */
const crashImage = (directory: string): string => {
  const copy = temporary();
  cpSync(directory, copy, { recursive: true });
  rmSync(join(copy, 'spool.lock'), { force: true });
  return copy;
};

const recordsIn = async (directory: string): Promise<SpoolRecord[]> => {
  const records: SpoolRecord[] = [];
  await scanSpool(nodeFiles, directory, 0, ({ frame }) => records.push(JSON.parse(frame.payload.toString())));
  return records;
};

const sizeOfFirst = (directory: string): number =>
  nodeFiles.sizeBytes(join(directory, 'segment-000000000001.spool')) ?? 0;

const appendAttempt = (spool: Spool): FinalRecord => {
  const intent = exampleIntent();
  spool.append(intent);
  const final = exampleFinal(intent);
  spool.append(final);
  return final;
};

const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : String(error));

/** The code with which something fails, or "nothing". */
const failing = async (act: () => unknown): Promise<string> => {
  try {
    await act();
    return 'nothing';
  } catch (error) {
    return codeOf(error);
  }
};

describe('an opened spool', () => {
  test('gives records back in their order, once they are on disk', async () => {
    const { spool, recovered } = await open(temporary());
    expect(recovered).toEqual({ intentsWithoutFinal: 0, finals: 0, requests: 0, tornBytes: 0 });
    const intent = exampleIntent();
    const final = exampleFinal(intent, { lines: [], amountNanoUsd: '0', listNanoUsd: '0', rangeNanoUsd: ['0', '0'] });
    const request = exampleRequest([final]);
    const position = [intent, final, request].map((record) => spool.append(record)).at(-1)!;
    expect((await spool.read(spool.shipped)).payloads).toEqual([]);
    await spool.synced(position);
    const { payloads, next } = await spool.read(spool.shipped);
    expect(payloads.map((payload) => JSON.parse(payload.toString()))).toEqual([intent, final, request]);
    expect(next.sequence).toBe(position.sequence);
    await spool.close();
  });

  test('gives whatever texts records hold back as the same data, and revives nothing of it [A22]', async () => {
    const { spool } = await open(temporary());
    const hostile = ['{"lc":1,"type":"constructor"}', '__proto__', '\ud800', '!!js/function', '\u0000\u2028', '$(x)'];
    const requests = hostile.map((model) => ({ ...exampleRequest([]), model }));
    const position = requests.map((record) => spool.append(record)).at(-1)!;
    await spool.synced(position);
    const { payloads } = await spool.read(spool.shipped);
    const read = payloads.map((payload) => JSON.parse(payload.toString()));
    expect(read.map(({ model }) => model)).toEqual(hostile);
    expect(read).toEqual(requests);
    await spool.close();
  });

  test('is refused to a second opener until it is closed', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    expect(await failing(() => open(directory))).toBe('data_dir_live');
    await spool.close();
    await (await open(directory)).spool.close();
  });

  test('reads on over many segments, and deletes those that are shipped, but for the last few and those with open intents', async () => {
    const directory = temporary();
    const { spool } = await open(directory, { limits: { segmentBytes: 4096, retainedSegments: 2 } });
    const first = exampleIntent();
    spool.append(first);
    const finals = Array.from({ length: 40 }, () => appendAttempt(spool));
    await spool.flush();
    const files = () => readdirSync(directory).filter((name) => name.endsWith('.spool')).length;
    const before = files();
    expect(before).toBeGreaterThan(10);
    let position = spool.shipped;
    const seen: string[] = [];
    const memory = new ReadMemory();
    const places = new Set<ArrayBufferLike | undefined>();
    for (;;) {
      const batch = await spool.read(position, 7, Infinity, memory);
      if (batch.payloads.length === 0) break;
      for (const payload of batch.payloads) {
        const record = JSON.parse(payload.toString());
        if (record.type === 'final') seen.push(record.attemptId);
      }
      places.add(batch.payloads[0]?.buffer);
      position = batch.next;
    }
    expect(places.size).toBe(1);
    expect(seen).toEqual(finals.map((final) => final.attemptId));
    await spool.advance(position);
    expect(files()).toBe(before);
    spool.append(exampleFinal(first));
    await spool.advance(position);
    expect(files()).toBeLessThanOrEqual(4);
    await spool.close();
  });

  test('asserts one intent and one final an attempt, and lines that sum to the amount', async () => {
    const { spool } = await open(temporary());
    const intent = exampleIntent();
    expect(() => spool.append(exampleFinal(intent))).toThrow(/assertion/);
    spool.append(intent);
    expect(() => spool.append(intent)).toThrow(/assertion/);
    expect(() => spool.append(exampleFinal(intent, { lines: [] }))).toThrow(/sum to its amount/);
    spool.append(exampleFinal(intent));
    expect(() => spool.append(exampleFinal(intent))).toThrow(/assertion/);
    await spool.close();
  });

  test('syncs a burst as a group, and at once where it is strict', async () => {
    const files = faultyFiles();
    const { spool } = await open(temporary(), { files, durability: 'strict' });
    const before = files.syncs;
    for (let index = 0; index < 100; index++) appendAttempt(spool);
    await spool.synced({ sequence: spool.appendedSequence });
    expect(files.syncs - before).toBeLessThan(10);
    await spool.close();
  });

  test('refuses new work when it is full, takes what is owed, and goes on when it was shipped [G3]', async () => {
    const directory = temporary();
    const { spool } = await open(directory, {
      limits: { bytesMax: 20_000, segmentBytes: 4096, retainedSegments: 0, reserveBytes: 8192 },
    });
    const running = Array.from({ length: 5 }, () => exampleIntent());
    for (const intent of running) spool.append(intent);
    expect(
      await failing(() => {
        for (;;) appendAttempt(spool);
      }),
    ).toBe('ledger_unavailable');
    expect(spool.refusal()).toMatch(/not in the database/);
    for (const intent of running) spool.append(exampleFinal(intent));
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    expect(spool.refusal()).toBeNull();
    appendAttempt(spool);
    await spool.close();
  });

  test('takes capacity of jobs without an intent, and again; of what it remembers the first counts', async () => {
    const { spool } = await open(temporary());
    const piece = settleCapacity(exampleCapacity());
    const longer = settleCapacity(exampleCapacity({ untilMs: noonMs + 7_200_000 }));
    const next = settleCapacity(exampleCapacity({ fromMs: noonMs + 3_600_000, untilMs: noonMs + 7_200_000 }));
    for (const told of [piece, piece, longer, next]) spool.append(told);
    expect(spool.pendingAttempts()).toEqual([]);
    expect(spool.recent(piece.requestId)).toEqual({ request: null, attempts: [piece, next] });
    expect(() => spool.append({ ...piece, lines: [] })).toThrow(/sum to its amount/);
    expect(() => spool.append({ ...piece, usage: { acceleratorSeconds: 0.5 } })).toThrow(/whole units/);
    await spool.close();
  });

  test('turns capacity of jobs away before what is owed to requests: it can be told again later', async () => {
    const { spool } = await open(temporary(), {
      limits: { bytesMax: 20_000, segmentBytes: 4096, retainedSegments: 0, reserveBytes: 8192 },
    });
    const running = exampleIntent();
    spool.append(running);
    expect(
      await failing(() => {
        for (;;) spool.append(settleCapacity(exampleCapacity()));
      }),
    ).toBe('ledger_unavailable');
    spool.append(exampleFinal(running));
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    spool.append(settleCapacity(exampleCapacity()));
    await spool.close();
  });

  test('refuses a record over the limit', async () => {
    const { spool } = await open(temporary(), { limits: { recordBytes: 2048 } });
    expect(await failing(() => spool.append(exampleIntent({ model: 'x'.repeat(4000) })))).toBe('record_too_large');
    await spool.close();
  });
});

describe('recovery', () => {
  test('settles each attempt that was cut off as unknown, exactly once, however often it is repeated', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    const done = appendAttempt(spool);
    const cutOff = exampleIntent({ holdNanoUsd: '38000000000000000000' });
    spool.append(cutOff);
    const crash = crashImage(directory);
    await spool.close();

    const clock = { ...machineClock, nowMs: () => noonMs + 5_000 };
    const second = await open(crash, { clock });
    expect(second.recovered).toEqual({ intentsWithoutFinal: 1, finals: 2, requests: 0, tornBytes: 0 });
    expect(second.spool.pendingAttempts()).toEqual([]);
    const again = crashImage(crash);
    await second.spool.close();
    const third = await open(again, { clock });
    expect(third.recovered).toEqual({ intentsWithoutFinal: 0, finals: 2, requests: 0, tornBytes: 0 });
    await third.spool.close();

    const finals = (await recordsIn(again)).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([done.attemptId, cutOff.attemptId]);
    const { type: _type, holdNanoUsd: _hold, ...identity } = cutOff;
    expect(finals[1]).toEqual({
      ...identity,
      type: 'final',
      firstContentMs: null,
      durationMs: 5_000,
      outcome: { kind: 'unknown' },
      usage: {},
      basis: 'unknown',
      lines: [],
      amountNanoUsd: '0',
      listNanoUsd: '0',
      rangeNanoUsd: ['0', '38000000000000000000'],
      edits: [],
    });
  });

  test('finds capacity of jobs as it was told, and settles nothing for it', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    const piece = settleCapacity(exampleCapacity());
    spool.append(piece);
    const crash = crashImage(directory);
    await spool.close();
    const second = await open(crash);
    expect(second.recovered).toEqual({ intentsWithoutFinal: 0, finals: 1, requests: 0, tornBytes: 0 });
    second.spool.append(piece);
    await second.spool.close();
    expect(await recordsIn(crash)).toEqual([piece, piece]);
  });

  test('begins behind the checkpoint, yet finds an older intent that is still open', async () => {
    const directory = temporary();
    const limits = { segmentBytes: 4096, retainedSegments: 0 };
    const { spool } = await open(directory, { limits });
    const old = exampleIntent();
    spool.append(old);
    for (let index = 0; index < 20; index++) appendAttempt(spool);
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    const crash = crashImage(directory);
    await spool.close();
    const second = await open(crash, { limits });
    expect(second.recovered).toEqual({ intentsWithoutFinal: 1, finals: 1, requests: 0, tornBytes: 0 });
    const unshipped: string[] = [];
    for await (const record of second.spool.unshipped()) if (record.type === 'final') unshipped.push(record.attemptId);
    expect(unshipped).toEqual([old.attemptId]);
    await second.spool.close();
  });

  test('ships all again when the checkpoint cannot be read', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    appendAttempt(spool);
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    await spool.close();
    writeFileSync(join(directory, 'checkpoint.json'), '{"version":1,"inst');
    const second = await open(directory);
    expect(second.recovered.finals).toBe(1);
    await second.spool.close();
  });

  test('is loud when a file at the end is missing that the checkpoint knows of', async () => {
    const directory = temporary();
    const { spool } = await open(directory, { limits: { segmentBytes: 2000 } });
    for (let index = 0; index < 5; index++) appendAttempt(spool);
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    await spool.close();
    rmSync(
      join(
        directory,
        readdirSync(directory)
          .filter((name) => name.endsWith('.spool'))
          .at(-1)!,
      ),
    );
    expect(await failing(() => open(directory))).toBe('spool_damaged');
  });

  test('reads what the first version of the format wrote', async () => {
    const directory = temporary();
    cpSync(join(import.meta.dirname, '../../../test/fixtures/spool/version-1'), directory, { recursive: true });
    const { spool, recovered } = await open(directory);
    expect(recovered).toEqual({ intentsWithoutFinal: 1, finals: 4, requests: 3, tornBytes: 0 });
    await spool.close();
    const types = (await recordsIn(directory)).map(({ type }) => type);
    expect(types.join(' ')).toBe(`${'intent final request '.repeat(3)}intent final`);
  });

  test('refuses a file of a newer version whatever the rest of its header looks like', async () => {
    const directory = temporary();
    const header = Buffer.alloc(80, 7);
    header.write('ARCSPOOL', 'latin1');
    header.writeUInt32LE(2, 8);
    writeFileSync(join(directory, 'segment-000000000001.spool'), header);
    expect(await failing(() => open(directory))).toBe('spool_newer');
  });

  test('is loud when what the database does not have lies in a file whose header cannot be read, or that is gone', async () => {
    const directory = temporary();
    const { spool } = await open(directory, { limits: { segmentBytes: 2000 } });
    for (let index = 0; index < 5; index++) appendAttempt(spool);
    await spool.flush();
    const [first = ''] = readdirSync(directory).filter((name) => name.endsWith('.spool'));
    const [unreadable, gone] = [crashImage(directory), crashImage(directory)];
    await spool.close();
    const bytes = readFileSync(join(unreadable, first));
    writeFileSync(join(unreadable, first), bytes.fill(0, 0, 8));
    rmSync(join(gone, first));
    for (const damaged of [unreadable, gone])
      await expect(open(damaged)).rejects.toThrow(/records 1 to \d+ are missing or cannot be read/);
  });

  test('says of damage how much the database has', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    for (let index = 0; index < 3; index++) appendAttempt(spool);
    await spool.flush();
    await spool.advance((await spool.read(spool.shipped)).next);
    await spool.close();
    const path = join(directory, 'segment-000000000001.spool');
    const bytes = readFileSync(path);
    bytes[200]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open(directory)).rejects.toThrow(/segment-000000000001.spool is damaged at byte 64: .* up to 6;/);
  });

  test('refuses the files of another spool, and files of a newer version', async () => {
    const [one, other] = [temporary(), temporary()];
    for (const directory of [one, other]) {
      const { spool } = await open(directory);
      appendAttempt(spool);
      await spool.close();
    }
    const names = readdirSync(other).filter((name) => name.endsWith('.spool'));
    cpSync(join(other, names[0]!), join(one, 'segment-000000000099.spool'));
    expect(await failing(() => open(one))).toBe('spool_damaged');
    const path = join(other, names[0]!);
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(2, 8);
    writeFileSync(path, bytes);
    expect(await failing(() => open(other))).toBe('spool_newer');
  });
});

describe('a broken place', () => {
  const instance = '0190b1a0-1111-7000-8000-00000000abcd';
  const otherBoot = '11111111-2222-4333-8444-555555555555';

  /** A spool of one file with so many attempts; each frame knows that the one `lag` before it was durable. */
  const segmentOf = (
    attempts: number,
    lag: number,
    boot: string,
  ): { bytes: Buffer; ends: number[]; records: SpoolRecord[] } => {
    const records: SpoolRecord[] = Array.from({ length: attempts }).flatMap(() => {
      const intent = exampleIntent();
      return [intent, exampleFinal(intent)];
    });
    const parts = [encodeSegmentHeader({ instance, boot, firstSequence: 1, durable: 0 })];
    const ends = [64];
    for (const [index, record] of records.entries()) {
      const frame = encodeFrame(index + 1, Math.max(0, index + 1 - lag), JSON.stringify(record));
      parts.push(frame);
      ends.push(ends.at(-1)! + frame.length);
    }
    return { bytes: Buffer.concat(parts), ends, records };
  };

  const scanBytes = async (bytes: Buffer) => {
    const directory = temporary();
    writeFileSync(join(directory, 'segment-000000000001.spool'), bytes);
    const records: SpoolRecord[] = [];
    const scan = await scanSpool(nodeFiles, directory, 0, ({ frame }) =>
      records.push(JSON.parse(frame.payload.toString())),
    );
    return { records, scan };
  };

  test('that truncation made is cut, wherever it is: every whole record before it stays', async () => {
    const { bytes, ends, records } = segmentOf(4, 1, nodeFiles.bootId());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 64, max: bytes.length }), async (length) => {
        const whole = ends.filter((end) => end <= length).length - 1;
        const { records: found, scan } = await scanBytes(bytes.subarray(0, length));
        expect(found).toEqual(records.slice(0, whole));
        expect(scan.nextSequence).toBe(whole + 1);
        expect(scan.torn?.bytes ?? 0).toBe(length - ends[whole]!);
      }),
    );
  });

  test('that a flipped bit made is loud in the middle and cut at the end; a wrong record is never read', async () => {
    const { bytes, ends, records } = segmentOf(4, 1, nodeFiles.bootId());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), async (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const last = bit >> 3 >= ends.at(-2)!;
        const { records: found, code } = await scanBytes(flipped).then(
          (ok) => ({ records: ok.records, code: 'nothing' }),
          (error: unknown) => ({ records: null, code: codeOf(error) }),
        );
        if (last) expect(found).toEqual(records.slice(0, -1));
        else expect(['spool_damaged', 'spool_newer']).toContain(code);
      }),
    );
  });

  test('after a power loss is cut when nothing behind it knows that it was durable, and loud when something does', async () => {
    const { bytes, ends, records } = segmentOf(4, 3, otherBoot);
    for (const [index, start] of ends.slice(0, -1).entries()) {
      const hole = Buffer.from(bytes).fill(0, start, ends[index + 1]);
      const sequence = index + 1;
      const durableBehind = records.length - 3;
      if (durableBehind >= sequence) {
        await expect(scanBytes(hole)).rejects.toMatchObject({ code: 'spool_damaged' });
      } else {
        const { records: found, scan } = await scanBytes(hole);
        expect(found).toEqual(records.slice(0, index));
        expect(scan.torn?.offset).toBe(start);
      }
    }
  });

  test('is named with file and byte', async () => {
    const { bytes, ends } = segmentOf(3, 1, nodeFiles.bootId());
    bytes[ends[2]! + 30]! ^= 1;
    await expect(scanBytes(bytes)).rejects.toThrow(
      new RegExp(`segment-000000000001.spool is damaged at byte ${ends[2]}: whole records follow`),
    );
  });

  test('between two files is loud', async () => {
    const directory = temporary();
    const { spool } = await open(directory, { limits: { segmentBytes: 4096 } });
    for (let index = 0; index < 20; index++) appendAttempt(spool);
    await spool.close();
    const names = readdirSync(directory).filter((name) => name.endsWith('.spool'));
    const middle = crashImage(directory);
    rmSync(join(middle, names[2]!));
    expect(await failing(() => open(middle))).toBe('spool_damaged');
    const short = crashImage(directory);
    truncateSync(join(short, names[2]!), 700);
    expect(await failing(() => open(short))).toBe('spool_damaged');
  });
});

describe('a failing disk', () => {
  test('a failed sync kills the segment; everything unacknowledged is written again and nothing is lost [G3]', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files });
    const before = appendAttempt(spool);
    await spool.flush();
    const safeBytes = sizeOfFirst(directory);
    let faults = 1;
    files.beforeSync = () => {
      if (faults-- > 0) throw diskError('EIO');
    };
    const after = appendAttempt(spool);
    await spool.flush();
    const names = readdirSync(directory).filter((name) => name.endsWith('.spool'));
    expect(names).toHaveLength(2);
    // What the dead file holds behind the last good sync may be anything after a power loss: nothing is read from there.
    const crash = crashImage(directory);
    const dead = readFileSync(join(crash, names[0]!));
    writeFileSync(join(crash, names[0]!), dead.fill(0, safeBytes));
    const finals = (await recordsIn(crash)).filter((record) => record.type === 'final').map((final) => final.attemptId);
    expect(finals).toEqual([before.attemptId, after.attemptId]);
    expect((await spool.read(spool.shipped)).payloads).toHaveLength(4);
    await spool.close();
  });

  test('control: a file that is synced again after a failure would have lost them', async () => {
    const directory = temporary();
    const { spool } = await open(directory);
    appendAttempt(spool);
    await spool.flush();
    const safeBytes = sizeOfFirst(directory);
    appendAttempt(spool);
    await spool.close();
    // The same bytes in one file, as if the failed sync had been repeated with success: the damage is found, the records are gone.
    const [name] = readdirSync(directory).filter((file) => file.endsWith('.spool'));
    const bytes = readFileSync(join(directory, name!));
    writeFileSync(join(directory, name!), bytes.fill(0, safeBytes));
    expect((await recordsIn(directory)).filter((record) => record.type === 'final')).toHaveLength(1);
  });

  test('a disk that never syncs refuses new work, takes what is owed, and all is there when it is back [G3]', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files });
    const running = exampleIntent();
    spool.append(running);
    await spool.flush();
    files.beforeSync = () => {
      throw diskError('EIO');
    };
    const other = appendAttempt(spool);
    expect(await failing(() => spool.flush())).toBe('ledger_unavailable');
    expect(await failing(() => spool.append(exampleIntent()))).toBe('ledger_unavailable');
    const owed = exampleFinal(running);
    spool.append(owed);
    files.beforeSync = () => {};
    await spool.flush();
    expect(spool.refusal()).toBeNull();
    const finals = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([other.attemptId, owed.attemptId]);
    await spool.close();
  });

  test('a failed write goes on in a new segment; the half of a record that it left is never read', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files });
    const first = appendAttempt(spool);
    let writes = 0;
    files.beforeWrite = () => {
      if (++writes === 1) files.freeBytes = 100;
      if (writes === 3) files.freeBytes = Infinity;
    };
    const second = appendAttempt(spool);
    await spool.flush();
    const finals = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([first.attemptId, second.attemptId]);
    await spool.close();
  });

  test('a full disk refuses new work with 503, writes finals into the reserve, and goes on when space is back', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files, limits: { reserveBytes: 32_768 } });
    const running = Array.from({ length: 10 }, () => exampleIntent());
    for (const intent of running) spool.append(intent);
    await spool.flush();
    files.freeBytes = 500;
    const refused = await failing(() => {
      for (;;) spool.append(exampleIntent());
    });
    expect(refused).toBe('ledger_unavailable');
    const finals = running.map((intent) => exampleFinal(intent));
    for (const final of finals) spool.append(final);
    await spool.flush();
    expect(spool.refusal()).toBe('its disk is full');
    const found = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(found.map((final) => final.attemptId)).toEqual(finals.map((final) => final.attemptId));
    files.freeBytes = Infinity;
    await expect.poll(() => spool.refusal()).toBeNull();
    appendAttempt(spool);
    await spool.close();
    expect(readdirSync(directory).filter((name) => name.endsWith('.spool')).length).toBeLessThan(6);
  });

  test('a full disk on which a sync fails has room for what was taken before, too', async () => {
    const directory = temporary();
    const files = faultyFiles();
    // The reserve is not tried again within this test: it could be taken by then, since the dead file has left its own place.
    const { spool } = await open(directory, { files, limits: { reserveBytes: 32_768, retryMs: 60_000 } });
    const taken = appendAttempt(spool);
    files.freeBytes = 0;
    let faults = 1;
    files.beforeSync = () => {
      if (faults-- > 0) throw diskError('EIO');
    };
    await spool.flush();
    expect(spool.refusal()).toBe('its disk is full');
    const finals = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([taken.attemptId]);
    await spool.close();
  });

  test('what is owed while the reserve is being taken again gets the place of what is taken of it', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files, limits: { reserveBytes: 32_768 } });
    const [first, second] = [exampleIntent(), exampleIntent()];
    spool.append(first);
    spool.append(second);
    await spool.flush();
    files.freeBytes = 500;
    spool.append(exampleFinal(first));
    expect(spool.refusal()).toBe('its disk is full');
    // Space comes for the reserve, and not a byte more; it is written, and not yet on disk.
    const write = files.write.bind(files);
    const syncing = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    files.write = (fd, bytes) => {
      if (bytes.length === 32_768) files.freeBytes = bytes.length;
      return write(fd, bytes);
    };
    files.sync = async (fd) => {
      if (files.freeBytes === 0) {
        syncing.resolve();
        await goOn.promise;
      }
      await nodeFiles.sync(fd);
    };
    await syncing.promise;
    spool.append(exampleFinal(second));
    goOn.resolve();
    await spool.flush();
    const finals = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([first.attemptId, second.attemptId]);
    await spool.close();
  });

  test('a reserve that cannot be cut is given back all the same', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files, limits: { reserveBytes: 32_768, retryMs: 60_000 } });
    const intent = exampleIntent();
    spool.append(intent);
    files.freeBytes = 100;
    files.truncate = () => {
      throw diskError('EIO');
    };
    spool.append(exampleFinal(intent));
    await spool.flush();
    expect(spool.refusal()).toBe('its disk is full');
    const finals = (await recordsIn(crashImage(directory))).filter((record) => record.type === 'final');
    expect(finals.map((final) => final.attemptId)).toEqual([intent.attemptId]);
    await spool.close();
  });

  test('control: without the reserve those finals find no room', async () => {
    const directory = temporary();
    const files = faultyFiles();
    const { spool } = await open(directory, { files });
    const intent = exampleIntent();
    spool.append(intent);
    await spool.flush();
    rmSync(join(directory, 'reserve'));
    files.freeBytes = 100;
    files.remove = (path) => nodeFiles.remove(path);
    expect(await failing(() => spool.append(exampleFinal(intent)))).toBe('ledger_unavailable');
    files.freeBytes = Infinity;
    await spool.close();
  });
});
