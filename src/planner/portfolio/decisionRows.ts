import type { Ratio } from '../../kernel/index.ts';
import { parseRatio } from '../../kernel/index.ts';
import type { PlanDecision } from '../PlanProblem.ts';
import { decimalText, sumOf } from './floatOf.ts';
import type { PlanTranslation, ReservationMeaning } from './PlanTranslation.ts';

/** One thing to sign. Amounts are decimal strings: pools have money over the whole term, capacity a quantity in its unit. */
export interface DecisionRow {
  readonly vendor: string;
  readonly offer: string;
  readonly kind: 'pool' | 'floor' | 'slot';
  /** First day. */
  readonly start: string;
  readonly months: number;
  /** Money in `currency`, US dollars unless the file says otherwise. */
  readonly usd?: string;
  readonly currency?: string;
  readonly quantity?: string;
  readonly unit?: string;
  /** Where the capacity stands. */
  readonly source?: string;
}

/** Quantities below this share of the problem's unit are what solvers leave of nothing. */
const quantityMin = 1e-7;

/** From here on a quantity is told in whole units. */
const wholeFrom = 1e6;

/** A float quantity as an exact decimal of seven figures: what a negotiator can ask for. */
const exactQuantity = (quantity: number): Ratio => {
  if (quantity >= wholeFrom) return { numerator: BigInt(Math.round(quantity)), denominator: 1n };
  const decimals = Math.min(9, 6 - Math.floor(Math.log10(quantity)));
  return parseRatio(quantity.toFixed(decimals));
};

const poolRows = ({ pools, moneyUnit }: PlanTranslation, decision: PlanDecision): readonly DecisionRow[] =>
  pools.flatMap(({ vendor, offer, start, months, amount, signed }, index) =>
    decision.pools[index] === true && !signed
      ? [
          {
            vendor,
            offer,
            kind: 'pool' as const,
            start,
            months,
            usd: decimalText(amount),
            currency: moneyUnit.currency,
          },
        ]
      : [],
  );

/** What belongs to one row: an offer at one source, for one time. */
const rowKey = ({ offer, source, start, months }: ReservationMeaning): string =>
  JSON.stringify([offer, source, start, months]);

const quantityOf = (meaning: ReservationMeaning, units: number): Ratio =>
  meaning.amount ?? exactQuantity(units * meaning.quantityPerUnit);

const reservationRows = ({ reservations }: PlanTranslation, decision: PlanDecision): readonly DecisionRow[] => {
  const rows = new Map<string, { readonly meaning: ReservationMeaning; readonly quantities: Ratio[] }>();
  for (const [index, meaning] of reservations.entries()) {
    const units = decision.reservations[index] ?? 0;
    if (meaning.signed || units <= quantityMin) continue;
    const row = rows.get(rowKey(meaning)) ?? { meaning, quantities: [] };
    row.quantities.push(quantityOf(meaning, units));
    rows.set(rowKey(meaning), row);
  }
  return [...rows.values()].map(({ meaning: { vendor, offer, kind, start, months, unit, source }, quantities }) => ({
    vendor,
    offer,
    kind,
    start,
    months,
    quantity: decimalText(sumOf(quantities)),
    unit,
    source,
  }));
};

/** A decision in the words of the file: what is to be signed, by day and vendor. What is signed already is no decision. */
export const decisionRows = (translation: PlanTranslation, decision: PlanDecision): readonly DecisionRow[] =>
  [...poolRows(translation, decision), ...reservationRows(translation, decision)].toSorted(
    (one, other) => one.start.localeCompare(other.start) || one.vendor.localeCompare(other.vendor),
  );
