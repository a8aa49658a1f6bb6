import { opendir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ArchiveWriter } from '../archive/index.ts';
import { databaseLimits, type Database, type CopySession } from '../database/Database.ts';
import { storedMonths } from '../database/storedMonths.ts';
import { storeError } from '../errors.ts';
import {
  aboutName,
  backupFormat,
  checkpointName,
  configurationName,
  jobsListName,
  manifestName,
  type BackupAbout,
  type BackupManifest,
} from './backupContents.ts';
import { SpoolSnapshot } from './SpoolSnapshot.ts';
import { storedTables, type StoredTable } from './StoredTable.ts';

export interface BackupOptions {
  /** Where it is written; nothing may be there. */
  readonly path: string;
  readonly database: Database;
  readonly spoolDirectory: string;
  /** Where the store of jobs lies; its files are listed, not copied. */
  readonly jobsDirectory: string;
  /** Text of the configuration file; null for the sandbox. */
  readonly configuration: string | null;
  readonly program: string;
  readonly nowMs: number;
  /** Ends it early; nothing is left then. */
  readonly signal: AbortSignal;
}

/** What a backup holds. */
export interface BackupSummary {
  readonly path: string;
  readonly bytes: number;
  readonly madeAt: string;
  /** Number of the newest migration of the database. */
  readonly migration: number;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly spoolSegments: number;
  readonly spoolBytes: number;
  /** Files of the jobs' store that are listed and not in it. */
  readonly jobFiles: number;
}

/** How often the beginning is tried again where the spool moved on by more than it keeps while it was looked at. */
const beginningsMax = 5;
/** Files of the jobs' store that are listed at most. */
const jobFilesMax = 100_000;

interface Fixed {
  readonly spool: SpoolSnapshot;
  readonly tables: readonly StoredTable[];
  readonly months: readonly string[];
  readonly migrations: BackupAbout['migrations'];
}

const selectMigrations = 'SELECT number, name, checksum FROM archipel.migration ORDER BY number';

/** Fixes one moment of spool and database. In the session a transaction is open afterwards that sees nothing later. */
const fixMoment = async (session: CopySession, spoolDirectory: string): Promise<Fixed> => {
  for (let beginning = 1; beginning <= beginningsMax; beginning++) {
    const spool = await SpoolSnapshot.begin(spoolDirectory);
    try {
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const migrations = await session.query<BackupAbout['migrations'][number]>(selectMigrations);
      if (await spool.take()) {
        const [tables, months] = [await storedTables(session), await storedMonths(session)];
        return { spool, tables, months, migrations: [...migrations] };
      }
      await session.query('ROLLBACK');
    } catch (error) {
      await spool.release();
      throw error;
    }
    await spool.release();
  }
  throw storeError('database_unavailable', 'The spool moves on faster than it can be held; try again in a moment.');
};

/** Every file of the jobs' store with its size, a line each. Folders are read one by one, so that a large store fills no memory. */
async function* jobLines(directory: string, counted: { files: number }): AsyncGenerator<Buffer> {
  const folder = await opendir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (folder === null) return;
  for await (const entry of folder) {
    if (!entry.isFile()) continue;
    if (counted.files === jobFilesMax) return;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => null);
    // Deleted since it was listed.
    if (found === null) continue;
    counted.files += 1;
    const line = { path: relative(directory, path), bytes: found.size, modified: found.mtime.toISOString() };
    yield Buffer.from(`${JSON.stringify(line)}\n`);
  }
}

/** The same texts for the same values whatever a database is set to. */
export const plainForms = `
SET client_encoding = 'UTF8'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET timezone = 'UTC';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`;

async function* untilAborted(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}

const fill = async (
  writer: ArchiveWriter,
  session: CopySession,
  options: BackupOptions,
): Promise<Omit<BackupSummary, 'bytes'>> => {
  const { configuration, program, nowMs, signal } = options;
  const { spool, tables, months, migrations } = await fixMoment(session, options.spoolDirectory);
  try {
    const madeAt = new Date(nowMs).toISOString();
    const about: BackupAbout = {
      format: backupFormat,
      program,
      madeAt,
      sandbox: configuration === null,
      migrations,
      months: [...months],
      tables: tables.map(({ name, columns }) => ({ name, columns: [...columns] })),
    };
    await writer.add(aboutName, JSON.stringify(about, null, 2));
    if (configuration !== null) await writer.add(configurationName, configuration);
    if (spool.checkpointText !== null) await writer.add(checkpointName, spool.checkpointText);
    for (const { name, bytes } of spool.segments)
      await writer.addSized(`spool/${name}`, bytes, untilAborted(spool.bytesOf(name), signal));
    const rows: Record<string, number> = {};
    for (const { name, copyOut } of tables) {
      const copied = session.copyOut(copyOut);
      await writer.addParts(`database/${name}`, untilAborted(copied, signal));
      rows[name] = copied.rows;
    }
    const counted = { files: 0 };
    await writer.addParts(jobsListName, untilAborted(jobLines(options.jobsDirectory, counted), signal));
    const manifest: BackupManifest = { files: [...writer.files], rows };
    await writer.add(manifestName, JSON.stringify(manifest, null, 2));
    return {
      path: writer.path,
      madeAt,
      migration: migrations.at(-1)?.number ?? 0,
      rows,
      spoolSegments: spool.segments.length,
      spoolBytes: spool.segments.reduce((sum, { bytes }) => sum + bytes, 0),
      jobFiles: counted.files,
    };
  } finally {
    await spool.release();
  }
};

/**
 * Writes one moment of database and spool into one file, whole or not at all; the program may be serving meanwhile. Memory stays flat
 * however large the tables are.
 * @throws CodedError archive_exists, database_unavailable; the signal's reason.
 */
export const writeBackup = async (options: BackupOptions): Promise<BackupSummary> => {
  const writer = await ArchiveWriter.create(options.path, options.nowMs);
  try {
    const session = await options.database.session({ purpose: 'backup', queryMs: databaseLimits.copyMs });
    try {
      await session.query(plainForms);
      const summary = await fill(writer, session, options);
      return { ...summary, bytes: await writer.finish() };
    } finally {
      await session.end();
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
};
