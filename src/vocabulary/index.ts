// The words all rooms share: usage buckets, targets, failures, decisions, content and the records of the ledger. Types and invariants, no behaviour.
export * from './answer.ts';
export * from './content.ts';
export * from './decision.ts';
export * from './embedding.ts';
export * from './features.ts';
export * from './fields.ts';
export * from './hostsOf.ts';
export * from './LedgerSlice.ts';
export * from './modelPattern.ts';
export * from './outcome.ts';
export * from './rates.ts';
export * from './records.ts';
export * from './rollingWindow.ts';
export * from './routePolicy.ts';
export * from './serviceTier.ts';
export * from './target.ts';
export * from './usage.ts';
