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

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Makes UUIDv7 strings that never go backwards within one maker, even when the wall clock does. */
export class UuidV7Maker {
  #lastMs = 0;
  #counter = 0;
  readonly #bytes = new Uint8Array(idBytes);
  readonly #ahead = new Uint8Array(idBytes * idsAhead);
  #aheadUsed = idBytes * idsAhead;
  readonly #random: RandomBytes;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  /** @param nowMs Unix time in milliseconds. */
  next(nowMs: number): string {
    const bytes = this.#randomBytes();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = ((bytes[6] ?? 0) & 0x07) * 256 + (bytes[7] ?? 0);
    } else if (++this.#counter > 0xfff) {
      this.#lastMs += 1;
      this.#counter = 0;
    }
    const ms = this.#lastMs;
    bytes[0] = Math.floor(ms / 0x10000000000) & 0xff;
    bytes[1] = Math.floor(ms / 0x100000000) & 0xff;
    bytes[2] = (ms >>> 24) & 0xff;
    bytes[3] = (ms >>> 16) & 0xff;
    bytes[4] = (ms >>> 8) & 0xff;
    bytes[5] = ms & 0xff;
    bytes[6] = 0x70 | (this.#counter >> 8);
    bytes[7] = this.#counter & 0xff;
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    let text = '';
    for (let index = 0; index < 16; index++) {
      if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
      text += hex[bytes[index] ?? 0];
    }
    return text;
  }

  #randomBytes(): Uint8Array {
    if (this.#aheadUsed === this.#ahead.length) {
      this.#random(this.#ahead);
      this.#aheadUsed = 0;
    }
    this.#bytes.set(this.#ahead.subarray(this.#aheadUsed, this.#aheadUsed + idBytes));
    this.#aheadUsed += idBytes;
    return this.#bytes;
  }

  nextAttemptId(nowMs: number): AttemptId {
    return this.next(nowMs) as AttemptId;
  }

  nextRequestId(nowMs: number): RequestId {
    return this.next(nowMs) as RequestId;
  }
}

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

/** The UTC month a UUIDv7 belongs to, "2026-11": the ledger's partition. */
export const uuidV7Month = (id: string): string => new Date(uuidV7TimeMs(id)).toISOString().slice(0, 7);
