import { expect, test } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import { billDecision, scenarioCosts, withoutGuards } from './billDecision.ts';
import { randomDecision } from './randomDecision.fixture.ts';
import { nothingSigned, tinyProblem, tinyReservation } from './tinyProblem.fixture.ts';

test('a bill is what the sums on paper say, on demand and with a pool', async () => {
  const problem = tinyProblem();
  const open = withoutGuards(problem, nothingSigned(problem));
  expect(scenarioCosts(await billDecision(open, nothingSigned(problem)))).toEqual([400, 600]);
  const pooled = await billDecision(open, { pools: [true], reservations: [] });
  // Year one: 0.8 x (100 + 100) = 160 and 0.8 x (200 + 100) = 240, both above the floor of 150.
  expect(pooled.map((periods) => periods.map(({ total }) => total))).toEqual([
    [160, 200],
    [240, 300],
  ]);
  expect(pooled[0]?.[0]?.listSpend).toEqual([100, 0, 100]);
});

test('fees that count towards no pool are on the bill of their account', async () => {
  const problem = tinyProblem({ pools: [], reservations: [tinyReservation()] });
  const decision = { pools: [], reservations: [5] };
  const [first] = await billDecision(withoutGuards(problem, decision), decision);
  // 5 units a month for a year at 0.5 are 30, and serve 60 of the 100 units of chat.
  expect(first?.[0]?.fees).toEqual([30, 0]);
  expect(first?.[0]?.accounts[0]).toBeCloseTo(30 + 40 + 100, 9);
  expect(first?.[0]?.total).toBeCloseTo(170, 9);
});

test('what is paid for nothing so that a cap on what is paid holds is told as burnt', async () => {
  const cap = { name: 'A', kind: 'vendor', share: 0.5, basis: { kind: 'cost', accountShares: [1, 0] } } as const;
  const problem = tinyProblem({ caps: [cap] });
  const decision = nothingSigned(problem);
  const [first] = await billDecision(withoutGuards(problem, decision), decision);
  // All chat goes to B for 120; code costs 100 at A: within the cap without burning anything.
  expect(first?.[0]?.burnt).toBeCloseTo(0, 9);
  const small = tinyProblem({
    caps: [cap],
    scenarios: [
      {
        weight: 1,
        demand: [
          [50, 50],
          [50, 50],
        ],
        prices: 0,
      },
    ],
  });
  const [second] = await billDecision(withoutGuards(small, decision), decision);
  // Chat at B is 60, so that 40 are burnt beside the 100 for code.
  expect(second?.[0]?.burnt).toBeCloseTo(40, 6);
  expect(second?.[0]?.total).toBeCloseTo(200, 6);
});

test('bills equal the plain extensive form on members of the family', async () => {
  for (const seed of [1, 2, 3]) {
    const problem = instanceFamily({ scenarios: 3, seed, vendors: 4, months: 36, monthsPerStep: 3, outage: false });
    const decision = randomDecision(problem, seed);
    const judged = await solveExtensive(problem, { fixed: decision });
    const costs = scenarioCosts(await billDecision(withoutGuards(problem, decision), decision));
    for (const [scenario, cost] of costs.entries())
      expect(cost / (judged.scenarioCosts[scenario] ?? 0)).toBeCloseTo(1, 8);
  }
});

test('an aborted signal ends the billing', async () => {
  const problem = tinyProblem();
  const decision = nothingSigned(problem);
  await expect(
    billDecision(withoutGuards(problem, decision), decision, AbortSignal.abort(new Error('enough'))),
  ).rejects.toThrow('enough');
});
