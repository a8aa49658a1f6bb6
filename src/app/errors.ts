import { CodedError, defineErrors } from '../kernel/index.ts';

/** Why the program does not start. The status is the exit code of the command line. */
export const appErrors = defineErrors({
  configuration_missing: {
    status: 2,
    retryable: false,
    what: 'There is no configuration file where one was named.',
    mend: 'Name a file that exists with --config or ARCHIPEL_CONFIG, or put archipel.yaml into the folder that the program runs in.',
  },
  configuration_exists: {
    status: 2,
    retryable: false,
    what: 'There is already a configuration file where a first one was to be written.',
    mend: 'Choose another folder with --dir, or write over it with --force.',
  },
  configuration_faulty: {
    status: 2,
    retryable: false,
    what: 'The configuration file has faults.',
    mend: 'Mend the places that the message names; "archipel check" tells whether they are gone.',
  },
  sandbox_not_loopback: {
    status: 2,
    retryable: false,
    what: 'The sandbox answers to a key that everybody knows, so it listens on loopback only.',
    mend: 'Leave --host out, or write an archipel.yaml with keys of your own.',
  },
  restore_unfinished: {
    status: 2,
    retryable: false,
    what: 'A restore into this data dir was begun and did not come to its end.',
    mend: 'Empty the folder and restore again; what is in it is a part of a ledger.',
  },
  data_dir_not_empty: {
    status: 2,
    retryable: false,
    what: 'A backup is restored into an empty folder, or one that is not there yet.',
    mend: 'Name another folder with --data-dir, or move away what is in this one.',
  },
  nothing_to_back_up: {
    status: 2,
    retryable: false,
    what: 'There is no database where one was to be backed up.',
    mend: 'Name the data dir of the server with --data-dir, or its file with --config.',
  },
  adopts_itself: {
    status: 2,
    retryable: false,
    what: 'The spool that was to be adopted is that of the server itself.',
    mend: 'Start the server: it brings its own spool into the database. Adopt spools of servers that never come back.',
  },
  adopts_into_sandbox: {
    status: 2,
    retryable: false,
    what: 'A spool was to be adopted, and no configuration file says into which database.',
    mend: 'Name the file of the servers that go on with --config: without one the sandbox is meant, and its database takes no spools of others.',
  },
  nothing_to_adopt_into: {
    status: 2,
    retryable: false,
    what: 'There is no database into which the spool could be brought.',
    mend: 'Name the file of the servers that go on with --config, and the data dir of one with --data-dir where the database is embedded in it.',
  },
  database_older: {
    status: 2,
    retryable: false,
    what: 'The database was not migrated to what this version of the program needs, which servers of an older version may still use.',
    mend: 'Adopt with the version that the servers run, or upgrade them first: the first one that starts migrates the database.',
  },
  server_not_ready: {
    status: 1,
    retryable: true,
    what: 'A server holds the data dir and cannot be worked with now.',
    mend: 'Wait until it is ready, or stop it, and try again.',
  },
  control_file_exposed: {
    status: 2,
    retryable: false,
    what: 'The control file, which holds an admin key, is open to others than its owner.',
    mend: 'Close it with chmod 600, then replace the key, which others may have read: "archipel keys rotate-admin".',
  },
  address_unavailable: {
    status: 2,
    retryable: false,
    what: 'The address to listen on cannot be had.',
    mend: 'Stop what listens there, or choose another with --port, --admin-port or listen in the file.',
  },
});

/** A failure of this room. */
export const appError = (code: keyof typeof appErrors, message: string): CodedError =>
  new CodedError(code, appErrors[code], message);
