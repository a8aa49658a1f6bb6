import type { Readiness, ReadinessReason } from '../http/index.ts';

/** Something that has gone on since a moment. Unix milliseconds. */
interface Since {
  readonly message: string;
  readonly sinceMs: number;
}

/** What may keep requests from being served, or their records from the database, and what is not as it should be. */
export interface Hindrances {
  readonly draining: boolean;
  /** Why the spool takes no records, or null. */
  readonly spool: string | null;
  /** Why records do not reach the database, and how many wait, or null. */
  readonly database: (Since & { readonly records: number }) | null;
  /** Why the database that answers must not be used, or null: people must mend it. */
  readonly unfit: Since | null;
  /** When what is served from was last known, while the database has not said whether it is still so; null once it has. */
  readonly keptFrom: { readonly writtenAtMs: number | null } | null;
  /** Whether the keys made over the API are known. */
  readonly areKeysKnown: boolean;
  /** Budgets of which nobody knows what they have spent. */
  readonly unknownBudgets: number;
  /** Why a start without the database would have to go by what is old, or null. */
  readonly unkept: Since | null;
  /** Free bytes of the disk that the data dir lies on. */
  readonly freeBytes: number;
  /** Why the configuration file is not what is in force, or null. */
  readonly refused: Since | null;
  /** How other replicas differ from this one, or null. */
  readonly differences: Since | null;
  /** A live drill that is under way, or null. */
  readonly drill: Since | null;
  /** Caps on dependence that are crossed, or null. */
  readonly capsCrossed: Since | null;
  /** Whether there are sites whose jobs this process does not run. */
  readonly jobsElsewhere: boolean;
}

/** Below this much room on the disk its end is near: less than a quarter of what the spool may take while the database is away. */
export const freeBytesLow = 1024 ** 3;

/** A reason is read on one screen: the log has all of it. */
const reasonCharactersMax = 500;

const cut = (text: string): string =>
  text.length <= reasonCharactersMax ? text : `${text.slice(0, reasonCharactersMax)}...`;

type Told = Omit<ReadinessReason, 'code' | 'keepsAway' | 'sinceMs'> & { readonly sinceMs?: number };

/** Only what keeps requests from being served keeps balancers away: elsewhere it would be no better, or there is no elsewhere. */
const keepingAway: ReadonlySet<string> = new Set(['shutting_down', 'spool_refuses']);

const said = (code: string, told: Told | null): readonly ReadinessReason[] =>
  told === null
    ? []
    : [{ code, message: cut(told.message), sinceMs: told.sinceMs ?? null, keepsAway: keepingAway.has(code) }];

const when = (holds: boolean, message: string): Told | null => (holds ? { message } : null);

const prefixed = (prefix: string, since: Since | null): Told | null =>
  since === null ? null : { ...since, message: `${prefix}: ${since.message}` };

const keptMessage = (writtenAtMs: number | null): string =>
  writtenAtMs === null
    ? 'nothing is known of what was spent before: there was no database and nothing kept on disk'
    : `balances and keys are those kept on disk at ${new Date(writtenAtMs).toISOString()} and what was spent since, until the database has confirmed them`;

/**
 * Whether balancers should send requests here, and all that is not as it should be. While the database is away, or the file has faults, requests are served:
 * that alone does not keep them away.
 */
export const readinessOf = (hindrances: Hindrances): Readiness => {
  const { draining, spool, database, unfit, keptFrom, areKeysKnown, unknownBudgets, freeBytes } = hindrances;
  const waiting = database === null ? '' : ` (${database.records} of them)`;
  const details = [
    said('shutting_down', when(draining, 'the server is shutting down')),
    said('spool_refuses', spool === null ? null : { message: `the spool takes no new work: ${spool}` }),
    said('database_away', prefixed(`records wait for the database${waiting}`, database)),
    said('database_unfit', prefixed('the database must not be used by this program', unfit)),
    said('kept_state', keptFrom === null ? null : { message: keptMessage(keptFrom.writtenAtMs) }),
    said('keys_unknown', when(!areKeysKnown, 'keys made over the API are refused with 503: nobody knows them yet')),
    said(
      'budgets_unknown',
      when(unknownBudgets > 0, `${unknownBudgets} budgets are not known; requests on a hard one are refused with 503`),
    ),
    said('kept_state_old', prefixed('what a start without the database needs cannot be written', hindrances.unkept)),
    said(
      'disk_nearly_full',
      when(freeBytes < freeBytesLow, `the disk has ${Math.floor(freeBytes / 1024 ** 2)} MiB left`),
    ),
    said(
      'configuration_refused',
      prefixed('the configuration file is refused, the last one stays in force', hindrances.refused),
    ),
    said('mixed_fleet', prefixed('replicas differ', hindrances.differences)),
    said('drill_under_way', hindrances.drill),
    said('caps_crossed', hindrances.capsCrossed),
    said('jobs_elsewhere', when(hindrances.jobsElsewhere, 'the jobs are not run by this process')),
  ].flat();
  return {
    ready: !details.some(({ keepsAway }) => keepsAway),
    reasons: details.map(({ message }) => message),
    details,
  };
};
