/** Leaves out what a target was given of an answer, where it says that again before it goes on: all of it, letter by letter, or nothing. */
export class Echo {
  readonly #given: string;
  #held = '';
  #isOpen: boolean;
  #length = 0;

  /** @param given Empty where nothing is said again. */
  constructor(given: string) {
    this.#given = given;
    this.#isOpen = given !== '';
  }

  /** How much was left out. UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  /** @returns what of all that came is no echo; empty while all of it may be one. */
  add(piece: string): string {
    if (!this.#isOpen) return piece;
    const before = this.#held.length;
    this.#held += piece;
    const left = this.#given.length - before;
    if (this.#given.startsWith(piece.slice(0, left), before)) {
      if (piece.length < left) return '';
      this.#length = this.#given.length;
    }
    return this.#close();
  }

  /** It comes to its end. @returns what was held back and is no echo. */
  end(): string {
    return this.#isOpen ? this.#close() : '';
  }

  #close(): string {
    const rest = this.#held.slice(this.#length);
    this.#isOpen = false;
    this.#held = '';
    return rest;
  }
}
