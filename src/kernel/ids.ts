// Identities that carry their time: UUID version 7 (RFC 9562), made before the act they name.

declare const attemptIdBrand: unique symbol;
declare const requestIdBrand: unique symbol;

/** Identity of one call to one target; a UUIDv7 made before the call. */
export type AttemptId = string & { readonly [attemptIdBrand]: true };
/** Identity of one client request; a UUIDv7. */
export type RequestId = string & { readonly [requestIdBrand]: true };

/** Fills an array with unpredictable bytes; `crypto.getRandomValues` in the program, seeded in tests. */
export type RandomBytes = (target: Uint8Array<ArrayBuffer>) => void;

/** Random bytes are taken from their source for so many ids at once: asking costs more than the bytes. */
const idsAhead = 256;
const idBytes = 16;

const dash = 0x2d;
/** Character codes of the hexadecimal digits. */
const hexCodes = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Where the two digits of each byte stand in the text, behind the dashes before them. */
const digitsAt = Uint8Array.from([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]);
const textLength = 36;

/** Makes UUIDv7 strings that never go backwards within one maker, even when the wall clock does. */
export class UuidV7Maker {
  #lastMs = 0;
  #counter = 0;
  /** Ids in the making, one behind the other: random where their time and counter will not stand. */
  readonly #ahead = new Uint8Array(idBytes * idsAhead);
  #nextAt = idBytes * idsAhead;
  readonly #codes = Array.from({ length: textLength }, () => dash);
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** @param nowMs Unix time in milliseconds. */
  next(nowMs: number): string {
    const bytes = this.#ahead;
    const at = this.#take();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = ((bytes[at + 6] ?? 0) & 0x07) * 256 + (bytes[at + 7] ?? 0);
    } else if (++this.#counter > 0xfff) {
      this.#lastMs += 1;
      this.#counter = 0;
    }
    const ms = this.#lastMs;
    bytes[at] = Math.floor(ms / 0x10000000000) & 0xff;
    bytes[at + 1] = Math.floor(ms / 0x100000000) & 0xff;
    bytes[at + 2] = (ms >>> 24) & 0xff;
    bytes[at + 3] = (ms >>> 16) & 0xff;
    bytes[at + 4] = (ms >>> 8) & 0xff;
    bytes[at + 5] = ms & 0xff;
    bytes[at + 6] = 0x70 | (this.#counter >> 8);
    bytes[at + 7] = this.#counter & 0xff;
    bytes[at + 8] = 0x80 | ((bytes[at + 8] ?? 0) & 0x3f);
    return this.#textOf(at);
  }

  /** In one piece: a text that is put together part by part is pulled straight by each who writes or compares it. */
  #textOf(at: number): string {
    const bytes = this.#ahead;
    const codes = this.#codes;
    for (let index = 0; index < idBytes; index++) {
      const byte = bytes[at + index] ?? 0;
      const digitAt = digitsAt[index] ?? 0;
      codes[digitAt] = hexCodes[byte >> 4] ?? dash;
      codes[digitAt + 1] = hexCodes[byte & 0x0f] ?? dash;
    }
    return String.fromCharCode(...codes);
  }

  /** @returns where the bytes of the next id begin. */
  #take(): number {
    if (this.#nextAt === this.#ahead.length) {
      this.#random(this.#ahead);
      this.#nextAt = 0;
    }
    const at = this.#nextAt;
    this.#nextAt += idBytes;
    return at;
  }

  nextAttemptId(nowMs: number): AttemptId {
    return this.next(nowMs) as AttemptId;
  }

  nextRequestId(nowMs: number): RequestId {
    return this.next(nowMs) as RequestId;
  }
}

const uuidV7TimeMax = 2 ** 48 - 1;
/** Bytes of a UUIDv7 that are not its time. */
const uuidV7RestBytes = idBytes - 6;

/**
 * The UUIDv7 of a time and of bytes that stand for what it names, such as a digest: the same of both is the same id.
 * @param timeMs Unix time in whole milliseconds. @param bytes At least ten; 74 bits of the first ten are taken.
 * @throws RangeError where the time is none that a UUIDv7 holds, or the bytes are too few.
 */
export const uuidV7Of = (timeMs: number, bytes: Uint8Array): string => {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > uuidV7TimeMax)
    throw new RangeError(`no time of a UUIDv7: ${timeMs}`);
  if (bytes.length < uuidV7RestBytes) throw new RangeError(`too few bytes for a UUIDv7: ${bytes.length}`);
  const rest = bytes.slice(0, uuidV7RestBytes);
  rest[0] = 0x70 | ((rest[0] ?? 0) & 0x0f);
  rest[2] = 0x80 | ((rest[2] ?? 0) & 0x3f);
  const digits = timeMs.toString(16).padStart(12, '0') + Array.from(rest, hexOf).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

const uuidV7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether a text is a lower-case UUIDv7. */
export const isUuidV7 = (text: string): boolean => uuidV7Pattern.test(text);

/** Reads an attempt id at a border. @throws RangeError when it is no UUIDv7. */
export const parseAttemptId = (text: string): AttemptId => {
  if (!isUuidV7(text)) throw new RangeError(`not a UUIDv7: ${JSON.stringify(text)}`);
  return text as AttemptId;
};

/** Unix milliseconds carried by a UUIDv7. */
export const uuidV7TimeMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

interface Month {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

const monthOf = (timeMs: number): Month => {
  const date = new Date(timeMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { name: date.toISOString().slice(0, 7), fromMs: Date.UTC(year, month), untilMs: Date.UTC(year, month + 1) };
};

/** The month that was asked for last: almost always that of the next id, too. */
let lastMonth = monthOf(0);

/** The UTC month a UUIDv7 belongs to, "2026-11": the ledger's partition. */
export const uuidV7Month = (id: string): string => {
  const timeMs = uuidV7TimeMs(id);
  if (timeMs < lastMonth.fromMs || timeMs >= lastMonth.untilMs) lastMonth = monthOf(timeMs);
  return lastMonth.name;
};
