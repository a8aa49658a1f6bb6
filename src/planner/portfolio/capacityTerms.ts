import type { Ratio } from '../../kernel/index.ts';
import { floatOf } from './floatOf.ts';
import type { QuantityUnit } from './schema.ts';
import type { Way } from './waysOf.ts';

/** Hours of a month of the year's average length. */
const hoursPerMonth = 730;
const minutesPerMonth = hoursPerMonth * 60;
const tokensPerMTok = 1e6;

/** Capacity and price of one of a floor's or slot's unit. */
export interface CapacityTerms {
  /** Units of the class in a month, as if it were used all the time. */
  readonly unitsPerMonth: number;
  /** Money a month, in the file's currency. */
  readonly feePerMonth: number;
}

/** Units of the source in a month for one of a quantity's unit. */
const sourceUnitsPerMonth = (unit: QuantityUnit, sourcePrice: number): number => {
  switch (unit.kind) {
    case 'unitsPerMonth':
      return 1;
    case 'tokensPerMinute':
      return minutesPerMonth / tokensPerMTok;
    case 'moneyPerMinute':
      return minutesPerMonth / sourcePrice;
    case 'moneyPerHour':
      return hoursPerMonth / sourcePrice;
    case 'accelerators':
      return hoursPerMonth;
    case 'named':
      return floatOf(unit.capacityPerMonth);
  }
};

/** Terms of one of a unit at one source: its own fee, or its capacity at list price, less a discount. */
export const capacityTerms = (
  way: Pick<Way, 'listPrice' | 'unitFactor'>,
  unit: QuantityUnit,
  fee: { readonly perMonth: Ratio } | null,
  discount: Ratio,
): CapacityTerms => {
  const unitFactor = floatOf(way.unitFactor);
  const sourcePrice = floatOf(way.listPrice) / unitFactor;
  const sourceUnits = sourceUnitsPerMonth(unit, sourcePrice);
  const list = fee === null ? sourceUnits * sourcePrice : floatOf(fee.perMonth);
  return { unitsPerMonth: sourceUnits / unitFactor, feePerMonth: list * (1 - floatOf(discount)) };
};

export const unitName = (unit: QuantityUnit): string => (unit.kind === 'named' ? unit.name : unit.kind);
