// What finance takes away: the ledger as FOCUS Cost and Usage rows, and contracts as its Contract Commitment rows.
export * from './chargePeriod.ts';
export * from './commitmentRows.ts';
export * from './contractCommitmentRow.ts';
export * from './focusColumns.ts';
export * from './focusRows.ts';
