// Every sentence of the reports, in one place.
import {
  amountText,
  counted,
  listText,
  moneyWriter,
  percentAtLeast,
  percentAtMost,
  percentText,
  type MoneyWriter,
} from './amounts.ts';
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

type Capacity = Pick<DecisionJson, 'quantity' | 'unit'>;

/** Large quantities are told whole; the rows for export have them exactly. */
const wholeFrom = (least: number, quantity: number): number => (quantity >= least ? Math.round(quantity) : quantity);

const capacityText = (currency: string, { quantity = '0', unit = '' }: Capacity): string => {
  switch (unit) {
    case 'unitsPerMonth':
      return `${amountText(Number(quantity))} units a month`;
    case 'tokensPerMinute':
      return `${amountText(Number(quantity))} tokens a minute`;
    case 'moneyPerMinute':
      return `${currency} ${quantity} a minute`;
    case 'accelerators':
      return counted(wholeFrom(10, Number(quantity)), 'accelerator');
    default:
      return `${amountText(wholeFrom(1_000, Number(quantity)))} ${unit}`;
  }
};

/** Whose contract it is, and for what where that is not all: "north · reserved (training)". */
export const contractName = ({ vendor, offer, source }: Pick<DecisionJson, 'vendor' | 'offer' | 'source'>): string => {
  if (source === undefined) return `${vendor} · ${offer}`;
  const own = `${vendor}/`;
  return `${vendor} · ${offer} (${source.startsWith(own) ? source.slice(own.length) : source})`;
};

/** What is signed, without by whom and when: "USD 12 M", "0.035 EUR a minute". */
export const sizeText = (currency: string, row: Capacity & Pick<KeptJson, 'usd'>): string =>
  row.usd === undefined ? capacityText(currency, row) : moneyWriter(currency)(Number(row.usd));

const kindNames = { pool: 'pool', floor: 'reserved capacity', slot: 'slot of machines' } as const;

const lossKinds = { vendor: 'vendor', host: 'host cloud' } as const;

/** "the worst 10 % of the futures". */
const tailText = ({ risk }: PlanDocument): string => `the worst ${percentText(1 - risk.beta)} of the futures`;

const yearsText = ({ horizon }: PlanDocument): string => {
  const [first, last] = [horizon.periods[0]?.name ?? '', horizon.periods.at(-1)?.name ?? ''];
  return first === last ? first : `${first} to ${last}`;
};

/** The entry of the certificate that is furthest below what is asked, or nearest above. */
export const weakest = (entries: readonly CertificateJson[]): CertificateJson | null => {
  const slackOf = ({ servedShare, askedShare }: CertificateJson): number => servedShare - askedShare;
  return entries.reduce<CertificateJson | null>(
    (least, entry) => (least === null || slackOf(entry) < slackOf(least) ? entry : least),
    null,
  );
};

const lossText = ({ lost, lostKind }: CertificateJson): string =>
  lostKind === 'host' ? `the host cloud ${lost}` : lost;

const outageSentence = ({ outageRule, certificate }: PlanDocument): string => {
  const entry = weakest(certificate);
  if (outageRule === null || entry === null)
    return 'The policy asks for nothing in an outage: what would be served if a vendor were gone was not looked at.';
  const kinds = listText([...new Set(certificate.map(({ lostKind }) => lossKinds[lostKind]))]).replace(' and ', ' or ');
  if (entry.servedShare >= 1) return `Whichever one ${kinds} is gone, in any year, everything is served.`;
  if (!outageRule.met)
    return `If ${lossText(entry)} is gone in ${entry.period}, only ${percentAtLeast(entry.servedShare)} of ${entry.class} is served, where the policy asks for ${percentText(entry.askedShare)}: ${entry.binding}.`;
  return `Whichever one ${kinds} is gone, in any year, as much is served as the policy asks. It is closest with ${lossText(entry)} gone in ${entry.period}: ${percentAtLeast(entry.servedShare)} of ${entry.class} is served, ${percentText(entry.askedShare)} asked for.`;
};

const costSentence = (plan: PlanDocument): string => {
  const money = moneyWriter(plan.currency);
  const { outOfSample, inSample } = plan;
  if (outOfSample !== null)
    return `From ${yearsText(plan)} it costs ${money(outOfSample.mean)} on average over ${counted(outOfSample.scenarios, 'fresh future')} (95 % sure: ${money(outOfSample.low)} to ${money(outOfSample.high)}). In ${tailText(plan)} it costs ${money(outOfSample.cvar)} on average.`;
  if (inSample === null) return '';
  return `From ${yearsText(plan)} it costs ${money(inSample.mean)} on average over the ${counted(plan.search.scenarios, 'future')} that it was planned for. In ${tailText(plan)} it costs ${money(inSample.cvar)} on average.`;
};

/** What is proven, in words. */
export const gapSentence = ({ upperBound, gap }: Pick<PlanDocument, 'upperBound' | 'gap'>): string => {
  if (upperBound === null) return 'There is no plan.';
  if (gap === null) return 'Nothing is proven about how much cheaper another plan could be.';
  if (gap <= 1e-9) return 'No plan within the guards is cheaper: that is proven.';
  return `No plan within the guards can be more than ${percentAtMost(gap)} cheaper: that is proven.`;
};

/** What the plan saves over signing nothing new. */
const savingSentence = ({ comparisons, currency }: PlanDocument): string => {
  const nothing = comparisons?.others.find(({ kind }) => kind === 'nothing');
  if (comparisons === null || nothing === undefined || !(nothing.dearerBy > 0)) return '';
  const share = nothing.dearerBy / comparisons.plan.objective;
  return `Signing nothing new would cost ${moneyWriter(currency)(nothing.dearerBy)} more (${percentText(share)}), good and bad futures weighed as the policy says.`;
};

const signSentence = ({ decisions, kept, committed, currency }: PlanDocument): string => {
  const keeping =
    kept.length === 0 ? '' : ` ${counted(kept.length, 'signed contract')} ${kept.length === 1 ? 'is' : 'are'} kept.`;
  if (decisions.length === 0) return `Sign nothing: pay as you go.${keeping}`;
  const vendors = [...new Set(decisions.map(({ vendor }) => vendor))];
  const money = moneyWriter(currency);
  return `Sign ${counted(decisions.length, 'contract')} with ${listText(vendors)}: ${money(committed)} in all, used or not.${keeping}`;
};

export const violationText = (violation: ViolationJson): string => {
  switch (violation.kind) {
    case 'cap':
      return `${violation.name} has up to ${percentText(violation.worstShare)} in ${violation.period} (cap ${percentText(violation.limit)})`;
    case 'outage':
      return `with ${violation.lost} gone in ${violation.period}, ${percentAtLeast(violation.servedShare)} of ${violation.class} is served (${percentText(violation.askedShare)} asked for)`;
    case 'signedContract':
      return `it breaks the signed contract ${violation.name}`;
  }
};

export const comparedName = ({ kind, vendor }: Pick<ComparedJson, 'kind' | 'vendor'>): string => {
  switch (kind) {
    case 'plan':
      return 'This plan';
    case 'nothing':
      return 'Sign nothing new';
    case 'onDemand':
      return 'On demand only';
    case 'singleVendor':
      return `All it can with ${vendor ?? 'one vendor'}`;
    case 'greedy':
      return 'Biggest pool that expected use fills';
    case 'meanScenario':
      return 'Planned for the average future';
  }
};

/** A step of a policy: "a cap of 50 % instead of 45 %". */
const stepText = ({ along, from, to }: ShadowPriceJson): string =>
  along === 'cap'
    ? `a cap of ${percentText(to)} instead of ${percentText(from)}`
    : `serving ${percentText(to)} in an outage instead of ${percentText(from)}`;

/** What the bounds leave of a cost, or of a saving. */
const rangeText = (low: number | null, high: number | null, money: MoneyWriter): string => {
  if (low === null || high === null) return '';
  const [least = 0, most = 0] = [Math.abs(low), Math.abs(high)].toSorted((one, other) => one - other);
  return money(least) === money(most) ? '' : ` (proven: between ${money(least)} and ${money(most)})`;
};

/** What a step of a policy costs, in words. */
export const shadowPriceSentence = (currency: string, price: ShadowPriceJson): string => {
  const { estimate, low, high } = price;
  const step = stepText(price);
  if (estimate === null)
    return `What ${step} would cost is not known: one of the two cannot be had, or no plan was found.`;
  const money = moneyWriter(currency);
  const verb = estimate < 0 ? 'saves' : 'costs';
  const range = rangeText(low, high, money);
  if (Math.abs(estimate) === 0) return `${capital(step)} costs nothing more${range}.`;
  return `${capital(step)} ${verb} ${money(Math.abs(estimate))}${range}.`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a vendor's new offers are worth, in words. */
export const walkAwaySentence = (currency: string, { vendor, walkAway }: NegotiationJson): string => {
  if (walkAway === null) return `What the offers of ${vendor} are worth was not looked at.`;
  if (!walkAway.feasible)
    return `Without the offers of ${vendor} the policy cannot be met: it has to be signed, or the policy changed.`;
  const { worth, low, high } = walkAway;
  if (worth === null) return `What the offers of ${vendor} are worth is not known: no plan was found without them.`;
  const money = moneyWriter(currency);
  const range = rangeText(low, high, money);
  if (worth <= 0)
    return `We can walk away from ${vendor}: the best plan found without its offers costs no more${range}.`;
  return `Walking away from the offers of ${vendor} costs ${money(worth)}${range}: that is what there is to lose.`;
};

/** One figure, or from the least to the most of several. */
const figuresText = (amounts: readonly number[], money: MoneyWriter): string => {
  if (amounts.length === 0) return '–';
  const [least, most] = [money(Math.min(...amounts)), money(Math.max(...amounts))];
  return least === most ? least : `${least} to ${most}`;
};

/** One offer of a negotiation sheet, cell by cell. */
export const offerTexts = (currency: string, offer: OfferJson) => {
  const money = moneyWriter(currency);
  const { forcedDearerBy, forcedKeepsPolicy, breakEvenUse } = offer;
  const part = offer.isUpTo ? ' for a little of it' : '';
  const forced = forcedDearerBy === null ? '–' : `${signedText(forcedDearerBy, money)}${part}`;
  const size = `${offer.isUpTo ? 'up to ' : ''}${sizeText(currency, offer)}`;
  return {
    name: [offer.offer, ...(offer.source === undefined ? [] : [offer.source])].join(' at '),
    size: `${size}, ${counted(offer.months, 'month')} from ${offer.start}`,
    state: offer.signed ? 'signed' : offer.inPlan ? 'in the plan' : '–',
    breakEven:
      breakEvenUse === null ? figuresText(offer.breakEvenPerYear, money) : `${percentText(breakEvenUse)} of it used`,
    expected: figuresText(offer.expectedPerYear, money),
    forced: forcedKeepsPolicy === false ? `${forced}, and less is served in an outage than asked` : forced,
    entry: entryText(offer),
  };
};

/** A difference with its sign: "+USD 3 M". */
export const signedText = (amount: number, money: MoneyWriter): string =>
  `${amount < 0 ? '−' : '+'}${money(Math.abs(amount))}`;

const entryText = ({ entryKnown, currentDiscount, discountNeeded }: OfferJson): string => {
  if (!entryKnown || currentDiscount === null) return '–';
  if (discountNeeded === null) return 'no discount is enough';
  return `${percentText(discountNeeded)} instead of ${percentText(currentDiscount)}`;
};

const capKinds = { vendor: 'vendor', host: 'host', jurisdiction: 'jurisdiction', lab: 'lab' } as const;

export const capName = ({ kind, name }: Pick<CapJson, 'kind' | 'name'>): string => `${capKinds[kind]} ${name}`;

/** What the guards of the search did, in sentences. */
export const guardSentences = (plan: PlanDocument): readonly string[] => {
  const said = [
    'The search was kept within guards that cut off plans. The plan keeps to them, and what is proven holds for plans within them.',
  ];
  const { dependency, currency } = plan;
  if (dependency === null) return said;
  const money = moneyWriter(currency);
  const { usage, reservations } = dependency.guards;
  said.push(
    usage.binds && usage.withGuard !== null && usage.without !== null
      ? `The guard on the usage of one vendor does bind: with it this plan costs ${money(usage.withGuard)}, without it ${money(usage.without)}.`
      : 'The guard on the usage of one vendor does not bind: without it this plan costs the same.',
  );
  said.push(
    reservations.binds
      ? `The guard on reservations binds for ${listText(reservations.reached.map(({ vendor, period }) => `${vendor} in ${period}`))}: more of them was not looked at. Raise policy.guards.reservationShare to look further.`
      : `The guard on reservations does not bind: they come up to ${percentText(reservations.highestShare)} of it at the most.`,
  );
  return said;
};

/** What must be known to read the figures, in sentences. */
export const readingSentences = (plan: PlanDocument): readonly string[] => {
  const { risk, outOfSample, search, currency } = plan;
  const money = moneyWriter(currency);
  const said = [
    `The plan makes the risk-weighted cost least: ${percentText(1 - risk.cvarWeight)} of the mean and ${percentText(risk.cvarWeight)} of the mean of ${tailText(plan)}.`,
    'Amounts are those of today: nothing is discounted to the present, and no taxes are in them.',
  ];
  if (search.interrupted)
    said.push('The search was stopped before its limit: this is the best plan until then, with its true gap.');
  if (outOfSample !== null) {
    said.push(
      `The expected cost is measured on ${counted(outOfSample.scenarios, 'future')} that the plan was not made for. Their interval is ${percentText(outOfSample.halfWidthShare)} to either side${outOfSample.isPrecise ? '' : ', wider than was asked for'}.`,
    );
    if (outOfSample.capPenalty > outOfSample.mean * 1e-6)
      said.push(
        `In some futures caps of the policy are broken, because nothing else is left. For that ${money(outOfSample.capPenalty)} is counted on average, which nobody is paid.`,
      );
    if (outOfSample.burnt > outOfSample.mean * 1e-6)
      said.push(`On average ${money(outOfSample.burnt)} is paid for nothing so that a cap on what is paid holds.`);
  }
  return said;
};

/** The answer in a few sentences: what to sign, what it costs, how certain that is, what happens if somebody is gone. */
export const headlineSentences = (plan: PlanDocument): readonly string[] =>
  plan.upperBound === null
    ? noPlanSentences(plan)
    : [signSentence(plan), costSentence(plan), savingSentence(plan), gapSentence(plan), outageSentence(plan)].filter(
        (text) => text !== '',
      );

/** Why there is no plan, and what would help, in sentences. */
export const noPlanSentences = ({ search, conflicts }: PlanDocument): readonly string[] => {
  if (search.feasible)
    return [
      search.interrupted
        ? 'There is no plan: the search was stopped before one was found.'
        : 'There is no plan: none was found in the CPU-seconds given. Give more with --cpu.',
    ];
  const said = ['The policy cannot be met: no plan satisfies it.'];
  if (conflicts === null || conflicts.conflict.length === 0) return said;
  const rule = ({ lost, period, classes, reachableShare }: ConflictingRuleJson): string =>
    `with ${lost} gone in ${period}, ${percentAtLeast(reachableShare)} of what is asked for ${listText(classes)}`;
  return [
    ...said,
    'A smallest set of demands that cannot be met together, whatever is signed, and what can be had of each:',
    ...conflicts.conflict.map((one) => `- ${rule(one)}`),
    'The nearest policy that can be met asks for this instead:',
    ...conflicts.relaxation.map((one) => `- ${rule(one)}`),
    'Lower policy.resilience.servedShare or servedShareUnderOutage of these classes, or add offers or sources; if vendors give more at once than is assumed, say so in vendors.burst.',
  ];
};

/** Headings, labels and legends. */
export const words = {
  title: (plan: PlanDocument): string => `Which contracts to sign, ${yearsText(plan)}`,
  made: (plan: PlanDocument): string =>
    `Planned from ${plan.inputs.file} on ${plan.inputs.madeAt.slice(0, 10)} by Archipel ${plan.inputs.version}. All amounts in ${plan.currency}.`,
  navigation: 'Contents',
  headline: 'In short',
  tiles: {
    cost: 'Expected cost',
    costNote: (plan: PlanDocument): string =>
      `${yearsText(plan)}, mean of ${counted(plan.outOfSample?.scenarios ?? plan.search.scenarios, 'future')}`,
    tail: 'In bad futures',
    tailNote: (plan: PlanDocument): string => `mean of ${tailText(plan)}`,
    gap: 'Cheaper by at most',
    gapNote: 'proven for every plan within the guards',
    gapUnknown: 'unknown',
    outage: 'Served if one is gone',
    outageNote: (entry: CertificateJson): string =>
      `${entry.class} without ${entry.lost} in ${entry.period}; ${percentText(entry.askedShare)} asked for`,
    outageNone: 'not asked for',
  },
  decisions: {
    heading: 'What to sign, and when',
    chart: 'Contracts by date',
    lead: 'Each bar is a contract from its first day to its last. What is signed already is grey.',
    description: (rows: number): string => `Timeline of ${counted(rows, 'contract')}; the same in the table below.`,
    table: 'All contracts with their terms',
    none: 'There is nothing to sign: paying as you go is the best plan found.',
    columns: {
      vendor: 'Vendor',
      offer: 'Offer',
      kind: 'Kind',
      size: 'Size',
      from: 'From',
      until: 'Until',
      months: 'Months',
      covers: 'Covers',
      terms: 'Terms',
      status: 'Status',
    },
    kinds: kindNames,
    proposed: 'proposed',
    signed: 'signed',
    off: (discount: number): string => `${percentText(discount)} off list`,
    fee: (amount: string): string => `${amount} a month`,
    upfront: (share: number): string => `${percentText(share)} in advance`,
    steps: 'To be spent by period',
    stepColumns: { period: 'Period', amount: 'To be spent after discount' },
  },
  costs: {
    heading: 'What it costs',
    byYear: 'Cost by year and vendor',
    byYearLead:
      'Mean over all futures: usage after discount, reservations and what is paid for commitments that are not used.',
    byYearDescription: 'Stacked columns, one for each year, one part for each vendor; the same in the table below.',
    byYearTable: 'Figures by year and vendor',
    others: 'others',
    vendor: 'Vendor',
    total: 'Total',
    distribution: 'How far it may stray',
    distributionLead: (plan: PlanDocument): string =>
      `How many of the futures cost how much over the whole horizon. ${capital(tailText(plan))} have a stronger colour.`,
    distributionDescription: 'Histogram of the cost of every future; its quantiles are in the table below.',
    distributionTable: 'Quantiles',
    mean: (amount: string): string => `mean ${amount}`,
    cvar: (amount: string): string => `mean of bad futures ${amount}`,
    quantile: 'Share of futures that cost less than',
    cost: 'Cost',
    between: (low: string, high: string): string => `${low} to ${high}`,
    interval: '95 % interval of the total',
  },
  outages: {
    heading: 'If somebody is gone',
    lead: 'What is served of the class that fares worst, by who is gone and when. A stronger colour is better; a mark says that less is served than the policy asks for.',
    chart: 'Served share, worst class',
    lost: 'Gone',
    kind: 'Kind',
    short: 'too little',
    table: 'Every vendor, host, year and class',
    columns: {
      class: 'Class',
      year: 'Year',
      served: 'Served',
      asked: 'Asked for',
      binding: 'What keeps it from more',
      shared: 'Shared with',
    },
    none: 'The policy has no rule for outages (policy.resilience): nothing is certified.',
    rule: (rule: string): string => `Where there is too little, capacity is shared out like this: ${rule}`,
    assumption:
      'How much a vendor gives at once when another is gone is an assumption of the file until it was measured.',
  },
  dependency: {
    heading: 'How far it leans on whom',
    lead: 'Shares of the caps in each year: mean, and in brackets the worst future. The last row is the Herfindahl-Hirschman index of what vendors are paid: 1 is a single vendor, 0.2 is five alike.',
    table: 'Caps',
    cap: 'Cap on',
    limit: 'At most',
    binds: 'Binds',
    yes: 'yes',
    no: 'no',
    concentration: 'Concentration (HHI, 0 to 1)',
  },
  comparisons: {
    heading: 'Compared with simpler ways',
    lead: 'Risk-weighted cost of other ways to decide, on the same futures. Some of them break the policy: what they save, the policy costs.',
    chart: 'Risk-weighted cost',
    description: 'Bars, one for each way to decide; the same in the table below.',
    table: 'Figures, and where the policy is broken',
    columns: {
      way: 'Way',
      mean: 'Mean',
      cvar: 'Bad futures',
      objective: 'Risk-weighted',
      dearer: 'Dearer than the plan',
      policy: 'Policy',
    },
    keeps: 'kept',
    breaks: 'breaks the policy',
    more: (count: number): string => `and ${count} more`,
    stochastic: (amount: string): string => `Planning for all futures instead of their average saves ${amount}.`,
    stochasticNone: 'Planning for all futures instead of their average saves nothing here.',
  },
  frontiers: {
    heading: 'What the policy costs',
    outageCover: 'Cost against what is served in an outage',
    cap: 'Cost against the cap on dependence',
    lead: 'The best plan found for each level. The band below is what the proven bounds leave.',
    description: 'Line of costs by level of the policy; the same in the table below.',
    table: 'Figures',
    current: 'policy',
    columns: { level: 'Level', cost: 'Best plan found', bound: 'Proven: not below', mean: 'Mean', cvar: 'Bad futures' },
    infeasible: 'cannot be had',
    unknown: 'no plan found',
    prices: 'In words',
  },
  negotiations: {
    heading: 'For the negotiation',
    lead: 'What each vendor has to be better than. Estimates hold the rest of the plan as it is.',
    columns: {
      offer: 'Offer',
      state: 'Plan',
      breakEven: 'Beats list price from (a year)',
      expected: 'Expected use (a year)',
      forced: 'Signing it all the same',
      entry: 'Discount that brings it in',
    },
    more: (count: number): string => `${counted(count, 'more offer')}: see archipel plan --json.`,
  },
  grounds: {
    heading: 'What this rests on',
    reading: 'How to read it',
    assumptions: 'Assumptions',
    noAssumptions: 'None beside what the file says.',
    guards: 'Guards of the search',
    inputs: 'Inputs',
    rows: {
      file: 'Portfolio file',
      sha256: 'SHA-256 of the file',
      seed: 'Seed',
      scenarios: 'Futures planned for',
      limits: 'Limits',
      cpuSeconds: 'CPU-seconds',
      work: 'Work done',
      bounds: 'Risk-weighted cost: plan, and proven lower bound',
      version: 'Archipel',
    },
    work: (programs: number, nodes: number): string =>
      `${counted(programs, 'linear program')}, ${counted(nodes, 'node')}`,
    key: 'Input',
    value: 'Value',
  },
} as const;
