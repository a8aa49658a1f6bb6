import { z } from 'zod';
import { keysSchema, organisationsSchema, teamsSchema } from '../access/index.ts';
import { agentsSchema } from '../agents/index.ts';
import { contractsSchema } from '../contracts/index.ts';
import { limitsSchema, responsesSchema } from '../gateway/index.ts';
import { adminSchema, listenSchema } from '../http/index.ts';
import { ledgerSchema } from '../ledger/index.ts';
import { modelsSchema, pricesSchema, ratesSchema } from '../market/index.ts';
import { jobsSchema, sitesSchema } from '../placement/index.ts';
import { providersSchema } from '../providers/index.ts';
import { policySchema } from '../router/index.ts';
import { storeSchema } from '../store/index.ts';
import { faultMessage, pathField, section, timeZoneField } from '../vocabulary/index.ts';

/** The whole file: each room's piece under its key. */
export const configurationSchema = section({
  version: z
    .literal(1, faultMessage('expected version 1', 'write version: 1, the only one that this program reads'))
    .describe('Version of this format'),
  timeZone: timeZoneField
    .prefault('UTC')
    .describe('Where the windows of budgets and caps begin; contracts have their own'),
  listen: listenSchema.prefault({}),
  admin: adminSchema.prefault({}),
  store: storeSchema.prefault({}),
  dataDir: pathField
    .prefault('./data')
    .describe('Folder of everything that is written, relative to where the program runs'),
  ledger: ledgerSchema.prefault({}),
  providers: providersSchema,
  models: modelsSchema,
  prices: pricesSchema.prefault([]),
  rates: ratesSchema.prefault({}),
  contracts: contractsSchema.prefault([]),
  policy: policySchema.prefault({}),
  organisations: organisationsSchema.prefault({ default: {} }),
  teams: teamsSchema.prefault({}),
  keys: keysSchema.prefault([]),
  sites: sitesSchema.prefault({}),
  jobs: jobsSchema.prefault({}),
  agents: agentsSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  responses: responsesSchema.prefault({}),
}).describe('Configuration of Archipel');

/** The configuration as the program uses it: exact amounts, every default filled in, null for what is not there. */
export type ArchipelConfiguration = Readonly<z.output<typeof configurationSchema>>;
