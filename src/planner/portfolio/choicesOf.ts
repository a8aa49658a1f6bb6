import type { Ratio } from '../../kernel/index.ts';
import { isLess, productOf, sumOf } from './floatOf.ts';
import type { CapacityOfferTerms, Offer, OfferTerm, PoolOfferTerms } from './schema.ts';
import { beginningsOf, type Timeline } from './timelineOf.ts';

/** Something that can be signed: one size of an offer for one term from one day on. */
interface ChoiceTime {
  /** Months from the beginning of the horizon. */
  readonly fromMonth: number;
  readonly months: number;
  readonly discount: Ratio;
}

export interface PoolChoice extends ChoiceTime {
  readonly offer: PoolOfferTerms;
  /** Money of each period, in order. */
  readonly floors: readonly Ratio[];
}

export interface CapacityChoice extends ChoiceTime {
  readonly offer: CapacityOfferTerms;
  /** In the unit of the offer: one amount and no other, or any amount up to a most. */
  readonly quantity: { readonly kind: 'exactly' | 'upTo'; readonly amount: Ratio };
}

const nothing: Ratio = { numerator: 0n, denominator: 1n };
const whole: Ratio = { numerator: 1n, denominator: 1n };

export const offerName = ({ name, vendor, kind }: Pick<Offer, 'name' | 'vendor' | 'kind'>): string =>
  name ?? `${vendor}-${kind}`;

const termsOf = (timeline: Timeline, { terms }: Offer): readonly OfferTerm[] =>
  terms.length > 0 ? terms : [{ months: timeline.periodMonths, ramp: [], extraDiscount: nothing }];

const timesOf = (timeline: Timeline, offer: Offer): readonly (readonly [term: OfferTerm, fromMonth: number])[] =>
  termsOf(timeline, offer).flatMap((term) =>
    beginningsOf(timeline, offer, term.months).map((fromMonth): readonly [OfferTerm, number] => [term, fromMonth]),
  );

/** Every pool that an offer can be signed as. */
export const poolChoicesOf = (timeline: Timeline, offer: PoolOfferTerms): readonly PoolChoice[] =>
  timesOf(timeline, offer).flatMap(([term, fromMonth]) =>
    offer.sizes.map((size) => ({
      offer,
      fromMonth,
      months: term.months,
      discount: sumOf([size.discount ?? offer.discount, term.extraDiscount]),
      floors: Array.from({ length: term.months / timeline.periodMonths }, (_, index) =>
        productOf(size.amount, term.ramp[index] ?? whole),
      ),
    })),
  );

/** How many whole steps a range has. */
export const stepsOf = (max: Ratio, step: Ratio): bigint =>
  (max.numerator * step.denominator) / (max.denominator * step.numerator);

/**
 * Parts of which every number of steps up to a most can be put together, and none beyond: 1, 2, 4 ... and what is left.
 * partsOf(6n) = [1n, 2n, 3n].
 */
export const partsOf = (steps: bigint): readonly bigint[] => {
  const parts: bigint[] = [];
  let left = steps;
  for (let part = 1n; left > 0n; part *= 2n) {
    const taken = part < left ? part : left;
    parts.push(taken);
    left -= taken;
  }
  return parts;
};

const quantitiesOf = (
  offer: CapacityOfferTerms,
): readonly (CapacityChoice['quantity'] & { readonly discount: Ratio })[] => {
  const { range, sizes, discount } = offer;
  if (range === null)
    return sizes.map((size) => ({ kind: 'exactly', amount: size.amount, discount: size.discount ?? discount }));
  const { max, step } = range;
  if (step === null) return [{ kind: 'upTo', amount: max, discount }];
  return partsOf(stepsOf(max, step)).map((part) => ({
    kind: 'exactly',
    amount: { numerator: step.numerator * part, denominator: step.denominator },
    discount,
  }));
};

/** Everything that an offer of capacity can be signed as. Several of them add up. */
export const capacityChoicesOf = (timeline: Timeline, offer: CapacityOfferTerms): readonly CapacityChoice[] =>
  timesOf(timeline, offer).flatMap(([term, fromMonth]) =>
    quantitiesOf(offer).map(({ kind, amount, discount }) => ({
      offer,
      fromMonth,
      months: term.months,
      discount: sumOf([discount, term.extraDiscount]),
      quantity: { kind, amount },
    })),
  );

/** How many choices an offer opens, without making them. */
export const choiceCount = (timeline: Timeline, offer: Offer): number => {
  const times = timesOf(timeline, offer).length;
  return times * (offer.kind === 'pool' ? offer.sizes.length : quantitiesOf(offer).length);
};

/** Whether sizes stand in rising order, each above the one before. */
export const firstNotAscending = (sizes: readonly { readonly amount: Ratio }[]): number =>
  sizes.findIndex((size, index) => {
    const before = sizes[index - 1];
    return before !== undefined && !isLess(before.amount, size.amount);
  });
