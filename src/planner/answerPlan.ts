import { comparisons } from './answers/comparisons.ts';
import { demandControls } from './answers/ControlVariates.ts';
import { dependencyOf } from './answers/dependencyOf.ts';
import { currentLevel, frontier } from './answers/frontier.ts';
import { negotiation } from './answers/negotiation.ts';
import { outageCertificate } from './answers/outageCertificate.ts';
import { outOfSample } from './answers/outOfSample.ts';
import type { Frontier, NegotiationSheet, PlanAnswers } from './answers/PlanAnswers.ts';
import { shadowPrices } from './answers/shadowPrices.ts';
import type { PlanDecision, PlanScenario } from './PlanProblem.ts';
import type { FreshScenarios } from './planScenarios.ts';
import type { PlanTranslation } from './portfolio/PlanTranslation.ts';
import type { DemandScenario } from './scenarios/DemandScenario.ts';
import type { OptimiseResult } from './search/optimise.ts';
import type { PlanLimits } from './search/PlanLimits.ts';

/** What is looked at, one after the other. */
export type AnswerStep = 'outages' | 'dependency' | 'outOfSample' | 'comparisons' | 'negotiations' | 'frontiers';

export interface AnswerProgress {
  readonly step: AnswerStep;
  /** A vendor, or a level; empty where a step has no parts. */
  readonly part: string;
}

export interface AnswerOptions {
  readonly fresh: FreshScenarios | null;
  readonly seed: number;
  /** CPU-seconds for all answers together. */
  readonly cpuSeconds: number;
  /** CPU-seconds used so far by these answers; null where the clock must not decide what is looked at. */
  readonly usedCpuSeconds: (() => number) | null;
  /** Limits of one search that may take so long. */
  readonly limitsOf: (cpuSeconds: number) => PlanLimits;
  /** Ends after the step that is going on; what was found until then is kept. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: AnswerProgress) => void;
}

export interface PlanAnswered {
  /** Null where there is no plan. */
  readonly answers: PlanAnswers | null;
  /** What was not looked at, and why, in sentences. */
  readonly untold: readonly string[];
}

type MutableAnswers = { -readonly [Key in keyof PlanAnswers]: PlanAnswers[Key] };

/** A search that may take less than this finds nothing worth telling. */
const searchCpuSecondsMin = 0.4;
/** Searches of the comparisons: the best single vendor, and the plan for the mean. */
const comparisonSearches = 2;
/** Levels of a frontier beside the policy's own, at most. */
const frontierSearches = 5;

const names = {
  outages: 'outages',
  dependency: 'dependence',
  outOfSample: 'fresh futures',
  comparisons: 'comparisons',
  negotiations: 'negotiation sheets',
  frontiers: 'other levels of the policy',
} as const satisfies Record<AnswerStep, string>;

/** Answers of one plan as they come. */
class Answering {
  readonly answers: MutableAnswers;
  readonly untold: string[] = [];
  readonly #translation: PlanTranslation;
  readonly #decision: PlanDecision;
  readonly #lowerBound: number;
  readonly #options: AnswerOptions;
  #searchesLeft: number;

  constructor(translation: PlanTranslation, decision: PlanDecision, lowerBound: number, options: AnswerOptions) {
    this.#translation = translation;
    this.#decision = decision;
    this.#lowerBound = lowerBound;
    this.#options = options;
    this.#searchesLeft = comparisonSearches + this.#vendors.length + this.#alongs.length * frontierSearches;
    this.answers = {
      moneyUnit: translation.moneyUnit,
      outOfSample: null,
      certificate: null,
      dependency: null,
      comparisons: null,
      frontiers: [],
      shadowPrices: [],
      negotiations: [],
    };
  }

  async all(): Promise<void> {
    const { problem } = this.#translation;
    this.#tell('outages');
    this.answers.certificate = outageCertificate(problem, this.#decision);
    this.#tell('dependency');
    // Quick enough to be had even by who is in a hurry.
    this.answers.dependency = await dependencyOf(problem, this.#decision);
    await this.#step('outOfSample', () => this.#outOfSample());
    await this.#step('comparisons', () => this.#comparisons());
    await this.#step('negotiations', () => this.#negotiations());
    await this.#step('frontiers', () => this.#frontiers());
  }

  get #vendors(): readonly string[] {
    const { problem } = this.#translation;
    const offering = [...problem.pools, ...problem.reservations].filter(({ signed }) => !signed);
    return [...new Set(offering.map(({ account }) => problem.accounts[account]?.vendor ?? ''))];
  }

  get #alongs(): readonly Frontier['along'][] {
    return (['outageCover', 'cap'] as const).filter((along) => currentLevel(this.#translation.problem, along) !== null);
  }

  /** CPU-seconds that are left; a share of them that no clock decides in an audit. */
  get #cpuSecondsLeft(): number {
    const used = this.#options.usedCpuSeconds?.() ?? 0;
    return Math.max(0, this.#options.cpuSeconds - used);
  }

  #tell(step: AnswerStep, part = ''): void {
    this.#options.onProgress?.({ step, part });
  }

  async #step(step: AnswerStep, run: () => Promise<void>): Promise<void> {
    const { signal } = this.#options;
    if (!signal.aborted) {
      this.#tell(step);
      try {
        return await run();
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    this.untold.push(`Not looked at, because it was stopped: ${names[step]}.`);
  }

  /** Limits of the next of so many searches; null where too little is left for any. */
  #searchLimits(): PlanLimits | null {
    const isTimed = this.#options.usedCpuSeconds !== null;
    const share = this.#cpuSecondsLeft / Math.max(1, this.#searchesLeft);
    if (isTimed) this.#searchesLeft -= 1;
    return share < searchCpuSecondsMin ? null : this.#options.limitsOf(share);
  }

  #lackOf(step: AnswerStep): void {
    this.untold.push(`Not looked at, for lack of CPU-seconds: ${names[step]}. Give more with --cpu.`);
  }

  async #outOfSample(): Promise<void> {
    const { fresh, signal } = this.#options;
    if (fresh === null) return;
    const { problem } = this.#translation;
    const sample = fresh.sample.map((scenario) => this.#scaled(scenario));
    const controls = demandControls(problem, sample, this.#batches(fresh));
    this.answers.outOfSample = await outOfSample(problem, this.#decision, sample, { controls, signal });
  }

  *#batches(fresh: FreshScenarios): Generator<Iterable<PlanScenario>> {
    for (const batch of fresh.batches()) yield this.#scaledAll(batch);
  }

  *#scaledAll(batch: Iterable<DemandScenario>): Generator<PlanScenario> {
    for (const scenario of batch) yield this.#scaled(scenario);
  }

  /** A future in the problem's units. */
  #scaled({ weight, demand, prices }: DemandScenario): PlanScenario {
    const { unitsPerUnit } = this.#translation;
    return {
      weight,
      demand: demand.map((months, index) => months.map((units) => units / (unitsPerUnit[index] ?? 1))),
      prices,
    };
  }

  async #comparisons(): Promise<void> {
    const { seed, signal } = this.#options;
    const limits = this.#searchLimits();
    this.#searchLimits();
    if (limits === null)
      this.untold.push(
        'For lack of CPU-seconds no plan was made for the average future, and single vendors got the best of their pools only.',
      );
    this.answers.comparisons = await comparisons(this.#translation.problem, this.#decision, { limits, seed, signal });
  }

  async #negotiations(): Promise<void> {
    const { seed, signal } = this.#options;
    const sheets: NegotiationSheet[] = [];
    for (const vendor of this.#vendors) {
      if (this.#cpuSecondsLeft === 0) return this.#lackOf('negotiations');
      this.#tell('negotiations', vendor);
      const limits = this.#searchLimits();
      const options = { limits, seed, lowerBound: this.#lowerBound, signal };
      sheets.push(await negotiation(this.#translation.problem, this.#decision, vendor, options));
      this.answers.negotiations = sheets;
    }
  }

  async #frontiers(): Promise<void> {
    const { seed, signal, onProgress } = this.#options;
    for (const along of this.#alongs) {
      const limits = this.#searchLimits();
      this.#searchesLeft -= this.#options.usedCpuSeconds === null ? 0 : frontierSearches - 1;
      if (limits === null) return this.#lackOf('frontiers');
      const found = await frontier(this.#translation.problem, along, {
        limits,
        seed,
        signal,
        known: { decision: this.#decision, lowerBound: this.#lowerBound },
        onPoint: (_, level) => onProgress?.({ step: 'frontiers', part: `${along} ${level}` }),
      });
      if (found === null) continue;
      this.answers.frontiers = [...this.answers.frontiers, found];
      this.answers.shadowPrices = [...this.answers.shadowPrices, ...shadowPrices(found)];
    }
  }
}

/**
 * Everything that is said of a plan beside its cost, as far as CPU-seconds and the signal allow: what is served in an outage, on whom it leans,
 * what it costs in fresh futures and how it compares; what vendors' offers are worth; what the policy costs.
 */
export const answerPlan = async (
  translation: PlanTranslation,
  { incumbent, lowerBound }: OptimiseResult,
  options: AnswerOptions,
): Promise<PlanAnswered> => {
  if (incumbent === null) return { answers: null, untold: [] };
  const answering = new Answering(translation, incumbent.decision, lowerBound, options);
  await answering.all();
  return { answers: answering.answers, untold: answering.untold };
};
