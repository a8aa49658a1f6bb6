import type { ModelData } from 'highs';

/** lower <= sum of values x columns <= upper. */
export interface LinearRow {
  readonly lower: number;
  readonly upper: number;
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

/** Rows as HiGHS takes them: compressed, row by row. */
export const matrixOf = (
  rows: readonly LinearRow[],
  columnCount: number,
): {
  format: 'csr';
  numRows: number;
  numCols: number;
  starts: Int32Array;
  indices: Int32Array;
  values: Float64Array;
} => {
  const entries = rows.reduce((sum, row) => sum + row.columns.length, 0);
  const starts = new Int32Array(rows.length + 1);
  const indices = new Int32Array(entries);
  const values = new Float64Array(entries);
  let at = 0;
  for (const [index, row] of rows.entries()) {
    starts[index] = at;
    indices.set(row.columns, at);
    values.set(row.values, at);
    at += row.columns.length;
  }
  starts[rows.length] = at;
  return { format: 'csr', numRows: rows.length, numCols: columnCount, starts, indices, values };
};

/** How far a point is outside a row; at most 0 where it is not. */
export const violationOf = (row: LinearRow, point: ArrayLike<number>): number => {
  let activity = 0;
  for (const [index, column] of row.columns.entries()) activity += (row.values[index] ?? 0) * (point[column] ?? 0);
  return Math.max(row.lower - activity, activity - row.upper);
};

/** A linear program to be minimised, while it is written down. */
export class LinearProgram {
  readonly costs: number[] = [];
  readonly lower: number[] = [];
  readonly upper: number[] = [];
  readonly integer: boolean[] = [];
  readonly rows: LinearRow[] = [];

  /** @returns the index of a new column. */
  column(cost: number, lower = 0, upper = Infinity, integer = false): number {
    this.costs.push(cost);
    this.lower.push(lower);
    this.upper.push(upper);
    this.integer.push(integer);
    return this.costs.length - 1;
  }

  row(row: LinearRow): void {
    this.rows.push(row);
  }

  /** target = sum of values x columns. */
  define(target: number, columns: readonly number[], values: readonly number[]): void {
    this.row({ lower: 0, upper: 0, columns: [target, ...columns], values: [-1, ...values] });
  }

  /** @param integral Whether integer columns are, or may take any value between their bounds. */
  modelData(integral: boolean): ModelData {
    return {
      numCols: this.costs.length,
      numRows: this.rows.length,
      colCost: Float64Array.from(this.costs),
      colLower: Float64Array.from(this.lower),
      colUpper: Float64Array.from(this.upper),
      rowLower: Float64Array.from(this.rows, ({ lower }) => lower),
      rowUpper: Float64Array.from(this.rows, ({ upper }) => upper),
      matrix: matrixOf(this.rows, this.costs.length),
      ...(integral ? { integrality: this.integer.map((integer) => (integer ? 1 : 0)) } : {}),
    };
  }
}
