import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import { ObjectEnd } from './ObjectEnd.ts';

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
  readonly #end = new ObjectEnd();
  /** What was not looked through for the end of the object. */
  #unread: string[] = [];
  #isWhole: boolean | null = null;

  constructor(text = '') {
    this.add(text);
  }

  /** Whether they are an object to which nothing but space can follow. It is decoded once only, where its brackets are closed. */
  get isWhole(): boolean {
    this.#end.read(this.#unread.join(''));
    this.#unread = [];
    if (!this.#end.isReached) return false;
    this.#isWhole ??= isJsonObject(parseJson(this.text));
    return this.#isWhole;
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
    this.#unread.push(piece);
    if (this.#opening !== 'none') return;
    const said = piece.trim();
    if (said !== '') this.#opening = said.startsWith('{') ? 'object' : 'other';
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
