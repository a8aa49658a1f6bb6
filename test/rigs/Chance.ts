/** Chance that can be had again: the same seed gives the same draws (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= n < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Whether something happens that has this likelihood. */
  happens(likelihood: number): boolean {
    return this.next() < likelihood;
  }
}

/**
 * The seed of a run: ARCHIPEL_SEED, or a new one. It is printed, so that a failure can be had again.
 * @param run Name of the run, for the line that is printed.
 */
export const seedOf = (run: string): number => {
  const given = process.env['ARCHIPEL_SEED'];
  const seed = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(given);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`ARCHIPEL_SEED is ${given}, not a whole number`);
  process.stderr.write(`${run}: ARCHIPEL_SEED=${seed}\n`);
  return seed;
};
