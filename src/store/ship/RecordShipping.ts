import pg from 'pg';
import { uuidV7Month } from '../../kernel/index.ts';
import type { Log, Metrics } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import type { Database } from '../database/Database.ts';
import { cleanBytes } from './cleanRecord.ts';
import { insertRecords } from './insertRecords.ts';

/** A final or a request on its way into the database. */
export interface Shipment {
  readonly type: 'final' | 'request';
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

const shipmentOf = (raw: Buffer): Shipment | null => {
  const head = raw.toString('latin1', 0, startLengthMax);
  if (head.startsWith(intentStart)) return null;
  const payload = cleanBytes(raw);
  if (head.startsWith(finalStart)) return { type: 'final', id: idBehind(head, finalStart), payload };
  if (head.startsWith(requestStart)) return { type: 'request', id: idBehind(head, requestStart), payload };
  const record = JSON.parse(payload.toString()) as SpoolRecord;
  if (record.type === 'intent') return null;
  return { type: record.type, id: record.type === 'final' ? record.attemptId : record.requestId, payload };
};

/** Picks what the database keeps, as it was written: intents stay in the spool. */
export const shipmentsOf = (payloads: readonly Buffer[]): readonly Shipment[] => {
  const shipments: Shipment[] = [];
  for (const payload of payloads) {
    const shipment = shipmentOf(payload);
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

/** Data, constraint and size errors are about the contents of a record; all else is about the database and will pass or be mended. */
const isRefused = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/** Brings shipments into the database; knows which months have their partitions. */
export class RecordShipping {
  readonly #database: Database;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #months = new Set<string>();

  constructor(database: Database, log: Log, metrics: Metrics) {
    this.#database = database;
    this.#log = log;
    this.#metrics = metrics;
  }

  /**
   * Commits the shipments, all in one transaction. What PostgreSQL refuses for its contents is found by halving and kept aside, so that
   * one bad record never stops the ledger. @throws CodedError database_unavailable: nothing may be taken as shipped then.
   */
  async ship(shipments: readonly Shipment[]): Promise<void> {
    if (shipments.length === 0) return;
    try {
      await this.#commit(shipments);
    } catch (error) {
      if (!isRefused(error)) throw error;
      await this.#shipApart(shipments, error);
    }
  }

  /** @param again whether this is the second try. */
  async #commit(shipments: readonly Shipment[], again = false): Promise<void> {
    await this.#ensureMonths(shipments);
    try {
      const rows = await this.#database.transaction((queries) =>
        insertRecords(queries, payloadsOf(shipments, 'final'), payloadsOf(shipments, 'request')),
      );
      this.#metrics.count('archipel_ledger_rows_total', {}, rows);
    } catch (error) {
      if (!isRefused(error) || again) throw error;
      // It may be for a partition that somebody dropped: with those made again, once more, before anything is called bad.
      this.#months.clear();
      await this.#commit(shipments, true);
    }
  }

  async #shipApart(shipments: readonly Shipment[], error: pg.DatabaseError): Promise<void> {
    const [first] = shipments;
    if (shipments.length === 1 && first) return this.#keepAside(first, error);
    const half = shipments.length >> 1;
    await this.ship(shipments.slice(0, half));
    await this.ship(shipments.slice(half));
  }

  async #keepAside(shipment: Shipment, error: pg.DatabaseError): Promise<void> {
    this.#log.error('a record was refused by the database and is kept aside', {
      type: shipment.type,
      id: shipment.id,
      reason: error.message,
    });
    this.#metrics.count('archipel_ledger_rejected_total');
    await this.#database.query(
      `INSERT INTO archipel.rejected_record (organisation_id, record_id, record, reason) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [organisationOf(shipment), shipment.id, shipment.payload.toString(), error.message],
    );
  }

  async #ensureMonths(shipments: readonly Shipment[]): Promise<void> {
    for (const { id } of shipments) {
      const month = uuidV7Month(id);
      if (this.#months.has(month)) continue;
      await this.#database.query('SELECT archipel.ensure_month($1::date)', [`${month}-01`]);
      this.#months.add(month);
    }
  }
}
