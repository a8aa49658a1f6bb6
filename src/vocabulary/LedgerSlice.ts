import type { FinalRecord, PriceLine } from './records.ts';
import type { ServiceTier } from './serviceTier.ts';

/** Lines of the ledger that differ in nothing but when and how much. */
export interface LedgerSlice
  extends
    Pick<
      FinalRecord,
      | 'provider'
      | 'vendor'
      | 'targetModel'
      | 'model'
      | 'lab'
      | 'region'
      | 'hosts'
      | 'team'
      | 'key'
      | 'operation'
      | 'contract'
      | 'basis'
    >,
    Pick<PriceLine, 'bucket' | 'discount' | 'source'> {
  /** Start of the stretch that they were gathered over, Unix milliseconds. */
  readonly fromMs: number;
  /** Of the vendor's service tiers, the one that served it; null where it says nothing. */
  readonly servedTier: ServiceTier | null;
  /** List price, nano-USD per million units. */
  readonly nanoUsdPerMillion: bigint;
  readonly units: bigint;
  readonly amountNanoUsd: bigint;
  /** Whether it sets right an attempt of an earlier month than the one in which it was recorded. */
  readonly isCorrection: boolean;
}
