import type { Clock } from '../../kernel/index.ts';
import type { DatabaseSession, SessionOptions } from './Database.ts';

/**
 * How the right to run jobs is kept. Whoever holds it asks PostgreSQL every `beatMs` and gives it up where no answer came within `answerMs`;
 * PostgreSQL ends a session that it has not heard from for `silentMs`. Since beatMs + answerMs < goodMs < silentMs, a holder knows that it lost the
 * right before anybody else can have it.
 */
export interface JobControlLimits {
  readonly beatMs: number;
  readonly answerMs: number;
  /** How long an answer is good for, counted from its question: for a holder that was stopped and cannot have noticed. */
  readonly goodMs: number;
  readonly silentMs: number;
}

export const jobControlLimits: JobControlLimits = {
  beatMs: 5_000,
  answerMs: 5_000,
  goodMs: 20_000,
  silentMs: 30_000,
};

/** The right to run the jobs of a database: of all processes on it, one has it at a time. */
export interface JobControl {
  /** Whether this process has it at this moment. It never comes back: ask for another one. */
  readonly held: boolean;
  /** Aborted once it is lost or released. */
  readonly lost: AbortSignal;
  /** Gives it back. Safe to call twice; never rejects. */
  release(): Promise<void>;
}

const takeLock = "SELECT pg_try_advisory_lock(hashtext('archipel.jobs')) AS taken";

/** Asked on the same session: a proxy that hands the statements of one client to several sessions keeps no lock, and is found out. */
const seeLock = `
SELECT EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((classid::bigint << 32) | objid::bigint) = hashtext('archipel.jobs')::bigint
) AS taken`;

const isTaken = async (session: DatabaseSession, sql: string): Promise<boolean> => {
  const [row] = await session.query<{ taken: boolean }>(sql);
  return row?.taken === true;
};

/** The lock while its session lives, watched by beats. */
class HeldControl implements JobControl {
  readonly #session: DatabaseSession;
  readonly #clock: Clock;
  readonly #limits: JobControlLimits;
  readonly #lost = new AbortController();
  #heardMs: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param askedMs When the lock was asked for, on the clock that never jumps. */
  constructor(session: DatabaseSession, clock: Clock, limits: JobControlLimits, askedMs: number) {
    this.#session = session;
    this.#clock = clock;
    this.#limits = limits;
    this.#heardMs = askedMs;
    session.gone.addEventListener('abort', () => this.#lose(), { once: true });
    if (session.gone.aborted) this.#lose();
    else this.#beatLater();
  }

  get held(): boolean {
    return !this.#lost.signal.aborted && this.#clock.monotonicMs() - this.#heardMs < this.#limits.goodMs;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    this.#lose();
    await this.#session.end();
  }

  #beatLater(): void {
    this.#timer = setTimeout(() => void this.#beat(), this.#limits.beatMs).unref();
  }

  async #beat(): Promise<void> {
    const askedMs = this.#clock.monotonicMs();
    const isHeld = await isTaken(this.#session, seeLock).catch(() => false);
    if (this.#lost.signal.aborted) return;
    if (!isHeld) {
      this.#lose();
      await this.#session.end();
      return;
    }
    this.#heardMs = askedMs;
    this.#beatLater();
  }

  #lose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#lost.abort();
  }
}

const notHeld: JobControl = { held: false, lost: AbortSignal.abort(), release: () => Promise.resolve() };

/**
 * Takes the right to run jobs, or says that another process has it. It ends with this process, however that ends.
 * @throws CodedError database_unavailable
 */
export const holdJobControl = async (
  database: { session(options: SessionOptions): Promise<DatabaseSession> },
  clock: Clock,
  limits: JobControlLimits = jobControlLimits,
): Promise<JobControl> => {
  const session = await database.session({ purpose: 'jobs', queryMs: limits.answerMs });
  try {
    const askedMs = clock.monotonicMs();
    await session.query("SELECT set_config('idle_session_timeout', $1, false)", [`${limits.silentMs}ms`]);
    if (await isTaken(session, takeLock)) return new HeldControl(session, clock, limits, askedMs);
  } catch (error) {
    await session.end();
    throw error;
  }
  await session.end();
  return notHeld;
};
