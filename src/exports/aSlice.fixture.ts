import type { LedgerSlice } from '../vocabulary/index.ts';

/** A million input tokens for 2 dollars, at noon of 15 November 2026. */
export const aSlice = (change: Partial<LedgerSlice> = {}): LedgerSlice => ({
  fromMs: Date.UTC(2026, 10, 15, 12),
  provider: 'aurora-eu',
  vendor: 'aurora',
  targetModel: 'aurora-large',
  model: 'chat-large',
  lab: 'polaris',
  region: 'eu-north',
  hosts: { north: 0.75, south: 0.25 },
  team: 'research',
  key: 'demo',
  operation: 'generate',
  servedTier: null,
  contract: null,
  basis: 'reported',
  bucket: 'input',
  nanoUsdPerMillion: 2_000_000_000n,
  discount: '0',
  source: 'file',
  units: 1_000_000n,
  amountNanoUsd: 2_000_000_000n,
  isCorrection: false,
  ...change,
});
