import { createHash } from 'node:crypto';
import { readArchive, type ArchivedFile, type ArchiveEntry } from '../archive/index.ts';
import { storeError } from '../errors.ts';
import {
  aboutName,
  manifestName,
  readAbout,
  readManifest,
  type BackupAbout,
  type BackupManifest,
} from './backupContents.ts';

/** A backup of which every byte was read and found as it was written. */
export interface VerifiedBackup {
  readonly path: string;
  readonly about: BackupAbout;
  readonly manifest: BackupManifest;
}

/** Most bytes of what is read whole: the two lists of a backup, and a configuration. */
const wholeBytesMax = 64 * 1024 * 1024;

/** Reads a small file of a backup whole. @throws CodedError backup_damaged */
export const wholeText = async (path: string, { name, bytes, body }: ArchiveEntry): Promise<string> => {
  if (bytes > wholeBytesMax) throw storeError('backup_damaged', `${path} is damaged: ${name} is far too large.`);
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

const hashed = async ({ name, bytes, body }: ArchiveEntry): Promise<ArchivedFile> => {
  const hash = createHash('sha256');
  for await (const part of body) hash.update(part);
  return { name, bytes, sha256: hash.digest('hex') };
};

const sameFile = (one: ArchivedFile, other: ArchivedFile | undefined): boolean =>
  other !== undefined && one.name === other.name && one.bytes === other.bytes && one.sha256 === other.sha256;

/**
 * Reads a backup from its first byte to its last, and holds it against its manifest.
 * @throws CodedError backup_damaged, backup_newer
 */
export const verifyBackup = async (path: string): Promise<VerifiedBackup> => {
  const found: ArchivedFile[] = [];
  let about: BackupAbout | null = null;
  let manifest: BackupManifest | null = null;
  for await (const entry of readArchive(path)) {
    if (manifest !== null) throw storeError('backup_damaged', `${path} is damaged: something follows its manifest.`);
    if (found.length === 0) {
      if (entry.name !== aboutName)
        throw storeError('backup_damaged', `${path} is no backup: it begins with ${entry.name}.`);
      const text = await wholeText(path, entry);
      about = readAbout(path, text);
      found.push({ name: entry.name, bytes: entry.bytes, sha256: createHash('sha256').update(text).digest('hex') });
    } else if (entry.name === manifestName) manifest = readManifest(path, await wholeText(path, entry));
    else found.push(await hashed(entry));
  }
  if (about === null || manifest === null)
    throw storeError('backup_damaged', `${path} is not whole: it has no manifest at its end.`);
  const { files } = manifest;
  const wrong = found.find((file, index) => !sameFile(file, files[index])) ?? files[found.length];
  if (wrong !== undefined)
    throw storeError('backup_damaged', `${path} is damaged: ${wrong.name} is not as it was written.`);
  return { path, about, manifest };
};
