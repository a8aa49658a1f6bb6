import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exampleIntent } from '../exampleRecords.ts';
import { OpenIntents } from './OpenIntents.ts';

test('holds what a map would hold, in the order of the sequences', () => {
  const intents = Array.from({ length: 6 }, () => exampleIntent());
  const step = fc.record({ at: fc.nat({ max: intents.length - 1 }), isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const open = new OpenIntents();
      const model = new Map<string, number>();
      for (const [sequence, { at, isAdded }] of steps.entries()) {
        const intent = intents[at]!;
        if (isAdded) {
          open.add({ intent, segment: 1, sequence });
          model.set(intent.attemptId, sequence);
        } else {
          open.remove(intent.attemptId);
          model.delete(intent.attemptId);
        }
        expect(open.has(intent.attemptId)).toBe(model.has(intent.attemptId));
      }
      expect(open.oldest()).toBe(open.all()[0] ?? null);
      const all = open.all().map(({ intent, sequence }) => [intent.attemptId, sequence]);
      expect(all).toEqual([...model].toSorted(([, one], [, other]) => one - other));
    }),
  );
});
