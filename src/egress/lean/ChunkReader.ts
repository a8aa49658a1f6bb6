import type { HeaderBlock } from './HeaderBlock.ts';
import { readHeaderLines } from './readHeaderLines.ts';

const cr = 13;
const lf = 10;
const semicolon = 59;

/** More hexadecimal digits than these cannot be counted exactly. */
const sizeDigitsMax = 13;

/** Bytes of extensions that one chunk may carry: they mean nothing to us. */
const extensionBytesMax = 1_024;

const digitOf = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

const isBlank = (byte: number): boolean => byte === 32 || byte === 9;
const isText = (byte: number): boolean => byte === 9 || (byte >= 32 && byte !== 127);

type Phase = 'size' | 'blank' | 'extension' | 'sizeEnd' | 'data' | 'dataCr' | 'dataLf' | 'trailers' | 'whole';

/** Reads a chunked body, split anywhere. Extensions and trailers are checked and left out. */
export class ChunkReader {
  readonly #block: HeaderBlock;
  #phase: Phase = 'size';
  #digits = 0;
  #left = 0;
  #extensionBytes = 0;
  /** What is wrong with the framing; nothing is read after that. */
  flaw: string | null = null;

  /** @param block Gathers the trailers, at the cost of the allowance for headers. */
  constructor(block: HeaderBlock) {
    this.#block = block;
  }

  get whole(): boolean {
    return this.#phase === 'whole';
  }

  begin(): void {
    this.flaw = null;
    this.#nextChunk();
  }

  /** Reads on up to and with the next piece of content. @returns where it stopped. */
  read(bytes: Buffer, from: number, sink: { chunk(bytes: Buffer): void }): number {
    for (let at = from; at < bytes.length; at += 1) {
      if (this.#phase === 'data') return this.#data(bytes, at, sink);
      if (this.#phase === 'trailers') return this.#trailers(bytes, at);
      this.#framing(bytes[at] ?? 0);
      if (this.flaw !== null) return at;
    }
    return bytes.length;
  }

  #nextChunk(): void {
    this.#phase = 'size';
    this.#digits = 0;
    this.#left = 0;
    this.#extensionBytes = 0;
  }

  #data(bytes: Buffer, at: number, sink: { chunk(bytes: Buffer): void }): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#phase = 'dataCr';
    sink.chunk(bytes.subarray(at, end));
    return end;
  }

  /** Takes one byte of what stands around the content. */
  #framing(byte: number): void {
    switch (this.#phase) {
      case 'size':
        return this.#size(byte);
      case 'blank':
        return this.#blank(byte);
      case 'extension':
        return this.#extension(byte);
      case 'sizeEnd':
        return byte === lf ? this.#sizeEnd() : this.#wrong('a chunk size without its line end');
      case 'dataCr':
        return byte === cr ? this.#enter('dataLf') : this.#wrong('a chunk longer than its size');
      case 'dataLf':
        return byte === lf ? this.#nextChunk() : this.#wrong('a chunk without its line end');
      case 'data':
      case 'trailers':
      case 'whole':
    }
  }

  #size(byte: number): void {
    const digit = digitOf(byte);
    if (digit >= 0 && this.#digits < sizeDigitsMax) {
      this.#left = this.#left * 16 + digit;
      this.#digits += 1;
    } else if (this.#digits === 0 || digit >= 0) this.#wrong('a malformed chunk size');
    else if (byte === cr) this.#enter('sizeEnd');
    else if (byte === semicolon) this.#enter('extension');
    else if (isBlank(byte)) this.#enter('blank');
    else this.#wrong('a malformed chunk size');
  }

  /** Blanks may stand before an extension, and only there. */
  #blank(byte: number): void {
    this.#extensionBytes += 1;
    if (byte === semicolon) this.#enter('extension');
    else if (!isBlank(byte) || this.#extensionBytes > extensionBytesMax) this.#wrong('a malformed chunk size');
  }

  #extension(byte: number): void {
    this.#extensionBytes += 1;
    if (byte === cr) this.#enter('sizeEnd');
    else if (!isText(byte) || this.#extensionBytes > extensionBytesMax) this.#wrong('a malformed chunk extension');
  }

  #sizeEnd(): void {
    if (this.#left > 0) return this.#enter('data');
    this.#block.next('\r\n');
    this.#enter('trailers');
  }

  #trailers(bytes: Buffer, at: number): number {
    const end = this.#block.read(bytes, at);
    const { text, tooLarge } = this.#block;
    if (tooLarge) this.#wrong('trailers larger than the limit');
    else if (text !== null && readHeaderLines(text, 2) === null) this.#wrong('a malformed trailer');
    else if (text !== null) this.#enter('whole');
    return end;
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
  }

  #wrong(flaw: string): void {
    this.flaw = flaw;
  }
}
