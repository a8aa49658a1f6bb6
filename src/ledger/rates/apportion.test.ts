import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apportion, type Want } from '../index.ts';

const wants = fc.uniqueArray(fc.record({ id: fc.string({ maxLength: 3 }), wanted: fc.nat(1_000) }), {
  selector: ({ id }) => id,
  maxLength: 8,
});

const sumOf = (shares: ReadonlyMap<string, number>): number =>
  [...shares.values()].reduce((sum, units) => sum + units, 0);

test('all is shared out in whole units, whatever is wanted, and in the same way by everybody who looks', () => {
  fc.assert(
    fc.property(fc.nat(2_000), wants, (total, all) => {
      const shares = apportion(total, all);
      expect([...shares.values()].every((units) => Number.isSafeInteger(units) && units >= 0)).toBe(true);
      expect(sumOf(shares)).toBe(all.some(({ wanted }) => wanted > 0) ? total : 0);
      const inOtherOrder = apportion(total, all.toReversed());
      expect(all.map(({ id }) => inOtherOrder.get(id))).toEqual(all.map(({ id }) => shares.get(id)));
    }),
  );
});

test('who wants less than an equal part has it whole, and who wants more has no less than that part', () => {
  fc.assert(
    fc.property(fc.nat(2_000), wants, (total, all) => {
      const shares = apportion(total, all);
      const wanting = all.filter(({ wanted }) => wanted > 0);
      const equal = Math.floor(total / Math.max(1, wanting.length));
      for (const { id, wanted } of wanting) expect(shares.get(id) ?? 0).toBeGreaterThanOrEqual(Math.min(wanted, equal));
    }),
  );
});

const want = (id: string, wanted: number): Want => ({ id, wanted });

test.each([
  [30, [want('a', 100), want('b', 5)], { a: 25, b: 5 }],
  [30, [want('a', 100), want('b', 0)], { a: 30, b: 0 }],
  [30, [want('a', 4), want('b', 5)], { a: 14, b: 16 }],
  [1, [want('a', 1), want('b', 2)], { a: 0, b: 1 }],
  [3, [want('a', 2), want('b', 2)], { a: 1, b: 2 }],
])('%i among %j', (total, all, shares) => {
  expect(Object.fromEntries(apportion(total, all))).toEqual(shares);
});
