/**
 * The arguments of one call while they are written. Each piece is looked at once, and the whole is put together only where it is asked for:
 * what a call costs grows with its length, however many pieces it comes in.
 */
export class WrittenArguments {
  /** The whole, once it was asked for, and what came since. */
  #pieces: string[] = [];
  #length = 0;
  /** What was not given out yet. */
  #waiting: string[] = [];
  /** What the first character that is no space says. */
  #opening: 'none' | 'object' | 'other' = 'none';
  #endsLikeObject = false;

  constructor(text = '') {
    this.add(text);
  }

  /** Whether the last character that is no space could be the end of an object. */
  get endsLikeObject(): boolean {
    return this.#endsLikeObject;
  }

  get length(): number {
    return this.#length;
  }

  get text(): string {
    const [first = ''] = this.#pieces;
    if (this.#pieces.length <= 1) return first;
    const text = this.#pieces.join('');
    this.#pieces = [text];
    return text;
  }

  /** Whether this stands for "no arguments". */
  get isEmpty(): boolean {
    if (this.#opening === 'object') return false;
    const text = this.text.trim();
    return text === '' || text === 'null';
  }

  add(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#length += piece.length;
    this.#waiting.push(piece);
    const said = piece.trim();
    if (said === '') return;
    this.#endsLikeObject = said.endsWith('}');
    if (this.#opening === 'none') this.#opening = said.startsWith('{') ? 'object' : 'other';
  }

  /** What is new since the last time, once the arguments have begun as an object; nothing before. */
  take(): string {
    return this.#opening === 'object' ? this.takeAll() : '';
  }

  /** What is new since the last time, whatever it is. */
  takeAll(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    return text;
  }
}
