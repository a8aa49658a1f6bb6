import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OverlapSearch, overlapLengthMin } from './OverlapSearch.ts';

/** The longest overlap, found by trying each length. */
const overlapOf = (text: string, other: string): number => {
  for (let length = Math.min(text.length, other.length); length >= overlapLengthMin; length -= 1) {
    if (text.endsWith(other.slice(0, length))) return length;
  }
  return 0;
};

const search = (text: string, pieces: readonly string[]): OverlapSearch => {
  const overlap = new OverlapSearch(text);
  for (const piece of pieces) overlap.add(piece);
  return overlap;
};

const cut = (text: string, lengths: readonly number[]): string[] => {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
};

/** Of few letters, so that much stands in it twice. */
const repetitive = (lengthMax: number) => fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: lengthMax });
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('the overlap of two texts', () => {
  it('is the longest there is, however the other one is cut', () => {
    fc.assert(
      fc.property(repetitive(60), repetitive(60), repetitive(40), lengths, (before, shared, after, pieces) => {
        const text = before + shared;
        const other = shared + after;
        expect(search(text, cut(other, pieces)).length).toBe(overlapOf(text, other));
      }),
      { numRuns: 300 },
    );
  });

  it('is told as soon as nothing could make it longer', () => {
    fc.assert(
      fc.property(repetitive(60), repetitive(60), repetitive(30), (text, other, more) => {
        const overlap = search(text, [other]);
        if (!overlap.isOpen) expect(overlapOf(text, other + more)).toBe(overlap.length);
      }),
      { numRuns: 300 },
    );
  });

  it.each([5_000, 100_000])('of %i letters is found as one of few', (length) => {
    // Sentences with their numbers, so that none comes twice; behind them what repeats itself most.
    const said = Array.from({ length }, (_, at) => `${at} harbours. `)
      .join('')
      .slice(0, length);
    const overlap = search(`Before it. ${said}`, cut(`${said} And after it.`, [5, 3]));
    expect([overlap.isOpen, overlap.length]).toEqual([false, length]);
    const same = search('a'.repeat(2 * length), cut(`${'a'.repeat(length)}b`, [5, 3]));
    expect([same.isOpen, same.length]).toEqual([false, length]);
  });

  it.each([
    [overlapLengthMin - 1, 0],
    [overlapLengthMin, overlapLengthMin],
  ])('of %i letters counts as %i', (length, counted) => {
    const shared = 'abcdefghijklmnopqrstuvwxyz'.slice(0, length);
    expect(search(`Before it. ${shared}`, [`${shared}, and after it.`]).length).toBe(counted);
  });
});
