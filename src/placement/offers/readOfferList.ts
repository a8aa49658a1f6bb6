import type { NanoUsd, Result } from '../../kernel/index.ts';
import { divideHalfEven, failure, nanoUsd, parseRatio, success } from '../../kernel/index.ts';
import { labelField } from '../../vocabulary/index.ts';
import { interruptionsOfClass } from './interruptionsOfClass.ts';
import { offerLimits } from './limits.ts';
import type { HourPrice, OfferRow } from './OfferList.ts';
import { readCsv } from './readCsv.ts';

/** The columns of a list, in any order; others are passed over. Prices are US dollars an hour of the whole instance. */
export const offerColumns = [
  'cloud',
  'region',
  'zone',
  'instance',
  'accelerator',
  'count',
  'vcpu',
  'mem_gib',
  'on_demand_usd_h',
  'spot_usd_h',
  'spot_kind',
  'interruption',
  'source',
] as const;

type OfferColumn = (typeof offerColumns)[number];

/** Something in a list, in words for the person who imports it. */
export interface OfferListFinding {
  /** From 1, the header's; null for the list as a whole. */
  readonly line: number | null;
  readonly column: string | null;
  readonly message: string;
  readonly mend: string;
}

export interface OfferListReading {
  readonly rows: readonly OfferRow[];
  /** What was read otherwise than it may have been meant; at most `offerLimits.findings`. */
  readonly warnings: readonly OfferListFinding[];
}

/** "line 12, count: expected ...; write ...". */
export const formatOfferListFinding = ({ line, column, message, mend }: OfferListFinding): string => {
  const where = [...(line === null ? [] : [`line ${line}`]), ...(column === null ? [] : [column])].join(', ');
  return `${where === '' ? '' : `${where}: `}${message}; ${mend}`;
};

/** Findings up to their bound, and how many there were. */
class BoundedFindings {
  readonly #kept: OfferListFinding[] = [];
  #count = 0;

  get isFull(): boolean {
    return this.#count >= offerLimits.findings;
  }

  get any(): boolean {
    return this.#count > 0;
  }

  add(finding: OfferListFinding): void {
    this.#count += 1;
    if (this.#kept.length < offerLimits.findings) this.#kept.push(finding);
  }

  all(): readonly OfferListFinding[] {
    const more = this.#count - this.#kept.length;
    if (more === 0) return this.#kept;
    const rest = { line: null, column: null, message: `${more + 1} more of the kind`, mend: 'mend these first' };
    return [...this.#kept.slice(0, -1), rest];
  }
}

/** What is wrong with a cell: thrown within a row, and caught there. */
class CellFault extends Error {
  override readonly name = 'CellFault';
  readonly column: OfferColumn;
  readonly mend: string;

  constructor(column: OfferColumn, message: string, mend: string) {
    super(message);
    this.column = column;
    this.mend = mend;
  }
}

type Cells = (column: OfferColumn) => string;

const labelCell = (cells: Cells, column: OfferColumn): string => {
  const text = cells(column);
  if (labelField.safeParse(text).success) return text;
  throw new CellFault(
    column,
    text === '' ? 'nothing there' : 'expected a short name',
    'write 1 to 128 letters, digits, spaces or any of "._:/@+-"',
  );
};

const optionalLabel = (cells: Cells, column: OfferColumn): string | null =>
  cells(column) === '' ? null : labelCell(cells, column);

const countCell = (cells: Cells): number => {
  const text = cells('count');
  const count = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (count <= offerLimits.instanceAccelerators) return count;
  throw new CellFault(
    'count',
    `expected how many accelerators one instance has, from 0 to ${offerLimits.instanceAccelerators}`,
    'write a whole number such as 8, or 0 for a part of one',
  );
};

const sizeCell = (cells: Cells, column: OfferColumn): number | null => {
  const text = cells(column);
  if (text === '') return null;
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text);
  throw new CellFault(
    column,
    'expected a number',
    'write a plain decimal such as 117.5, or nothing where it is not known',
  );
};

const noteCell = (cells: Cells, column: OfferColumn): string | null => {
  const text = cells(column);
  if (text === '') return null;
  if (text.length <= offerLimits.noteCharacters && !/\p{Cc}/u.test(text)) return text;
  throw new CellFault(column, 'a long text', `write at most ${offerLimits.noteCharacters} characters on one line`);
};

const nanoPerUsd = 1_000_000_000n;
const priceMax = BigInt(offerLimits.instanceHourUsd) * nanoPerUsd;

/** US dollars as nano-USD, rounded half to even where the list is finer: catalogs print floats. Null for an empty cell. */
const usdCell = (cells: Cells, column: OfferColumn): NanoUsd | null => {
  const text = cells(column);
  if (text === '') return null;
  if (!/^\d{1,30}(?:\.\d{1,30})?$/.test(text))
    throw new CellFault(
      column,
      'expected US dollars an hour',
      'write a plain decimal such as 55.04, or nothing where it is not known',
    );
  const { numerator, denominator } = parseRatio(text);
  const price = divideHalfEven(numerator * nanoPerUsd, denominator);
  if (price <= priceMax) return nanoUsd(price);
  throw new CellFault(
    column,
    `more than ${offerLimits.instanceHourUsd.toLocaleString('en-US')} US dollars an hour`,
    'check the unit: the price is of one instance for one hour',
  );
};

/** The price of one of the accelerators; null where there is no price, or no whole accelerator. */
const hourPrice = (instanceHourNanoUsd: NanoUsd | null, count: number): HourPrice | null =>
  instanceHourNanoUsd === null || count === 0
    ? null
    : { instanceHourNanoUsd, hourNanoUsd: nanoUsd(divideHalfEven(instanceHourNanoUsd, BigInt(count))) };

/** Whether a spot price is an estimate; `savings%=87` tells typical savings, and no price. */
const isEstimate = (cells: Cells): boolean => {
  const text = cells('spot_kind');
  if (text === '' || text === 'list') return false;
  if (text === 'estimate' || text.startsWith('estimate:') || /^savings%=-?\d{1,3}(?:\.\d{1,3})?$/.test(text))
    return true;
  throw new CellFault(
    'spot_kind',
    'expected where the spot price comes from',
    'write list, estimate, savings%=87, or nothing',
  );
};

const interruptionCell = (cells: Cells): number | null => {
  const text = cells('interruption');
  if (text === '') return null;
  const rate = interruptionsOfClass(text);
  if (rate !== null) return rate;
  throw new CellFault(
    'interruption',
    'expected a class of interruptions a month',
    'write it as <5%, 5-10% or >20%, or nothing where it is not known',
  );
};

const noPrice = (column: OfferColumn): Pick<OfferListFinding, 'column' | 'message' | 'mend'> => ({
  column,
  message: '0 is no price: the offer counts as unpriced',
  mend: 'leave the cell empty where the price is not known',
});

const noWhole: Pick<OfferListFinding, 'column' | 'message' | 'mend'> = {
  column: 'count',
  message: 'only a part of an accelerator: no job can be given it',
  mend: 'leave the offer out, or give it the whole ones that it has',
};

/** Turns records into rows, and remembers what it has seen. */
class RowReader {
  readonly rows: OfferRow[] = [];
  readonly warnings = new BoundedFindings();
  readonly faults = new BoundedFindings();
  readonly #places: ReadonlyMap<OfferColumn, number>;
  readonly #width: number;
  readonly #seen = new Map<string, number>();

  constructor(places: ReadonlyMap<OfferColumn, number>, width: number) {
    this.#places = places;
    this.#width = width;
  }

  read(line: number, record: readonly string[]): void {
    if (record.length !== this.#width) {
      const message = `${record.length} cells below a header of ${this.#width}`;
      return this.faults.add({
        line,
        column: null,
        message,
        mend: 'give each column its cell, an empty one where nothing is known',
      });
    }
    try {
      const row = this.#row(line, (column) => (record[this.#places.get(column) ?? -1] ?? '').trim());
      this.#checkNew(line, row);
      this.rows.push(row);
      if (row.count === 0) this.warnings.add({ line, ...noWhole });
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      this.faults.add({ line, column: error.column, message: error.message, mend: error.mend });
    }
  }

  #row(line: number, cells: Cells): OfferRow {
    const count = countCell(cells);
    const onDemand = this.#listed(line, cells, 'on_demand_usd_h', count);
    const spot = this.#listed(line, cells, 'spot_usd_h', count);
    const estimated = isEstimate(cells);
    const spotPrice = hourPrice(spot, count);
    return {
      cloud: labelCell(cells, 'cloud'),
      region: optionalLabel(cells, 'region'),
      zone: optionalLabel(cells, 'zone'),
      instance: labelCell(cells, 'instance'),
      accelerator: labelCell(cells, 'accelerator'),
      count,
      vcpu: sizeCell(cells, 'vcpu'),
      memoryGib: sizeCell(cells, 'mem_gib'),
      onDemand: hourPrice(onDemand, count),
      spot: spotPrice && { ...spotPrice, estimated },
      isPriced: onDemand !== null || spot !== null,
      interruptionsPerHour: interruptionCell(cells),
      source: noteCell(cells, 'source'),
    };
  }

  /** The price of the instance. One of 0, and one so small that nothing of it is left for one accelerator, is none. */
  #listed(line: number, cells: Cells, column: 'on_demand_usd_h' | 'spot_usd_h', count: number): NanoUsd | null {
    const price = usdCell(cells, column);
    if (price === null) return null;
    if (divideHalfEven(price, BigInt(Math.max(1, count))) > 0n) return price;
    this.warnings.add({ line, ...noPrice(column) });
    return null;
  }

  #checkNew(line: number, { cloud, region, zone, instance, accelerator }: OfferRow): void {
    const key = [cloud, region ?? '', zone ?? '', instance, accelerator].join('\n');
    const earlier = this.#seen.get(key);
    this.#seen.set(key, earlier ?? line);
    if (earlier === undefined) return;
    throw new CellFault('instance', `the same offer as on line ${earlier}`, 'keep one of the two');
  }
}

/** Where each column stands, or which are wrong. */
const placesOf = (header: readonly string[]): Result<ReadonlyMap<OfferColumn, number>, readonly OfferListFinding[]> => {
  const names = header.map((name) => name.trim());
  const faults = offerColumns.flatMap((column): readonly OfferListFinding[] => {
    if (!names.includes(column))
      return [{ line: 1, column, message: 'the header lacks this column', mend: `write ${offerColumns.join(',')}` }];
    if (names.indexOf(column) === names.lastIndexOf(column)) return [];
    return [{ line: 1, column, message: 'the header has this column twice', mend: 'keep one of the two' }];
  });
  if (faults.length > 0) return failure(faults);
  return success(new Map(offerColumns.map((column) => [column, names.indexOf(column)])));
};

const whole = (message: string, mend: string): readonly OfferListFinding[] => [
  { line: null, column: null, message, mend },
];

const readRows = (text: string): Result<RowReader, readonly OfferListFinding[]> => {
  let reader: RowReader | null = null;
  for (const record of readCsv(text)) {
    if (!record.ok) return failure([{ column: null, ...record.fault }]);
    const { line, cells } = record.value;
    if (cells.length === 1 && cells[0]?.trim() === '') continue;
    if (reader === null) {
      const places = placesOf(cells);
      if (!places.ok) return places;
      reader = new RowReader(places.value, cells.length);
      continue;
    }
    if (reader.rows.length >= offerLimits.listRows)
      return failure(whole(`more than ${offerLimits.listRows} rows`, 'split it into lists of their own names'));
    reader.read(line, cells);
    if (reader.faults.isFull) break;
  }
  if (reader === null) return failure(whole('no header', `begin with ${offerColumns.join(',')}`));
  return success(reader);
};

/** How many times dearer than elsewhere a price must be to be doubted. Between regions of one cloud it is 2 or less. */
const doubtfulTimes = 5n;

/** Regions where instances cost many times what the same ones cost elsewhere in the list: most often it is another currency. */
const doubtfulPrices = (rows: readonly OfferRow[]): readonly OfferListFinding[] => {
  const cheapest = new Map<string, bigint>();
  for (const { cloud, instance, onDemand } of rows) {
    const key = `${cloud}\n${instance}`;
    const known = cheapest.get(key);
    const price = onDemand?.instanceHourNanoUsd;
    if (price !== undefined && (known === undefined || price < known)) cheapest.set(key, price);
  }
  const doubtful = rows.filter(({ cloud, instance, onDemand }) => {
    const least = cheapest.get(`${cloud}\n${instance}`);
    return onDemand !== null && least !== undefined && onDemand.instanceHourNanoUsd > least * doubtfulTimes;
  });
  return [...Map.groupBy(doubtful, ({ cloud, region }) => (region === null ? cloud : `${cloud} ${region}`))].map(
    ([where, { length }]) => ({
      line: null,
      column: 'on_demand_usd_h',
      message: `${length} prices of ${where} are more than ${doubtfulTimes} times those of the same instances elsewhere`,
      mend: 'check that they are in US dollars',
    }),
  );
};

/**
 * Reads a list of offers: comma-separated values with the header `offerColumns`. An empty price is unpriced and never 0; faults name line and
 * column, and one fault fails the whole list.
 */
export const readOfferList = (text: string): Result<OfferListReading, readonly OfferListFinding[]> => {
  if (Buffer.byteLength(text) > offerLimits.listBytes)
    return failure(whole(`more than ${offerLimits.listBytes} bytes`, 'split it into lists of their own names'));
  if (text.includes('\0')) return failure(whole('a NUL character', 'save it as plain text in UTF-8'));
  const reading = readRows(text);
  if (!reading.ok) return reading;
  const { rows, warnings, faults } = reading.value;
  if (faults.any) return failure(faults.all());
  if (rows.length === 0) return failure(whole('no rows below the header', 'give it at least one offer'));
  return success({ rows, warnings: [...doubtfulPrices(rows), ...warnings.all()].slice(0, offerLimits.findings) });
};
