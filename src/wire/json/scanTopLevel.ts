import { isUtf8 } from 'node:buffer';

import { failure, success, type Result } from '../../kernel/index.ts';
import { utf8Text } from '../utf8.ts';
import { noWords, PlaceFinder, type Places, type SearchedWords } from './PlaceFinder.ts';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** A top-level member of a JSON object, as byte offsets into the body. */
export interface Member {
  /** The key, with its escapes decoded. */
  readonly key: string;
  /** Offset of the key's opening quote. */
  readonly keyStart: number;
  /** Offset after the key's closing quote. */
  readonly keyEnd: number;
  /** Offset of the value's first byte. */
  readonly start: number;
  /** Offset after the value's last byte. */
  readonly end: number;
  readonly kind: JsonKind;
  /** Entries of an array; 0 for every other kind. */
  readonly entries: number;
  /** Of an array the offsets after the last bytes of its first entries, as many as are kept; empty for every other kind. */
  readonly firstEnds: readonly number[];
}

/** Entries of an array whose ends are kept. */
const firstEndsMax = 8;
const noEnds: readonly number[] = [];

/** Why a body cannot be taken. Line and column count from 1; a column is a character, not a byte. */
export interface ScanFault {
  readonly code: 'invalid_json' | 'duplicate_key' | 'bad_request';
  /** A plain sentence with the place in it. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The top-level key it is about, where it is about one. */
  readonly key?: string;
}

export interface ScanLimits {
  /** Deepest nesting of objects and arrays; the body's own braces are level 1. */
  readonly depthMax: number;
  /** Most members at the top level. */
  readonly membersMax: number;
}

export const scanLimits: ScanLimits = { depthMax: 64, membersMax: 512 };

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const spaceByte = 0x20;

/** What is returned instead of an offset once something is wrong. */
const broken = -1;

/** UTF-8 is checked natively: so many times as fast as the rest. */
const utf8Speed = 16;

/** What a scan stands before, or within. */
const awaits = {
  value: 0,
  /** A value, or the end of an array that has none. */
  firstEntry: 1,
  key: 2,
  /** A key, or the end of an object that has none. */
  firstKey: 3,
  colon: 4,
  /** A comma, or the end of what the value stands in. */
  next: 5,
  stringEnd: 6,
  digitsEnd: 7,
  nothing: 8,
} as const;

type Awaited = (typeof awaits)[keyof typeof awaits];

/** The digits before a point, those behind it, and those of the exponent: what may follow them differs. */
const parts = { integer: 0, fraction: 1, exponent: 2 } as const;

type NumberPart = (typeof parts)[keyof typeof parts];

/** 1 for bytes that end a string or may not stand there as they are. */
const isSharp = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < spaceByte || byte === quote || byte === backslash ? 1 : 0,
);

interface Trouble {
  readonly code: ScanFault['code'];
  readonly offset: number;
  /** What is wrong, to follow "at line 1, column 2". */
  readonly what: string;
  readonly key?: string;
}

/**
 * Checks a whole body against RFC 8259 in one pass and returns the top-level members as byte ranges, without building the values.
 * Stricter than `JSON.parse`: UTF-8 only, no byte order mark, an object at the top, no key twice there (however it is escaped), no
 * `__proto__`, and limits on depth and members. The members are in the order of the body.
 */
export const scanTopLevel = (
  body: Uint8Array,
  limits: Partial<ScanLimits> = {},
): Result<readonly Member[], ScanFault> => new BodyScan(body, noWords, limits).finish();

/**
 * One such run, which may stop anywhere and go on later: a body of many megabytes must not hold the event loop. On its way it finds the strings that begin with
 * certain words, and whether a name could hide behind escapes.
 */
export class BodyScan {
  readonly body: Uint8Array;
  readonly #limits: ScanLimits;
  readonly #places: PlaceFinder;
  #trouble: Trouble | null = null;
  #at = 0;
  #awaited: Awaited = awaits.value;
  /** Up to here the bytes are UTF-8. */
  #utf8Until = 0;
  /** Objects and arrays that are open, the outermost first: of each whether it is an object. */
  readonly #open: boolean[] = [];
  #isKey = false;
  #numberPart: NumberPart = parts.integer;
  #topAt = 0;
  readonly #members: Member[] = [];
  readonly #seen = new Set<string>();
  /** Of the top-level member that is read. */
  #key = '';
  #keyStart = 0;
  #keyEnd = 0;
  #start = 0;
  #entries = 0;
  #firstEnds: number[] = [];

  /** @param words With which strings begin that are looked for. */
  constructor(body: Uint8Array, words: SearchedWords, limits: Partial<ScanLimits> = {}) {
    this.body = body;
    this.#limits = { ...scanLimits, ...limits };
    this.#places = new PlaceFinder(body, words);
    if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
      this.#refuse('invalid_json', 0, 'the body starts with a byte order mark; send UTF-8 without it');
  }

  /** What was looked for and found so far. */
  get places(): Places {
    return this.#places;
  }

  /** Goes on for about so many bytes. @returns whether it has come to its end. */
  advance(bytes: number): boolean {
    if (this.#isUtf8For(bytes * utf8Speed)) this.#goTo(ending(this.body, this.#at, bytes));
    return this.#awaited === awaits.nothing;
  }

  /** Goes on to its end. */
  finish(): Result<readonly Member[], ScanFault> {
    this.advance(Infinity);
    return this.#trouble === null ? success(this.#members) : failure(faultOf(this.body, this.#trouble));
  }

  /** Looks at so many bytes more. @returns whether all of the body is UTF-8. */
  #isUtf8For(bytes: number): boolean {
    const { body } = this;
    const from = this.#utf8Until;
    if (from === body.length) return true;
    const until = characterStart(body, ending(body, from, bytes));
    if (!isUtf8(body.subarray(from, until))) {
      const at = from + firstInvalidUtf8(body.subarray(from));
      this.#refuse('invalid_json', at, 'this byte is not valid UTF-8; encode the body as UTF-8');
      return false;
    }
    this.#utf8Until = until;
    return until === body.length;
  }

  #goTo(until: number): void {
    const isLast = until === this.body.length;
    let at = this.#at;
    while (this.#awaited !== awaits.nothing && (isLast || at < until)) at = this.#step(at, until);
    this.#at = at;
  }

  /** Goes past what comes next, or up to `until` where that is within it. @returns the offset after it. */
  #step(at: number, until: number): number {
    if (this.#awaited === awaits.stringEnd) return this.#skipString(at, until);
    if (this.#awaited === awaits.digitsEnd) return this.#skipDigits(at, until);
    const next = this.#afterSpace(at, until);
    return next >= until && until < this.body.length ? next : this.#token(next, until);
  }

  #token(at: number, until: number): number {
    const byte = this.body[at];
    switch (this.#awaited) {
      case awaits.next:
        return this.#next(at, byte);
      case awaits.colon:
        if (byte !== colon) return this.#expected(at, "':' after the key");
        this.#awaited = awaits.value;
        return at + 1;
      case awaits.firstKey:
        return byte === closeBrace ? this.#valueEnds(at + 1, true) : this.#beginKey(at, byte, until);
      case awaits.key:
        return this.#beginKey(at, byte, until);
      case awaits.firstEntry:
        return byte === closeBracket ? this.#valueEnds(at + 1, true) : this.#beginValue(at, byte, until);
      case awaits.value:
      case awaits.stringEnd:
      case awaits.digitsEnd:
      case awaits.nothing:
        return this.#beginValue(at, byte, until);
    }
  }

  #next(at: number, byte: number | undefined): number {
    const isObject = this.#open.at(-1);
    if (isObject === undefined) return this.#endsAt(at);
    if (byte === (isObject ? closeBrace : closeBracket)) return this.#valueEnds(at + 1, true);
    if (byte !== comma) return this.#expected(at, isObject ? "',' or '}'" : "',' or ']'");
    this.#awaited = isObject ? awaits.key : awaits.value;
    return at + 1;
  }

  #endsAt(at: number): number {
    const isObject = this.body[this.#topAt] === openBrace;
    const isLast = at === this.body.length;
    if (isObject && !isLast) return this.#expected(at, 'nothing after the object');
    if (!isObject && isLast) return this.#refuse('bad_request', this.#topAt, 'the body must be a JSON object');
    if (!isObject) return this.#expected(this.#topAt, objectWanted);
    this.#awaited = awaits.nothing;
    return at;
  }

  #beginKey(at: number, byte: number | undefined, until: number): number {
    if (byte !== quote) return this.#expected(at, 'a key in double quotes');
    if (this.#open.length === 1) this.#keyStart = at;
    return this.#beginString(at, true, until);
  }

  #beginString(at: number, isKey: boolean, until: number): number {
    this.#places.see(at);
    this.#isKey = isKey;
    this.#awaited = awaits.stringEnd;
    return this.#skipString(at + 1, until);
  }

  #beginValue(at: number, byte: number | undefined, until: number): number {
    const depth = this.#open.length;
    if (depth === 1) this.#start = at;
    else if (depth === 0) this.#topAt = at;
    switch (byte) {
      case quote:
        return this.#beginString(at, false, until);
      case openBrace:
        return this.#openAt(at, true);
      case openBracket:
        return this.#openAt(at, false);
      case 0x74:
        return this.#skipWord(at, 'true');
      case 0x66:
        return this.#skipWord(at, 'false');
      case 0x6e:
        return this.#skipWord(at, 'null');
      case undefined:
        return this.#expected(at, depth === 0 ? objectWanted : 'a JSON value');
      default:
        return byte === minus || isDigit(byte) ? this.#beginNumber(at, until) : this.#expected(at, 'a JSON value');
    }
  }

  #openAt(at: number, isObject: boolean): number {
    const { depthMax } = this.#limits;
    // The body's own braces are no member's.
    if (this.#open.length >= depthMax && this.#open.length > 0)
      return this.#refuse('bad_request', at, `objects and arrays are nested deeper than ${depthMax} levels`);
    if (this.#open.length === 1) {
      this.#entries = 0;
      if (!isObject) this.#firstEnds = [];
    }
    this.#open.push(isObject);
    this.#awaited = isObject ? awaits.firstKey : awaits.firstEntry;
    return at + 1;
  }

  /** @param closes Whether it is an object or array that was open. */
  #valueEnds(end: number, closes: boolean): number {
    if (closes) this.#open.pop();
    this.#awaited = awaits.next;
    const depth = this.#open.length;
    if (depth === 2) this.#entryEnds(end);
    return depth === 1 && this.#open[0] === true ? this.#memberEnds(end) : end;
  }

  #entryEnds(end: number): void {
    this.#entries += 1;
    if (this.#entries <= firstEndsMax && this.#open[1] === false) this.#firstEnds.push(end);
  }

  #memberEnds(end: number): number {
    const start = this.#start;
    const kind = kindOf(this.body[start] ?? 0);
    const isArray = kind === 'array';
    const entries = isArray ? this.#entries : 0;
    const firstEnds = isArray ? this.#firstEnds : noEnds;
    const keyStart = this.#keyStart;
    this.#members.push({ key: this.#key, keyStart, keyEnd: this.#keyEnd, start, end, kind, entries, firstEnds });
    const { membersMax } = this.#limits;
    if (this.#members.length <= membersMax) return end;
    return this.#refuse('bad_request', keyStart, `the body has more than ${membersMax} members`);
  }

  #keyEnds(end: number): number {
    this.#awaited = awaits.colon;
    if (this.#open.length > 1) return end;
    const start = this.#keyStart;
    const key = this.#keyText(start, end);
    if (this.#seen.has(key))
      return this.#refuse('duplicate_key', start, `the key ${JSON.stringify(key)} stands twice; send it once`, key);
    if (key === '__proto__') return this.#refuse('bad_request', start, 'the key "__proto__" is not allowed', key);
    this.#seen.add(key);
    this.#key = key;
    this.#keyEnd = end;
    return end;
  }

  #keyText(start: number, end: number): string {
    const text = utf8Text(this.body, start + 1, end - 1);
    if (!text.includes('\\')) return text;
    // The scan has proved that this is a JSON string, so it decodes to one.
    return String(JSON.parse(`"${text}"`));
  }

  /** UTF-8 was checked before, natively. */
  #skipString(start: number, until: number): number {
    const { body } = this;
    let at = afterPlain(body, start, until);
    while (at < until) {
      const byte = body[at] ?? 0;
      if (byte === quote) return this.#isKey ? this.#keyEnds(at + 1) : this.#valueEnds(at + 1, false);
      if (byte !== backslash)
        return this.#refuse('invalid_json', at, `${nameOf(byte)} stands unescaped in a string; escape it`);
      at = this.#skipEscape(at);
      if (at === broken) return broken;
      at = afterPlain(body, at, until);
    }
    return until < body.length ? at : this.#expected(body.length, "the closing '\"' of a string");
  }

  #skipEscape(at: number): number {
    const { body } = this;
    const letter = body[at + 1];
    if (letter !== 0x75)
      return isShortEscape(letter) ? at + 2 : this.#expected(at + 1, 'an escape (one of "\\/bfnrtu) after a backslash');
    for (let digit = at + 2; digit < at + 6; digit++) {
      if (!isHexDigit(body[digit])) return this.#expected(digit, 'four hexadecimal digits after "\\u"');
    }
    this.#places.seeEscape(at);
    return at + 6;
  }

  #beginNumber(start: number, until: number): number {
    const at = this.body[start] === minus ? start + 1 : start;
    const first = this.body[at];
    if (!isDigit(first)) return this.#expected(at, "a digit after '-'");
    this.#numberPart = parts.integer;
    if (first === zero) return this.#digitsEnd(at + 1);
    this.#awaited = awaits.digitsEnd;
    return this.#skipDigits(at, until);
  }

  #skipDigits(start: number, until: number): number {
    let at = start;
    while (at < until && isDigit(this.body[at])) at += 1;
    return at >= until && until < this.body.length ? at : this.#digitsEnd(at);
  }

  #digitsEnd(at: number): number {
    const byte = this.body[at];
    if (byte === point && this.#numberPart === parts.integer) {
      if (!isDigit(this.body[at + 1])) return this.#expected(at + 1, "a digit after '.'");
      return this.#digitsFollow(at + 1, parts.fraction);
    }
    if ((byte !== 0x65 && byte !== 0x45) || this.#numberPart === parts.exponent) return this.#valueEnds(at, false);
    const sign = this.body[at + 1];
    const digits = sign === plus || sign === minus ? at + 2 : at + 1;
    if (!isDigit(this.body[digits])) return this.#expected(digits, 'a digit in the exponent');
    return this.#digitsFollow(digits, parts.exponent);
  }

  #digitsFollow(at: number, part: NumberPart): number {
    this.#numberPart = part;
    this.#awaited = awaits.digitsEnd;
    return at;
  }

  #skipWord(start: number, word: string): number {
    for (let index = 0; index < word.length; index++) {
      if (this.body[start + index] !== word.charCodeAt(index)) return this.#expected(start + index, `'${word}'`);
    }
    return this.#valueEnds(start + word.length, false);
  }

  #afterSpace(start: number, until: number): number {
    const { body } = this;
    let at = start;
    while (at < until) {
      const byte = body[at];
      if (byte !== spaceByte && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at += 1;
    }
    return at;
  }

  #expected(at: number, what: string): number {
    const byte = this.body[at];
    const found = byte === undefined ? 'the body ends' : `${nameOf(byte)} was found`;
    return this.#refuse('invalid_json', Math.min(at, this.body.length), `${what} was expected, but ${found}`);
  }

  /** Nothing is read behind the first trouble: what follows it is noise. */
  #refuse(code: ScanFault['code'], offset: number, what: string, key?: string): number {
    this.#trouble = { code, offset, what, ...(key === undefined ? {} : { key }) };
    this.#awaited = awaits.nothing;
    return broken;
  }
}

/** The loop that sees most bytes of a request: four at a time, since what follows a letter cannot be foretold. */
const afterPlain = (body: Uint8Array, start: number, until: number): number => {
  let at = start;
  while (at < until - 3 && (sharp(body, at) | sharp(body, at + 1) | sharp(body, at + 2) | sharp(body, at + 3)) === 0)
    at += 4;
  while (at < until && sharp(body, at) === 0) at += 1;
  return at;
};

const sharp = (body: Uint8Array, at: number): number => isSharp[body[at] ?? 0] ?? 0;

/** So many bytes on, or the end of the body. Always a small integer, which the loops are much faster with. */
const ending = (body: Uint8Array, from: number, bytes: number): number =>
  bytes < body.length - from ? from + bytes : body.length;

const objectWanted = "a JSON object, which starts with '{'";

const faultOf = (body: Uint8Array, { code, offset, what, key }: Trouble): ScanFault => {
  const { line, column } = placeOf(body, offset);
  return {
    code,
    message: `At line ${line}, column ${column}: ${what}.`,
    line,
    column,
    ...(key === undefined ? {} : { key }),
  };
};

/** The start of a character at or before an offset. UTF-8 has at most three bytes that continue one. */
const characterStart = (body: Uint8Array, offset: number): number => {
  let at = offset;
  while (at > offset - 3 && at > 0 && isContinuation(body[at])) at -= 1;
  return isContinuation(body[at]) ? offset : at;
};

/** Bytes 10xxxxxx continue a character and do not start one. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

const kindOf = (first: number): JsonKind => {
  switch (first) {
    case quote:
      return 'string';
    case openBrace:
      return 'object';
    case openBracket:
      return 'array';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return 'null';
    default:
      return 'number';
  }
};

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= zero && byte <= nine;

const isHexDigit = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && ((byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)));

const shortEscapes = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

const isShortEscape = (byte: number | undefined): boolean => byte !== undefined && shortEscapes.has(byte);

/** A byte in words that are safe to show: never raw control characters, never half a character. */
const nameOf = (byte: number): string => {
  if (byte < spaceByte || byte === 0x7f) return `the control character 0x${byte.toString(16).padStart(2, '0')}`;
  return byte < 0x80 ? `'${String.fromCharCode(byte)}'` : 'a character outside ASCII';
};

const placeOf = (body: Uint8Array, offset: number): { line: number; column: number } => {
  let line = 1;
  let lineStart = 0;
  for (let at = body.indexOf(0x0a); at !== -1 && at < offset; at = body.indexOf(0x0a, at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  let column = 1;
  for (let at = lineStart; at < offset; at++) if (!isContinuation(body[at])) column += 1;
  return { line, column };
};

/** Offset after the longest valid prefix. A prefix may end inside a character, so a length counts as good when a cut of up to three bytes mends it. */
const firstInvalidUtf8 = (body: Uint8Array): number => {
  let good = 0;
  let bad = body.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (validPrefix(body, middle) === null) bad = middle;
    else good = middle;
  }
  return validPrefix(body, good) ?? 0;
};

const validPrefix = (body: Uint8Array, length: number): number | null => {
  for (let end = length; end >= 0 && end >= length - 3; end--) if (isUtf8(body.subarray(0, end))) return end;
  return null;
};
