import type { Result } from '../../kernel/index.ts';
import { failure, success } from '../../kernel/index.ts';

/** One record and the line that it begins on, from 1; a cell in quotes may go over several. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvFault {
  readonly line: number;
  readonly message: string;
  readonly mend: string;
}

interface Cell {
  readonly text: string;
  /** Where the text goes on behind it. */
  readonly end: number;
}

/** Steps over what a bare cell may hold; null where a quote stands in it. */
const bareCell = (text: string, from: number): Cell | null => {
  const stop = /[",\r\n]/g;
  stop.lastIndex = from;
  const end = stop.exec(text)?.index ?? text.length;
  return text[end] === '"' ? null : { text: text.slice(from, end), end };
};

/** A cell whose quote opens at `from`; null where it is never closed. */
const quotedCell = (text: string, from: number): Cell | null => {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return null;
    if (text[at + 1] !== '"') return { text: text.slice(from + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
};

const unclosed = { message: 'a quote is never closed', mend: 'close it, or double a quote that is meant as one' };
const stray = {
  message: 'a quote inside a cell',
  mend: 'put the whole cell in quotes, and double the quotes within it',
};

const linesIn = (text: string): number => text.split(/\r\n|\r|\n/).length - 1;

/**
 * Reads comma-separated values by RFC 4180, one record after the other, with any of the usual ends of lines and with or without a byte order
 * mark. The first thing that cannot be read is a fault and ends it.
 */
export function* readCsv(text: string): Generator<Result<CsvRecord, CsvFault>, void> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = { line, cells: new Array<string>() };
    for (; ; at++) {
      const isQuoted = text[at] === '"';
      const cell = isQuoted ? quotedCell(text, at) : bareCell(text, at);
      if (cell === null) {
        yield failure({ line, ...(isQuoted ? unclosed : stray) });
        return;
      }
      record.cells.push(cell.text);
      if (isQuoted) line += linesIn(cell.text);
      at = cell.end;
      if (text[at] !== ',') break;
    }
    const next = text[at];
    if (next !== undefined && next !== '\r' && next !== '\n') {
      yield failure({ line, ...stray });
      return;
    }
    at += next === '\r' && text[at + 1] === '\n' ? 2 : 1;
    line += 1;
    yield success(record);
  }
}
