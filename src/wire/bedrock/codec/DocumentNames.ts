/** Longest name of a document, in characters. */
const lengthMax = 200;

/** Room that is left for what tells apart two of one name. */
const suffixLengthMax = 8;

/**
 * Names of the documents of one conversation as the vendor takes them: "alphanumeric characters, whitespace characters (no more than one in a row), hyphens, parentheses, square
 * brackets" (`DocumentBlock.name`), each once.
 */
export class DocumentNames {
  readonly #used = new Set<string>();
  /** The number to try next, by name: counting anew for each file would take ever longer. */
  readonly #numbers = new Map<string, number>();

  next(name: string | null): string {
    const plain = (name ?? '').replace(/[^a-zA-Z0-9 \-()[\]]+/g, '-').replace(/ +/g, ' ');
    const short = plain.slice(0, lengthMax - suffixLengthMax).trim();
    const wanted = short === '' ? 'Document' : short;
    const next = this.#used.has(wanted) ? this.#numbered(wanted) : wanted;
    this.#used.add(next);
    return next;
  }

  #numbered(wanted: string): string {
    let number = this.#numbers.get(wanted) ?? 2;
    // A file may have had a name with a number of its own.
    while (this.#used.has(`${wanted} (${number})`)) number += 1;
    this.#numbers.set(wanted, number + 1);
    return `${wanted} (${number})`;
  }
}
