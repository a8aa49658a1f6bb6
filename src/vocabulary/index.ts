// The words all rooms share: usage buckets, targets, failures, decisions and the records of the ledger. Types and invariants, no behaviour.
export * from './decision.ts';
export * from './fields.ts';
export * from './outcome.ts';
export * from './records.ts';
export * from './target.ts';
export * from './usage.ts';
