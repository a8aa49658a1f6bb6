const [opening, comma, closing] = Buffer.from('[,]');
/** It grows by so much more than it must, so that it soon grows no more. */
const growth = 1.25;

/**
 * Memory for JSON arrays of many records, one after the other: the next one overwrites the last. Fresh memory for each would soon be more than all else
 * that waits for the garbage collector.
 */
export class ArrayMemory {
  #bytes: Buffer = Buffer.alloc(0);

  /** One JSON array. What is sent as bytes is read by PostgreSQL as it is: no text is made of it on the way. @param payloads The JSON of each. */
  arrayOf(payloads: readonly Buffer[]): Buffer {
    const bytesMax = payloads.reduce((sum, { length }) => sum + length + 1, 2);
    if (bytesMax > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(Math.ceil(bytesMax * growth));
    const bytes = this.#bytes;
    let end = 0;
    for (const payload of payloads) {
      bytes[end] = (end === 0 ? opening : comma) ?? 0;
      end += 1 + payload.copy(bytes, end + 1);
    }
    if (payloads.length === 0) {
      bytes[0] = opening ?? 0;
      end = 1;
    }
    bytes[end] = closing ?? 0;
    return bytes.subarray(0, end + 1);
  }
}
