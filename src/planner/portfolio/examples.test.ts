import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assert } from '../../kernel/index.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { representativeScenarios } from '../scenarios/representativeScenarios.ts';
import { optimise } from '../search/optimise.ts';
import { outlookOf } from './outlookOf.ts';
import type { Portfolio } from './Portfolio.ts';
import { problemOf } from './problemOf.ts';
import { readPortfolio, type PortfolioReading } from './readPortfolio.ts';

const textOf = (name: string): string =>
  readFileSync(new URL(`../../../examples/${name}/portfolio.yaml`, import.meta.url), 'utf8');

const readingOf = (name: string): PortfolioReading => {
  const reading = readPortfolio(textOf(name), `${name}/portfolio.yaml`);
  if (!reading.ok) throw new Error(reading.fault.map(({ line, what }) => `${name}:${line}: ${what}`).join('\n'));
  return reading.value;
};

const problemAt = (portfolio: Portfolio): PlanProblem =>
  problemOf(portfolio, representativeScenarios(outlookOf(portfolio), { count: 4, seed: 1 })).problem;

const gapMax = 0.05;

const examples = [
  { name: 'openai-2025', signed: ['aws-2025', 'azure-2025', 'oracle-2025', 'coreweave-2025'] },
  { name: 'pme', signed: [] },
];

describe.each(examples)('the example $name', ({ name, signed }) => {
  test('is valid, without a warning', () => {
    expect(readingOf(name).warnings).toEqual([]);
  });

  test(
    'has a plan that keeps what is signed, costs what the judge says and is proven to 5 %',
    { timeout: 90_000 },
    async () => {
      const problem = problemAt(readingOf(name).portfolio);
      const offers = [...problem.pools, ...problem.reservations];
      expect(offers.filter((offer) => offer.signed).map((offer) => offer.name)).toEqual(signed);

      const { incumbent, upperBound, lowerBound, gap, feasible } = await optimise(problem, {
        limits: { kind: 'time', cpuSeconds: 15, gap: gapMax },
        seed: 1,
      });
      expect(feasible).toBe(true);
      assert(incumbent !== null, 'there is a plan');
      const { decision } = incumbent;
      expect(problem.pools.filter((pool, index) => pool.signed && decision.pools[index] !== true)).toEqual([]);
      const judged = await solveExtensive(problem, { fixed: decision, guards: true });
      expect(Math.abs(judged.objective - upperBound)).toBeLessThan(1e-8 * upperBound);
      expect(lowerBound).toBeLessThanOrEqual(upperBound);
      expect(gap).toBeLessThanOrEqual(gapMax);
    },
  );
});

/** Lines that say what was signed or could be, and on which terms. */
const figure = /^ {4}(?:amount|sizes|period|ramp|terms|starts|discount|shortfall): |^ {2}- \{ name: .* kind: /;
const month = 'January|February|March|April|May|June|July|August|September|October|November|December';
const sourced = new RegExp(`# .*(?:20\\d\\d-\\d\\d-\\d\\d|(?:${month}) (?:to (?:${month}) )?20\\d\\d|assumption)`);

/** Figures without a dated source, neither on their line nor in the comment right above. */
const unsourcedOf = (lines: readonly string[]): readonly string[] =>
  lines.filter((line, index) => {
    const above = lines[index - 1] ?? '';
    const comment = above.trimStart().startsWith('#') ? above : '';
    return figure.test(line) && !sourced.test(line) && !sourced.test(comment);
  });

describe('the figures of openai-2025', () => {
  const lines = textOf('openai-2025').split('\n');
  const deals = lines.slice(lines.indexOf('contracts:'), lines.indexOf('policy:'));

  test('each carry the date of their source, or are called an assumption', () => {
    expect(deals.filter((line) => figure.test(line)).length).toBeGreaterThan(20);
    expect(unsourcedOf(deals)).toEqual([]);
  });

  test('would be missed without their comment', () => {
    const bare = deals.map((line) => line.replace(/#.*/, ''));
    expect(unsourcedOf(bare)).toEqual(bare.filter((line) => figure.test(line)));
  });
});
