// The ledger's database: its schema, and the questions and changes that the program puts to it.
export { openDatabase } from './Database.ts';
export type { Database, DatabaseOptions, Queries, SqlValue } from './Database.ts';
export { migrate, readMigrations } from './migrate.ts';
export type { Migration, MigrationReport } from './migrate.ts';
export { usageBy } from './usageBy.ts';
export type { UsageGroup, UsageGroupSet, UsageQuery, UsageRow } from './usageBy.ts';
export { attemptTotals, spentSince } from './attemptTotals.ts';
export type { AttemptTotal, AttemptTotalsQuery, TotalDimension } from './attemptTotals.ts';
export { contractSpend, contractSpendByMinute } from './contractSpend.ts';
export type { ContractSpend, ContractStretch, FloorUse } from './contractSpend.ts';
export { organisationsWithAttempts } from './organisationsWithAttempts.ts';
export { requestById } from './requestById.ts';
export type { StoredRequest } from './requestById.ts';
export { insertKey, listAudit, listKeys, replaceKey, revokeKey } from './apiKeys.ts';
export type { ApiKey, AuditEntry, Change, NewApiKey, Replacement } from './apiKeys.ts';
