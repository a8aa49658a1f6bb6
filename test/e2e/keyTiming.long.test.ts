// Whether the time in which a key is looked up tells how much of it somebody has guessed, in the style of dudect.
import { expect, test } from 'vitest';
import { examplePrincipal } from '../rigs/examplePrincipal.ts';
import { authenticate, hashKey, type Principal } from '../../src/access/index.ts';
import { Chance, seedOf } from '../rigs/Chance.ts';
import { keepResult } from '../rigs/keepResult.ts';

const seed = seedOf('keyTiming.long');
const samples = 100_000;
/** Look-ups of one sample: one alone is shorter than the clock can tell. */
const lookUps = 8;
/** Characters that a good guess has right. */
const prefixCharacters = 40;
/** Above it two means differ for another reason than chance. */
const tMax = 4.5;
/** Of each class the slowest are what the machine did meanwhile. */
const keptShare = 0.9;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

const momentsOf = (times: readonly number[]): Moments => {
  const kept = times.toSorted((one, other) => one - other).slice(0, Math.floor(times.length * keptShare));
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
};

/** Welch's t of two classes. */
const welch = (one: Moments, other: Moments): number =>
  (one.mean - other.mean) / Math.sqrt(one.variance / one.count + other.variance / other.count);

const randomText = (chance: Chance, characters: number): string =>
  Array.from({ length: characters }, () => digits[chance.below(digits.length)]).join('');

/** Guesses in a mixed order: of some nothing is right, of others a prefix. */
const guessesAt = (chance: Chance, valid: string): readonly (readonly [knows: 0 | 1, guess: string])[] =>
  Array.from({ length: samples }, () => {
    const knows = chance.happens(0.5) ? 1 : 0;
    // The same work for both: what was done before a measurement shows in it.
    const random = randomText(chance, valid.length);
    const shared = knows * prefixCharacters;
    return [knows, Buffer.from(valid.slice(0, shared) + random.slice(shared)).toString('latin1')];
  });

/** @returns Welch's t of both kinds of guesses. */
const tOf = (chance: Chance, valid: string, check: (guess: string) => boolean): number => {
  const times: [number[], number[]] = [[], []];
  for (const [knows, guess] of guessesAt(chance, valid)) {
    const startedNs = process.hrtime.bigint();
    for (let time = 0; time < lookUps; time += 1) if (check(guess)) throw new Error('a guess was right');
    times[knows].push(Number(process.hrtime.bigint() - startedNs));
  }
  return welch(momentsOf(times[0]), momentsOf(times[1]));
};

/** How many characters two texts have in common before they differ. */
const sameCharacters = (one: string, other: string): number => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
};

test('the look-up of a key takes no longer for a guess that is nearly right [G16] [A42]', () => {
  const chance = new Chance(seed);
  const valid = `sk-archipel-${randomText(chance, 49)}`;
  const principal: Principal = { ...examplePrincipal, hash: hashKey(valid) };
  const table = new Map([[principal.hash, principal]]);
  const found = tOf(chance, valid, (guess) => authenticate(table, guess, 0).ok);
  // A comparison that stops at the first difference tells where that is.
  const control = tOf(chance, valid, (guess) => sameCharacters(guess, valid) === valid.length);
  keepResult('keyTiming', seed, { samples, t: Number(found.toFixed(2)), tOfComparison: Number(control.toFixed(2)) });
  expect(Math.abs(found)).toBeLessThan(tMax);
  expect(Math.abs(control), 'the measurement sees what there is to see').toBeGreaterThan(tMax);
});
