import { failure, startOfDayMs, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { hashKey } from './key.ts';
import type { Role } from './rights.ts';
import type { AdminKeyConfiguration, BudgetConfiguration, KeyConfiguration } from './schema.ts';

/** Rates of a key; null where it has none. */
export interface KeyLimits {
  /** Requests a minute. */
  readonly rpm: number | null;
  /** Tokens a minute. */
  readonly tpm: number | null;
}

/** Who a key speaks for. */
export interface Principal {
  readonly organisation: string;
  readonly team: string;
  /** Name of the key, never the key. */
  readonly key: string;
  /** Models that it may use; null: all. */
  readonly models: readonly string[] | null;
  /** First instant at which it is no longer valid, in Unix milliseconds; null: never. */
  readonly expiresAtMs: number | null;
  /** When it was withdrawn, in Unix milliseconds; null: it was not. */
  readonly revokedAtMs: number | null;
  readonly budget: BudgetConfiguration | null;
  readonly limits: KeyLimits;
  readonly managedBy: 'file' | 'api';
  /** What it may do on the control plane; null for keys of the data plane. */
  readonly role: Role | null;
}

/** SHA-256 of a key in hexadecimal -> who it speaks for. Control and data plane have a table each. */
export type KeyTable = ReadonlyMap<string, Principal>;

/** One line of a table. */
export interface KeyEntry {
  readonly hash: string;
  readonly principal: Principal;
}

/** Two entries that cannot stand in one table. */
export interface KeyClash {
  readonly kind: 'name' | 'hash';
  /** Name of the second key. */
  readonly key: string;
}

/** Why a credential was not accepted; the client is told `invalid_key` for all of them. */
export type RefusedCredential = 'unknown' | 'expired' | 'revoked';

/** Builds a table; a name or a hash that stands twice refuses the whole, since whose budget would count is nobody's guess. */
export const makeKeyTable = (entries: Iterable<KeyEntry>): Result<KeyTable, KeyClash> => {
  const table = new Map<string, Principal>();
  const names = new Set<string>();
  for (const { hash, principal } of entries) {
    if (names.has(principal.key)) return failure({ kind: 'name', key: principal.key });
    if (table.has(hash)) return failure({ kind: 'hash', key: principal.key });
    names.add(principal.key);
    table.set(hash, principal);
  }
  return success(table);
};

/**
 * Finds who a credential speaks for. The look-up is by the hash, so its time tells nothing about the key.
 * @param nowMs Unix milliseconds.
 */
export const authenticate = (
  table: KeyTable,
  credential: string,
  nowMs: number,
): Result<Principal, RefusedCredential> => {
  const principal = table.get(hashKey(credential));
  if (principal === undefined) return failure('unknown');
  if (principal.revokedAtMs !== null && nowMs >= principal.revokedAtMs) return failure('revoked');
  if (principal.expiresAtMs !== null && nowMs >= principal.expiresAtMs) return failure('expired');
  return success(principal);
};

/** Whether a principal may use a logical model. */
export const mayUseModel = (principal: Principal, model: string): boolean =>
  principal.models === null || principal.models.includes(model);

/**
 * The file's keys of the data plane as entries.
 * @param teams Each team's organisation.
 * @param timeZone Where the day of `expires` begins.
 */
export const entriesOfKeys = (
  keys: readonly KeyConfiguration[],
  teams: ReadonlyMap<string, { readonly organisation: string }>,
  timeZone: string,
): readonly KeyEntry[] =>
  keys.map((key) => ({
    hash: key.hash,
    principal: {
      organisation: teams.get(key.team)?.organisation ?? 'default',
      team: key.team,
      key: key.name,
      models: key.models,
      expiresAtMs: key.expires === null ? null : startOfDayMs(key.expires, timeZone),
      revokedAtMs: null,
      budget: key.budget,
      limits: key.limits,
      managedBy: 'file',
      role: null,
    },
  }));

/** The file's keys of the control plane as entries. */
export const entriesOfAdminKeys = (keys: readonly AdminKeyConfiguration[]): readonly KeyEntry[] =>
  keys.map((key) => ({
    hash: key.hash,
    principal: {
      organisation: 'default',
      team: 'operators',
      key: key.name,
      models: [],
      expiresAtMs: null,
      revokedAtMs: null,
      budget: null,
      limits: { rpm: null, tpm: null },
      managedBy: 'file',
      role: key.role,
    },
  }));
