import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadHighs } from '../linear/loadHighs.ts';
import { valuesOfDecision } from '../model/FirstStage.ts';
import { scenarioGroup } from '../model/ScenarioBlock.ts';
import type { PlanProblem, PoolCarry, PoolOffer } from '../PlanProblem.ts';
import { evaluate } from '../recourse/evaluate.ts';
import { Recourse } from '../recourse/Recourse.ts';
import { decisionOf, smallProblem } from '../recourse/smallProblem.fixture.ts';
import { billDecision, scenarioCosts, withoutGuards } from './billDecision.ts';
import { comparisons } from './comparisons.ts';
import { outOfSample } from './outOfSample.ts';
import { settledBills } from './settledBills.ts';
import { tinyPool, tinyProblem, tinyReservation } from './tinyProblem.fixture.ts';

const endless = { share: 1, shareOfFloorMax: null, periods: 9 };
const both: PoolCarry = { unspent: endless, overspent: endless };

/** Two years at A for a fifth less, of a demand at list of 200 and then 300, or 300 and then 200. */
const twoYears = (changes: Partial<PoolOffer>, reservations: PlanProblem['reservations'] = []): PlanProblem =>
  tinyProblem({
    pools: [tinyPool({ untilPeriod: 2, floors: [200, 200], ...changes })],
    reservations,
    scenarios: [
      {
        weight: 0.5,
        demand: [
          [100, 200],
          [50, 50],
        ],
        prices: 0,
      },
      {
        weight: 0.5,
        demand: [
          [200, 100],
          [50, 50],
        ],
        prices: 0,
      },
    ],
  });

test('bills with a rollover are those of its worked numbers, in the periods in which they are paid', async () => {
  const problem = twoYears({ carry: { unspent: endless, overspent: null } });
  const decision = { pools: [true], reservations: [] };
  const bills = await billDecision(withoutGuards(problem, decision), decision);
  // After discount 160 and 240, or 240 and 160: by itself the weaker year owes 40.
  expect(scenarioCosts(bills).map((cost) => Math.round(cost))).toEqual([440, 440]);
  const settled = settledBills(problem, decision, bills);
  // The first future's second year takes the 40 up; in the other one they come too late.
  expect(settled.map((periods) => periods.map(({ total }) => Math.round(total)))).toEqual([
    [160, 240],
    [240, 200],
  ]);
  expect(settled[0]?.map(({ accounts, carried }) => [Math.round(accounts[0] ?? 0), Math.round(carried)])).toEqual([
    [160, 40],
    [240, 0],
  ]);
  expect(bills[0]?.[0]?.total).toBeCloseTo(200, 9);
});

test('a carry-forward counts spend of the year before, fees of reservations among it, and half of it at half a shortfall rate', async () => {
  const reservations = [tinyReservation({ countsTowardsPool: true })];
  const problem = twoYears({ carry: { unspent: null, overspent: endless }, shortfallRate: 0.5 }, reservations);
  const decision = { pools: [true], reservations: [5] };
  const bills = await billDecision(withoutGuards(problem, decision), decision);
  const settled = settledBills(problem, decision, bills);
  // Year 1 of the second future: 30 of fees and 0.8 x (300 - 60) = 192 are 22 beyond 200. Year 2 is 40 short, and owes half of 18.
  expect(settled[1]?.map(({ total }) => Number(total.toFixed(6)))).toEqual([222, 160 + 9]);
  expect(settled[1]?.[1]?.carried).toBeCloseTo(11, 9);
  // The first future is short first: nothing counts yet.
  expect(settled[0]).toEqual(bills[0]);
});

test('fresh futures and comparisons have in them what clauses save and what signing costs, and tell both', async () => {
  const problem = twoYears({ carry: both, signingCost: 7 });
  const decision = { pools: [true], reservations: [] };
  const fresh = await outOfSample(problem, decision, problem.scenarios, { controls: null });
  expect(fresh.total.mean).toBeCloseTo(400 + 7, 9);
  expect(fresh.carried.mean).toBeCloseTo(40, 9);
  expect(fresh.signingCost).toBe(7);
  const paid = fresh.byAccount.reduce((sum, { total }) => sum + total.mean, 0);
  expect(paid + fresh.capPenalty.mean + fresh.signingCost).toBeCloseTo(fresh.total.mean, 9);
  expect(fresh.byPeriod.reduce((sum, { mean }) => sum + mean, 0)).toBeCloseTo(fresh.total.mean, 9);
  const { plan, others } = await comparisons(problem, decision, { limits: null, seed: 1 });
  expect([plan.mean, plan.carried]).toEqual([expect.closeTo(407, 9), expect.closeTo(40, 9)]);
  const nothing = others.find(({ kind }) => kind === 'nothing');
  expect([nothing?.mean, nothing?.carried]).toEqual([expect.closeTo(500, 9), 0]);
});

test('bills add up to what the evaluation says, signing among it, and settled ones are never dearer', async () => {
  const highs = await loadHighs();
  let cheaper = 0;
  await fc.assert(
    fc.asyncProperty(
      smallProblem({ resilience: false, caps: [] }).chain((problem) =>
        fc.tuple(fc.constant(problem), decisionOf(problem)),
      ),
      async ([drawn, decision]) => {
        const open = withoutGuards(drawn, decision);
        const problem = { ...open, pools: open.pools.map((pool) => ({ ...pool, carry: both })) };
        const bills = await billDecision(problem, decision);
        const recourse = new Recourse(highs, problem);
        const singles = problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));
        const exact = evaluate(problem, recourse, singles, valuesOfDecision(problem, decision)).scenarioCosts;
        recourse.dispose();
        const settled = scenarioCosts(settledBills(problem, decision, bills));
        for (const [scenario, cost] of scenarioCosts(bills).entries()) {
          expect(Math.abs(cost - exact[scenario]!)).toBeLessThanOrEqual(1e-9 * Math.max(1, cost));
          expect(settled[scenario]).toBeLessThanOrEqual(cost + 1e-9 * Math.max(1, cost));
          if (settled[scenario]! < cost - 1e-6) cheaper += 1;
        }
      },
    ),
    { seed: 41, numRuns: 60 },
  );
  expect(cheaper).toBeGreaterThan(5);
});
