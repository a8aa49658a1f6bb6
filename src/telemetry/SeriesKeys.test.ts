import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seriesKey } from './seriesKey.ts';
import { SeriesKeys } from './SeriesKeys.ts';

const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('', 'x', 'y', 'z'));

test('labels have the key that they would have had the first time, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(labels, { maxLength: 60 }), (sequence) => {
      const keys = new SeriesKeys();
      for (const one of sequence) expect(keys.of(one)).toBe(seriesKey(one));
    }),
  );
});

test('labels that are no labels are refused each time', () => {
  const keys = new SeriesKeys();
  keys.of({ a: 'x' });
  for (let time = 0; time < 2; time++) expect(() => keys.of({ le: '1' })).toThrow(/not a label name/);
});
