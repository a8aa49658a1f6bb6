import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CodedError } from '../../kernel/index.ts';
import { ArchiveWriter, readArchive } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'archipel-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
const freePath = (): string => join(folder, `${(made += 1)}.tar.gz`);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
  await Promise.resolve();
}

type Files = readonly (readonly [name: string, content: string])[];

const written = async (files: Files): Promise<string> => {
  const writer = await ArchiveWriter.create(freePath(), 1_000);
  for (const [name, content] of files) await writer.add(name, content);
  await writer.finish();
  return writer.path;
};

const read = async (path: string): Promise<Files> => {
  const files: [string, string][] = [];
  for await (const { name, body } of readArchive(path)) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(part);
    files.push([name, Buffer.concat(parts).toString('latin1')]);
  }
  return files;
};

const three: Files = [
  ['one', 'a'.repeat(700)],
  ['two/empty', ''],
  ['two/three.txt', 'c'.repeat(512)],
];

describe('an archive', () => {
  test('is read back as it was written, whatever the sizes and pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 700 }),
        async (contents, size) => {
          const writer = await ArchiveWriter.create(freePath(), 0);
          for (const [index, bytes] of contents.entries())
            await writer.addSized(`f${index}`, bytes.length, inPieces(bytes, size));
          await writer.finish();
          expect(await read(writer.path)).toEqual(
            contents.map((bytes, index) => [`f${index}`, Buffer.from(bytes).toString('latin1')]),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is for its owner alone, and lists what is in it with sizes and hashes', async () => {
    const writer = await ArchiveWriter.create(freePath(), 0);
    await writer.add('abc', 'abc');
    expect(writer.files).toEqual([
      { name: 'abc', bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
    ]);
    expect(await writer.finish()).toBe(statSync(writer.path).size);
    expect(statSync(writer.path).mode & 0o777).toBe(0o600);
  });

  test('cuts a stream of unknown length into numbered files, one at least', async () => {
    const writer = await ArchiveWriter.create(freePath(), 0);
    const long = Buffer.alloc(9 * 1024 * 1024, 'x');
    await writer.addParts('long', inPieces(long, 1024 * 1024));
    await writer.addParts('none', inPieces(Buffer.alloc(0), 1));
    await writer.finish();
    expect(writer.files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['long.000001', 4 * 1024 * 1024],
      ['long.000002', 4 * 1024 * 1024],
      ['long.000003', 1024 * 1024],
      ['none.000001', 0],
    ]);
  });

  test('is never written over a file that is there', async () => {
    const path = await written(three);
    await expect(ArchiveWriter.create(path, 0)).rejects.toMatchObject({ code: 'archive_exists' });
    expect(await read(path)).toEqual(three);
  });

  test('that is given up leaves nothing behind', async () => {
    const path = freePath();
    const writer = await ArchiveWriter.create(path, 0);
    await writer.add('one', 'x');
    const wrong = writer.addSized('two', 5, inPieces(Buffer.from('four'), 2));
    await expect(wrong).rejects.toThrow('two has not the 5 bytes');
    await writer.abandon();
    expect(readdirSync(folder).filter((name) => name.includes('.part-'))).toEqual([]);
    expect(() => statSync(path)).toThrow('ENOENT');
  });
});

describe('a damaged archive', () => {
  test('is refused: cut anywhere, or with any byte changed that changes what is in it', async () => {
    const bytes = readFileSync(await written(three));
    const changed = freePath();
    const isRefused = async (image: Uint8Array): Promise<boolean> => {
      writeFileSync(changed, image);
      try {
        expect(await read(changed)).toEqual(three);
        return false;
      } catch (error) {
        expect(error).toBeInstanceOf(CodedError);
        expect(error).toMatchObject({ code: 'backup_damaged' });
        return true;
      }
    };
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const image = Buffer.from(bytes);
      image[at] = (image[at] ?? 0) ^ 0x10;
      if (await isRefused(image)) refused += 1;
      expect(await isRefused(bytes.subarray(0, at)), `cut at ${at}`).toBe(true);
    }
    // The time in the head of gzip says nothing about the content, and a run of zeros can be said in several ways.
    expect(refused).toBeGreaterThan(bytes.length * 0.8);
  });

  test('is refused where something follows its end', async () => {
    const inner = readFileSync(await written(three));
    const path = freePath();
    writeFileSync(path, Buffer.concat([inner, inner]));
    await expect(read(path)).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});
