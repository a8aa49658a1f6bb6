import pg from 'pg';
import { uuidV7Month } from '../../kernel/index.ts';
import type { Log, Metrics } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import type { Database } from '../database/Database.ts';
import { cleanRecord } from './cleanRecord.ts';
import { insertRecords } from './insertRecords.ts';

/** A final or a request on its way into the database. */
export interface Shipment {
  readonly type: 'final' | 'request';
  readonly organisation: string;
  /** Attempt id or request id. */
  readonly id: string;
  readonly payload: string;
}

/** Picks what the database keeps: intents stay in the spool. */
export const shipmentsOf = (payloads: readonly string[]): readonly Shipment[] =>
  payloads.flatMap((raw) => {
    const payload = cleanRecord(raw);
    const record = JSON.parse(payload) as SpoolRecord;
    if (record.type === 'intent') return [];
    const id = record.type === 'final' ? record.attemptId : record.requestId;
    return [{ type: record.type, organisation: record.organisation, id, payload }];
  });

const payloadsOf = (shipments: readonly Shipment[], type: Shipment['type']): string[] =>
  shipments.filter((shipment) => shipment.type === type).map((shipment) => shipment.payload);

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
      [shipment.organisation, shipment.id, shipment.payload, error.message],
    );
  }

  async #ensureMonths(shipments: readonly Shipment[]): Promise<void> {
    for (const month of new Set(shipments.map((shipment) => uuidV7Month(shipment.id)))) {
      if (this.#months.has(month)) continue;
      await this.#database.query('SELECT archipel.ensure_month($1::date)', [`${month}-01`]);
      this.#months.add(month);
    }
  }
}
