import type { Highs } from 'highs';
import { assert } from '../../kernel/index.ts';
import { modelStatus } from '../linear/modelStatus.ts';
import { LinearProgram } from '../linear/LinearProgram.ts';
import { activePools, type FirstStage, type FirstStageValues } from '../model/FirstStage.ts';
import { addCaps } from '../model/GroupedModel.ts';
import { exactRates, meanLift, type HullRates } from '../model/hullRow.ts';
import { meanListMax, reservedUse, type ScenarioBlock } from '../model/ScenarioBlock.ts';
import type { PlanProblem } from '../PlanProblem.ts';

/** Money for each unit that a rule is broken by, where none can be kept: only to find out in which direction it can. */
const breachPenalty = 100;
const signedMin = 1e-9;
const liftMin = 1e-9;

/** More rates than exactness needs: cuts between them are closer to the hull. */
const richRates: readonly HullRates[] = [0.5, 0.7, 0.84, 0.9, 0.95].flatMap((listRate) =>
  [0.5, 0.75, 0.9].map((feeRate) => ({ listRate, feeRate })),
);

/**
 * What a period of a scenario costs at the least, whatever is decided: constant + slopes x values of the first stage. Lists are in the order of
 * those of FirstStageValues in that period: usable by segment of the period, then class.
 */
export interface RecourseCut {
  constant: number;
  readonly usable: readonly Float64Array[];
  readonly fees: Float64Array;
  readonly capFees: Float64Array;
  readonly pools: Map<number, number>;
}

/** What happened to the usage of a period. Money at list prices by source; units by segment and class. */
export interface RecourseDetail {
  readonly spend: readonly number[];
  readonly costs: readonly number[];
  readonly reservedUse: readonly (readonly number[])[];
  /** Money over each cap of list prices, in their order. */
  readonly overCaps: readonly number[];
}

export const emptyCut = (problem: PlanProblem): RecourseCut => ({
  constant: 0,
  usable: Array.from({ length: problem.segmentsPerPeriod }, () => new Float64Array(problem.classes.length)),
  fees: new Float64Array(problem.accounts.length),
  capFees: new Float64Array(problem.caps.length),
  pools: new Map(),
});

/** Adds a cut to another, times a weight. */
export const addCut = (sum: RecourseCut, cut: RecourseCut, weight: number): void => {
  sum.constant += weight * cut.constant;
  const addAll = (target: Float64Array | undefined, source: Float64Array | undefined): void => {
    if (!target || !source) return;
    for (const [index, value] of source.entries()) target[index] = (target[index] ?? 0) + weight * value;
  };
  for (const [segment, classes] of cut.usable.entries()) addAll(sum.usable[segment], classes);
  addAll(sum.fees, cut.fees);
  addAll(sum.capFees, cut.capFees);
  for (const [pool, value] of cut.pools) sum.pools.set(pool, (sum.pools.get(pool) ?? 0) + weight * value);
};

/** The value of a cut at a decision. */
export const cutValue = (problem: PlanProblem, cut: RecourseCut, period: number, values: FirstStageValues): number => {
  let value = cut.constant;
  for (const [segment, classes] of cut.usable.entries()) {
    const usable = values.usable[period * problem.segmentsPerPeriod + segment];
    for (const [index, slope] of classes.entries()) value += slope * (usable?.[index] ?? 0);
  }
  for (const [account, slope] of cut.fees.entries()) value += slope * (values.fees[period]?.[account] ?? 0);
  for (const [cap, slope] of cut.capFees.entries()) value += slope * (values.capFees[period]?.[cap] ?? 0);
  for (const [pool, slope] of cut.pools) value += slope * (values.pools[pool] ?? 0);
  return value;
};

/** total >= cut, as a row of a program with this first stage. @param total Column of what the period costs. */
export const cutRow = (
  problem: PlanProblem,
  stage: FirstStage,
  cut: RecourseCut,
  period: number,
  total: number,
): { lower: number; upper: number; columns: number[]; values: number[] } => {
  const columns = [total];
  const values = [1];
  const add = (column: number | undefined, slope: number): void => {
    if (column === undefined || slope === 0) return;
    columns.push(column);
    values.push(-slope);
  };
  for (const [segment, classes] of cut.usable.entries()) {
    const usable = stage.usable[period * problem.segmentsPerPeriod + segment];
    for (const [index, slope] of classes.entries()) add(usable?.[index], slope);
  }
  for (const [account, slope] of cut.fees.entries()) add(stage.fees[period]?.[account], slope);
  for (const [cap, slope] of cut.capFees.entries()) add(stage.capFees[period]?.[cap], slope);
  for (const [pool, slope] of cut.pools) add(stage.pools[pool], slope);
  return { lower: cut.constant, upper: Infinity, columns, values };
};

/**
 * The exact cost of one scenario, or of a group at its mean, in one period under a decision, as a small linear program that is kept warm: all that the decision and the
 * scenario say is in its bounds. Its duals give a cut that holds for every decision.
 */
export class Recourse {
  readonly #problem: PlanProblem;
  readonly #model: ReturnType<Highs['createModel']>;
  readonly #rates: readonly HullRates[];
  readonly #program: LinearProgram;
  readonly #reserved: readonly (readonly number[])[];
  readonly #costs: readonly number[];
  readonly #spend: readonly number[];
  readonly #slacks: readonly number[];
  /** How far demand is not served, a guard or a cap on cost not kept: fixed at none but where nothing else is left. */
  readonly #breaches: readonly number[];
  readonly #capRows: readonly number[];
  readonly #balanceRows: readonly number[];
  /** By account: first the guard, then one row for each rate. */
  readonly #accountRows: readonly number[];
  readonly #rowLower: Float64Array;
  readonly #rowUpper: Float64Array;
  readonly #columnLower: Float64Array;
  readonly #columnUpper: Float64Array;
  /** Prices that the balance rows have now. */
  readonly #pricesNow: number[];
  #solved = 0;
  #breached = false;

  constructor(highs: Highs, problem: PlanProblem) {
    this.#problem = problem;
    this.#rates = [...exactRates(problem), ...richRates];
    const program = new LinearProgram();
    this.#program = program;
    this.#reserved = Array.from({ length: problem.segmentsPerPeriod }, () =>
      problem.classes.map(() => program.column(0)),
    );
    this.#costs = problem.accounts.map(() => program.column(0));
    this.#spend = problem.sources.map(() => program.column(0));
    const total = program.column(1);
    this.#balanceRows = problem.classes.map((_, index) => this.#addBalance(index));
    this.#accountRows = problem.accounts.map((_, account) => this.#addAccount(account));
    const { slacks, rows } = addCaps(program, problem, { spend: this.#spend, costs: this.#costs, total }, null);
    this.#slacks = slacks;
    this.#capRows = rows;
    const breach = (row: number, sign: 1 | -1): number => {
      const column = program.column(0, 0, 0);
      const found = program.rows[row];
      if (found) program.rows[row] = { ...found, columns: [...found.columns, column], values: [...found.values, sign] };
      return column;
    };
    this.#breaches = [
      ...this.#balanceRows.map((row) => breach(row, 1)),
      ...this.#accountRows.map((row) => breach(row, -1)),
      ...rows.filter((_, cap) => problem.caps[cap]?.basis.kind === 'cost').map((row) => breach(row, -1)),
    ];
    program.define(
      total,
      [...this.#costs, ...slacks, ...this.#breaches],
      [
        ...this.#costs.map(() => 1),
        ...slacks.map(() => problem.capPenalty),
        ...this.#breaches.map(() => breachPenalty),
      ],
    );
    this.#pricesNow = problem.sources.map(() => 1);
    this.#rowLower = Float64Array.from(program.rows, ({ lower }) => lower);
    this.#rowUpper = Float64Array.from(program.rows, ({ upper }) => upper);
    this.#columnLower = Float64Array.from(program.lower);
    this.#columnUpper = Float64Array.from(program.upper);
    this.#model = highs.createModel(program.modelData(false));
    this.#model.options.set({ output_flag: false, presolve: 'off' });
  }

  /** How many linear programs were solved: the unit of work. */
  get solved(): number {
    return this.#solved;
  }

  dispose(): void {
    this.#model.dispose();
  }

  /** The cost alone. */
  cost(values: FirstStageValues, block: ScenarioBlock): number {
    this.#run(values, block);
    return this.#breached ? Infinity : this.#model.getObjectiveValue();
  }

  /** The cost, and what it is at the least under any other decision. */
  costAndCut(values: FirstStageValues, block: ScenarioBlock): { readonly cost: number; readonly cut: RecourseCut } {
    const slopes = this.#run(values, block);
    const cost = this.#breached ? Infinity : this.#model.getObjectiveValue();
    return { cost, cut: this.#cut(values, block, slopes) };
  }

  /** The cost, and where the usage goes. */
  detail(values: FirstStageValues, block: ScenarioBlock): RecourseDetail {
    this.#run(values, block);
    const { colValue } = this.#model.getSolution();
    const at = (column: number): number => colValue[column] ?? 0;
    return {
      spend: this.#spend.map(at),
      costs: this.#costs.map(at),
      reservedUse: this.#reserved.map((classes) => classes.map(at)),
      overCaps: this.#slacks.map(at),
    };
  }

  #addBalance(index: number): number {
    const serving = this.#problem.sources.flatMap((source, at) => (source.class === index ? [at] : []));
    this.#program.row({
      lower: 0,
      upper: 0,
      columns: [...this.#reserved.map((classes) => classes[index] ?? 0), ...serving.map((at) => this.#spend[at] ?? 0)],
      values: [...this.#reserved.map(() => 1), ...serving.map(() => 1)],
    });
    return this.#program.rows.length - 1;
  }

  #addAccount(account: number): number {
    const first = this.#program.rows.length;
    const own = this.#spend.filter((_, source) => this.#problem.sources[source]?.account === account);
    this.#program.row({ lower: -Infinity, upper: Infinity, columns: own, values: own.map(() => 1) });
    for (const { listRate } of this.#rates) {
      const columns = [this.#costs[account] ?? 0, ...own];
      this.#program.row({ lower: 0, upper: Infinity, columns, values: [1, ...own.map(() => -listRate)] });
    }
    return first;
  }

  /** @returns the slopes of the use of reserved capacity, by segment and class. */
  #run(values: FirstStageValues, block: ScenarioBlock): readonly (readonly number[])[] {
    this.#setPrices(block.prices);
    for (const [index, row] of this.#balanceRows.entries()) {
      this.#rowLower[row] = block.demand[index] ?? 0;
      this.#rowUpper[row] = block.demand[index] ?? 0;
    }
    const slopes = this.#boundReserved(values, block);
    for (const account of this.#problem.accounts.keys()) this.#boundAccount(values, block, account);
    for (const [cap, row] of this.#capRows.entries()) {
      this.#rowUpper[row] = -(values.capFees[block.period]?.[cap] ?? 0);
    }
    this.#model.changeRowsBounds(
      { kind: 'range', from: 0, to: this.#rowLower.length - 1 },
      this.#rowLower,
      this.#rowUpper,
    );
    this.#model.changeColsBounds(
      { kind: 'range', from: 0, to: this.#columnLower.length - 1 },
      this.#columnLower,
      this.#columnUpper,
    );
    this.#model.run();
    this.#solved += 1;
    this.#breached = this.#model.getModelStatus() !== modelStatus.optimal;
    if (this.#breached) this.#runBreached();
    return slopes;
  }

  /** Where no usage satisfies the rules: duals of how far they must be broken are a cut that holds for every decision, too. */
  #runBreached(): void {
    const indices = Int32Array.from(this.#breaches);
    this.#model.changeColsBounds(
      { kind: 'set', indices },
      new Float64Array(indices.length),
      new Float64Array(indices.length).fill(Infinity),
    );
    this.#model.run();
    this.#solved += 1;
    assert(this.#model.getModelStatus() === modelStatus.optimal, 'rules that may be broken can be satisfied');
  }

  #boundReserved(values: FirstStageValues, block: ScenarioBlock): readonly (readonly number[])[] {
    return this.#reserved.map((classes, segment) =>
      classes.map((column, index) => {
        const usable = values.usable[block.period * this.#problem.segmentsPerPeriod + segment]?.[index] ?? 0;
        const demands = block.segments[segment]?.[index];
        if (demands === undefined) return 0;
        const { use, slope } = reservedUse(demands, usable);
        this.#columnUpper[column] = use;
        return slope;
      }),
    );
  }

  #boundAccount(values: FirstStageValues, block: ScenarioBlock, account: number): void {
    const first = this.#accountRows[account] ?? 0;
    const fees = values.fees[block.period]?.[account] ?? 0;
    const active = activePools(this.#problem, block.period, account).filter(
      (pool) => (values.pools[pool] ?? 0) > signedMin,
    );
    this.#rowUpper[first] = meanListMax(block, account);
    for (const [index, rates] of this.#rates.entries()) {
      let least = rates.feeRate * fees;
      for (const pool of active)
        least += (values.pools[pool] ?? 0) * meanLift(this.#problem, block, account, pool, rates);
      this.#rowLower[first + 1 + index] = least;
    }
    this.#columnLower[this.#costs[account] ?? 0] = Math.max(0, values.leastPaid[block.period]?.[account] ?? 0);
  }

  #setPrices(prices: readonly number[]): void {
    for (const [source, price] of prices.entries()) {
      if (this.#pricesNow[source] === price) continue;
      this.#pricesNow[source] = price;
      const row = this.#balanceRows[this.#problem.sources[source]?.class ?? 0] ?? 0;
      this.#model.changeCoefficient(row, this.#spend[source] ?? 0, 1 / price);
    }
  }

  #cut(values: FirstStageValues, block: ScenarioBlock, slopes: readonly (readonly number[])[]): RecourseCut {
    const { rowDual, colDual } = this.#model.getSolution();
    const cut = emptyCut(this.#problem);
    for (const [index, row] of this.#balanceRows.entries()) {
      cut.constant += (rowDual[row] ?? 0) * (block.demand[index] ?? 0);
    }
    for (const [segment, classes] of this.#reserved.entries()) {
      for (const [index, column] of classes.entries()) {
        const dual = Math.min(0, colDual[column] ?? 0);
        const slope = slopes[segment]?.[index] ?? 0;
        const usable = values.usable[block.period * this.#problem.segmentsPerPeriod + segment]?.[index] ?? 0;
        cut.constant += dual * ((this.#columnUpper[column] ?? 0) - slope * usable);
        const row = cut.usable[segment];
        if (row) row[index] = dual * slope;
      }
    }
    for (const [cap, row] of this.#capRows.entries()) {
      // The bound of the row is minus the fees.
      cut.capFees[cap] = -Math.min(0, rowDual[row] ?? 0);
    }
    for (const account of this.#problem.accounts.keys()) this.#cutAccount(cut, block, account, rowDual, colDual);
    return cut;
  }

  /** The duals of an account's rows together are one row of mean rates, whose lifts are at least the mean of theirs. */
  #cutAccount(
    cut: RecourseCut,
    block: ScenarioBlock,
    account: number,
    rowDual: Float64Array,
    colDual: Float64Array,
  ): void {
    const first = this.#accountRows[account] ?? 0;
    cut.constant += Math.min(0, rowDual[first] ?? 0) * meanListMax(block, account);
    let weight = Math.max(0, colDual[this.#costs[account] ?? 0] ?? 0);
    let listRate = 0;
    let feeRate = 0;
    for (const [index, rates] of this.#rates.entries()) {
      const dual = Math.max(0, rowDual[first + 1 + index] ?? 0);
      weight += dual;
      listRate += dual * rates.listRate;
      feeRate += dual * rates.feeRate;
    }
    if (weight < liftMin) return;
    cut.fees[account] = feeRate;
    const mean = { listRate: listRate / weight, feeRate: feeRate / weight };
    for (const pool of activePools(this.#problem, block.period, account)) {
      const lift = weight * meanLift(this.#problem, block, account, pool, mean);
      if (Math.abs(lift) > liftMin) cut.pools.set(pool, lift);
    }
  }
}
