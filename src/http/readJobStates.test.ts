import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobStates, readJobStates } from './readJobStates.ts';

describe('states of jobs', () => {
  test('are one or several, in any order', () => {
    expect(jobStates).toHaveLength(9);
    const several = fc.shuffledSubarray([...jobStates], { minLength: 1 });
    fc.assert(
      fc.property(several, (states) => {
        expect(readJobStates(states.join(','))).toEqual(states);
      }),
    );
  });

  test.each([
    '',
    ',',
    'running,',
    'running,running',
    'Running',
    ' running',
    'running serving',
    'ended',
    '__proto__',
    'constructor',
  ])('are not %j', (written) => {
    expect(readJobStates(written)).toBeNull();
  });

  test('are nothing else, whatever is written', () => {
    const word = fc.oneof(fc.constantFrom(...jobStates), fc.string());
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const written = words.join(',');
        const read = readJobStates(written);
        const isGood = words.length > 0 && words.every((state) => jobStates.some((one) => one === state));
        if (read === null) expect(isGood && new Set(words).size === words.length).toBe(false);
        else expect([read.join(','), new Set(read).size]).toEqual([written, read.length]);
      }),
    );
  });
});
