import type { DecisionRow } from '../portfolio/decisionRows.ts';

/**
 * A plan in the words and the currency of the portfolio file, as `archipel plan --json` prints it. Statistics are numbers, amounts that stand in the
 * file decimal strings, shares and probabilities from 0 to 1. What is not known, or has no finite figure, is null.
 */
export interface PlanDocument {
  /** Cost of the plan as the policy weighs mean and tail, exactly evaluated. */
  readonly upperBound: number | null;
  /** No plan within the guards costs less. */
  readonly lowerBound: number | null;
  /** (upperBound - lowerBound) / upperBound. */
  readonly gap: number | null;
  readonly cpuSeconds: number;
  readonly decisions: readonly DecisionJson[];
  readonly certificate: readonly CertificateJson[];
  readonly outOfSample: OutOfSampleJson | null;
  readonly currency: string;
  readonly inputs: {
    readonly file: string;
    readonly sha256: string;
    readonly seed: number;
    readonly limits: Readonly<Record<string, number | string>>;
    readonly version: string;
    readonly madeAt: string;
  };
  readonly search: {
    /** False where no plan can satisfy the policy. */
    readonly feasible: boolean;
    readonly interrupted: boolean;
    readonly scenarios: number;
    readonly nodes: number;
    readonly programs: number;
  };
  readonly horizon: HorizonJson;
  readonly vendors: readonly string[];
  readonly classes: readonly string[];
  readonly risk: { readonly cvarWeight: number; readonly beta: number };
  /** Figures of the scenarios that the plan was made for. */
  readonly inSample: RiskJson | null;
  /** Money that the decisions commit in all, used or not: pools after discount, and fees. A decimal. */
  readonly committed: string;
  readonly signing: SigningJson;
  /** Why nothing satisfies the policy; null where something does, or nobody knows. */
  readonly conflicts: ConflictsJson | null;
  /** Signed before, and kept. */
  readonly kept: readonly KeptJson[];
  readonly outageRule: { readonly met: boolean; readonly rule: string } | null;
  readonly dependency: DependencyJson | null;
  readonly comparisons: ComparisonsJson | null;
  readonly frontiers: readonly FrontierJson[];
  readonly shadowPrices: readonly ShadowPriceJson[];
  readonly negotiations: readonly NegotiationJson[];
  readonly assumptions: readonly string[];
}

export interface ConflictsJson {
  /** A smallest set of rules that cannot be met together. */
  readonly conflict: readonly ConflictingRuleJson[];
  /** What would have to be given up at the least. */
  readonly relaxation: readonly ConflictingRuleJson[];
}

export interface ConflictingRuleJson {
  readonly lost: string;
  readonly period: string;
  readonly classes: readonly string[];
  /** Share of what the policy asks for these classes together that can be had. */
  readonly reachableShare: number;
}

export interface HorizonJson {
  readonly from: string;
  /** First day after it. */
  readonly until: string;
  readonly periods: readonly PeriodJson[];
}

export interface PeriodJson {
  /** "2027", "2027/28", "2027-04/06". */
  readonly name: string;
  readonly from: string;
  readonly until: string;
}

/** Money of one period of a pool. */
export interface StepJson {
  readonly from: string;
  readonly until: string;
  readonly usd: string;
}

/** What of the decisions has to be signed by the first day of the plan, and what can wait. Money as decimals. */
export interface SigningJson {
  readonly by: string;
  readonly now: { readonly contracts: number; readonly committed: string };
  /** `nextBy` is null where nothing is later. */
  readonly later: { readonly contracts: number; readonly committed: string; readonly nextBy: string | null };
}

export interface DecisionJson extends DecisionRow {
  /** First day after it. */
  readonly until: string;
  /** Last day on which it can be signed to begin in time. */
  readonly signBy: string;
  /** Money over its whole term, used or not: a decimal. */
  readonly committed: string;
  /** Fraction taken off list prices; null for capacity. */
  readonly discount: number | null;
  /** What the capacity costs in a month, used or not; null for pools. */
  readonly feePerMonth: number | null;
  /** Of pools: what is to be spent period by period. */
  readonly steps: readonly StepJson[];
  /** Share that is paid at the beginning. */
  readonly upfrontShare: string;
  /** What the vendor's terms cover. */
  readonly covers: readonly string[];
}

export type KeptJson = Pick<DecisionJson, 'vendor' | 'offer' | 'kind' | 'start' | 'months' | 'until'> & {
  readonly usd?: string;
  readonly quantity?: string;
  readonly unit?: string;
};

export interface CertificateJson {
  readonly lost: string;
  readonly lostKind: 'vendor' | 'host';
  readonly year: number;
  readonly period: string;
  readonly class: string;
  readonly servedShare: number;
  readonly askedShare: number;
  readonly met: boolean;
  readonly binding: string;
  /** Other classes that share what binds. */
  readonly rivals: readonly string[];
}

export interface EstimateJson {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface RiskJson {
  readonly mean: number;
  readonly cvar: number;
  readonly objective: number;
}

export interface OutOfSampleJson extends EstimateJson {
  /** Mean of the worst 1 - beta. */
  readonly cvar: number;
  readonly cvarLow: number;
  readonly cvarHigh: number;
  readonly objective: number;
  readonly scenarios: number;
  readonly halfWidthShare: number;
  readonly isPrecise: boolean;
  readonly explainedShare: number;
  readonly plainMean: number;
  readonly byPeriod: readonly (EstimateJson & { readonly period: string })[];
  readonly byVendor: readonly VendorCostJson[];
  readonly capPenalty: number;
  readonly burnt: number;
  /** Of capital that is paid in before it is spent: within the mean, and with no vendor. */
  readonly signingCost: number;
  /** Mean of what rollover and carry-forward save: within the mean, and not counted in the bounds. */
  readonly carried: number;
  readonly quantiles: readonly { readonly share: number; readonly cost: number }[];
  /** Of every future, ascending. */
  readonly costs: readonly number[];
}

export interface VendorCostJson extends EstimateJson {
  readonly vendor: string;
  /** Mean in each period. */
  readonly byPeriod: readonly number[];
  readonly inTail: number;
}

export interface SpreadJson {
  readonly mean: number;
  readonly worst: number;
}

export interface DependencyJson {
  readonly vendors: readonly {
    readonly vendor: string;
    readonly share: readonly SpreadJson[];
    readonly paid: readonly number[];
  }[];
  readonly caps: readonly CapJson[];
  /** Herfindahl-Hirschman index of each period, 1 for one vendor. */
  readonly concentration: readonly SpreadJson[];
  readonly guards: {
    readonly usage: { readonly binds: boolean; readonly withGuard: number | null; readonly without: number | null };
    readonly reservations: {
      readonly binds: boolean;
      readonly reached: readonly { readonly vendor: string; readonly period: string; readonly fees: number }[];
      readonly highestShare: number;
    };
  };
}

export interface CapJson {
  readonly name: string;
  readonly kind: 'vendor' | 'host' | 'jurisdiction' | 'lab';
  readonly limit: number;
  readonly share: readonly SpreadJson[];
  /** Probability of the scenarios in which it is reached, and broken. */
  readonly reached: readonly number[];
  readonly broken: readonly number[];
  readonly binds: boolean;
}

export interface ComparisonsJson {
  readonly plan: ComparedJson;
  readonly others: readonly ComparedJson[];
  /** What planning for all scenarios saves over planning for their mean. */
  readonly stochasticValue: number | null;
}

export interface ComparedJson extends RiskJson {
  readonly kind: 'plan' | 'nothing' | 'onDemand' | 'singleVendor' | 'greedy' | 'meanScenario';
  readonly vendor: string | null;
  readonly dearerBy: number;
  readonly keepsCaps: boolean;
  readonly capPenalty: number;
  readonly burnt: number;
  /** Mean of what rollover and carry-forward save, within the figures. */
  readonly carried: number;
  readonly decisions: readonly DecisionRow[];
  readonly violations: readonly ViolationJson[];
}

export type ViolationJson =
  | {
      readonly kind: 'cap';
      readonly name: string;
      readonly capKind: CapJson['kind'];
      readonly period: string;
      readonly probability: number;
      readonly worstShare: number;
      readonly limit: number;
    }
  | {
      readonly kind: 'outage';
      readonly lost: string;
      readonly period: string;
      readonly class: string;
      readonly servedShare: number;
      readonly askedShare: number;
    }
  | { readonly kind: 'signedContract'; readonly name: string };

export interface FrontierJson {
  readonly along: 'outageCover' | 'cap';
  readonly current: number;
  readonly points: readonly {
    readonly level: number;
    readonly upperBound: number | null;
    readonly lowerBound: number | null;
    readonly feasible: boolean;
    readonly figures: RiskJson | null;
    readonly decisions: readonly DecisionRow[];
  }[];
}

export interface ShadowPriceJson {
  readonly along: FrontierJson['along'];
  readonly from: number;
  readonly to: number;
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface NegotiationJson {
  readonly vendor: string;
  readonly walkAway: WalkAwayJson | null;
  readonly offers: readonly OfferJson[];
}

export interface WalkAwayJson {
  readonly upperBound: number | null;
  readonly lowerBound: number | null;
  readonly feasible: boolean;
  readonly worth: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly decisions: readonly DecisionRow[];
}

export interface OfferJson {
  readonly kind: 'pool' | 'floor' | 'slot';
  readonly offer: string;
  readonly start: string;
  readonly months: number;
  /** Of pools: money over the whole term. */
  readonly usd?: string;
  /** Of capacity: its one quantity, or the most that may be signed. */
  readonly quantity?: string;
  readonly unit?: string;
  readonly source?: string;
  readonly isUpTo: boolean;
  readonly inPlan: boolean;
  readonly signed: boolean;
  /** Use a year at list price from which it beats list prices, null where it never does; of capacity, for one of its unit. */
  readonly breakEvenPerYear: readonly (number | null)[];
  /** Share of the capacity that has to be used. */
  readonly breakEvenUse: number | null;
  readonly usableShare: number | null;
  readonly expectedPerYear: readonly number[];
  readonly forcedDearerBy: number | null;
  /** Whether the outage rule would hold with it. */
  readonly forcedKeepsPolicy: boolean | null;
  readonly currentDiscount: number | null;
  readonly discountNeeded: number | null;
  /** Whether a discount that would bring it in was looked for. */
  readonly entryKnown: boolean;
}
