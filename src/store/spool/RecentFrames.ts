import { frameHeaderBytes } from './frames.ts';

/**
 * The frames that were written last, copied one behind the other into a ring of memory that is opened once: views into the memory that they were
 * written from would keep all of it, and the garbage collector would have to come for each piece by itself.
 */
export class RecentFrames {
  readonly #ring: Buffer;
  /** Sizes of the runs, from the oldest that is known. */
  #runs: number[] = [];
  /** Where the oldest run stands in `#runs`: those before it are forgotten. */
  #oldest = 0;
  /** Where in the ring the next run begins. */
  #end = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#ring = Buffer.allocUnsafeSlow(bytesMax);
  }

  /** @param run Whole frames, one behind the other. */
  add(run: Buffer): void {
    this.#runs.push(run.length);
    this.#bytes += run.length;
    while (this.#bytes > this.#ring.length) {
      this.#bytes -= this.#runs[this.#oldest] ?? 0;
      this.#oldest += 1;
    }
    if (this.#oldest * 2 > this.#runs.length) {
      this.#runs = this.#runs.slice(this.#oldest);
      this.#oldest = 0;
    }
    if (run.length <= this.#ring.length) this.#keep(run);
  }

  /** Payloads in which a text stands, the oldest first. */
  *with(text: string): Generator<string> {
    const wanted = Buffer.from(text);
    const frames = this.#inOrder();
    if (!frames.includes(wanted)) return;
    for (let offset = 0; offset < frames.length;) {
      const end = offset + frameHeaderBytes + frames.readUInt32LE(offset);
      const payload = frames.subarray(offset + frameHeaderBytes, end);
      if (payload.includes(wanted)) yield payload.toString();
      offset = end;
    }
  }

  /** What does not fit before the end of the ring goes on at its beginning. */
  #keep(run: Buffer): void {
    const fitting = Math.min(run.length, this.#ring.length - this.#end);
    run.copy(this.#ring, this.#end, 0, fitting);
    run.copy(this.#ring, 0, fitting);
    this.#end = fitting < run.length ? run.length - fitting : this.#end + fitting;
  }

  #inOrder(): Buffer {
    const begin = this.#end - this.#bytes;
    if (begin >= 0) return Buffer.from(this.#ring.subarray(begin, this.#end));
    return Buffer.concat([this.#ring.subarray(begin), this.#ring.subarray(0, this.#end)]);
  }
}
