import { isUtf8 } from 'node:buffer';

import { failure, success, type Result } from '../../kernel/index.ts';
import { utf8Text } from '../utf8.ts';

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
}

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

/** What the skipping functions return instead of an offset once something is wrong. */
const broken = -1;

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
): Result<readonly Member[], ScanFault> => {
  const scan = new Scan(body, { ...scanLimits, ...limits });
  const members = scan.members();
  return members === null ? failure(scan.fault()) : success(members);
};

/** One run over one body. Each `#skip...` takes the offset of a token and returns the offset after it, or `broken`. */
class Scan {
  readonly #body: Uint8Array;
  readonly #limits: ScanLimits;
  #trouble: Trouble | null = null;
  /** Entries of the array that ended last: of a member's value that is an array, its own. */
  #entries = 0;

  constructor(body: Uint8Array, limits: ScanLimits) {
    this.#body = body;
    this.#limits = limits;
  }

  members(): readonly Member[] | null {
    if (!this.#startsWell()) return null;
    const members: Member[] = [];
    const seen = new Set<string>();
    let at = this.#afterSpace(this.#afterSpace(0) + 1);
    if (this.#body[at] === closeBrace) return this.#endsAt(at + 1) ? members : null;
    for (;;) {
      const member = this.#member(at, seen);
      if (member === null) return null;
      members.push(member);
      if (members.length > this.#limits.membersMax) {
        this.#refuse('bad_request', member.keyStart, `the body has more than ${this.#limits.membersMax} members`);
        return null;
      }
      at = this.#afterSpace(member.end);
      if (this.#body[at] === closeBrace) return this.#endsAt(at + 1) ? members : null;
      if (this.#body[at] !== comma) {
        this.#expected(at, "',' or '}'");
        return null;
      }
      at = this.#afterSpace(at + 1);
    }
  }

  /** The fault found, with its line and column. */
  fault(): ScanFault {
    const trouble = this.#trouble ?? { code: 'invalid_json', offset: 0, what: 'the body is not valid JSON' };
    const { line, column } = placeOf(this.#body, trouble.offset);
    return {
      code: trouble.code,
      message: `At line ${line}, column ${column}: ${trouble.what}.`,
      line,
      column,
      ...(trouble.key === undefined ? {} : { key: trouble.key }),
    };
  }

  #startsWell(): boolean {
    const body = this.#body;
    if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
      this.#refuse('invalid_json', 0, 'the body starts with a byte order mark; send UTF-8 without it');
      return false;
    }
    if (!isUtf8(body)) {
      this.#refuse('invalid_json', firstInvalidUtf8(body), 'this byte is not valid UTF-8; encode the body as UTF-8');
      return false;
    }
    const at = this.#afterSpace(0);
    if (body[at] === openBrace) return true;
    const end = at < body.length ? this.#skipValue(at, 0) : broken;
    if (end !== broken && this.#afterSpace(end) === body.length) {
      this.#refuse('bad_request', at, 'the body must be a JSON object');
    } else {
      this.#expected(at, "a JSON object, which starts with '{'");
    }
    return false;
  }

  #endsAt(at: number): boolean {
    const end = this.#afterSpace(at);
    if (end === this.#body.length) return true;
    this.#expected(end, 'nothing after the object');
    return false;
  }

  #member(keyStart: number, seen: Set<string>): Member | null {
    const keyEnd = this.#skipKey(keyStart);
    if (keyEnd === broken) return null;
    const key = this.#keyText(keyStart, keyEnd);
    if (seen.has(key)) {
      this.#refuse('duplicate_key', keyStart, `the key ${JSON.stringify(key)} stands twice; send it once`, key);
      return null;
    }
    if (key === '__proto__') {
      this.#refuse('bad_request', keyStart, 'the key "__proto__" is not allowed', key);
      return null;
    }
    seen.add(key);
    const start = this.#afterColon(keyEnd);
    const end = start === broken ? broken : this.#skipValue(start, 1);
    if (end === broken) return null;
    const kind = kindOf(this.#body[start] ?? 0);
    return { key, keyStart, keyEnd, start, end, kind, entries: kind === 'array' ? this.#entries : 0 };
  }

  #keyText(start: number, end: number): string {
    const text = utf8Text(this.#body, start + 1, end - 1);
    if (!text.includes('\\')) return text;
    // The scan has proved that this is a JSON string, so it decodes to one.
    return String(JSON.parse(`"${text}"`));
  }

  #skipValue(at: number, depth: number): number {
    const byte = this.#body[at] ?? 0;
    switch (byte) {
      case quote:
        return this.#skipString(at);
      case openBrace:
        return this.#skipObject(at, depth + 1);
      case openBracket:
        return this.#skipArray(at, depth + 1);
      case 0x74:
        return this.#skipWord(at, 'true');
      case 0x66:
        return this.#skipWord(at, 'false');
      case 0x6e:
        return this.#skipWord(at, 'null');
      default:
        return byte === minus || isDigit(byte) ? this.#skipNumber(at) : this.#expected(at, 'a JSON value');
    }
  }

  #skipObject(start: number, depth: number): number {
    if (depth > this.#limits.depthMax) return this.#tooDeep(start);
    let at = this.#afterSpace(start + 1);
    if (this.#body[at] === closeBrace) return at + 1;
    for (;;) {
      at = this.#skipKey(at);
      if (at === broken) return broken;
      at = this.#afterColon(at);
      if (at === broken) return broken;
      at = this.#skipValue(at, depth);
      if (at === broken) return broken;
      at = this.#afterSpace(at);
      if (this.#body[at] === closeBrace) return at + 1;
      if (this.#body[at] !== comma) return this.#expected(at, "',' or '}'");
      at = this.#afterSpace(at + 1);
    }
  }

  #skipArray(start: number, depth: number): number {
    if (depth > this.#limits.depthMax) return this.#tooDeep(start);
    let at = this.#afterSpace(start + 1);
    let entries = 0;
    if (this.#body[at] === closeBracket) return this.#arrayEnd(at, entries);
    for (;;) {
      at = this.#skipValue(at, depth);
      if (at === broken) return broken;
      entries += 1;
      at = this.#afterSpace(at);
      if (this.#body[at] === closeBracket) return this.#arrayEnd(at, entries);
      if (this.#body[at] !== comma) return this.#expected(at, "',' or ']'");
      at = this.#afterSpace(at + 1);
    }
  }

  #arrayEnd(at: number, entries: number): number {
    this.#entries = entries;
    return at + 1;
  }

  #skipKey(at: number): number {
    return this.#body[at] === quote ? this.#skipString(at) : this.#expected(at, 'a key in double quotes');
  }

  #afterColon(keyEnd: number): number {
    const at = this.#afterSpace(keyEnd);
    return this.#body[at] === colon ? this.#afterSpace(at + 1) : this.#expected(at, "':' after the key");
  }

  /** The loop that sees most bytes of a request; UTF-8 was checked before, natively. */
  #skipString(start: number): number {
    const body = this.#body;
    const length = body.length;
    let at = start + 1;
    while (at < length) {
      const byte = body[at] ?? 0;
      if (byte === quote) return at + 1;
      if (byte === backslash) {
        at = this.#skipEscape(at);
        if (at === broken) return broken;
      } else if (byte < spaceByte) {
        return this.#refuse('invalid_json', at, `${nameOf(byte)} stands unescaped in a string; escape it`);
      } else {
        at += 1;
      }
    }
    return this.#expected(length, "the closing '\"' of a string");
  }

  #skipEscape(at: number): number {
    const letter = this.#body[at + 1];
    if (letter === 0x75) {
      for (let digit = at + 2; digit < at + 6; digit++) {
        if (!isHexDigit(this.#body[digit])) return this.#expected(digit, 'four hexadecimal digits after "\\u"');
      }
      return at + 6;
    }
    return isShortEscape(letter) ? at + 2 : this.#expected(at + 1, 'an escape (one of "\\/bfnrtu) after a backslash');
  }

  #skipNumber(start: number): number {
    let at = this.#body[start] === minus ? start + 1 : start;
    if (!isDigit(this.#body[at])) return this.#expected(at, "a digit after '-'");
    at = this.#body[at] === zero ? at + 1 : this.#afterDigits(at);
    if (this.#body[at] === point) {
      if (!isDigit(this.#body[at + 1])) return this.#expected(at + 1, "a digit after '.'");
      at = this.#afterDigits(at + 1);
    }
    const exponent = this.#body[at];
    if (exponent === 0x65 || exponent === 0x45) {
      const sign = this.#body[at + 1];
      const digits = sign === plus || sign === minus ? at + 2 : at + 1;
      if (!isDigit(this.#body[digits])) return this.#expected(digits, 'a digit in the exponent');
      at = this.#afterDigits(digits);
    }
    return at;
  }

  #skipWord(start: number, word: string): number {
    for (let index = 0; index < word.length; index++) {
      if (this.#body[start + index] !== word.charCodeAt(index)) return this.#expected(start + index, `'${word}'`);
    }
    return start + word.length;
  }

  #afterDigits(start: number): number {
    let at = start;
    while (isDigit(this.#body[at])) at += 1;
    return at;
  }

  #afterSpace(start: number): number {
    const body = this.#body;
    let at = start;
    for (;;) {
      const byte = body[at];
      if (byte !== spaceByte && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
      at += 1;
    }
  }

  #tooDeep(at: number): number {
    return this.#refuse('bad_request', at, `objects and arrays are nested deeper than ${this.#limits.depthMax} levels`);
  }

  #expected(at: number, what: string): number {
    const byte = this.#body[at];
    const found = byte === undefined ? 'the body ends' : `${nameOf(byte)} was found`;
    return this.#refuse('invalid_json', Math.min(at, this.#body.length), `${what} was expected, but ${found}`);
  }

  /** Keeps the first trouble only: what follows it is noise. */
  #refuse(code: ScanFault['code'], offset: number, what: string, key?: string): number {
    this.#trouble ??= { code, offset, what, ...(key === undefined ? {} : { key }) };
    return broken;
  }
}

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
  // Bytes 10xxxxxx continue a character and do not start one.
  for (let at = lineStart; at < offset; at++) if (((body[at] ?? 0) & 0xc0) !== 0x80) column += 1;
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
