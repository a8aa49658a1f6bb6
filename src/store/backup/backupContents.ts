import { z } from 'zod';
import { storeError } from '../errors.ts';

/** Version of the form of backups that this program writes, and the newest that it reads. */
export const backupFormat = 1;

/** First file of a backup: what it was made of. */
export const aboutName = 'backup.json';
/** Last file of a backup: what belongs to it. Without it a backup is not whole. */
export const manifestName = 'manifest.json';
export const configurationName = 'archipel.yaml';
export const jobsListName = 'jobs.jsonl';
export const checkpointName = 'spool/checkpoint.json';

const aboutSchema = z.object({
  format: z.literal(backupFormat),
  program: z.string(),
  madeAt: z.string(),
  /** Whether the sandbox was backed up, which has a corner of its own in its data dir. */
  sandbox: z.boolean(),
  migrations: z.array(z.object({ number: z.int().positive(), name: z.string(), checksum: z.string() })).min(1),
  months: z.array(z.string().regex(/^\d{4}-\d{2}-01$/)),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
});

const manifestSchema = z.object({
  files: z.array(z.object({ name: z.string(), bytes: z.int().nonnegative(), sha256: z.string() })),
  rows: z.record(z.string(), z.int().nonnegative()),
});

/** What a backup was made of. */
export type BackupAbout = Readonly<z.output<typeof aboutSchema>>;

/** Every file of a backup but the manifest itself, and the rows of each table. */
export type BackupManifest = Readonly<z.output<typeof manifestSchema>>;

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const damaged = (path: string, name: string): Error =>
  storeError('backup_damaged', `${path} is damaged: its ${name} cannot be read.`);

/** @throws CodedError backup_newer, backup_damaged */
export const readAbout = (path: string, text: string): BackupAbout => {
  const written = jsonIn(text);
  const format = typeof written === 'object' && written !== null && 'format' in written ? written.format : null;
  if (typeof format === 'number' && format > backupFormat)
    throw storeError('backup_newer', `${path} has the form ${format}, this program reads ${backupFormat}.`);
  const read = aboutSchema.safeParse(written);
  if (!read.success) throw damaged(path, aboutName);
  return read.data;
};

/** @throws CodedError backup_damaged */
export const readManifest = (path: string, text: string): BackupManifest => {
  const read = manifestSchema.safeParse(jsonIn(text));
  if (!read.success) throw damaged(path, manifestName);
  return read.data;
};
