// What is said of a plan in sentences: which of them, and with which figures. The words are those of a language.
import type {
  CapJson,
  CertificateJson,
  ComparedJson,
  ConflictingRuleJson,
  DecisionJson,
  KeptJson,
  NegotiationJson,
  OfferJson,
  PlanDocument,
  ShadowPriceJson,
  ViolationJson,
} from './PlanDocument.ts';
import type { Wording } from './Wording.ts';

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** "2027 to 2028". */
export const yearsText = ({ words }: Wording, { horizon }: PlanDocument): string => {
  const [first, last] = [horizon.periods[0]?.name ?? '', horizon.periods.at(-1)?.name ?? ''];
  return first === last ? first : words.years(first, last);
};

/** "From 2027 to 2028". */
const withinText = ({ words }: Wording, { horizon }: PlanDocument): string => {
  const [first, last] = [horizon.periods[0]?.name ?? '', horizon.periods.at(-1)?.name ?? ''];
  return capital(first === last ? words.withinOne(first) : words.within(first, last));
};

/** "the worst 10 % of the futures". */
export const tailText = ({ words, figures }: Wording, { risk }: PlanDocument): string =>
  words.tail(figures.percent(1 - risk.beta));

type Capacity = Pick<DecisionJson, 'quantity' | 'unit'>;

/** Large quantities are told whole; the rows for export have them exactly. */
const wholeFrom = 1_000;

const capacityText = ({ words, figures }: Wording, { quantity = '0', unit = '' }: Capacity): string => {
  const { units } = words;
  const amount = Number(quantity);
  switch (unit) {
    case 'unitsPerMonth':
      return units.unitsPerMonth(figures.amount(amount));
    case 'tokensPerMinute':
      return units.tokensPerMinute(figures.amount(amount));
    case 'moneyPerMinute':
      return units.moneyPerMinute(figures.exactMoney(quantity));
    case 'moneyPerHour':
      return units.moneyPerHour(figures.exactMoney(quantity));
    case 'accelerators':
      return units.accelerators(Math.ceil(amount));
    default:
      return `${figures.amount(amount >= wholeFrom ? Math.round(amount) : amount)} ${unit}`;
  }
};

/** What is signed, without by whom and when: "USD 12 M", "EUR 0.035 a minute". */
export const sizeText = (wording: Wording, row: Capacity & Pick<KeptJson, 'usd'>): string =>
  row.usd === undefined ? capacityText(wording, row) : wording.figures.money(Number(row.usd));

/** Whose contract it is, and for what where that is not all: "north · reserved (training)"; the vendor once only. */
export const contractName = ({ vendor, offer, source }: Pick<DecisionJson, 'vendor' | 'offer' | 'source'>): string => {
  const name = offer.startsWith(vendor) ? offer : `${vendor} · ${offer}`;
  if (source === undefined) return name;
  const own = `${vendor}/`;
  return `${name} (${source.startsWith(own) ? source.slice(own.length) : source})`;
};

/** The entry of the certificate that is furthest below what is asked, or nearest above. */
export const weakest = (entries: readonly CertificateJson[]): CertificateJson | null => {
  const slackOf = ({ servedShare, askedShare }: CertificateJson): number => servedShare - askedShare;
  return entries.reduce<CertificateJson | null>(
    (least, entry) => (least === null || slackOf(entry) < slackOf(least) ? entry : least),
    null,
  );
};

/** The last of the days before another. */
const dayBefore = (day: string): string => {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
};

/** The last day of a contract. */
export const lastDayText = ({ figures }: Wording, { until }: Pick<KeptJson, 'until'>): string =>
  figures.date(dayBefore(until));

const signSentences = ({ words, figures }: Wording, { decisions, kept, committed }: PlanDocument): string => {
  const said = words.sign;
  const keeping = kept.length === 0 ? '' : ` ${said.kept(kept.length)}`;
  if (decisions.length === 0) return `${said.nothing}${keeping}`;
  const vendors = figures.list([...new Set(decisions.map(({ vendor }) => vendor))]);
  return `${said.all(words.contracts(decisions.length), vendors, figures.money(Number(committed)))}${keeping}`;
};

/** What of it cannot wait. */
const dueSentence = ({ words, figures }: Wording, { decisions, signing }: PlanDocument): string => {
  if (decisions.length === 0) return '';
  const said = words.sign;
  const { now, later, by } = signing;
  const day = figures.date(by);
  if (later.contracts === 0 || later.nextBy === null) return said.allNow(day);
  const waiting = said.later(figures.money(Number(later.committed)), figures.date(later.nextBy));
  if (now.contracts === 0) return `${said.noneNow(day)} ${waiting}`;
  return `${said.someNow(figures.money(Number(now.committed)), words.contracts(now.contracts), day)} ${waiting}`;
};

const costSentence = (wording: Wording, plan: PlanDocument): string => {
  const { words, figures } = wording;
  const { outOfSample, inSample, search } = plan;
  const within = withinText(wording, plan);
  const tailSentence = (cvar: number): string => words.cost.tail(tailText(wording, plan), figures.money(cvar));
  if (outOfSample !== null) {
    const { mean, low, high, cvar, scenarios } = outOfSample;
    const [expected, least, most] = [mean, low, high].map(figures.money);
    return `${words.cost.fresh(within, expected ?? '', words.futures(scenarios), least ?? '', most ?? '')} ${tailSentence(cvar)}`;
  }
  if (inSample === null) return '';
  const planned = words.cost.planned(within, figures.money(inSample.mean), words.futures(search.scenarios));
  return `${planned} ${tailSentence(inSample.cvar)}`;
};

/** What the plan saves over signing nothing new; or what the policy costs, where that would break it. */
const savingSentence = ({ words, figures }: Wording, { comparisons }: PlanDocument): string => {
  const nothing = comparisons?.others.find(({ kind }) => kind === 'nothing');
  if (comparisons === null || nothing === undefined) return '';
  const { dearerBy, violations } = nothing;
  const amount = figures.money(Math.abs(dearerBy));
  const share = figures.percent(Math.abs(dearerBy) / comparisons.plan.objective);
  if (dearerBy > 0) return words.cost.nothingDearer(amount, share);
  return dearerBy < 0 && violations.length > 0 ? words.cost.nothingCheaper(amount, share) : '';
};

/** What is proven. */
const gapSentence = ({ words, figures }: Wording, { gap }: Pick<PlanDocument, 'gap'>): string => {
  if (gap === null) return words.gap.unknown;
  return gap <= 1e-9 ? words.gap.closed : words.gap.proven(figures.percentAtMost(gap));
};

const outageSentence = ({ words, figures, told }: Wording, { outageRule, certificate }: PlanDocument): string => {
  const said = words.outage;
  const entry = weakest(certificate);
  if (outageRule === null || entry === null) return said.unasked;
  const kinds = figures.alternatives([...new Set(certificate.map(({ lostKind }) => words.lossKinds[lostKind]))]);
  if (entry.servedShare >= 1) return said.everything(kinds);
  const lost = entry.lostKind === 'host' ? said.host(entry.lost) : entry.lost;
  const served = figures.percentAtLeast(entry.servedShare);
  const asked = figures.percent(entry.askedShare);
  return outageRule.met
    ? `${said.met(kinds)} ${said.closest(lost, entry.period, served, entry.class, asked)}`
    : said.broken(lost, entry.period, served, entry.class, asked, told(entry.binding));
};

/** The answer in a few sentences: what to sign and when, what it costs, how certain that is, what happens if somebody is gone. */
export const headlineSentences = (wording: Wording, plan: PlanDocument): readonly string[] =>
  plan.upperBound === null
    ? noPlanSentences(wording, plan)
    : [
        signSentences(wording, plan),
        dueSentence(wording, plan),
        costSentence(wording, plan),
        savingSentence(wording, plan),
        gapSentence(wording, plan),
        outageSentence(wording, plan),
      ].filter((text) => text !== '');

/** Why there is no plan, and what would help, in sentences. */
export const noPlanSentences = (
  { words, figures }: Wording,
  { search, conflicts }: PlanDocument,
): readonly string[] => {
  const said = words.noPlan;
  if (search.feasible) return [search.interrupted ? said.stopped : said.unfound];
  if (conflicts === null || conflicts.conflict.length === 0) return [said.infeasible];
  const rule = ({ lost, period, classes, reachableShare }: ConflictingRuleJson): string =>
    `- ${said.rule(lost, period, figures.percentAtLeast(reachableShare), figures.list(classes))}`;
  return [
    said.infeasible,
    said.conflict,
    ...conflicts.conflict.map(rule),
    said.relaxation,
    ...conflicts.relaxation.map(rule),
    said.mend,
  ];
};

export const violationText = ({ words, figures }: Wording, violation: ViolationJson): string => {
  const said = words.comparisons;
  switch (violation.kind) {
    case 'cap':
      return said.brokenCap(
        violation.name,
        figures.percent(violation.worstShare),
        violation.period,
        figures.percent(violation.limit),
      );
    case 'outage':
      return said.brokenOutage(
        violation.lost,
        violation.period,
        figures.percentAtLeast(violation.servedShare),
        violation.class,
        figures.percent(violation.askedShare),
      );
    case 'signedContract':
      return said.brokenContract(violation.name);
  }
};

export const comparedName = ({ words }: Wording, { kind, vendor }: Pick<ComparedJson, 'kind' | 'vendor'>): string => {
  const { ways } = words.comparisons;
  if (kind !== 'singleVendor') return ways[kind];
  return vendor === null ? ways.anyVendor : ways.singleVendor(vendor);
};

/** What the bounds leave of a cost, or of a saving. */
const rangeText = ({ words, figures }: Wording, low: number | null, high: number | null): string => {
  if (low === null || high === null) return '';
  const [least = 0, most = 0] = [Math.abs(low), Math.abs(high)].toSorted((one, other) => one - other);
  const [from, to] = [figures.money(least), figures.money(most)];
  return from === to ? '' : words.frontiers.range(from, to);
};

/** What a step of a policy costs. */
export const shadowPriceSentence = (wording: Wording, price: ShadowPriceJson): string => {
  const { words, figures } = wording;
  const said = words.frontiers;
  const { estimate, low, high, along } = price;
  const [to, from] = [figures.percent(price.to), figures.percent(price.from)];
  const step = along === 'cap' ? said.capStep(to, from) : said.outageStep(to, from);
  if (estimate === null) return capital(said.unpriced(step));
  const range = rangeText(wording, low, high);
  const amount = figures.money(Math.abs(estimate));
  if (amount === figures.money(0)) return said.free(capital(step), range);
  return estimate < 0 ? said.saves(capital(step), amount, range) : said.costs(capital(step), amount, range);
};

/** What a vendor's new offers are worth. */
export const walkAwaySentence = (wording: Wording, { vendor, walkAway }: NegotiationJson): string => {
  const { words, figures } = wording;
  const said = words.negotiations;
  if (walkAway === null) return said.unseen(vendor);
  if (!walkAway.feasible) return said.needed(vendor);
  const { worth, low, high } = walkAway;
  if (worth === null) return said.unfound(vendor);
  const range = rangeText(wording, low, high);
  return worth <= 0 ? said.walkAway(vendor, range) : said.worth(vendor, figures.money(worth), range);
};

/** One figure, or from the least to the most of several. */
const spanText = ({ words, figures }: Wording, amounts: readonly number[]): string => {
  if (amounts.length === 0) return '–';
  const [least, most] = [figures.money(Math.min(...amounts)), figures.money(Math.max(...amounts))];
  return least === most ? least : words.between(least, most);
};

/** The use from which an offer beats list prices; in words where there is none. */
const breakEvenText = (wording: Wording, { breakEvenPerYear }: OfferJson): string => {
  const said = wording.words.negotiations;
  const amounts = breakEvenPerYear.filter((amount) => amount !== null);
  if (amounts.length === breakEvenPerYear.length) return spanText(wording, amounts);
  return amounts.length === 0 ? said.never : said.partlyNever(spanText(wording, amounts));
};

const entryText = (
  { words, figures }: Wording,
  { entryKnown, currentDiscount, discountNeeded, inPlan }: OfferJson,
): string => {
  if (inPlan || !entryKnown || currentDiscount === null) return '–';
  if (discountNeeded === null) return words.negotiations.entryNone;
  return words.negotiations.entryOf(figures.percent(discountNeeded), figures.percent(currentDiscount));
};

const forcedText = ({ words, figures }: Wording, { forcedDearerBy, forcedKeepsPolicy, isUpTo }: OfferJson): string => {
  if (forcedDearerBy === null) return '–';
  const said = words.negotiations;
  const amount = figures.signedMoney(forcedDearerBy);
  const whole = isUpTo ? said.forcedPart(amount) : amount;
  return forcedKeepsPolicy === false ? said.forcedShort(whole) : whole;
};

/** What is offered: a pool, or capacity at a place. */
export const offerTitle = ({ words }: Wording, { offer, source }: Pick<OfferJson, 'offer' | 'source'>): string =>
  source === undefined ? offer : words.negotiations.at(offer, source);

/** One offer of a negotiation sheet, cell by cell. */
export const offerTexts = (wording: Wording, offer: OfferJson) => {
  const { words, figures } = wording;
  const said = words.negotiations;
  const size = sizeText(wording, offer);
  return {
    size: offer.isUpTo ? words.upTo(size) : size,
    term: said.termOf(offer.months, figures.date(offer.start)),
    state: offer.signed ? said.signed : offer.inPlan ? said.yes : said.no,
    breakEven:
      offer.breakEvenUse === null ? breakEvenText(wording, offer) : said.used(figures.percent(offer.breakEvenUse)),
    expected: spanText(wording, offer.expectedPerYear),
    forced: forcedText(wording, offer),
    entry: entryText(wording, offer),
  };
};

export const capName = ({ words }: Wording, { kind, name }: Pick<CapJson, 'kind' | 'name'>): string =>
  `${words.capKinds[kind]} ${name}`;

/** What the guards of the search did. */
export const guardSentences = ({ words, figures }: Wording, { dependency }: PlanDocument): readonly string[] => {
  const said = words.grounds;
  if (dependency === null) return [said.guardsLead];
  const { usage, reservations } = dependency.guards;
  return [
    said.guardsLead,
    usage.binds && usage.withGuard !== null && usage.without !== null
      ? said.usageBinds(figures.money(usage.withGuard), figures.money(usage.without))
      : said.usageFree,
    reservations.binds
      ? said.reservationsBind(
          figures.list(reservations.reached.map(({ vendor, period }) => said.vendorIn(vendor, period))),
        )
      : said.reservationsFree(figures.percent(reservations.highestShare)),
  ];
};

/** Shares of a cost below which something is not worth a sentence. */
const notableShare = 1e-6;

/** What must be known to read the figures. */
export const readingSentences = (wording: Wording, plan: PlanDocument): readonly string[] => {
  const { words, figures } = wording;
  const { risk, outOfSample, search, signing, decisions } = plan;
  const said = words.grounds;
  const sentences = [
    said.weights(figures.percent(1 - risk.cvarWeight), figures.percent(risk.cvarWeight), tailText(wording, plan)),
    said.nominal,
  ];
  if (decisions.length > 0) sentences.push(said.now(figures.date(signing.by)));
  if (decisions.some(({ unit }) => unit === 'accelerators')) sentences.push(said.whole);
  if (search.interrupted) sentences.push(said.stopped);
  if (outOfSample === null) return sentences;
  const { mean, isPrecise, halfWidthShare, scenarios } = outOfSample;
  const measured = isPrecise ? said.precise : said.imprecise;
  sentences.push(measured(words.futures(scenarios), figures.percent(halfWidthShare)));
  const notable = [
    [outOfSample.capPenalty, said.capPenalty],
    [outOfSample.burnt, said.burnt],
    [outOfSample.signingCost, said.signingCost],
    [outOfSample.carried, said.carried],
  ] as const;
  for (const [amount, tell] of notable) if (amount > mean * notableShare) sentences.push(tell(figures.money(amount)));
  return sentences;
};

/** What the plan takes for granted. */
export const assumptionSentences = ({ told }: Wording, { assumptions }: PlanDocument): readonly string[] =>
  assumptions.map(told);
