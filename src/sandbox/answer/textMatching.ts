import type { Draw } from '../Draw.ts';

// Writes a text that a regular expression matches: the part of the language that schemas use. A construct it does not
// know (look-around, back references) contributes nothing.

const classes: Readonly<Record<string, string>> = {
  d: '0123456789',
  w: 'abcdefghijklmnopqrstuvwxyz_',
  s: ' ',
  D: 'abcxyz',
  W: '-',
  S: 'abcxyz',
};
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const repeatsMax = 64;

class PatternWriter {
  readonly #pattern: string;
  readonly #draw: Draw;
  #at = 0;

  constructor(pattern: string, draw: Draw) {
    this.#pattern = pattern;
    this.#draw = draw;
  }

  /** alternatives := sequence ('|' sequence)* ; the first alternative is written. */
  alternatives(): () => string {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return options[0] ?? (() => '');
  }

  #sequence(): () => string {
    const parts: (() => string)[] = [];
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#peek())) parts.push(this.#repeated());
    return () => parts.map((part) => part()).join('');
  }

  #repeated(): () => string {
    const atom = this.#atom();
    const [least, most] = this.#quantifier();
    this.#take('?');
    return () => Array.from({ length: least + this.#draw.below(Math.min(3, most - least + 1)) }, atom).join('');
  }

  #quantifier(): readonly [number, number] {
    if (this.#take('*')) return [0, repeatsMax];
    if (this.#take('+')) return [1, repeatsMax];
    if (this.#take('?')) return [0, 1];
    const bounds = /^\{(\d+)(,(\d*))?\}/.exec(this.#pattern.slice(this.#at));
    if (bounds === null) return [1, 1];
    this.#at += bounds[0].length;
    const least = Math.min(Number(bounds[1]), 4096);
    if (bounds[2] === undefined) return [least, least];
    return [least, bounds[3] === '' ? least + repeatsMax : Math.max(least, Number(bounds[3]))];
  }

  #atom(): () => string {
    const sign = this.#next();
    if (sign === '^' || sign === '$') return () => '';
    if (sign === '.') return () => 'x';
    if (sign === '[') return this.#oneOf(this.#set());
    if (sign === '\\') return this.#escape();
    if (sign === '(') return this.#group();
    return () => sign;
  }

  #group(): () => string {
    const silent = /^\?(?:[=!]|<[=!])/.test(this.#pattern.slice(this.#at));
    const opening = /^\?(?::|<[^>=!]+>|[=!]|<[=!])/.exec(this.#pattern.slice(this.#at));
    this.#at += opening?.[0].length ?? 0;
    const inner = this.alternatives();
    this.#take(')');
    return silent ? () => '' : inner;
  }

  #escape(): () => string {
    const sign = this.#next();
    if (sign === 'b' || sign === 'B') return () => '';
    return this.#oneOf(classes[sign] ?? escapes[sign] ?? sign);
  }

  /** The characters of a [set], after its opening bracket. */
  #set(): string {
    const negated = this.#take('^');
    let members = '';
    while (this.#at < this.#pattern.length && this.#peek() !== ']') members += this.#member();
    this.#take(']');
    return negated
      ? printable
          .filter((sign) => !members.includes(sign))
          .toReversed()
          .join('')
      : members;
  }

  #member(): string {
    const first = this.#next();
    if (first === '\\') {
      const sign = this.#next();
      return classes[sign] ?? escapes[sign] ?? sign;
    }
    if (this.#peek() !== '-' || this.#pattern[this.#at + 1] === ']') return first;
    this.#at++;
    const last = this.#next();
    return printable.filter((sign) => sign >= first && sign <= last).join('') || first;
  }

  #oneOf(members: string): () => string {
    const signs = Array.from(members);
    return () => signs[this.#draw.below(signs.length)] ?? '';
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? '';
  }

  #next(): string {
    const sign = this.#peek();
    this.#at++;
    return sign;
  }

  #take(sign: string): boolean {
    if (this.#peek() !== sign) return false;
    this.#at++;
    return true;
  }
}

/** A text for a pattern of JSON Schema, which matches anywhere in the text. */
export const textMatching = (pattern: string, draw: Draw): string => new PatternWriter(pattern, draw).alternatives()();
