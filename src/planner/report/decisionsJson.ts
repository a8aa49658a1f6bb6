import { assert, type Ratio } from '../../kernel/index.ts';
import type { PlanDecision } from '../PlanProblem.ts';
import { addMonths } from '../portfolio/calendarMonths.ts';
import { offerName } from '../portfolio/choicesOf.ts';
import { decisionRows, type DecisionRow } from '../portfolio/decisionRows.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import type { PlanTranslation, PoolMeaning, ReservationMeaning } from '../portfolio/PlanTranslation.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { coveredSources, sourceName } from '../portfolio/waysOf.ts';
import { periodMonthsOf } from './horizonOf.ts';
import type { DecisionJson, KeptJson, OfferJson, StepJson } from './PlanDocument.ts';

/** Significant figures that a Float64 keeps of any decimal. */
const exactFigures = 15;

/** A figure that was read from a decimal, as that decimal. */
const decimalOf = (value: number): string => {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.min(9, Math.max(0, exactFigures - 1 - magnitude)));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

type Timed = Pick<DecisionRow, 'offer' | 'start' | 'months'>;

const isSame = (one: Timed, other: Timed): boolean =>
  one.offer === other.offer && one.start === other.start && one.months === other.months;

/** The pool of the problem that a row tells of. */
const poolOf = ({ pools, problem }: PlanTranslation, decision: PlanDecision, row: DecisionRow) =>
  problem.pools.find((_, index) => {
    const meaning = pools[index];
    return decision.pools[index] === true && meaning !== undefined && !meaning.signed && isSame(meaning, row);
  });

/** What a pool asks for in each of its periods. */
const stepsOf = (translation: PlanTranslation, decision: PlanDecision, row: DecisionRow): readonly StepJson[] => {
  const months = periodMonthsOf(translation);
  const scale = 10 ** translation.moneyUnit.exponent;
  return (poolOf(translation, decision, row)?.floors ?? []).map((floor, index) => ({
    from: addMonths(row.start, index * months),
    until: addMonths(row.start, (index + 1) * months),
    usd: decimalOf(floor * scale),
  }));
};

/** Money a month for all that is reserved by a row. */
const feeOf = ({ reservations, problem, moneyUnit }: PlanTranslation, decision: PlanDecision, row: DecisionRow) =>
  reservations.reduce((sum, meaning, index) => {
    if (meaning.signed || !isSame(meaning, row) || meaning.source !== row.source) return sum;
    return sum + (decision.reservations[index] ?? 0) * (problem.reservations[index]?.feePerMonth ?? 0);
  }, 0) *
  10 ** moneyUnit.exponent;

const nothing: Ratio = { numerator: 0n, denominator: 1n };

/** What is to be signed, with the terms that it is to be signed for. */
export const decisionsJson = (
  translation: PlanTranslation,
  portfolio: Portfolio,
  decision: PlanDecision,
): readonly DecisionJson[] =>
  decisionRows(translation, decision).map((row) => {
    const offer = portfolio.offers.find((other) => offerName(other) === row.offer);
    const covered = offer === undefined ? [] : coveredSources(portfolio, offer);
    const isPool = row.kind === 'pool';
    return {
      ...row,
      until: addMonths(row.start, row.months),
      discount: isPool ? (poolOf(translation, decision, row)?.discount ?? null) : null,
      feePerMonth: isPool ? null : feeOf(translation, decision, row),
      steps: isPool ? stepsOf(translation, decision, row) : [],
      upfrontShare: decimalText(offer?.payment.upfrontShare ?? nothing),
      covers: isPool
        ? covered.flatMap((index) => {
            const source = portfolio.sources[index];
            return source === undefined ? [] : [sourceName(source)];
          })
        : [row.source ?? ''],
    };
  });

const timeOf = ({ vendor, offer, start, months }: PoolMeaning | ReservationMeaning) => ({
  vendor,
  offer,
  start,
  months,
  until: addMonths(start, months),
});

/** What is signed already and in force within the horizon. */
export const keptJson = ({ pools, reservations }: PlanTranslation): readonly KeptJson[] => [
  ...pools
    .filter(({ signed }) => signed)
    .map((pool): KeptJson => ({ ...timeOf(pool), kind: 'pool', usd: decimalText(pool.amount) })),
  ...reservations
    .filter(({ signed }) => signed)
    .map((reservation): KeptJson => ({
      ...timeOf(reservation),
      kind: reservation.kind,
      ...(reservation.amount === null ? {} : { quantity: decimalText(reservation.amount) }),
      unit: reservation.unit,
    })),
];

/** Money that contracts commit in all, used or not. */
export const committedBy = (decisions: readonly DecisionJson[]): number =>
  decisions.reduce((sum, { usd, feePerMonth, months }) => sum + Number(usd ?? 0) + (feePerMonth ?? 0) * months, 0);

type Offered = Pick<
  OfferJson,
  'kind' | 'offer' | 'start' | 'months' | 'usd' | 'quantity' | 'unit' | 'source' | 'isUpTo'
>;

/** A pool or reservation of the problem as it is offered. */
export const offeredJson = (translation: PlanTranslation, kind: 'pool' | 'reservation', index: number): Offered => {
  const pool = kind === 'pool' ? translation.pools[index] : undefined;
  if (pool !== undefined)
    return {
      kind: 'pool',
      offer: pool.offer,
      start: pool.start,
      months: pool.months,
      usd: decimalText(pool.amount),
      isUpTo: false,
    };
  const meaning = translation.reservations[index];
  const quantity = translation.problem.reservations[index]?.quantity;
  assert(meaning !== undefined && quantity !== undefined, 'a sheet tells of an offer of the problem');
  const most = quantity.kind === 'exactly' ? quantity.units : quantity.max;
  return {
    kind: meaning.kind,
    offer: meaning.offer,
    start: meaning.start,
    months: meaning.months,
    quantity: meaning.amount === null ? decimalOf(most * meaning.quantityPerUnit) : decimalText(meaning.amount),
    unit: meaning.unit,
    source: meaning.source,
    isUpTo: quantity.kind === 'upTo',
  };
};
