const blockEnd = Buffer.from('\r\n\r\n');

/**
 * Gathers the bytes of a header block up to its empty line, however they are split. All blocks of one answer, those of interim answers and of
 * trailers too, share one allowance.
 */
export class HeaderBlock {
  readonly #bytesMax: number;
  #bytesLeft = 0;
  #partial = '';
  /** The lines before the empty line, once it has come. */
  text: string | null = null;
  tooLarge = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Text of a block whose end has not come yet. */
  get partial(): string {
    return this.#partial;
  }

  /** Makes ready for the first block of an answer. */
  begin(): void {
    this.#bytesLeft = this.#bytesMax;
    this.tooLarge = false;
    this.next('');
  }

  /** @param before What the block begins with, as if it had been read: "\r\n" where it may consist of the empty line alone. */
  next(before: string): void {
    this.#partial = before;
    this.text = null;
  }

  /** Reads on. @returns where it stopped: after the empty line, or at the end. */
  read(bytes: Buffer, at: number): number {
    if (this.#partial === '') {
      const end = bytes.indexOf(blockEnd, at);
      if (end >= 0) return this.#complete(bytes.toString('latin1', at, end), end + blockEnd.length - at, at);
    }
    return this.#readOn(bytes, at);
  }

  #readOn(bytes: Buffer, at: number): number {
    const before = this.#partial.length;
    // Never more than the allowance and one empty line, or a body behind the block would be made into text as well.
    const until = Math.min(bytes.length, at + this.#bytesLeft + blockEnd.length);
    const text = this.#partial + bytes.toString('latin1', at, until);
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - blockEnd.length + 1));
    if (end >= 0) return this.#complete(text.slice(0, end), end + blockEnd.length - before, at);
    this.#partial = text;
    this.#spend(until - at);
    return until;
  }

  #complete(text: string, bytes: number, at: number): number {
    this.text = text;
    this.#spend(bytes);
    return at + bytes;
  }

  #spend(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0) this.tooLarge = true;
  }
}
