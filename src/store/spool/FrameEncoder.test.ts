import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameEncoder } from './FrameEncoder.ts';

const payloadOf = (characters: number): string => JSON.stringify('x'.repeat(characters));

test('what is not known to be on disk is never overwritten, however the disk lags', () => {
  const step = fc.record({
    sizes: fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 4 }),
    lag: fc.integer({ min: 0, max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const encoder = new FrameEncoder();
      const runs: { bytes: Buffer; copy: Buffer; lastSequence: number }[] = [];
      let sequence = 1;
      let durable = 0;
      for (const { sizes, lag } of steps) {
        durable = Math.max(durable, sequence - 1 - lag);
        const { bytes, count } = encoder.encode(sizes.map(payloadOf), sequence, durable);
        sequence += count;
        runs.push({ bytes, copy: Buffer.from(bytes), lastSequence: sequence - 1 });
        for (const run of runs) if (run.lastSequence > durable) expect(run.bytes.equals(run.copy)).toBe(true);
      }
    }),
  );
});

test('memory of frames that are on disk is written again', () => {
  const encoder = new FrameEncoder();
  const memory = new Set<ArrayBufferLike>();
  for (let sequence = 1; sequence <= 1_000; sequence++) {
    memory.add(encoder.encode([payloadOf(1_000)], sequence, Math.max(0, sequence - 100)).bytes.buffer);
  }
  expect(memory.size).toBe(3);
});

test('while the disk takes nothing, frames get memory of their own', () => {
  const encoder = new FrameEncoder();
  const memory = new Set<ArrayBufferLike>();
  for (let sequence = 1; sequence <= 1_000; sequence++) {
    memory.add(encoder.encode([payloadOf(1_000)], sequence, 0).bytes.buffer);
  }
  expect(memory.size).toBeGreaterThan(10);
});
