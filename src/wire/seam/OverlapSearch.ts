/** Shortest overlap that is one: what is shorter repeats itself in many texts. UTF-16 units. */
export const overlapLengthMin = 24;

/** How much of the end of a text is searched, and so the longest overlap that is found: what comes after it is held back no longer than that. UTF-16 units. */
export const searchedLength = 4_096;

/**
 * Looks for the longest exact overlap between the end of a text and the start of another, which comes in pieces. Each place where the other one may have begun is
 * kept until it is known to be none, so that nothing is compared twice.
 */
export class OverlapSearch {
  readonly #text: string;
  #start = '';
  /** Places in the text, in order, where all that came so far stands; null until there is enough of it. */
  #places: readonly number[] | null = null;
  #length = 0;

  constructor(text: string) {
    this.#text = text.slice(-searchedLength);
  }

  /** The longest overlap so far; 0 where there is none. */
  get length(): number {
    return this.#length;
  }

  /** Whether more of the other text may make a longer overlap. */
  get isOpen(): boolean {
    return this.#places === null ? this.#text.length >= overlapLengthMin : this.#places.length > 0;
  }

  add(piece: string): void {
    const before = this.#start.length;
    this.#start += piece;
    if (this.#places !== null) this.#places = this.#places.filter((place) => this.#goesOn(place, piece, before));
    else if (this.#start.length >= overlapLengthMin) this.#places = this.#begin();
  }

  #begin(): readonly number[] {
    const sought = this.#start.slice(0, overlapLengthMin);
    const rest = this.#start.slice(overlapLengthMin);
    const places: number[] = [];
    for (let at = this.#text.indexOf(sought); at !== -1; at = this.#text.indexOf(sought, at + 1)) {
      if (this.#goesOn(at, rest, overlapLengthMin)) places.push(at);
    }
    return places;
  }

  /** Whether the place may still be the longest one. One that has reached the end of the text is an overlap, and is looked at no more. */
  #goesOn(place: number, piece: string, before: number): boolean {
    const left = this.#text.length - place - before;
    if (left > piece.length) return this.#text.startsWith(piece, place + before);
    if (this.#text.endsWith(piece.slice(0, left))) this.#length = Math.max(this.#length, this.#text.length - place);
    return false;
  }
}
