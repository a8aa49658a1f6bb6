import type { Highs } from 'highs';
import { feasibleSolution, modelStatus, treeChannel } from '../linear/modelStatus.ts';
import { violationOf, type LinearRow } from '../linear/LinearProgram.ts';
import { LiveProgram, type LinearSolution } from '../linear/LiveProgram.ts';
import {
  firstStageValues,
  overlaps,
  poolSharesAt,
  reservationUnits,
  unitsAt,
  type FirstStage,
  type FirstStageValues,
} from '../model/FirstStage.ts';
import { groupedModel, type GroupedModel } from '../model/GroupedModel.ts';
import { scenarioGroup, type ScenarioGroup } from '../model/ScenarioBlock.ts';
import { scenarioGroups } from '../model/scenarioGroups.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { evaluateWithCuts, type Evaluation } from '../recourse/evaluate.ts';
import { cutRow, Recourse } from '../recourse/Recourse.ts';
import type { Allowance, PlanProgress } from './Allowance.ts';
import { rootOf } from './rootOf.ts';

export interface Incumbent {
  readonly decision: PlanDecision;
  readonly evaluation: Evaluation;
}

export interface SearchPorts {
  readonly allowance: Allowance;
  /** From 0 to below 1, the same again from the same seed. */
  readonly random: () => number;
  /** A better plan than any before. Its cost is exact. */
  readonly found: (incumbent: Incumbent) => void;
  /** A lower bound of every plan within the guards. */
  readonly bounded: (bound: number) => void;
  readonly told: (progress: PlanProgress) => void;
  /** Linear programs solved so far. */
  readonly counted: (programs: number) => void;
  /** Which pools and `exactly` reservations another worker would sign, or null: looked at between two moves. */
  readonly proposed: () => Selection | null;
  /** Local search has ended for the first time. */
  readonly settled: () => void;
  /** Waits a moment where the proof needs the processor more than the search does. @returns false where it does not. */
  readonly rest: () => boolean;
}

/** All or nothing choices: pools, then reservations that are bought `exactly`. */
export type Selection = readonly boolean[];

const groupCount = 6;
/** Tail and rest: cuts are means over so many groups, or over as many as there are price indices in each. */
const cutGroupCount = 2;
/** So few scenarios have cuts of their own: a mean hides who is in the tail. */
const aloneMax = 12;
/** How often a whole selection is asked for where rounding found none, and how nearly it is the best. */
const repairsMax = 12;
const repairedGap = 0.01;
/** How far between the core point and the solution cuts are made. */
const coreShare = 0.6;
const roundsMax = 42;
/** Relative distance of core and solution at which cuts pay no more. */
const closeEnough = 1e-3;
const polishedEnough = 5e-4;
const cutDepthMin = 1e-4;
const polishDepthMin = 1e-3;
const better = 1e-6;
/** What a move must promise to be evaluated: less is mostly what the master does not know yet. */
const moveGainMin = 1e-4;

/** From which share on a choice is taken; above 1 nothing is that is not signed. */
const roundingThresholds = [0.5, 0.3, 0.7, 1.1];
/** How nearly, and in how many nodes at most, the choices of a few accounts are made best while the others stand. */
const freedOptions = {
  mip_rel_gap: 1e-3,
  mip_max_nodes: 200,
  // Heuristics that search copies of the whole model: measured, they double the memory of the search and find nothing more.
  mip_heuristic_run_rens: false,
  mip_heuristic_run_rins: false,
  mip_heuristic_run_root_reduced_cost: false,
};

interface Choice {
  readonly kind: 'pool' | 'reservation';
  readonly index: number;
  readonly column: number;
  readonly signed: boolean;
}

/** A decision, whole or fractional. */
interface Point {
  readonly pools: Float64Array;
  /** Units a month of each reservation. */
  readonly units: Float64Array;
}

const pointAt = (problem: PlanProblem, stage: FirstStage, values: ArrayLike<number>): Point => ({
  pools: poolSharesAt(stage, values),
  units: unitsAt(problem, stage, values),
});

const mixed = (core: Float64Array, reached: Float64Array): Float64Array =>
  core.map((value, at) => coreShare * value + (1 - coreShare) * (reached[at] ?? 0));

/** Finds good plans, and says what they cost exactly: Benders' master over two groups, rounding, local search, and small trees in which only a few accounts are free. */
export class PlanSearch {
  readonly #problem: PlanProblem;
  readonly #ports: SearchPorts;
  readonly #highs: Highs;
  readonly #model: GroupedModel;
  readonly #groups: readonly ScenarioGroup[];
  readonly #singles: readonly ScenarioGroup[];
  readonly #recourse: Recourse;
  readonly #master: LiveProgram;
  readonly #choices: readonly Choice[];
  readonly #columns: Int32Array;
  #best: Incumbent | null = null;
  #bestSelection: Selection | null = null;
  /** Small trees searched so far. */
  #trees = 0;
  /** Sets of accounts that are freed next. */
  #toFree: (readonly number[])[] = [];
  /** The best selection around which local search has looked. */
  #searched: Selection | null = null;

  constructor(highs: Highs, problem: PlanProblem, ports: SearchPorts) {
    this.#highs = highs;
    this.#problem = problem;
    this.#ports = ports;
    const { length } = problem.scenarios;
    this.#groups = scenarioGroups(problem, length <= aloneMax ? length : cutGroupCount).map((members) =>
      scenarioGroup(problem, members),
    );
    this.#singles = problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));
    this.#model = groupedModel(problem, this.#groups, { levels: false, recourse: false });
    this.#recourse = new Recourse(highs, problem);
    this.#master = new LiveProgram(highs, this.#model.program);
    this.#choices = [
      ...problem.pools.map(({ signed }, index): Choice => {
        return { kind: 'pool', index, column: this.#model.stage.pools[index] ?? 0, signed };
      }),
      ...problem.reservations.flatMap(({ quantity, signed }, index): Choice[] =>
        quantity.kind === 'exactly'
          ? [{ kind: 'reservation', index, column: this.#model.stage.reservations[index] ?? 0, signed }]
          : [],
      ),
    ];
    this.#columns = Int32Array.from(this.#choices, ({ column }) => column);
  }

  get #programs(): number {
    return this.#master.runs + this.#recourse.solved + this.#trees;
  }

  /** Searches until the allowance is spent. @returns whether any plan satisfies the policy, as far as is known. */
  run(): { readonly feasible: boolean } {
    const { allowance } = this.#ports;
    this.#tell('root');
    const core = this.#core();
    if (core === null) return { feasible: false };
    const relaxed = this.#cutAround(core);
    if (relaxed === null) return { feasible: false };
    this.#tell('rounding');
    this.#round(relaxed);
    if (this.#best === null && !this.#repaired()) return { feasible: false };
    let fruitless = 0;
    while (!allowance.spent()) {
      this.#considerProposals();
      if (this.#bestSelection === null) break;
      if (this.#searched !== this.#bestSelection) {
        this.#tell('local');
        this.#localSearch(this.#choices.map((_, at) => at));
        this.#searched = this.#bestSelection;
      }
      this.#ports.settled();
      if (allowance.spent()) break;
      if (fruitless >= this.#fruitlessMax && this.#ports.rest()) continue;
      // All sets of accounts were freed around the same plan: once more they would find the same.
      if (fruitless > this.#accountSets) break;
      this.#tell('freeing');
      fruitless = this.#freed(this.#nextAccounts()) ? 0 : fruitless + 1;
    }
    this.#tell('end');
    return { feasible: true };
  }

  dispose(): void {
    this.#master.dispose();
    this.#recourse.dispose();
  }

  #tell(phase: PlanProgress['phase']): void {
    this.#ports.told({ phase, nodes: 0, programs: this.#programs });
  }

  /** The optimum of the relaxation over groups: a bound, and a point well inside of what is good. */
  #core(): Point | null {
    const groups = scenarioGroups(this.#problem, groupCount).map((members) => scenarioGroup(this.#problem, members));
    const model = groupedModel(this.#problem, groups, { levels: false, recourse: true });
    const root = rootOf(this.#highs, this.#problem, model, this.#ports.allowance);
    if (root === null) return null;
    this.#ports.bounded(root.bound);
    return pointAt(this.#problem, model.stage, root.point);
  }

  #rowsAt(values: FirstStageValues): { readonly evaluation: Evaluation; readonly rows: readonly LinearRow[] } {
    const { evaluation, cuts } = evaluateWithCuts(this.#problem, this.#recourse, this.#singles, this.#groups, values);
    const rows = cuts.flatMap((periods, group) =>
      periods.map((cut, period) =>
        cutRow(this.#problem, this.#model.stage, cut, period, this.#model.blocks[group]?.[period]?.total ?? 0),
      ),
    );
    return { evaluation, rows };
  }

  /** Cuts between a core point and the solution of the master, until the two cost nearly the same. @returns the master's solution. */
  #cutAround(start: Point): LinearSolution | null {
    let core = start;
    const first = this.#rowsAt(this.#valuesOf(start));
    let coreCost = first.evaluation.objective;
    this.#addCuts(first.rows);
    this.#preview(start);
    let solution = this.#master.solve();
    for (let round = 0; round < roundsMax && solution !== null && !this.#ports.allowance.spent(); round += 1) {
      this.#ports.bounded(solution.objective);
      if ((coreCost - solution.objective) / coreCost < closeEnough) break;
      const point = solution.values;
      const reached = pointAt(this.#problem, this.#model.stage, point);
      const between = { pools: mixed(core.pools, reached.pools), units: mixed(core.units, reached.units) };
      const { evaluation, rows } = this.#rowsAt(this.#valuesOf(between));
      if (evaluation.objective < coreCost) {
        coreCost = evaluation.objective;
        core = between;
      }
      const deep = rows.filter((row) => violationOf(row, point) > cutDepthMin);
      this.#addCuts(deep.length > 0 ? deep : this.#rowsAt(this.#valuesOf(reached)).rows);
      solution = this.#master.solve();
    }
    if (solution !== null) this.#ports.bounded(solution.objective);
    return solution;
  }

  /** A first plan, however good: what the core point is nearest to. */
  #preview(core: Point): void {
    const shares = new Float64Array(this.#model.program.costs.length);
    for (const { kind, index, column } of this.#choices) {
      const reservation = this.#problem.reservations[index];
      const bought = reservation === undefined ? 0 : (core.units[index] ?? 0) / reservationUnits(reservation);
      shares[column] = kind === 'pool' ? (core.pools[index] ?? 0) : bought;
    }
    this.#polish(this.#rounded(shares, 0.5), 2);
    this.#fix(null);
  }

  #valuesOf({ pools, units }: Point): FirstStageValues {
    return firstStageValues(this.#problem, pools, units);
  }

  /** What local search begins with: the first rounding that leaves a plan. */
  #round(relaxed: LinearSolution): void {
    for (const threshold of roundingThresholds) {
      const cost = this.#polish(this.#rounded(relaxed.values, threshold), 4);
      if (Number.isFinite(cost) || this.#ports.allowance.spent()) return;
    }
  }

  /** Where rounding finds nothing, a tree over the master does. @returns false where it proves that there is nothing. */
  #repaired(): boolean {
    for (let round = 0; round < repairsMax && this.#best === null && !this.#ports.allowance.spent(); round += 1) {
      const { status, selection } = this.#tree({ mip_rel_gap: repairedGap }, null);
      if (status === modelStatus.infeasible) return false;
      if (status !== modelStatus.optimal || selection === null) return true;
      this.#polish(selection, 4);
    }
    return true;
  }

  /** Makes the choices of the master whole. @param kept What all others must be, where only some accounts are free. */
  #tree(
    options: Readonly<Record<string, number | boolean>>,
    kept: { readonly selection: Selection; readonly free: readonly number[] } | null,
  ): { readonly status: number; readonly selection: Selection | null } {
    this.#trees += 1;
    this.#ports.counted(this.#programs);
    const tree = this.#highs.createModel(this.#model.program.modelData(true));
    try {
      tree.options.set({ output_flag: false, random_seed: 0, ...options });
      const fixed = this.#choices.flatMap((choice, at) =>
        kept === null || kept.free.includes(this.#accountOf(choice)) ? [] : [at],
      );
      if (fixed.length > 0) {
        const bounds = Float64Array.from(fixed, (at) => (kept?.selection[at] ? 1 : 0));
        const indices = Int32Array.from(fixed, (at) => this.#choices[at]?.column ?? 0);
        tree.changeColsBounds({ kind: 'set', indices }, bounds, bounds);
      }
      tree.run({
        [treeChannel.interrupt]: (event) => {
          if (this.#ports.allowance.spent()) event.interrupt();
          return undefined;
        },
      });
      const status = tree.getModelStatus();
      if (Number(tree.info.get('primal_solution_status')) !== feasibleSolution) return { status, selection: null };
      const { colValue } = tree.getSolution();
      return { status, selection: this.#choices.map(({ column }) => (colValue[column] ?? 0) > 0.5) };
    } finally {
      tree.dispose();
    }
  }

  #rounded(shares: ArrayLike<number>, threshold: number): Selection {
    return this.#withoutOverlaps(
      this.#choices.map(({ column, signed }) => signed || (shares[column] ?? 0) > threshold),
      shares,
    );
  }

  /** Of pools that exclude each other the one that the relaxation has more of, signed ones first. */
  #withoutOverlaps(selection: Selection, shares: ArrayLike<number>): Selection {
    const order = this.#choices
      .map((choice, at) => ({ at, rank: choice.signed ? 2 : (shares[choice.column] ?? 0) }))
      .toSorted((one, other) => other.rank - one.rank);
    const kept = selection.map(() => false);
    for (const { at } of order) {
      if (selection[at] && !this.#excludedBy(at, kept)) kept[at] = true;
    }
    return kept;
  }

  #excludedBy(at: number, selection: Selection): boolean {
    const choice = this.#choices[at];
    if (choice?.kind !== 'pool') return false;
    const pool = this.#problem.pools[choice.index];
    return this.#choices.some((other, index) => {
      const otherPool = this.#problem.pools[other.index];
      if (index === at || !selection[index] || other.kind !== 'pool' || !pool || !otherPool) return false;
      return overlaps(pool, otherPool);
    });
  }

  /** To the master as it is solved now, and to its text, from which trees are made. */
  #addCuts(rows: readonly LinearRow[]): void {
    for (const row of rows) this.#model.program.row(row);
    this.#master.add(rows);
  }

  #fix(selection: Selection | null): void {
    const lower = Float64Array.from(this.#choices, ({ signed }, at) => (signed || selection?.[at] ? 1 : 0));
    const upper = selection === null ? new Float64Array(this.#choices.length).fill(1) : lower;
    this.#master.bound(this.#columns, lower, upper);
  }

  /** What the master makes of a selection. */
  #masterAt(selection: Selection): LinearSolution | null {
    this.#fix(selection);
    this.#ports.counted(this.#programs);
    return this.#master.solve();
  }

  /** Evaluates a selection exactly with the best amounts that the master knows, and cuts until the master agrees. */
  #polish(selection: Selection, rounds: number): number {
    let cost = Infinity;
    for (let round = 0; round < rounds; round += 1) {
      const solution = this.#masterAt(selection);
      if (solution === null) break;
      const decision: PlanDecision = {
        pools: this.#problem.pools.map((_, at) => selection[at] ?? false),
        reservations: [...unitsAt(this.#problem, this.#model.stage, solution.values)],
      };
      const { evaluation, rows } = this.#rowsAt(
        firstStageValues(
          this.#problem,
          decision.pools.map((signed) => (signed ? 1 : 0)),
          decision.reservations,
        ),
      );
      cost = Math.min(cost, evaluation.objective);
      this.#accept({ decision, evaluation }, selection);
      const deep = rows.filter((row) => violationOf(row, solution.values) > polishDepthMin);
      this.#addCuts(deep);
      if (deep.length === 0 || (cost - solution.objective) / cost < polishedEnough) break;
    }
    return cost;
  }

  #accept(incumbent: Incumbent, selection: Selection): void {
    const cost = incumbent.evaluation.objective;
    if (!Number.isFinite(cost) || (this.#best !== null && cost >= this.#best.evaluation.objective - better)) return;
    this.#best = incumbent;
    this.#bestSelection = selection;
    this.#ports.found(incumbent);
  }

  /** Sets of accounts in a row that brought nothing, after which the processor is left to the proof. */
  get #fruitlessMax(): number {
    return this.#problem.accounts.length * 2;
  }

  /** Accounts alone and in pairs. */
  get #accountSets(): number {
    const { length } = this.#problem.accounts;
    return (length * (length + 1)) / 2;
  }

  get #bestCost(): number {
    return this.#best?.evaluation.objective ?? Infinity;
  }

  /** The selection with one choice turned over, and without what that excludes; null where it may not be turned. */
  #turned(selection: Selection, at: number): Selection | null {
    const choice = this.#choices[at];
    if (choice === undefined || choice.signed) return null;
    const turned = [...selection];
    turned[at] = !selection[at];
    if (!turned[at] || choice.kind !== 'pool') return turned;
    const pool = this.#problem.pools[choice.index];
    for (const [index, other] of this.#choices.entries()) {
      const otherPool = this.#problem.pools[other.index];
      if (index === at || !turned[index] || other.kind !== 'pool' || !pool || !otherPool) continue;
      if (!overlaps(pool, otherPool)) continue;
      if (other.signed) return null;
      turned[index] = false;
    }
    return turned;
  }

  #shuffled(list: readonly number[]): number[] {
    const order = [...list];
    for (let at = order.length - 1; at > 0; at -= 1) {
      const other = Math.floor(this.#ports.random() * (at + 1));
      const kept = order[at] ?? 0;
      order[at] = order[other] ?? 0;
      order[other] = kept;
    }
    return order;
  }

  #considerProposals(): boolean {
    let improved = false;
    for (let proposal = this.#ports.proposed(); proposal !== null; proposal = this.#ports.proposed()) {
      const before = this.#bestCost;
      this.#polish(proposal, 3);
      improved ||= this.#bestCost < before;
    }
    return improved;
  }

  /** Turns single choices over, until none of them pays: the master looks first, an exact evaluation decides. */
  #localSearch(among: readonly number[]): void {
    for (let improved = true; improved && !this.#ports.allowance.spent();) {
      improved = this.#considerProposals();
      for (const at of this.#shuffled(among)) {
        if (this.#ports.allowance.spent()) return;
        const turned = this.#bestSelection === null ? null : this.#turned(this.#bestSelection, at);
        if (turned === null) continue;
        const solution = this.#masterAt(turned);
        if (solution === null || solution.objective >= this.#bestCost * (1 - moveGainMin)) continue;
        const before = this.#bestCost;
        this.#polish(turned, 1);
        improved ||= this.#bestCost < before;
      }
    }
  }

  /** The master with whole choices, of which only those of some accounts are free; what it finds is evaluated exactly. */
  #freed(accounts: readonly number[]): boolean {
    const kept = this.#bestSelection;
    if (kept === null) return false;
    const before = this.#bestCost;
    const { selection } = this.#tree(freedOptions, { selection: kept, free: accounts });
    if (selection !== null && !selection.every((chosen, at) => chosen === kept[at])) this.#polish(selection, 3);
    return this.#bestCost < before;
  }

  /** Which accounts are freed together, round after round: each alone first, then pairs. */
  #nextAccounts(): readonly number[] {
    if (this.#toFree.length === 0) {
      const accounts = this.#problem.accounts.map((_, index) => index);
      const pairs = accounts.flatMap((one) => accounts.slice(one + 1).map((other) => [one, other]));
      const alone = this.#shuffled(accounts).map((account) => [account]);
      this.#toFree = [...alone, ...this.#shuffled(pairs.map((_, at) => at)).map((at) => pairs[at] ?? [])];
    }
    return this.#toFree.shift() ?? [];
  }

  #accountOf({ kind, index }: Choice): number {
    const offer = kind === 'pool' ? this.#problem.pools[index] : this.#problem.reservations[index];
    return offer?.account ?? -1;
  }
}
