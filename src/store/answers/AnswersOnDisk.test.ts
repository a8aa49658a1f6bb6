import { randomFillSync } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { KeptAnswer } from '../../gateway/index.ts';
import { silentLog, silentMetrics, UuidV7Maker, type Log } from '../../kernel/index.ts';
import { AnswersOnDisk, type AnswerSettings } from './AnswersOnDisk.ts';

/** Made anew each time: one maker's ids never go back. */
const idAt = (ms: number): string => new UuidV7Maker((bytes) => void randomFillSync(bytes)).next(ms);
const dayMs = 86_400_000;
const todayMs = Date.UTC(2026, 10, 30);
const usual: AnswerSettings = { keep: true, keepDays: 30, keepBytes: 1_000_000, memoryBytes: 1_000_000 };

const temporaryFolder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-answers-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'responses');
};

interface Around {
  readonly settings?: Partial<AnswerSettings>;
  readonly isStrict?: boolean;
  readonly log?: Log;
  readonly nowMs?: () => number;
}

const open = async (
  folder: string,
  { settings, isStrict = false, log = silentLog, nowMs = () => todayMs }: Around = {},
) => {
  const answers = await AnswersOnDisk.open(folder, {
    settings: () => ({ ...usual, ...settings }),
    isStrict: () => isStrict,
    clock: { nowMs, monotonicMs: () => 0 },
    log,
    metrics: silentMetrics,
  });
  onTestFinished(() => answers.close());
  return answers;
};

const onlyDisk = { settings: { memoryBytes: 1 } };

const answerOf = (more: Partial<Record<'owner' | 'input' | 'answer', string>> = {}, atMs = todayMs): KeptAnswer => ({
  requestId: idAt(atMs),
  owner: more.owner ?? 'one',
  previous: null,
  input: Buffer.from(more.input ?? '"Hello"'),
  answer: Buffer.from(more.answer ?? '{"output":[]}'),
});

/** The same, whatever kind of bytes it has. */
const shown = (answer: KeptAnswer | null) =>
  answer === null
    ? null
    : { ...answer, input: String(Buffer.from(answer.input)), answer: String(Buffer.from(answer.answer)) };

/** Errors of the log, by what they say. */
const keptLog = () => {
  const said: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void said.push(event), info: (event) => void said.push(event) };
  return { said, log };
};

test.each([false, true])('outlives its process, for its owner alone, synced: %s', async (isStrict) => {
  const folder = temporaryFolder();
  const before = await open(folder, { isStrict });
  const answer = answerOf({ input: '[ {"role": "user",\r\n "content": "a\\nb", "n": 12345678901234567890} ]' });
  await before.keep({ ...answer, previous: idAt(1) });
  await before.close();
  const after = await open(folder);
  const found = await after.find('one', answer.requestId);
  expect(shown(found)!.input).toBe('[ {"role": "user",   "content": "a\\nb", "n": 12345678901234567890} ]');
  expect(shown(found)).toMatchObject({ owner: 'one', previous: expect.any(String), answer: '{"output":[]}' });
  expect(await after.find('two', answer.requestId)).toBeNull();
  const [name] = readdirSync(folder);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, name!)).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('what is kept, found and removed is what a plain table has, over restarts and with memory for nothing', async () => {
  const step = fc.record({
    act: fc.constantFrom('keep', 'find', 'remove', 'restart'),
    owner: fc.constantFrom('one', 'two'),
    which: fc.nat(5),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, hasMemory) => {
      const folder = temporaryFolder();
      const around = hasMemory ? {} : onlyDisk;
      let answers = await open(folder, around);
      const table: KeptAnswer[] = [];
      for (const { act, owner, which } of steps) {
        const asked = table[which]?.requestId ?? idAt(1);
        const at = table.findIndex((one) => one.requestId === asked && one.owner === owner);
        if (act === 'keep') {
          const answer = answerOf({ owner, input: JSON.stringify(`said ${which}`) });
          table.push(answer);
          const kept = answers.keep(answer);
          if (!hasMemory) await kept;
        } else if (act === 'restart') {
          await answers.close();
          answers = await open(folder, around);
        } else if (act === 'find') {
          expect(shown(await answers.find(owner, asked))).toEqual(shown(table[at] ?? null));
        } else {
          expect(await answers.remove(owner, asked)).toBe(at >= 0);
          if (at >= 0) table.splice(at, 1);
        }
      }
      await answers.close();
      expect(readdirSync(folder)).toHaveLength(table.length);
    }),
    { numRuns: 30 },
  );
});

test('takes no more than its bytes on disk and no longer than its days, and what nobody used the longest time goes first', async () => {
  const folder = temporaryFolder();
  const answers = await open(folder, { settings: { keepBytes: 10_000, memoryBytes: 1 } });
  const old = answerOf({}, todayMs - 31 * dayMs);
  await answers.keep(old);
  expect(readdirSync(folder)).toEqual([]);
  const kept = Array.from({ length: 5 }, () => answerOf({ answer: JSON.stringify({ output: ['x'.repeat(1_200)] }) }));
  for (const answer of kept) await answers.keep(answer);
  await answers.find('one', kept[0]!.requestId);
  await answers.keep(answerOf({ answer: JSON.stringify({ output: ['x'.repeat(1_200)] }) }));
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(10_000);
  expect(await answers.find('one', kept[0]!.requestId)).not.toBeNull();
  expect(await answers.find('one', kept[1]!.requestId)).toBeNull();
});

test('a team that keeps very many sends out its own, also after a restart', async () => {
  const folder = temporaryFolder();
  const settings = { keepBytes: 10_000, memoryBytes: 10_000 };
  const answers = await open(folder, { settings });
  const quiet = answerOf({ owner: 'quiet' });
  await answers.keep(quiet);
  const busy = (): KeptAnswer => answerOf({ owner: 'busy', answer: JSON.stringify({ output: ['x'.repeat(1_200)] }) });
  const first = busy();
  await answers.keep(first);
  for (let number = 0; number < 9; number += 1) await answers.keep(busy());
  await answers.close();
  const after = await open(folder, { settings });
  for (let number = 0; number < 9; number += 1) await after.keep(busy());
  expect(shown(await after.find('quiet', quiet.requestId))).toEqual(shown(quiet));
  expect(await after.find('busy', first.requestId)).toBeNull();
});

test('what is too old by the next start is removed by it, and all of it where nothing is kept any more', async () => {
  const folder = temporaryFolder();
  const answers = await open(folder);
  const answer = answerOf();
  await answers.keep(answer);
  await answers.close();
  writeFileSync(join(folder, 'of-somebody-else'), 'stays');
  const later = await open(folder, { nowMs: () => todayMs + 31 * dayMs });
  expect(await later.find('one', answer.requestId)).toBeNull();
  expect(readdirSync(folder)).toEqual(['of-somebody-else']);
  await answers.keep(answer);
  const closed = await open(folder, { settings: { keep: false } });
  expect([closed.isOpen, await closed.find('one', answer.requestId)]).toEqual([false, null]);
  expect(readdirSync(folder)).toEqual(['of-somebody-else']);
});

test('one that is damaged is told once, and absent; what a cut write left is removed', async () => {
  const folder = temporaryFolder();
  const answers = await open(folder);
  const answer = answerOf();
  await answers.keep(answer);
  const [name] = readdirSync(folder);
  const path = join(folder, name!);
  const bytes = readFileSync(path);
  writeFileSync(join(folder, `${name!}.new`), bytes.subarray(0, 10));
  for (const damaged of [bytes.subarray(0, 20), bytes.with(40, bytes[40]! ^ 1), Buffer.alloc(0)]) {
    writeFileSync(path, damaged);
    const { said, log } = keptLog();
    const after = await open(folder, { log });
    expect(await after.find('one', answer.requestId)).toBeNull();
    expect(await after.find('one', answer.requestId)).toBeNull();
    expect(said).toEqual(['a response that was kept cannot be read and is given up']);
    expect(readdirSync(folder)).toEqual([]);
  }
  // Nor is one believed under another one's name.
  const other = answerOf();
  writeFileSync(join(folder, name!.replace(answer.requestId, other.requestId)), bytes);
  expect(await (await open(folder)).find('one', other.requestId)).toBeNull();
});

test('a disk that takes nothing is told once, until it does again; what is in memory is served', async () => {
  const folder = temporaryFolder();
  const { said, log } = keptLog();
  const answers = await open(folder, { log });
  rmSync(folder, { recursive: true });
  const kept = [answerOf(), answerOf()];
  for (const answer of kept) await answers.keep(answer);
  expect(shown(await answers.find('one', kept[1]!.requestId))).toEqual(shown(kept[1]!));
  mkdirSync(folder);
  await answers.keep(answerOf());
  expect(said).toEqual([
    'responses are kept in memory only, since they cannot be written',
    'responses are kept on disk again',
  ]);
  expect(await answers.remove('one', kept[0]!.requestId)).toBe(true);
});

test('one that is removed while it is read is gone for all who come later, and no damage is told', async () => {
  const folder = temporaryFolder();
  const large = { keepBytes: 10_000_000, memoryBytes: 10_000_000 };
  // Long enough that it is removed before the last of it is read.
  const answer = answerOf({ input: JSON.stringify('x'.repeat(4_000_000)) });
  await (await open(folder, { settings: large })).keep(answer);
  const { said, log } = keptLog();
  const answers = await open(folder, { settings: large, log });
  const finding = answers.find('one', answer.requestId);
  expect(await answers.remove('one', answer.requestId)).toBe(true);
  await finding;
  const isFound = (await answers.find('one', answer.requestId)) !== null;
  expect([isFound, said]).toEqual([false, []]);
});

test('one that cannot be had at a start costs the others nothing', async () => {
  const folder = temporaryFolder();
  const answer = answerOf();
  await (await open(folder)).keep(answer);
  const [name] = readdirSync(folder);
  symlinkSync('nowhere', join(folder, name!.replace(answer.requestId, idAt(todayMs))));
  const { said, log } = keptLog();
  const answers = await open(folder, { log });
  expect(shown(await answers.find('one', answer.requestId))).toEqual(shown(answer));
  expect(said).toEqual(['a response of before cannot be had']);
});

test('all of them leave the disk as soon as none are to be kept any more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = temporaryFolder();
  const settings = { keep: true };
  const answers = await open(folder, { settings });
  await answers.keep(answerOf());
  vi.advanceTimersByTime(1_000);
  expect(readdirSync(folder)).toHaveLength(1);
  settings.keep = false;
  vi.advanceTimersByTime(1_000);
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
});
