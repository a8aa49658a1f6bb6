import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage, UuidV7Maker } from '../../kernel/index.ts';
import type { Clock, Log, Metrics } from '../../kernel/index.ts';
import type { Database } from '../database/Database.ts';
import { storeError } from '../errors.ts';
import { ReadMemory, type ReadPosition, type Spool } from '../spool/index.ts';
import { MissingRecords, RecordShipping, shipmentsOf, type OnMoved } from './RecordShipping.ts';

/** Brings the spool into the database, behind the back of everybody. */
export interface Shipper {
  /** Why nothing was shipped at the last try, or null: for readiness. */
  failure(): string | null;
  /** Since when nothing is shipped, in Unix milliseconds, or null. */
  failingSinceMs(): number | null;
  /** Whether all that earlier processes left in the spool is in the database. */
  hasCaughtUp(): boolean;
  /**
   * Runs something between two shipments, at a moment when the database holds everything up to a position, and nothing of this spool behind it. Nothing is
   * shipped meanwhile. Resolves or rejects as it does. @throws the signal's reason when it aborts before the moment has come
   */
  between<Value>(act: (shipped: ReadPosition) => Promise<Value>, signal: AbortSignal): Promise<Value>;
  /** Tells what records of this process have spent of shared budgets, once the database has it. Of what earlier processes left it says nothing. */
  onMoved(listener: OnMoved): void;
  /**
   * Resolves when everything that was appended before the call is in the database.
   * @throws the signal's reason when it aborts first; CodedError ledger_unavailable when the spool cannot be synced.
   */
  drain(signal: AbortSignal): Promise<void>;
  /** Ends after the batch at hand. What is left stays in the spool. */
  stop(): Promise<void>;
}

export interface ShipperOptions {
  readonly spool: Spool;
  readonly database: Database;
  /** Whether other replicas spend the same budgets: then this one's spool names it. */
  readonly isShared?: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<ShipperLimits>;
}

export interface ShipperLimits {
  /** Records read and committed together. */
  readonly batchRecords: number;
  readonly batchBytes: number;
  /** How long more records are waited for before a batch is made, in milliseconds. */
  readonly lingerMs: number;
  /** How far the checkpoint may fall behind the database while full batches follow each other, in milliseconds. */
  readonly checkpointMs: number;
  /** Pause after a failure, doubled with each up to the largest, in milliseconds. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
}

export const shipperLimits: ShipperLimits = {
  batchRecords: 4_000,
  batchBytes: 3 * 1024 * 1024,
  lingerMs: 250,
  checkpointMs: 1_000,
  backoffMs: 100,
  backoffMsMax: 2_000,
};

/** Something that waits for a moment between two shipments. Never rejects. */
type Interlude = (shipped: ReadPosition) => Promise<void>;

interface Drain {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Waits, or less when the signal aborts. */
const waitMs = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => {
    // Aborted: the wait is over.
  });

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });

/**
 * Starts shipping from the spool's checkpoint. Nothing is queued in memory: a batch is read back from the segment files, committed, and
 * only then passed by the checkpoint, now or with a later one. A crash in between ships it again, which changes nothing.
 */
export const startShipper = (options: ShipperOptions): Shipper => {
  const { spool, database, clock, log, metrics } = options;
  const limits: ShipperLimits = { ...shipperLimits, ...options.limits };
  const ids = new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes));
  const shipping = new RecordShipping({
    database,
    log,
    metrics,
    makeJournalId: () => ids.next(clock.nowMs()),
    heldBehind: () => spool.start.sequence,
    isShared: options.isShared === true,
  });
  let moved: OnMoved | undefined;
  const stopping = new AbortController();
  const drains = new Set<Drain>();
  let hurry = new AbortController();
  let position = spool.shipped;
  /** Up to where the database has noted what it holds. Intents alone are not worth a note. */
  let noted = position;
  let checkpointAtMs = -Infinity;
  /** Whether something was committed that the checkpoint does not know of. */
  let isBehind = false;
  /** Whether the checkpoint could not be moved at the last try: then that is tried again, and nothing shipped before. */
  let isStuck = false;
  let lingeringSinceMs: number | null = null;
  /** A batch is committed or given up before the next one is read. */
  const memory = new ReadMemory();
  let failure: string | null = null;
  let failingSinceMs: number | null = null;
  const interludes = new Set<Interlude>();
  /** Aborted when an interlude waits, so that a shipper without work looks. */
  let called = new AbortController();
  /** Earlier processes may have shipped more than they noted: until this is shipped again, nobody knows what the database holds. */
  let leftSequence = spool.appendedSequence;
  /** Up to where nothing is told of what records have spent: it was told, or is of earlier processes. */
  let toldSequence = leftSequence;
  const hasCaughtUp = (): boolean => position.sequence >= leftSequence;
  const mayPause = (): boolean => hasCaughtUp() && failure === null && interludes.size > 0;

  const runInterludes = async (): Promise<void> => {
    // Those that come meanwhile wait for the next moment.
    const waiting = [...interludes];
    for (const interlude of waiting) {
      if (interludes.delete(interlude)) await interlude(position);
    }
  };

  /** Resolves when there is something to do. */
  const untilCalled = async (): Promise<void> => {
    if (interludes.size === 0) called = new AbortController();
    await spool.moreThan(position, AbortSignal.any([stopping.signal, called.signal]));
  };

  /**
   * Waits until a batch is due. What waits for a moment between two shipments comes before one that lingers, and never puts off one that is due.
   * @returns whether there is one to make now.
   */
  const untilDue = async (): Promise<boolean> => {
    await untilCalled();
    const backlog = spool.durableSequence - position.sequence;
    if (backlog === 0 && mayPause()) return false;
    lingeringSinceMs ??= clock.monotonicMs();
    const lingerMs = limits.lingerMs - (clock.monotonicMs() - lingeringSinceMs);
    if (backlog >= limits.batchRecords || lingerMs <= 0) return true;
    await waitMs(lingerMs, AbortSignal.any([stopping.signal, hurry.signal, called.signal]));
    return !mayPause();
  };

  const settleDrains = (): void => {
    for (const drain of drains) {
      if (drain.sequence > position.sequence) continue;
      drains.delete(drain);
      drain.resolve();
    }
    if (drains.size === 0 && hurry.signal.aborted) hurry = new AbortController();
  };

  const moveCheckpoint = async (to: ReadPosition): Promise<void> => {
    isStuck = true;
    await spool.advance(to);
    isStuck = false;
    checkpointAtMs = clock.monotonicMs();
    isBehind = false;
  };

  /** A checkpoint takes syncs of its own: while the next full batch waits already, now and then is enough. A crash ships more again, which changes nothing. */
  const mayWait = (to: ReadPosition): boolean =>
    // What is shipped again was passed by the checkpoint before.
    to.sequence < spool.shipped.sequence ||
    (spool.durableSequence - to.sequence >= limits.batchRecords &&
      clock.monotonicMs() - checkpointAtMs < limits.checkpointMs &&
      drains.size === 0);

  /** Ships all again that the spool still holds. What is there already stays as it is. */
  const rewind = ({ behind }: MissingRecords): void => {
    log.error('the database lacks records that it had; all that the spool still holds is shipped again', { behind });
    metrics.count('archipel_ledger_rewinds_total');
    leftSequence = Math.max(leftSequence, position.sequence);
    position = spool.start;
    noted = position;
  };

  const shipBatch = async (): Promise<void> => {
    const startMs = clock.monotonicMs();
    // A batch is told of, or it is not: what is shipped again was told.
    const isNew = position.sequence >= toldSequence;
    const records = isNew ? limits.batchRecords : Math.min(limits.batchRecords, toldSequence - position.sequence);
    const batch = await spool.read(position, records, limits.batchBytes, memory);
    const shipments = shipmentsOf(batch.payloads, position.sequence);
    if (shipments.length > 0) {
      const range = { spool: spool.instance, fromSequence: noted.sequence, toSequence: batch.next.sequence };
      await shipping.ship({ ...range, shipments }, isNew ? moved : undefined);
      noted = batch.next;
      isBehind = true;
    }
    toldSequence = Math.max(toldSequence, batch.next.sequence);
    // Whatever becomes of the checkpoint.
    position = batch.next;
    // Intents alone move no checkpoint: they are read again after a crash anyway.
    if (isBehind && !mayWait(noted)) await moveCheckpoint(noted);
    if (shipments.length > 0) metrics.observeMs('archipel_ledger_ship_ms', clock.monotonicMs() - startMs);
    metrics.gauge('archipel_spool_backlog_records', spool.appendedSequence - position.sequence);
    metrics.gauge('archipel_spool_bytes', spool.totalBytes);
  };

  const run = async (): Promise<void> => {
    let backoffMs = limits.backoffMs;
    while (!stopping.signal.aborted) {
      if (mayPause()) await runInterludes();
      if (!isStuck && !(await untilDue())) continue;
      if (stopping.signal.aborted) return;
      lingeringSinceMs = null;
      try {
        await (isStuck ? moveCheckpoint(noted) : shipBatch());
        if (failure !== null) log.info('the ledger is shipped again');
        failure = null;
        failingSinceMs = null;
        backoffMs = limits.backoffMs;
        settleDrains();
      } catch (error) {
        if (error instanceof MissingRecords) {
          rewind(error);
          continue;
        }
        if (failure === null) log.warn('the ledger cannot be shipped now', { error: errorMessage(error) });
        failure = errorMessage(error);
        failingSinceMs ??= clock.nowMs();
        metrics.count('archipel_ledger_ship_failures_total');
        await waitMs(backoffMs, stopping.signal);
        backoffMs = Math.min(backoffMs * 2, limits.backoffMsMax);
      }
    }
  };

  const end = async (): Promise<void> => {
    try {
      if (isBehind) await moveCheckpoint(noted);
    } catch (error) {
      log.warn('the checkpoint stays behind: what it does not know of is shipped again', {
        error: errorMessage(error),
      });
    }
  };
  const running = run().then(end);

  const isIn = (sequence: number): boolean => position.sequence >= sequence && !isStuck;

  const waitFor = (sequence: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        drains.delete(drain);
        act();
      };
      const onAbort = (): void => end(() => reject(reasonOf(signal)));
      const drain: Drain = {
        sequence,
        resolve: () => end(resolve),
        reject: (reason) => end(() => reject(reason)),
      };
      drains.add(drain);
      signal.addEventListener('abort', onAbort);
      hurry.abort();
    });

  return {
    failure: () => failure,
    failingSinceMs: () => failingSinceMs,
    hasCaughtUp,
    onMoved: (listener) => (moved = listener),
    between: (act, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => {
          interludes.delete(interlude);
          reject(reasonOf(signal));
        };
        const interlude: Interlude = async (shipped) => {
          signal.removeEventListener('abort', giveUp);
          await act(shipped).then(resolve, reject);
        };
        if (signal.aborted) return giveUp();
        signal.addEventListener('abort', giveUp);
        interludes.add(interlude);
        called.abort();
      }),
    async drain(signal) {
      signal.throwIfAborted();
      const target = spool.appendedSequence;
      if (isIn(target)) return;
      await spool.flush();
      if (stopping.signal.aborted)
        throw storeError('database_unavailable', 'The shipper was stopped before the spool was drained.');
      if (!isIn(target)) await waitFor(target, signal);
    },
    async stop() {
      stopping.abort();
      await running;
      for (const drain of drains) {
        drain.reject(storeError('database_unavailable', 'The shipper was stopped before the spool was drained.'));
      }
    },
  };
};
