import { mendByName, type ConfigurationFault } from '../../config/index.ts';
import { assert, failure, success, type Result } from '../../kernel/index.ts';
import type { DemandScenario } from './DemandScenario.ts';
import { readCsvRows, separatorOf, type CsvCell, type CsvSeparator } from './readCsvRows.ts';

/** Longest text that is read: characters. */
export const scenarioCsvCharactersMax = 128 * 1024 * 1024;

/** Most scenarios that a file may tell. */
export const scenarioCsvScenariosMax = 5_000;

/** Most faults that are told at once. */
export const scenarioCsvFaultsMax = 50;

/** How far weights may be from 1 together: they are written by people, with few digits. */
const weightSlack = 1e-3;

const neededColumns = ['scenario', 'class', 'month', 'units'] as const;
const optionalColumns = ['weight', 'prices'] as const;
const knownColumns: readonly string[] = [...neededColumns, ...optionalColumns];
type Column = (typeof neededColumns)[number] | (typeof optionalColumns)[number];

/** What is said of a cell, for a fault. */
interface Complaint {
  readonly what: string;
  readonly mend: string;
}

/** A scenario while its rows are read. */
interface Draft {
  /** Where it is named first. */
  readonly cell: CsvCell;
  readonly weight: number | null;
  readonly prices: number;
  /** [class][month]; null where no row has told it yet. */
  readonly demand: (number | null)[][];
}

/** What the names in the file are held against. */
interface Names {
  readonly classes: ReadonlyMap<string, number>;
  readonly months: ReadonlyMap<string, number>;
  readonly pricePaths: ReadonlyMap<string, number>;
}

const indexed = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index]));

/** Months go by their names or, from 1, by their number. */
const indexedMonths = (months: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...months.map((_, index) => [String(index + 1), index] as const), ...indexed(months)]);

/** A number of 0 or more, or what is wrong with it. Where semicolons separate cells, a comma may be the decimal sign. */
const amountOf = (text: string, separator: CsvSeparator): number | Complaint => {
  const plain = separator === ',' ? text : text.replace(',', '.');
  if (/^-\d/.test(plain)) return { what: 'is below 0', mend: 'write 0 or more' };
  const amount = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(plain) ? Number(plain) : Number.NaN;
  if (Number.isFinite(amount)) return amount;
  return {
    what: 'is not a number',
    mend: 'write digits with a point for decimals and nothing between thousands, like 1250.5',
  };
};

/** Reads the rows of one file, collecting every fault. */
class ScenarioReader {
  readonly faults: ConfigurationFault[] = [];
  readonly drafts = new Map<string, Draft>();
  readonly #file: string;
  readonly #separator: CsvSeparator;
  readonly #names: Names;
  #columns: ReadonlyMap<Column, number> = new Map();
  #width = 0;

  constructor(file: string, separator: CsvSeparator, names: Names) {
    this.#file = file;
    this.#separator = separator;
    this.#names = names;
  }

  get isFull(): boolean {
    return this.faults.length >= scenarioCsvFaultsMax;
  }

  fault(cell: Pick<CsvCell, 'line' | 'column'>, complaint: Complaint): void {
    if (this.isFull) return;
    const { line, column } = cell;
    this.faults.push({ file: this.#file, line, column, ...complaint });
  }

  header(cells: readonly CsvCell[]): void {
    const columns = new Map<Column, number>();
    for (const [index, cell] of cells.entries()) {
      const name = [...neededColumns, ...optionalColumns].find((column) => column === cell.text.toLowerCase());
      const otherwise = `columns are ${knownColumns.join(', ')}`;
      if (name === undefined)
        this.fault(cell, { what: 'is no column of scenarios', mend: mendByName(cell.text, knownColumns, otherwise) });
      else if (columns.has(name))
        this.fault(cell, { what: `the column ${name} is there twice`, mend: 'leave one of them out' });
      else columns.set(name, index);
    }
    for (const column of neededColumns) {
      if (!columns.has(column))
        this.fault(
          { line: 1, column: 1 },
          { what: `the column ${column} is missing`, mend: `name it in the first line` },
        );
    }
    this.#columns = columns;
    this.#width = cells.length;
  }

  row(cells: readonly CsvCell[]): void {
    const [first] = cells;
    assert(first !== undefined, 'a row has a cell');
    if (cells.length !== this.#width) {
      const mend = 'write as many as the first line has; a cell with a separator in it needs quotes';
      return this.fault(first, { what: `has ${cells.length} cells instead of ${this.#width}`, mend });
    }
    const draft = this.#draftOf(cells);
    const item = this.#indexOf(cells, 'class', this.#names.classes, 'is no class of the portfolio');
    const month = this.#indexOf(cells, 'month', this.#names.months, 'is no month of the horizon');
    const units = this.#amountAt(cells, 'units');
    if (draft === null || item === null || month === null || units === null) return;
    const path = draft.demand[item];
    assert(path !== undefined, 'drafts have a path for each class');
    if (path[month] === null) path[month] = units;
    else
      this.fault(first, { what: 'this scenario, class and month was told before', mend: 'leave one of both rows out' });
  }

  /** The scenario that a row belongs to; what it says of the whole scenario must be what the scenario's first row said. */
  #draftOf(cells: readonly CsvCell[]): Draft | null {
    const cell = this.#cell(cells, 'scenario');
    assert(cell !== null, 'the header has a column for the scenario');
    if (cell.text === '') {
      this.fault(cell, { what: 'the scenario has no name', mend: 'name it, the same on each of its rows' });
      return null;
    }
    const weight = this.#columns.has('weight') ? this.#weightOf(cells) : null;
    const prices = this.#columns.has('prices')
      ? this.#indexOf(cells, 'prices', this.#names.pricePaths, 'is no price path')
      : 0;
    const known = this.drafts.get(cell.text);
    if (known === undefined) return this.#newDraft(cell, weight, prices ?? 0);
    this.#expectSame(cells, 'weight', weight ?? known.weight, known.weight);
    this.#expectSame(cells, 'prices', prices ?? known.prices, known.prices);
    return known;
  }

  #newDraft(cell: CsvCell, weight: number | null, prices: number): Draft | null {
    if (this.drafts.size === scenarioCsvScenariosMax) {
      this.fault(cell, {
        what: `there are more than ${scenarioCsvScenariosMax} scenarios`,
        mend: 'give fewer, with weights',
      });
      return null;
    }
    const months = new Set(this.#names.months.values()).size;
    const demand = Array.from(this.#names.classes, () => Array.from({ length: months }, (): number | null => null));
    const draft = { cell, weight, prices, demand };
    this.drafts.set(cell.text, draft);
    return draft;
  }

  #expectSame(cells: readonly CsvCell[], column: Column, value: number | null, before: number | null): void {
    const cell = this.#cell(cells, column);
    if (cell === null || value === before || before === null) return;
    this.fault(cell, {
      what: 'is not what an earlier row of this scenario says',
      mend: 'write the same on each of its rows',
    });
  }

  #weightOf(cells: readonly CsvCell[]): number | null {
    const weight = this.#amountAt(cells, 'weight');
    const cell = this.#cell(cells, 'weight');
    if (weight !== 0 || cell === null) return weight;
    this.fault(cell, {
      what: 'a weight of 0 counts for nothing',
      mend: 'write a probability above 0, or leave the scenario out',
    });
    return null;
  }

  #cell(cells: readonly CsvCell[], column: Column): CsvCell | null {
    return cells[this.#columns.get(column) ?? -1] ?? null;
  }

  #indexOf(cells: readonly CsvCell[], column: Column, names: ReadonlyMap<string, number>, what: string): number | null {
    const cell = this.#cell(cells, column);
    if (cell === null) return null;
    const index = names.get(cell.text);
    if (index !== undefined) return index;
    const [first = 'none'] = names.keys();
    this.fault(cell, { what, mend: mendByName(cell.text, names.keys(), `write one of its names, like "${first}"`) });
    return null;
  }

  #amountAt(cells: readonly CsvCell[], column: Column): number | null {
    const cell = this.#cell(cells, column);
    if (cell === null) return null;
    const amount = amountOf(cell.text, this.#separator);
    if (typeof amount === 'number') return amount;
    this.fault(cell, amount);
    return null;
  }
}

/** Says of each scenario what it leaves untold. */
const checkComplete = (reader: ScenarioReader, classes: readonly string[], months: readonly string[]): void => {
  for (const { cell, demand } of reader.drafts.values()) {
    const untold = demand.flatMap((path, item) =>
      path.flatMap((units, month) => (units === null ? [`"${classes[item]}" in ${months[month]}`] : [])),
    );
    if (untold.length === 0) continue;
    const what = `the scenario named here lacks ${untold.length} of ${classes.length * months.length} figures`;
    reader.fault(cell, {
      what,
      mend: `write a row for each class and month, 0 where there is none; the first missing is ${untold[0]}`,
    });
  }
};

/** Weights that add up to 1 exactly; equal ones where the file gives none. */
const weightsOf = (reader: ScenarioReader): readonly number[] => {
  const drafts = [...reader.drafts.values()];
  const weights = drafts.map(({ weight }) => weight ?? 1 / drafts.length);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const [first] = drafts;
  if (first !== undefined && Math.abs(sum - 1) > weightSlack)
    reader.fault(first.cell, {
      what: `the weights of all scenarios add up to ${Number(sum.toPrecision(4))}`,
      mend: 'let them add up to 1, or leave the column out for equal ones',
    });
  return weights.map((weight) => weight / sum);
};

/**
 * Reads the user's own scenarios: one row for each scenario, class and month, in any order, under a header with the columns `scenario`,
 * `class`, `month`, `units` (a month), and if wanted `weight` (probability, the same on all rows of a scenario; else all are equal) and
 * `prices` (name of a price path; else the first). Separated by commas, semicolons or tabs; quoted by RFC 4180. Tells every fault it finds,
 * up to a limit, and then no scenario at all.
 * @param classes Names, in the order that demand is returned in.
 * @param months Names of the horizon's months, like "2027-01"; in the file a month may also go by its number, from 1.
 * @param pricePaths Names of price paths, in the order of the outlook.
 */
export const readScenarioCsv = (
  text: string,
  fileName: string,
  classes: readonly string[],
  months: readonly string[],
  pricePaths: readonly string[] = [],
): Result<readonly DemandScenario[], readonly ConfigurationFault[]> => {
  const separator = separatorOf(text);
  const names = { classes: indexed(classes), months: indexedMonths(months), pricePaths: indexed(pricePaths) };
  const reader = new ScenarioReader(fileName, separator, names);
  const start = { line: 1, column: 1 };
  if (text.length > scenarioCsvCharactersMax)
    reader.fault(start, {
      what: `is longer than ${scenarioCsvCharactersMax} characters`,
      mend: 'give fewer scenarios, with weights',
    });
  else readRows(reader, readCsvRows(text, fileName, separator));
  if (reader.faults.length === 0 && reader.drafts.size === 0)
    reader.fault(start, {
      what: 'tells no scenario',
      mend: `write a first line of ${knownColumns.join(separator)} and rows below it`,
    });
  if (reader.faults.length > 0) return failure(reader.faults);
  checkComplete(reader, classes, months);
  const weights = weightsOf(reader);
  if (reader.faults.length > 0) return failure(reader.faults);
  return success(
    [...reader.drafts.values()].map(({ demand, prices }, index) => ({
      weight: weights[index] ?? 0,
      demand: demand.map((path) => path.map((units) => units ?? 0)),
      prices,
    })),
  );
};

const readRows = (reader: ScenarioReader, rows: Generator<readonly CsvCell[], ConfigurationFault | null>): void => {
  let isHeader = true;
  for (let row = rows.next(); !reader.isFull; row = rows.next()) {
    if (row.done === true) {
      if (row.value !== null) reader.fault(row.value, row.value);
      return;
    }
    if (isHeader) reader.header(row.value);
    else reader.row(row.value);
    // Without its columns no row can be read.
    if (isHeader && reader.faults.length > 0) return;
    isHeader = false;
  }
};
