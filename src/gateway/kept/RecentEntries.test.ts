import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentEntries, type EntryBounds } from './RecentEntries.ts';

const key = fc.integer({ min: 0, max: 7 }).map(String);
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

test('whatever is done, bounds hold, and who is there is whom a plain list has', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let bounds: EntryBounds = { bytesMax: 100, countMax: 4, ageMsMax: 50 };
      const entries = new RecentEntries<string>(() => bounds);
      let list: Held[] = [];
      let nowMs = 0;
      const isOld = ({ createdAtMs }: Held): boolean => nowMs - createdAtMs > bounds.ageMsMax;
      const total = (): number => list.reduce((sum, { bytes }) => sum + bytes, 0);
      const makeRoom = (): void => {
        while (list.length > 0 && (total() > bounds.bytesMax || list.length > bounds.countMax || isOld(list[0]!)))
          list.shift();
      };
      for (const one of steps) {
        if (one.act === 'wait') nowMs += one.ms;
        if (one.act === 'bound') bounds = { ...bounds, bytesMax: one.bytesMax };
        if (one.act === 'remove') {
          expect(entries.remove(one.key)).toBe(list.some((held) => held.key === one.key));
          list = list.filter((held) => held.key !== one.key);
        }
        if (one.act === 'sweep') {
          entries.sweep(nowMs);
          list = list.filter((held) => !isOld(held));
          makeRoom();
        }
        if (one.act === 'put') {
          const before = new Set([...list.map((held) => held.key), one.key]);
          const gone = entries.put(one.key, { bytes: one.bytes, createdAtMs: nowMs, value: one.key }, nowMs);
          list = list.filter((held) => held.key !== one.key);
          if (one.bytes <= bounds.bytesMax) list.push({ key: one.key, bytes: one.bytes, createdAtMs: nowMs });
          makeRoom();
          expect(new Set(gone)).toEqual(new Set([...before].filter((name) => !list.some((held) => held.key === name))));
          expect(entries.bytes).toBeLessThanOrEqual(bounds.bytesMax);
          expect(entries.count).toBeLessThanOrEqual(bounds.countMax);
        }
        if (one.act === 'use') {
          const held = list.find((other) => other.key === one.key && !isOld(other));
          expect(entries.use(one.key, nowMs)).toBe(held?.key ?? null);
          if (held !== undefined) list = [...list.filter((other) => other !== held), held];
        }
        expect([entries.count, entries.bytes]).toEqual([list.length, total()]);
      }
    }),
  );
});
