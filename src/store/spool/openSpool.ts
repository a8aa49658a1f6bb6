import { join } from 'node:path';
import { CodedError, type Clock, type Log } from '../../kernel/index.ts';
import type { FinalRecord, IntentRecord, SpoolRecord } from '../../vocabulary/index.ts';
import { takeLock } from '../dataDir/takeLock.ts';
import { storeError } from '../errors.ts';
import { hasCheckpoint, readCheckpoint } from './Checkpoint.ts';
import type { Checkpoint } from './Checkpoint.ts';
import { spoolLimits } from './limits.ts';
import type { SpoolLimits } from './limits.ts';
import { refuseAdopted } from './adoptedMark.ts';
import { OpenIntents } from './OpenIntents.ts';
import { scanSpool, segmentPath } from './scanSpool.ts';
import type { PlacedFrame, SpoolScan } from './scanSpool.ts';
import { SegmentLog } from './SegmentLog.ts';
import type { Durability } from './SegmentLog.ts';
import { Spool } from './Spool.ts';
import { nodeFiles } from './SpoolFiles.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

export interface SpoolOptions {
  /** Made if it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<SpoolLimits>;
  readonly durability: Durability;
  /** The disk; the real one when absent. */
  readonly files?: SpoolFiles;
}

/** What an earlier process left. */
export interface Recovered {
  /** Attempts that were cut off: each got a final of outcome `unknown`. */
  readonly intentsWithoutFinal: number;
  /** Finals, those included, that are not in the database yet. */
  readonly finals: number;
  /** Requests that are not in the database yet. */
  readonly requests: number;
  /** Bytes of a half-written tail that were cut. */
  readonly tornBytes: number;
}

const parseRecord = (placed: PlacedFrame, directory: string): SpoolRecord => {
  try {
    const record = JSON.parse(placed.frame.payload.toString()) as SpoolRecord;
    if (record.type === 'intent' || record.type === 'final' || record.type === 'request') return record;
  } catch {
    // Falls through: a whole frame that holds no record was written by something else.
  }
  throw storeError(
    'spool_damaged',
    `${segmentPath(directory, placed.segment)} is damaged at byte ${placed.offset}: its checksum holds but it is no record.`,
  );
};

/** What is left of an attempt whose process died: nobody knows what it cost, up to its hold. */
const unknownFinal = (intent: IntentRecord, nowMs: number): FinalRecord => {
  const { type: _type, holdNanoUsd, ...identity } = intent;
  return {
    ...identity,
    type: 'final',
    firstContentMs: null,
    durationMs: Math.max(0, nowMs - intent.startedAtMs),
    outcome: { kind: 'unknown' },
    usage: {},
    basis: 'unknown',
    lines: [],
    amountNanoUsd: '0',
    listNanoUsd: '0',
    rangeNanoUsd: ['0', holdNanoUsd],
    edits: [],
  };
};

/** Cuts what a crash left half-written. */
const cut = (files: SpoolFiles, directory: string, scan: SpoolScan): void => {
  const { torn } = scan;
  if (!torn) return;
  for (const name of files.list(directory)) {
    const path = join(directory, name);
    if (name.endsWith('.spool') && path > segmentPath(directory, torn.segment)) files.remove(path);
  }
  const path = segmentPath(directory, torn.segment);
  if (torn.offset === 0) files.remove(path);
  else files.truncate(path, torn.offset);
};

/** A kill leaves bytes with the operating system that are not on disk yet: bring them there before anything relies on them. */
const syncFound = async (files: SpoolFiles, directory: string, scan: SpoolScan, fromSegment: number): Promise<void> => {
  for (const segment of scan.segments) {
    if (segment.number < fromSegment || files.sizeBytes(segment.path) === null) continue;
    const fd = files.openForSync(segment.path);
    try {
      await files.sync(fd);
    } finally {
      files.close(fd);
    }
  }
  await files.syncDirectory(directory);
};

/** Damage, with how much of the spool is safe elsewhere: what is lost where nobody can mend it. */
const withShipped = (error: unknown, { shipped }: Checkpoint): unknown =>
  error instanceof CodedError && error.code === 'spool_damaged'
    ? storeError(
        'spool_damaged',
        `${error.message} The database has all records up to ${shipped.sequence}; only what came after it would be missing.`,
        { cause: error },
      )
    : error;

const usableCheckpoint = (
  checkpoint: Checkpoint | null,
  scan: { readonly instance: string | null },
): Checkpoint | null => (checkpoint && checkpoint.instance === scan.instance ? checkpoint : null);

interface Reading {
  readonly scan: SpoolScan;
  readonly checkpoint: Checkpoint | null;
  readonly open: OpenIntents;
  readonly finals: number;
  readonly requests: number;
}

/** The first record that must still be there: what is in the database may be deleted, unless its attempt is open. */
const neededOf = (files: SpoolFiles, directory: string, told: Checkpoint | null): number => {
  if (told) return Math.min(told.shipped.sequence + 1, told.oldestOpenSequence);
  return hasCheckpoint(files, directory) ? Infinity : 1;
};

const readSpool = async (files: SpoolFiles, directory: string, told: Checkpoint | null): Promise<Reading> => {
  const open = new OpenIntents();
  let finals = 0;
  let requests = 0;
  const fromSegment = told ? Math.min(told.shipped.segment, told.oldestOpenSegment) : 0;
  const visit = (placed: PlacedFrame): void => {
    const record = parseRecord(placed, directory);
    const fresh = placed.frame.sequence > (told?.shipped.sequence ?? 0);
    const { sequence } = placed.frame;
    if (record.type === 'intent') open.add({ intent: record, segment: placed.segment, sequence });
    if (record.type === 'final') open.remove(record.attemptId);
    if (record.type === 'final' && fresh) finals++;
    if (record.type === 'request' && fresh) requests++;
  };
  const needed = neededOf(files, directory, told);
  const scan = await scanSpool(files, directory, fromSegment, visit, needed).catch((error: unknown) => {
    throw told === null ? error : withShipped(error, told);
  });
  const checkpoint = usableCheckpoint(told, scan);
  if (told && !checkpoint) return readSpool(files, directory, null);
  if (checkpoint && checkpoint.shipped.sequence >= scan.nextSequence) {
    throw storeError(
      'spool_damaged',
      `${directory} ends at record ${scan.nextSequence - 1}, but its checkpoint says that record ${checkpoint.shipped.sequence} is in the ` +
        'database: a file at its end is missing.',
    );
  }
  return { scan, checkpoint, open, finals, requests };
};

/**
 * Opens a spool folder: reads what an earlier process left, cuts a torn tail, settles each attempt that was cut off as `unknown`,
 * and goes on in a new segment. Opening again after a crash at any point of this gives the same records, none twice.
 * @throws CodedError data_dir_live, spool_adopted, spool_damaged, spool_newer, ledger_unavailable
 */
export const openSpool = async (options: SpoolOptions): Promise<{ spool: Spool; recovered: Recovered }> => {
  const files = options.files ?? nodeFiles;
  const { directory, clock, log } = options;
  const limits: SpoolLimits = { ...spoolLimits, ...options.limits };
  files.makeDirectory(directory);
  const lock = takeLock(join(directory, 'spool.lock'), directory);
  if (!lock.ok) throw lock.fault;
  try {
    await refuseAdopted(files, directory);
    for (const name of files.list(directory)) if (name.endsWith('.new')) files.remove(join(directory, name));
    const told = await readCheckpoint(files, directory);
    const { scan, checkpoint, open, finals, requests } = await readSpool(files, directory, told);
    const tornBytes = scan.torn?.bytes ?? 0;
    if (scan.torn)
      log.warn('spool tail was torn and is cut', { segment: scan.torn.segment, offset: scan.torn.offset, tornBytes });
    cut(files, directory, scan);
    await syncFound(files, directory, scan, checkpoint?.shipped.segment ?? 0);

    // A file whose header never reached the disk, and whose records were written again, holds nothing.
    for (const segment of scan.segments) if (segment.endOffset === 0) files.remove(segment.path);
    const segments = scan.segments
      .filter((segment) => segment.endOffset > 0)
      .map((segment) => ({ ...segment, sizeBytes: files.sizeBytes(segment.path) ?? 0 }));
    const instance = scan.instance ?? crypto.randomUUID();
    const segmentLog = new SegmentLog({
      directory,
      instance,
      files,
      clock,
      log,
      limits,
      durability: options.durability,
      segments,
      nextSequence: scan.nextSequence,
    });
    await segmentLog.takeReserve();
    const spool = new Spool({
      directory,
      instance,
      files,
      segmentLog,
      open,
      shipped: checkpoint?.shipped ?? segmentLog.start,
      release: () => lock.value.release(),
    });
    try {
      const cutOff = spool.pendingAttempts();
      for (const intent of cutOff) spool.append(unknownFinal(intent, clock.nowMs()));
      await spool.flush();
      const recovered = { intentsWithoutFinal: cutOff.length, finals: finals + cutOff.length, requests, tornBytes };
      return { spool, recovered };
    } catch (error) {
      // What could not be written now is settled by the next open.
      await spool.close().catch(() => {});
      throw error;
    }
  } catch (error) {
    lock.value.release();
    throw error;
  }
};
