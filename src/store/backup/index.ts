// One moment of the whole store in one file, and the way back.
export { ArchiveWriter } from '../archive/index.ts';
export type { BackupAbout } from './backupContents.ts';
export { checkMigrations, configurationIn, restoreDatabase, restoreSpool } from './restoreBackup.ts';
export { verifyBackup, type VerifiedBackup } from './verifyBackup.ts';
export { writeBackup, type BackupOptions, type BackupSummary } from './writeBackup.ts';
