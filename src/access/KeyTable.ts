import { failure, startOfDayMs, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { noRates, type Rates, type RoutePolicy } from '../vocabulary/index.ts';
import { hashKey } from './key.ts';
import type { Role } from './rights.ts';
import type { AdminKeyConfiguration, BudgetConfiguration, KeyConfiguration, NamedBudget } from './schema.ts';

/** Who a key speaks for. */
export interface Principal {
  /** SHA-256 of the key in lower-case hexadecimal: what tables know it by, and all that is kept of it. */
  readonly hash: string;
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
  /** Whether its team has left the configuration, or its organisation: nobody's budget stands over it any more. */
  readonly orphaned: boolean;
  readonly budget: BudgetConfiguration | null;
  /** Further ones; absent: none. */
  readonly budgets?: readonly NamedBudget[];
  /** Of each of its end users; null or absent: none. */
  readonly endUserBudget?: BudgetConfiguration | null;
  readonly limits: Rates;
  /** Of its requests; null or absent: it says nothing of its own. */
  readonly policy?: RoutePolicy | null;
  readonly managedBy: 'file' | 'api';
  /** What it may do on the control plane; null for keys of the data plane. */
  readonly role: Role | null;
  /** Teams that an operator is limited to; null: to none. */
  readonly onlyTeams: readonly string[] | null;
}

/** SHA-256 of a key in hexadecimal -> who it speaks for. Control and data plane have a table each. */
export type KeyTable = ReadonlyMap<string, Principal>;

/** Two keys that cannot stand in one table. */
export interface KeyClash {
  readonly kind: 'name' | 'hash';
  /** Name of the second key. */
  readonly key: string;
}

/** Why a credential was not accepted; the client is told `invalid_key` for all of them. */
export type RefusedCredential = 'unknown' | 'expired' | 'revoked' | 'orphaned';

/** Builds a table; a name or a hash that stands twice refuses the whole, since whose budget would count is nobody's guess. */
export const makeKeyTable = (principals: Iterable<Principal>): Result<KeyTable, KeyClash> => {
  const table = new Map<string, Principal>();
  const names = new Set<string>();
  for (const principal of principals) {
    if (names.has(principal.key)) return failure({ kind: 'name', key: principal.key });
    if (table.has(principal.hash)) return failure({ kind: 'hash', key: principal.key });
    names.add(principal.key);
    table.set(principal.hash, principal);
  }
  return success(table);
};

/**
 * Finds who the key of a hash speaks for now: at the beginning of a request, and again while it runs.
 * @param nowMs Unix milliseconds.
 */
export const lookUp = (table: KeyTable, hash: string, nowMs: number): Result<Principal, RefusedCredential> => {
  const principal = table.get(hash);
  if (principal === undefined) return failure('unknown');
  if (principal.revokedAtMs !== null && nowMs >= principal.revokedAtMs) return failure('revoked');
  if (principal.expiresAtMs !== null && nowMs >= principal.expiresAtMs) return failure('expired');
  return principal.orphaned ? failure('orphaned') : success(principal);
};

/**
 * Finds who a credential speaks for. The look-up is by the hash, so its time tells nothing about the key: whoever guesses at it chooses a text, not
 * the digits that are compared.
 * @param nowMs Unix milliseconds.
 */
export const authenticate = (
  table: KeyTable,
  credential: string,
  nowMs: number,
): Result<Principal, RefusedCredential> => lookUp(table, hashKey(credential), nowMs);

/** Whether a principal may use a logical model. */
export const mayUseModel = (principal: Principal, model: string): boolean =>
  principal.models === null || principal.models.includes(model);

/**
 * Who the file's keys of the data plane speak for.
 * @param teams Each team's organisation.
 * @param timeZone Where the day of `expires` begins.
 */
export const principalsOfKeys = (
  keys: readonly KeyConfiguration[],
  teams: ReadonlyMap<string, { readonly organisation: string }>,
  timeZone: string,
): readonly Principal[] =>
  keys.map((key) => ({
    hash: key.hash,
    organisation: teams.get(key.team)?.organisation ?? 'default',
    team: key.team,
    key: key.name,
    models: key.models,
    expiresAtMs: key.expires === null ? null : startOfDayMs(key.expires, timeZone),
    revokedAtMs: null,
    orphaned: false,
    budget: key.budget,
    budgets: key.budgets,
    endUserBudget: key.endUserBudget,
    limits: key.limits,
    policy: key.policy,
    managedBy: 'file',
    role: null,
    onlyTeams: null,
  }));

/** Whoever has this key of the control plane. */
export const operatorPrincipal = ({ name, hash, role, teams }: AdminKeyConfiguration): Principal => ({
  hash,
  organisation: 'default',
  team: 'operators',
  key: name,
  models: [],
  expiresAtMs: null,
  revokedAtMs: null,
  orphaned: false,
  budget: null,
  limits: noRates,
  managedBy: 'file',
  role,
  onlyTeams: teams,
});
