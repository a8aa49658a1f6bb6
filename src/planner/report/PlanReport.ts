import type { PlanAnswers } from '../answers/PlanAnswers.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import type { PlanTranslation } from '../portfolio/PlanTranslation.ts';
import type { OptimiseResult } from '../search/optimise.ts';
import type { PlanLimits } from '../search/PlanLimits.ts';

/** Everything that a report is made from. */
export interface PlanReport {
  /** The portfolio file as it was named. */
  readonly file: string;
  /** SHA-256 of its bytes in hexadecimal. */
  readonly hash: string;
  /** Version of this program. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly seed: number;
  readonly limits: PlanLimits;
  /** Of the whole process, answers among them. */
  readonly cpuSeconds: number;
  /** Whether somebody stopped it before its limits. */
  readonly interrupted: boolean;
  readonly portfolio: Portfolio;
  readonly translation: PlanTranslation;
  readonly result: OptimiseResult;
  /** Null where there is no plan to say anything about. */
  readonly answers: PlanAnswers | null;
  /** What is taken for granted beside what the translation says, in sentences. */
  readonly assumptions: readonly string[];
}
