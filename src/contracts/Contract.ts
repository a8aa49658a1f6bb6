import type { NanoUsd, Ratio } from '../kernel/index.ts';
import type { Cover } from './schema.ts';

/** When the vendor compares what was spent with what was promised. */
export type Fulfilment = 'annual' | 'monthly' | 'total';

/** What is paid for having a contract at all, used or not. */
export interface ContractFee {
  readonly amountNanoUsd: NanoUsd;
  readonly per: 'hour' | 'day' | 'month' | 'period';
}

interface ContractTerms {
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

/** Dollars to be spent in a period; what is not spent is owed all the same. */
export interface PoolContract extends ContractTerms {
  readonly kind: 'pool';
  readonly commitmentNanoUsd: NanoUsd;
  readonly fulfilment: Fulfilment;
  /** Share of each true-up interval, in order; empty for equal parts. */
  readonly ramp: readonly Ratio[];
  /** What a dollar that was not spent costs. */
  readonly shortfallRate: Ratio;
}

/** Use that is paid for in each unit of time, used or not: provisioned throughput, a reserved tier. */
export interface FloorContract extends ContractTerms {
  readonly kind: 'floor';
  /** Use at list prices that each unit of time pays for. */
  readonly quantityNanoUsd: NanoUsd;
  readonly unitMs: number;
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
