import type { ConfigurationFault } from '../../config/index.ts';
import { CsvRowStream, type CsvCell } from '../scenarios/readCsvRows.ts';
import type { UsageLine, UsageReading } from './UsageLine.ts';
import { UsageTally } from './UsageTally.ts';
import { emptyExport, usageRowReader, type UsageCsvOptions, type UsageRowReader } from './readUsageCsv.ts';

/** What becomes of the lines of a row. @returns why they are left out, or null where they were taken. */
export type TakeLines = (lines: readonly UsageLine[]) => string | null;

/** Is told what a row with costs names that is no use of a model. */
export type LeaveOut = (name: string) => void;

/**
 * Reads an export as `readUsageCsv` does, of any length: it comes in pieces, and its lines are handed on as they are read. What is kept of it are counts.
 */
export class UsageCsvStream {
  readonly #file: string;
  readonly #options: UsageCsvOptions;
  readonly #take: TakeLines;
  readonly #leaveOut: LeaveOut | null;
  readonly #rows: CsvRowStream;
  #reader: UsageRowReader | null = null;
  #tally: UsageTally;

  constructor(file: string, options: UsageCsvOptions, take: TakeLines, leaveOut: LeaveOut | null = null) {
    this.#file = file;
    this.#options = options;
    this.#take = take;
    this.#leaveOut = leaveOut;
    this.#rows = new CsvRowStream(file);
    this.#tally = new UsageTally(file, '');
  }

  /** Reads the rows that end in this piece. @returns what is wrong with the file, after which there is nothing more to read, or null. */
  push(piece: string): ConfigurationFault | null {
    return this.#readAll(this.#rows.push(piece));
  }

  /** Reads what is left once every piece was. */
  end(): ConfigurationFault | null {
    return this.#readAll(this.#rows.end()) ?? (this.#reader === null ? emptyExport(this.#file) : null);
  }

  /** What became of the rows so far; the lines are with who took them. */
  reading(): UsageReading {
    return this.#tally.reading();
  }

  #readAll(rows: Generator<readonly CsvCell[], ConfigurationFault | null>): ConfigurationFault | null {
    for (let next = rows.next(); ; next = rows.next()) {
      if (next.done === true) return next.value;
      if (this.#reader !== null) this.#readRow(this.#reader, next.value);
      else {
        const reader = usageRowReader(next.value, this.#file, this.#options);
        if (!reader.ok) return reader.fault;
        this.#reader = reader.value;
        this.#tally = new UsageTally(this.#file, reader.value.format.name);
      }
    }
  }

  #readRow(reader: UsageRowReader, row: readonly CsvCell[]): void {
    const outcome = reader.outcome(row, this.#file);
    if (outcome.kind !== 'lines') {
      if (outcome.kind === 'leftOut' && outcome.cost !== 0n && outcome.name) this.#leaveOut?.(outcome.name);
      return this.#tally.take(outcome);
    }
    const why = this.#take(outcome.lines);
    const cost = outcome.lines.reduce((sum, line) => sum + (line.cost ?? 0n), 0n);
    this.#tally.take(why === null ? { kind: 'lines', lines: [] } : { kind: 'leftOut', why, cost });
  }
}
