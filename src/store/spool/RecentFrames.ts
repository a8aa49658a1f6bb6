import { frameHeaderBytes } from './frames.ts';

/**
 * The frames that were written last, as they were written: views into memory that is never written again, so that remembering one costs no copy and
 * leaves the garbage collector nothing to look through.
 */
export class RecentFrames {
  readonly #bytesMax: number;
  #runs: Buffer[] = [];
  /** Where the oldest run stands: those before it are forgotten. */
  #oldest = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @param run Whole frames, one behind the other. */
  add(run: Buffer): void {
    this.#runs.push(run);
    this.#bytes += run.length;
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= this.#runs[this.#oldest]?.length ?? 0;
      this.#oldest += 1;
    }
    if (this.#oldest * 2 > this.#runs.length) {
      this.#runs = this.#runs.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** Payloads in which a text stands, the oldest first. */
  *with(text: string): Generator<string> {
    const wanted = Buffer.from(text);
    for (const run of this.#runs.slice(this.#oldest)) {
      if (!run.includes(wanted)) continue;
      for (let offset = 0; offset < run.length;) {
        const end = offset + frameHeaderBytes + run.readUInt32LE(offset);
        const payload = run.subarray(offset + frameHeaderBytes, end);
        if (payload.includes(wanted)) yield payload.toString();
        offset = end;
      }
    }
  }
}
