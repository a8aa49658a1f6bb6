import { assert } from '../../kernel/index.ts';
import type { FinalRecord, IntentRecord, RequestRecord, SpoolRecord } from '../../vocabulary/index.ts';
import { writeCheckpoint } from './Checkpoint.ts';
import { checkRecord } from './checkRecord.ts';
import type { OpenIntents } from './OpenIntents.ts';
import type { Admission, LogBatch, ReadPosition, SegmentLog } from './SegmentLog.ts';
import type { ReadMemory } from './readSegment.ts';
import { scanSpool } from './scanSpool.ts';
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

export interface SpoolParts {
  readonly directory: string;
  readonly instance: string;
  readonly files: SpoolFiles;
  readonly segmentLog: SegmentLog;
  readonly shipped: ReadPosition;
  readonly open: OpenIntents;
  readonly release: () => void;
}

/** Whether a record is a piece of a job's capacity. It may be told again, and later: it is turned away before what is owed to requests. */
const isCapacity = (record: SpoolRecord): boolean => record.type === 'final' && record.operation === 'compute';

const otherStarts = ['{"type":"intent"', '{"type":"request"'].map((text) => Buffer.from(text));

/** A final from its JSON, or null; most others are told by how they begin. */
const finalIn = (payload: Buffer): FinalRecord | null => {
  if (otherStarts.some((start) => payload.subarray(0, start.length).equals(start))) return null;
  const record = JSON.parse(payload.toString()) as SpoolRecord;
  return record.type === 'final' ? record : null;
};

/** Records that are read in one go while requests are served. */
const foldRecords = 100;
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
  #beforeDrop: (sequence: number) => Promise<void> = () => Promise.resolve();

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#log = parts.segmentLog;
    this.#shipped = parts.shipped;
  }

  get directory(): string {
    return this.#parts.directory;
  }

  /** UUID of the spool: a folder that was made anew has another one. */
  get instance(): string {
    return this.#parts.instance;
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

  /** Before the oldest record that is still kept. */
  get start(): ReadPosition {
    return this.#log.start;
  }

  /** Size of all segments on disk. */
  get totalBytes(): number {
    return this.#log.totalBytes;
  }

  /** How much of what may wait for the disk does; 1: new intents are refused. */
  get unsyncedShare(): number {
    return this.#log.unsyncedShare;
  }

  /** Why new intents are refused now, or null: for readiness. */
  refusal(): string | null {
    return this.#log.refusal();
  }

  /** Intents of this and, right after opening, of earlier processes that have no final yet. */
  pendingAttempts(): IntentRecord[] {
    return this.#parts.open.all().map(({ intent }) => intent);
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
    const first = sequence - records.length + 1;
    for (const [index, record] of records.entries()) this.#note(record, first + index);
    return { sequence };
  }

  #check(record: SpoolRecord): void {
    checkRecord(record);
    const { open } = this.#parts;
    if (record.type === 'intent') assert(!open.has(record.attemptId), `attempt ${record.attemptId} has one intent`);
    if (record.type === 'final' && !isCapacity(record))
      assert(open.has(record.attemptId), `attempt ${record.attemptId} has an intent and one final`);
  }

  #note(record: SpoolRecord, sequence: number): void {
    const { open } = this.#parts;
    if (record.type === 'intent') open.add({ intent: record, segment: this.#log.currentSegment, sequence });
    if (record.type === 'final') open.remove(record.attemptId);
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

  /**
   * Visits every final behind a record, in order. Only right after opening, before anything is appended.
   * @returns false where not all of them are kept any more, or the record itself is unknown here: then none was visited.
   * @throws CodedError spool_damaged
   */
  async finalsBehind(sequence: number, visit: (final: FinalRecord) => void): Promise<boolean> {
    const fromSegment = this.#log.segmentBehind(sequence);
    if (fromSegment === null) return false;
    await scanSpool(this.#parts.files, this.#parts.directory, fromSegment, ({ frame }) => {
      const final = frame.sequence > sequence ? finalIn(frame.payload) : null;
      if (final !== null) visit(final);
    });
    return true;
  }

  /** Visits the durable finals behind a position, up to a record. */
  async finalsBetween(after: ReadPosition, untilSequence: number, visit: (final: FinalRecord) => void): Promise<void> {
    for (let position = after; position.sequence < untilSequence;) {
      // A few at a time: requests are served meanwhile.
      const wanted = Math.min(foldRecords, untilSequence - position.sequence);
      const { payloads, next } = await this.read(position, wanted);
      assert(payloads.length > 0, 'what is visited is on disk');
      for (const payload of payloads) {
        const final = finalIn(payload);
        if (final !== null) visit(final);
      }
      position = next;
    }
  }

  /** Has something done before segments are deleted; it gets the last record that they hold. Once it ends, however it ends, they are. */
  beforeDrop(act: (sequence: number) => Promise<void>): void {
    this.#beforeDrop = act;
  }

  /** Notes durably that everything up to a position is committed, and deletes segments that nobody needs any more. */
  async advance(shipped: ReadPosition): Promise<void> {
    assert(shipped.sequence >= this.#shipped.sequence, 'the checkpoint only goes forward');
    const { directory, files, instance, open } = this.#parts;
    const oldest = open.oldest();
    const oldestOpenSegment = Math.min(oldest?.segment ?? Infinity, shipped.segment);
    const oldestOpenSequence = Math.min(oldest?.sequence ?? Infinity, shipped.sequence + 1);
    await writeCheckpoint(files, directory, { instance, shipped, oldestOpenSegment, oldestOpenSequence });
    this.#shipped = shipped;
    const dropped = this.#log.droppedBefore(oldestOpenSegment);
    if (dropped !== null) await this.#beforeDrop(dropped).catch(() => {});
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
