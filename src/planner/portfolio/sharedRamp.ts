import type { ContractConfiguration } from '../../contracts/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import { addMonths, greatestDivisor, monthsUntil } from './calendarMonths.ts';

type SharedPool = Extract<ContractConfiguration, { kind: 'pool' }>;

const monthsOf = { annual: 12, monthly: 1 } as const;

const firstOf = (day: string): string => `${day.slice(0, 7)}-01`;

/** The same day so many months later; where that month is too short, its last one. */
const dayAfter = (day: string, months: number): string => {
  const month = addMonths(firstOf(day), months);
  const days = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
  return `${month.slice(0, 8)}${String(Math.min(days, Number(day.slice(8)))).padStart(2, '0')}`;
};

/**
 * The ramp of a pool as a portfolio has it. There its shares are of equally long parts, and none means evenly; in the other file they are of the
 * intervals between true-ups, of which the last may be shorter, and none means the same for each. Where it is shorter, the shares are split into
 * those of the longest parts that all intervals are made of. Null where those would not be whole months.
 */
export const sharedRamp = ({ period: { from, until }, fulfil, ramp }: SharedPool): readonly Ratio[] | null => {
  if (fulfil === 'total') return ramp;
  const step = monthsOf[fulfil];
  if (dayAfter(from, step) >= until) return ramp;
  const months = monthsUntil(firstOf(from), firstOf(until));
  if (dayAfter(from, months) !== until) return null;
  if (months % step === 0) return ramp;
  const part = greatestDivisor(step, months);
  const intervals = Math.ceil(months / step);
  return Array.from({ length: intervals }, (_, index): readonly Ratio[] => {
    const share = ramp[index] ?? { numerator: 1n, denominator: BigInt(intervals) };
    const parts = (index + 1 < intervals ? step : months % step) / part;
    return Array.from({ length: parts }, () => ({ ...share, denominator: share.denominator * BigInt(parts) }));
  }).flat();
};
