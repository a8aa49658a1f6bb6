import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, mendByName, nearestName } from './nearestName.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 8 });

describe('editDistance', () => {
  test('counts changed, added, missing and swapped letters once each', () => {
    expect(editDistance('wire', 'wire')).toBe(0);
    expect(editDistance('wrie', 'wire')).toBe(1);
    expect(editDistance('wir', 'wire')).toBe(1);
    expect(editDistance('wiree', 'wire')).toBe(1);
    expect(editDistance('wine', 'wire')).toBe(1);
    expect(editDistance('', 'wire')).toBe(4);
  });

  test('is symmetric, bounded by the longer word, and 0 only for equal words', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance).toBe(editDistance(right, left));
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
        expect(distance === 0).toBe(left === right);
      }),
    );
  });
});

describe('nearestName', () => {
  const known = ['wire', 'vendor', 'baseUrl', 'credentials'];

  test('finds what was meant, whatever the case', () => {
    expect(nearestName('wrie', known)).toBe('wire');
    expect(nearestName('baseurl', known)).toBe('baseUrl');
    expect(nearestName('BASE_URL', known)).toBe('baseUrl');
    expect(nearestName('credential', known)).toBe('credentials');
  });

  test('suggests nothing where nothing is near, and never the word itself', () => {
    expect(nearestName('temperature', known)).toBeNull();
    expect(nearestName('wire', ['wire'])).toBeNull();
    expect(nearestName('xy', known)).toBeNull();
  });

  test('a suggestion is never far from what was written, so what was written is no secret', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 80 }),
          fc.mixedCase(fc.constantFrom('credentialsss', 'vndr', 'base-url', 'wi')),
        ),
        (written) => {
          const nearest = nearestName(written, known);
          const distance = nearest === null ? 0 : editDistance(written.toLowerCase(), nearest.toLowerCase());
          expect(distance).toBeLessThanOrEqual(3);
        },
      ),
    );
  });
});

test('a mend is the suggestion, or what was given for the case that there is none', () => {
  expect(mendByName('vendr', ['vendor'], 'leave it out')).toBe('did you mean "vendor"?');
  expect(mendByName('something', ['vendor'], 'leave it out')).toBe('leave it out');
});
