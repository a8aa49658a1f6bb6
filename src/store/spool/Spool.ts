import { assert } from '../../kernel/index.ts';
import type { FinalRecord, IntentRecord, RequestRecord, SpoolRecord } from '../../vocabulary/index.ts';
import { writeCheckpoint } from './Checkpoint.ts';
import { checkRecord } from './checkRecord.ts';
import type { Admission, LogBatch, ReadPosition, SegmentLog } from './SegmentLog.ts';
import type { ReadMemory } from './readSegment.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** An appended record's place in the order of all records. */
export interface SpoolPosition {
  readonly sequence: number;
}

/** A request as far as it is known. */
export interface RecentRequest {
  readonly request: RequestRecord | null;
  /** Attempts that ended, in the order in which they did. */
  readonly attempts: readonly FinalRecord[];
}

/** An intent without its final, and the segment it lies in. */
export interface OpenIntent {
  readonly intent: IntentRecord;
  readonly segment: number;
}

export interface SpoolParts {
  readonly directory: string;
  readonly instance: string;
  readonly files: SpoolFiles;
  readonly segmentLog: SegmentLog;
  readonly shipped: ReadPosition;
  readonly open: Map<string, OpenIntent>;
  readonly release: () => void;
}

/** Whether a record is a piece of a job's capacity. It may be told again, and later: it is turned away before what is owed to requests. */
const isCapacity = (record: SpoolRecord): boolean => record.type === 'final' && record.operation === 'compute';

const readRecordsMax = 1_000;
const readBytesMax = 8 * 1024 * 1024;

/**
 * The only writer of model usage: intents, finals and requests in the order they happened, on disk before they are in the database.
 * A record is with the operating system when `append` returns, so that a kill of this process loses nothing.
 */
export class Spool {
  readonly #parts: SpoolParts;
  readonly #log: SegmentLog;
  #shipped: ReadPosition;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#log = parts.segmentLog;
    this.#shipped = parts.shipped;
  }

  get directory(): string {
    return this.#parts.directory;
  }

  /** Sequence of the last append. */
  get appendedSequence(): number {
    return this.#log.appendedSequence;
  }

  /** Sequence up to which everything is on disk. */
  get durableSequence(): number {
    return this.#log.durableSequence;
  }

  /** Everything up to here is in the database. */
  get shipped(): ReadPosition {
    return this.#shipped;
  }

  /** Size of all segments on disk. */
  get totalBytes(): number {
    return this.#log.totalBytes;
  }

  /** Why new intents are refused now, or null: for readiness. */
  refusal(): string | null {
    return this.#log.refusal();
  }

  /** Intents of this and, right after opening, of earlier processes that have no final yet. */
  pendingAttempts(): IntentRecord[] {
    return Array.from(this.#parts.open.values(), ({ intent }) => intent);
  }

  /**
   * Hands records to the operating system, all or none in one write, and has them synced within the group time.
   * An attempt has one intent and then one final; a second of either is a programmer's mistake. A piece of a job's capacity has a final alone, which may be
   * told again: it has the same id then, and the ledger keeps the first.
   * @throws CodedError ledger_unavailable (intents and capacity first: finals and requests have a reserve), record_too_large
   */
  append(...records: readonly SpoolRecord[]): SpoolPosition {
    const payloads: string[] = [];
    let admission: Admission = 'owed';
    for (const record of records) {
      this.#check(record);
      if (record.type === 'intent' || isCapacity(record)) admission = 'refusable';
      payloads.push(JSON.stringify(record));
    }
    const sequence = this.#log.append(payloads, admission);
    for (const record of records) this.#note(record);
    return { sequence };
  }

  #check(record: SpoolRecord): void {
    checkRecord(record);
    const { open } = this.#parts;
    if (record.type === 'intent') assert(!open.has(record.attemptId), `attempt ${record.attemptId} has one intent`);
    if (record.type === 'final' && !isCapacity(record))
      assert(open.has(record.attemptId), `attempt ${record.attemptId} has an intent and one final`);
  }

  #note(record: SpoolRecord): void {
    const { open } = this.#parts;
    if (record.type === 'intent') open.set(record.attemptId, { intent: record, segment: this.#log.currentSegment });
    if (record.type === 'final') open.delete(record.attemptId);
  }

  /** Resolves once a record is on disk. @throws CodedError ledger_unavailable */
  synced(position: SpoolPosition): Promise<void> {
    return this.#log.synced(position.sequence);
  }

  /** Brings everything to disk now. @throws CodedError ledger_unavailable */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  /** Resolves when records behind a position are on disk, or when the signal aborts. */
  moreThan(position: SpoolPosition, signal: AbortSignal): Promise<void> {
    return this.#log.moreThan(position.sequence, signal);
  }

  /**
   * Reads durable records behind a position as their JSON texts.
   * @param memory what to read into; what was read into it before is over.
   */
  read(
    after: ReadPosition,
    recordsMax: number = readRecordsMax,
    bytesMax: number = readBytesMax,
    memory?: ReadMemory,
  ): Promise<LogBatch> {
    return this.#log.read(after, recordsMax, bytesMax, memory);
  }

  /** What the last appends say of a request or a job, whatever the database knows by now; null where they say nothing. */
  recent(requestId: string): RecentRequest | null {
    let request: RequestRecord | null = null;
    const attempts = new Map<string, FinalRecord>();
    for (const payload of this.#log.recentWith(requestId)) {
      const record = JSON.parse(payload) as SpoolRecord;
      if (record.requestId !== requestId) continue;
      if (record.type === 'request') request = record;
      // Of what was told again the first counts, as in the database.
      if (record.type === 'final' && !attempts.has(record.attemptId)) attempts.set(record.attemptId, record);
    }
    return request === null && attempts.size === 0 ? null : { request, attempts: [...attempts.values()] };
  }

  /** Finals and requests that are on disk but were not yet committed to the database when the last checkpoint was made. */
  async *unshipped(): AsyncGenerator<FinalRecord | RequestRecord> {
    let position = this.#shipped;
    for (;;) {
      const batch = await this.read(position);
      if (batch.payloads.length === 0) return;
      for (const payload of batch.payloads) {
        const record = JSON.parse(payload.toString()) as SpoolRecord;
        if (record.type !== 'intent') yield record;
      }
      position = batch.next;
    }
  }

  /** Notes durably that everything up to a position is committed, and deletes segments that nobody needs any more. */
  async advance(shipped: ReadPosition): Promise<void> {
    assert(shipped.sequence >= this.#shipped.sequence, 'the checkpoint only goes forward');
    const { directory, files, instance, open } = this.#parts;
    const [oldest] = open.values();
    const oldestOpenSegment = Math.min(oldest?.segment ?? Infinity, shipped.segment);
    await writeCheckpoint(files, directory, { instance, shipped, oldestOpenSegment });
    this.#shipped = shipped;
    this.#log.dropBefore(oldestOpenSegment);
  }

  /** Syncs and closes. Attempts that are still open are settled as unknown by the next open. */
  async close(): Promise<void> {
    try {
      await this.#log.close();
    } finally {
      this.#parts.release();
    }
  }
}
