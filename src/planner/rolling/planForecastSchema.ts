import { z } from 'zod';

/** Most months that are read of one plan. */
const monthsMax = 1_200;
/** Most classes, vendors or commitments of one plan. */
const rowsMax = 10_000;

const rangeSchema = z.object({
  /** "2027-01". */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  mean: z.number(),
  /** From the 10th to the 90th percentile of the scenarios, widened to hold the mean. */
  low: z.number(),
  high: z.number(),
});

const monthsSchema = z.array(rangeSchema).max(monthsMax).readonly();

/**
 * What a plan expects month by month, over the scenarios that it was made for: what actual figures are held against. Money in the plan's currency.
 */
export const planForecastSchema = z.object({
  /** Units of each class. */
  demand: z
    .array(z.object({ class: z.string(), unit: z.enum(['MTok', 'gpuHour']), months: monthsSchema }))
    .max(rowsMax)
    .readonly(),
  /** What each vendor is paid for usage after discounts and as fees; shortfalls are apart, since they are billed at a true-up. */
  spend: z
    .array(z.object({ vendor: z.string(), months: monthsSchema }))
    .max(rowsMax)
    .readonly(),
  commitments: z
    .array(
      z.object({
        vendor: z.string(),
        /** Name of the offer, or id of the contract. */
        offer: z.string(),
        kind: z.enum(['pool', 'floor', 'slot']),
        signed: z.boolean(),
        start: z.string(),
        /** First day after it. */
        until: z.string(),
        source: z.string().optional(),
        /** Of a pool: money that it is drawn down by. Of capacity: the share of it that is used, from 0 to 1. */
        months: monthsSchema,
        /** Of a pool: mean of what is owed for what was not spent, by true-up of the plan. */
        shortfalls: z
          .array(z.object({ from: z.string(), until: z.string(), mean: z.number() }))
          .max(monthsMax)
          .readonly(),
      }),
    )
    .max(rowsMax)
    .readonly(),
});

export type PlanForecast = Readonly<z.output<typeof planForecastSchema>>;
export type ForecastMonth = PlanForecast['demand'][number]['months'][number];
export type ForecastCommitment = PlanForecast['commitments'][number];
