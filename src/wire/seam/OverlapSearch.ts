/** Shortest overlap that is one: what is shorter repeats itself in many texts. UTF-16 units. */
export const overlapLengthMin = 24;

/**
 * Looks for the longest exact overlap between the end of a text and the start of another, which comes in pieces (Knuth, Morris and Pratt, with a pattern that
 * grows): the other one is held against the first place in the text where all that came so far stands, and no letter of the text is looked at twice. The
 * text has an end (`followedLengthMax`), and so has what is kept of the other one: no more than the overlap, once there can be none that is longer.
 */
export class OverlapSearch {
  readonly #text: string;
  /** The other text, as UTF-16 units, as long as more of it may make a longer overlap. */
  readonly #start: number[] = [];
  /** For each length of it, less one, the longest of its own starts with which so much of it ends. */
  readonly #borders: number[] = [];
  /** So much of the text was looked at ... */
  #looked = 0;
  /** ... and ends with so much of the other one. */
  #matched = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The longest overlap so far; 0 where there is none. */
  get length(): number {
    return this.#looked === this.#text.length && this.#matched >= overlapLengthMin ? this.#matched : 0;
  }

  /** Whether more of the other text may make a longer overlap. */
  get isOpen(): boolean {
    const left = this.#text.length - this.#looked;
    return left > 0 && this.#matched + left >= overlapLengthMin;
  }

  add(piece: string): void {
    for (let at = 0; at < piece.length && this.isOpen; at += 1) {
      this.#grow(piece.charCodeAt(at));
      this.#look();
    }
  }

  #grow(unit: number): void {
    const start = this.#start;
    let border = this.#borders.at(-1) ?? 0;
    while (border > 0 && start[border] !== unit) border = this.#borders[border - 1] ?? 0;
    this.#borders.push(start.length > 0 && start[border] === unit ? border + 1 : 0);
    start.push(unit);
  }

  /** Goes on to the first place where all that came so far stands, or to the end of the text. */
  #look(): void {
    while (this.#looked < this.#text.length && this.#matched < this.#start.length) {
      if (this.#text.charCodeAt(this.#looked) === this.#start[this.#matched]) {
        this.#looked += 1;
        this.#matched += 1;
      } else if (this.#matched > 0) this.#matched = this.#borders[this.#matched - 1] ?? 0;
      else this.#looked += 1;
    }
  }
}
