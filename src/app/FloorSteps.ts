import { intervalBorderMs, type FloorContract } from '../contracts/index.ts';
import { assert } from '../kernel/index.ts';

/** Most intervals of one floor that are settled at once: what stands in memory, and how long nothing else has a turn. */
const intervalsMax = 20_000;
/** Draws that one step may come to; after more of them, as where many models are used in each interval, the next step is shorter. */
const drawsMax = 40_000;
/** Which part of the longest step is the first one, since nothing is known of how much is used in it. */
const firstPart = 16;

/** How floors that use goes through one after the other are settled step by step: each step ends where an interval of the last of them does. */
export class FloorSteps {
  /** Has the longest intervals: those of the others mostly lie within them, and what goes on beyond a step is settled in the next. */
  readonly #last: FloorContract;
  readonly #longest: number;
  /** Intervals of the last floor that the next step has. */
  #intervals: number;

  /** @param floors in the order in which use goes through them, at least one. */
  constructor(floors: readonly FloorContract[]) {
    const [first, last] = [floors[0], floors.at(-1)];
    assert(first !== undefined && last !== undefined, 'there is a floor to settle');
    this.#last = last;
    this.#longest = Math.max(1, Math.floor((intervalsMax * first.intervalMs) / last.intervalMs));
    this.#intervals = Math.max(1, Math.floor(this.#longest / firstPart));
  }

  /** Where a step ends that begins at an instant, by the grid of the last floor, which goes on before that is in force: one that was signed ahead must not make of all before it one step. */
  endMs(fromMs: number): number {
    return intervalBorderMs(this.#last, fromMs) + this.#intervals * this.#last.intervalMs;
  }

  /** Takes how many draws a step came to. */
  came(draws: number): void {
    if (draws > drawsMax) this.#intervals = Math.max(1, Math.floor(this.#intervals / 2));
    else if (draws < drawsMax / 4) this.#intervals = Math.min(this.#longest, this.#intervals * 2);
  }
}
