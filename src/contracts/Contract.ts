import type { NanoUsd, Ratio } from '../kernel/index.ts';
import type { Burndown } from './burndown.ts';
import type { FloorUnit } from './floorUnits.ts';
import type { Cover } from './schema.ts';

/** When the vendor compares what was spent with what was promised. */
export type Fulfilment = 'annual' | 'monthly' | 'total';

/** What is paid for having a contract at all, used or not. */
export interface ContractFee {
  readonly amountNanoUsd: NanoUsd;
  readonly per: 'hour' | 'day' | 'month' | 'period';
}

/** What contracts of every kind say. */
export interface ContractTerms {
  readonly id: string;
  readonly vendor: string;
  readonly covers: readonly Cover[];
  /** Unix milliseconds: in force when fromMs <= at < untilMs. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Where its days, months and years begin. */
  readonly timeZone: string;
  /** Taken off list prices of what it covers while it is in force; from 0 to 1. */
  readonly discount: Ratio;
}

/** What must have been spent since the start of a contract by a day; what is missing then is charged then. */
export interface Milestone {
  /** Unix milliseconds: what was spent before counts. */
  readonly byMs: number;
  readonly spentNanoUsd: NanoUsd;
}

/** What moves from one true-up to later ones. */
export interface CarryTerms {
  /** Share of it that moves on. */
  readonly share: Ratio;
  /** No more than this share of what was due; null for no such limit. */
  readonly upTo: Ratio | null;
  /** How long it counts; null until the contract ends. */
  readonly months: number | null;
}

/** Money that counts towards a pool and that no record of this program tells of, spread evenly over its time. */
export interface SpentElsewhere {
  /** Null for use of the vendor that counts without a limit. */
  readonly product: string | null;
  readonly amountNanoUsd: NanoUsd;
  /** Unix milliseconds: from inclusive, until exclusive. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Dollars to be spent in a period; what is not spent is owed all the same. */
export interface PoolContract extends ContractTerms {
  readonly kind: 'pool';
  readonly commitmentNanoUsd: NanoUsd;
  readonly fulfilment: Fulfilment;
  /** Share of each true-up interval, in order; empty for equal parts. */
  readonly ramp: readonly Ratio[];
  /** Empty where the vendor trues up by the calendar. */
  readonly milestones: readonly Milestone[];
  /** What a dollar that was not spent costs. */
  readonly shortfallRate: Ratio;
  /** Share of what is due at a true-up that may be missing for nothing. */
  readonly shortfallGrace: Ratio;
  /** What was not spent and may be spent later; null where it is owed at once. */
  readonly rollover: CarryTerms | null;
  /** What was spent beyond what was due and counts later; null where it does not. */
  readonly carryForward: CarryTerms | null;
  readonly elsewhere: readonly SpentElsewhere[];
}

/** What a floor reserves and how use is counted against it. A vendor that counts input and output apart has two. */
export interface FloorMeter {
  readonly name: string;
  /** Units that were bought. */
  readonly quantity: Ratio;
  /** Tokens that one unit takes in the floor's unit of time. */
  readonly tokensPerUnit: Ratio;
  readonly burndown: Burndown;
}

/** Use that is paid for in each unit of time, used or not: provisioned throughput, a reserved tier. */
export interface FloorContract extends ContractTerms {
  readonly kind: 'floor';
  readonly unit: FloorUnit;
  /** Use at list prices that each unit of time pays for; 0 where it is counted by meters. */
  readonly quantityNanoUsd: NanoUsd;
  /** Unit of time that the quantity is of. */
  readonly unitMs: number;
  /** Time within which use may come when it likes; counted from the start of the contract, and lost at its end. */
  readonly intervalMs: number;
  /** Empty where use is counted in dollars. */
  readonly meters: readonly FloorMeter[];
  /** Null where the quantity itself is what is paid. */
  readonly fee: ContractFee | null;
}

/** Dated capacity: so many accelerators from one day to another. */
export interface SlotContract extends ContractTerms {
  readonly kind: 'slot';
  readonly accelerator: string;
  readonly count: number;
  /** Null where it costs nothing, or is counted elsewhere. */
  readonly fee: ContractFee | null;
}

export type Contract = PoolContract | FloorContract | SlotContract;
