import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlanDecision } from '../PlanProblem.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { fullPortfolio, portfolioWith } from '../portfolio/portfolioText.fixture.ts';
import { problemOf } from '../portfolio/problemOf.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { decisionsJson } from '../report/decisionsJson.ts';
import { savedFloor, savedPlan, savedPool } from './savedPlan.fixture.ts';
import { signedFrom } from './signedFrom.ts';

const portfolioOf = (text: string): Portfolio => {
  const reading = readPortfolio(text, 'portfolio.yaml');
  if (!reading.ok) throw new Error(`${reading.fault.map(({ line, what }) => `${line} ${what}`).join('\n')}\n${text}`);
  return reading.value.portfolio;
};

const months = Array.from({ length: 48 }, () => 1000);
const scenarios = [{ weight: 1, demand: [months, months, months], prices: 0 }];

const signed = (text: string, chosen: Parameters<typeof signedFrom>[2]): string => {
  const result = signedFrom(text, savedPlan, chosen);
  if (!result.ok) throw new Error(result.fault);
  return result.value.text;
};

test('whatever is signed of a plan, the next one keeps it for what was planned', () => {
  const portfolio = portfolioOf(fullPortfolio);
  const translation = problemOf(portfolio, scenarios);
  const { problem } = translation;
  const free = problem.pools.flatMap(({ signed: isSigned }, index) => (isSigned ? [] : [index]));
  const reserved = problem.reservations.flatMap(({ signed: isSigned }, index) => (isSigned ? [] : [index]));
  fc.assert(
    fc.property(
      fc.constantFrom(...free),
      fc.constantFrom(...reserved),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (pool, reservation, share) => {
        const { quantity } = problem.reservations[reservation]!;
        const decision: PlanDecision = {
          pools: problem.pools.map((_, index) => index === pool),
          reservations: problem.reservations.map((_, index) =>
            index !== reservation ? 0 : quantity.kind === 'exactly' ? quantity.units : quantity.max * share,
          ),
        };
        const rows = decisionsJson(translation, portfolio, decision);
        const again = problemOf(portfolioOf(signed(fullPortfolio, rows)), scenarios).problem;
        const contracts = [...again.pools, ...again.reservations].filter((one) => one.signed);
        expect(contracts).toHaveLength(rows.length + portfolio.contracts.length);
        const keptPool = again.pools.filter((one) => one.signed).at(-1)!;
        const offered = problem.pools[pool]!;
        expect(keptPool).toMatchObject({
          fromPeriod: offered.fromPeriod,
          untilPeriod: offered.untilPeriod,
          shortfallRate: offered.shortfallRate,
        });
        expect(keptPool.discount).toBeCloseTo(offered.discount, 12);
        for (const [index, floor] of keptPool.floors.entries())
          expect(floor / offered.floors[index]!).toBeCloseTo(1, 6);
        const keptCapacity = again.reservations.filter((one) => one.signed).at(-1)!;
        const {
          feePerMonth,
          usableShare,
          fromSegment,
          untilSegment,
          class: served,
          countsTowardsPool,
        } = problem.reservations[reservation]!;
        expect(keptCapacity).toMatchObject({
          usableShare,
          fromSegment,
          untilSegment,
          class: served,
          countsTowardsPool,
        });
        expect(keptCapacity.feePerMonth / feePerMonth).toBeCloseTo(1, 6);
        // Accelerators are signed whole: what is kept is what the plan says, not the part of one that it was planned with.
        const { unit, quantityPerUnit } = translation.reservations[reservation]!;
        const planned = decision.reservations[reservation]!;
        const units =
          unit === 'accelerators'
            ? Number(rows.find(({ kind }) => kind !== 'pool')!.quantity) / quantityPerUnit
            : planned;
        expect((units - planned) * quantityPerUnit).toBeLessThan(1);
        expect((keptCapacity.quantity.kind === 'exactly' ? keptCapacity.quantity.units : 0) / units).toBeCloseTo(1, 6);
      },
    ),
    { numRuns: 25 },
  );
});

const offers =
  '[{ name: north-pool, vendor: north, kind: pool, sizes: ["1000"], terms: [24], discount: 0.1, rollover: { share: 0.2 } }, { name: south-floor, vendor: south, kind: floor, sizes: [3], terms: [12], discount: 0.2 }]';

const entry =
  '{ id: north-pool-2027-01-01-24m, vendor: north, kind: pool, amount: "2000", period: [ 2027-01-01, 2029-01-01 ], fulfil: annual, discount: "0.1", rollover: { share: 0.2 } }';

test.each([
  ['no list at all', '', `\n\ncontracts: # signed as planned\n  - ${entry}\n`],
  [
    'a key without a list',
    '\ncontracts: # none yet\npolicy: {} # ours\n',
    `\ncontracts: # none yet\n  - ${entry}\npolicy: {} # ours\n`,
  ],
  ['an empty list', '\ncontracts: [] # none yet\npolicy: {}\n', `\ncontracts: # none yet\n  - ${entry}\npolicy: {}\n`],
])('only lines are added: %s', (_form, before, after) => {
  const base = portfolioWith({ offers }).trimEnd();
  const text = signed(base + before, [savedPool]);
  expect(text).toBe(base + after);
  portfolioOf(text);
});

const old = '{ id: old, vendor: south, kind: pool, amount: "5", period: [2027-01-01, 2028-01-01] }';

test.each([
  [
    'indented',
    `contracts:\n    # the first\n    - ${old} # mine\n\n# what follows\npolicy: {}\n`,
    `contracts:\n    # the first\n    - ${old} # mine\n    - ${entry}\n\n# what follows\npolicy: {}\n`,
  ],
  [
    'not indented, in blocks',
    'contracts:\n- id: old\n  vendor: south\n  kind: pool\n  amount: "5"\n  period: [2027-01-01, 2028-01-01]\npolicy: {}\n',
    `contracts:\n- id: old\n  vendor: south\n  kind: pool\n  amount: "5"\n  period: [2027-01-01, 2028-01-01]\n- ${entry}\npolicy: {}\n`,
  ],
  ['in brackets', `contracts: [${old}]\npolicy: {}\n`, `contracts: [${old}, ${entry}]\npolicy: {}\n`],
])('contracts that are there stay as they are: %s', (_form, before, after) => {
  const base = portfolioWith({ offers });
  expect(signed(base + before, [savedPool])).toBe(base + after);
  portfolioOf(base + after);
});

test('capacity is signed at the source and for the fee that was planned', () => {
  const text = signed(portfolioWith({ offers }), [savedFloor, savedPool]);
  expect(text).toContain(
    '{ id: south-floor-2027-01-01-12m-south/chat, vendor: south, kind: floor, covers: [ south/chat ], quantity: "3", period: [ 2027-01-01, 2028-01-01 ], fee: { perMonth: "2.5" } }',
  );
  expect(portfolioOf(text).contracts).toHaveLength(2);
});

test('uneven years are a ramp whose shares add up to 1', () => {
  const steps = ['700', '1000', '1300.5'].map((usd, index) => ({
    from: `202${7 + index}-01-01`,
    until: `202${8 + index}-01-01`,
    usd,
  }));
  const text = signed(portfolioWith({ offers, horizon: '{ from: 2027-01-01, periods: 3 }' }), [
    { ...savedPool, until: '2030-01-01', months: 36, usd: '3000.5', steps },
  ]);
  const [contract] = portfolioOf(text).contracts;
  expect(contract).toMatchObject({ kind: 'pool', fulfil: 'annual', ramp: { length: 3 } });
});

test.each([
  [[{ ...savedPool, offer: 'other' }], 'has no offer "other" of north'],
  [[savedPool, savedPool], 'there is a contract "north-pool-2027-01-01-24m" already'],
])('what cannot be signed is refused', (chosen, fault) => {
  const result = signedFrom(portfolioWith({ offers }), savedPlan, chosen);
  expect(result.ok).toBe(false);
  if (!result.ok) expect(result.fault).toContain(fault);
});

test('a portfolio in another currency, or none, is refused; nothing chosen changes nothing', () => {
  expect(signedFrom(portfolioWith({ currency: 'EUR' }), savedPlan, [savedPool]).ok).toBe(false);
  expect(signedFrom('a: [', savedPlan, [savedPool]).ok).toBe(false);
  expect(signedFrom('a: 1', savedPlan, [])).toEqual({ ok: true, value: { text: 'a: 1', added: [] } });
});
