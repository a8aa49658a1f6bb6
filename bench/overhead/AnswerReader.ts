const emptyBytes: Buffer = Buffer.alloc(0);
const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const lineFeed = 10;

type Place = 'head' | 'length' | 'chunkSize' | 'chunk' | 'chunkEnd' | 'lastLine' | 'over';

/**
 * Reads HTTP/1.1 answers of one connection as the load's client does: status, decoded bytes, events. It knows lengths and chunks, nothing else, and
 * costs little, since it shares the cores with what is measured.
 */
export class AnswerReader {
  #place: Place = 'head';
  #left: Buffer = emptyBytes;
  #missing = 0;
  #endsLine = false;
  #kept: Buffer[] | null;
  status = 0;
  /** Header block of the answer, without its end. */
  head = '';
  /** Decoded bytes of the body so far. */
  bodyBytes = 0;
  /** Empty lines in the body so far: each ends an event of a stream. */
  events = 0;

  /** @param keepBody Whether the body is kept for `body`. */
  constructor(keepBody: boolean) {
    this.#kept = keepBody ? [] : null;
  }

  /** Whether the answer is whole. */
  get over(): boolean {
    return this.#place === 'over';
  }

  get body(): Buffer {
    return Buffer.concat(this.#kept ?? []);
  }

  /** Begins at the next answer. */
  reset(): void {
    this.#place = 'head';
    this.#endsLine = false;
    if (this.#kept) this.#kept = [];
    this.status = 0;
    this.bodyBytes = 0;
    this.events = 0;
  }

  /** @throws Error where the bytes are no answer, or go on behind its end. */
  push(bytes: Buffer): void {
    const input = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    this.#left = emptyBytes;
    let at = 0;
    while (at < input.length) {
      const next = this.#step(input, at);
      if (next < 0) {
        this.#left = input.subarray(at);
        return;
      }
      at = next;
    }
  }

  /** @returns where to read on, or -1 where more bytes are needed. */
  #step(input: Buffer, at: number): number {
    switch (this.#place) {
      case 'head':
        return this.#readHead(input, at);
      case 'length':
      case 'chunk':
        return this.#readContent(input, at);
      case 'chunkSize':
        return this.#readChunkSize(input, at);
      case 'chunkEnd':
        return this.#readLine(input, at, 'chunkSize');
      case 'lastLine':
        return this.#readLine(input, at, 'over');
      case 'over':
        throw new Error(`${input.length - at} bytes behind the end of an answer`);
    }
  }

  #readHead(input: Buffer, at: number): number {
    const end = input.indexOf(headEnd, at);
    if (end < 0) return -1;
    this.head = input.toString('latin1', at, end);
    this.status = Number(this.head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.head)?.[1];
    this.#missing = Number(length ?? 0);
    if (length === undefined && !/\r\ntransfer-encoding: *chunked/i.test(this.head))
      throw new Error(`an answer without length or chunks: ${this.head}`);
    if (length === undefined) this.#place = 'chunkSize';
    else this.#place = this.#missing === 0 ? 'over' : 'length';
    return end + headEnd.length;
  }

  #readChunkSize(input: Buffer, at: number): number {
    const end = input.indexOf(lineEnd, at);
    if (end < 0) return -1;
    this.#missing = Number.parseInt(input.toString('latin1', at, end), 16);
    if (!Number.isSafeInteger(this.#missing)) throw new Error('a chunk without a size');
    this.#place = this.#missing === 0 ? 'lastLine' : 'chunk';
    return end + lineEnd.length;
  }

  #readContent(input: Buffer, at: number): number {
    const to = Math.min(input.length, at + this.#missing);
    this.#content(input.subarray(at, to));
    this.#missing -= to - at;
    if (this.#missing === 0) this.#place = this.#place === 'chunk' ? 'chunkEnd' : 'over';
    return to;
  }

  #readLine(input: Buffer, at: number, then: Place): number {
    if (input.length - at < lineEnd.length) return -1;
    this.#place = then;
    return at + lineEnd.length;
  }

  #content(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    this.#kept?.push(bytes);
    if (this.#endsLine && bytes[0] === lineFeed) this.events += 1;
    for (let at = bytes.indexOf('\n\n'); at >= 0; at = bytes.indexOf('\n\n', at + 2)) this.events += 1;
    this.#endsLine = bytes.at(-1) === lineFeed && bytes.at(-2) !== lineFeed;
  }
}
