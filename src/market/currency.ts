import { divideHalfEven, parseRatio, utcDay, type NanoUsdPerMillion } from '../kernel/index.ts';

/** What one unit of a currency is worth from a day on, as the file says it. */
export interface CurrencyRate {
  /** "2026-01-01". */
  readonly from: string;
  /** Unix milliseconds of its midnight, UTC. */
  readonly fromMs: number;
  /** US dollars for one unit, an exact decimal: "1.08". */
  readonly usd: string;
}

/** By the currency's code: "EUR". */
export type CurrencyRates = ReadonlyMap<string, readonly CurrencyRate[]>;

/** The currency that everything is booked in. */
export const bookedCurrency = 'USD';

const nanoPerUsd = 1_000_000_000n;
/** Largest exponent of ten that prices are written with: longer ones are no prices. */
const textLengthMax = 40;

const rateAt = (currency: string, atMs: number, rates: CurrencyRates): CurrencyRate => {
  const known = rates.get(currency);
  if (known === undefined)
    throw new RangeError(
      `currency: no rates for ${JSON.stringify(currency.slice(0, 20))}; add them to \`rates\` in the file, or write US dollars (USD)`,
    );
  let best: CurrencyRate | null = null;
  for (const rate of known) if (rate.fromMs <= atMs && (best === null || rate.fromMs > best.fromMs)) best = rate;
  if (best === null)
    throw new RangeError(`currency: no rate of ${currency} for ${utcDay(atMs)}; the first in \`rates\` begins later`);
  return best;
};

/**
 * A price of a list as nano-USD per million, exact and rounded half to even once, by the rate of the day on which it begins to hold.
 * @throws RangeError where it is no decimal, or negative, or no rate is known.
 */
export const toPerMillionUsd = (asked: {
  readonly text: string;
  /** For messages. */
  readonly column: string;
  readonly currency: string;
  readonly atMs: number;
  readonly rates: CurrencyRates;
}): { readonly nanoUsd: NanoUsdPerMillion; readonly mark: string } => {
  const { text, column, currency, atMs, rates } = asked;
  if (!/^\d+(?:\.\d+)?$/.test(text) || text.length > textLengthMax)
    throw new RangeError(`${column}: expected a price as 2.50, not ${JSON.stringify(text.slice(0, 60))}`);
  const price = parseRatio(text);
  if (currency === bookedCurrency)
    return { nanoUsd: divideHalfEven(price.numerator * nanoPerUsd, price.denominator), mark: '' };
  const rate = rateAt(currency, atMs, rates);
  const usd = parseRatio(rate.usd);
  return {
    nanoUsd: divideHalfEven(price.numerator * usd.numerator * nanoPerUsd, price.denominator * usd.denominator),
    mark: ` (${currency} at ${rate.usd} USD of ${rate.from})`,
  };
};
