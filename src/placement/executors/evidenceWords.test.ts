import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placementLimits } from '../limits.ts';
import { evidenceWords } from './evidenceWords.ts';

test('plain words stay as they are', () => {
  expect(evidenceWords('exit file says 0: é → 🜁')).toBe('exit file says 0: é → 🜁');
  const longest = 'x'.repeat(placementLimits.evidenceCharacters);
  expect(evidenceWords(longest)).toBe(longest);
});

test('nothing that steers a screen or begins a line is left, and as many characters as before', () => {
  expect(evidenceWords('a\u001b[2Jb\nc\rd\0e\u007ff\u009bg\u2028h\u2029i\ud800j')).toBe(
    'a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffdi\ufffdj',
  );
});

test('of a long text the beginning and the end are kept', () => {
  const words = evidenceWords(`cannot start ${'x'.repeat(100_000)} EACCES`);
  expect(words).toHaveLength(placementLimits.evidenceCharacters);
  expect(words).toMatch(/^cannot start x+ … x+ EACCES$/);
});

test('whatever it is given, what comes out is bounded, on one line, whole, and comes out the same again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000, size: 'max' }), (text) => {
      const words = evidenceWords(text);
      expect(words.length).toBeLessThanOrEqual(placementLimits.evidenceCharacters);
      expect(words).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(words.isWellFormed()).toBe(true);
      expect(evidenceWords(words)).toBe(words);
    }),
  );
});
