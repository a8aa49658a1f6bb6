import { z } from 'zod';
import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { planForecastSchema } from './planForecastSchema.ts';

const figure = z.number();
/** Most decisions of one plan. */
const decisionsMax = 10_000;

const maybe = figure.nullable();

const decisionSchema = z.object({
  vendor: z.string(),
  offer: z.string(),
  kind: z.enum(['pool', 'floor', 'slot']),
  start: z.string(),
  until: z.string(),
  months: figure,
  usd: z.string().optional(),
  quantity: z.string().optional(),
  unit: z.string().optional(),
  source: z.string().optional(),
  discount: maybe,
  feePerMonth: maybe,
  steps: z.array(z.object({ from: z.string(), until: z.string(), usd: z.string() })).readonly(),
});

const keptSchema = z.object({
  vendor: z.string(),
  offer: z.string(),
  kind: z.enum(['pool', 'floor', 'slot']),
  start: z.string(),
  months: figure,
});

/** What is read of a plan that `archipel plan --json` printed: nothing that these answers do not need. */
const savedPlanSchema = z.object({
  upperBound: maybe,
  lowerBound: maybe,
  gap: maybe,
  currency: z.string(),
  decisions: z.array(decisionSchema).max(decisionsMax).readonly(),
  kept: z.array(keptSchema).max(decisionsMax).readonly(),
  inputs: z.object({
    file: z.string(),
    sha256: z.string(),
    seed: figure,
    version: z.string(),
    madeAt: z.string(),
    /** The file that the portfolio takes contracts and policy over from; absent where it takes none. */
    from: z.object({ file: z.string(), sha256: z.string() }).optional(),
  }),
  search: z.object({ feasible: z.boolean(), interrupted: z.boolean(), scenarios: figure }),
  horizon: z.object({ from: z.string(), until: z.string() }),
  vendors: z.array(z.string()),
  classes: z.array(z.string()),
  risk: z.object({ cvarWeight: figure, beta: figure }),
  outOfSample: z
    .object({
      mean: figure,
      low: figure,
      high: figure,
      cvar: figure,
      capPenalty: figure,
      burnt: figure,
      byPeriod: z.array(z.object({ period: z.string(), mean: figure })),
      byVendor: z.array(z.object({ vendor: z.string(), mean: figure })),
    })
    .nullable(),
  dependency: z.object({ caps: z.array(z.object({ name: z.string(), kind: z.string(), limit: figure })) }).nullable(),
  certificate: z.array(z.object({ class: z.string(), askedShare: figure })),
  /** Null in plans of versions that did not tell it. */
  forecast: planForecastSchema.nullish().transform((forecast) => forecast ?? null),
});

export type SavedPlan = Readonly<z.output<typeof savedPlanSchema>>;
export type SavedDecision = SavedPlan['decisions'][number];

/** Reads a plan from its JSON. The failing half is what is wrong with it, and how to mend it. */
export const readSavedPlan = (text: string): Result<SavedPlan, string> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failure('this is no JSON: save what "archipel plan --json" prints');
  }
  const plan = savedPlanSchema.safeParse(value);
  if (plan.success) return success(plan.data);
  const path = plan.error.issues[0]?.path.join('.') ?? '';
  return failure(
    `this is no plan (${path === '' ? 'the value' : path} is not as it should be): save what "archipel plan --json" prints`,
  );
};
