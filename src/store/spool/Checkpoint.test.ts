import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointOf } from './Checkpoint.ts';

const count = fc.oneof(
  { weight: 9, arbitrary: fc.maxSafeNat() },
  fc.constantFrom<unknown>(2 ** 53, -1, 0.5, '1', null),
);
const written = fc.record({
  version: fc.constantFrom<unknown>(1, 1, 1, 2, '1'),
  instance: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.jsonValue()),
  segment: count,
  offset: count,
  sequence: count,
  oldestOpenSegment: count,
});

test('a checkpoint is read whole, with counts that are counts, or not at all', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        written.map((value) => JSON.stringify(value)),
        fc.string(),
        fc.json(),
      ),
      (text) => {
        const checkpoint = checkpointOf(text);
        if (checkpoint === null) return;
        const { instance, shipped, oldestOpenSegment } = checkpoint;
        expect(typeof instance).toBe('string');
        for (const value of [shipped.segment, shipped.offset, shipped.sequence, oldestOpenSegment])
          expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        // What was written again reads the same.
        expect(checkpointOf(JSON.stringify({ version: 1, instance, ...shipped, oldestOpenSegment }))).toEqual(
          checkpoint,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('half of a checkpoint is none', () => {
  const whole = JSON.stringify({ version: 1, instance: 'i', segment: 1, offset: 2, sequence: 3, oldestOpenSegment: 1 });
  expect(checkpointOf(whole)).not.toBeNull();
  for (let length = 0; length < whole.length; length += 1) expect(checkpointOf(whole.slice(0, length))).toBeNull();
});
