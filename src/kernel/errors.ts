// Expected failures are coded: one row per code says what it is and how to mend it.

/** One row of the error reference. */
export interface ErrorRow {
  /** HTTP status, or the exit code of the command line where no HTTP is involved. */
  readonly status: number;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** What happened, in a sentence. */
  readonly what: string;
  /** What the user can do about it. */
  readonly mend: string;
}

/** A room's table: code -> row. */
export type ErrorTable = Readonly<Record<string, ErrorRow>>;

/** Types a table while keeping its codes as literals. */
export const defineErrors = <const Table extends ErrorTable>(table: Table): Table => table;

/** An expected failure with its code. The message is safe to show to the caller. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: string;
  readonly row: ErrorRow;

  constructor(code: string, row: ErrorRow, message?: string, options?: ErrorOptions) {
    super(message ?? row.what, options);
    this.code = code;
    this.row = row;
  }
}

/** What a caught value says of itself: an error's message, or whatever else was thrown, as text. */
export const errorMessage = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** A programmer's mistake: the state that was promised does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The compiler proves this is never reached; at run time it names the value that slipped through. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
