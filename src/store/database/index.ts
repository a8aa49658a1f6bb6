// The ledger's database: its schema, and the questions and changes that the program puts to it.
export { openAttempts } from './openAttempts.ts';
export type { OpenAttempt } from './openAttempts.ts';
export { databaseLimits, openDatabase } from './Database.ts';
export type { Database, DatabaseOptions, DatabaseSession, Queries, SessionOptions, SqlValue } from './Database.ts';
export { readAsOf } from './readAsOf.ts';
export { inspectDatabase, type InspectedDatabase } from './inspectDatabase.ts';
export { AwaitedDatabase } from './AwaitedDatabase.ts';
export type { AwaitedDatabaseOptions, DatabaseAbsence, OpenedDatabase } from './AwaitedDatabase.ts';
export { isMigrated, migrate, readMigrations } from './migrate.ts';
export type { Migration, MigrationReport } from './migrate.ts';
export { usageBy } from './usageBy.ts';
export type { UsageGroup, UsageGroupSet, UsageQuery, UsageRow } from './usageBy.ts';
export { endUserSpends, type EndUserSpend, type EndUserSpendsQuery } from './endUserSpends.ts';
export { attemptTotals, spentSince } from './attemptTotals.ts';
export type { AttemptTotal, AttemptTotalsQuery, TotalDimension } from './attemptTotals.ts';
export { contractSpendIn, contractUseByInterval } from './contractParts.ts';
export type { IntervalStretch, IntervalSum, SharedContract } from './contractParts.ts';
export { contractSpend } from './contractSpend.ts';
export type { ContractSpend, ContractStretch } from './contractSpend.ts';
export { slicesByInterval, slicesByPeriod } from './ledgerSlices.ts';
export type { IntervalSlices, PeriodSlices } from './ledgerSlices.ts';
export { organisationsWithAttempts, organisationsWithJobs } from './organisationsWith.ts';
export type { MoveRow } from './correctSpend.ts';
export { correctAttempts } from './correctAttempts.ts';
export type { AttemptCorrection, CorrectionJournal } from './correctAttempts.ts';
export { ledgerAccounts } from './ledgerAccounts.ts';
export type { LedgerAccount } from './ledgerAccounts.ts';
export { beginLiveDrill, endLiveDrill, hasDrillEnded, listDrills, readDrill, saveDrill } from './drills.ts';
export type { StoredDrill } from './drills.ts';
export { pastRequests } from './pastRequests.ts';
export type { AnsweredRequest, RequestStretch } from './pastRequests.ts';
export { contractsNamed, strayUseIn } from './strayUse.ts';
export type { StraySum } from './strayUse.ts';
export { requestsByMinute, supplyUse, targetTimes } from './supplyUse.ts';
export type { MinuteRequests, ProviderUse, TargetTimes } from './supplyUse.ts';
export { hasAttempt } from './hasAttempt.ts';
export { recentAnswers } from './recentAnswers.ts';
export type { RecentAnswer } from './recentAnswers.ts';
export { requestCorrections } from './requestCorrections.ts';
export type { ToldCorrection } from './requestCorrections.ts';
export { requestById } from './requestById.ts';
export type { StoredRequest } from './requestById.ts';
export { keepAudit, listAudit } from './audit.ts';
export type { Audited, AuditEntry } from './audit.ts';
export { insertKey, keysMark, listKeys, markOfKeys, replaceKey, revokeKey } from './apiKeys.ts';
export type { ApiKey, Change, NewApiKey, Replacement } from './apiKeys.ts';
export { holdJobControl, jobControlLimits } from './holdJobControl.ts';
export type { JobControl, JobControlLimits } from './holdJobControl.ts';
export { jobStoreOn } from './jobs.ts';
export { readOfferLists, saveOfferList } from './offers.ts';
export type { StoredOfferList } from './offers.ts';
export { beat, leaveFleet, tellReplicas } from './replicas.ts';
export type {
  Beat,
  BeatAnswer,
  RateClaim,
  RateLease,
  RateLeaseShare,
  RateWithheld,
  Replica,
  ReplicaSelf,
  ToldByReplica,
} from './replicas.ts';
