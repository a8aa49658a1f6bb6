/** A minimum that must be spent at a target between two moments; what is missing at the end is paid at `feeShare`. */
export interface PoolContract {
  readonly target: number;
  readonly fromS: number;
  readonly toS: number;
  readonly minimumUsd: number;
  readonly feeShare: number;
}

/** Capacity that is paid for whether it is used or not: so much of each minute's use, at list prices, is free. */
export interface FloorContract {
  readonly target: number;
  readonly usdPerMinute: number;
  /** Of the whole month, as it accrues second by second. */
  readonly feeUsd: number;
}

export interface Contracts {
  readonly pools: readonly PoolContract[];
  readonly floor: FloorContract;
}

/** Index of the pool that a target draws on at a moment, or -1. */
export const poolAt = ({ pools }: Contracts, target: number, atS: number): number =>
  pools.findIndex((pool) => pool.target === target && atS >= pool.fromS && atS < pool.toS);
