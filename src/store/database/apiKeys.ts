import pg from 'pg';
import { storeError } from '../errors.ts';
import { keepAudit } from './audit.ts';
import type { Database, Queries } from './Database.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A key that was made over the API. The key itself is nowhere, only its hash. */
export interface ApiKey {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  /** SHA-256 of the key, lower-case hexadecimal. */
  readonly hash: string;
  /** Its first characters, for people. */
  readonly hint: string;
  readonly team: string;
  /** Models that it may use; null for all of its team. */
  readonly models: readonly string[] | null;
  readonly expiresAtMs: number | null;
  readonly budget: JsonObject | null;
  readonly limits: JsonObject | null;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
  /** Id of the key that took its name over. */
  readonly replacedBy: string | null;
}

export type NewApiKey = Omit<ApiKey, 'id' | 'revokedAtMs' | 'replacedBy'>;

/** Who changes something, and when (Unix milliseconds). */
export interface Change {
  readonly actor: string;
  readonly atMs: number;
}

interface KeyRow {
  readonly key_id: string;
  readonly organisation_id: string;
  readonly name: string;
  readonly hash: string;
  readonly hint: string;
  readonly team: string;
  readonly models: readonly string[] | null;
  readonly expires_at: Date | null;
  readonly budget: JsonObject | null;
  readonly limits: JsonObject | null;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly replaced_by: string | null;
}

const keyOf = (row: KeyRow): ApiKey => ({
  id: row.key_id,
  organisation: row.organisation_id,
  name: row.name,
  hash: row.hash,
  hint: row.hint,
  team: row.team,
  models: row.models,
  expiresAtMs: row.expires_at?.getTime() ?? null,
  budget: row.budget,
  limits: row.limits,
  createdAtMs: row.created_at.getTime(),
  revokedAtMs: row.revoked_at?.getTime() ?? null,
  replacedBy: row.replaced_by,
});

const instant = (ms: number): string => new Date(ms).toISOString();
const instantOrNull = (ms: number | null): string | null => (ms === null ? null : instant(ms));
const jsonOrNull = (value: JsonObject | null): string | null => (value === null ? null : JSON.stringify(value));

const insertRow = async (queries: Queries, id: string, key: NewApiKey): Promise<ApiKey> => {
  const [row] = await queries.query<KeyRow>(
    `INSERT INTO archipel.api_key
       (organisation_id, key_id, name, hash, hint, team, models, expires_at, budget, limits, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     RETURNING *`,
    [
      key.organisation,
      id,
      key.name,
      key.hash,
      key.hint,
      key.team,
      key.models,
      instantOrNull(key.expiresAtMs),
      jsonOrNull(key.budget),
      jsonOrNull(key.limits),
      instant(key.createdAtMs),
    ],
  );
  if (!row) throw new Error('an insert gives its row back');
  return keyOf(row);
};

const nameIsTaken = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'api_key_name';

const unknownKey = (organisation: string, name: string): Error =>
  storeError('key_unknown', `There is no live key named ${JSON.stringify(name)} in ${organisation}.`);

/** All keys, also revoked and replaced ones, by name and age. @param organisation all organisations when absent. */
export const listKeys = async (queries: Queries, organisation?: string): Promise<readonly ApiKey[]> => {
  const rows = await queries.query<KeyRow>(
    `SELECT * FROM archipel.api_key WHERE $1::text IS NULL OR organisation_id = $1
     ORDER BY organisation_id, name, created_at, key_id`,
    [organisation ?? null],
  );
  return rows.map(keyOf);
};

/**
 * What says that keys have changed, without reading them: keys are added, revoked and replaced, and nothing of that is ever undone. Counted from
 * what is committed, so a mark never runs ahead of the keys that it stands for.
 */
export const keysMark = async (queries: Queries): Promise<string> => {
  const [row] = await queries.query<{ added: string; revoked: string; replaced: string }>(
    'SELECT count(*) AS added, count(revoked_at) AS revoked, count(replaced_by) AS replaced FROM archipel.api_key',
  );
  return markOf(Number(row?.added), Number(row?.revoked), Number(row?.replaced));
};

/** The mark of keys that were read. */
export const markOfKeys = (keys: readonly ApiKey[]): string =>
  markOf(
    keys.length,
    keys.filter(({ revokedAtMs }) => revokedAtMs !== null).length,
    keys.filter(({ replacedBy }) => replacedBy !== null).length,
  );

const markOf = (added: number, revoked: number, replaced: number): string => `${added}/${revoked}/${replaced}`;

/** Adds a key. @throws CodedError key_name_taken, database_unavailable */
export const insertKey = (database: Database, key: NewApiKey, change: Change): Promise<ApiKey> =>
  database.transaction(async (queries) => {
    try {
      const inserted = await insertRow(queries, crypto.randomUUID(), key);
      await keepAudit(queries, key.organisation, {
        ...change,
        action: 'key.create',
        subject: key.name,
        detail: { id: inserted.id, team: key.team },
      });
      return inserted;
    } catch (error) {
      if (!nameIsTaken(error)) throw error;
      throw storeError(
        'key_name_taken',
        `There is already a key named ${JSON.stringify(key.name)} in ${key.organisation}; the name of a revoked key stays taken.`,
      );
    }
  });

/** Revokes a key, and predecessors of its name that were still in their grace. @throws CodedError key_unknown, database_unavailable */
export const revokeKey = (database: Database, organisation: string, name: string, change: Change): Promise<void> =>
  database.transaction(async (queries) => {
    const revoked = await queries.query<{ key_id: string }>(
      `UPDATE archipel.api_key SET revoked_at = $3
       WHERE organisation_id = $1 AND name = $2 AND revoked_at IS NULL RETURNING key_id`,
      [organisation, name, instant(change.atMs)],
    );
    if (revoked.length === 0) throw unknownKey(organisation, name);
    const detail = { ids: revoked.map((row) => row.key_id) };
    await keepAudit(queries, organisation, { ...change, action: 'key.revoke', subject: name, detail });
  });

/** A rotation: what the new key is, and how long the old one still works. */
export interface Replacement {
  readonly organisation: string;
  readonly name: string;
  readonly hash: string;
  readonly hint: string;
  readonly graceMs: number;
}

/** Gives a name a new key with the same rights; the old one ends after the grace. @throws CodedError key_unknown, database_unavailable */
export const replaceKey = (database: Database, replacement: Replacement, change: Change): Promise<ApiKey> =>
  database.transaction(async (queries) => {
    const { organisation, name, hash, hint, graceMs } = replacement;
    const id = crypto.randomUUID();
    const [old] = await queries.query<KeyRow>(
      `SELECT * FROM archipel.api_key
       WHERE organisation_id = $1 AND name = $2 AND revoked_at IS NULL AND replaced_by IS NULL FOR UPDATE`,
      [organisation, name],
    );
    if (!old) throw unknownKey(organisation, name);
    await queries.query(
      `UPDATE archipel.api_key SET replaced_by = $3, expires_at = least(expires_at, $4::timestamptz)
       WHERE organisation_id = $1 AND key_id = $2`,
      [organisation, old.key_id, id, instant(change.atMs + graceMs)],
    );
    const fresh = await insertRow(queries, id, { ...keyOf(old), hash, hint, createdAtMs: change.atMs });
    const detail = { id, replaces: old.key_id, graceMs };
    await keepAudit(queries, organisation, { ...change, action: 'key.rotate', subject: name, detail });
    return fresh;
  });
