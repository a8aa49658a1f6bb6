import { z } from 'zod';
import type { BudgetWindow, CalendarWindowName } from '../ledger/index.ts';
import { isRollingWindow } from '../vocabulary/index.ts';

const windows = [
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'year',
  'total',
] as const satisfies readonly CalendarWindowName[];

const amount = z.string().regex(/^\d{1,40}$/);
const amounts = z.record(z.string(), amount);

const budgetWindow = z.union([
  z.enum(windows),
  z.custom<BudgetWindow>((text) => typeof text === 'string' && isRollingWindow(text)),
]);

const keptBudgetSchema = z.strictObject({
  id: z.string(),
  window: budgetWindow,
  timeZone: z.string(),
  /** Of the piece that runs. */
  fromMs: z.number(),
  /** In that piece; a window of the calendar is one piece. */
  spentNanoUsd: amount,
  /** Models whose use it counts; absent: all. */
  models: z.array(z.string()).optional(),
  /** What was spent in the pieces of a rolling window before the one that runs, by where each begins. */
  before: z.array(z.tuple([z.number(), amount])).optional(),
});

const keptSharesSchema = z.strictObject({
  window: z.enum(windows),
  timeZone: z.string(),
  fromMs: z.number(),
  totalNanoUsd: amount,
  spentNanoUsd: z.strictObject({ vendor: amounts, host: amounts, jurisdiction: amounts, lab: amounts }),
});

const keptLeaseSchema = z.strictObject({
  id: z.string(),
  fromMs: z.number(),
  freeNanoUsd: amount,
  /** Unix milliseconds. */
  untilMs: z.number(),
});

/** Balances as they stood behind a record of the spool: every final up to it is counted, and none behind it. */
export const keptBalancesSchema = z.strictObject({
  /** UUID of the spool. */
  spool: z.string(),
  sequence: z.int().min(0),
  /** Running windows of the budgets whose balance was known. */
  budgets: z.array(keptBudgetSchema),
  /** Null where they were not known. */
  shares: keptSharesSchema.nullable(),
  organisations: z.array(z.string()),
  /** What is free of leases in hand, or a part of it. */
  leases: z.array(keptLeaseSchema).optional(),
});

export type KeptBalances = z.infer<typeof keptBalancesSchema>;
export type KeptLease = z.infer<typeof keptLeaseSchema>;
export type KeptBudget = z.infer<typeof keptBudgetSchema>;
export type KeptShares = z.infer<typeof keptSharesSchema>;
