import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readLogPiece } from './readLogPiece.ts';

let path = '';

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'log');
});

test('there is no piece of a log that is not there', async () => {
  expect(await readLogPiece(path, 0, 10, false)).toBeNull();
});

test('there is none of what a job has put in its place: a pipe that nobody writes, a link, a folder', async () => {
  spawnSync('mkfifo', [path]);
  // As many as this process has threads for files: were they held up, nothing could be read any more.
  const pieces = await Promise.all([1, 2, 3, 4].map(() => readLogPiece(path, 0, 10, false)));
  expect(pieces).toEqual([null, null, null, null]);
  expect(await readFile(import.meta.filename, 'utf8')).toContain('a pipe that nobody writes');
  rmSync(path);
  symlinkSync(import.meta.filename, path);
  expect(await readLogPiece(path, 0, 10, false)).toBeNull();
  rmSync(path);
  mkdirSync(path);
  expect(await readLogPiece(path, 0, 10, false)).toBeNull();
});

test('what is asked for beyond the end is nothing, and the place stays', async () => {
  writeFileSync(path, 'abc');
  expect(await readLogPiece(path, 7, 10, false)).toEqual({ text: '', nextByte: 7, ended: false });
});

test('bytes that are no text do not stop it', async () => {
  writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41, 0xf0, 0x9f]));
  expect(await readLogPiece(path, 0, 10, false)).toEqual({ text: '\ufffd\ufffdA', nextByte: 3, ended: false });
  expect(await readLogPiece(path, 0, 10, true)).toEqual({ text: '\ufffd\ufffdA\ufffd', nextByte: 5, ended: true });
});

test('wherever a text is cut by its writer and its reader, the pieces are the text', async () => {
  const character = fc.constantFrom('a', 'é', '→', '🜁', '\n');
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: character, maxLength: 60 }),
      fc.array(fc.nat(200)),
      fc.integer({ min: 4, max: 20 }),
      async (text, cuts, bytesMax) => {
        writeFileSync(path, '');
        const bytes = Buffer.from(text);
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        let read = '';
        let fromByte = 0;
        let written = 0;
        for (const end of ends) {
          appendFileSync(path, bytes.subarray(written, end));
          written = Math.max(written, end);
          for (let before = -1; before !== fromByte;) {
            before = fromByte;
            const piece = await readLogPiece(path, fromByte, bytesMax, written === bytes.length);
            read += piece!.text;
            fromByte = piece!.nextByte;
          }
        }
        expect(read).toBe(text);
        expect(fromByte).toBe(bytes.length);
      },
    ),
    { numRuns: 60 },
  );
});
