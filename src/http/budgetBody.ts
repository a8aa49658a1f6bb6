import type { WrittenBudget } from './ControlPlane.ts';

const budgetProperties = {
  usd: { type: 'string', pattern: '^\\d{1,18}(\\.\\d{1,9})?$' },
  window: {
    description: 'What it counts over: a window of the calendar, or the time that has just passed',
    anyOf: [
      { type: 'string', enum: ['hour', 'day', 'week', 'month', 'year', 'total'] },
      {
        type: 'object',
        required: ['rolling'],
        additionalProperties: false,
        properties: { rolling: { type: 'string', pattern: '^[1-9]\\d{0,5}[mhd]$' } },
      },
    ],
  },
  hard: { type: 'boolean' },
  models: {
    description: 'Models whose use it counts, by name or by a beginning and "*"; absent: all',
    type: 'array',
    maxItems: 1_000,
    items: { type: 'string' },
  },
} as const;

/** JSON Schema of a budget in a body. */
export const budgetBody = {
  type: 'object',
  required: ['usd'],
  additionalProperties: false,
  properties: budgetProperties,
} as const;

/** JSON Schema of a budget beside others, which a name tells apart. */
export const furtherBudgetBody = {
  ...budgetBody,
  properties: { name: { type: 'string' }, ...budgetProperties },
} as const;

/** A budget as it may be sent: what is left out has a default. */
export type BudgetBody = Pick<WrittenBudget, 'usd'> & Partial<WrittenBudget>;

/** What is left out of a budget has a default. */
export const writtenBudget = (body: BudgetBody): WrittenBudget => ({
  ...body,
  window: body.window ?? 'month',
  hard: body.hard ?? true,
});
