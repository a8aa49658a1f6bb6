import type { UpstreamSink } from '../Transport.ts';
import { ChunkReader } from './ChunkReader.ts';
import { HeaderBlock } from './HeaderBlock.ts';
import { earlyFlaw, readAnswerHead, type AnswerHead } from './readAnswerHead.ts';

/** Who hears what is read: the end is for whoever holds the connection to tell. */
export type AnswerListener = Pick<UpstreamSink, 'head' | 'chunk'>;

/**
 * Reads the bytes of one answer after the other, split anywhere. Strict: where two readers could see two different answers, it sees none.
 * One step tells its listener one thing at most, so that a listener can stop the reading after each.
 */
export class AnswerReader {
  readonly #block: HeaderBlock;
  readonly #chunks: ChunkReader;
  #phase: 'head' | 'sized' | 'chunked' | 'untilClose' | 'whole' = 'head';
  #method = '';
  #left = 0;
  #flaw: string | null = null;
  #idleMsMax = 0;

  constructor(headerBytesMax: number) {
    this.#block = new HeaderBlock(headerBytesMax);
    this.#chunks = new ChunkReader(this.#block);
  }

  /** What is wrong with the answer, or null. */
  get flaw(): string | null {
    return this.#flaw;
  }

  /** Whether the answer has come to its end. */
  get whole(): boolean {
    return this.#phase === 'whole';
  }

  /** Whether there is nothing more to read of this answer. */
  get over(): boolean {
    return this.#phase === 'whole' || this.#flaw !== null;
  }

  /** Whether the end of the connection is the end of the answer. */
  get endsByClose(): boolean {
    return this.#phase === 'untilClose';
  }

  /** See AnswerHead. */
  get idleMsMax(): number {
    return this.#idleMsMax;
  }

  /** @param method Of the request that is answered. */
  begin(method: string): void {
    this.#block.begin();
    this.#phase = 'head';
    this.#method = method;
    this.#flaw = null;
  }

  /** Reads on, up to one head or one piece of content. @returns where it stopped. */
  step(bytes: Buffer, at: number, listener: AnswerListener): number {
    switch (this.#phase) {
      case 'head':
        return this.#head(bytes, at, listener);
      case 'sized':
        return this.#sized(bytes, at, listener);
      case 'chunked':
        return this.#chunked(bytes, at, listener);
      case 'untilClose':
        listener.chunk(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
      case 'whole':
        return at;
    }
  }

  #head(bytes: Buffer, at: number, listener: AnswerListener): number {
    const end = this.#block.read(bytes, at);
    const { text, partial, tooLarge } = this.#block;
    if (tooLarge) this.#flaw = 'a header block larger than the limit';
    else if (text === null) this.#flaw = earlyFlaw(partial);
    else this.#headComplete(text, listener);
    return end;
  }

  #headComplete(text: string, listener: AnswerListener): void {
    const read = readAnswerHead(text, this.#method);
    if (!read.ok) this.#flaw = read.fault;
    // Nobody asked for another protocol, and what follows would be in its words.
    else if (read.value.status === 101) this.#flaw = 'a switch of protocols';
    else if (read.value.status < 200) this.#interim(text);
    else this.#answer(read.value, listener);
  }

  /** HTTP/1.0 knows none: what follows such a one is anybody's guess. */
  #interim(text: string): void {
    if (text.startsWith('HTTP/1.0')) this.#flaw = 'an interim answer of HTTP/1.0';
    else this.#block.next('');
  }

  #answer({ status, headers, framing, idleMsMax }: AnswerHead, listener: AnswerListener): void {
    this.#idleMsMax = idleMsMax;
    this.#phase = framing.kind;
    if (framing.kind === 'chunked') this.#chunks.begin();
    else if (framing.kind === 'sized') this.#size(framing.bytes);
    listener.head(status, headers);
  }

  #size(bytes: number): void {
    this.#left = bytes;
    if (bytes === 0) this.#phase = 'whole';
  }

  #sized(bytes: Buffer, at: number, listener: AnswerListener): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#size(this.#left - (end - at));
    listener.chunk(bytes.subarray(at, end));
    return end;
  }

  #chunked(bytes: Buffer, at: number, listener: AnswerListener): number {
    const end = this.#chunks.read(bytes, at, listener);
    if (this.#chunks.flaw !== null) this.#flaw = this.#chunks.flaw;
    else if (this.#chunks.whole) this.#phase = 'whole';
    return end;
  }
}
