import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameEncoder } from './FrameEncoder.ts';
import { RecentFrames } from './RecentFrames.ts';

const runOf = (encoder: FrameEncoder, payloads: readonly string[]): Buffer => encoder.encode(payloads, 1, 0).bytes;

test('payloads are found by a text in them, the oldest first, whatever was written between', () => {
  const encoder = new FrameEncoder();
  const recent = new RecentFrames(10_000);
  recent.add(runOf(encoder, ['{"id":"one","n":1}', '{"id":"two","n":2}']));
  recent.add(runOf(encoder, ['{"id":"two","n":3}']));
  recent.add(runOf(encoder, ['{"id":"é","n":4}', '{"id":"one","n":5}']));
  expect(Array.from(recent.with('"one"'))).toEqual(['{"id":"one","n":1}', '{"id":"one","n":5}']);
  expect(Array.from(recent.with('"é"'))).toEqual(['{"id":"é","n":4}']);
  expect(Array.from(recent.with('"three"'))).toEqual([]);
});

test('the last payloads that fit are known, in their order, and none before them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 4 }), {
        maxLength: 60,
      }),
      fc.integer({ min: 0, max: 1_500 }),
      (appends, bytesMax) => {
        const encoder = new FrameEncoder();
        const recent = new RecentFrames(bytesMax);
        const runs = appends.map((texts) => {
          const payloads = texts.map((text) => JSON.stringify({ text }));
          const bytes = runOf(encoder, payloads);
          recent.add(bytes);
          return { payloads, size: bytes.length };
        });
        const kept: string[] = [];
        let size = 0;
        for (const run of runs.toReversed()) {
          size += run.size;
          if (size > bytesMax) break;
          kept.unshift(...run.payloads);
        }
        expect(Array.from(recent.with('"text"'))).toEqual(kept);
      },
    ),
  );
});
