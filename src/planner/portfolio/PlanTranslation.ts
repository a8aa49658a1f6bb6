import type { Ratio } from '../../kernel/index.ts';
import type { PlanProblem } from '../PlanProblem.ts';

/** A pool of the problem in the words of the file. */
export interface PoolMeaning {
  readonly vendor: string;
  /** Name of the offer, or id of the contract. */
  readonly offer: string;
  /** First day. */
  readonly start: string;
  readonly months: number;
  /** Money over all its periods, in the file's currency. */
  readonly amount: Ratio;
  readonly signed: boolean;
}

/** A reservation of the problem in the words of the file. Several of one offer, source and time add up. */
export interface ReservationMeaning {
  readonly vendor: string;
  readonly offer: string;
  readonly kind: 'floor' | 'slot';
  readonly source: string;
  readonly start: string;
  readonly months: number;
  /** What the quantity counts: "unitsPerMonth", "PTU" ... */
  readonly unit: string;
  /** Exact amount of a reservation that is bought whole; null where any amount may be. */
  readonly amount: Ratio | null;
  /** Quantity in that unit for one unit a month of the problem. */
  readonly quantityPerUnit: number;
  readonly signed: boolean;
}

/** A portfolio as a problem, with what leads back from its figures to the file. */
export interface PlanTranslation {
  readonly problem: PlanProblem;
  /** One unit of the problem's money is ten to this power of the currency. */
  readonly moneyUnit: { readonly currency: string; readonly exponent: number };
  /** Units of each class of the file for one unit of the problem's. */
  readonly unitsPerUnit: readonly number[];
  /** First day of each period. */
  readonly periodStarts: readonly string[];
  /** In the order of the problem's pools. */
  readonly pools: readonly PoolMeaning[];
  /** In the order of the problem's reservations. */
  readonly reservations: readonly ReservationMeaning[];
  /** What the problem leaves out of the file or takes for granted, and which way that errs: to be printed with every plan. */
  readonly assumptions: readonly string[];
}
