import { parseRatio } from '../../kernel/index.ts';
import type { PlanDecision } from '../PlanProblem.ts';
import { decisionRows, type DecisionRow } from '../portfolio/decisionRows.ts';
import type { PlanTranslation } from '../portfolio/PlanTranslation.ts';

/** The least whole number that is not below a decimal. */
const roundedUp = (decimal: string): string => {
  const { numerator, denominator } = parseRatio(decimal);
  return String((numerator + denominator - 1n) / denominator);
};

/** A decision as it can be signed: nobody sells a part of a machine. */
export const wholeRows = (translation: PlanTranslation, decision: PlanDecision): readonly DecisionRow[] =>
  decisionRows(translation, decision).map((row) =>
    row.unit === 'accelerators' && row.quantity !== undefined ? { ...row, quantity: roundedUp(row.quantity) } : row,
  );
