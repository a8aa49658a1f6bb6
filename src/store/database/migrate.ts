import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import type { Database, Queries } from './Database.ts';

/** One step of the schema: forward only, never edited once applied. */
export interface Migration {
  readonly number: number;
  /** "0001_ledger". */
  readonly name: string;
  readonly sql: string;
}

export interface MigrationReport {
  /** Number of the newest migration in the database now. */
  readonly version: number;
  /** Names of those applied by this call. */
  readonly applied: readonly string[];
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;
const migrationsDirectory = join(import.meta.dirname, '..', 'migrations');

/** Reads the migrations that this program brings. */
export const readMigrations = async (directory: string = migrationsDirectory): Promise<readonly Migration[]> => {
  const names = (await readdir(directory)).filter((name) => fileName.test(name)).toSorted();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(fileName.exec(name)?.[1]);
      assert(number === index + 1, `migrations are numbered without a gap: ${name}`);
      return { number, name: name.slice(0, -'.sql'.length), sql: await readFile(join(directory, name), 'utf8') };
    }),
  );
};

const checksum = (sql: string): string => createHash('sha256').update(sql).digest('hex');

/** A migration as a database, or a backup of one, tells of it. */
export interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Holds what was applied to a database against what this program brings. @throws CodedError database_newer, migration_changed */
export const checkApplied = (applied: readonly AppliedRow[], migrations: readonly Migration[]): void => {
  const newest = migrations.at(-1)?.number ?? 0;
  const found = applied.at(-1)?.number ?? 0;
  if (found > newest) {
    throw storeError(
      'database_newer',
      `The database is at migration ${found}, this program knows ${newest}. Start the newer version of the program that migrated it, or ` +
        'restore a backup of the database from before the upgrade.',
    );
  }
  for (const row of applied) {
    const mine = migrations[row.number - 1];
    if (!mine || checksum(mine.sql) !== row.checksum) {
      throw storeError(
        'migration_changed',
        `Migration ${row.name} was applied with other contents than this program brings. Use the version of the program that made this ` +
          'database, or report the changed file; applied migrations are never edited.',
      );
    }
  }
};

const apply = async (queries: Queries, migration: Migration): Promise<void> => {
  await queries.query('BEGIN');
  try {
    await queries.query(migration.sql);
    await queries.query('INSERT INTO archipel.migration (number, name, checksum) VALUES ($1, $2, $3)', [
      migration.number,
      migration.name,
      checksum(migration.sql),
    ]);
    await queries.query('COMMIT');
  } catch (error) {
    await queries.query('ROLLBACK').catch(() => []);
    throw error;
  }
};

const appliedMigrations = 'SELECT number, name, checksum FROM archipel.migration ORDER BY number';

/**
 * Whether the schema is already what this program needs. Changes nothing.
 * @throws CodedError database_newer, migration_changed, database_unavailable
 */
export const isMigrated = async (queries: Queries, migrations?: readonly Migration[]): Promise<boolean> => {
  const wanted = migrations ?? (await readMigrations());
  const [table] = await queries.query<{ is_there: boolean }>(
    "SELECT to_regclass('archipel.migration') IS NOT NULL AS is_there",
  );
  if (table?.is_there !== true) return false;
  const applied = await queries.query<AppliedRow>(appliedMigrations);
  checkApplied(applied, wanted);
  return applied.length === wanted.length;
};

/**
 * Brings the schema to what this program needs. Replicas that start together wait for each other (at most a minute); each migration
 * is applied whole or not at all. Where somebody reads or writes a table for longer than five seconds it gives up, since all others wait behind it.
 * @throws CodedError database_newer, migration_changed, database_unavailable
 */
export const migrate = async (database: Database, migrations?: readonly Migration[]): Promise<MigrationReport> => {
  const wanted = migrations ?? (await readMigrations());
  return database.exclusive(async (queries) => {
    await queries.query("SET lock_timeout = '60s'");
    await queries.query("SELECT pg_advisory_lock(hashtext('archipel.migrate'))");
    await queries.query("SET lock_timeout = '5s'");
    await queries.query('CREATE SCHEMA IF NOT EXISTS archipel');
    await queries.query(`CREATE TABLE IF NOT EXISTS archipel.migration (
      number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
    )`);
    const there = await queries.query<AppliedRow>(appliedMigrations);
    checkApplied(there, wanted);
    const missing = wanted.slice(there.length);
    for (const migration of missing) await apply(queries, migration);
    return { version: wanted.length, applied: missing.map((migration) => migration.name) };
  });
};
