import { z } from 'zod';
import type { Ratio } from '../kernel/index.ts';
import {
  choiceField,
  faultMessage,
  integerField,
  labelField,
  listOf,
  modelNameField,
  nameField,
  optional,
  periodField,
  rateField,
  section,
  shareField,
  timeZoneField,
  usdField,
} from '../vocabulary/index.ts';

/** One thing that a contract covers. */
export type Cover =
  | { readonly kind: 'provider'; readonly provider: string; readonly model: string | null }
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'product'; readonly product: string; readonly share: Ratio };

const coverField = z
  .union(
    [
      section({
        provider: modelNameField.describe('Name of a provider'),
        model: optional(modelNameField).describe("Only this model, by the vendor's name"),
      }),
      section({ site: nameField.describe('Name of a site') }),
      section({
        product: labelField.describe('Something else that the vendor counts, such as its marketplace'),
        share: shareField.describe('Most of the commitment that it may fill'),
      }),
    ],
    faultMessage(
      'expected a provider, a site or a product',
      'write { provider, model? }, { site } or { product, share }',
    ),
  )
  .transform((cover): Cover => {
    if ('provider' in cover) return { kind: 'provider', provider: cover.provider, model: cover.model };
    if ('site' in cover) return { kind: 'site', site: cover.site };
    return { kind: 'product', product: cover.product, share: cover.share };
  });

const feeField = section({
  usd: usdField.describe('US dollars'),
  per: choiceField(['hour', 'day', 'month', 'period']).describe('What one fee pays for'),
});

const common = {
  id: labelField.describe('Identity of the contract in tables and exports'),
  vendor: labelField.describe('Who it was signed with'),
  covers: listOf(coverField, 100).min(
    1,
    faultMessage('a contract that covers nothing', 'name a provider, a site or a product'),
  ),
  period: periodField.describe('[first day, first day after]'),
  timeZone: timeZoneField.prefault('UTC').describe('Where its days begin'),
  discount: shareField.prefault('0').describe('Fraction taken off list prices of what it covers'),
};

const wholeRate = { numerator: 1n, denominator: 1n };

const poolSchema = section({
  ...common,
  kind: z.literal('pool'),
  usd: usdField.describe('US dollars to be spent over the whole period'),
  fulfil: choiceField(['annual', 'total', 'monthly']).prefault('total').describe('When the vendor trues up'),
  ramp: listOf(shareField, 1200)
    .prefault([])
    .describe('Share of each true-up interval, in order; their sum is 1; absent: equal parts'),
  shortfall: section({
    rate: rateField.prefault('1').describe('What a dollar that was not spent costs'),
  })
    .optional()
    .transform((shortfall): { readonly rate: Ratio } => shortfall ?? { rate: wholeRate })
    .describe('What is owed for what was not spent'),
});

const floorSchema = section({
  ...common,
  kind: z.literal('floor'),
  unit: choiceField(['usdPerMinute', 'usdPerHour']).describe('Unit of the quantity'),
  quantity: usdField.describe('Use at list prices that is paid for in each unit of time, used or not'),
  fee: optional(feeField).describe('What it costs; absent: the quantity itself'),
});

const slotSchema = section({
  ...common,
  kind: z.literal('slot'),
  accelerator: labelField.describe('Kind of accelerator'),
  count: integerField(1, 10_000_000, 'accelerators').describe('How many'),
  fee: optional(feeField).describe('What it costs; absent: nothing, or counted elsewhere'),
});

/** One contract: a pool to be spent, a floor paid for by the minute, or a slot of dated capacity. */
export const contractSchema = z.discriminatedUnion(
  'kind',
  [poolSchema, floorSchema, slotSchema],
  faultMessage('expected a contract', 'write a map with kind: pool, floor or slot'),
);

/** `contracts`. */
export const contractsSchema = listOf(contractSchema, 1000).describe('What was signed with whom');

export type ContractConfiguration = z.output<typeof contractSchema>;
