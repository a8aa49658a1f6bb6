import { LinearProgram, type LinearRow } from '../linear/LinearProgram.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { addFirstStage, type FirstStage } from './FirstStage.ts';
import { exactRates, hullRow, type HullPlace, type HullRates } from './hullRow.ts';
import { meanListMax, reservedUse, type ScenarioBlock, type ScenarioGroup } from './ScenarioBlock.ts';

/** Columns of what one group does in one period. */
export interface BlockColumns {
  readonly block: ScenarioBlock;
  /** What the period costs the group. */
  readonly total: number;
  /** Use of reserved capacity by segment of the period, then class; empty in a projected model. */
  readonly reserved: readonly (readonly number[])[];
  readonly places: readonly HullPlace[];
}

/** A model over groups of scenarios: a relaxation of the plan, exact where each group is one scenario and all cuts are there. */
export interface GroupedModel {
  readonly program: LinearProgram;
  readonly stage: FirstStage;
  /** By group, then period. */
  readonly blocks: readonly (readonly BlockColumns[])[];
}

export interface GroupedOptions {
  /** Whether levels of commitment are columns of their own. */
  readonly levels: boolean;
  /** Whether the recourse is in the model; else only what each block costs is, to be told by cuts. */
  readonly recourse: boolean;
}

/** Capacities at which the use of reserved capacity is tangent from the beginning, as shares of the demands below them. */
const tangentShares = [0.15, 0.3, 0.5, 0.7, 0.85];

const tangentRow = (
  segment: ScenarioBlock['segments'][number][number],
  columns: { readonly use: number; readonly usable: number },
  capacity: number,
): LinearRow & { readonly slope: number } => {
  const { use, slope } = reservedUse(segment, capacity);
  return {
    lower: -Infinity,
    upper: use - slope * capacity,
    columns: [columns.use, columns.usable],
    values: [1, -slope],
    slope,
  };
};

const addReserved = (
  program: LinearProgram,
  problem: PlanProblem,
  stage: FirstStage,
  block: ScenarioBlock,
): readonly (readonly number[])[] =>
  block.segments.map((classes, segment) =>
    classes.map((demands, index) => {
      const most = demands.units.reduce((sum, units, at) => sum + units * (demands.weights[at] ?? 0), 0);
      const use = program.column(0, 0, most);
      const usable = stage.usable[block.period * problem.segmentsPerPeriod + segment]?.[index] ?? 0;
      const sorted = demands.units.toSorted();
      const capacities = [0, ...tangentShares.map((share) => sorted[Math.floor(share * sorted.length)] ?? 0)];
      const slopes = new Set<number>();
      for (const capacity of capacities) {
        const row = tangentRow(demands, { use, usable }, capacity);
        if (row.slope <= 0 || slopes.has(row.slope)) continue;
        slopes.add(row.slope);
        program.row(row);
      }
      return use;
    }),
  );

/** Rows of the caps in one block. @param spend By source. @param total What they are shares of, where it is the cost. */
export const addCaps = (
  program: LinearProgram,
  problem: PlanProblem,
  columns: { readonly spend: readonly number[]; readonly costs: readonly number[]; readonly total: number },
  capFees: ((cap: number) => number) | null,
): { readonly slacks: readonly number[]; readonly rows: readonly number[] } => {
  const slacks: number[] = [];
  const rows: number[] = [];
  for (const [index, cap] of problem.caps.entries()) {
    rows.push(program.rows.length);
    const fees = capFees === null ? [] : [capFees(index)];
    if (cap.basis.kind === 'cost') {
      const { accountShares } = cap.basis;
      // The total is the costs alone, unless what is over a cap of list prices has its price in it.
      const whole = problem.caps.every(({ basis }) => basis.kind === 'cost');
      const inside = columns.costs.flatMap((column, account) => {
        const share = (accountShares[account] ?? 0) - (whole ? 0 : cap.share);
        return share === 0 ? [] : [[column, share] as const];
      });
      const total = whole ? [columns.total] : [];
      program.row({
        lower: -Infinity,
        upper: 0,
        columns: [...inside.map(([column]) => column), ...total, ...fees],
        values: [...inside.map(([, share]) => share), ...total.map(() => -cap.share), ...fees.map(() => 1)],
      });
      continue;
    }
    const { sourceShares } = cap.basis;
    const slack = program.column(0);
    slacks.push(slack);
    program.row({
      lower: -Infinity,
      upper: 0,
      columns: [...columns.spend, slack, ...fees],
      values: [...columns.spend.map((_, source) => (sourceShares[source] ?? 0) - cap.share), -1, ...fees.map(() => 1)],
    });
  }
  return { slacks, rows };
};

const addBlock = (
  program: LinearProgram,
  problem: PlanProblem,
  stage: FirstStage,
  block: ScenarioBlock,
  cost: number,
): BlockColumns => {
  const { period } = block;
  const total = program.column(cost);
  const reserved = addReserved(program, problem, stage, block);
  const spend = problem.sources.map(() => program.column(0));
  const costs = problem.accounts.map(() => program.column(0));
  const places = problem.accounts.map((_, account): HullPlace => {
    const own = spend.filter((_column, source) => problem.sources[source]?.account === account);
    return { block, account, cost: costs[account] ?? 0, spend: own };
  });
  const rates = exactRates(problem);
  for (const place of places) {
    const { account, spend: own } = place;
    if (own.length > 0)
      program.row({ lower: -Infinity, upper: meanListMax(block, account), columns: own, values: own.map(() => 1) });
    // The two ends now, the rest where they are needed.
    const least = rates.reduce((one, other) => (other.listRate < one.listRate && other.feeRate === 1 ? other : one));
    for (const one of least.listRate === 1 ? [least] : [least, { listRate: 1, feeRate: 1 }]) {
      program.row(hullRow(problem, stage, place, one));
    }
    program.row({
      lower: 0,
      upper: Infinity,
      columns: [place.cost, stage.leastPaid[period]?.[account] ?? 0],
      values: [1, -1],
    });
  }
  const { slacks } = addCaps(program, problem, { spend, costs, total }, (cap) => stage.capFees[period]?.[cap] ?? 0);
  for (const [index] of problem.classes.entries()) {
    const serving = problem.sources.flatMap((source, at) => (source.class === index ? [at] : []));
    program.row({
      lower: block.demand[index] ?? 0,
      upper: block.demand[index] ?? 0,
      columns: [...reserved.map((classes) => classes[index] ?? 0), ...serving.map((at) => spend[at] ?? 0)],
      values: [...reserved.map(() => 1), ...serving.map((at) => 1 / (block.prices[at] ?? 1))],
    });
  }
  program.define(total, [...costs, ...slacks], [...costs.map(() => 1), ...slacks.map(() => problem.capPenalty)]);
  return { block, total, reserved, places };
};

/** Writes the model over groups down: what is decided, what each group does with it, and the mean and the tail of what that costs. */
export const groupedModel = (
  problem: PlanProblem,
  groups: readonly ScenarioGroup[],
  options: GroupedOptions,
): GroupedModel => {
  const { cvarWeight, beta } = problem.risk;
  const program = new LinearProgram();
  const stage = addFirstStage(program, problem, options.levels);
  const tail = cvarWeight > 0 ? program.column(cvarWeight, -Infinity) : null;
  const blocks = groups.map((group) => {
    const cost = (1 - cvarWeight) * group.weight;
    const columns = group.blocks.map((block) =>
      options.recourse
        ? addBlock(program, problem, stage, block, cost)
        : { block, total: program.column(cost), reserved: [], places: [] },
    );
    if (tail !== null) {
      const excess = program.column((cvarWeight * group.weight) / (1 - beta));
      program.row({
        lower: -Infinity,
        upper: 0,
        columns: [...columns.map(({ total }) => total), tail, excess],
        values: [...columns.map(() => 1), -1, -1],
      });
    }
    return columns;
  });
  return { program, stage, blocks };
};

const gridRates: readonly HullRates[] = [0, 0.3, 0.5, 0.7, 0.84, 0.87, 0.9, 0.92, 0.93, 0.95, 0.98, 1].flatMap(
  (listRate) =>
    [0, 0.25, 0.5, 0.75, 0.9, 1].flatMap((feeRate) => (listRate === 0 && feeRate > 0 ? [] : [{ listRate, feeRate }])),
);

/**
 * Cuts that a point of a grouped model violates by more than a tolerance: tangents of the use of reserved capacity, and for each account the
 * deepest cut of its hull over a grid of rates and the exact ones.
 */
export const separate = (
  problem: PlanProblem,
  model: GroupedModel,
  point: ArrayLike<number>,
  tolerance: number,
): readonly LinearRow[] => {
  const rows: LinearRow[] = [];
  const rates = [...gridRates, ...exactRates(problem)];
  for (const columns of model.blocks.flat()) {
    const { block, reserved, places } = columns;
    for (const [segment, classes] of reserved.entries()) {
      for (const [index, use] of classes.entries()) {
        const usable = model.stage.usable[block.period * problem.segmentsPerPeriod + segment]?.[index] ?? 0;
        const demands = block.segments[segment]?.[index];
        const capacity = point[usable] ?? 0;
        if (demands === undefined || (point[use] ?? 0) <= reservedUse(demands, capacity).use + tolerance) continue;
        rows.push(tangentRow(demands, { use, usable }, capacity));
      }
    }
    for (const place of places) {
      const deepest = deepestHullRow(problem, model.stage, place, rates, point, tolerance);
      if (deepest !== null) rows.push(deepest);
    }
  }
  return rows;
};

const deepestHullRow = (
  problem: PlanProblem,
  stage: FirstStage,
  place: HullPlace,
  rates: readonly HullRates[],
  point: ArrayLike<number>,
  tolerance: number,
): LinearRow | null => {
  let deepest: LinearRow | null = null;
  let depth = tolerance;
  for (const one of rates) {
    const row = hullRow(problem, stage, place, one);
    let activity = 0;
    for (const [index, column] of row.columns.entries()) activity += (row.values[index] ?? 0) * (point[column] ?? 0);
    if (-activity <= depth) continue;
    depth = -activity;
    deepest = row;
  }
  return deepest;
};
