import type { Highs, Model } from 'highs';
import { modelStatus } from './modelStatus.ts';
import { matrixOf, type LinearProgram, type LinearRow } from './LinearProgram.ts';

/** What a linear program came to. */
export interface LinearSolution {
  readonly objective: number;
  readonly values: Float64Array;
}

/** A linear program in the solver's memory: each run goes on from the last one's basis. Must be disposed. */
export class LiveProgram {
  readonly #model: Model;
  readonly #columnCount: number;
  #runs = 0;

  constructor(highs: Highs, program: LinearProgram, options: Readonly<Record<string, string | number | boolean>> = {}) {
    this.#model = highs.createModel(program.modelData(false));
    this.#columnCount = program.costs.length;
    this.#model.options.set({ output_flag: false, ...options });
  }

  /** How often it was solved: the unit of work. */
  get runs(): number {
    return this.#runs;
  }

  get model(): Model {
    return this.#model;
  }

  add(rows: readonly LinearRow[]): void {
    if (rows.length === 0) return;
    this.#model.addRows({
      lower: Float64Array.from(rows, ({ lower }) => lower),
      upper: Float64Array.from(rows, ({ upper }) => upper),
      matrix: matrixOf(rows, this.#columnCount),
    });
  }

  bound(columns: Int32Array, lower: Float64Array, upper: Float64Array): void {
    this.#model.changeColsBounds({ kind: 'set', indices: columns }, lower, upper);
  }

  /** @returns null where nothing satisfies all rows, or the solver gave up. */
  solve(): LinearSolution | null {
    this.#runs += 1;
    this.#model.run();
    if (this.#model.getModelStatus() !== modelStatus.optimal) return null;
    return {
      objective: this.#model.getObjectiveValue(),
      values: Float64Array.from(this.#model.getSolution().colValue),
    };
  }

  dispose(): void {
    this.#model.dispose();
  }
}
