import { addMonths, monthsUntil } from './calendarMonths.ts';
import { offerName } from './choicesOf.ts';
import { floatOf, isPositive } from './floatOf.ts';
import type { Portfolio } from './Portfolio.ts';
import { costOfCapital } from './prepayment.ts';
import type { Offer, PoolOfferTerms, SignedContract } from './schema.ts';
import { signedPeriods, signedSegments } from './signedTimes.ts';
import { timelineOf, type Timeline } from './timelineOf.ts';
import { coveredSources } from './waysOf.ts';

/** Share of reserved capacity that can be used where nobody says: load rises and falls within a day. */
export const defaultLoadFactor = 0.7;

/** What can be had of a vendor at once when another is gone, where nobody says. */
export const defaultBurst = { base: 0.1, pool: 0.35, reservation: 0.15 } as const;

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

/** What is said of clauses by which true-ups hang together. */
const carryAssumptions = (
  timeline: Timeline,
  name: string,
  clauses: Pick<PoolOfferTerms, 'rollover' | 'carryForward'>,
): readonly string[] => {
  const { rollover, carryForward } = clauses;
  const written = [rollover, carryForward].filter((clause) => clause !== null);
  if (written.length === 0) return [];
  const words = [...(rollover === null ? [] : ['rollover']), ...(carryForward === null ? [] : ['carry-forward'])];
  const said = `The plan is chosen, and its bounds are proven, as if nothing of ${name} moved from one true-up to the next: it costs at most this. What its ${words.join(' and ')} saves then is counted in fresh futures and comparisons, and told apart.`;
  return written.some(({ months }) => months % timeline.periodMonths !== 0)
    ? [said, `The time of the ${words.join(' and ')} of ${name} is counted in whole periods, the rest left out.`]
    : [said];
};

const paymentAssumptions = (portfolio: Portfolio, offer: Offer): readonly string[] => {
  if (!isPositive(offer.payment.upfrontShare)) return [];
  const name = offerName(offer);
  if (!isPositive(costOfCapital(portfolio, offer)))
    return [
      `${name} is paid ${percent(floatOf(offer.payment.upfrontShare))} in advance, and money is taken to cost nothing: neither the offer nor the policy has a costOfCapital.`,
    ];
  return [
    `What ${name} has paid in advance is taken to be spent evenly over each period: until then it costs ${percent(floatOf(costOfCapital(portfolio, offer)))} a year, at simple interest, which counts towards no pool and no cap.`,
  ];
};

const offerAssumptions = (portfolio: Portfolio, timeline: Timeline, offer: Offer): readonly string[] => {
  const name = offerName(offer);
  const said: string[] = [];
  if (offer.kind === 'pool') said.push(...carryAssumptions(timeline, name, offer));
  if (offer.noticeDays > 0)
    said.push(
      `${name} renews itself without notice ${offer.noticeDays} days before its end: the plan takes it that notice is given.`,
    );
  said.push(...paymentAssumptions(portfolio, offer));
  if (offer.kind !== 'pool' && coveredSources(portfolio, offer).length > 1)
    said.push(
      `${name} is reserved for each of its sources apart: where the vendor lets them share it, the plan costs at most this.`,
    );
  return said;
};

const periodAlignment = (timeline: Timeline, contract: SignedContract): string | null => {
  const until = addMonths(timeline.from, timeline.months);
  const grid = contract.kind === 'pool' ? timeline.periodMonths : timeline.segmentMonths;
  const within = (day: string): boolean => day > timeline.from && day < until;
  const isAligned = (day: string): boolean => !within(day) || monthsUntil(timeline.from, day) % grid === 0;
  if (isAligned(contract.period.from) && isAligned(contract.period.until)) return null;
  return contract.kind === 'pool'
    ? `${contract.id} begins or ends within a period: it is counted from and to the nearest beginning of one, its amount by the days that fall there.`
    : `${contract.id} is counted from and to the nearest beginning of ${grid} months.`;
};

const contractAssumptions = (timeline: Timeline, contract: SignedContract): readonly string[] => {
  const said: string[] = [];
  const time = contract.kind === 'pool' ? signedPeriods(timeline, contract) : signedSegments(timeline, contract);
  if (time === null)
    return [`${contract.id} is in force for too little of the horizon to be counted: the plan leaves it out.`];
  const alignment = periodAlignment(timeline, contract);
  if (alignment !== null) said.push(alignment);
  if (contract.kind !== 'pool') return said;
  said.push(...carryAssumptions(timeline, contract.id, contract));
  const spans = monthsUntil(timeline.from, contract.period.until) - monthsUntil(timeline.from, contract.period.from);
  if (contract.fulfil === 'total' && spans > timeline.periodMonths)
    said.push(
      `${contract.id} is trued up at its end, here in every period: where one period may make up for another, the plan costs at most this.`,
    );
  if (
    (contract.fulfil === 'monthly' && timeline.periodMonths > 1) ||
    (contract.fulfil === 'annual' && timeline.periodMonths > 12)
  )
    said.push(`${contract.id} is trued up more often than once a period: the plan may cost more than this.`);
  if (contract.period.from < timeline.from)
    said.push(
      `${contract.id} began before the horizon: of its amount, the part of the days that are left is counted, whatever was spent so far.`,
    );
  return said;
};

/** What a vendor's capacity in an outage rests on, and where that matters. */
const burstParts = [
  { part: 'base', kinds: null, words: 'of the demand of its classes without any contract' },
  { part: 'pool', kinds: ['pool'], words: "of a month's part of its pool" },
  { part: 'reservation', kinds: ['floor', 'slot'], words: 'more than what is reserved' },
] as const;

const burstAssumptions = ({ policy, vendors, offers, contracts }: Portfolio): readonly string[] => {
  if (policy.resilience === null) return [];
  return burstParts.flatMap(({ part, kinds, words }) => {
    const matters = (vendor: string): boolean =>
      kinds === null ||
      [...offers, ...contracts].some((item) => item.vendor === vendor && kinds.some((kind) => kind === item.kind));
    const silent = [...vendors].flatMap(([name, { burst }]) => (burst[part] === null && matters(name) ? [name] : []));
    if (silent.length === 0) return [];
    return [
      `When another vendor is gone, ${silent.join(', ')} is taken to give ${percent(defaultBurst[part])} ${words}: nobody says otherwise.`,
    ];
  });
};

const loadAssumptions = (portfolio: Portfolio): readonly string[] => {
  const silent = [...portfolio.classes].flatMap(([name, { loadFactor }]) => (loadFactor === null ? [name] : []));
  const reserves = [...portfolio.offers, ...portfolio.contracts].some(
    (item) => item.kind !== 'pool' && item.usableShare === null,
  );
  if (!reserves || silent.length === 0) return [];
  return [`Of capacity reserved for ${silent.join(', ')}, ${percent(defaultLoadFactor)} is taken to be usable.`];
};

const priceAssumptions = (portfolio: Portfolio): readonly string[] => {
  const moves = portfolio.prices.some(
    ({ changePerYear, index }) => isPositive(changePerYear) || floatOf(changePerYear) < 0 || index.size > 0,
  );
  const reserves = portfolio.offers.some((offer) => offer.kind !== 'pool' && offer.fee === null);
  return moves && reserves
    ? ["Fees that follow from list prices are those of today's list, also where something begins later."]
    : [];
};

/** What the problem of a portfolio leaves out or takes for granted, in sentences for whoever reads the plan. */
export const assumptionsOf = (portfolio: Portfolio): readonly string[] => {
  const timeline = timelineOf(portfolio);
  const substitutes = [...portfolio.classes.values()].some((item) => item.substitutes.length > 0);
  const reserves = portfolio.offers.some(({ kind }) => kind !== 'pool');
  return [
    ...portfolio.offers.flatMap((offer) => offerAssumptions(portfolio, timeline, offer)),
    ...portfolio.contracts.flatMap((contract) => contractAssumptions(timeline, contract)),
    ...burstAssumptions(portfolio),
    ...loadAssumptions(portfolio),
    ...priceAssumptions(portfolio),
    ...(substitutes && reserves
      ? ['What is reserved for a class serves that class only, none that it may stand in for.']
      : []),
  ];
};
