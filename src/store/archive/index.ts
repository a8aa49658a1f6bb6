// Gzipped tar archives, written and read as streams: backups and support bundles.
export { ArchiveWriter, type ArchivedFile } from './ArchiveWriter.ts';
export { readArchive, type ArchiveEntry } from './readArchive.ts';
