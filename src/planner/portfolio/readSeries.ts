import { nearestName } from '../../config/index.ts';
import { failure, parseRatio, success } from '../../kernel/index.ts';
import type { Ratio, Result } from '../../kernel/index.ts';
import { readCsvRows, separatorOf, type CsvCell } from '../scenarios/readCsvRows.ts';
import { addMonths } from './calendarMonths.ts';
import { portfolioLimits } from './limits.ts';
import type { MonthlySeries } from './Portfolio.ts';

/** What keeps a CSV from being a series: what is wrong, how to mend it. */
export type SeriesFault = readonly [what: string, mend: string];

const numberPattern = /^\d{1,30}(?:\.\d{1,30})?$/;
const monthPattern = /^((?:19|20|21)\d\d-(?:0[1-9]|1[0-2]))(?:-\d\d)?$/;

const columnOf = (head: readonly CsvCell[], column: string): Result<number, SeriesFault> => {
  const names = head.map(({ text }) => text);
  const index = names.indexOf(column, 1);
  if (index > 0) return success(index);
  const near = nearestName(column, names.slice(1));
  return failure([
    'the CSV has no column of this name',
    near === null ? 'write column: one of its head' : `did you mean column: "${near}"?`,
  ]);
};

const placed = ({ line, column }: Pick<CsvCell, 'line' | 'column'>, what: string, mend: string): SeriesFault => [
  `line ${line}, column ${column} of the CSV: ${what}`,
  mend,
];

/** Gathers the months of one column; each row must be the month after the one before. */
class SeriesReader {
  readonly #column: number;
  readonly #monthly: Ratio[] = [];
  #from: string | null = null;

  constructor(column: number) {
    this.#column = column;
  }

  /** Takes a row; null where it fits. */
  take(row: readonly CsvCell[]): SeriesFault | null {
    const [first] = row;
    if (first === undefined) return null;
    const cell = row[this.#column];
    const month = monthPattern.exec(first.text)?.[1];
    if (month === undefined) return placed(first, 'no month', 'write months as 2026-01');
    this.#from ??= `${month}-01`;
    if (addMonths(this.#from, this.#monthly.length) !== `${month}-01`)
      return placed(first, 'not the month after the one before', 'write every month once, in order');
    if (cell === undefined || !numberPattern.test(cell.text))
      return placed(cell ?? first, 'no number of 0 or more', 'write a plain decimal');
    if (this.#monthly.length === portfolioLimits.seriesMonths)
      return placed(first, `more than ${portfolioLimits.seriesMonths} months`, 'leave the oldest out');
    this.#monthly.push(parseRatio(cell.text));
    return null;
  }

  end(): Result<MonthlySeries, SeriesFault> {
    return this.#from === null
      ? failure(['the CSV has no month', 'write one line a month'])
      : success({ from: this.#from, monthly: this.#monthly });
  }
}

/** Reads one column of a CSV of months: a head, then a month ("2026-01") and its numbers a line, one after the other without a gap. */
export const readSeries = (text: string, column: string): Result<MonthlySeries, SeriesFault> => {
  const rows = readCsvRows(text, '', separatorOf(text));
  let reader: SeriesReader | null = null;
  for (let next = rows.next(); ; next = rows.next()) {
    if (next.done === true) {
      if (next.value !== null) return failure(placed(next.value, next.value.what, next.value.mend));
      return reader === null ? failure(['the CSV is empty', 'write a head and one line a month']) : reader.end();
    }
    if (reader === null) {
      const index = columnOf(next.value, column);
      if (!index.ok) return index;
      reader = new SeriesReader(index.value);
      continue;
    }
    const fault = reader.take(next.value);
    if (fault !== null) return failure(fault);
  }
};
