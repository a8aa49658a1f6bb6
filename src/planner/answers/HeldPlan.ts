import type { Highs } from 'highs';
import { valuesOfDecision } from '../model/FirstStage.ts';
import { scenarioGroup, type ScenarioGroup } from '../model/ScenarioBlock.ts';
import { riskOf } from '../recourse/evaluate.ts';
import { Recourse } from '../recourse/Recourse.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { answeringSolver, Pacing } from './billDecision.ts';

/** A plan of which one thing at a time is changed: only the periods in which that matters are evaluated again, exactly. */
export class HeldPlan {
  readonly #highs: Highs;
  readonly #problem: PlanProblem;
  readonly #singles: readonly ScenarioGroup[];
  readonly #pacing: Pacing;
  /** What each period costs under the plan, by scenario. Money. */
  #costs: readonly (readonly number[])[] = [];
  #objective = 0;

  private constructor(highs: Highs, problem: PlanProblem, signal: AbortSignal | undefined) {
    this.#highs = highs;
    this.#problem = problem;
    this.#singles = problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));
    this.#pacing = new Pacing(signal);
  }

  /** @param problem Without guards: offers put into it later must fit what it leaves room for. */
  static async of(problem: PlanProblem, decision: PlanDecision, signal?: AbortSignal): Promise<HeldPlan> {
    const held = new HeldPlan(await answeringSolver(), problem, signal);
    const all = Array.from({ length: problem.periods }, (_, period) => period);
    held.#costs = await held.#costsWith(problem, decision, all);
    held.#objective = held.#objectiveOf(held.#costs, valuesOfDecision(problem, decision).otherCosts);
    return held;
  }

  get objective(): number {
    return this.#objective;
  }

  /**
   * The objective of another decision, of a problem with other terms: the same demand, prices and caps, and nothing else than before in all
   * but the periods told.
   */
  async objectiveWith(problem: PlanProblem, decision: PlanDecision, periods: readonly number[]): Promise<number> {
    const changed = await this.#costsWith(problem, decision, periods);
    const costs = this.#costs.map((before, scenario) => {
      const after = [...before];
      for (const [at, period] of periods.entries()) after[period] = changed[scenario]?.[at] ?? 0;
      return after;
    });
    return this.#objectiveOf(costs, valuesOfDecision(problem, decision).otherCosts);
  }

  /** By scenario, then the periods asked for. */
  async #costsWith(
    problem: PlanProblem,
    decision: PlanDecision,
    periods: readonly number[],
  ): Promise<readonly (readonly number[])[]> {
    const values = valuesOfDecision(problem, decision);
    const recourse = new Recourse(this.#highs, problem);
    const costs: number[][] = [];
    try {
      for (const { blocks } of this.#singles) {
        const row: number[] = [];
        for (const period of periods) {
          const block = blocks[period];
          if (block === undefined) continue;
          await this.#pacing.turn();
          row.push(recourse.cost(values, block));
        }
        costs.push(row);
      }
      return costs;
    } finally {
      recourse.dispose();
    }
  }

  #objectiveOf(costs: readonly (readonly number[])[], otherCosts: number): number {
    return riskOf(
      costs.map((periods) => periods.reduce((sum, cost) => sum + cost, otherCosts)),
      this.#problem.scenarios.map(({ weight }) => weight),
      this.#problem.risk,
    ).objective;
  }
}
