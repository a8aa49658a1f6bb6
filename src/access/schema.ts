import { z } from 'zod';
import {
  budgetWindowField,
  dateField,
  faultMessage,
  listOf,
  mapOf,
  modelNameField,
  modelPatternField,
  nameField,
  optional,
  ratesSchema,
  routePolicySchema,
  section,
  switchField,
  usdField,
  windowWord,
} from '../vocabulary/index.ts';
import { roles } from './rights.ts';

/** Most budgets that one holder can have beside its `budget`. */
const budgetsMax = 16;

const budgetShape = {
  usd: usdField.describe('US dollars'),
  window: budgetWindowField
    .prefault('month')
    .describe('What it counts over: a calendar window, or { rolling: 24h } for the time that has just passed'),
  hard: switchField.prefault(true).describe('true: requests beyond it are refused; false: they are only reported'),
  models: optional(listOf(modelPatternField, 1000)).describe(
    'Models whose use it counts, by name or by a beginning and "*"; absent: all, and the capacity of jobs',
  ),
};

/** `budget`: most that may be spent in a window. */
export const budgetSchema = section(budgetShape);

export type BudgetConfiguration = z.output<typeof budgetSchema>;

/** `budgets`: further ones, told apart by their names. */
export const budgetsSchema = listOf(
  section({
    name: optional(nameField).describe('Tells budgets of one holder apart; absent: its window, such as day or 24h'),
    ...budgetShape,
  }).transform(({ name, ...budget }) => ({ name: name ?? windowWord(budget.window), ...budget })),
  budgetsMax,
)
  .prefault([])
  .describe('Further budgets; each holds by itself');

export type NamedBudget = z.output<typeof budgetsSchema>[number];

/** `endUserBudget`: a budget for each of those whom clients name. */
const endUserBudget = optional(budgetSchema).describe(
  'Most that each end user may spend, as requests name them (user, safety_identifier, metadata.user_id); absent: not limited',
);

/** `policy`: what holds for its requests beside the policies of the file and of the model. */
const policy = optional(routePolicySchema).describe(
  'Policy of its requests: what it prefers comes before what wider levels prefer (file, model, organisation, team), what it forbids comes on top of theirs',
);

const hashMessage = faultMessage(
  'expected the hash of a key (the value is not shown)',
  'write "sha256:" and the 64 hexadecimal digits of the SHA-256 of the key, never the key itself',
);

/** SHA-256 of a key as `sha256:` and 64 digits; read as the digits in lower case. */
export const keyHashField = z
  .string(hashMessage)
  .regex(/^sha256:[0-9a-fA-F]{64}$/, hashMessage)
  .transform((written) => written.slice('sha256:'.length).toLowerCase());

/** `organisations`: the optional level above teams. */
export const organisationsSchema = mapOf(
  nameField,
  section({
    budget: optional(budgetSchema).describe('Most that all its teams may spend together'),
    budgets: budgetsSchema,
    limits: ratesSchema.prefault({}).describe('Rates of all its teams together'),
    policy,
  }),
).describe('The optional level above teams');

/** `teams`. */
export const teamsSchema = mapOf(
  nameField,
  section({
    organisation: nameField.prefault('default').describe('Organisation that it belongs to'),
    budget: optional(budgetSchema).describe('Most that all its keys may spend together'),
    budgets: budgetsSchema,
    endUserBudget,
    limits: ratesSchema.prefault({}).describe('Rates of all its keys together'),
    policy,
  }),
).describe('Who spends');

/** `keys`: what clients authenticate with. */
export const keysSchema = listOf(
  section({
    name: nameField.describe('Name in tables and logs'),
    hash: keyHashField.describe('SHA-256 of the key'),
    team: nameField.describe('Team that it spends for'),
    models: optional(listOf(modelNameField, 1000)).describe('Models that it may use; absent: all'),
    expires: optional(dateField).describe('First day on which it is no longer valid'),
    budget: optional(budgetSchema).describe('Most that it may spend'),
    budgets: budgetsSchema,
    endUserBudget,
    limits: ratesSchema.prefault({}).describe('Rates'),
    policy,
  }),
).describe('What clients authenticate with');

export type KeyConfiguration = z.output<typeof keysSchema>[number];

/** `admin.keys`: what operators authenticate with. */
export const adminKeysSchema = listOf(
  section({
    name: nameField.describe('Name in the audit trail'),
    hash: keyHashField.describe('SHA-256 of the key'),
    role: z
      .enum(roles, faultMessage(`expected one of ${roles.join(', ')}`, 'write one of these words'))
      .describe('What it may do'),
    teams: optional(listOf(nameField, 1000)).describe(
      'Teams that it is limited to: it may do no more than see and change their keys, as its role allows; absent: not limited',
    ),
  }),
  1000,
).describe('What operators authenticate with');

export type AdminKeyConfiguration = z.output<typeof adminKeysSchema>[number];
