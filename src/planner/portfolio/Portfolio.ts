import type { Ratio } from '../../kernel/index.ts';
import type { WrittenClass, WrittenPortfolio } from './schema.ts';

/** Months in order. */
export interface MonthlySeries {
  /** First of the first month; null where nobody said so: the first of the horizon. */
  readonly from: string | null;
  readonly monthly: readonly Ratio[];
}

/** What is asked for, with the series that the file or a CSV beside it gives. */
export interface ClassDemand extends Omit<WrittenClass['demand'], 'series' | 'history'> {
  /** Units of each month of the horizon, instead of start and growth. */
  readonly series: MonthlySeries | null;
  readonly history: MonthlySeries | null;
}

export interface PortfolioClass extends Omit<WrittenClass, 'demand'> {
  readonly demand: ClassDemand;
}

/** A whole, checked portfolio: the planner's question. Every amount is exact, in the currency of the file. */
export interface Portfolio extends Omit<WrittenPortfolio, 'classes'> {
  readonly classes: ReadonlyMap<string, PortfolioClass>;
}
