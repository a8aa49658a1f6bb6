// What must outlive the process: the spool on disk, the PostgreSQL behind it, and the way from one to the other.
export { AnswersOnDisk } from './answers/AnswersOnDisk.ts';
export type { BackupSummary, VerifiedBackup } from './backup/index.ts';
export { loadBackups } from './loadBackups.ts';
export { identityLives, identityOf, type ProcessIdentity } from './dataDir/processIdentity.ts';
export { holderOfDataDir, lockDataDir } from './dataDir/lockDataDir.ts';
export type { HeldLock } from './dataDir/takeLock.ts';
export * from './database/index.ts';
export { storeErrors } from './errors.ts';
export { KeptFile } from './keptFile/KeptFile.ts';
export * from './leases/index.ts';
export * from './postgres/index.ts';
export * from './schema.ts';
export * from './ship/index.ts';
export * from './spool/index.ts';
export type { CappedWindow } from './verify/checkLeases.ts';
export { verifyLedger } from './verify/verifyLedger.ts';
export type { LedgerFault, LedgerFaultKind } from './verify/LedgerFaults.ts';
export type { LedgerReport } from './verify/verifyLedger.ts';
