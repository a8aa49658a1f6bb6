import pg from 'pg';
import { uuidV7Month } from '../../kernel/index.ts';
import type { Log, Metrics } from '../../kernel/index.ts';
import type { FinalRecord, SpoolRecord } from '../../vocabulary/index.ts';
import type { Database, Queries } from '../database/Database.ts';
import { cleanBytes } from './cleanRecord.ts';
import { movesOf, movesOfRows, moveSpend, type SpendMove } from '../leases/index.ts';
import { ArrayMemory } from './ArrayMemory.ts';
import { insertRecords } from './insertRecords.ts';
import { isFromBeforeRanges, lastRange, noteRange, type SpoolRange } from './spoolRange.ts';

/** A final or a request on its way into the database. */
export interface Shipment {
  readonly type: 'final' | 'request';
  /** Its place in the spool. */
  readonly sequence: number;
  /** Attempt id or request id. */
  readonly id: string;
  /** Its JSON in UTF-8. */
  readonly payload: Buffer;
}

/** How our own records begin; what does not begin so is parsed to be told apart. */
const intentStart = '{"type":"intent",';
const finalStart = '{"type":"final","attemptId":"';
const requestStart = '{"type":"request","requestId":"';
const idLength = 36;

const startLengthMax = requestStart.length + idLength;

const idBehind = (head: string, start: string): string => head.slice(start.length, start.length + idLength);

const shipmentOf = (raw: Buffer, sequence: number): Shipment | null => {
  const head = raw.toString('latin1', 0, startLengthMax);
  if (head.startsWith(intentStart)) return null;
  const payload = cleanBytes(raw);
  if (head.startsWith(finalStart)) return { type: 'final', sequence, id: idBehind(head, finalStart), payload };
  if (head.startsWith(requestStart)) return { type: 'request', sequence, id: idBehind(head, requestStart), payload };
  const record = JSON.parse(payload.toString()) as SpoolRecord;
  if (record.type === 'intent') return null;
  const id = record.type === 'final' ? record.attemptId : record.requestId;
  return { type: record.type, sequence, id, payload };
};

/**
 * Picks what the database keeps, as it was written: intents stay in the spool.
 * @param behind sequence of the record behind which the payloads follow each other
 */
export const shipmentsOf = (payloads: readonly Buffer[], behind: number): readonly Shipment[] => {
  const shipments: Shipment[] = [];
  for (const [index, payload] of payloads.entries()) {
    const shipment = shipmentOf(payload, behind + index + 1);
    if (shipment !== null) shipments.push(shipment);
  }
  return shipments;
};

const payloadsOf = (shipments: readonly Shipment[], type: Shipment['type']): Buffer[] => {
  const payloads: Buffer[] = [];
  for (const shipment of shipments) if (shipment.type === type) payloads.push(shipment.payload);
  return payloads;
};

const organisationOf = ({ payload }: Shipment): string => (JSON.parse(payload.toString()) as SpoolRecord).organisation;

/** A range of a spool on its way. */
export interface ShippedRange extends SpoolRange {
  /** All of it that the database keeps, in order. */
  readonly shipments: readonly Shipment[];
}

/** A database lacks records that a checkpoint said it had: it is another one, or a copy to which not everything had come. */
export class MissingRecords extends Error {
  override readonly name = 'MissingRecords';
  /** Sequence behind which they are missing. */
  readonly behind: number;

  constructor(behind: number, range: SpoolRange) {
    super(
      `the database lacks what is behind record ${behind} and before ${range.fromSequence + 1} of spool ${range.spool}`,
    );
    this.behind = behind;
  }
}

/** Data, constraint and size errors are about the contents of a record; all else is about the database and will pass or be mended. */
const isRefused = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/** What a shipping is made of. */
export interface RecordShippingParts {
  readonly database: Database;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Makes a UUIDv7. */
  readonly makeJournalId: () => string;
  /** Sequence behind which the spool still holds everything. */
  readonly heldBehind: () => number;
  /** Whether other replicas spend the same budgets: then the spool names this one. */
  readonly isShared: boolean;
}

const readFinal = (payload: Buffer): FinalRecord => JSON.parse(payload.toString()) as FinalRecord;

/** Hears what records have spent of shared budgets. */
export type OnMoved = (moves: readonly SpendMove[]) => void;

const ignore: OnMoved = () => {};

/** Brings shipments into the database; knows which months have their partitions. */
export class RecordShipping {
  readonly #parts: RecordShippingParts;
  readonly #months = new Set<string>();
  #memory = new ArrayMemory();

  constructor(parts: RecordShippingParts) {
    this.#parts = parts;
  }

  /**
   * Commits a range, all of it in one transaction. What PostgreSQL refuses for its contents is found by halving and kept aside, so that
   * one bad record never stops the ledger.
   * @param onMoved told what these records have spent of shared budgets, once all of them are in the database: of a range that fails half-way it is told nothing, and
   * all when the range is shipped again.
   * @throws CodedError database_unavailable, MissingRecords: nothing may be taken as shipped then.
   */
  async ship(range: ShippedRange, onMoved: OnMoved = ignore): Promise<void> {
    const moves = await this.#bringAll(range);
    if (moves.length > 0) onMoved(moves);
  }

  /** @returns what the records have spent of shared budgets. */
  async #bringAll(range: ShippedRange): Promise<readonly SpendMove[]> {
    try {
      return await this.#commit(range);
    } catch (error) {
      if (!isRefused(error)) throw error;
      return this.#shipApart(range, error);
    }
  }

  /** @param again whether this is the second try. @returns what the records have spent of shared budgets. */
  async #commit(range: ShippedRange, again = false): Promise<readonly SpendMove[]> {
    const { shipments } = range;
    const { isShared } = this.#parts;
    await this.#ensureMonths(shipments);
    try {
      const [finals, requests] = [payloadsOf(shipments, 'final'), payloadsOf(shipments, 'request')];
      const journalId = this.#parts.makeJournalId();
      const { rows, attempts, moves } = await this.#bring(range, async (queries) => {
        const inserted = await insertRecords(queries, { journalId, range, finals, requests, isShared }, this.#memory);
        if (inserted.moves.length > 0) await moveSpend(queries, range.spool, inserted.moves);
        return inserted;
      });
      this.#parts.metrics.count('archipel_ledger_rows_total', {}, rows);
      if (!isShared) return [];
      // What was there before has moved before, and nobody was told: the answer was lost, or what followed it in its range failed.
      return attempts === finals.length ? movesOfRows(moves) : movesOf(finals.map(readFinal));
    } catch (error) {
      // A connection that is lost may still be about to send of it.
      this.#memory = new ArrayMemory();
      if (!isRefused(error) || again) throw error;
      // It may be for a partition that somebody dropped: with those made again, once more, before anything is called bad.
      this.#months.clear();
      return this.#commit(range, true);
    }
  }

  /** Has a range written and notes, in the same transaction, that the database has it: so it knows by itself what it lacks. @throws MissingRecords */
  #bring<Value>(range: SpoolRange, write: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#parts.database.transaction(async (queries) => {
      const last = await lastRange(queries, range.spool);
      await this.#refuseGap(queries, range, last);
      const value = await write(queries);
      await noteRange(queries, range, last);
      return value;
    });
  }

  /** What the spool still holds must be shipped before; what it does not is gone, and the ranges tell of it. @throws MissingRecords */
  async #refuseGap(queries: Queries, range: SpoolRange, last: SpoolRange | null): Promise<void> {
    const behind = last?.toSequence ?? 0;
    if (behind >= range.fromSequence) return;
    if (this.#parts.heldBehind() < range.fromSequence) {
      // Another database may lack partitions as well.
      this.#months.clear();
      throw new MissingRecords(behind, range);
    }
    if (last === null && (await isFromBeforeRanges(queries))) return;
    this.#parts.log.error('records are missing from the ledger, and the spool holds them no more', {
      spool: range.spool,
      from: behind + 1,
      to: range.fromSequence,
    });
    this.#parts.metrics.count('archipel_ledger_gaps_total');
  }

  async #shipApart(range: ShippedRange, error: pg.DatabaseError): Promise<readonly SpendMove[]> {
    const { spool, fromSequence, toSequence, shipments } = range;
    const [only] = shipments;
    if (shipments.length === 1 && only) {
      await this.#keepAside(range, only, error);
      return [];
    }
    const half = shipments.length >> 1;
    const between = shipments[half - 1]?.sequence ?? fromSequence;
    const first = { spool, fromSequence, toSequence: between, shipments: shipments.slice(0, half) };
    const second = { spool, fromSequence: between, toSequence, shipments: shipments.slice(half) };
    return [...(await this.#bringAll(first)), ...(await this.#bringAll(second))];
  }

  async #keepAside(range: SpoolRange, shipment: Shipment, error: pg.DatabaseError): Promise<void> {
    const { type, id, sequence, payload } = shipment;
    this.#parts.log.error('a record was refused by the database and is kept aside', {
      type,
      id,
      reason: error.message,
    });
    this.#parts.metrics.count('archipel_ledger_rejected_total');
    await this.#bring(range, (queries) =>
      queries.query(
        `INSERT INTO archipel.rejected_record (organisation_id, record_id, record, reason, spool, sequence) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING`,
        [organisationOf(shipment), id, payload.toString(), error.message, range.spool, sequence],
      ),
    );
  }

  async #ensureMonths(shipments: readonly Shipment[]): Promise<void> {
    for (const { id } of shipments) {
      const month = uuidV7Month(id);
      if (this.#months.has(month)) continue;
      await this.#parts.database.query('SELECT archipel.ensure_month($1::date)', [`${month}-01`]);
      this.#months.add(month);
    }
  }
}
