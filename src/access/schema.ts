import { z } from 'zod';
import {
  dateField,
  faultMessage,
  listOf,
  mapOf,
  modelNameField,
  nameField,
  optional,
  ratesSchema,
  section,
  switchField,
  usdField,
  windowField,
} from '../vocabulary/index.ts';
import { roles } from './rights.ts';

/** `budget`: most that may be spent in a calendar window. */
export const budgetSchema = section({
  usd: usdField.describe('US dollars'),
  window: windowField.prefault('month').describe('Calendar window in which it is counted anew'),
  hard: switchField.prefault(true).describe('true: requests beyond it are refused; false: they are only reported'),
});

export type BudgetConfiguration = z.output<typeof budgetSchema>;

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
    limits: ratesSchema.prefault({}).describe('Rates of all its teams together'),
  }),
).describe('The optional level above teams');

/** `teams`. */
export const teamsSchema = mapOf(
  nameField,
  section({
    organisation: nameField.prefault('default').describe('Organisation that it belongs to'),
    budget: optional(budgetSchema).describe('Most that all its keys may spend together'),
    limits: ratesSchema.prefault({}).describe('Rates of all its keys together'),
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
    limits: ratesSchema.prefault({}).describe('Rates'),
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
