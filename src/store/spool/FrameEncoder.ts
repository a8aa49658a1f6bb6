import { frameBytesMaxOf, frameHeaderBytes, writeFrame } from './frames.ts';

/** Memory is opened for so many bytes at once: opening it costs more than the frames of one append. */
const slabBytes = 65_536;

/** Frames one behind the other, to be written together. */
export interface FrameRun {
  /** A view into memory that is never written again. */
  readonly bytes: Buffer;
  readonly count: number;
  /** Size of the largest frame. */
  readonly largestBytes: number;
}

const bytesMaxOf = (payloads: readonly string[]): number => {
  let bytes = 0;
  for (const payload of payloads) bytes += frameBytesMaxOf(payload);
  return bytes;
};

const bytesOf = (payloads: readonly string[]): number => {
  let bytes = 0;
  for (const payload of payloads) bytes += frameHeaderBytes + Buffer.byteLength(payload);
  return bytes;
};

/** Writes payloads as frames, each straight to where it will be handed to the operating system from. */
export class FrameEncoder {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  /** @param durable The last sequence that is known to be on disk. */
  encode(payloads: readonly string[], firstSequence: number, durable: number): FrameRun {
    const slab = this.#slabFor(payloads);
    const start = this.#used;
    let end = start;
    let largestBytes = 0;
    let sequence = firstSequence;
    for (const payload of payloads) {
      const begin = end;
      end = writeFrame(slab, begin, { sequence, durable, payload });
      largestBytes = Math.max(largestBytes, end - begin);
      sequence++;
    }
    this.#used = end;
    return { bytes: slab.subarray(start, end), count: payloads.length, largestBytes };
  }

  /** Memory that surely has room for these. Only what is large is measured first. */
  #slabFor(payloads: readonly string[]): Buffer {
    const bytesMax = bytesMaxOf(payloads);
    if (bytesMax <= this.#slab.length - this.#used) return this.#slab;
    this.#slab = Buffer.allocUnsafeSlow(bytesMax <= slabBytes ? slabBytes : bytesOf(payloads));
    this.#used = 0;
    return this.#slab;
  }
}
