import { describe, expect, it } from 'vitest';
import { assert } from '../../kernel/index.ts';
import { billDecision, scenarioCosts, withoutGuards } from '../answers/billDecision.ts';
import { settledBills } from '../answers/settledBills.ts';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { loadHighs } from '../linear/loadHighs.ts';
import { valuesOfDecision } from '../model/FirstStage.ts';
import { scenarioGroup } from '../model/ScenarioBlock.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { evaluate } from '../recourse/evaluate.ts';
import { Recourse } from '../recourse/Recourse.ts';
import { goldenInstruments, type GoldenInstrument } from './goldenInstruments.fixture.ts';
import { outlookOf } from './outlookOf.ts';
import type { PlanTranslation } from './PlanTranslation.ts';
import { problemOf } from './problemOf.ts';
import { readPortfolio } from './readPortfolio.ts';

const highs = await loadHighs();

/** The one future that the series of the file tell. */
const translated = ({ portfolio: text }: GoldenInstrument): PlanTranslation => {
  const reading = readPortfolio(text, 'golden.yaml');
  assert(reading.ok, reading.ok ? '' : JSON.stringify(reading.fault));
  const { portfolio } = reading.value;
  const demand = outlookOf(portfolio).classes.map(({ path }) => path ?? []);
  return problemOf(portfolio, [{ weight: 1, demand, prices: 0 }]);
};

const decisionOf = (problem: PlanProblem, { signed }: GoldenInstrument): PlanDecision => {
  const isSigned = ({ name }: { readonly name: string }): boolean => signed.some((part) => name.includes(part));
  expect([...problem.pools, ...problem.reservations].filter(isSigned)).not.toEqual([]);
  return {
    pools: problem.pools.map(isSigned),
    reservations: problem.reservations.map((offer) => {
      assert(offer.quantity.kind === 'exactly', 'a size is bought whole');
      return isSigned(offer) ? offer.quantity.units : 0;
    }),
  };
};

const evaluated = (problem: PlanProblem, decision: PlanDecision): number => {
  const recourse = new Recourse(highs, problem);
  try {
    return evaluate(problem, recourse, [scenarioGroup(problem, [0])], valuesOfDecision(problem, decision)).objective;
  } finally {
    recourse.dispose();
  }
};

const expectMoney = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * expected);
};

describe('from the text of a portfolio to what it costs:', () => {
  it.each(goldenInstruments.map((instrument) => [instrument.name, instrument] as const))(
    '%s',
    async (_, instrument) => {
      const { problem, moneyUnit } = translated(instrument);
      const decision = decisionOf(problem, instrument);
      const open = withoutGuards(problem, decision);
      const money = 10 ** moneyUnit.exponent;
      expectMoney(evaluated(open, decision) * money, instrument.cost);
      expectMoney((await solveExtensive(problem, { fixed: decision })).objective * money, instrument.cost);
      const bills = await billDecision(open, decision);
      expectMoney((scenarioCosts(bills)[0] ?? 0) * money, instrument.cost);
      const settled = settledBills(problem, decision, bills);
      expectMoney((scenarioCosts(settled)[0] ?? 0) * money, instrument.settled ?? instrument.cost);
    },
  );

  it('nothing signed is at list price', () => {
    for (const instrument of goldenInstruments) {
      const { problem } = translated(instrument);
      const none = { pools: problem.pools.map(() => false), reservations: problem.reservations.map(() => 0) };
      const list = problem.scenarios[0]!.demand[0]!.reduce((sum, units) => sum + units, 0);
      expectMoney(evaluated(problem, none), list * problem.sources[0]!.listPrice[0]!);
    }
  });
});
