import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../kernel/index.ts';
import { ask, candidateOf } from '../candidates.fixture.ts';
import { Pacer } from './Pacer.ts';
import { pick } from './pick.ts';
import { floorOf, hourMs, planOf, poolOf, targetOf } from './plans.fixture.ts';

/** A floor under a pool, another pool, and two targets under no contract. Where two floors ask for nothing, those who replay take the first, and requests the cheaper. */
const paced = () =>
  new Pacer(
    planOf({
      targets: [
        targetOf('a'),
        targetOf('b', { floors: [0], pools: [0] }),
        targetOf('c', { pools: [1] }),
        targetOf('d'),
      ],
      pools: [poolOf({ needUsd: 200 }), poolOf({ contract: 'other', needUsd: 600, shortfallRate: 0.8 })],
      floors: [floorOf()],
    }),
  );

test('the choice of those who replay is the choice of requests, where only costs, contracts and caches decide', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const random = seededRandom(seed);
      const [replayed, served] = [paced(), paced()];
      const count = served.plan.targets.length;
      const offers = {
        costUsd: new Float64Array(count),
        eligible: new Uint8Array(count),
        warmUsd: new Float64Array(count),
        fullUsd: new Float64Array(count),
        nextTurnShare: 0.4,
      };
      for (let atMs = 0; atMs < 2 * hourMs; atMs += random() * 60_000) {
        const size = random();
        for (let index = 0; index < count; index++) {
          offers.costUsd[index] = size * (0.5 + random());
          offers.eligible[index] = random() < 0.8 ? 1 : 0;
          offers.fullUsd[index] = size * (0.5 + random());
          offers.warmUsd[index] = offers.fullUsd[index]! * random();
        }
        const candidates = served.plan.targets.map(({ vendor }, paced) =>
          candidateOf(vendor, offers.costUsd[paced]!, {
            paced,
            next: { warmUsd: offers.warmUsd[paced]!, fullUsd: offers.fullUsd[paced]! },
            refusal: offers.eligible[paced] === 1 ? null : 'not eligible',
          }),
        );
        const { index } = ask(candidates, { pacer: served, atMs, nextTurnShare: offers.nextTurnShare });
        const picked = pick(replayed, offers, atMs);
        expect(picked).toBe(index ?? -1);
        for (const pacer of [replayed, served]) {
          if (picked >= 0) pacer.settle(picked, (1 - (pacer.take(picked, size, {}, atMs) ?? 0)) * size, atMs);
          pacer.tick(atMs);
        }
      }
      expect(replayed.state()).toEqual(served.state());
    }),
    { numRuns: 8 },
  );
});

test('those who replay take one whose score cannot be worked out after all others, and where there is nobody else', () => {
  const pacer = new Pacer(planOf());
  const offersOf = (costUsd: readonly number[]) => ({
    costUsd: Float64Array.from(costUsd),
    eligible: Uint8Array.from([1, 1]),
    warmUsd: null,
    fullUsd: null,
    nextTurnShare: 0,
  });
  expect(pick(pacer, offersOf([9, Number.NaN]), 0)).toBe(0);
  expect(pick(pacer, offersOf([Number.NaN, 9]), 0)).toBe(1);
  expect(pick(pacer, offersOf([Number.NaN, Number.NaN]), 0)).toBe(0);
});
