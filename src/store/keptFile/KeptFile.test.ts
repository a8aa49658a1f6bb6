import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { KeptFile, type KeptParts } from './KeptFile.ts';

const temporaryPath = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-kept-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'kept.jsonl');
};

const partsOf = (values: Readonly<Record<string, unknown>>): KeptParts =>
  new Map(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));

const example = {
  keys: [{ name: 'demo' }, 'two\nlines'],
  balances: { sequence: 7, 'a "name"': '12345678901234567890' },
};

test('a kept file is read as it was written, for its owner alone, and nothing is left beside it', async () => {
  const file = new KeptFile(temporaryPath());
  expect(await file.read()).toEqual({ ok: true, value: null });
  await file.write(partsOf({ keys: 'older' }));
  await file.write(partsOf(example));
  expect(await file.read()).toEqual({ ok: true, value: new Map(Object.entries(example)) });
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  expect(statSync(`${file.path}.new`, { throwIfNoEntry: false })).toBeUndefined();
});

test('one that cannot be written leaves the old one', async () => {
  const file = new KeptFile(temporaryPath());
  await file.write(partsOf({ keys: 'older' }));
  // A draft that cannot be made: its name is a folder with something in it.
  mkdirSync(join(`${file.path}.new`, 'in the way'), { recursive: true });
  await expect(file.write(partsOf(example))).rejects.toThrow(/director/i);
  expect(await file.read()).toEqual({ ok: true, value: new Map([['keys', 'older']]) });
});

test('whatever byte of it is changed, added or lost, nothing of it is believed', async () => {
  const file = new KeptFile(temporaryPath());
  await file.write(partsOf(example));
  const whole = readFileSync(file.path);
  const harms = {
    flip: (at: number, bit: number) =>
      Buffer.from(whole.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte))),
    cut: (at: number) => whole.subarray(0, at),
    insert: (at: number) => Buffer.concat([whole.subarray(0, at), Buffer.from('1'), whole.subarray(at)]),
    remove: (at: number) => Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]),
  };
  const harm = fc.constantFrom(...Object.keys(harms).map((name) => name as keyof typeof harms));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), harm, fc.nat(6), async (at, name, bit) => {
      writeFileSync(file.path, harms[name](at, bit));
      expect(await file.read()).toMatchObject({ ok: false });
    }),
    { numRuns: 300 },
  );
});

test('a whole line that is lost, doubled or in the place of another is noticed', async () => {
  const file = new KeptFile(temporaryPath());
  await file.write(partsOf(example));
  const lines = readFileSync(file.path, 'utf8').split('\n');
  const readingOf = async (kept: readonly string[]): Promise<unknown> => {
    writeFileSync(file.path, kept.join('\n'));
    return file.read();
  };
  expect(await readingOf(lines.slice(1))).toEqual({ ok: false, fault: 'a line is missing' });
  expect(await readingOf([lines[0]!, ...lines])).toEqual({ ok: false, fault: 'line 2 stands there twice' });
  expect(await readingOf([...lines.slice(0, 2), ''])).toEqual({ ok: false, fault: 'its last line is missing' });
  expect(await readingOf(lines.slice(0, 3))).toEqual({ ok: false, fault: 'it ends in the middle of a line' });
  const renamed = lines.map((line) => line.replace('"part":"keys"', '"part":"keyz"'));
  expect(await readingOf(renamed)).toEqual({ ok: false, fault: 'line 1 is damaged' });
});

test('one of another form is told by its number', async () => {
  const file = new KeptFile(temporaryPath());
  await file.write(new Map());
  const value = '{"version":2,"parts":0}';
  const sum = hash('sha256', `end\n${value}`, 'hex');
  writeFileSync(file.path, `{"part":"end","sha256":"${sum}","value":${value}}\n`);
  expect(await file.read()).toEqual({ ok: false, fault: 'it has the form 2, this program knows 1' });
});
