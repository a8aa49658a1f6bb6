import type { CallbackData, Highs } from 'highs';
import { modelStatus, treeChannel } from '../linear/modelStatus.ts';
import { firstStageValues, poolSharesAt, unitsAt } from '../model/FirstStage.ts';
import { groupedModel, separate, type GroupedModel } from '../model/GroupedModel.ts';
import { scenarioGroup, type ScenarioGroup } from '../model/ScenarioBlock.ts';
import { scenarioGroups, splitGroup } from '../model/scenarioGroups.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { Recourse } from '../recourse/Recourse.ts';
import type { Allowance, PlanProgress } from './Allowance.ts';
import type { Selection } from './PlanSearch.ts';
import { rootOf } from './rootOf.ts';

export interface BoundPorts {
  /** A solver for each tree, since the memory of one never shrinks. */
  readonly fresh: () => Promise<Highs>;
  readonly allowance: Allowance;
  /** Cost of the best plan known, or Infinity. */
  readonly best: () => number;
  readonly bounded: (bound: number) => void;
  readonly told: (progress: PlanProgress) => void;
  /** A plan that the relaxation likes: worth an exact look. */
  readonly propose: (selection: Selection) => void;
  /** Waits for the other worker's first good plan. */
  readonly wait: () => Promise<void>;
  readonly seed: number;
  /** Most nodes of one tree; Infinity where time is the limit. */
  readonly nodesMax: number;
}

const groupCount = 8;
/** HiGHS says so where it knows nothing yet. */
const unknownBound = 1e20;
/** How deep a cut must be to be worth another tree. Money. */
const closedDepthMin = 1e-4;
/** Leaves room for the tolerance with which a tree is cut off. */
const cutOffSlack = 1e-6;
const treeGap = 1e-4;

/** Proves how good a plan can be at most: a search tree over a relaxation in which scenarios are averaged in groups, refined where averaging loses most. */
export class PlanBound {
  readonly #problem: PlanProblem;
  readonly #ports: BoundPorts;
  #impossible = false;
  #nodes = 0;

  constructor(problem: PlanProblem, ports: BoundPorts) {
    this.#problem = problem;
    this.#ports = ports;
  }

  /** @returns whether any plan satisfies the policy, as far as is known. */
  async run(): Promise<{ readonly feasible: boolean }> {
    let members = scenarioGroups(this.#problem, groupCount);
    for (let waited = false; !this.#ports.allowance.spent();) {
      this.#tell('bound root');
      const groups = members.map((group) => scenarioGroup(this.#problem, group));
      const model = groupedModel(this.#problem, groups, { levels: true, recourse: true });
      const root = rootOf(await this.#ports.fresh(), this.#problem, model, this.#ports.allowance);
      if (root === null) return { feasible: false };
      this.#ports.bounded(root.bound);
      if (!waited) await this.#ports.wait();
      waited = true;
      const closed = await this.#closed(model);
      if (this.#impossible) return { feasible: false };
      if (closed === null) break;
      const finer = this.#refined(await this.#ports.fresh(), members, groups, model, closed);
      if (finer === null) break;
      members = finer;
    }
    return { feasible: true };
  }

  /** Trees over one model, until the optimum of the last one keeps all cuts of its hulls: a tree knows only those that the root needed. */
  async #closed(model: GroupedModel): Promise<Float64Array | null> {
    for (;;) {
      const point = this.#tree(await this.#ports.fresh(), model);
      if (point === null || this.#ports.allowance.spent()) return point;
      const rows = separate(this.#problem, model, point, closedDepthMin);
      if (rows.length === 0) return point;
      for (const row of rows) model.program.row(row);
    }
  }

  #tell(phase: PlanProgress['phase']): void {
    this.#ports.told({ phase, nodes: this.#nodes, programs: 0 });
  }

  /** Branches until the allowance is spent. @returns the point of the relaxation's optimum where the tree was closed, else null. */
  #tree(highs: Highs, model: GroupedModel): Float64Array | null {
    const { allowance, best, bounded, seed, nodesMax } = this.#ports;
    const tree = highs.createModel(model.program.modelData(true));
    const nodesBefore = this.#nodes;
    const learn = (data: CallbackData): void => {
      const bound = data.mip_dual_bound ?? -Infinity;
      // A tree that was cut off at the best plan proves no more than that.
      if (bound > -unknownBound && bound < unknownBound) bounded(Math.min(bound, best()));
      this.#nodes = nodesBefore + Number(data.mip_node_count ?? 0n);
    };
    try {
      tree.options.set({
        output_flag: false,
        mip_rel_gap: treeGap,
        random_seed: seed,
        mip_heuristic_effort: 0,
        ...(best() < unknownBound ? { objective_bound: best() * (1 + cutOffSlack) } : {}),
        ...(Number.isFinite(nodesMax) ? { mip_max_nodes: nodesMax } : {}),
      });
      tree.run({
        [treeChannel.interrupt]: (event) => {
          learn(event.data);
          if (allowance.spent()) event.interrupt();
          return undefined;
        },
        [treeChannel.improving]: (event) => {
          if (event.data.mip_solution) this.#propose(model, event.data.mip_solution);
          return undefined;
        },
      });
      const bound = Number(tree.info.get('mip_dual_bound'));
      if (Math.abs(bound) < unknownBound) bounded(Math.min(bound, best()));
      this.#tell('bound tree');
      this.#impossible = best() === Infinity && tree.getModelStatus() === modelStatus.infeasible;
      if (tree.getModelStatus() !== modelStatus.optimal) return null;
      const point = Float64Array.from(tree.getSolution().colValue);
      this.#propose(model, point);
      return point;
    } finally {
      tree.dispose();
    }
  }

  #propose(model: GroupedModel, point: ArrayLike<number>): void {
    const pools = [...poolSharesAt(model.stage, point)].map((share) => share > 0.5);
    const exactly = this.#problem.reservations.flatMap(({ quantity }, index) =>
      quantity.kind === 'exactly' ? [(point[model.stage.reservations[index] ?? 0] ?? 0) > 0.5] : [],
    );
    this.#ports.propose([...pools, ...exactly]);
  }

  /** The groups with the one split in two whose averaging hides most at the optimum of the relaxation; null where none hides anything. */
  #refined(
    highs: Highs,
    members: readonly (readonly number[])[],
    groups: readonly ScenarioGroup[],
    model: GroupedModel,
    point: Float64Array,
  ): readonly (readonly number[])[] | null {
    const values = firstStageValues(
      this.#problem,
      poolSharesAt(model.stage, point),
      unitsAt(this.#problem, model.stage, point),
    );
    const recourse = new Recourse(highs, this.#problem);
    try {
      const costOf = (group: ScenarioGroup): number =>
        group.blocks.reduce((sum, block) => sum + recourse.cost(values, block), 0);
      let worst = -1;
      let worstLoss = 0;
      for (const [index, group] of groups.entries()) {
        if (group.members.length < 2) continue;
        const apart = group.members.reduce(
          (sum, member) =>
            sum + (this.#problem.scenarios[member]?.weight ?? 0) * costOf(scenarioGroup(this.#problem, [member])),
          0,
        );
        const loss = apart - group.weight * costOf(group);
        if (!(loss > worstLoss)) continue;
        worst = index;
        worstLoss = loss;
      }
      if (worst < 0) return null;
      return members.flatMap((group, index) => (index === worst ? splitGroup(this.#problem, group) : [group]));
    } finally {
      recourse.dispose();
    }
  }
}
