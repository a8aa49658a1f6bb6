/** What is looked for in bodies: how strings begin, with their opening quotes, by their first byte after that. */
export type SearchedWords = readonly (readonly Uint8Array[] | undefined)[];

/** @param words Whole strings; those that end with "*" are how strings begin. All of ASCII. */
export const searchedWordsOf = (words: readonly string[]): SearchedWords => {
  const byFirst: Uint8Array[][] = [];
  for (const word of words) {
    const text = word.endsWith('*') ? `"${word.slice(0, -1)}` : `"${word}"`;
    (byFirst[text.charCodeAt(1)] ??= []).push(Buffer.from(text, 'latin1'));
  }
  // A table without holes is looked up fastest.
  return Array.from({ length: 256 }, (_, byte) => byFirst[byte]);
};

export const noWords: SearchedWords = searchedWordsOf([]);

/** Where words begin in a body, in order, up to a bound. */
export interface Places {
  readonly found: readonly number[];
  /** From here on they were not looked for; the body's length where all were found. */
  readonly restAt: number;
  /** Whether the body writes ASCII letters, or signs next to them, as escapes anywhere, as no encoder does: a word could hide behind them. */
  readonly hidesNames: boolean;
}

/** Most places that are kept of one body: a client chooses how many there are. */
const placesMax = 1_024;

const zero = 0x30;
const four = 0x34;
const seven = 0x37;

/** Looks at strings as they are passed. */
export class PlaceFinder implements Places {
  readonly #body: Uint8Array;
  readonly #words: SearchedWords;
  readonly #max: number;
  readonly found: number[] = [];
  restAt: number;
  hidesNames = false;

  constructor(body: Uint8Array, words: SearchedWords, max: number = placesMax) {
    this.#body = body;
    this.#words = words;
    this.#max = max;
    this.restAt = body.length;
  }

  /** A string begins here, with its quote. */
  see(at: number): void {
    const words = this.#words[this.#body[at + 1] ?? 0];
    if (words !== undefined && this.restAt === this.#body.length) this.#compare(at, words);
  }

  /** An escape by number stands here, with its backslash. */
  seeEscape(at: number): void {
    const body = this.#body;
    const third = body[at + 4] ?? 0;
    if (body[at + 2] === zero && body[at + 3] === zero && third >= four && third <= seven) this.hidesNames = true;
  }

  #compare(at: number, words: readonly Uint8Array[]): void {
    if (!words.some((word) => this.#hasAt(at, word))) return;
    if (this.found.length === this.#max) this.restAt = at;
    else this.found.push(at);
  }

  #hasAt(at: number, word: Uint8Array): boolean {
    for (let index = 2; index < word.length; index += 1) if (this.#body[at + index] !== word[index]) return false;
    return true;
  }
}
