import highsModule, { type Highs, type Model, type ModelData } from 'highs';
import { optionsOf, totalsOf, usesOf, type Option, type Placed } from './placementWays.ts';
import type { ScarceInstance } from './scarceInstance.ts';

// Node loads another build of it than its types describe: there the default export is the loader itself.
// tidy-allow cast: what Node loads is not what the types describe; a call of it proves that it is a function
const loadHighs = highsModule as unknown as typeof highsModule.default;

const optimal = 7;

interface Row {
  readonly columns: number[];
  readonly values: number[];
  readonly upper: number;
}

/** Whether a job takes an option: 0 or 1. The first rows are the jobs', in the order of the queue; then what the options use up together. */
interface Program {
  readonly columns: readonly (readonly number[])[];
  readonly model: ModelData;
}

const usageRows = (
  instance: ScarceInstance,
  options: readonly (readonly Option[])[],
  columns: Program['columns'],
): Row[] => {
  const totals = totalsOf(instance);
  const rows = new Map<string, Row>();
  for (const [job, own] of options.entries())
    for (const [at, option] of own.entries())
      for (const [name, amount] of usesOf(option)) {
        const row = rows.get(name) ?? { columns: [], values: [], upper: totals.get(name) ?? Infinity };
        rows.set(name, row);
        row.columns.push(columns[job]?.[at] ?? 0);
        row.values.push(amount);
      }
  return [...rows.values()].filter(({ upper }) => upper !== Infinity);
};

const programOf = (instance: ScarceInstance, options: readonly (readonly Option[])[]): Program => {
  const costs: number[] = [];
  const columns = options.map((own) => own.map(({ usd }) => costs.push(usd) - 1));
  const jobs = columns.map((own): Row => ({ columns: own, values: own.map(() => 1), upper: 1 }));
  const usage = usageRows(instance, options, columns);
  const rows = [...jobs, ...usage];
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.columns.length);
  return {
    columns,
    model: {
      numCols: costs.length,
      numRows: rows.length,
      colCost: Float64Array.from(costs),
      colLower: new Float64Array(costs.length),
      colUpper: new Float64Array(costs.length).fill(1),
      rowLower: Float64Array.from(rows, (_row, at) => (at < jobs.length ? 0 : -Infinity)),
      rowUpper: Float64Array.from(rows, ({ upper }) => upper),
      matrix: {
        format: 'csr',
        numRows: rows.length,
        numCols: costs.length,
        starts: Int32Array.from(starts),
        indices: Int32Array.from(rows.flatMap((row) => row.columns)),
        values: Float64Array.from(rows.flatMap((row) => row.values)),
      },
      integrality: costs.map(() => 1),
    },
  };
};

const isSolved = (model: Model): boolean => {
  model.run();
  return model.getModelStatus() === optimal;
};

let highs: Highs | null = null;

/** The exact optimum: job after job must be placed where it can be beside those before it; then everything together costs the least. */
export const exactOptimum = async (instance: ScarceInstance): Promise<Placed> => {
  const options = optionsOf(instance);
  const program = programOf(instance, options);
  highs ??= await loadHighs();
  return highs.withModel(program.model, (model) => {
    model.options.set({ output_flag: false, mip_rel_gap: 0, mip_abs_gap: 1e-6 });
    for (const [job, own] of options.entries()) {
      if (own.length === 0) continue;
      model.changeRowBounds(job, 1, 1);
      if (!isSolved(model)) model.changeRowBounds(job, 0, 0);
    }
    if (!isSolved(model)) throw new Error('what could be placed cannot be');
    const values = model.getSolution().colValue;
    return options.map(
      (own, job) => own.find((_option, at) => (values[program.columns[job]?.[at] ?? 0] ?? 0) > 0.5)?.usd ?? null,
    );
  });
};
