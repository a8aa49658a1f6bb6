import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinearProgram, matrixOf, violationOf, type LinearRow } from './LinearProgram.ts';
import { LiveProgram } from './LiveProgram.ts';
import { loadHighs } from './loadHighs.ts';

const highs = await loadHighs();

const columnCount = 5;
const whole = fc.integer({ min: -20, max: 20 });

const row: fc.Arbitrary<LinearRow> = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 0, max: columnCount - 1 }), { maxLength: columnCount }), whole, whole)
  .chain(([columns, one, other]) =>
    fc.record({
      lower: fc.constant(Math.min(one, other)),
      upper: fc.constant(Math.max(one, other)),
      columns: fc.constant(columns),
      values: fc.array(whole, { minLength: columns.length, maxLength: columns.length }),
    }),
  );

describe('a row', () => {
  it('is broken by how far its activity is outside', () => {
    const one: LinearRow = { lower: 2, upper: 5, columns: [0, 2], values: [1, -2] };
    expect(violationOf(one, [1, 99, 0])).toBe(1);
    expect(violationOf(one, [9, 99, 1])).toBe(2);
    expect(violationOf(one, [4, 99, 0])).toBe(-1);
    expect(violationOf({ ...one, upper: Infinity }, [9, 0, 0])).toBe(-7);
    expect(violationOf({ ...one, lower: -Infinity }, [9, 0, 0])).toBe(4);
  });

  it('is written row by row as the solver takes it', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const { numRows, numCols, starts, indices, values } = matrixOf(rows, columnCount);
        expect([numRows, numCols, starts.length, starts.at(-1)]).toEqual([
          rows.length,
          columnCount,
          rows.length + 1,
          indices.length,
        ]);
        for (const [at, { columns, values: own }] of rows.entries()) {
          expect(Array.from(indices.slice(starts[at], starts[at + 1]))).toEqual([...columns]);
          expect(Array.from(values.slice(starts[at], starts[at + 1]))).toEqual([...own]);
        }
      }),
      { seed: 81, numRuns: 100 },
    );
  });
});

/** At least 3 of x + y, where x costs 1 and at most 2 of it are to be had, and y costs 2. */
const shopping = (): { program: LinearProgram; x: number; y: number } => {
  const program = new LinearProgram();
  const x = program.column(1, 0, 2);
  const y = program.column(2);
  program.row({ lower: 3, upper: Infinity, columns: [x, y], values: [1, 1] });
  return { program, x, y };
};

describe('a linear program', () => {
  it('is solved, solved again with more rows, and has no solution where nothing satisfies them', () => {
    const { program, x, y } = shopping();
    const live = new LiveProgram(highs, program);
    const first = live.solve();
    expect(first?.objective).toBeCloseTo(4, 9);
    expect([first?.values[x], first?.values[y]]).toEqual([expect.closeTo(2, 9), expect.closeTo(1, 9)]);
    live.add([]);
    live.add([{ lower: 2, upper: Infinity, columns: [y], values: [1] }]);
    expect(live.solve()?.objective).toBeCloseTo(5, 9);
    live.add([{ lower: -Infinity, upper: 1, columns: [y], values: [1] }]);
    expect(live.solve()).toBeNull();
    expect(live.runs).toBe(3);
    live.dispose();
  });

  it('takes other bounds, of no column among them', () => {
    const { program, x } = shopping();
    const live = new LiveProgram(highs, program);
    live.bound(Int32Array.from([x]), Float64Array.from([0]), Float64Array.from([0.5]));
    expect(live.solve()?.objective).toBeCloseTo(5.5, 9);
    live.bound(new Int32Array(0), new Float64Array(0), new Float64Array(0));
    expect(live.solve()?.objective).toBeCloseTo(5.5, 9);
    live.dispose();
  });

  it('keeps the relation of a column that is defined', () => {
    const { program, x, y } = shopping();
    const sum = program.column(0);
    program.define(sum, [x, y], [3, 5]);
    const live = new LiveProgram(highs, program);
    expect(live.solve()?.values[sum]).toBeCloseTo(3 * 2 + 5 * 1, 9);
    live.dispose();
  });

  it('is whole only where it is asked to be', () => {
    const program = new LinearProgram();
    const x = program.column(1, 0, 9, true);
    program.row({ lower: 1.5, upper: Infinity, columns: [x], values: [1] });
    const solve = (integral: boolean): number =>
      highs.withModel(program.modelData(integral), (model) => {
        model.options.set({ output_flag: false });
        model.run();
        return model.getObjectiveValue();
      });
    expect([solve(false), solve(true)]).toEqual([expect.closeTo(1.5, 9), expect.closeTo(2, 9)]);
  });

  it('keeps all its rows at its solution', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const program = new LinearProgram();
        for (let at = 0; at < columnCount; at += 1) program.column(1, -5, 5);
        for (const one of rows) program.row(one);
        const live = new LiveProgram(highs, program);
        const solution = live.solve();
        live.dispose();
        if (solution === null) return;
        for (const one of rows) expect(violationOf(one, solution.values)).toBeLessThanOrEqual(1e-6);
        expect(solution.objective).toBeCloseTo(
          solution.values.reduce((sum, value) => sum + value, 0),
          9,
        );
      }),
      { seed: 82, numRuns: 100 },
    );
  });
});
