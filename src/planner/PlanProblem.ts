/** Lists by account, class, source ... are in the order of the problem's own list of them. */
export type PerAccount<T> = readonly T[];
export type PerClass<T> = readonly T[];
export type PerSource<T> = readonly T[];
export type PerNode<T> = readonly T[];
export type PerPeriod<T> = readonly T[];

/** Where usage is billed and one pool at a time can be in force: a vendor, or a part of its catalogue with contracts of its own. */
export interface PlanAccount {
  readonly name: string;
  readonly vendor: string;
}

/** Work that is alike: measured in one unit, served by any of its sources. */
export interface PlanClass {
  readonly name: string;
}

/** One way to serve a class: as much as is wanted, at list price. */
export interface PlanSource {
  readonly name: string;
  readonly account: number;
  readonly class: number;
  /** Where its capacity stands in an outage: an index of `Resilience.nodes`. */
  readonly node: number;
  /** Money for one unit of the class, before the price index of a scenario. */
  readonly listPrice: PerPeriod<number>;
}

/** How much of what a period has too little or too much of counts in later ones. */
export interface CarryClause {
  /** From above 0 to 1. */
  readonly share: number;
  /** No more than this share of the period's floor; null for no such limit. */
  readonly shareOfFloorMax: number | null;
  /** In how many periods after it; what is left then is lost. */
  readonly periods: number;
}

/** What moves from one true-up of a pool to the next ones. */
export interface PoolCarry {
  /** What was not spent, and may be spent later beyond that period's floor instead of being owed. */
  readonly unspent: CarryClause | null;
  /** What was spent beyond the floor, and counts where a later period has too little. */
  readonly overspent: CarryClause | null;
}

/** A pool to be spent: all or nothing. Of two of one account whose periods overlap, only one can be signed. */
export interface PoolOffer {
  readonly name: string;
  readonly account: number;
  /** In force from here ... */
  readonly fromPeriod: number;
  /** ... to before here. */
  readonly untilPeriod: number;
  /** Money to be spent after discount in each period that it is in force. */
  readonly floors: readonly number[];
  /** Fraction taken off list prices, from 0 to below 1. */
  readonly discount: number;
  /** What a unit of money that was not spent costs, from 0 to 1. */
  readonly shortfallRate: number;
  /** Money that it costs to sign it, beside all that the account costs and in every scenario: of capital that is paid in before it is spent. */
  readonly signingCost: number;
  /**
   * Null where each true-up stands by itself. Plans are chosen and bounds proven as if each did, so that a plan costs at most what is said of
   * it; what it saves is told of a decision, see `settledBills`.
   */
  readonly carry: PoolCarry | null;
  /** Signed already: kept, never decided again. */
  readonly signed: boolean;
}

/** Capacity that is paid for used or not: a floor of tokens per minute, a slot of accelerators. */
export interface ReservationOffer {
  readonly name: string;
  readonly account: number;
  readonly class: number;
  readonly node: number;
  /** Segments, counted over the whole horizon, from here to before there. */
  readonly fromSegment: number;
  readonly untilSegment: number;
  /** Money for the capacity of one unit a month. */
  readonly feePerMonth: number;
  /** Money that one unit a month costs beside its fees over its whole time, as a pool's: of capital that is paid in before its month. */
  readonly signingCost: number;
  /** Share of the capacity that can be used, from the shape of the load within a day. */
  readonly usableShare: number;
  /** Units a month that can be bought: any amount up to a most, or one amount and no other. */
  readonly quantity:
    | { readonly kind: 'upTo'; readonly max: number }
    | { readonly kind: 'exactly'; readonly units: number };
  /** Whether its fee counts towards the account's pool. */
  readonly countsTowardsPool: boolean;
  readonly signed: boolean;
}

/** One future. */
export interface PlanScenario {
  /** Its probability; all of them together are 1. */
  readonly weight: number;
  /** Units of each class in each step. */
  readonly demand: PerClass<readonly number[]>;
  /** Index of `PlanProblem.priceIndices`. */
  readonly prices: number;
}

/** Most of the spend of a period that may depend on one thing, in every scenario. */
export interface ConcentrationCap {
  readonly name: string;
  readonly kind: 'vendor' | 'host' | 'jurisdiction' | 'lab';
  /** From above 0 to 1. */
  readonly share: number;
  readonly basis:
    | {
        /** What is paid, shortfalls among it: money can be burnt elsewhere to satisfy it. */
        readonly kind: 'cost';
        /** How much of an account's cost is within. */
        readonly accountShares: PerAccount<number>;
      }
    | {
        /** Usage at list price, and the fees of reservations. */
        readonly kind: 'list';
        readonly sourceShares: PerSource<number>;
        readonly reservationShares: readonly number[];
      };
}

/** Something that may be gone. */
export interface PlanLoss {
  readonly name: string;
  readonly kind: 'vendor' | 'host';
  /** How much of each node's capacity is left, from 0 to 1. */
  readonly capacityLeft: PerNode<number>;
}

/** Capacity of one account that stands and falls together, and serves whichever of its classes needs it. */
export interface CapacityNode {
  readonly name: string;
  readonly account: number;
  /** Units a step that are had without any contract. */
  readonly base: PerPeriod<number>;
  /** Units a step for each unit of money of the account's pool in the period. */
  readonly perPoolMoney: number;
  /** How much more than what is reserved can be had, as a fraction. */
  readonly reservationBurst: number;
}

/** What must still be served, whatever one thing is lost. */
export interface Resilience {
  readonly nodes: readonly CapacityNode[];
  readonly losses: readonly PlanLoss[];
  /** Share of each class's design demand. */
  readonly servedShares: PerClass<number>;
  /** Design demand: units a step, at the end of each period. */
  readonly designDemand: PerPeriod<PerClass<number>>;
}

/** Bounds of the search: they cut off plans, and are checked for whether they bind. */
export interface SearchGuards {
  /** Usage of one account at list price, as a fraction of what all demand would cost at its cheapest; Infinity for none. */
  readonly usageShare: number;
  /** Fees of one account's reservations in a period. Money. */
  readonly reservationFees: PerPeriod<number>;
}

/** Mean and tail: (1 - weight) mean + weight CVaR. */
export interface RiskMeasure {
  readonly cvarWeight: number;
  /** Confidence of the tail: CVaR is the mean of the worst 1 - beta. */
  readonly beta: number;
}

/**
 * Which contracts to sign, as arithmetic. Time: periods (true-ups) of segments (when reservations may begin and end) of steps (when demand is
 * told). Money is Float64 in a unit that keeps figures between 1e-3 and 1e3; nothing here is ever booked.
 */
export interface PlanProblem {
  readonly accounts: readonly PlanAccount[];
  readonly classes: readonly PlanClass[];
  readonly sources: readonly PlanSource[];
  readonly pools: readonly PoolOffer[];
  readonly reservations: readonly ReservationOffer[];
  readonly periods: number;
  readonly segmentsPerPeriod: number;
  readonly stepsPerSegment: number;
  readonly monthsPerStep: number;
  readonly scenarios: readonly PlanScenario[];
  /** Factors on list prices that several scenarios may share. */
  readonly priceIndices: readonly { readonly name: string; readonly factors: PerSource<PerPeriod<number>> }[];
  readonly caps: readonly ConcentrationCap[];
  /** Money for each unit of money over a cap of list prices, so that every plan has a cost. */
  readonly capPenalty: number;
  readonly resilience: Resilience | null;
  readonly guards: SearchGuards;
  readonly risk: RiskMeasure;
}

/** What is decided: everything else follows from it. */
export interface PlanDecision {
  /** Whether each pool is signed. */
  readonly pools: readonly boolean[];
  /** Units a month of each reservation. */
  readonly reservations: readonly number[];
}
