import type { Portfolio } from '../portfolio/Portfolio.ts';
import { portfolioChanges, type InputChange } from './portfolioChanges.ts';
import type { SavedDecision, SavedPlan } from './SavedPlan.ts';

/** A figure of both plans, in their currency; null where one of them does not tell it. */
export interface FigureChange {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly change: number | null;
}

/** How one offer is signed otherwise than before. */
export interface ChangedDecision {
  readonly before: SavedDecision;
  readonly after: SavedDecision;
  /** Fields that differ: "start", "months", "usd", "quantity". */
  readonly fields: readonly string[];
}

export interface DecisionChanges {
  readonly kept: readonly SavedDecision[];
  /** Decided then, a contract now: the plan keeps it. */
  readonly signed: readonly { readonly decision: SavedDecision; readonly contract: string }[];
  readonly changed: readonly ChangedDecision[];
  readonly added: readonly SavedDecision[];
  readonly gone: readonly SavedDecision[];
}

export interface PlanDiff {
  /** False where amounts are in two currencies: then no figure has a change. */
  readonly isComparable: boolean;
  /** same: one file, by its bytes. told: every difference of the two files. unknown: they differ, and were not at hand. */
  readonly inputs: { readonly known: 'same' | 'told' | 'unknown'; readonly changes: readonly InputChange[] };
  /** What of the plans themselves differs that is no file: seed, version, futures. */
  readonly circumstances: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  readonly decisions: DecisionChanges;
  readonly objective: FigureChange & {
    /** Whether even the bounds are apart: else the change may be what the search left open. */
    readonly isProven: boolean;
  };
  /** Mean of fresh futures, whole, by period, by vendor, and what of it burns. */
  readonly costs: readonly FigureChange[];
}

const figure = (
  name: string,
  before: number | null | undefined,
  after: number | null | undefined,
  isComparable: boolean,
): FigureChange => ({
  name,
  before: before ?? null,
  after: after ?? null,
  change: isComparable && typeof before === 'number' && typeof after === 'number' ? after - before : null,
});

/** What is one thing to sign: several rows of it are told apart by their time. */
const thing = ({ vendor, offer, kind, source }: SavedDecision): string => JSON.stringify([vendor, offer, kind, source]);

const comparedFields = ['start', 'months', 'usd', 'quantity'] as const;

const differing = (before: SavedDecision, after: SavedDecision): readonly string[] =>
  comparedFields.filter((field) => before[field] !== after[field]);

/** Takes the first that fits out of a list that shrinks. */
const takeFrom = <Item>(rest: Item[], fits: (item: Item) => boolean): Item | null => {
  const index = rest.findIndex(fits);
  return index < 0 ? null : (rest.splice(index, 1)[0] ?? null);
};

const decisionChanges = (before: SavedPlan, after: SavedPlan): DecisionChanges => {
  const fresh = [...after.decisions];
  const contracts = after.kept.filter((one) => !before.kept.some(({ offer }) => offer === one.offer));
  const kept: SavedDecision[] = [];
  const open = before.decisions.filter((decision) => {
    const same = takeFrom(
      fresh,
      (other) => thing(other) === thing(decision) && differing(decision, other).length === 0,
    );
    if (same !== null) kept.push(decision);
    return same === null;
  });
  const signed: { readonly decision: SavedDecision; readonly contract: string }[] = [];
  const changed: ChangedDecision[] = [];
  const gone: SavedDecision[] = [];
  for (const decision of open) {
    const { vendor, kind, start, months } = decision;
    const contract = takeFrom(
      contracts,
      (one) => one.vendor === vendor && one.kind === kind && one.start === start && one.months === months,
    );
    if (contract !== null) {
      signed.push({ decision, contract: contract.offer });
      continue;
    }
    const other = takeFrom(fresh, (one) => thing(one) === thing(decision));
    if (other === null) gone.push(decision);
    else changed.push({ before: decision, after: other, fields: differing(decision, other) });
  }
  return { kept, signed, changed, added: fresh, gone };
};

const namesOf = (one: readonly string[], other: readonly string[]): readonly string[] => [
  ...new Set([...one, ...other]),
];

const costChanges = (before: SavedPlan, after: SavedPlan, isComparable: boolean): readonly FigureChange[] => {
  const [was, is] = [before.outOfSample, after.outOfSample];
  const periods = namesOf(
    (was?.byPeriod ?? []).map(({ period }) => period),
    (is?.byPeriod ?? []).map(({ period }) => period),
  );
  const vendors = namesOf(
    (was?.byVendor ?? []).map(({ vendor }) => vendor),
    (is?.byVendor ?? []).map(({ vendor }) => vendor),
  );
  const periodIn = (plan: SavedPlan['outOfSample'], name: string) =>
    plan?.byPeriod.find(({ period }) => period === name)?.mean;
  const vendorIn = (plan: SavedPlan['outOfSample'], name: string) =>
    plan?.byVendor.find(({ vendor }) => vendor === name)?.mean;
  return [
    figure('mean', was?.mean, is?.mean, isComparable),
    figure('worst futures', was?.cvar, is?.cvar, isComparable),
    ...periods.map((name) => figure(`period ${name}`, periodIn(was, name), periodIn(is, name), isComparable)),
    ...vendors.map((name) => figure(`vendor ${name}`, vendorIn(was, name), vendorIn(is, name), isComparable)),
    figure('shortfalls', was?.burnt, is?.burnt, isComparable),
    figure('over caps', was?.capPenalty, is?.capPenalty, isComparable),
  ];
};

const circumstanceText = (plan: SavedPlan): ReadonlyMap<string, string> =>
  new Map([
    ['portfolio', plan.inputs.sha256],
    ['taken over', plan.inputs.from?.sha256 ?? ''],
    ['version', plan.inputs.version],
    ['seed', String(plan.inputs.seed)],
    ['futures', String(plan.search.scenarios)],
    ['currency', plan.currency],
    ['horizon', `${plan.horizon.from} to ${plan.horizon.until}`],
    ['vendors', plan.vendors.join(', ')],
    ['classes', plan.classes.join(', ')],
    ['risk', `${plan.risk.cvarWeight} of the worst ${plan.risk.beta}`],
    ['caps', (plan.dependency?.caps ?? []).map(({ kind, name, limit }) => `${kind} ${name} ${limit}`).join(', ')],
    [
      'served in an outage',
      [...new Set(plan.certificate.map((row) => `${row.class} ${row.askedShare}`))].toSorted().join(', '),
    ],
    [
      'contracts',
      plan.kept
        .map(({ offer }) => offer)
        .toSorted()
        .join(', '),
    ],
    ['feasible', String(plan.search.feasible)],
    ['interrupted', String(plan.search.interrupted)],
  ]);

const circumstances = (before: SavedPlan, after: SavedPlan): PlanDiff['circumstances'] => {
  const is = circumstanceText(after);
  return [...circumstanceText(before)].flatMap(([name, was]) =>
    was === is.get(name) ? [] : [{ name, before: was, after: is.get(name) ?? '' }],
  );
};

const inputsOf = (before: SavedPlan, after: SavedPlan, portfolios: PlannedPortfolios | null): PlanDiff['inputs'] => {
  if (portfolios !== null) return { known: 'told', changes: portfolioChanges(portfolios.before, portfolios.after) };
  const isSame =
    before.inputs.sha256 === after.inputs.sha256 && before.inputs.from?.sha256 === after.inputs.from?.sha256;
  return { known: isSame ? 'same' : 'unknown', changes: [] };
};

const areApart = (before: SavedPlan, after: SavedPlan): boolean => {
  const isBelow = (one: SavedPlan, other: SavedPlan): boolean =>
    one.upperBound !== null && other.lowerBound !== null && one.upperBound < other.lowerBound;
  return isBelow(before, after) || isBelow(after, before);
};

/** The portfolios that two plans were made from. */
export interface PlannedPortfolios {
  readonly before: Portfolio;
  readonly after: Portfolio;
}

/**
 * What changed from one plan to the next, and what of their inputs did: decisions, costs by part, circumstances. Why in the sense of inputs; which
 * of several inputs made which difference is not told, since only a plan with one of them changed could say so.
 * @param portfolios The files that they were made from, to tell what in them differs; null where they are not at hand.
 */
export const planDiff = (
  before: SavedPlan,
  after: SavedPlan,
  portfolios: PlannedPortfolios | null = null,
): PlanDiff => {
  const isComparable = before.currency === after.currency;
  return {
    isComparable,
    inputs: inputsOf(before, after, portfolios),
    circumstances: circumstances(before, after),
    decisions: decisionChanges(before, after),
    objective: {
      ...figure('objective', before.upperBound, after.upperBound, isComparable),
      isProven: isComparable && areApart(before, after),
    },
    costs: costChanges(before, after, isComparable),
  };
};
