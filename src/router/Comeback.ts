/** Answers without a failure between after which a target that was out takes all that comes. */
const answersMin = 20;

/**
 * How much a target that was out and answered again is trusted: as many requests at a time as it has answered since, so that its share of the traffic doubles with
 * each round of answers, as long as none fails.
 */
export class Comeback {
  #window = 2;
  #inFlight = 0;
  #answers = 0;

  get isOver(): boolean {
    return this.#answers >= answersMin;
  }

  /** Whether one more had better go elsewhere. */
  get isFull(): boolean {
    return this.#inFlight >= this.#window;
  }

  get window(): number {
    return this.#window;
  }

  enter(): void {
    this.#inFlight += 1;
  }

  /** Once for each that entered. */
  leave(): void {
    this.#inFlight -= 1;
  }

  /** The first content of an answer came. */
  answered(): void {
    this.#answers += 1;
    this.#window += 1;
  }
}
