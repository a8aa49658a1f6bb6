import type { ConfigurationFault } from '../../config/index.ts';

/** One cell and where it begins: line and column count from 1, columns in UTF-16 units. */
export interface CsvCell {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** What separates cells: a comma, or what spreadsheets write where the comma is in numbers, or tabs. */
export type CsvSeparator = ',' | ';' | '\t';

/** The separator that the first line has most of; a comma where it has none. */
export const separatorOf = (text: string): CsvSeparator => {
  const header = text.slice(0, Math.max(0, text.search(/[\r\n]|$/)));
  const count = (separator: CsvSeparator): number => header.split(separator).length;
  return ([';', '\t'] as const).reduce<CsvSeparator>((best, one) => (count(one) > count(best) ? one : best), ',');
};

/** Reads one cell after the other and knows where it stands. */
class CellReader {
  readonly #text: string;
  readonly #separator: CsvSeparator;
  #at: number;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, separator: CsvSeparator) {
    this.#text = text;
    this.#separator = separator;
    // A byte order mark is of no line.
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
    this.#lineStart = this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get column(): number {
    return this.#at - this.#lineStart + 1;
  }

  get line(): number {
    return this.#line;
  }

  /** The next cell, or what is wrong with it. */
  cell(): CsvCell | { readonly what: string; readonly mend: string } {
    const { line, column } = this;
    if (this.#text[this.#at] !== '"') return { text: this.#bare(), line, column };
    const text = this.#quoted();
    if (text === null)
      return { what: 'a quote is never closed', mend: 'close it, or double a quote that is meant as one' };
    const next = this.#text[this.#at];
    if (next === undefined || next === this.#separator || next === '\n' || next === '\r') return { text, line, column };
    return {
      what: 'something follows a closed quote',
      mend: 'put the whole cell in quotes, and double quotes within it',
    };
  }

  /** Steps over a separator; false where the row ends instead, which is stepped over too. */
  nextCell(): boolean {
    const next = this.#text[this.#at];
    if (next === this.#separator) {
      this.#at += 1;
      return true;
    }
    if (next === '\r' && this.#text[this.#at + 1] === '\n') this.#at += 1;
    if (!this.atEnd) this.#newLine();
    return false;
  }

  #newLine(): void {
    this.#at += 1;
    this.#line += 1;
    this.#lineStart = this.#at;
  }

  #bare(): string {
    const from = this.#at;
    for (; !this.atEnd; this.#at++) {
      const next = this.#text[this.#at];
      if (next === this.#separator || next === '\n' || next === '\r') break;
    }
    return this.#text.slice(from, this.#at).trim();
  }

  #quoted(): string | null {
    let text = '';
    this.#at += 1;
    while (!this.atEnd) {
      const next = this.#text[this.#at];
      if (next === '"' && this.#text[this.#at + 1] !== '"') {
        this.#at += 1;
        return text;
      }
      if (next === '"') this.#at += 1;
      text += next;
      if (next === '\n') this.#newLine();
      else this.#at += 1;
    }
    return null;
  }
}

/** Rows of a text with separated values (RFC 4180; also with semicolons or tabs), without its empty ones. The first that cannot be read is a fault and ends it. */
export function* readCsvRows(
  text: string,
  file: string,
  separator: CsvSeparator,
): Generator<readonly CsvCell[], ConfigurationFault | null> {
  const reader = new CellReader(text, separator);
  while (!reader.atEnd) {
    const row: CsvCell[] = [];
    do {
      const { line, column } = reader;
      const cell = reader.cell();
      if ('what' in cell) return { file, line, column, ...cell };
      row.push(cell);
    } while (reader.nextCell());
    if (row.length > 1 || row[0]?.text !== '') yield row;
  }
  return null;
}
