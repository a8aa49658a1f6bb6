import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readArchive, type ArchiveEntry } from '../archive/index.ts';
import { databaseLimits, type Database, type CopySession } from '../database/Database.ts';
import { checkApplied, migrate, readMigrations, type Migration } from '../database/migrate.ts';
import { openBooks } from '../database/openBooks.ts';
import { storeError } from '../errors.ts';
import { checkpointName, configurationName } from './backupContents.ts';
import { storedTables, type StoredTable } from './StoredTable.ts';
import { wholeText, type VerifiedBackup } from './verifyBackup.ts';
import { plainForms } from './writeBackup.ts';

const segmentName = /^spool\/(segment-\d{12}\.spool)$/;
const tablePart = /^database\/([a-z0-9_]+)\.\d{6}$/;

const damaged = (path: string, why: string): Error => storeError('backup_damaged', `${path} is damaged: ${why}.`);

/** The configuration file that a backup holds; null for one of the sandbox. */
export const configurationIn = async ({ path }: VerifiedBackup): Promise<string | null> => {
  let text: string | null = null;
  for await (const entry of readArchive(path))
    if (entry.name === configurationName) text = await wholeText(path, entry);
  return text;
};

/** Writes the spool of a backup into a folder that is made for it. */
export const restoreSpool = async ({ path }: VerifiedBackup, directory: string, signal: AbortSignal): Promise<void> => {
  await mkdir(directory, { mode: 0o700 });
  for await (const entry of readArchive(path)) {
    const segment = segmentName.exec(entry.name)?.[1];
    if (segment !== undefined) {
      const file = createWriteStream(join(directory, segment), { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(entry.body, file, { signal });
    } else if (entry.name === checkpointName)
      await writeFile(join(directory, 'checkpoint.json'), await wholeText(path, entry), { mode: 0o600, flush: true });
  }
};

/** The parts of tables in the order of a backup: those of one table follow each other. */
class TableParts {
  readonly #entries: AsyncIterator<ArchiveEntry>;
  readonly #signal: AbortSignal;
  #next: { readonly table: string; readonly body: AsyncIterable<Buffer> } | null = null;

  constructor(path: string, signal: AbortSignal) {
    this.#entries = readArchive(path);
    this.#signal = signal;
  }

  /** Name of the table whose part comes next, or null at the end. */
  async table(): Promise<string | null> {
    while (this.#next === null) {
      const entry = await this.#entries.next();
      if (entry.done === true) return null;
      const table = tablePart.exec(entry.value.name)?.[1];
      if (table !== undefined) this.#next = { table, body: entry.value.body };
    }
    return this.#next.table;
  }

  /** All bytes of the table whose part comes next. */
  async *bytes(): AsyncGenerator<Buffer> {
    const table = await this.table();
    while (this.#next !== null && (await this.table()) === table) {
      const { body } = this.#next;
      for await (const chunk of body) {
        this.#signal.throwIfAborted();
        yield chunk;
      }
      this.#next = null;
      await this.table();
    }
  }

  async close(): Promise<void> {
    await this.#entries.return?.();
  }
}

/** Tables without rows may be there: a restore that was cut off leaves them. @throws CodedError database_not_empty */
const refuseRecords = async (session: CopySession): Promise<void> => {
  for (const { name, anyRow } of await storedTables(session)) {
    const [row] = await session.query<{ there: boolean }>(anyRow);
    if (row?.there !== false)
      throw storeError('database_not_empty', `The database has records already, in archipel.${name}.`);
  }
};

/** The table that a backup calls so, with the very columns that it has there. */
const tableNamed = ({ path, about }: VerifiedBackup, tables: readonly StoredTable[], name: string): StoredTable => {
  const table = tables.find((one) => one.name === name);
  const written = about.tables.find((one) => one.name === name);
  if (table === undefined || written === undefined || written.columns.join() !== table.columns.join())
    throw damaged(path, `its table ${name} is not the one of its migrations`);
  return table;
};

/**
 * Loads lines that do not sum to zero as they are, so that `ledger verify` can tell of them: a ledger with one such journal could not be restored otherwise.
 */
const withoutBalance = async (
  session: CopySession,
  tables: readonly StoredTable[],
  load: () => Promise<void>,
): Promise<void> => {
  const isBooked = tables.some(({ name }) => name === 'journal_line');
  if (isBooked) await session.query('ALTER TABLE ONLY archipel.journal_line DISABLE TRIGGER balanced');
  await load();
  if (isBooked) await session.query('ALTER TABLE ONLY archipel.journal_line ENABLE TRIGGER balanced');
};

const loadTables = async (
  session: CopySession,
  backup: VerifiedBackup,
  tables: readonly StoredTable[],
  signal: AbortSignal,
): Promise<void> => {
  const parts = new TableParts(backup.path, signal);
  try {
    for (let name = await parts.table(); name !== null; name = await parts.table()) {
      const { copyIn, moveCounters } = tableNamed(backup, tables, name);
      const rows = await session.copyIn(copyIn, parts.bytes());
      if (rows !== backup.manifest.rows[name]) throw damaged(backup.path, `its table ${name} has ${rows} rows`);
      if (moveCounters !== null) await session.query(moveCounters);
    }
  } finally {
    await parts.close();
  }
};

/** The migrations that the database of a backup had. @throws CodedError backup_newer, backup_damaged, migration_changed */
const migrationsOf = ({ path, about }: VerifiedBackup, known: readonly Migration[]): readonly Migration[] => {
  const newest = about.migrations.at(-1)?.number ?? 0;
  if (newest > known.length)
    throw storeError('backup_newer', `${path} is at migration ${newest}, this program knows ${known.length}.`);
  if (about.migrations.some(({ number }, index) => number !== index + 1))
    throw damaged(path, 'its migrations have gaps');
  checkApplied(about.migrations, known);
  return known.slice(0, newest);
};

/** Refuses, before anything is written, what this program cannot read. @throws CodedError backup_newer, migration_changed */
export const checkMigrations = async (backup: VerifiedBackup): Promise<void> => {
  migrationsOf(backup, await readMigrations());
};

/**
 * Fills an empty database with the tables of a backup, all of them in one transaction: first under the migrations that they were written
 * under, then the later ones are applied, and what they leave to be booked is.
 * @throws CodedError database_not_empty, backup_newer, backup_damaged, database_unavailable; the signal's reason.
 */
export const restoreDatabase = async (
  database: Database,
  backup: VerifiedBackup,
  signal: AbortSignal,
): Promise<void> => {
  const known = await readMigrations();
  const session = await database.session({ purpose: 'restore', queryMs: databaseLimits.copyMs });
  try {
    await session.query(plainForms);
    await refuseRecords(session);
    await migrate(database, migrationsOf(backup, known));
    const tables = await storedTables(session);
    await session.query('BEGIN');
    for (const month of backup.about.months) await session.query('SELECT archipel.ensure_month($1::date)', [month]);
    await withoutBalance(session, tables, () => loadTables(session, backup, tables, signal));
    await session.query('COMMIT');
  } finally {
    await session.end();
  }
  await migrate(database, known);
  await openBooks(database, signal);
};
