import { assert, errorMessage } from '../../kernel/index.ts';
import type { Clock, CodedError, Log } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import { DiskReserve } from './DiskReserve.ts';
import { FrameEncoder, type FrameRun } from './FrameEncoder.ts';
import { encodeSegmentHeader, segmentHeaderBytes } from './frames.ts';
import type { SpoolLimits } from './limits.ts';
import { readSegment, type ReadMemory } from './readSegment.ts';
import { RecentFrames } from './RecentFrames.ts';
import { segmentPath } from './scanSpool.ts';
import type { ScannedSegment } from './scanSpool.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** `refusable`: new work, which may be turned away · `owed`: what must be written because the work was done. */
export type Admission = 'refusable' | 'owed';

/** `group` syncs within `groupMs`; `strict` at once. */
export type Durability = 'group' | 'strict';

/** Where a reader stands: behind the record of this sequence. */
export interface ReadPosition {
  readonly segment: number;
  readonly offset: number;
  readonly sequence: number;
}

/** Records as they were appended, and the position behind them. */
export interface LogBatch {
  /** JSON in UTF-8. */
  readonly payloads: readonly Buffer[];
  readonly next: ReadPosition;
}

interface Segment {
  readonly number: number;
  readonly path: string;
  readonly firstSequence: number;
  /** Size of the file. */
  sizeBytes: number;
  /** Offset behind the last record that is on disk and counts here: readers go so far. */
  durableOffset: number;
}

interface OpenSegment extends Segment {
  readonly fd: number;
}

/** Records of one append that are with the operating system but not yet known to be on disk. Their bytes are kept for a new segment. */
interface UnsyncedRun {
  readonly bytes: Buffer;
  readonly firstSequence: number;
  readonly lastSequence: number;
  segment: Segment;
  endOffset: number;
}

interface SyncWaiter {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (reason: CodedError) => void;
}

export interface SegmentLogParts {
  readonly directory: string;
  readonly instance: string;
  readonly files: SpoolFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SpoolLimits;
  readonly durability: Durability;
  readonly segments: readonly ScannedSegment[];
  readonly nextSequence: number;
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/**
 * An append-only log of JSON texts in segment files. An append is with the operating system when it returns; groups of appends are
 * synced to disk behind it. After any failed write or sync the file is dead, because a second sync of it could report success without
 * having written: everything that was not known to be on disk is written again into a new file, under the same sequences.
 */
export class SegmentLog {
  readonly #parts: SegmentLogParts;
  readonly #reserve: DiskReserve;
  readonly #segments: Segment[];
  #writable: OpenSegment | null = null;
  /** Files that were followed by a new one before all of their records were synced. */
  #sealed: OpenSegment[] = [];
  /** Dead files whose descriptors wait for the end of the running sync: a descriptor must not be reused under it. */
  #dead: OpenSegment[] = [];
  readonly #encoder = new FrameEncoder();
  readonly #recent: RecentFrames;
  #unsynced: UnsyncedRun[] = [];
  #unsyncedBytes = 0;
  #totalBytes = 0;
  #nextSequence: number;
  #nextNumber: number;
  #durableSequence: number;
  #namesDirty = false;
  /** Counts replacements, so that a sync that was running on dead files says nothing. */
  #generation = 0;
  #syncing = false;
  #timer: NodeJS.Timeout | null = null;
  /** How long the timer was set for. */
  #timerDelayMs = 0;
  #failure: string | null = null;
  /** Syncs that failed one after the other; the first is mended at once, after more new work is refused until one succeeds. */
  #failedSyncs = 0;
  #failedAtMs = -Infinity;
  #reserveTriedAtMs = -Infinity;
  #closed = false;
  readonly #waiters: SyncWaiter[] = [];
  readonly #durableListeners = new Set<() => void>();

  constructor(parts: SegmentLogParts) {
    this.#parts = parts;
    this.#recent = new RecentFrames(parts.limits.recentBytes);
    this.#reserve = new DiskReserve(parts.files, parts.directory, parts.limits.reserveBytes);
    this.#segments = parts.segments.map((segment) => ({
      number: segment.number,
      path: segment.path,
      firstSequence: segment.header?.firstSequence ?? parts.nextSequence,
      sizeBytes: segment.sizeBytes,
      durableOffset: segment.endOffset,
    }));
    this.#totalBytes = this.#segments.reduce((total, segment) => total + segment.sizeBytes, 0);
    this.#nextSequence = parts.nextSequence;
    this.#durableSequence = parts.nextSequence - 1;
    this.#nextNumber = (this.#segments.at(-1)?.number ?? 0) + 1;
  }

  /** Sequence of the last append. */
  get appendedSequence(): number {
    return this.#nextSequence - 1;
  }

  /** Sequence up to which everything is on disk. */
  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Bytes that are not on disk yet, of those that may be. */
  get unsyncedShare(): number {
    return this.#unsyncedBytes / this.#parts.limits.unsyncedBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Number of the segment that the next append goes to, unless it is full. */
  get currentSegment(): number {
    return this.#writable?.number ?? this.#nextNumber;
  }

  /** Where a reader that has read nothing stands. */
  get start(): ReadPosition {
    const first = this.#segments[0];
    return first
      ? { segment: first.number, offset: segmentHeaderBytes, sequence: first.firstSequence - 1 }
      : { segment: this.#nextNumber, offset: segmentHeaderBytes, sequence: this.#nextSequence - 1 };
  }

  /** Number of the segment in which what comes behind a record begins; null where it is no longer kept, or was never written. */
  segmentBehind(sequence: number): number | null {
    if (sequence > this.appendedSequence) return null;
    const holder = this.#segments.findLast((segment) => segment.firstSequence <= sequence + 1);
    if (holder !== undefined) return holder.number;
    return this.#segments.length === 0 && sequence === this.appendedSequence ? this.#nextNumber : null;
  }

  /** Last record of what `dropBefore` would delete; null where that is nothing. */
  droppedBefore(number: number): number | null {
    const dropped = this.#droppable(number);
    const last = dropped.at(-1);
    const kept = this.#segments.find((segment) => last !== undefined && segment.number > last.number);
    return last === undefined ? null : (kept?.firstSequence ?? this.#nextSequence) - 1;
  }

  /** Takes the disk reserve. Until then, and whenever it is gone, new work is refused. */
  async takeReserve(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#reserveTriedAtMs >= this.#parts.limits.retryMs) {
      this.#reserveTriedAtMs = nowMs;
      if (await this.#reserve.take()) return;
      this.#parts.log.error('spool reserve cannot be taken: the disk is full', { directory: this.#parts.directory });
    }
    this.#schedule(this.#parts.limits.retryMs);
  }

  /** Why new work is refused now, or null. */
  refusal(): string | null {
    const { limits } = this.#parts;
    if (this.#failure !== null && !this.#mayTryAgain()) return `its disk cannot be written (${this.#failure})`;
    if (this.#failedSyncs > 1) return 'its disk does not sync';
    if (!this.#reserve.held) return 'its disk is full';
    if (this.#totalBytes >= limits.bytesMax)
      return `the spool holds ${this.#totalBytes} bytes that are not in the database yet`;
    if (this.#unsyncedBytes >= limits.unsyncedBytes) return `its disk is ${this.#unsyncedBytes} bytes behind`;
    return null;
  }

  /**
   * Hands records to the operating system, all in one write, and has them synced soon.
   * @returns the sequence of the last.
   * @throws CodedError ledger_unavailable, record_too_large: then none of them was taken.
   */
  append(payloads: readonly string[], admission: Admission): number {
    assert(!this.#closed, 'the spool is open');
    assert(payloads.length > 0, 'something is appended');
    const run = this.#encoder.encode(payloads, this.#nextSequence, this.#durableSequence);
    this.#admit(run, admission);
    this.#write(run.bytes, admission);
    this.#note(run);
    this.#schedule(this.#parts.durability === 'strict' ? 0 : this.#parts.limits.groupMs);
    return this.appendedSequence;
  }

  /** Counts records that stand at the end of the current segment. */
  #note({ bytes, count }: FrameRun): void {
    const segment = this.#writable;
    assert(segment, 'a record that was written has its segment');
    this.#recent.add(bytes);
    const firstSequence = this.#nextSequence;
    const lastSequence = firstSequence + count - 1;
    this.#unsynced.push({ bytes, firstSequence, lastSequence, segment, endOffset: segment.sizeBytes });
    this.#unsyncedBytes += bytes.length;
    this.#nextSequence += count;
  }

  /** Payloads of the last appends in which a text stands, the oldest first. */
  recentWith(text: string): Iterable<string> {
    return this.#recent.with(text);
  }

  /** Resolves once everything up to a sequence is on disk. @throws CodedError ledger_unavailable */
  synced(sequence: number): Promise<void> {
    if (sequence <= this.#durableSequence) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ sequence, resolve, reject });
    });
  }

  /** Brings everything appended so far to disk now. @throws CodedError ledger_unavailable */
  flush(): Promise<void> {
    const done = this.synced(this.appendedSequence);
    if (this.#unsynced.length > 0) this.#schedule(0);
    return done;
  }

  /** Resolves when more than `sequence` is durable, or when the signal aborts. */
  moreThan(sequence: number, signal: AbortSignal): Promise<void> {
    if (this.#durableSequence > sequence || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#durableSequence <= sequence && !signal.aborted) return;
        this.#durableListeners.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#durableListeners.add(look);
      signal.addEventListener('abort', look);
    });
  }

  /**
   * Reads durable records behind a position, at most so many records or about so many bytes.
   * @param memory what to read into; what was read into it before is over.
   */
  async read(after: ReadPosition, recordsMax: number, bytesMax: number, memory?: ReadMemory): Promise<LogBatch> {
    const takeMemory = memory?.next();
    const payloads: Buffer[] = [];
    let bytes = 0;
    let next = after;
    for (const [index, segment] of this.#segments.entries()) {
      if (segment.number < after.segment) continue;
      const from = segment.number === next.segment ? next.offset : segmentHeaderBytes;
      // What is durable now: a record that becomes durable during the read is left to the next one.
      const until = segment.durableOffset;
      // What an earlier process wrote again into a later file no longer counts in this one.
      const supersededFrom = this.#segments[index + 1]?.firstSequence ?? Infinity;
      if (until > from && next.sequence + 1 < supersededFrom) {
        const { files } = this.#parts;
        const fd = files.openForReading(segment.path);
        try {
          const reading = await readSegment(
            files,
            fd,
            { offset: from, sequence: next.sequence + 1 },
            until,
            (frame) => {
              if (payloads.length >= recordsMax || bytes >= bytesMax) return false;
              if (frame.sequence >= supersededFrom) return false;
              payloads.push(frame.payload);
              bytes += frame.payload.length;
              return true;
            },
            takeMemory,
          );
          const isWhole = reading.sequence >= supersededFrom;
          if (reading.ended === 'broken' && !isWhole) {
            throw storeError(
              'spool_damaged',
              `${segment.path} is damaged at byte ${reading.offset}: it was whole when it was written.`,
            );
          }
          next = { segment: segment.number, offset: reading.offset, sequence: reading.sequence - 1 };
          if (reading.ended === 'stopped' && !isWhole) break;
        } finally {
          files.close(fd);
        }
      }
      if (segment.durableOffset > until || index === this.#segments.length - 1) break;
    }
    return { payloads, next };
  }

  /** Deletes fully read segments: those before `number`, but the last few of them. */
  dropBefore(number: number): void {
    for (const segment of this.#droppable(number)) this.#delete(segment);
  }

  #droppable(number: number): readonly Segment[] {
    const read = this.#segments.filter(
      (segment) => segment.number < number && segment.number !== this.#writable?.number,
    );
    return read.slice(0, Math.max(0, read.length - this.#parts.limits.retainedSegments));
  }

  /** Syncs what is left and closes the files. @throws CodedError ledger_unavailable when something could not be synced. */
  async close(): Promise<void> {
    assert(!this.#closed, 'the spool is closed once');
    try {
      await this.flush();
    } finally {
      this.#closed = true;
      if (this.#timer) clearTimeout(this.#timer);
      for (const segment of [...this.#sealed, ...this.#dead, ...(this.#writable ? [this.#writable] : [])]) {
        this.#parts.files.close(segment.fd);
      }
      this.#writable = null;
      this.#sealed = [];
      this.#dead = [];
    }
  }

  #mayTryAgain(): boolean {
    return this.#parts.clock.monotonicMs() - this.#failedAtMs >= this.#parts.limits.retryMs;
  }

  #unavailable(why: string, cause?: unknown): CodedError {
    return storeError('ledger_unavailable', `The ledger takes no new work: ${why}.`, { cause });
  }

  #admit({ bytes, largestBytes }: FrameRun, admission: Admission): void {
    const { limits } = this.#parts;
    if (largestBytes > limits.recordBytes) {
      throw storeError(
        'record_too_large',
        `A record of ${largestBytes} bytes is over the limit of ${limits.recordBytes}.`,
      );
    }
    if (admission === 'refusable') {
      const why = this.refusal();
      if (why !== null) throw this.#unavailable(why);
    } else if (this.#totalBytes + bytes.length > limits.bytesMax + limits.reserveBytes) {
      throw this.#unavailable('the spool and its reserve are full');
    } else if (this.#unsyncedBytes + bytes.length > limits.unsyncedBytes + limits.reserveBytes) {
      throw this.#unavailable('too much waits for its disk');
    }
  }

  /** Writes frames, at worst into a new segment, at the very worst with the space of the reserve. */
  #write(bytes: Buffer, admission: Admission): void {
    if (this.#failure === null) {
      try {
        this.#place(bytes);
        return;
      } catch (error) {
        this.#fail('write', error);
      }
    }
    try {
      this.#replace(bytes);
    } catch (error) {
      this.#fail('new segment', error);
      if (admission === 'refusable' || !this.#giveReserveBack()) throw this.#unavailable(errorMessage(error), error);
      this.#writeWithReserve(bytes);
    }
  }

  /** @returns whether there was space to give. */
  #giveReserveBack(): boolean {
    if (!this.#reserve.release()) return false;
    this.#reserveTriedAtMs = this.#parts.clock.monotonicMs();
    this.#parts.log.error('spool reserve given back to write what is owed', { directory: this.#parts.directory });
    return true;
  }

  #writeWithReserve(bytes: Buffer): void {
    try {
      this.#replace(bytes);
    } catch (error) {
      this.#fail('new segment', error);
      throw this.#unavailable(errorMessage(error), error);
    }
  }

  /** Writes frames to the current segment, or begins the next one with them. */
  #place(bytes: Buffer): void {
    const current = this.#writable;
    if (current && current.sizeBytes + bytes.length <= this.#parts.limits.segmentBytes) {
      this.#writeAll(current.fd, bytes);
      current.sizeBytes += bytes.length;
      this.#totalBytes += bytes.length;
      return;
    }
    const fresh = this.#create(this.#nextSequence, [bytes]);
    if (current) this.#sealed.push(current);
    this.#adopt(fresh);
  }

  #adopt(fresh: OpenSegment): void {
    this.#writable = fresh;
    this.#segments.push(fresh);
    this.#totalBytes += fresh.sizeBytes;
  }

  #writeAll(fd: number, bytes: Buffer): void {
    for (let written = 0; written < bytes.length;) {
      const count = this.#parts.files.write(fd, written === 0 ? bytes : bytes.subarray(written));
      if (count === 0) throw new Error('the disk took no byte');
      written += count;
    }
  }

  /** Leaves all files that are not synced to themselves and writes their unsynced records, and more, into a new one. */
  #replace(more: Buffer | null): void {
    const kept = this.#unsynced.map((run) => run.bytes);
    const frames = more === null ? kept : [...kept, more];
    if (frames.length > 0) {
      const fresh = this.#create(this.#unsynced[0]?.firstSequence ?? this.#nextSequence, frames);
      let endOffset = segmentHeaderBytes;
      for (const run of this.#unsynced) {
        endOffset += run.bytes.length;
        run.segment = fresh;
        run.endOffset = endOffset;
      }
      this.#retire();
      this.#adopt(fresh);
      this.#parts.log.warn('spool goes on in a new segment', { segment: fresh.number, bytes: fresh.sizeBytes });
    } else this.#retire();
    this.#generation++;
    this.#failure = null;
    if (this.#unsynced.length > 0) this.#schedule(0);
  }

  /** Closes the files that were left; one of which no record counts any more is deleted. */
  #retire(): void {
    const left = [...this.#sealed, ...(this.#writable ? [this.#writable] : [])];
    this.#sealed = [];
    this.#writable = null;
    if (this.#syncing) this.#dead.push(...left);
    else for (const segment of left) this.#parts.files.close(segment.fd);
    for (const segment of left) if (segment.durableOffset === segmentHeaderBytes) this.#delete(segment);
  }

  #delete(segment: Segment): void {
    this.#discard(segment.path);
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#totalBytes -= segment.sizeBytes;
  }

  /** Makes a segment with its first records: under its name it is whole, whenever the process dies. */
  #create(firstSequence: number, frames: readonly Buffer[]): OpenSegment {
    const { files, directory, instance } = this.#parts;
    const number = this.#nextNumber++;
    const path = segmentPath(directory, number);
    const draft = `${path}.new`;
    const header = encodeSegmentHeader({
      instance,
      boot: files.bootId(),
      firstSequence,
      durable: this.#durableSequence,
    });
    let fd: number | null = null;
    try {
      fd = files.create(draft);
      const bytes = Buffer.concat([header, ...frames]);
      this.#writeAll(fd, bytes);
      files.rename(draft, path);
      this.#namesDirty = true;
      return { number, path, firstSequence, sizeBytes: bytes.length, durableOffset: segmentHeaderBytes, fd };
    } catch (error) {
      if (fd !== null) files.close(fd);
      this.#discard(draft);
      throw error;
    }
  }

  #discard(path: string): void {
    try {
      this.#parts.files.remove(path);
    } catch {
      // What cannot be removed now does no harm: the next open removes drafts, and skips what was written again.
    }
  }

  /** The current files are dead: nothing more is written to them, and nothing that they say is believed. */
  #fail(what: string, error: unknown): void {
    this.#failure = `${what}: ${errorMessage(error)}`;
    this.#failedAtMs = this.#parts.clock.monotonicMs();
    this.#parts.log.error('spool segment is dead', {
      what,
      error: errorMessage(error),
      segment: this.#writable?.number,
    });
    if (this.#writable) this.#sealed.push(this.#writable);
    this.#writable = null;
    this.#generation++;
    this.#schedule(this.#parts.limits.retryMs);
  }

  /** Has the next sync begin within so many milliseconds. One timer at a time; a shorter one replaces it. */
  #schedule(delayMs: number): void {
    if (this.#closed) return;
    if (this.#timer) {
      // It was set before, and for no longer: it ends first.
      if (this.#timerDelayMs <= delayMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerDelayMs = delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#turn();
    }, delayMs);
  }

  /** One turn of the syncing: mends what failed, takes the reserve again, syncs what is waiting. Never throws. */
  async #turn(): Promise<void> {
    if (this.#syncing) return;
    if (this.#failure !== null && !this.#mend()) return;
    if (!this.#reserve.held) await this.takeReserve();
    // Looked at again, since taking the reserve takes time: a file that failed meanwhile must never be synced once more.
    if (this.#unsynced.length > 0 && this.#failure === null && !this.#syncing && !this.#closed) await this.#sync();
  }

  /** Tries to go on in a new segment. Without success the waiters are told, and the next try is scheduled. */
  #mend(mayGiveBack = true): boolean {
    try {
      this.#replace(null);
      return true;
    } catch (error) {
      this.#fail('new segment', error);
      // What was taken is owed as much as what comes: the reserve is for both.
      const isOwed = this.#unsynced.length > 0 && isFull(error);
      if (mayGiveBack && isOwed && this.#giveReserveBack()) return this.#mend(false);
      this.#rejectWaiters(error);
      return false;
    }
  }

  #rejectWaiters(error: unknown): void {
    const reason = this.#unavailable(errorMessage(error), error);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  async #sync(): Promise<void> {
    const { files, directory } = this.#parts;
    const generation = this.#generation;
    const target = this.appendedSequence;
    const targets = [...this.#sealed, ...(this.#writable ? [this.#writable] : [])];
    this.#syncing = true;
    let failure: unknown = null;
    try {
      for (const segment of targets) await files.sync(segment.fd);
      if (this.#namesDirty) {
        this.#namesDirty = false;
        await files.syncDirectory(directory);
      }
    } catch (error) {
      this.#namesDirty = true;
      failure = error;
    }
    this.#syncing = false;
    for (const segment of this.#dead.splice(0)) files.close(segment.fd);
    if (generation === this.#generation) {
      if (failure === null) this.#markDurable(target);
      else this.#syncFailed(failure);
    }
    this.#scheduleNext();
  }

  /** What is left to do after a sync; a timer that fired during it did nothing. */
  #scheduleNext(): void {
    const { durability, limits } = this.#parts;
    if (this.#failure !== null) this.#schedule(limits.retryMs);
    else if (this.#unsynced.length > 0) {
      this.#schedule(durability === 'strict' || this.#waiters.length > 0 ? 0 : limits.groupMs);
    } else if (!this.#reserve.held) this.#schedule(limits.retryMs);
  }

  #syncFailed(error: unknown): void {
    this.#fail('sync', error);
    this.#failedSyncs++;
    if (this.#failedSyncs === 1) this.#mend();
    else this.#rejectWaiters(error);
  }

  #markDurable(target: number): void {
    let count = 0;
    for (const run of this.#unsynced) {
      if (run.lastSequence > target) break;
      run.segment.durableOffset = run.endOffset;
      this.#unsyncedBytes -= run.bytes.length;
      count++;
    }
    this.#unsynced.splice(0, count);
    this.#durableSequence = target;
    this.#failedSyncs = 0;
    const done = this.#sealed.filter((segment) => segment.durableOffset === segment.sizeBytes);
    this.#sealed = this.#sealed.filter((segment) => segment.durableOffset !== segment.sizeBytes);
    for (const segment of done) this.#parts.files.close(segment.fd);
    const waiting = this.#waiters.splice(0);
    for (const waiter of waiting) {
      if (waiter.sequence <= target) waiter.resolve();
      else this.#waiters.push(waiter);
    }
    for (const look of this.#durableListeners) look();
  }
}
