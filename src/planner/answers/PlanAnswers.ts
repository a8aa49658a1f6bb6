import type { ConcentrationCap, PerPeriod, PlanDecision } from '../PlanProblem.ts';
import type { PlanTranslation } from '../portfolio/PlanTranslation.ts';

/**
 * What is told about a plan. Money is in the problem's unit, see `moneyUnit`; accounts, classes, losses, caps, pools and reservations are
 * indices of the problem's lists, where their names are. Shares and probabilities are from 0 to 1.
 */
export interface PlanAnswers {
  /** One unit of money in all of this is ten to this power of the currency. */
  readonly moneyUnit: PlanTranslation['moneyUnit'];
  readonly outOfSample: OutOfSample | null;
  /** Null where the policy has no rule for outages. */
  readonly certificate: OutageCertificate | null;
  readonly dependency: Dependency | null;
  readonly comparisons: Comparisons | null;
  /** Empty where nothing is to be varied or no time was given. */
  readonly frontiers: readonly Frontier[];
  readonly shadowPrices: readonly ShadowPrice[];
  readonly negotiations: readonly NegotiationSheet[];
}

/** From here to there, both possible. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A figure known from a sample, with its 95 % interval. */
export interface Estimate extends Range {
  readonly mean: number;
}

/** Mean and tail of a cost, as the policy weighs them. Money. */
export interface RiskFigures {
  readonly mean: number;
  /** Mean of the worst 1 - beta. */
  readonly cvar: number;
  /** What the plan makes least: both, weighed. */
  readonly objective: number;
}

/**
 * What the decision costs in futures that it was not planned on. Accounts, `capPenalty` and `signingCost` together are the total, exactly.
 * Unlike the bounds of the plan, it has in it what clauses that carry save. Money.
 */
export interface OutOfSample {
  readonly scenarios: number;
  /** Corrected by control variates. */
  readonly total: Estimate;
  readonly cvar: Estimate;
  readonly objective: number;
  /** The sample's own mean, without control variates. */
  readonly plain: Estimate;
  /** Half of the interval of `total` as a share of its mean, and whether that is within what was asked for. */
  readonly halfWidthShare: number;
  readonly isPrecise: boolean;
  /** Share of the variance that the control variates explain; 0 where there are none. */
  readonly explainedShare: number;
  readonly controls: number;
  readonly byPeriod: PerPeriod<Estimate>;
  readonly byAccount: readonly AccountCost[];
  /** What breaking caps of list prices counts: no money that anybody is paid. */
  readonly capPenalty: Estimate;
  /** Paid for nothing so that a cap on what is paid holds; within the accounts. */
  readonly burnt: Estimate;
  /** What signing costs, in the periods in which contracts begin: of capital that is paid in before it is spent, to nobody of the accounts. */
  readonly signingCost: number;
  /** What is saved because money that was not spent may be spent later, and money spent beyond a floor counts later; within the accounts. */
  readonly carried: Estimate;
  /** Cost below which this share of futures stays, ascending: 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99. */
  readonly quantiles: readonly { readonly share: number; readonly cost: number }[];
  /** Cost of every future, ascending, for charts. */
  readonly costs: readonly number[];
}

export interface AccountCost {
  readonly account: number;
  readonly total: Estimate;
  /** Mean in each period. */
  readonly byPeriod: PerPeriod<number>;
  /** Mean of the worst 1 - beta futures. */
  readonly inTail: number;
}

/** What is served of each class, whatever one thing is lost. */
export interface OutageCertificate {
  /** How capacity is shared out where there is too little, in a sentence. */
  readonly rule: string;
  /** Whether everything is served as the policy asks. */
  readonly met: boolean;
  /** By loss, then period, then class. */
  readonly entries: readonly OutageEntry[];
}

export interface OutageEntry {
  readonly loss: number;
  readonly period: number;
  readonly class: number;
  /** Units a step. */
  readonly designDemand: number;
  readonly served: number;
  /** Share of the design demand; 1 where there is none. */
  readonly servedShare: number;
  readonly askedShare: number;
  readonly met: boolean;
  /** What keeps it from more, in words: "commitment of B or C; reservations at D", "no other source"; "nothing" where all is served. */
  readonly binding: string;
  /** Nodes whose capacity is used up by this class and those that share it. */
  readonly bindingNodes: readonly OutageNode[];
  /** Other classes that share it. */
  readonly rivals: readonly number[];
}

/** Capacity of one node that is left in an outage. Units a step. */
export interface OutageNode {
  readonly node: number;
  readonly base: number;
  readonly byPools: number;
  readonly byReservations: number;
}

/** How far the plan leans on whom. */
export interface Dependency {
  readonly vendors: readonly VendorDependency[];
  readonly caps: readonly CapDependency[];
  /** Herfindahl-Hirschman index of what vendors are paid: the sum of their squared shares, 1 for one vendor. */
  readonly concentration: PerPeriod<SpreadFigure>;
  readonly guards: GuardReport;
}

/** A figure over all scenarios of a period. */
export interface SpreadFigure {
  readonly mean: number;
  readonly worst: number;
  /** Index of the scenario in which it is worst. */
  readonly worstScenario: number;
}

export interface VendorDependency {
  readonly vendor: string;
  /** Share of what is paid. */
  readonly share: PerPeriod<SpreadFigure>;
  /** Mean of what it is paid. Money. */
  readonly paid: PerPeriod<number>;
}

/** What stands behind a cap, measured as the cap is: what is paid, or usage at list price and fees. */
export interface CapDependency {
  readonly cap: number;
  readonly name: string;
  readonly kind: ConcentrationCap['kind'];
  readonly limit: number;
  readonly share: PerPeriod<SpreadFigure>;
  /** Probability of the scenarios in which it is reached. */
  readonly reached: PerPeriod<number>;
  /** Probability of the scenarios in which it is broken; that costs a penalty. */
  readonly broken: PerPeriod<number>;
  readonly binds: boolean;
}

/** Guards cut off plans to make the search faster: what they did to this one. Money. */
export interface GuardReport {
  /** The decision's cost with the guard on usage, and without. */
  readonly usage: { readonly binds: boolean; readonly withGuard: number; readonly without: number };
  /** Where fees of reservations come up to their guard: more of them was not looked at. */
  readonly reservations: {
    readonly binds: boolean;
    readonly reached: readonly { readonly account: number; readonly period: number; readonly fees: number }[];
    /** The highest fees as a share of their guard. */
    readonly highestShare: number;
  };
}

/** The plan beside simpler ways to decide, on the same scenarios. Unlike the plan's bounds, figures have in them what clauses that carry save. */
export interface Comparisons {
  readonly plan: ComparedPlan;
  readonly others: readonly ComparedPlan[];
  /**
   * What planning for all scenarios saves over planning for their mean: the other's objective less the plan's. Null where no plan of the mean
   * was found.
   */
  readonly stochasticValue: number | null;
}

export interface ComparedPlan extends RiskFigures {
  /**
   * `nothing`: signed contracts only; `onDemand`: no contract at all; `singleVendor`: all that it can serve at one vendor, the best one;
   * `greedy`: at each account the largest pool that expected spend fills; `meanScenario`: planned for the mean of the scenarios.
   */
  readonly kind: 'plan' | 'nothing' | 'onDemand' | 'singleVendor' | 'greedy' | 'meanScenario';
  /** The vendor of `singleVendor`. */
  readonly vendor: string | null;
  readonly decision: PlanDecision;
  /** Objective less the plan's. Money. */
  readonly dearerBy: number;
  /** Whether usage is steered so that the caps hold; else it goes where it goes, and caps it breaks are among the violations. */
  readonly keepsCaps: boolean;
  /** Mean of what breaking caps of list prices counts, within the figures. Money. */
  readonly capPenalty: number;
  /** Mean of what is paid for nothing so that a cap on what is paid holds, within the figures. Money. */
  readonly burnt: number;
  /** Mean of what is saved because unspent money may be spent later, and money beyond a floor counts later, within the figures. Money. */
  readonly carried: number;
  /** Empty where the policy is satisfied. */
  readonly violations: readonly PolicyViolation[];
}

export type PolicyViolation =
  | {
      readonly kind: 'cap';
      readonly cap: number;
      readonly period: number;
      /** Of the scenarios in which it is broken. */
      readonly probability: number;
      readonly worstShare: number;
      readonly limit: number;
    }
  | {
      /** The class that is served least of what is asked, for each loss and period where one is. */
      readonly kind: 'outage';
      readonly loss: number;
      readonly period: number;
      readonly class: number;
      readonly servedShare: number;
      readonly askedShare: number;
    }
  | { readonly kind: 'signedContract'; readonly name: string };

/** What a policy costs at several strictnesses. */
export interface Frontier {
  /** `outageCover`: served shares of all classes, told by the highest of them. `cap`: all caps, told by the tightest of them. */
  readonly along: 'outageCover' | 'cap';
  /** The policy's own level. */
  readonly current: number;
  /** From loose to strict. */
  readonly points: readonly FrontierPoint[];
}

export interface FrontierPoint {
  /** Share served, or share allowed. */
  readonly level: number;
  /** Cost of the best plan found, exactly; Infinity where none was. Money. */
  readonly upperBound: number;
  /** No plan within the guards costs less; -Infinity where nothing was proven. */
  readonly lowerBound: number;
  readonly feasible: boolean;
  readonly decision: PlanDecision | null;
  readonly figures: RiskFigures | null;
  /** Of another point whose plan is kept here, since it is valid here and better than what was found. */
  readonly planOfLevel: number | null;
}

/** What a step between two levels of a policy costs; below 0 is a saving. Money. */
export interface ShadowPrice {
  readonly along: Frontier['along'];
  readonly from: number;
  readonly to: number;
  /** Difference of the best plans found. */
  readonly estimate: number;
  /** What the bounds leave; the truth is within, for plans within the guards. */
  readonly range: Range;
}

/** What to know before talking to a vendor. Money. */
export interface NegotiationSheet {
  readonly vendor: string;
  readonly offers: readonly OfferSheet[];
  readonly walkAway: WalkAway | null;
}

/** What the vendor's new offers are worth altogether. Money. */
export interface WalkAway {
  /** Cost of the best plan found without them; Infinity where the policy cannot be had without them. */
  readonly upperBound: number;
  readonly lowerBound: number;
  readonly feasible: boolean;
  readonly decision: PlanDecision | null;
  /** Objective without them less the plan's: the estimate, and what the bounds leave. */
  readonly worth: number;
  readonly range: Range;
}

export interface OfferSheet {
  readonly kind: 'pool' | 'reservation';
  /** Of the problem's pools or reservations. */
  readonly index: number;
  readonly inPlan: boolean;
  readonly signed: boolean;
  /**
   * From where it beats list price. A pool: usage a year at list price, in each of its years if they differ. A reservation: use of each unit
   * reserved a year, at list price. Infinity where it never does.
   */
  readonly breakEvenPerYear: readonly number[];
  /** Only reservations: share of the reserved capacity that has to be used; above the usable share it never pays. */
  readonly breakEvenUse: number | null;
  readonly usableShare: number | null;
  /** Mean usage a year at list price that the account has under the plan, in each period of the offer. Money. */
  readonly expectedPerYear: readonly number[];
  /**
   * What signing it in place of what overlaps would cost more, all else as planned; of a reservation that can be had in any amount, a hundredth
   * of the class's mean demand. Null for what is in the plan, and where something signed is in the way. Money.
   */
  readonly forcedDearerBy: number | null;
  /** Whether the outage rule would hold with it, all else as planned; null for what is in the plan. */
  readonly forcedKeepsPolicy: boolean | null;
  /** What would have to be taken off list price so that it enters the plan; told for the pools and the reservations nearest to that. */
  readonly entry: OfferEntry | null;
}

/** An estimate from above: the rest of the plan is held as it is, and might change in the offer's favour. */
export interface OfferEntry {
  readonly currentDiscount: number;
  /** Null where no discount does, all else as planned: it breaks the outage rule or never pays. */
  readonly discountNeeded: number | null;
}
