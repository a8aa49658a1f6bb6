import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArrayMemory } from './ArrayMemory.ts';

describe('the memory of arrays', () => {
  test('holds the array that was written last, whatever came before', () => {
    const lists = fc.array(fc.array(fc.jsonValue(), { maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lists, (all) => {
        const memory = new ArrayMemory();
        for (const values of all) {
          const array = memory.arrayOf(values.map((value) => Buffer.from(JSON.stringify(value))));
          expect(array.toString()).toBe(JSON.stringify(values));
        }
      }),
    );
  });
});
