import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentEntries, type EntryBounds } from './RecentEntries.ts';

/** Owners are letters, and begin the keys of what they have. */
const ownerOf = (key: string): string => key.slice(0, 1);
const key = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 7 })).map((parts) => parts.join(''));
const step = fc.oneof(
  fc.record({ act: fc.constant('put' as const), key, bytes: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ act: fc.constant('use' as const), key }),
  fc.record({ act: fc.constant('remove' as const), key }),
  fc.record({ act: fc.constant('sweep' as const) }),
  fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ act: fc.constant('bound' as const), bytesMax: fc.integer({ min: 0, max: 120 }) }),
);

/** The plain way: a list, the least used first. */
interface Held {
  readonly key: string;
  readonly bytes: number;
  readonly createdAtMs: number;
}

const sumOf = (list: readonly Held[]): number => list.reduce((sum, { bytes }) => sum + bytes, 0);
const ofOwner = (list: readonly Held[], owner: string): readonly Held[] =>
  list.filter((held) => ownerOf(held.key) === owner);

test('whatever is done, bounds hold, and who is there is whom a plain list has', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let bounds: EntryBounds = { bytesMax: 100, countMax: 6, ageMsMax: 50 };
      const entries = new RecentEntries<string>(() => bounds, ownerOf);
      let list: Held[] = [];
      let nowMs = 0;
      const isOld = ({ createdAtMs }: Held): boolean => nowMs - createdAtMs > bounds.ageMsMax;
      /** What was sent out is taken from the list: of each owner what it used the longest time ago, and of none below its share. */
      const sentOut = (gone: readonly string[]): void => {
        const owners = new Set(list.map((held) => ownerOf(held.key)));
        for (const owner of owners) {
          const mine = ofOwner(list, owner);
          const out = mine.filter((held) => gone.includes(held.key));
          expect(out).toEqual(mine.slice(0, out.length));
          const isSmall = sumOf(mine) * owners.size <= bounds.bytesMax && mine.length * owners.size <= bounds.countMax;
          if (isSmall) expect(out).toEqual([]);
        }
        list = list.filter((held) => !gone.includes(held.key));
        expect(entries.bytes).toBeLessThanOrEqual(bounds.bytesMax);
        expect(entries.count).toBeLessThanOrEqual(bounds.countMax);
      };
      for (const one of steps) {
        if (one.act === 'wait') nowMs += one.ms;
        if (one.act === 'bound') bounds = { ...bounds, bytesMax: one.bytesMax };
        if (one.act === 'remove') {
          expect(entries.remove(one.key)).toBe(list.some((held) => held.key === one.key));
          list = list.filter((held) => held.key !== one.key);
        }
        if (one.act === 'sweep') {
          const old = list.filter(isOld).map((held) => held.key);
          const gone = entries.sweep(nowMs);
          expect(gone).toEqual(expect.arrayContaining(old));
          list = list.filter((held) => !isOld(held));
          sentOut(gone.filter((name) => !old.includes(name)));
        }
        if (one.act === 'put') {
          const gone = entries.put(one.key, { bytes: one.bytes, createdAtMs: nowMs, value: one.key }, nowMs);
          list = list.filter((held) => held.key !== one.key);
          if (one.bytes <= bounds.bytesMax) list.push({ key: one.key, bytes: one.bytes, createdAtMs: nowMs });
          else expect(gone[0]).toBe(one.key);
          sentOut(gone);
        }
        if (one.act === 'use') {
          const held = list.find((other) => other.key === one.key && !isOld(other));
          expect(entries.use(one.key, nowMs)).toBe(held?.key ?? null);
          if (held !== undefined) list = [...list.filter((other) => other !== held), held];
        }
        expect([entries.count, entries.bytes]).toEqual([list.length, sumOf(list)]);
        for (const held of list) expect(entries.has(held.key)).toBe(true);
      }
    }),
  );
});

test('who is busy sends out what is its own', () => {
  const entries = new RecentEntries<string>(() => ({ bytesMax: 100, countMax: 1_000, ageMsMax: 1_000 }), ownerOf);
  const put = (name: string, bytes = 10): readonly string[] =>
    entries.put(name, { bytes, createdAtMs: 0, value: name }, 0);
  const quiet = ['b0', 'b1', 'c0'];
  for (const name of quiet) put(name);
  for (let number = 0; number < 50; number += 1) put(`a${number}`);
  expect(quiet.filter((name) => entries.has(name))).toEqual(quiet);
  expect([entries.bytes, entries.has('a42'), entries.has('a43')]).toEqual([100, false, true]);
  // Others that come have their share of what it holds.
  for (let number = 0; number < 50; number += 1) put(`d${number}`);
  expect(quiet.filter((name) => entries.has(name))).toEqual(quiet);
  expect(['a49', 'd49'].every((name) => entries.has(name))).toBe(true);
});

test('one that is too old is not taken', () => {
  const entries = new RecentEntries<string>(() => ({ bytesMax: 100, countMax: 10, ageMsMax: 50 }), ownerOf);
  expect(entries.put('a0', { bytes: 1, createdAtMs: 0, value: 'a0' }, 51)).toEqual(['a0']);
  expect([entries.count, entries.has('a0')]).toEqual([0, false]);
});
