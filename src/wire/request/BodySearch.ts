import type { Places } from '../json/PlaceFinder.ts';

const quote = 0x22;
const colon = 0x3a;
const openBrace = 0x7b;

/** Where a value stands: from its first byte to the one after its last. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Looks for things in a body that is valid JSON, without decoding it. Inside a string of JSON a quote is always escaped, so `"name"` in the
 * bytes is a whole string, never a part of someone's text.
 */
export class BodySearch {
  readonly #body: Buffer;
  /** Where one of the words begins that may be asked for. Where there are more than are kept, each question goes through the rest by itself. */
  readonly #places: Places;
  #rest: string | null = null;

  constructor(body: Uint8Array, places: Places) {
    this.#body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#places = places;
  }

  /** Whether an object somewhere has `"type"` with a value that is `value`, or starts with it where `value` ends with "*". */
  hasType(value: string): boolean {
    const needle = value.endsWith('*') ? `"${value.slice(0, -1)}` : `"${value}"`;
    return this.#some(needle, (start) => this.#isValueOf('"type"', start));
  }

  /** Whether an object somewhere has the member `name` with the text `value`. */
  says(name: string, value: string): boolean {
    return this.#some(`"${value}"`, (start) => this.#isValueOf(`"${name}"`, start));
  }

  /** Whether an object somewhere has the member `name` with a text that is not a `data:` URI. */
  hasOutsideAddress(name: string): boolean {
    return this.#some(`"${name}"`, (_, end) => {
      const value = this.#afterColon(end);
      return (
        this.#body[value] === quote && this.#body.toString('latin1', value + 1, value + 6).toLowerCase() !== 'data:'
      );
    });
  }

  /** Whether an object somewhere has the member `name` with any text. */
  hasText(name: string): boolean {
    return this.#some(`"${name}"`, (_, end) => this.#body[this.#afterColon(end)] === quote);
  }

  /** Whether an object somewhere has the member `name` with a text that starts with `start`, in plain letters. */
  hasTextStarting(name: string, start: string): boolean {
    const needle = `"${start}`;
    return this.#some(`"${name}"`, (_, end) => {
      const value = this.#afterColon(end);
      return value !== -1 && this.#body.toString('latin1', value, value + needle.length) === needle;
    });
  }

  /** Whether an object somewhere has the member `name` with a text that fits, as it is written between its quotes. */
  hasFittingText(name: string, fits: (text: string) => boolean): boolean {
    const needle = `"${name}"`;
    return this.#some(needle, (start) => {
      const text = this.#textAfter(start, needle, this.#body.length);
      return text !== null && fits(text);
    });
  }

  /** Whether an object somewhere has the member `name`. */
  hasMember(name: string): boolean {
    return this.#some(`"${name}"`, (_, end) => this.#afterColon(end) !== -1);
  }

  /** Whether an object somewhere has the member `name` with an object whose first member is `first`. */
  hasObjectStarting(name: string, first: string): boolean {
    const needle = `"${first}"`;
    return this.#some(`"${name}"`, (_, end) => {
      const value = this.#afterColon(end);
      if (this.#body[value] !== openBrace) return false;
      const key = this.#afterSpace(value + 1);
      return this.#body.toString('latin1', key, key + needle.length) === needle;
    });
  }

  /** The text of the first member `name` within these bytes, as it is written between its quotes; null where it has none, or no text. */
  firstText(name: string, { start, end }: ByteRange): string | null {
    const needle = `"${name}"`;
    return this.#textAfter(this.#body.indexOf(needle, start), needle, end);
  }

  /** The same of the last one. */
  lastText(name: string, { start, end }: ByteRange): string | null {
    const needle = `"${name}"`;
    const at = this.#body.lastIndexOf(needle, end - needle.length);
    return this.#textAfter(at < start ? -1 : at, needle, end);
  }

  /** Whether a member `name` stands behind the last member `other` within these bytes. */
  standsBehindLast(name: string, other: string, { start, end }: ByteRange): boolean {
    const needle = `"${name}"`;
    const last = this.#body.lastIndexOf(`"${other}"`, end);
    const at = this.#body.indexOf(needle, Math.max(start, last));
    return at !== -1 && at < end && this.#afterColon(at + needle.length) !== -1;
  }

  /** Whether ASCII letters are written as escapes (`\u0075rl`), which no encoder does: a name could hide behind them. */
  hidesNames(): boolean {
    return this.#places.hidesNames;
  }

  #some(needle: string, fits: (start: number, end: number) => boolean): boolean {
    const { found, restAt } = this.#places;
    for (const at of found) {
      if (this.#body.toString('latin1', at, at + needle.length) === needle && fits(at, at + needle.length)) return true;
    }
    if (restAt === this.#body.length) return false;
    this.#rest ??= this.#body.toString('latin1', restAt);
    for (let at = this.#rest.indexOf(needle); at !== -1; at = this.#rest.indexOf(needle, at + needle.length)) {
      if (fits(restAt + at, restAt + at + needle.length)) return true;
    }
    return false;
  }

  #textAfter(at: number, needle: string, end: number): string | null {
    if (at === -1 || at >= end) return null;
    const value = this.#afterColon(at + needle.length);
    if (value === -1 || this.#body[value] !== quote) return null;
    const last = this.#body.indexOf(quote, value + 1);
    return last === -1 ? null : this.#body.toString('latin1', value + 1, last);
  }

  #isValueOf(key: string, start: number): boolean {
    const colonAt = this.#beforeSpace(start);
    if (this.#body[colonAt] !== colon) return false;
    const keyEnd = this.#beforeSpace(colonAt) + 1;
    return this.#body.toString('latin1', Math.max(0, keyEnd - key.length), keyEnd) === key;
  }

  /** Offset of the value after a key that ends at `end`, or -1 where the string is no key. */
  #afterColon(end: number): number {
    const at = this.#afterSpace(end);
    return this.#body[at] === colon ? this.#afterSpace(at + 1) : -1;
  }

  #afterSpace(start: number): number {
    let at = start;
    while (isSpace(this.#body[at])) at += 1;
    return at;
  }

  #beforeSpace(end: number): number {
    let at = end - 1;
    while (isSpace(this.#body[at])) at -= 1;
    return at;
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
