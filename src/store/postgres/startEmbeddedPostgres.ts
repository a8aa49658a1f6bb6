import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { Secret, errorMessage } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import { processLives } from '../dataDir/processIdentity.ts';
import { storeError } from '../errors.ts';
import { syncNameOf } from '../syncNameOf.ts';
import { platformPackage, prepareNativePostgres } from './nativePostgres.ts';
import type { NativePostgres } from './nativePostgres.ts';
import { readPostmaster, servesCluster } from './postmaster.ts';
import { closedFolder, postgresUser } from './SystemUser.ts';
import type { SystemUser } from './SystemUser.ts';

/** A PostgreSQL of our own. It outlives a kill of this process and is then found again. */
export interface EmbeddedPostgres {
  /** Connection URL with its password; it stays the same while this process lives, also over a restart of the server. */
  readonly url: Secret;
  /** Process number of the server now. */
  readonly pid: number;
  /** Whether a server that was already running was taken over. */
  readonly adopted: boolean;
  /** Shuts it down and waits until it is gone. @throws CodedError postgres_failed */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** Gives the start up: what was started is ended again. */
  readonly signal?: AbortSignal;
}

/** Bounds of every wait, in milliseconds. */
const waits = {
  startMs: 120_000,
  answerMs: 10_000,
  fastStopMs: 30_000,
  hardStopMs: 5_000,
  lookMs: 20,
  watchMs: 500,
  againMs: 250,
  farewellMs: 500,
};

/** Tuned for one small program beside it, not for a machine of its own. */
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=40',
  'shared_buffers=64MB',
  'max_wal_size=512MB',
  'wal_level=minimal',
  'max_wal_senders=0',
  'io_method=sync',
  'max_worker_processes=4',
  'max_parallel_workers_per_gather=0',
  'jit=off',
  'logging_collector=on',
  'log_filename=postgresql-%a.log',
  'log_rotation_age=1d',
  'log_rotation_size=0',
  'log_truncate_on_rotation=on',
].flatMap((setting) => ['-c', setting]);

interface Place {
  readonly dataDir: string;
  /** The folder that PostgreSQL owns. */
  readonly cluster: string;
  /** What the server says before it has its own log. */
  readonly startLog: string;
  readonly user: SystemUser | null;
  readonly programs: NativePostgres;
  readonly password: string;
}

const asUser = (user: SystemUser | null): { uid?: number; gid?: number } =>
  user ? { uid: user.uid, gid: user.gid } : {};

const urlFor = (place: Place, port: number): Secret =>
  new Secret(`postgres://archipel:${place.password}@127.0.0.1:${port}/postgres`);

const unreachable = (user: SystemUser, dataDir: string, folder: string): Error =>
  storeError(
    'data_dir_unreachable',
    `The embedded PostgreSQL runs as user ${user.name}, who cannot enter ${folder} on the way to ${dataDir}. Choose a data dir that the ` +
      `user can reach (--data-dir /var/lib/archipel), or let others pass: chmod o+x ${folder}.`,
  );

/** Makes the data dir, and lets the server's user pass through it; what lies in it keeps its own, closed modes. */
const prepareDataDir = async (dataDir: string, user: SystemUser | null): Promise<void> => {
  if (user) {
    const closed = closedFolder(user, dataDir);
    if (closed !== null && closed !== dataDir) throw unreachable(user, dataDir, closed);
  }
  await mkdir(dataDir, { recursive: true, mode: user ? 0o711 : 0o700 });
  if (!user || closedFolder(user, dataDir) === null) return;
  await chmod(dataDir, ((await stat(dataDir)).mode & 0o777) | 0o011);
  const closed = closedFolder(user, dataDir);
  if (closed !== null) throw unreachable(user, dataDir, closed);
};

/** What is kept of the embedded database beside its folder. */
interface Kept {
  readonly password: string;
  /** Port of the last start, taken again if it is free. */
  readonly port: number | null;
}

/** Null where nothing is kept, or it cannot be read. */
export const readKept = async (path: string): Promise<Kept | null> => {
  try {
    const { password, port } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return typeof password === 'string' ? { password, port: typeof port === 'number' ? port : null } : null;
  } catch {
    return null;
  }
};

const writeKept = async (path: string, kept: Kept): Promise<void> => {
  const draft = `${path}.new`;
  await writeFile(draft, JSON.stringify(kept), { mode: 0o600, flush: true });
  await rename(draft, path);
  await syncNameOf(path);
};

/** Removes what starts that were killed left behind. What somebody still writes into is left to the next start. */
const removeDrafts = async (cluster: string): Promise<void> => {
  const folder = dirname(cluster);
  const prefix = `${basename(cluster)}.new`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix)) await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

/** Makes the cluster beside its place and moves it there when it is whole: a kill in between leaves nothing that looks like one. */
const makeCluster = async (place: Place): Promise<void> => {
  const { cluster, dataDir, user, programs, password } = place;
  // A name of its own: the initdb of a start that was killed may still be writing into the last draft.
  const draft = `${cluster}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = join(dataDir, 'postgres.password.new');
  await removeDrafts(cluster);
  await rm(passwordFile, { force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [draft, passwordFile]) await chown(path, user.uid, user.gid);
  const flags = ['-D', draft, '-U', 'archipel', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    const run = promisify(execFile);
    const options = { ...asUser(user), cwd: '/', env: {} };
    await run(programs.initdb, [...flags, '-N', '--no-instructions', '--locale=C', '-E', 'UTF8'], options);
    // Synced once as a whole instead of file by file: much faster, and still on disk before it is used.
    await run(programs.initdb, ['-D', draft, '--sync-only'], options);
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw storeError('postgres_failed', `initdb failed: ${words.trim().slice(-500)}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, cluster);
  await syncNameOf(cluster);
};

const checkVersion = async (place: Place): Promise<void> => {
  const made = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (made === place.programs.majorVersion) return;
  throw storeError(
    'postgres_version',
    `${place.cluster} was made by PostgreSQL ${made}, this program brings ${place.programs.majorVersion}. Dump it with the version of the ` +
      'program that made it, and load it into a fresh data dir.',
  );
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const answers = async (url: Secret): Promise<boolean> => {
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    // A server that stands still says no farewell.
    await Promise.race([client.end().catch(() => {}), pause(waits.farewellMs, undefined, { ref: false })]);
  }
};

/** Looks again and again until something holds. @returns whether it did within the time. */
const waitUntil = async (holds: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> => {
  const endMs = performance.now() + withinMs;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= endMs) return false;
    await pause(waits.lookMs);
  }
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
};

/**
 * Asks a server to end, each time harder: fast, immediate (recovers from its log at the next start), killed.
 * @param lives whether the process number still is the server's: no other process is ever signalled.
 */
const endServer = async (pid: number, lives: () => boolean): Promise<void> => {
  for (const [name, withinMs] of [
    ['SIGINT', waits.fastStopMs],
    ['SIGQUIT', waits.hardStopMs],
    ['SIGKILL', waits.hardStopMs],
  ] as const) {
    if (!lives()) return;
    signal(pid, name);
    if (await waitUntil(() => !lives(), withinMs)) return;
  }
  throw storeError('postgres_failed', `The embedded PostgreSQL (process ${pid}) does not end.`);
};

/** Where the server writes what it says once its log is open, and how much of it was there before. */
interface OwnLog {
  readonly path: string;
  readonly bytes: number;
}

const ownLogs = (place: Place): readonly OwnLog[] => {
  const folder = join(place.cluster, 'log');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({ path: join(folder, name), bytes: statSync(join(folder, name)).size }));
};

/** What every start says. */
const usual = /(?:redirecting|Future) log output|LOG: {2}(?:starting|listening|database system|checkpoint|redo)/;

/** What a server said that was launched after these logs were looked at: before its own log was open, and then there. A log that shrank was begun anew. */
const wordsSince = (place: Place, before: readonly OwnLog[]): string => {
  const known = new Map(before.map(({ path, bytes }) => [path, bytes]));
  const own = ownLogs(place).map(({ path, bytes }) => {
    const from = known.get(path) ?? 0;
    return readFileSync(path, 'utf8').slice(from <= bytes ? from : 0);
  });
  const lines = [readFileSync(place.startLog, 'utf8'), ...own].join('\n').split('\n');
  return lines
    .filter((line) => line !== '' && !usual.test(line))
    .join('\n')
    .slice(-500);
};

const logTail = (place: Place, before: readonly OwnLog[]): string => {
  try {
    return wordsSince(place, before);
  } catch {
    return '';
  }
};

/** Starts the server once. @returns it when it answers, or what it said when it ended instead. */
const launch = async (
  place: Place,
  port: number,
  givenUp: () => boolean,
): Promise<{ child: ChildProcess } | { words: string }> => {
  const before = ownLogs(place);
  const fd = openSync(place.startLog, 'w', 0o600);
  const child = spawn(place.programs.postgres, ['-D', place.cluster, '-p', String(port), ...settings], {
    ...asUser(place.user),
    cwd: '/',
    env: {},
    stdio: ['ignore', fd, fd],
    // A group of its own: what kills this process, or its terminal, does not kill the server.
    detached: true,
  });
  closeSync(fd);
  let ended: string | null = null;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, name) => (ended = `ended with ${name ?? code}`));
  child.unref();
  const ready = await waitUntil(() => {
    if (ended !== null || givenUp()) return true;
    const postmaster = readPostmaster(place.cluster);
    return postmaster?.pid === child.pid && postmaster?.status === 'ready';
  }, waits.startMs);
  if (ended !== null) return { words: `${String(ended)}: ${logTail(place, before)}` };
  const isUp = async (): Promise<boolean> => givenUp() || (await answers(urlFor(place, port)));
  if (ready && (await waitUntil(isUp, waits.answerMs)) && !givenUp()) return { child };
  const { pid } = child;
  if (pid !== undefined) await endServer(pid, () => processLives(pid));
  return { words: givenUp() ? 'it was no longer wanted' : `it was not ready in time: ${logTail(place, before)}` };
};

const portTaken = /could not bind|Address already in use/;
/** The processes of a killed server end a moment after it; until then its memory is in use. */
const dyingBefore = /still in use|lock file ".*" already exists/;

/**
 * Starts the server; another port is taken only where none is fixed yet.
 * @param givenUp ends the tries early.
 */
const launchFirmly = async (
  place: Place,
  wanted: number | null,
  fixed: boolean,
  givenUp: () => boolean,
): Promise<{ child: ChildProcess; port: number }> => {
  const endMs = performance.now() + waits.startMs;
  let port = wanted ?? (await freePort());
  for (;;) {
    const started = await launch(place, port, givenUp);
    if ('child' in started) return { child: started.child, port };
    const again = portTaken.test(started.words) || dyingBefore.test(started.words);
    if (!again || givenUp() || performance.now() > endMs) {
      throw storeError(
        'postgres_failed',
        `The embedded PostgreSQL did not start; ${started.words} (logs: ${place.startLog}, ${join(place.cluster, 'log')}).`,
      );
    }
    if (portTaken.test(started.words) && !fixed) port = await freePort();
    else await pause(waits.againMs);
  }
};

/** Finds a server that outlived an earlier process. One that does not answer is ended; a stale `postmaster.pid` is removed. */
const adopt = async (place: Place, log: Log): Promise<{ pid: number; port: number } | null> => {
  const found = readPostmaster(place.cluster);
  if (!found) return null;
  const serves = servesCluster(found.pid, place.cluster);
  if (serves === false) {
    // Where the number now belongs to another process, the server itself would take the file for a living one.
    await rm(join(place.cluster, 'postmaster.pid'), { force: true });
    return null;
  }
  const answered = await waitUntil(async () => {
    const now = readPostmaster(place.cluster);
    return now === null || (now.status === 'ready' && (await answers(urlFor(place, now.port))));
  }, waits.answerMs);
  const now = readPostmaster(place.cluster);
  if (answered) return now && processLives(now.pid) ? now : null;
  if (serves === null) {
    throw storeError(
      'postgres_failed',
      `Process ${found.pid} of ${place.cluster}/postmaster.pid does not answer as PostgreSQL. End it, or remove the file.`,
    );
  }
  log.warn('embedded PostgreSQL does not answer and is restarted', { pid: found.pid });
  await endServer(found.pid, () => servesCluster(found.pid, place.cluster) === true);
  return null;
};

const prepare = async (options: EmbeddedPostgresOptions): Promise<{ place: Place; port: number | null }> => {
  const { dataDir, log } = options;
  const user = postgresUser();
  await prepareDataDir(dataDir, user);
  // Root owns the copy, so that the server's user cannot change what is run.
  const programs = await prepareNativePostgres(platformPackage(), user, user ? '/var/lib/archipel' : dataDir, log);
  const cluster = join(dataDir, 'postgres');
  const keptPath = join(dataDir, 'postgres.json');
  const exists = existsSync(join(cluster, 'PG_VERSION'));
  let kept = await readKept(keptPath);
  if (!kept) {
    if (exists) {
      throw storeError(
        'postgres_failed',
        `${keptPath} with the password of the embedded PostgreSQL is missing or unreadable. Restore it from a backup.`,
      );
    }
    kept = { password: randomBytes(24).toString('hex'), port: null };
    await writeKept(keptPath, kept);
  }
  const place: Place = {
    dataDir,
    cluster,
    startLog: join(dataDir, 'postgres.log'),
    user,
    programs,
    password: kept.password,
  };
  if (exists) await checkVersion(place);
  else await makeCluster(place);
  return { place, port: kept.port };
};

/**
 * Starts the embedded PostgreSQL of a data dir, or adopts the one that still runs there. While this process lives, a server that dies
 * is started again on the same port. The caller holds the lock of the data dir.
 * @throws CodedError data_dir_unreachable, postgres_missing, postgres_version, postgres_failed
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const { place, port: lastPort } = await prepare(options);
  const { log } = options;
  const found = await adopt(place, log);
  let stopping = false;
  let restart: Promise<void> = Promise.resolve();

  const onDeath = (): void => {
    if (stopping) return;
    log.error('embedded PostgreSQL died and is started again', { pid });
    restart = startAgain();
  };
  const follow = (child: ChildProcess): number => {
    child.once('exit', onDeath);
    return child.pid ?? 0;
  };
  const startAgain = async (): Promise<void> => {
    while (!stopping) {
      try {
        pid = follow((await launchFirmly(place, port, true, () => stopping)).child);
        return;
      } catch (error) {
        log.error('embedded PostgreSQL does not start', {
          error: errorMessage(error),
        });
        await pause(waits.againMs);
      }
    }
  };

  let pid: number;
  let port: number;
  let watch: NodeJS.Timeout | null = null;
  if (found) {
    ({ pid, port } = found);
    log.info('embedded PostgreSQL was running and is adopted', { pid, port });
    // Not our child: nobody tells us when it dies.
    watch = setInterval(() => {
      if (processLives(pid)) return;
      if (watch) clearInterval(watch);
      onDeath();
    }, waits.watchMs);
    watch.unref();
  } else {
    const started = await launchFirmly(place, lastPort, false, () => options.signal?.aborted === true);
    port = started.port;
    pid = follow(started.child);
    log.info('embedded PostgreSQL started', { pid, port });
  }
  await writeKept(join(place.dataDir, 'postgres.json'), { password: place.password, port });

  return {
    url: urlFor(place, port),
    adopted: found !== null,
    get pid() {
      return pid;
    },
    async stop() {
      stopping = true;
      if (watch) clearInterval(watch);
      await restart;
      await endServer(pid, () => servesCluster(pid, place.cluster) !== false);
    },
  };
};
