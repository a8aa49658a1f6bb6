import fc from 'fast-check';
import { expect, test } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { outageCertificate } from './outageCertificate.ts';
import { randomDecision } from './randomDecision.fixture.ts';
import { nothingSigned, tinyPool, tinyProblem, tinyReservation, tinyResilience } from './tinyProblem.fixture.ts';

test('a policy without a rule for outages has no certificate', () => {
  const problem = tinyProblem();
  expect(outageCertificate(problem, nothingSigned(problem))).toBeNull();
});

test('what is served without a vendor is what the sums on paper say, and what binds has a name', () => {
  const problem = tinyProblem({ resilience: tinyResilience });
  const certificate = outageCertificate(problem, nothingSigned(problem));
  const [chatWithoutA, codeWithoutA] = certificate!.entries;
  expect(certificate!.met).toBe(false);
  expect(chatWithoutA).toMatchObject({ servedShare: 0.3, askedShare: 0.9, met: false, rivals: [] });
  expect(chatWithoutA!.binding).toBe('capacity of B');
  expect(codeWithoutA).toMatchObject({ servedShare: 0, binding: 'no other source', bindingNodes: [] });
  // Without B, 40 units serve 40/105 of the 90 + 15 that are asked for.
  const [chatWithoutB, codeWithoutB] = certificate!.entries.slice(4);
  expect(chatWithoutB!.servedShare).toBeCloseTo((0.9 * 40) / 105, 12);
  expect(codeWithoutB!.servedShare).toBeCloseTo((0.3 * 40) / 105, 12);
  expect(chatWithoutB!.binding).toBe('commitment of A');
  expect(chatWithoutB!.rivals).toEqual([1]);
});

test('pools and reservations are capacity in an outage, and what is left after what is asked goes to who is served least', () => {
  const problem = tinyProblem({
    resilience: { ...tinyResilience, servedShares: [0.5, 0.1] },
    pools: [tinyPool({ floors: [150] })],
    reservations: [tinyReservation({ name: 'r' })],
  });
  const certificate = outageCertificate(problem, { pools: [true], reservations: [1] });
  const chat = certificate!.entries[4]!;
  const code = certificate!.entries[5]!;
  // 40 base + 0.2 x 150 by the pool + 1.5 x 12 by the reservation = 88: 50 + 5 are asked, then code rises to chat's half with 20 of the
  // 33 left, and both share the last 13.
  expect(chat.bindingNodes).toEqual([{ node: 0, base: 40, byPools: 30, byReservations: 18 }]);
  expect(chat.servedShare).toBeCloseTo(0.5 + 13 / 150, 12);
  expect(code.servedShare).toBeCloseTo(0.5 + 13 / 150, 12);
  expect(chat.met && code.met).toBe(true);
});

test('everything is served where nothing is short, and a class without demand is', () => {
  const problem = tinyProblem({
    resilience: {
      ...tinyResilience,
      designDemand: [
        [20, 0],
        [20, 0],
      ],
    },
  });
  const certificate = outageCertificate(problem, nothingSigned(problem))!;
  expect(certificate.met).toBe(true);
  for (const entry of certificate.entries) expect(entry).toMatchObject({ servedShare: 1, binding: 'nothing' });
});

test('a certificate is met exactly where the plain extensive form can serve what is asked', async () => {
  let met = 0;
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const family = instanceFamily({ scenarios: 2, seed, vendors: 4, months: 24, monthsPerStep: 12, cap: null });
    const problem = { ...family, resilience: { ...family.resilience!, servedShares: [0.6, 0.6, 0.6, 0.5, 0.2] } };
    const decision = randomDecision(problem, seed);
    const certificate = outageCertificate(problem, decision)!;
    const judged = await solveExtensive(problem, { fixed: decision });
    expect(certificate.met).toBe(judged.status === 'optimal');
    met += Number(certificate.met);
    // As far as the least served class is from what is asked, the whole policy is: neither more nor less can be asked.
    const part = Math.min(...certificate.entries.map(({ servedShare, askedShare }) => servedShare / askedShare));
    if (part > 1) continue;
    for (const [scale, status] of [
      [part * (1 - 1e-6), 'optimal'],
      [part * (1 + 1e-4) + 1e-9, 'infeasible'],
    ] as const) {
      const servedShares = problem.resilience.servedShares.map((share) => share * scale);
      const asked = { ...problem, resilience: { ...problem.resilience, servedShares } };
      expect((await solveExtensive(asked, { fixed: decision })).status).toBe(status);
    }
  }
  expect(met).toBeLessThan(6);
});

const share = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);
const units = fc.integer({ min: 0, max: 100 });

const problems = fc
  .record({
    serves: fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { minLength: 1, maxLength: 9 }),
    bases: fc.tuple(units, units, units),
    left: fc.tuple(share, share, share),
    asked: fc.tuple(share, share, share, share),
    demand: fc.tuple(units, units, units, units),
    more: units,
    moreAt: fc.nat(2),
  })
  .map(({ serves, bases, left, asked, demand, more, moreAt }) => {
    const withBases = (base: readonly number[]): PlanProblem =>
      tinyProblem({
        accounts: [0, 1, 2].map((index) => ({ name: `${index}`, vendor: `${index}` })),
        classes: [0, 1, 2, 3].map((index) => ({ name: `${index}` })),
        sources: serves.map(([node, index]) => ({ name: '', account: node, class: index, node, listPrice: [1] })),
        pools: [],
        periods: 1,
        resilience: {
          nodes: base.map((amount, account) => ({
            name: `${account}`,
            account,
            base: [amount],
            perPoolMoney: 0,
            reservationBurst: 0,
          })),
          losses: [{ name: 'some', kind: 'host', capacityLeft: left }],
          servedShares: asked,
          designDemand: [demand],
        },
      });
    return { before: withBases(bases), after: withBases(bases.with(moreAt, (bases[moreAt] ?? 0) + more)) };
  });

test('shares are from 0 to 1, and more capacity lowers none of them', () => {
  fc.assert(
    fc.property(problems, ({ before, after }) => {
      const decision = { pools: [], reservations: [] };
      const more = outageCertificate(after, decision)!.entries;
      for (const [index, entry] of outageCertificate(before, decision)!.entries.entries()) {
        expect(entry.servedShare).toBeGreaterThanOrEqual(0);
        expect(entry.servedShare).toBeLessThanOrEqual(1);
        expect(more[index]!.servedShare).toBeGreaterThanOrEqual(entry.servedShare - 1e-9);
        expect(entry.binding === 'nothing').toBe(entry.servedShare > 1 - 1e-6);
      }
    }),
    { numRuns: 400 },
  );
});
