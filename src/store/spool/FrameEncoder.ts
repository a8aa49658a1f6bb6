import { frameBytesMaxOf, frameHeaderBytes, writeFrame } from './frames.ts';

/** Memory is opened for so many bytes at once: opening it costs more than the frames of one append. */
const slabBytes = 65_536;
/** Slabs that are kept to be written again. Those beyond, which a slow disk made necessary, are left to the garbage collector. */
const sparesMax = 64;

/** Frames one behind the other, to be written together. */
export interface FrameRun {
  /** A view into memory that is written again once all of these frames are known to be on disk. */
  readonly bytes: Buffer;
  readonly count: number;
  /** Size of the largest frame. */
  readonly largestBytes: number;
}

/** Memory with frames up to a sequence. */
interface Slab {
  readonly bytes: Buffer;
  lastSequence: number;
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

/**
 * Writes payloads as frames, each straight to where it will be handed to the operating system from. A frame is needed until it is on disk; then
 * its memory is written again. Fresh memory for each would make the garbage collector go through everything once a second, only to find it.
 */
export class FrameEncoder {
  #slab: Slab = { bytes: Buffer.alloc(0), lastSequence: 0 };
  #used = 0;
  /** Written slabs in the order of their frames. */
  #written: Slab[] = [];

  /** @param durable The last sequence that is known to be on disk. */
  encode(payloads: readonly string[], firstSequence: number, durable: number): FrameRun {
    const { bytes } = this.#slabFor(payloads, durable);
    const start = this.#used;
    let end = start;
    let largestBytes = 0;
    let sequence = firstSequence;
    for (const payload of payloads) {
      const begin = end;
      end = writeFrame(bytes, begin, { sequence, durable, payload });
      largestBytes = Math.max(largestBytes, end - begin);
      sequence++;
    }
    this.#used = end;
    this.#slab.lastSequence = sequence - 1;
    return { bytes: bytes.subarray(start, end), count: payloads.length, largestBytes };
  }

  /** Memory that surely has room for these. Only what is large is measured first. */
  #slabFor(payloads: readonly string[], durable: number): Slab {
    const bytesMax = bytesMaxOf(payloads);
    if (bytesMax <= this.#slab.bytes.length - this.#used) return this.#slab;
    if (this.#slab.bytes.length === slabBytes && this.#written.length < sparesMax) this.#written.push(this.#slab);
    this.#slab = bytesMax <= slabBytes ? this.#spare(durable) : opened(bytesOf(payloads));
    this.#used = 0;
    return this.#slab;
  }

  #spare(durable: number): Slab {
    const oldest = this.#written[0];
    if (oldest === undefined || oldest.lastSequence > durable) return opened(slabBytes);
    this.#written.shift();
    return oldest;
  }
}

const opened = (bytes: number): Slab => ({ bytes: Buffer.allocUnsafeSlow(bytes), lastSequence: 0 });
