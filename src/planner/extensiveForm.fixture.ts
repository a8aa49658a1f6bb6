// The judge of the planner: the plan as one large linear programme, step by step and written down as directly as it can be. It knows nothing
// of how the planner solves it, and shares no code with it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Highs, InitOptions, ModelData, VariableType } from 'highs';
import type {
  ConcentrationCap,
  PlanDecision,
  PlanProblem,
  PlanScenario,
  PoolOffer,
  ReservationOffer,
  Resilience,
} from './PlanProblem.ts';

export interface ExtensiveOptions {
  /** Prices this decision instead of looking for the best one. */
  readonly fixed?: PlanDecision;
  /** Lets pools and reservations of one amount be signed in part. */
  readonly relax?: boolean;
  /** Holds the guards of the search, which the problem itself does not ask for. */
  readonly guards?: boolean;
}

export interface ExtensiveSolution {
  readonly status: 'optimal' | 'infeasible';
  /** Mean and tail weighed; Infinity where nothing is feasible, as for the four below. */
  readonly objective: number;
  /** No plan costs less; equal to the objective but for the last digits. */
  readonly bound: number;
  readonly mean: number;
  readonly cvar: number;
  /** Empty where nothing is feasible. Where the risk measure is all tail, costs outside of the tail need not be the least. */
  readonly scenarioCosts: readonly number[];
  /** In a relaxation, a pool counts as signed when it is so by more than half. Null where nothing is feasible. */
  readonly decision: PlanDecision | null;
}

const solveSecondsMax = 240;
const unlimited = Infinity;

const range = (from: number, until: number): number[] =>
  Array.from({ length: Math.max(0, until - from) }, (_, index) => from + index);

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const at = <T>(list: ArrayLike<T>, index: number): T => {
  const value = list[index];
  assert(value !== undefined, `nothing at ${index} of ${list.length}`);
  return value;
};

/** A column with its coefficient. */
type Term = readonly [column: number, coefficient: number];

const scaled = (terms: readonly Term[], factor: number): Term[] =>
  terms.map(([column, coefficient]) => [column, coefficient * factor]);

/** Columns and rows as they are written down. */
class Form {
  readonly costs: number[] = [];
  readonly lowers: number[] = [];
  readonly uppers: number[] = [];
  readonly integers: boolean[] = [];
  readonly rows: { readonly lower: number; readonly upper: number; readonly terms: Map<number, number> }[] = [];

  column(upper = unlimited, cost = 0, lower = 0): number {
    this.costs.push(cost);
    this.lowers.push(lower);
    this.uppers.push(upper);
    this.integers.push(false);
    return this.costs.length - 1;
  }

  /** lower <= sum of the terms <= upper; a column may be named several times. */
  row(lower: number, terms: readonly Term[], upper: number): void {
    const merged = new Map<number, number>();
    for (const [column, coefficient] of terms) merged.set(column, (merged.get(column) ?? 0) + coefficient);
    this.rows.push({ lower, upper, terms: merged });
  }

  fix(column: number, value: number): void {
    this.lowers[column] = value;
    this.uppers[column] = value;
    this.integers[column] = false;
  }

  modelData(): ModelData {
    const starts = [0];
    for (const { terms } of this.rows) starts.push(at(starts, starts.length - 1) + terms.size);
    return {
      numCols: this.costs.length,
      numRows: this.rows.length,
      colCost: this.costs,
      colLower: this.lowers,
      colUpper: this.uppers,
      rowLower: this.rows.map(({ lower }) => lower),
      rowUpper: this.rows.map(({ upper }) => upper),
      matrix: {
        format: 'csr',
        numRows: this.rows.length,
        numCols: this.costs.length,
        starts,
        indices: this.rows.flatMap(({ terms }) => [...terms.keys()]),
        values: this.rows.flatMap(({ terms }) => [...terms.values()]),
      },
      ...(this.integers.includes(true)
        ? { integrality: this.integers.map((integer): VariableType => (integer ? 1 : 0)) }
        : {}),
    };
  }
}

/** What is decided, as columns. */
interface Decided {
  readonly pools: readonly number[];
  /** Units a month of each reservation: a term, since one amount and no other is a binary times that amount. */
  readonly reservations: readonly Term[];
}

const stepsPerPeriod = (problem: PlanProblem): number => problem.segmentsPerPeriod * problem.stepsPerSegment;

const stepsOf = (problem: PlanProblem, period: number): number[] =>
  range(period * stepsPerPeriod(problem), (period + 1) * stepsPerPeriod(problem));

const isPoolInForce = (pool: PoolOffer, period: number): boolean =>
  pool.fromPeriod <= period && period < pool.untilPeriod;

const floorOf = (pool: PoolOffer, period: number): number => at(pool.floors, period - pool.fromPeriod);

const isReservedIn = (reservation: ReservationOffer, segment: number): boolean =>
  reservation.fromSegment <= segment && segment < reservation.untilSegment;

/** Money in a period for each unit a month that is reserved. */
const feeOf = (problem: PlanProblem, reservation: ReservationOffer, period: number): number => {
  const first = period * problem.segmentsPerPeriod;
  const segments = range(first, first + problem.segmentsPerPeriod).filter((segment) =>
    isReservedIn(reservation, segment),
  );
  return reservation.feePerMonth * segments.length * problem.stepsPerSegment * problem.monthsPerStep;
};

const priceOf = (problem: PlanProblem, scenario: PlanScenario, source: number, period: number): number =>
  at(at(problem.sources, source).listPrice, period) *
  at(at(at(problem.priceIndices, scenario.prices).factors, source), period);

const unitsOf = (problem: PlanProblem, scenario: PlanScenario, k: number, period: number): number =>
  sumOf(stepsOf(problem, period).map((step) => at(at(scenario.demand, k), step)));

/** What all demand of a period would cost at one price a class; classes without demand or without a price cost nothing. */
const listCostOf = (
  problem: PlanProblem,
  scenario: PlanScenario,
  period: number,
  sources: readonly number[],
  choose: (prices: readonly number[]) => number,
): number =>
  sumOf(
    problem.classes.map((_, k) => {
      const prices = sources
        .filter((source) => at(problem.sources, source).class === k)
        .map((source) => priceOf(problem, scenario, source, period));
      return prices.length === 0 ? 0 : choose(prices) * unitsOf(problem, scenario, k, period);
    }),
  );

const sourcesOf = (problem: PlanProblem, account: number): number[] =>
  range(0, problem.sources.length).filter((source) => at(problem.sources, source).account === account);

/** Usage of an account at list price when it serves all that it can. */
const usageMax = (problem: PlanProblem, scenario: PlanScenario, account: number, period: number): number =>
  listCostOf(problem, scenario, period, sourcesOf(problem, account), (prices) => Math.max(...prices));

const usageGuard = (problem: PlanProblem, scenario: PlanScenario, account: number, period: number): number => {
  const most = usageMax(problem, scenario, account, period);
  const { usageShare } = problem.guards;
  if (usageShare === Infinity) return most;
  const all = range(0, problem.sources.length);
  return Math.min(most, usageShare * listCostOf(problem, scenario, period, all, (prices) => Math.min(...prices)));
};

/** Fees of an account's reservations in a period, over those that `counts` takes. */
const feeTerms = (
  problem: PlanProblem,
  decided: Decided,
  period: number,
  counts: (reservation: ReservationOffer) => boolean,
): Term[] =>
  problem.reservations.flatMap((reservation, index) => {
    const fee = feeOf(problem, reservation, period);
    return fee === 0 || !counts(reservation) ? [] : scaled([at(decided.reservations, index)], fee);
  });

const poolColumn = (form: Form, pool: PoolOffer, whole: boolean): number => {
  const column = form.column(1);
  form.integers[column] = whole;
  if (pool.signed) form.row(1, [[column, 1]], 1);
  return column;
};

const reservationTerm = (form: Form, { quantity, signed }: ReservationOffer, whole: boolean): Term => {
  const exact = quantity.kind === 'exactly';
  const column = form.column(exact ? 1 : quantity.max);
  form.integers[column] = whole && exact;
  // What was signed up to a most was signed for that most.
  if (signed) form.row(exact ? 1 : quantity.max, [[column, 1]], unlimited);
  return [column, exact ? quantity.units : 1];
};

const fixDecision = (form: Form, problem: PlanProblem, decided: Decided, fixed: PlanDecision): void => {
  assert.equal(fixed.pools.length, problem.pools.length);
  assert.equal(fixed.reservations.length, problem.reservations.length);
  for (const [index, signed] of fixed.pools.entries()) form.fix(at(decided.pools, index), signed ? 1 : 0);
  for (const [index, units] of fixed.reservations.entries()) {
    const { name, quantity } = at(problem.reservations, index);
    const possible =
      quantity.kind === 'exactly' ? units === 0 || units === quantity.units : units >= 0 && units <= quantity.max;
    assert(possible, `${units} of ${name} cannot be reserved`);
    const [column, perColumn] = at(decided.reservations, index);
    form.fix(column, units === 0 ? 0 : units / perColumn);
  }
};

const writeOnePoolAtATime = (form: Form, problem: PlanProblem, decided: Decided): void => {
  for (const account of problem.accounts.keys())
    for (const period of range(0, problem.periods)) {
      const rivals = problem.pools.flatMap((pool, index): Term[] =>
        pool.account === account && isPoolInForce(pool, period) ? [[at(decided.pools, index), 1]] : [],
      );
      if (rivals.length > 1) form.row(0, rivals, 1);
    }
};

/** A flow from each class to each node that has a source for it, in each loss and period: at the end of the period, since demand is told for it. */
const writeResilience = (form: Form, problem: PlanProblem, decided: Decided, resilience: Resilience): void => {
  for (const loss of resilience.losses)
    for (const period of range(0, problem.periods)) {
      const flows = resilience.nodes.map((_, node) =>
        problem.classes.map((__, k) =>
          problem.sources.some((source) => source.node === node && source.class === k) ? form.column() : null,
        ),
      );
      for (const k of problem.classes.keys()) {
        const asked = at(resilience.servedShares, k) * at(at(resilience.designDemand, period), k);
        const served = flows.flatMap((byClass): Term[] => {
          const flow = byClass[k];
          return flow === null || flow === undefined ? [] : [[flow, 1]];
        });
        form.row(asked, served, unlimited);
      }
      const lastSegment = (period + 1) * problem.segmentsPerPeriod - 1;
      for (const [index, node] of resilience.nodes.entries()) {
        const left = at(loss.capacityLeft, index);
        const used = at(flows, index).flatMap((flow): Term[] => (flow === null ? [] : [[flow, 1]]));
        const byPools = problem.pools.flatMap((pool, offer): Term[] =>
          pool.account === node.account && isPoolInForce(pool, period)
            ? [[at(decided.pools, offer), left * node.perPoolMoney * floorOf(pool, period)]]
            : [],
        );
        const byReservations = problem.reservations.flatMap((reservation, offer) =>
          reservation.node === index && isReservedIn(reservation, lastSegment)
            ? scaled([at(decided.reservations, offer)], left * (1 + node.reservationBurst) * problem.monthsPerStep)
            : [],
        );
        form.row(
          -unlimited,
          [...used, ...scaled(byPools, -1), ...scaled(byReservations, -1)],
          left * at(node.base, period),
        );
      }
    }
};

const writeDecisions = (form: Form, problem: PlanProblem, options: ExtensiveOptions): Decided => {
  const whole = options.relax !== true;
  const decided: Decided = {
    pools: problem.pools.map((pool) => poolColumn(form, pool, whole)),
    reservations: problem.reservations.map((reservation) => reservationTerm(form, reservation, whole)),
  };
  if (options.fixed) fixDecision(form, problem, decided, options.fixed);
  writeOnePoolAtATime(form, problem, decided);
  if (options.guards === true)
    for (const account of problem.accounts.keys())
      for (const period of range(0, problem.periods)) {
        const fees = feeTerms(problem, decided, period, (reservation) => reservation.account === account);
        form.row(-unlimited, fees, at(problem.guards.reservationFees, period));
      }
  if (problem.resilience) writeResilience(form, problem, decided, problem.resilience);
  return decided;
};

/** Usage of a period: units that each source serves, over all its steps. */
const writeUsage = (
  form: Form,
  problem: PlanProblem,
  decided: Decided,
  scenario: PlanScenario,
  period: number,
): readonly (readonly Term[])[] => {
  const units = problem.sources.map((): Term[] => []);
  for (const step of stepsOf(problem, period))
    for (const k of problem.classes.keys()) {
      const demand = at(at(scenario.demand, k), step);
      const reserved = form.column();
      const served: Term[] = [[reserved, 1]];
      for (const [source, serves] of problem.sources.entries())
        if (serves.class === k) {
          const term: Term = [form.column(), 1];
          at(units, source).push(term);
          served.push(term);
        }
      form.row(demand, served, demand);
      const segment = Math.floor(step / problem.stepsPerSegment);
      const capacity = problem.reservations.flatMap((reservation, offer) =>
        reservation.class === k && isReservedIn(reservation, segment)
          ? scaled([at(decided.reservations, offer)], -reservation.usableShare * problem.monthsPerStep)
          : [],
      );
      form.row(-unlimited, [[reserved, 1], ...capacity], 0);
    }
  return units;
};

/**
 * What an account costs in a period. With a pool of floor F, discount d and shortfall rate r in force, and the counted fees G: A + r max(0, F - A)
 * with A = (1 - d) usage + G. Usage is split over the pools and no pool; the split that costs least is the true one.
 */
const writeAccountCost = (
  form: Form,
  problem: PlanProblem,
  decided: Decided,
  scenario: PlanScenario,
  account: number,
  period: number,
  usage: readonly Term[],
): number => {
  const most = usageMax(problem, scenario, account, period);
  const countedFees = feeTerms(
    problem,
    decided,
    period,
    (reservation) => reservation.account === account && reservation.countsTowardsPool,
  );
  const undiscounted = form.column();
  const split: Term[] = [[undiscounted, 1]];
  const drawn: Term[] = [];
  const paid: Term[] = [
    [undiscounted, 1],
    ...feeTerms(problem, decided, period, (reservation) => reservation.account === account),
  ];
  for (const [offer, pool] of problem.pools.entries()) {
    if (pool.account !== account || !isPoolInForce(pool, period)) continue;
    const signed = at(decided.pools, offer);
    const floor = floorOf(pool, period);
    const discounted = form.column();
    const feesDrawn = form.column();
    const shortfall = form.column();
    form.row(
      -unlimited,
      [
        [discounted, 1],
        [signed, -most],
      ],
      0,
    );
    form.row(
      -unlimited,
      [
        [feesDrawn, 1],
        [signed, -floor],
      ],
      0,
    );
    form.row(
      0,
      [
        [discounted, 1 - pool.discount],
        [feesDrawn, 1],
        [shortfall, 1],
        [signed, -floor],
      ],
      unlimited,
    );
    split.push([discounted, 1]);
    drawn.push([feesDrawn, 1]);
    paid.push([discounted, 1 - pool.discount], [shortfall, pool.shortfallRate]);
  }
  form.row(0, [...split, ...scaled(usage, -1)], 0);
  if (drawn.length > 0) form.row(-unlimited, [...drawn, ...scaled(countedFees, -1)], 0);
  // A cap on what is paid can be met by paying for nothing elsewhere.
  if (problem.caps.some(({ basis }) => basis.kind === 'cost')) paid.push([form.column(), 1]);
  const cost = form.column();
  form.row(0, [...paid, [cost, -1]], 0);
  return cost;
};

/** What a scenario pays over one cap of list prices in a period: money at list within the cap, less the share of all of it. */
const writeListCap = (
  form: Form,
  problem: PlanProblem,
  decided: Decided,
  period: number,
  cap: ConcentrationCap,
  usageBySource: readonly (readonly Term[])[],
): Term[] => {
  const { basis, share } = cap;
  if (basis.kind !== 'list') return [];
  const excess = form.column();
  const usage = usageBySource.flatMap((terms, source) => scaled(terms, at(basis.sourceShares, source) - share));
  const fees = problem.reservations.flatMap((reservation, offer) =>
    scaled(
      [at(decided.reservations, offer)],
      (at(basis.reservationShares, offer) - share) * feeOf(problem, reservation, period),
    ),
  );
  form.row(-unlimited, [...usage, ...fees, [excess, -1]], 0);
  return [[excess, problem.capPenalty]];
};

/** Everything that a scenario costs in a period. */
const writePeriod = (
  form: Form,
  problem: PlanProblem,
  decided: Decided,
  scenario: PlanScenario,
  period: number,
  guards: boolean,
): Term[] => {
  const usageBySource = writeUsage(form, problem, decided, scenario, period).map((units, source) =>
    scaled(units, priceOf(problem, scenario, source, period)),
  );
  const costs = problem.accounts.map((_, account) => {
    const usage = sourcesOf(problem, account).flatMap((source) => at(usageBySource, source));
    if (guards) form.row(-unlimited, usage, usageGuard(problem, scenario, account, period));
    return writeAccountCost(form, problem, decided, scenario, account, period, usage);
  });
  for (const { basis, share } of problem.caps)
    if (basis.kind === 'cost')
      form.row(
        -unlimited,
        costs.map((cost, account) => [cost, at(basis.accountShares, account) - share]),
        0,
      );
  const penalties = problem.caps.flatMap((cap) => writeListCap(form, problem, decided, period, cap, usageBySource));
  return [...costs.map((cost): Term => [cost, 1]), ...penalties];
};

interface ExtensiveForm {
  readonly form: Form;
  readonly decided: Decided;
  /** The column of each scenario's cost. */
  readonly scenarioCosts: readonly number[];
}

const writeExtensiveForm = (problem: PlanProblem, options: ExtensiveOptions): ExtensiveForm => {
  const form = new Form();
  const decided = writeDecisions(form, problem, options);
  const { cvarWeight, beta } = problem.risk;
  const threshold = form.column(unlimited, cvarWeight, -unlimited);
  const scenarioCosts = problem.scenarios.map((scenario) => {
    const costs = range(0, problem.periods).flatMap((period) =>
      writePeriod(form, problem, decided, scenario, period, options.guards === true),
    );
    const signing = [
      ...problem.pools.map((pool, offer): Term => [at(decided.pools, offer), pool.signingCost]),
      ...problem.reservations.flatMap((one, offer) => scaled([at(decided.reservations, offer)], one.signingCost)),
    ];
    const cost = form.column(unlimited, (1 - cvarWeight) * scenario.weight);
    form.row(0, [...costs, ...signing, [cost, -1]], 0);
    const beyond = form.column(unlimited, (cvarWeight * scenario.weight) / (1 - beta));
    form.row(
      -unlimited,
      [
        [cost, 1],
        [threshold, -1],
        [beyond, -1],
      ],
      0,
    );
    return cost;
  });
  return { form, decided, scenarioCosts };
};

const load: (options?: InitOptions) => Promise<Highs> = createRequire(import.meta.url)('highs');
let runtime: Promise<Highs> | null = null;

interface Solved {
  readonly values: Float64Array;
  readonly objective: number;
  readonly bound: number;
}

/** Null where nothing is feasible. */
const solveForm = async (form: Form): Promise<Solved | null> => {
  runtime ??= load();
  const highs = await runtime;
  return highs.withModel(form.modelData(), (model) => {
    model.options.set({
      output_flag: false,
      time_limit: solveSecondsMax,
      primal_feasibility_tolerance: 1e-9,
      dual_feasibility_tolerance: 1e-9,
      mip_feasibility_tolerance: 1e-9,
      mip_rel_gap: 0,
      mip_abs_gap: 1e-9,
    });
    const { modelStatus } = model.run();
    const { optimal, infeasible, unboundedOrInfeasible } = highs.constants.modelStatus;
    // Every cost is at least zero, so what is unbounded or infeasible is infeasible.
    if (modelStatus === infeasible || modelStatus === unboundedOrInfeasible) return null;
    assert.equal(modelStatus, optimal, 'the extensive form was not solved to the end');
    const objective = model.getObjectiveValue();
    const bound = form.integers.includes(true) ? Number(model.info.get('mip_dual_bound')) : objective;
    return { values: model.getSolution().colValue, objective, bound };
  });
};

/** Mean of the costs beyond the quantile beta. */
const tailMean = (costs: readonly number[], weights: readonly number[], beta: number): number => {
  let left = 1 - beta;
  let sum = 0;
  for (const [cost, weight] of costs
    .map((value, index) => [value, at(weights, index)] as const)
    .toSorted(([one], [other]) => other - one)) {
    const taken = Math.min(left, weight);
    sum += taken * cost;
    left -= taken;
  }
  return sum / (1 - beta);
};

const nothing: ExtensiveSolution = {
  status: 'infeasible',
  objective: Infinity,
  bound: Infinity,
  mean: Infinity,
  cvar: Infinity,
  scenarioCosts: [],
  decision: null,
};

/** A binary is only one within a tolerance, and large floors make money of that: here they are made whole, and the rest is solved again. */
const solvedWhole = async (form: Form): Promise<Solved | null> => {
  const first = await solveForm(form);
  if (first === null || !form.integers.includes(true)) return first;
  for (const [column, integer] of form.integers.entries())
    if (integer) form.fix(column, Math.round(at(first.values, column)));
  const second = await solveForm(form);
  assert(second !== null, 'made whole, the best plan is infeasible');
  return { ...second, bound: first.bound };
};

/** The least that the problem can cost, or what one decision costs: by the plain extensive form, in one piece. */
export const solveExtensive = async (
  problem: PlanProblem,
  options: ExtensiveOptions = {},
): Promise<ExtensiveSolution> => {
  const { form, decided, scenarioCosts } = writeExtensiveForm(problem, options);
  const solved = await solvedWhole(form);
  if (solved === null) return nothing;
  const valueOf = ([column, coefficient]: Term): number => Math.max(0, at(solved.values, column)) * coefficient;
  const costs = scenarioCosts.map((column) => at(solved.values, column));
  const weights = problem.scenarios.map(({ weight }) => weight);
  return {
    status: 'optimal',
    objective: solved.objective,
    bound: solved.bound,
    mean: sumOf(costs.map((cost, index) => cost * at(weights, index))),
    cvar: tailMean(costs, weights, problem.risk.beta),
    scenarioCosts: costs,
    decision: {
      pools: decided.pools.map((column) => at(solved.values, column) > 0.5),
      reservations: decided.reservations.map(valueOf),
    },
  };
};
