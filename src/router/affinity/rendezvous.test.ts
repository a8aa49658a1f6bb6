import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rendezvous } from './rendezvous.ts';

const nearest = (conversation: string, targets: readonly string[]): string | undefined =>
  targets.toSorted((one, other) => rendezvous(conversation, other) - rendezvous(conversation, one))[0];

describe('rendezvous', () => {
  it('is the same on every machine', () => {
    expect([rendezvous('', ''), rendezvous('talk', 'a/m'), rendezvous('talk', 'b/m')]).toEqual([
      579_050_429, 1_096_772_903, 3_180_979_980,
    ]);
  });

  it('moves only the conversations of a target that goes, whatever their order', () => {
    const names = fc.uniqueArray(fc.string({ maxLength: 6 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), names, (conversation, targets) => {
        const first = nearest(conversation, targets);
        expect(nearest(conversation, targets.toReversed())).toBe(first);
        const gone = targets.find((target) => target !== first);
        expect(
          nearest(
            conversation,
            targets.filter((target) => target !== gone),
          ),
        ).toBe(first);
      }),
      { numRuns: 50 },
    );
  });

  it('gives each of several targets its part', () => {
    const targets = ['a/m', 'b/m', 'c/m', 'd/m'];
    const counts = new Map<string, number>();
    for (let index = 0; index < 4_000; index += 1) {
      const target = nearest(`conversation ${index}`, targets) ?? '';
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
    for (const target of targets) expect(Math.abs((counts.get(target) ?? 0) - 1_000)).toBeLessThan(150);
  });
});
