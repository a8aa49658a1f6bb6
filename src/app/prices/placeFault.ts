import { utcDay } from '../../kernel/index.ts';
import { rowName, type PriceRow } from '../../market/index.ts';
import type { OfferedPrice } from './offeredPrices.ts';

/** What stands against a price before it in time, in words, or null. */
const faultBefore = (before: PriceRow, rows: readonly PriceRow[], fromMs: number, list: string): string | null => {
  const there = `${list}:${before.line}`;
  if (before.fromMs === fromMs)
    return `${there} has a price from the same day on: import from a later day (--from), or mend that row`;
  if (before.untilMs === null || before.untilMs === fromMs) return null;
  if (before.untilMs < fromMs)
    return `${there} ends on ${utcDay(before.untilMs)}, so that the days between would have no price: import from that day (--from), or add a row for them`;
  // A row that ends where the next one begins ends sooner where another one comes between.
  return rows.some((row) => row.fromMs === before.untilMs)
    ? null
    : `${there} has a price until ${utcDay(before.untilMs)}: import from that day (--from), or end that row sooner`;
};

const faultAfter = (after: PriceRow, untilMs: number | null, list: string): string | null => {
  if (untilMs === null || untilMs === after.fromMs) return null;
  const there = `${list}:${after.line} has a price from ${utcDay(after.fromMs)} on`;
  return untilMs > after.fromMs
    ? `${there}: end this one then (\`until\`)`
    : `${there}, and this one ends before, so that the days between would have no price: let it end then (\`until\`)`;
};

/** Why a price cannot join rows of a list that price the same thing: two at one time, or days without any. Null where it can. */
export const placeFault = (
  { row, writtenUntilMs, at }: OfferedPrice,
  same: readonly PriceRow[],
  list: string,
): string | null => {
  const before = same.findLast(({ fromMs }) => fromMs <= row.fromMs);
  const after = same.find(({ fromMs }) => fromMs > row.fromMs);
  const fault =
    (before === undefined ? null : faultBefore(before, same, row.fromMs, list)) ??
    (after === undefined ? null : faultAfter(after, writtenUntilMs, list));
  return fault === null
    ? null
    : `${at}: ${rowName(row)} is to have a price from ${utcDay(row.fromMs)} on, but ${fault}`;
};
