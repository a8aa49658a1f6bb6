import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { turns } from '../TestVendor.fixture.ts';
import { AnswerDecoder, codingOf, defaultDecoderLimits, type Coding, type DecoderLimits } from './AnswerDecoder.ts';

const encoders: Readonly<Record<Coding, (bytes: Uint8Array) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};
const codings = Object.keys(encoders).flatMap((name) => codingOf(name) ?? []);

interface Decoded {
  bytes: number;
  /** What came, up to 64 KiB. */
  text: string;
  fault: string | null;
  paused: number;
}

/** Decodes pieces one after the other, waiting while the decoder asks for it. */
const decode = async (
  coding: Coding,
  pieces: readonly Buffer[],
  limits: DecoderLimits = defaultDecoderLimits,
): Promise<Decoded> => {
  const decoded: Decoded = { bytes: 0, text: '', fault: null, paused: 0 };
  const { promise: over, resolve } = Promise.withResolvers<null>();
  let go: () => void = () => {};
  let room: Promise<unknown> = Promise.resolve();
  const source = {
    pause: () => {
      decoded.paused += 1;
      room = new Promise<void>((done) => (go = done));
    },
    resume: () => go(),
  };
  const decoder = new AnswerDecoder(
    coding,
    source,
    {
      chunk: (bytes) => {
        decoded.bytes += bytes.length;
        if (decoded.text.length < 65_536) decoded.text += bytes.toString('latin1');
      },
      end: () => resolve(null),
      failed: (cause) => {
        decoded.fault = cause;
        resolve(null);
      },
    },
    limits,
  );
  for (const piece of pieces) {
    if (decoded.fault !== null) break;
    decoder.push(piece);
    await Promise.race([room, over]);
  }
  decoder.end();
  await over;
  return decoded;
};

const inPieces = (bytes: Buffer, length: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length));

describe.each(codings)('%s [A36]', (coding) => {
  test('what was encoded comes back, however it is split', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 300 }), async (bytes, length) => {
        const { text, fault } = await decode(coding, inPieces(encoders[coding](bytes), length));
        expect({ text, fault }).toEqual({ text: Buffer.from(bytes).toString('latin1'), fault: null });
      }),
      { numRuns: 20 },
    );
  });

  test('an end before the end, and what was never encoded so, are told', async () => {
    const whole = encoders[coding](Buffer.from('something that is long enough to be cut'));
    expect((await decode(coding, [whole.subarray(0, -5)])).fault).toBe('encoded_answer');
    expect((await decode(coding, [Buffer.from('{"plain": "text"}')])).fault).toBe('encoded_answer');
  });

  const bomb = encoders[coding](Buffer.alloc(67_108_864));

  test('a bomb is stopped before it is large, and its bytes never pile up', async () => {
    const { bytes, fault } = await decode(coding, [bomb]);
    expect(fault).toBe('answer_expands');
    const { freeBytes, expansionMax } = defaultDecoderLimits;
    expect(bytes).toBeLessThanOrEqual(Math.max(freeBytes, bomb.length * expansionMax));
  });

  test('without the bound it would be decoded to its end', async () => {
    const { bytes, fault } = await decode(coding, [bomb], { freeBytes: Infinity, expansionMax: Infinity });
    expect({ bytes, fault }).toEqual({ bytes: 67_108_864, fault: null });
  });
});

test('a decoder that is full pauses its source until there is room', async () => {
  const random = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 24) & 255));
  const { bytes, paused, fault } = await decode('gzip', inPieces(gzipSync(random, { level: 0 }), 65_536));
  expect({ bytes, fault }).toEqual({ bytes: 400_000, fault: null });
  expect(paused).toBeGreaterThan(0);
});

test('a paused decoder hands nothing over until it goes on, and a destroyed one nothing at all', async () => {
  let bytes = 0;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const sink = { chunk: (piece: Buffer) => void (bytes += piece.length), end: resolve, failed: () => resolve() };
  const source = { pause: () => {}, resume: () => {} };
  const decoder = new AnswerDecoder('gzip', source, sink);
  decoder.pause();
  decoder.push(gzipSync(Buffer.alloc(1_000)));
  decoder.end();
  await turns(200);
  expect(bytes).toBe(0);
  decoder.resume();
  await over;
  expect(bytes).toBe(1_000);
  const gone = new AnswerDecoder('gzip', source, sink);
  gone.push(gzipSync(Buffer.alloc(1_000)));
  gone.destroy();
  gone.push(Buffer.from('x'));
  gone.end();
  await turns(200);
  expect(bytes).toBe(1_000);
});

test.each([
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['zstd', 'zstd'],
  ['gzip, gzip', null],
  ['gzip, br', null],
  ['compress', null],
  ['identity, gzip', null],
])('the coding %j is %s', (name, coding) => {
  expect(codingOf(name)).toBe(coding);
});
