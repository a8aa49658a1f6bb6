/** Largest piece of memory that is opened for a body whose length nobody told. */
const segmentBytesMax = 65_536;
const noBytes = Buffer.alloc(0);

/**
 * A body while it comes. Its pieces are copied together: kept as they come, each with its own object, a body that is sent a byte at a time
 * would cost a hundred times its size. Memory is opened as the body grows, at most a segment ahead of it.
 */
export class GatheredBody {
  readonly #announcedBytes: number | null;
  #full: Buffer[] = [];
  #segment: Buffer = noBytes;
  #segmentBytes = 0;
  #bytes = 0;

  /** @param announcedBytes Its exact length where the client told it, or null. */
  constructor(announcedBytes: number | null) {
    this.#announcedBytes = announcedBytes;
  }

  /** Bytes that came so far. */
  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Uint8Array): void {
    for (let from = 0; from < piece.length;) {
      if (this.#segmentBytes === this.#segment.length) this.#open(piece.length - from);
      const part = piece.subarray(from, from + this.#segment.length - this.#segmentBytes);
      this.#segment.set(part, this.#segmentBytes);
      this.#segmentBytes += part.length;
      this.#bytes += part.length;
      from += part.length;
    }
  }

  /** Hands the bytes over and forgets them here, so that they are not held twice. */
  take(): Buffer {
    const last = this.#segment.subarray(0, this.#segmentBytes);
    const whole = this.#full.length === 0 ? last : Buffer.concat([...this.#full, last], this.#bytes);
    this.drop();
    return whole;
  }

  /** Lets the memory go. */
  drop(): void {
    this.#full = [];
    this.#segment = noBytes;
    this.#segmentBytes = 0;
    this.#bytes = 0;
  }

  /** The first segment fits what there is, or all that was announced; later ones double what there is, up to a bound. */
  #open(leftBytes: number): void {
    if (this.#segment.length > 0) this.#full.push(this.#segment);
    const isFirst = this.#bytes === 0;
    const size = isFirst ? (this.#announcedBytes ?? leftBytes) : Math.min(segmentBytesMax, this.#bytes);
    this.#segment = Buffer.allocUnsafe(Math.max(size, leftBytes));
    this.#segmentBytes = 0;
  }
}
