import { z } from 'zod';
import { parseRatio, type Ratio } from '../kernel/index.ts';
import {
  capField,
  choiceField,
  dateField,
  decimalField,
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
import { burndownField } from './burndown.ts';
import { checkFloor } from './checkFloor.ts';
import { floorUnitNames } from './floorUnits.ts';

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

const one: Ratio = { numerator: 1n, denominator: 1n };
const none: Ratio = { numerator: 0n, denominator: 1n };

const milestoneField = section({
  by: dateField.describe('What is spent before this day counts'),
  usd: usdField.describe('US dollars that must have been spent since the contract began'),
});

const carryField = section({
  share: shareField.prefault('1').describe('Share of it that moves on'),
  upTo: optional(capField).describe('No more than this share of what was due; absent: no limit'),
  months: optional(integerField(1, 1200, 'months')).describe('How long it counts; absent: until the contract ends'),
});

const elsewhereField = section({
  product: optional(labelField).describe(
    'A product that the contract covers, whose share bounds it; absent: all counts',
  ),
  usd: usdField.describe('US dollars'),
  period: periodField.describe('[first day, first day after]: spread evenly over it'),
});

const poolSchema = section({
  ...common,
  kind: z.literal('pool'),
  usd: usdField.describe('US dollars to be spent over the whole period'),
  fulfil: choiceField(['annual', 'total', 'monthly']).prefault('total').describe('When the vendor trues up'),
  ramp: listOf(shareField, 1200)
    .prefault([])
    .describe('Share of each true-up interval, in order; their sum is 1; absent: equal parts'),
  milestones: listOf(milestoneField, 100)
    .prefault([])
    .describe(
      'Amounts to be reached by days, each charged for what is missing then, instead of a true-up by the calendar',
    ),
  shortfall: section({
    rate: rateField.prefault('1').describe('What a dollar that was not spent costs'),
    grace: shareField.prefault('0').describe('Share of what is due that may be missing for nothing'),
  })
    .optional()
    .transform((shortfall) => shortfall ?? { rate: one, grace: none })
    .describe('What is owed for what was not spent'),
  rollover: optional(carryField).describe(
    'What was not spent at a true-up and may be spent later; absent: it is owed at once',
  ),
  carryForward: optional(carryField).describe(
    'What was spent beyond what was due and counts at later true-ups; absent: it does not, but for milestones',
  ),
  elsewhere: listOf(elsewhereField, 1000)
    .prefault([])
    .describe('What was, or will be, spent under it by other ways than this program, such as on a marketplace'),
});

/** An exact decimal of tokens or units. */
const amountField = decimalField('a plain decimal', 'write it in quotes, such as "100"').transform((written): Ratio =>
  parseRatio(written),
);

const meterField = section({
  name: nameField.describe('What it counts, such as input'),
  quantity: amountField.describe('How many of the unit'),
  burndown: burndownField.describe('What one token of each bucket counts'),
});

const floorShape = section({
  ...common,
  kind: z.literal('floor'),
  unit: choiceField(floorUnitNames).describe('Unit of the quantity'),
  quantity: optional(amountField).describe(
    'How many of the unit are paid for, used or not: use at list prices in US dollars in each minute or hour, tokens in each minute or second, or units of the vendor; not with meters',
  ),
  tokensPerUnit: optional(amountField).describe(
    "Tokens that one ptu or modelUnit takes in a minute, or one gsu in a second, by the vendor's table for the model",
  ),
  burndown: optional(burndownField).describe(
    "What one token of each bucket counts, by the vendor's table; absent: 1. A bucket that is left out counts as input or as output does",
  ),
  meters: listOf(meterField, 10)
    .prefault([])
    .describe('Where a vendor counts input and output apart: a quantity and burndown for each'),
  intervalSeconds: optional(integerField(1, 86_400, 'seconds')).describe(
    'Time within which the vendor lets busy and idle moments make up for each other; absent: the time of the unit',
  ),
  fee: optional(feeField).describe('What it costs; absent: the quantity itself, which is for dollars only'),
});

/** A floor as it is written. */
export type WrittenFloor = z.output<typeof floorShape>;

/** Keys are only held against each other where each of them can be read: a refinement would see those that cannot as they were written. */
const floorSchema = floorShape.transform((floor, context): WrittenFloor => {
  checkFloor(floor, context);
  return floor;
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
