import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deleteLine,
  insertNoise,
  mutantOf,
  repeatLine,
  retype,
  swapLines,
  type Mutation,
} from '../../../test/rigs/mutantOf.ts';
import { drawScenarios } from '../scenarios/drawScenarios.ts';
import { outlookFaults } from '../scenarios/Outlook.ts';
import { decisionRows } from './decisionRows.ts';
import { outlookOf } from './outlookOf.ts';
import type { Portfolio } from './Portfolio.ts';
import { fullPortfolio } from './portfolioText.fixture.ts';
import { problemOf } from './problemOf.ts';
import { readPortfolio } from './readPortfolio.ts';

/** Changes a number for another one of its kind: what a typist does. */
const renumber =
  (value: string) =>
  (at: number): Mutation =>
  (text) => {
    const numbers = [...text.matchAll(/(?<=[ "[])\d+(?:\.\d+)?(?=[ ",\]])/g)];
    const chosen = numbers[Math.floor(at * numbers.length)];
    if (chosen === undefined) return text;
    return text.slice(0, chosen.index) + value + text.slice(chosen.index + chosen[0].length);
  };

const otherValues = [
  '~ true 0 1 2 3 12 24 -1 0.5 0.0000001 1e9 .nan 99999999999999999999999 "" [] {} [[]] 2027-02-30 2027-07-01 2030-01-01 __proto__ constructor é',
  'north south east large small training pool floor slot EUR gpuHour MTok file host cost monthly annual total none.csv',
  'tokensPerMinute moneyPerMinute accelerators unitsPerMonth',
].flatMap((words) => words.split(' '));

const otherValue = fc.constantFrom(...otherValues, '', '\u0000', 'x'.repeat(300));

const kinds: fc.Arbitrary<(place: number) => Mutation> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(deleteLine, repeatLine, swapLines) },
  { weight: 3, arbitrary: otherValue.map(retype) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('0', '0.3', '0.05', '1', '2', '3', '6', '12', '24', '1000', '0.000001', '123456789012345')
      .map(renumber),
  },
  { weight: 1, arbitrary: fc.constantFrom(...'{}[],:#&*|"%-? \t\n'.split('')).map(insertNoise) },
);

const mutant = mutantOf(fullPortfolio, kinds);

/** Every number of a value must be one; Infinity stands for no guard. */
const numbersOf = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
};

const expectSolvable = (portfolio: Portfolio): void => {
  const outlook = outlookOf(portfolio);
  expect(outlookFaults(outlook)).toEqual([]);
  const translation = problemOf(portfolio, drawScenarios(outlook, { count: 2, seed: 1 }));
  const { guards, ...problem } = translation.problem;
  expect(numbersOf(problem).every(Number.isFinite)).toBe(true);
  expect(numbersOf(guards).some(Number.isNaN)).toBe(false);
  for (const source of problem.sources) expect(Math.min(...source.listPrice)).toBeGreaterThan(0);
  for (const pool of problem.pools) {
    expect(pool.floors.length).toBe(pool.untilPeriod - pool.fromPeriod);
    expect(pool.untilPeriod).toBeLessThanOrEqual(problem.periods);
  }
  for (const { fromSegment, untilSegment, account } of problem.reservations) {
    expect(Number.isInteger(fromSegment) && Number.isInteger(untilSegment)).toBe(true);
    expect(fromSegment).toBeLessThan(untilSegment);
    expect(untilSegment).toBeLessThanOrEqual(problem.periods * problem.segmentsPerPeriod);
    expect(account).toBeGreaterThanOrEqual(0);
  }
  const everything = {
    pools: problem.pools.map(() => true),
    reservations: problem.reservations.map(({ quantity }) =>
      quantity.kind === 'exactly' ? quantity.units : quantity.max,
    ),
  };
  for (const row of decisionRows(translation, everything)) {
    expect(row.usd ?? row.quantity).toMatch(/^\d+(\.\d+)?$/);
    expect(row.start).toMatch(/^\d{4}-\d\d-\d\d$/);
  }
};

test('mutants of a portfolio become problems of finite numbers, or faults that stand inside the file; nothing is thrown', () => {
  let valid = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutant, (text) => {
      const result = readPortfolio(text, 'p.yaml');
      if (result.ok) {
        valid += 1;
        expectSolvable(result.value.portfolio);
        return;
      }
      refused += 1;
      expect(result.fault.length).toBeGreaterThan(0);
      const lines = text.split('\n');
      for (const { file, line, column, what, mend } of result.fault) {
        expect(file).toBe('p.yaml');
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect(what.length * mend.length).toBeGreaterThan(0);
        expect(what + mend).not.toContain('Invalid input');
      }
    }),
    { numRuns: 400 },
  );
  // Both halves were met, or the mutants prove nothing.
  expect(valid).toBeGreaterThan(25);
  expect(refused).toBeGreaterThan(120);
}, 60_000);
