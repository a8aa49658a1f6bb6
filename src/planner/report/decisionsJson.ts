import { assert, parseRatio, type Ratio } from '../../kernel/index.ts';
import type { PlanDecision } from '../PlanProblem.ts';
import { addDays, addMonths } from '../portfolio/calendarMonths.ts';
import { offerName, poolChoicesOf } from '../portfolio/choicesOf.ts';
import type { DecisionRow } from '../portfolio/decisionRows.ts';
import { decimalText, productOf, sumOf } from '../portfolio/floatOf.ts';
import type { PlanTranslation, PoolMeaning, ReservationMeaning } from '../portfolio/PlanTranslation.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { timelineOf } from '../portfolio/timelineOf.ts';
import { coveredSources, sourceName } from '../portfolio/waysOf.ts';
import type { DecisionJson, KeptJson, OfferJson, SigningJson, StepJson } from './PlanDocument.ts';
import { wholeRows } from './wholeRows.ts';

/** Significant figures in which a Float64 that went through arithmetic still has the decimals that it came from. */
const exactFigures = 12;

/** A figure that came from decimals of the file, as a decimal. */
const decimalOf = (value: number): string => {
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const text = value.toFixed(Math.min(9, Math.max(0, exactFigures - 1 - magnitude)));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};

type Timed = Pick<DecisionRow, 'offer' | 'start' | 'months'>;

const isSame = (one: Timed, other: Timed): boolean =>
  one.offer === other.offer && one.start === other.start && one.months === other.months;

type PortfolioOffer = Portfolio['offers'][number];

/** Fraction off list prices of the pool that a row tells of. */
const discountOf = ({ pools, problem }: PlanTranslation, decision: PlanDecision, row: DecisionRow): number | null => {
  const index = pools.findIndex(
    (meaning, at) => decision.pools[at] === true && !meaning.signed && isSame(meaning, row),
  );
  return problem.pools[index]?.discount ?? null;
};

/** What a pool asks for in each of its periods, as the file says it. */
const stepsOf = (portfolio: Portfolio, offer: PortfolioOffer | undefined, row: DecisionRow): readonly StepJson[] => {
  if (offer?.kind !== 'pool') return [];
  const timeline = timelineOf(portfolio);
  const choice = poolChoicesOf(timeline, offer).find(
    ({ fromMonth, months, floors }) =>
      months === row.months &&
      addMonths(timeline.from, fromMonth) === row.start &&
      decimalText(sumOf(floors)) === row.usd,
  );
  assert(choice !== undefined, 'a decision is a choice of its offer');
  return choice.floors.map((floor, index) => ({
    from: addMonths(row.start, index * timeline.periodMonths),
    until: addMonths(row.start, (index + 1) * timeline.periodMonths),
    usd: decimalText(floor),
  }));
};

const whole = (months: number): Ratio => ({ numerator: BigInt(months), denominator: 1n });

/** Money a month for all that is signed by a row: what one of its unit costs, for the quantity as it is told. */
const feeOf = (
  { reservations, problem, moneyUnit }: PlanTranslation,
  decision: PlanDecision,
  row: DecisionRow,
): Ratio => {
  let [fee, quantity] = [0, 0];
  for (const [index, meaning] of reservations.entries()) {
    if (meaning.signed || !isSame(meaning, row) || meaning.source !== row.source) continue;
    const units = decision.reservations[index] ?? 0;
    fee += units * (problem.reservations[index]?.feePerMonth ?? 0) * 10 ** moneyUnit.exponent;
    quantity += units * meaning.quantityPerUnit;
  }
  if (quantity === 0) return nothing;
  return productOf(parseRatio(decimalOf(fee / quantity)), parseRatio(row.quantity ?? '0'));
};

const nothing: Ratio = { numerator: 0n, denominator: 1n };

/** What is to be signed, with the terms that it is to be signed for. */
export const decisionsJson = (
  translation: PlanTranslation,
  portfolio: Portfolio,
  decision: PlanDecision,
): readonly DecisionJson[] =>
  wholeRows(translation, decision).map((row) => {
    const offer = portfolio.offers.find((other) => offerName(other) === row.offer);
    const covered = offer === undefined ? [] : coveredSources(portfolio, offer);
    const isPool = row.kind === 'pool';
    const fee = isPool ? null : feeOf(translation, decision, row);
    return {
      ...row,
      until: addMonths(row.start, row.months),
      signBy: addDays(row.start, -(offer?.leadTimeDays ?? 0)),
      committed: fee === null ? (row.usd ?? '0') : decimalText(productOf(fee, whole(row.months))),
      discount: isPool ? discountOf(translation, decision, row) : null,
      feePerMonth: fee === null ? null : Number(decimalText(fee)),
      steps: stepsOf(portfolio, offer, row),
      upfrontShare: decimalText(offer?.payment.upfrontShare ?? nothing),
      covers: isPool
        ? covered.flatMap((index) => {
            const source = portfolio.sources[index];
            return source === undefined ? [] : [sourceName(source)];
          })
        : [row.source ?? ''],
    };
  });

/** What several contracts commit together, used or not. */
export const committedBy = (decisions: readonly DecisionJson[]): string =>
  decimalText(sumOf(decisions.map(({ committed }) => parseRatio(committed))));

/** What of a plan cannot wait: what has to be signed by its first day. Another plan may decide what is later. */
export const signingJson = (decisions: readonly DecisionJson[], firstDay: string): SigningJson => {
  const { now = [], later = [] } = Object.groupBy(decisions, ({ signBy }) => (signBy <= firstDay ? 'now' : 'later'));
  const days = later.map(({ signBy }) => signBy).toSorted();
  return {
    by: firstDay,
    now: { contracts: now.length, committed: committedBy(now) },
    later: { contracts: later.length, committed: committedBy(later), nextBy: days[0] ?? null },
  };
};

type Meaning = PoolMeaning | ReservationMeaning;

/** The time of a contract; its last day is the file's own. */
const timeOf = ({ contracts }: Portfolio, { vendor, offer, start, months }: Meaning) => ({
  vendor,
  offer,
  start,
  months,
  until: contracts.find(({ id }) => id === offer)?.period.until ?? addMonths(start, months),
});

/** What is signed already and in force within the horizon. */
export const keptJson = ({ pools, reservations }: PlanTranslation, portfolio: Portfolio): readonly KeptJson[] => [
  ...pools
    .filter(({ signed }) => signed)
    .map((pool): KeptJson => ({ ...timeOf(portfolio, pool), kind: 'pool', usd: decimalText(pool.amount) })),
  ...reservations
    .filter(({ signed }) => signed)
    .map((reservation): KeptJson => ({
      ...timeOf(portfolio, reservation),
      kind: reservation.kind,
      ...(reservation.amount === null ? {} : { quantity: decimalText(reservation.amount) }),
      unit: reservation.unit,
    })),
];

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
