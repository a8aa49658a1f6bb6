// Recorded answers of every wire with random bytes changed, on their way to clients of every wire: each ends in success or in an error that has a class.
import { describe, expect, it } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { playMutants, subjects } from '../rigs/playMutants.ts';

const seed = seedOf('mutatedRecordings');
/** Of each of the five wires; together more than a hundred thousand. */
const mutants = 21_000;

describe.each(subjects)('recordings of the wire $name with other bytes', (subject) => {
  it(`end in success or in an error that has a class, ${mutants} of them`, () => {
    expect(playMutants(subject, mutants, seed).ends.size).toBeGreaterThan(1);
  });
});
