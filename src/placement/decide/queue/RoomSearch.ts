import type { Weighed } from '../weighOffers.ts';
import type { QueueAssignment, Supply } from './QueueAssignment.ts';
import { queueSearchLimits, usdOf } from './QueueProblem.ts';

/** Finds a place for a job where there is none, by moving others that stay placed. */
export class RoomSearch {
  readonly #assignment: QueueAssignment;
  readonly #optionsOf: (job: number) => readonly Weighed[];
  /** Jobs that have moved in this search: each moves once. */
  readonly #moved: number[] = [];
  #stepsMax = 0;
  #stepsTaken = 0;

  /** @param optionsOf What a job could take, were all of it free; cheapest first. */
  constructor(assignment: QueueAssignment, optionsOf: (job: number) => readonly Weighed[]) {
    this.#assignment = assignment;
    this.#optionsOf = optionsOf;
  }

  /**
   * Places a job that has nothing, so that all together cost less than `belowUsd`.
   * @param moves How many may hang together: a job goes where another was, which goes where a third was.
   * @param steps Offers that it may look at.
   * @returns false where it found no way; then nothing has changed.
   */
  place(job: number, belowUsd: number, moves: number, steps: number): boolean {
    this.#moved.length = 0;
    this.#stepsTaken = 0;
    this.#stepsMax = steps;
    return this.#place(job, belowUsd, moves);
  }

  /** Of the last search. */
  get stepsTaken(): number {
    return this.#stepsTaken;
  }

  /** Counts a step. @returns false where there were enough. */
  #step(): boolean {
    if (this.#stepsTaken >= this.#stepsMax) return false;
    this.#stepsTaken += 1;
    return true;
  }

  #place(job: number, belowUsd: number, moves: number): boolean {
    const mostUsd = belowUsd - this.#assignment.totalUsd;
    const options = this.#optionsOf(job);
    return this.#placeFree(job, options, mostUsd) || (moves > 0 && this.#placeByMoves(job, options, belowUsd, moves));
  }

  #placeFree(job: number, options: readonly Weighed[], mostUsd: number): boolean {
    for (const option of options) {
      if (usdOf(option) >= mostUsd || !this.#step()) return false;
      if (!this.#assignment.fits(option)) continue;
      this.#assignment.give(job, option);
      return true;
    }
    return false;
  }

  #placeByMoves(job: number, options: readonly Weighed[], belowUsd: number, moves: number): boolean {
    const movedBefore = this.#moved.length;
    this.#moved.push(job);
    for (const option of options) {
      const mark = this.#assignment.mark;
      if (this.#assignment.totalUsd + usdOf(option) >= belowUsd || !this.#step()) break;
      this.#assignment.give(job, option);
      if (this.#makeRoom(option, belowUsd, moves)) return true;
      this.#assignment.takeBack(mark);
    }
    this.#moved.length = movedBefore;
    return false;
  }

  /** Moves holders of what the option overdraws, until it no longer does. */
  #makeRoom(option: Weighed, belowUsd: number, moves: number): boolean {
    const supply = this.#assignment.overdrawn(option);
    if (supply === null) return true;
    for (const holder of this.#movable(supply)) {
      const mark = this.#assignment.mark;
      const movedBefore = this.#moved.length;
      this.#assignment.give(holder, null);
      this.#moved.push(holder);
      if (this.#place(holder, belowUsd, moves - 1) && this.#makeRoom(option, belowUsd, moves)) return true;
      this.#assignment.takeBack(mark);
      this.#moved.length = movedBefore;
      if (this.#stepsTaken >= this.#stepsMax) return false;
    }
    return false;
  }

  #movable({ holders }: Supply): number[] {
    const movable: number[] = [];
    for (const job of holders) {
      if (movable.length === queueSearchLimits.holdersAsked) break;
      if (!this.#moved.includes(job)) movable.push(job);
    }
    return movable;
  }
}
