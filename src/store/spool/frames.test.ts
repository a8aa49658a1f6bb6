import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSegmentHeader, encodeFrame, encodeSegmentHeader, findFrame, readFrame } from './frames.ts';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';

const header = {
  instance: '0190b1a0-1111-7000-8000-00000000abcd',
  boot: '3f1c1d1e-aaaa-4bbb-8ccc-000000000001',
  firstSequence: 2 ** 40 + 7,
  durable: 2 ** 40 + 6,
};

test('a header comes back as it was written', () => {
  expect(decodeSegmentHeader(encodeSegmentHeader(header))).toEqual(header);
});

test('no header is read out of one with a flipped bit, nor out of a part of one', () => {
  const whole = encodeSegmentHeader(header);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    // A flip in the version field alone can only claim another version; it never yields other contents.
    expect([null, 'newer']).toContain(decodeSegmentHeader(flipped));
  }
  for (let length = 0; length < whole.length; length++)
    expect(decodeSegmentHeader(whole.subarray(0, length))).toBeNull();
});

test('a frame comes back as it was written, and never after one flipped bit [G18]', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat({ max: 2 ** 31 }), fc.nat(), (json, sequence, chance) => {
      const payload = `{"x":${json}}`;
      const bytes = encodeFrame(sequence, sequence, payload);
      const reading = readFrame(bytes, 0, sequence);
      expect(reading.kind === 'frame' && reading.frame.payload.toString()).toBe(payload);
      const flipped = Buffer.from(bytes);
      const bit = chance % (bytes.length * 8);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(readFrame(flipped, 0, sequence).kind).not.toBe('frame');
    }),
  );
});

test('a whole frame is found behind garbage, and none where there is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 50 }), (garbage, more) => {
      const frame = encodeFrame(42, 40, '{"type":"intent"}');
      const found = findFrame(Buffer.concat([garbage, frame, more]), 0, 41);
      expect(found?.sequence).toBe(42);
      expect(findFrame(Buffer.concat([garbage, frame.subarray(0, -1)]), 0, 41)).toBeNull();
    }),
  );
});

test.each(corpusOf('readFrame'))('$name of the corpus', ({ bytes, accepted }) => {
  expect(readFrame(bytes, 0, 1).kind === 'frame').toBe(accepted);
});
