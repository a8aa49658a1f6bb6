const space = /\s/;

/** Finds where the JSON text of an object ends, piece by piece, by its brackets alone: each character is looked at once, and whether it is JSON is for others to say. */
export class ObjectEnd {
  #state: 'before' | 'open' | 'closed' | 'beyond' = 'before';
  #depth = 0;
  #inText = false;
  #isEscaped = false;

  /** Whether the object has ended, with nothing but space behind it. */
  get isReached(): boolean {
    return this.#state === 'closed';
  }

  read(piece: string): void {
    for (let at = 0; at < piece.length && this.#state !== 'beyond'; at++) this.#take(piece.charAt(at));
  }

  #take(letter: string): void {
    if (this.#inText) this.#takeInText(letter);
    else if (this.#state === 'open') this.#takeSign(letter);
    else if (!space.test(letter)) this.#begin(letter);
  }

  #takeInText(letter: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (letter === '\\') this.#isEscaped = true;
    else if (letter === '"') this.#inText = false;
  }

  #takeSign(letter: string): void {
    if (letter === '"') this.#inText = true;
    else if (letter === '{' || letter === '[') this.#depth += 1;
    else if (letter === '}' || letter === ']') this.#depth -= 1;
    if (this.#depth === 0) this.#state = 'closed';
  }

  /** What is no object, or stands behind one, never comes to such an end. */
  #begin(letter: string): void {
    this.#state = this.#state === 'before' && letter === '{' ? 'open' : 'beyond';
    this.#depth = 1;
  }
}
