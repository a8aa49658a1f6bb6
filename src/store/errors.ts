import { CodedError, defineErrors } from '../kernel/index.ts';
import { ledgerErrors } from '../ledger/index.ts';

/** What can go wrong on disk and in the database. A status below 10 is the exit code of the command line. */
export const storeErrors = defineErrors({
  spool_damaged: {
    status: 2,
    retryable: false,
    what: 'A spool file is damaged in the middle: records that were safe on disk can no longer be read.',
    mend: 'Restore the named file from a backup. Without one: move the whole spool folder aside and start again; what it held beyond the database is then missing from the ledger until it is reconciled with the bills of the vendors.',
  },
  spool_newer: {
    status: 2,
    retryable: false,
    what: 'The spool was written by a newer version of the program.',
    mend: 'Start the newer version, let it drain the spool, then go back; or keep the newer version.',
  },
  spool_adopted: {
    status: 2,
    retryable: false,
    what: 'The spool was brought into the ledger by "archipel ledger adopt" and takes no records any more.',
    mend: 'Start on another data dir, or remove the spool folder of this one: its records are in the database.',
  },
  spool_missing: {
    status: 2,
    retryable: false,
    what: 'There is no spool in the folder that was to be adopted.',
    mend: 'Name the data dir of the server that is gone, or the spool folder in it.',
  },
  record_too_large: {
    status: 500,
    retryable: false,
    what: 'A record is larger than the spool takes.',
    mend: 'Report it with the size in the message; the limit is recordBytes of the spool.',
  },
  data_dir_live: {
    status: 2,
    retryable: false,
    what: 'The data dir is in use by another process.',
    mend: 'Stop that process (SIGTERM drains it) or give this one another data dir.',
  },
  data_dir_unreachable: {
    status: 2,
    retryable: false,
    what: 'The user that runs the embedded PostgreSQL cannot enter the data dir.',
    mend: 'Choose a data dir that the user can reach, such as /var/lib/archipel (--data-dir), or run the program as an ordinary user.',
  },
  postgres_missing: {
    status: 2,
    retryable: false,
    what: 'There is no embedded PostgreSQL for this machine.',
    mend: 'Install with optional dependencies (npm ci without --omit=optional) on Linux glibc or macOS, or set store.url to a PostgreSQL of your own.',
  },
  postgres_failed: {
    status: 1,
    retryable: true,
    what: 'The embedded PostgreSQL did not start or stop as it should.',
    mend: 'Read the end of its log, named in the message; then start again.',
  },
  postgres_version: {
    status: 2,
    retryable: false,
    what: 'The embedded data was made by another major version of PostgreSQL.',
    mend: 'Start the version of the program that made it, dump the database, and load it into a fresh data dir.',
  },
  database_unavailable: {
    status: 503,
    retryable: true,
    what: 'PostgreSQL does not answer.',
    mend: 'Bring PostgreSQL back; model calls go on meanwhile and their records wait in the spool.',
  },
  database_newer: {
    status: 2,
    retryable: false,
    what: 'The database was migrated by a newer version of the program.',
    mend: 'Start that newer version, or restore a backup of the database from before the upgrade.',
  },
  migration_changed: {
    status: 2,
    retryable: false,
    what: 'A migration that was already applied differs from the file in this program.',
    mend: 'Use the program version that made this database, or report the changed file; applied migrations are never edited.',
  },
  archive_exists: {
    status: 2,
    retryable: false,
    what: 'There is already a file where a backup or a bundle was to be written.',
    mend: 'Choose another name, or move the file away: nothing is ever written over.',
  },
  backup_damaged: {
    status: 2,
    retryable: false,
    what: 'A backup is not what it was when it was made, or was never whole.',
    mend: 'Use another backup; one that is whole ends with its manifest, and every file in it has the checksum that stands there.',
  },
  backup_newer: {
    status: 2,
    retryable: false,
    what: 'A backup was made by a newer version of the program.',
    mend: 'Restore it with that version or a later one.',
  },
  database_not_empty: {
    status: 2,
    retryable: false,
    what: 'The database that is to be restored into has records already.',
    mend: 'Name an empty database in the configuration, or none for the embedded one.',
  },
  correction_refused: {
    status: 409,
    retryable: false,
    what: 'A correction of the ledger does not fit the attempts that it is for: one is not there, or was corrected since.',
    mend: 'Read the attempts anew and correct what is still wrong.',
  },
  key_name_taken: {
    status: 409,
    retryable: false,
    what: 'There is already a key of this name in the organisation; names of revoked keys stay taken, because usage is kept under them.',
    mend: 'Choose another name, or rotate the existing key.',
  },
  key_unknown: {
    status: 404,
    retryable: false,
    what: 'There is no live key of this name in the organisation.',
    mend: 'List the keys and use a name that is there and not revoked.',
  },
});

/** The codes that this room fails with: its own, and the ledger's word for a record that cannot be kept. */
const rows = { ...storeErrors, ledger_unavailable: ledgerErrors.ledger_unavailable };

/** A failure of this room. @param message what happened here, with the names and numbers; the row's sentence when absent. */
export const storeError = (code: keyof typeof rows, message?: string, options?: ErrorOptions): CodedError =>
  new CodedError(code, rows[code], message, options);
