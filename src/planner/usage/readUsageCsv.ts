import type { ConfigurationFault } from '../../config/index.ts';
import { nearestName } from '../../config/index.ts';
import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { readCsvRows, separatorOf, type CsvCell } from '../scenarios/readCsvRows.ts';
import { calendarDay, calendarDayInUtc } from './calendarDay.ts';
import { readDecimal, timesPico, type Pico } from './readDecimal.ts';
import { columnKey, exportFormats, type Columns, type ExportFormat } from './exportFormats.ts';
import { usageLimits } from './limits.ts';
import { directionOf, meterClass, modelClass, saysTokens, unitMeaning } from './meterClass.ts';
import type { Measure, UsageLine, UsageReading } from './UsageLine.ts';
import { UsageTally, type RowOutcome } from './UsageTally.ts';

export interface UsageCsvOptions {
  /** Who bills, where the export does not say; null where nobody told. */
  readonly vendor: string | null;
  /** The format that it has to be of, by its key; absent where its columns tell. */
  readonly format?: string;
  /**
   * Whether it is read as a bill: its costs are what is billed, in US dollars, its days are those of UTC, as the ledger has them, and rows of tokens that do not
   * say how many are lines too, since a bill has to add up.
   */
  readonly asBill?: boolean;
}

/** What was paid for a row. */
type Paid = Readonly<Record<'cost' | 'billed', Pico | null>> & Pick<UsageLine, 'currency'>;

/** What lines of one row have in common. */
type LineFrame = Pick<UsageLine, 'vendor' | 'day' | 'lastDay' | 'currency'>;

const tokensPerMTok = 1_000_000n;

/** Cells that databases and spreadsheets write for nothing. */
const emptyCells = new Set(['', 'null', 'NULL', 'None', 'NaN', '\\N']);

/** What is wrong with a cell: thrown within a row, and caught there. */
class CellFault extends Error {
  override readonly name = 'CellFault';
  readonly cell: Pick<CsvCell, 'line' | 'column'>;
  readonly mend: string;

  constructor(cell: Pick<CsvCell, 'line' | 'column'>, what: string, mend: string) {
    super(what);
    this.cell = cell;
    this.mend = mend;
  }
}

const quoted = ({ text }: CsvCell): string => JSON.stringify(text.slice(0, usageLimits.quoted));

/** A name as a vendor may have in a portfolio; empty where nothing is left of it. */
export const vendorLabel = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9 ._:/@+-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^A-Za-z0-9]+|\s+$/g, '')
    .slice(0, 128)
    .trim();

/** Cells of a row by what they mean. */
export class UsageRowReader {
  readonly format: ExportFormat;
  readonly #options: UsageCsvOptions;
  readonly #width: number;
  /** Where a column stands, by its key. */
  readonly #places: ReadonlyMap<string, number>;

  constructor(format: ExportFormat, head: readonly CsvCell[], options: UsageCsvOptions) {
    this.format = format;
    this.#options = options;
    this.#width = head.length;
    this.#places = placesOf(head);
  }

  outcome(row: readonly CsvCell[], file: string): RowOutcome {
    try {
      return this.#outcome(row);
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      const { cell, message, mend } = error;
      return { kind: 'bad', fault: { file, line: cell.line, column: cell.column, what: message, mend } };
    }
  }

  #outcome(row: readonly CsvCell[]): RowOutcome {
    this.#checkLength(row);
    const paid = this.#paid(row);
    const charge = this.#text(row, this.format.charge);
    if (charge !== null && !this.format.usageCharges.includes(charge.text.toLowerCase()))
      return {
        kind: 'leftOut',
        why: `charges that are no usage (${charge.text})`,
        cost: paid.cost ?? 0n,
        name: this.#className(row),
      };
    const day = this.#day(row);
    const common = {
      vendor: this.#vendor(row),
      day,
      lastDay: day,
      currency: paid.currency,
    };
    if (this.format.quantities.kind === 'tokens') return this.#tokenLines(row, common, this.format.quantities);
    return this.#meteredLine(row, common, this.format.quantities, paid);
  }

  #paid(row: readonly CsvCell[]): Paid {
    const currency = this.#currency(row);
    const cost = this.#number(row, this.format.cost);
    const billed = this.#number(row, this.format.billed);
    if (this.#options.asBill !== true) return { cost, billed, currency };
    if (currency === null || currency === 'USD') return { cost: billed ?? cost, billed: null, currency };
    const inUsd = this.#number(row, this.format.billedUsd);
    if (inUsd !== null) return { cost: inUsd, billed: null, currency: 'USD' };
    throw new CellFault(
      this.#text(row, this.format.currency) ?? firstCell,
      `an amount in ${currency}, and the ledger is in US dollars`,
      'export the bill in USD',
    );
  }

  /** A row that was cut off would be read as one that has nothing there. */
  #checkLength(row: readonly CsvCell[]): void {
    if (row.length >= this.#width && row.slice(this.#width).every(({ text }) => text === '')) return;
    throw new CellFault(
      row[this.#width] ?? row[row.length - 1] ?? firstCell,
      `a row of ${row.length} cells below a head of ${this.#width}`,
      'export it again, or mend the row',
    );
  }

  #tokenLines(
    row: readonly CsvCell[],
    common: LineFrame,
    { input, output }: { readonly input: Columns; readonly output: Columns },
  ): RowOutcome {
    const item = this.#text(row, this.format.item);
    if (item === null) return { kind: 'leftOut', why: 'no model', cost: 0n };
    const line = (measure: Measure, columns: Columns): readonly UsageLine[] => {
      const tokens = columns.reduce((sum, column) => sum + (this.#number(row, [column]) ?? 0n), 0n);
      if (tokens === 0n) return [];
      return [
        {
          ...common,
          class: modelClass(item.text) || 'model',
          measure,
          quantity: tokens / tokensPerMTok,
          cost: null,
          listCost: null,
        },
      ];
    };
    const lines = [...line('input', input), ...line('output', output)];
    return lines.length === 0 ? { kind: 'leftOut', why: 'no tokens', cost: 0n } : { kind: 'lines', lines };
  }

  #meteredLine(
    row: readonly CsvCell[],
    common: LineFrame,
    { quantity: columns, unit: unitColumns }: { readonly quantity: Columns; readonly unit: Columns },
    { cost, billed }: Paid,
  ): RowOutcome {
    const texts = this.#texts(row, [...this.format.direction, ...this.format.item]);
    const name = this.#className(row);
    const told = this.#numberAt(row, columns);
    const listCost = this.#listCost(row, told?.value ?? null);
    if (columns.length === 0) {
      if (cost === null) return { kind: 'leftOut', why: 'neither a quantity nor a cost', cost: 0n };
      if (name === '') return { kind: 'leftOut', why: 'costs of no model', cost };
      const measure = directionOf(this.#texts(row, this.format.direction));
      return { kind: 'lines', lines: [{ ...common, class: name, measure, quantity: null, cost, listCost }] };
    }
    const uncounted = (why: string): RowOutcome => {
      if (this.#options.asBill !== true || cost === null || name === '' || !texts.some(saysTokens))
        return { kind: 'leftOut', why, cost: cost ?? 0n, name };
      return { kind: 'lines', lines: [{ ...common, class: name, measure: 'money', quantity: null, cost, listCost }] };
    };
    if (told === null) return uncounted('no quantity');
    const meaning = unitMeaning(this.#unitBeside(row, told.place, columns, unitColumns), texts);
    if (meaning.kind === 'other') return uncounted(meaning.why);
    const isTokens = meaning.kind === 'tokens';
    return {
      kind: 'lines',
      lines: [
        {
          ...common,
          class: name === '' ? (isTokens ? 'tokens' : 'gpu') : name,
          measure: isTokens ? directionOf(texts) : 'gpuHour',
          quantity: isTokens ? (told.value * meaning.tokens) / tokensPerMTok : told.value,
          cost,
          ...(billed === null || billed === cost ? {} : { billed }),
          listCost,
        },
      ],
    };
  }

  /** The unit that stands beside the quantity that was taken: the second quantity has the second unit. */
  #unitBeside(row: readonly CsvCell[], place: number, columns: Columns, units: Columns): string {
    const index = columns.findIndex((column) => this.#places.get(columnKey(column)) === place);
    const beside = units[index] ?? units[0];
    return beside === undefined ? '' : (this.#text(row, [beside])?.text ?? '');
  }

  #listCost(row: readonly CsvCell[], quantity: Pico | null): Pico | null {
    const price = quantity === null ? null : this.#number(row, this.format.listPrice);
    return price === null || quantity === null ? this.#number(row, this.format.listCost) : timesPico(price, quantity);
  }

  #className(row: readonly CsvCell[]): string {
    const naming = this.format.itemKind === 'model' ? modelClass : meterClass;
    for (const text of this.#texts(row, this.format.item)) {
      const name = naming(text);
      if (name !== '') return name;
    }
    return '';
  }

  #vendor(row: readonly CsvCell[]): string {
    const told = vendorLabel(this.#text(row, this.format.vendor)?.text ?? '');
    if (told !== '') return told;
    if (this.#options.vendor !== null) return this.#options.vendor;
    throw new CellFault(row[0] ?? firstCell, 'it does not say who bills', 'say so with --vendor NAME');
  }

  #day(row: readonly CsvCell[]): string {
    const cell = this.#text(row, this.format.day);
    if (cell === null)
      throw new CellFault(row[0] ?? firstCell, 'a row without a day', 'write its day, or delete the row');
    const day = this.#options.asBill === true ? calendarDayInUtc(cell.text) : calendarDay(cell.text);
    if (day !== null) return day;
    throw new CellFault(cell, `${quoted(cell)} is no day`, 'write days as 2026-01-31');
  }

  #currency(row: readonly CsvCell[]): string | null {
    const cell = this.#text(row, this.format.currency);
    if (cell === null) return this.format.currencyOfAll;
    if (/^[A-Za-z]{3}$/.test(cell.text)) return cell.text.toUpperCase();
    throw new CellFault(cell, `${quoted(cell)} is no currency`, 'write its three letters, such as USD or EUR');
  }

  #number(row: readonly CsvCell[], columns: Columns): Pico | null {
    return this.#numberAt(row, columns)?.value ?? null;
  }

  #numberAt(row: readonly CsvCell[], columns: Columns): { readonly value: Pico; readonly place: number } | null {
    const cell = this.#text(row, columns);
    if (cell === null) return null;
    const value = readDecimal(cell.text);
    if (value === null)
      throw new CellFault(cell, `${quoted(cell)} is no number`, 'write a plain decimal with a point, such as 1234.5');
    return { value, place: row.indexOf(cell) };
  }

  /** The first of some columns that the file has and the row fills. */
  #text(row: readonly CsvCell[], columns: Columns): CsvCell | null {
    for (const column of columns) {
      const place = this.#places.get(columnKey(column));
      const cell = place === undefined ? undefined : row[place];
      if (cell !== undefined && !emptyCells.has(cell.text)) return cell;
    }
    return null;
  }

  #texts(row: readonly CsvCell[], columns: Columns): readonly string[] {
    return columns.flatMap((column) => this.#text(row, [column])?.text ?? []);
  }
}

const firstCell = { line: 1, column: 1 };

const placesOf = (head: readonly CsvCell[]): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (const [index, { text }] of head.entries()) {
    const key = columnKey(text);
    if (!places.has(key)) places.set(key, index);
  }
  return places;
};

const missingColumns = (format: ExportFormat, places: ReadonlyMap<string, number>): readonly string[] =>
  format.knownBy.filter((column) => !places.has(columnKey(column)));

/** What a head that fits no format comes nearest to, and what it lacks for that. @param formats Those that it may be of. */
const unknownHead = (head: readonly CsvCell[], file: string, formats: readonly ExportFormat[]): ConfigurationFault => {
  const places = placesOf(head);
  const [nearest] = formats
    .map((format) => ({ format, missing: missingColumns(format, places) }))
    .toSorted(
      (one, other) =>
        one.missing.length / one.format.knownBy.length - other.missing.length / other.format.knownBy.length,
    );
  const columns = head.map(({ text }) => text || '(no name)').slice(0, 12);
  const what = `no known export has these columns: ${columns.join(', ')}${head.length > columns.length ? ' ...' : ''}`;
  if (nearest === undefined || (formats.length > 1 && nearest.missing.length === nearest.format.knownBy.length))
    return {
      file,
      ...firstCell,
      what,
      mend: `export the usage with the columns of FOCUS, or name yours ${exportFormats[4]?.knownBy.join(', ') ?? ''}`,
    };
  const lacking = nearest.missing.map((column) => {
    const near = nearestName(
      column,
      head.map(({ text }) => text),
    );
    return near === null ? column : `${column} (which stands there as "${near}"?)`;
  });
  return { file, ...firstCell, what, mend: `add what it lacks for "${nearest.format.name}": ${lacking.join(', ')}` };
};

/** Who reads the rows below a head; or what is wrong with it. */
export const usageRowReader = (
  head: readonly CsvCell[],
  file: string,
  options: UsageCsvOptions,
): Result<UsageRowReader, ConfigurationFault> => {
  const places = placesOf(head);
  const formats = exportFormats.filter(({ key }) => options.format === undefined || key === options.format);
  const format = formats.find((known) => missingColumns(known, places).length === 0);
  return format === undefined
    ? failure(unknownHead(head, file, formats))
    : success(new UsageRowReader(format, head, options));
};

/** What is said of a file without a head. */
export const emptyExport = (file: string): ConfigurationFault => ({
  file,
  ...firstCell,
  what: 'an empty file',
  mend: 'export it again, with its head',
});

/**
 * Reads a vendor's export of usage or costs, known by its columns. A row is lines of usage, left out for a reason that is counted, or bad and told by
 * its place; a file that nothing can be made of is one fault.
 */
export const readUsageCsv = (
  text: string,
  file: string,
  options: UsageCsvOptions,
): Result<UsageReading, ConfigurationFault> => {
  if (text.length > usageLimits.textLength)
    return failure({
      file,
      ...firstCell,
      what: 'an export longer than can be read',
      mend: 'export fewer months at a time',
    });
  const rows = readCsvRows(text, file, separatorOf(text));
  const head = rows.next();
  if (head.done === true) return failure(head.value ?? emptyExport(file));
  const reader = usageRowReader(head.value, file, options);
  if (!reader.ok) return reader;
  const tally = new UsageTally(file, reader.value.format.name);
  for (let next = rows.next(); ; next = rows.next()) {
    if (next.done === true) return next.value === null ? success(tally.reading()) : failure(next.value);
    if (tally.rows === usageLimits.rows)
      return failure({
        file,
        line: next.value[0]?.line ?? 1,
        column: 1,
        what: `more than ${usageLimits.rows} rows`,
        mend: 'export it by day instead of by hour, or fewer months',
      });
    tally.take(reader.value.outcome(next.value, file));
  }
};
