import { z } from 'zod';
import { startOfDayMs } from '../kernel/index.ts';
import {
  dateField,
  decimalField,
  faultMessage,
  listOf,
  mapOf,
  optional,
  pathField,
  section,
} from '../vocabulary/index.ts';
import { bookedCurrency, type CurrencyRate } from './currency.ts';

const currencyMessage = faultMessage('expected the code of a currency', 'write three capital letters, such as EUR');
const currencyField = z.string(currencyMessage).regex(/^[A-Z]{3}$/, currencyMessage);

const rateSchema = section({
  from: dateField.describe('First day on which it holds, UTC'),
  usd: decimalField('US dollars for one unit', 'write a plain decimal in quotes, such as "1.08"')
    .refine(
      (usd) => Number(usd) > 0 && usd.length <= 30,
      faultMessage('no rate', 'write a plain decimal above 0, such as "1.08"'),
    )
    .describe('US dollars for one unit'),
}).transform(({ from, usd }): CurrencyRate => ({ from, usd, fromMs: startOfDayMs(from, 'UTC') }));

/** `rates`: what other currencies are worth, from which day on. */
export const ratesSchema = mapOf(
  currencyField.refine((code) => code !== bookedCurrency, faultMessage('US dollars need no rate', 'leave USD out')),
  listOf(rateSchema, 1_000)
    .min(1, faultMessage('a currency without a rate', 'add { from: 2026-01-01, usd: "1.08" }'))
    .refine(
      (rates) => new Set(rates.map(({ from }) => from)).size === rates.length,
      faultMessage('two rates from the same day', 'keep one of them'),
    ),
).describe(
  'Rates by which prices in other currencies become US dollars: a price takes that of the day on which it begins to hold',
);

/** `prices`: lists of prices of one's own, that come before those that the program ships with. */
export const pricesSchema = listOf(
  section({
    file: pathField.describe('Comma-separated values, relative to where the program runs'),
    from: optional(dateField).describe('Day from which rows hold that name none, UTC'),
    currency: currencyField.prefault(bookedCurrency).describe('Currency of rows that name none'),
  }),
  100,
).describe('Lists of prices of your own');

/** An entry of `prices`. */
export type PriceListSource = z.output<typeof pricesSchema>[number];
