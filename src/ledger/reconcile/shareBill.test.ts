import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareBill } from './shareBill.ts';

test('a bill is shared within the bounds of each attempt, adds up, and is refused beyond all of them', () => {
  const bounds = fc
    .tuple(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n))
    .map(([low, room]) => ({ lowNanoUsd: low, highNanoUsd: low + room }));
  fc.assert(
    fc.property(fc.array(bounds, { maxLength: 9 }), fc.bigInt(0n, 10n ** 13n), (attempts, billed) => {
      const low = attempts.reduce((sum, { lowNanoUsd }) => sum + lowNanoUsd, 0n);
      const high = attempts.reduce((sum, { highNanoUsd }) => sum + highNanoUsd, 0n);
      const costs = shareBill(billed, attempts);
      expect(costs === null).toBe(billed < low || billed > high);
      if (costs === null) return;
      expect(costs.reduce((sum, cost) => sum + cost, 0n)).toBe(billed);
      for (const [index, { lowNanoUsd, highNanoUsd }] of attempts.entries())
        expect(costs[index]! >= lowNanoUsd && costs[index]! <= highNanoUsd).toBe(true);
    }),
  );
});

test('each goes as far into its bounds as all do', () => {
  const attempts = [
    { lowNanoUsd: 0n, highNanoUsd: 100n },
    { lowNanoUsd: 0n, highNanoUsd: 300n },
  ];
  expect(shareBill(100n, attempts)).toEqual([25n, 75n]);
  expect(shareBill(1n, attempts)).toEqual([1n, 0n]);
});
