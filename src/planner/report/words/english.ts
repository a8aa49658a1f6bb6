// Every word and sentence of the reports in English. Values come written already, but for counts.
import { figuresOf } from '../Figures.ts';

const figures = figuresOf('en', '');

/** "1 contract", "3 contracts". */
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${figures.count(count)} ${count === 1 ? one : many}`;

const contracts = (count: number): string => counted(count, 'contract');

export const english = {
  title: (years: string): string => `Which contracts to sign, ${years}`,
  made: (file: string, day: string, version: string, currency: string): string =>
    `Planned from ${file} on ${day} by Archipel ${version}. All amounts in ${currency}.`,
  navigation: 'Contents',
  years: (first: string, last: string): string => `${first} to ${last}`,
  withinOne: (year: string): string => `in ${year}`,
  within: (first: string, last: string): string => `from ${first} to ${last}`,
  tail: (share: string): string => `the worst ${share} of the futures`,
  futures: (count: number): string => counted(count, 'future'),
  contracts,
  between: (least: string, most: string): string => `${least} to ${most}`,
  upTo: (amount: string): string => `up to ${amount}`,
  units: {
    unitsPerMonth: (amount: string): string => `${amount} units a month`,
    tokensPerMinute: (amount: string): string => `${amount} tokens a minute`,
    moneyPerMinute: (amount: string): string => `${amount} a minute`,
    moneyPerHour: (amount: string): string => `${amount} an hour`,
    accelerators: (count: number): string => counted(count, 'accelerator'),
  },
  kinds: { pool: 'spend commitment', floor: 'reserved capacity', slot: 'slot of machines' },
  lossKinds: { vendor: 'vendor', host: 'host cloud' },
  capKinds: { vendor: 'vendor', host: 'host', jurisdiction: 'jurisdiction', lab: 'lab' },
  sign: {
    nothing: 'Sign nothing: pay as you go.',
    all: (signed: string, vendors: string, committed: string): string =>
      `Sign ${signed} with ${vendors}: ${committed} in all, used or not.`,
    kept: (count: number): string => `${counted(count, 'signed contract')} ${count === 1 ? 'is' : 'are'} kept.`,
    allNow: (day: string): string => `All of it has to be signed by ${day}.`,
    someNow: (amount: string, signed: string, day: string): string =>
      `Of that, ${amount} has to be signed now: ${signed}, by ${day}.`,
    noneNow: (day: string): string => `None of it has to be signed by ${day}.`,
    later: (amount: string, day: string): string =>
      `${amount} can wait: what is next is to be signed by ${day}. Plan again before.`,
  },
  cost: {
    fresh: (years: string, mean: string, futures: string, low: string, high: string): string =>
      `${years} it costs ${mean} on average over ${futures} that the plan was not made for (95 % sure: ${low} to ${high}).`,
    planned: (years: string, mean: string, futures: string): string =>
      `${years} it costs ${mean} on average over the ${futures} that it was planned for.`,
    tail: (tail: string, cvar: string): string => `In ${tail} it costs ${cvar} on average.`,
    nothingDearer: (amount: string, share: string): string =>
      `Signing nothing new would cost ${amount} more (${share}), good and bad futures weighed as the policy says.`,
    nothingCheaper: (amount: string, share: string): string =>
      `Signing nothing new would cost ${amount} less (${share}), but breaks the policy.`,
  },
  gap: {
    unknown: 'Nothing is proven about how much cheaper another plan could be.',
    closed: 'No plan within the guards is cheaper: that is proven.',
    proven: (share: string): string => `No plan within the guards can be more than ${share} cheaper: that is proven.`,
  },
  outage: {
    unasked: 'The policy asks for nothing in an outage: what would be served if a vendor were gone was not looked at.',
    host: (name: string): string => `the host cloud ${name}`,
    everything: (kinds: string): string => `Whichever one ${kinds} is gone, in any year, everything is served.`,
    broken: (lost: string, period: string, share: string, name: string, asked: string, binding: string): string =>
      `If ${lost} is gone in ${period}, only ${share} of ${name} is served, where the policy asks for ${asked}: ${binding}.`,
    met: (kinds: string): string =>
      `Whichever one ${kinds} is gone, in any year, as much is served as the policy asks.`,
    closest: (lost: string, period: string, share: string, name: string, asked: string): string =>
      `It is closest with ${lost} gone in ${period}: ${share} of ${name} is served, ${asked} asked for.`,
  },
  noPlan: {
    stopped: 'There is no plan: the search was stopped before one was found.',
    unfound: 'There is no plan: none was found in the CPU-seconds given. Give more with --cpu.',
    infeasible: 'The policy cannot be met: no plan satisfies it.',
    conflict: 'A smallest set of demands that cannot be met together, whatever is signed, and what can be had of each:',
    relaxation: 'The nearest policy that can be met asks for this instead:',
    rule: (lost: string, period: string, share: string, classes: string): string =>
      `with ${lost} gone in ${period}, ${share} of what is asked for ${classes}`,
    mend: 'Lower policy.resilience.servedShare or servedShareUnderOutage of these classes, or add offers or sources; if vendors give more at once than is assumed, say so in vendors.burst.',
  },
  headline: {
    heading: 'In short',
    now: 'To be signed now',
    nowNote: (signed: string, day: string): string => `${signed}, by ${day}`,
    nowNothing: 'nothing is due',
    committed: 'Committed in all',
    committedNote: (signed: string): string => `${signed}, used or not`,
    cost: 'Expected cost',
    costNote: (years: string, futures: string): string => `${years}, mean of ${futures}`,
    tail: 'In bad futures',
    tailNote: (tail: string): string => `mean of ${tail}`,
    gap: 'Cheaper by at most',
    gapNote: 'proven for every plan within the guards',
    gapUnknown: 'unknown',
    outage: 'Served if one is gone',
    outageNote: (name: string, lost: string, period: string, asked: string): string =>
      `${name} without ${lost} in ${period}; ${asked} asked for`,
    outageNone: 'not asked for',
  },
  decisions: {
    heading: 'What to sign, and when',
    chart: 'Contracts by date',
    lead: 'Each bar is a contract from its first day to its last. What is to be signed now has a bold name; what is signed already is grey.',
    description: (count: number): string => `Timeline of ${contracts(count)}; the same in the table below.`,
    table: 'All contracts with their terms',
    none: 'There is nothing to sign: paying as you go is the best plan found.',
    contract: 'Contract',
    vendor: 'Vendor',
    offer: 'Offer',
    kind: 'Kind',
    size: 'Size',
    from: 'From',
    until: 'Until',
    months: 'Months',
    terms: 'Terms',
    signBy: 'Sign by',
    signed: 'signed',
    now: (day: string): string => `${day} (now)`,
    off: (discount: string): string => `${discount} off list`,
    fee: (amount: string): string => `${amount} a month`,
    upfront: (share: string): string => `${share} in advance`,
    steps: (name: string): string => `${name}: to be spent by period`,
    period: 'Period',
    toBeSpent: 'To be spent after discount',
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
    capital: 'Not paid to vendors',
    total: 'Total',
    distribution: 'How far it may stray',
    distributionLead: (tail: string): string =>
      `How many of the futures cost how much over the whole horizon. A stronger colour marks ${tail}.`,
    distributionDescription: 'Histogram of the cost of every future; its quantiles are in the table below.',
    distributionTable: 'Quantiles',
    mean: (amount: string): string => `mean ${amount}`,
    cvar: (amount: string): string => `mean of bad futures ${amount}`,
    quantile: 'Share of futures that cost less than',
    cost: 'Cost',
    interval: '95 % interval of the total',
  },
  outages: {
    heading: 'If somebody is gone',
    lead: 'What is served of the class that fares worst, by who is gone and when. A stronger colour is better; a mark says that less is served than the policy asks for.',
    chart: 'Served share, worst class',
    lost: 'Gone',
    host: '(host)',
    kind: 'Kind',
    short: 'too little',
    table: 'Every vendor, host, year and class',
    class: 'Class',
    year: 'Year',
    served: 'Served',
    asked: 'Asked for',
    binding: 'What keeps it from more',
    shared: 'Shared with',
    none: 'The policy has no rule for outages (policy.resilience): nothing is certified.',
    rule: (rule: string): string => `Where there is too little, capacity is shared out like this: ${rule}`,
    assumption:
      'How much a vendor gives at once when another is gone is an assumption of the file until it was measured.',
  },
  dependency: {
    heading: 'How far it leans on whom',
    lead: 'Shares of the caps in each year: mean, and in brackets the worst future. The last row is the Herfindahl-Hirschman index of what vendors are paid: 1 is a single vendor, 0.2 is five alike.',
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
    way: 'Way',
    mean: 'Mean',
    cvar: 'Bad futures',
    objective: 'Risk-weighted',
    dearer: 'Dearer than the plan',
    policy: 'Policy',
    keeps: 'kept',
    breaks: 'breaks the policy',
    more: (count: number): string => `and ${figures.count(count)} more`,
    ways: {
      plan: 'This plan',
      nothing: 'Sign nothing new',
      onDemand: 'On demand only',
      singleVendor: (vendor: string): string => `All it can with ${vendor}`,
      anyVendor: 'All it can with one vendor',
      greedy: 'Biggest pool that expected use fills',
      meanScenario: 'Planned for the average future',
    },
    brokenCap: (name: string, share: string, period: string, limit: string): string =>
      `${name} has up to ${share} in ${period} (cap ${limit})`,
    brokenOutage: (lost: string, period: string, share: string, name: string, asked: string): string =>
      `with ${lost} gone in ${period}, ${share} of ${name} is served (${asked} asked for)`,
    brokenContract: (name: string): string => `it breaks the signed contract ${name}`,
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
    level: 'Level',
    cost: 'Best plan found',
    bound: 'Proven: not below',
    mean: 'Mean',
    cvar: 'Bad futures',
    infeasible: 'cannot be had',
    unknown: 'no plan found',
    prices: 'In words',
    capStep: (to: string, from: string): string => `a cap of ${to} instead of ${from}`,
    outageStep: (to: string, from: string): string => `serving ${to} in an outage instead of ${from}`,
    unpriced: (step: string): string =>
      `What ${step} would cost is not known: one of the two cannot be had, or no plan was found.`,
    free: (step: string, range: string): string => `${step} costs nothing more${range}.`,
    saves: (step: string, amount: string, range: string): string => `${step} saves ${amount}${range}.`,
    costs: (step: string, amount: string, range: string): string => `${step} costs ${amount}${range}.`,
    range: (least: string, most: string): string => ` (proven: between ${least} and ${most})`,
  },
  negotiations: {
    heading: 'For the negotiation',
    lead: 'What each vendor has to be better than. Estimates hold the rest of the plan as it is.',
    size: 'Size',
    term: 'Term',
    termOf: (months: number, day: string): string => `${counted(months, 'month')} from ${day}`,
    at: (offer: string, source: string): string => `${offer} at ${source}`,
    state: 'In the plan',
    yes: 'yes',
    no: 'no',
    signed: 'signed',
    breakEven: 'Beats list price from (a year)',
    never: 'never',
    partlyNever: (amounts: string): string => `${amounts}, in some periods never`,
    used: (share: string): string => `${share} used`,
    expected: 'Expected use (a year)',
    forced: 'Signing it all the same',
    forcedPart: (amount: string): string => `${amount} for a little of it`,
    forcedShort: (amount: string): string => `${amount}, and too little is served in an outage`,
    entry: 'Discount that brings it in',
    entryNone: 'none is enough',
    entryOf: (needed: string, current: string): string => `${needed} (offered:\u00a0${current})`,
    more: (count: number): string => `${counted(count, 'more offer')}: see archipel plan --json.`,
    unseen: (vendor: string): string => `What the offers of ${vendor} are worth was not looked at.`,
    needed: (vendor: string): string =>
      `Without the offers of ${vendor} the policy cannot be met: it has to be signed, or the policy changed.`,
    unfound: (vendor: string): string =>
      `What the offers of ${vendor} are worth is not known: no plan was found without them.`,
    walkAway: (vendor: string, range: string): string =>
      `We can walk away from ${vendor}: the best plan found without its offers costs no more${range}.`,
    worth: (vendor: string, amount: string, range: string): string =>
      `Walking away from the offers of ${vendor} costs ${amount}${range}: that is what there is to lose.`,
  },
  grounds: {
    heading: 'What this rests on',
    reading: 'How to read it',
    weights: (meanShare: string, tailShare: string, tail: string): string =>
      `The plan makes the risk-weighted cost least: ${meanShare} of the mean and ${tailShare} of the mean of ${tail}.`,
    nominal: 'Amounts are those of today: nothing is discounted to the present, and no taxes are in them.',
    now: (day: string): string =>
      `To be signed now is what has to be signed by ${day}, lead times counted. All that is later can be decided again by then.`,
    whole:
      'Accelerators are rounded up to whole ones, and so are the fees for them; other costs are those before that.',
    stopped: 'The search was stopped before its limit: this is the best plan until then, with its true gap.',
    precise: (futures: string, share: string): string =>
      `The expected cost is measured on ${futures} that the plan was not made for. Their interval is ${share} to either side.`,
    imprecise: (futures: string, share: string): string =>
      `The expected cost is measured on ${futures} that the plan was not made for. Their interval is ${share} to either side, wider than was asked for.`,
    capPenalty: (amount: string): string =>
      `In some futures caps of the policy are broken, because nothing else is left. For that ${amount} is counted on average, which nobody is paid.`,
    burnt: (amount: string): string => `On average ${amount} is paid for nothing so that a cap on what is paid holds.`,
    signingCost: (amount: string): string =>
      `${amount} of the expected cost is what money costs that is paid before it is used; no vendor gets it.`,
    carried: (amount: string): string =>
      `On average ${amount} is saved because what is not spent, or is spent beyond a commitment, counts later. Expected costs have it in them; what is proven does not.`,
    assumptions: 'Assumptions',
    noAssumptions: 'None beside what the file says.',
    guards: 'Guards of the search',
    guardsLead:
      'The search was kept within guards that cut off plans. The plan keeps to them, and what is proven holds for plans within them.',
    usageBinds: (withGuard: string, without: string): string =>
      `The guard on the usage of one vendor does bind: with it this plan costs ${withGuard}, without it ${without}.`,
    usageFree: 'The guard on the usage of one vendor does not bind: without it this plan costs the same.',
    reservationsBind: (where: string): string =>
      `The guard on reservations binds for ${where}: more of them was not looked at. Raise policy.guards.reservationShare to look further.`,
    vendorIn: (vendor: string, period: string): string => `${vendor} in ${period}`,
    reservationsFree: (share: string): string =>
      `The guard on reservations does not bind: they come up to ${share} of it at the most.`,
    inputs: 'Inputs',
    key: 'Input',
    value: 'Value',
    file: 'Portfolio file',
    sha256: 'SHA-256 of the file',
    seed: 'Seed',
    scenarios: 'Futures planned for',
    limits: 'Limits of the search',
    limitsOfTime: (cpuSeconds: string, gap: string): string => `${cpuSeconds} CPU-seconds, or a gap of ${gap}`,
    limitsOfWork: (programs: number, nodes: number): string =>
      `${counted(programs, 'linear program')}, ${counted(nodes, 'node')}`,
    cpuSeconds: 'CPU-seconds used in all',
    done: 'Work done',
    work: (programs: number, nodes: number): string =>
      `${counted(programs, 'linear program')}, ${counted(nodes, 'node')}`,
    bounds: 'Risk-weighted cost: plan, and proven lower bound',
    version: 'Archipel',
  },
};

/** What a language has to have words for. */
export type PlanWords = typeof english;
