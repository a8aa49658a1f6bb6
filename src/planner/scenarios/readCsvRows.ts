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
  #line: number;
  #lineStart = 0;

  /** @param line The line that the text begins with. */
  constructor(text: string, separator: CsvSeparator, line = 1) {
    this.#text = text;
    this.#separator = separator;
    this.#line = line;
    // A byte order mark is of no line.
    this.#at = line === 1 && text.startsWith('\uFEFF') ? 1 : 0;
    this.#lineStart = this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** How much of the text was read. */
  get at(): number {
    return this.#at;
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
    if (!this.atEnd) {
      this.#at += 1;
      this.#line += 1;
      this.#lineStart = this.#at;
    }
    return false;
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
    const from = this.#at + 1;
    let end = this.#text.indexOf('"', from);
    while (end >= 0 && this.#text[end + 1] === '"') end = this.#text.indexOf('"', end + 2);
    this.#at = end < 0 ? this.#text.length : end;
    if (end < 0) return null;
    const text = this.#text.slice(from, end);
    for (let line = text.indexOf('\n'); line >= 0; line = text.indexOf('\n', line + 1)) {
      this.#line += 1;
      this.#lineStart = from + line + 1;
    }
    this.#at = end + 1;
    return text.replaceAll('""', '"');
  }
}

const isEmpty = (row: readonly CsvCell[]): boolean => row.length === 1 && row[0]?.text === '';

/** The next row, which may be an empty line, or what is wrong with it. */
const nextRow = (reader: CellReader, file: string): readonly CsvCell[] | ConfigurationFault => {
  const row: CsvCell[] = [];
  do {
    const { line, column } = reader;
    const cell = reader.cell();
    if ('what' in cell) return { file, line, column, ...cell };
    row.push(cell);
  } while (reader.nextCell());
  return row;
};

/** Rows up to the end of a text, without its empty ones. The first that cannot be read is a fault and ends it. */
function* rowsOf(reader: CellReader, file: string): Generator<readonly CsvCell[], ConfigurationFault | null> {
  while (!reader.atEnd) {
    const row = nextRow(reader, file);
    if ('what' in row) return row;
    if (!isEmpty(row)) yield row;
  }
  return null;
}

/** Rows of a text with separated values (RFC 4180; also with semicolons or tabs), without its empty ones. The first that cannot be read is a fault and ends it. */
export const readCsvRows = (
  text: string,
  file: string,
  separator: CsvSeparator,
): Generator<readonly CsvCell[], ConfigurationFault | null> => rowsOf(new CellReader(text, separator), file);

/** Longest row that is read in pieces, in UTF-16 units: a quote that is never closed must not gather a whole file. */
const rowLengthMax = 4 * 1024 * 1024;

/** Reads the same rows of a text that comes in pieces: what is held is one piece and one row, however long the text is. */
export class CsvRowStream {
  readonly #file: string;
  #separator: CsvSeparator | null = null;
  #line = 1;
  #rest = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** The rows that are whole with this piece; a fault ends them, and nothing can be read after it. */
  *push(piece: string): Generator<readonly CsvCell[], ConfigurationFault | null> {
    const text = this.#rest + piece;
    this.#separator ??= /[\r\n]/.test(text) ? separatorOf(text) : null;
    this.#rest = text;
    if (this.#separator === null) return this.#overlong();
    const reader = new CellReader(text, this.#separator, this.#line);
    for (;;) {
      const { at, line } = reader;
      const row = nextRow(reader, this.#file);
      // What ends where the text does may go on in the next piece, and a quote may be closed there.
      if (reader.atEnd) {
        this.#rest = text.slice(at);
        this.#line = line;
        return this.#overlong();
      }
      if ('what' in row) return row;
      if (!isEmpty(row)) yield row;
    }
  }

  /** The rows that are left when no piece comes any more. */
  end(): Generator<readonly CsvCell[], ConfigurationFault | null> {
    return rowsOf(new CellReader(this.#rest, this.#separator ?? separatorOf(this.#rest), this.#line), this.#file);
  }

  #overlong(): ConfigurationFault | null {
    if (this.#rest.length <= rowLengthMax) return null;
    return {
      file: this.#file,
      line: this.#line,
      column: 1,
      what: `a row of more than ${rowLengthMax} characters`,
      mend: 'close the quote that is open in it, or export it as comma-separated values',
    };
  }
}
