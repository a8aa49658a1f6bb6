import type { UsageBasis, UsageBucket } from '../vocabulary/index.ts';

/** Lines of the ledger that differ in nothing but when and how much: what one row is made of. */
export interface LedgerSlice {
  /** Start of the stretch that they were gathered over, Unix milliseconds. */
  readonly fromMs: number;
  readonly provider: string;
  readonly vendor: string;
  /** The vendor's own name of the model; of jobs the kind of accelerator. */
  readonly targetModel: string;
  /** What clients asked for; of jobs the name of the job. */
  readonly model: string;
  readonly lab: string | null;
  readonly region: string | null;
  /** Host name -> share, as the provider declares it. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly team: string;
  readonly key: string;
  readonly operation: string;
  /** Of the vendor's service tiers, the one that served it; null where it says nothing. */
  readonly servedTier: string | null;
  readonly contract: string | null;
  readonly basis: UsageBasis;
  readonly bucket: UsageBucket;
  /** List price, nano-USD per million units. */
  readonly nanoUsdPerMillion: bigint;
  /** Exact decimal fraction taken off by the contract, "0" where none. */
  readonly discount: string;
  /** Where the price comes from. */
  readonly source: string;
  readonly units: bigint;
  readonly amountNanoUsd: bigint;
  /** Whether it sets right what an earlier month was billed. */
  readonly isCorrection: boolean;
}
