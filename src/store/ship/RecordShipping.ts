import pg from 'pg';
import { uuidV7Month } from '../../kernel/index.ts';
import type { Log, Metrics } from '../../kernel/index.ts';
import type { SpoolRecord } from '../../vocabulary/index.ts';
import type { Database, Queries } from '../database/Database.ts';
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

/** The last of them, to be found again; null where there is none. */
const lastOf = (shipments: readonly Shipment[]): ShippedRecord | null => {
  const last = shipments.at(-1);
  return last === undefined ? null : { id: last.id, organisation: organisationOf(last) };
};

const payloadsOf = (shipments: readonly Shipment[], type: Shipment['type']): Buffer[] => {
  const payloads: Buffer[] = [];
  for (const shipment of shipments) if (shipment.type === type) payloads.push(shipment.payload);
  return payloads;
};

const organisationOf = ({ payload }: Shipment): string => (JSON.parse(payload.toString()) as SpoolRecord).organisation;

/** A record that was shipped: enough to find it again. */
interface ShippedRecord {
  readonly id: string;
  readonly organisation: string;
}

const seeServer = `
SELECT
  pg_postmaster_start_time()::text AS server,
  $1::text IS NULL
  OR EXISTS (SELECT FROM archipel.attempt WHERE organisation_id = $1 AND month = archipel.uuid_month($2::uuid) AND attempt_id = $2::uuid)
  OR EXISTS (SELECT FROM archipel.request WHERE organisation_id = $1 AND month = archipel.uuid_month($2::uuid) AND request_id = $2::uuid)
  OR EXISTS (SELECT FROM archipel.rejected_record WHERE organisation_id = $1 AND record_id::text = $3) AS is_there`;

/** A server that was started since lacks a record that was shipped: it is another one, to which not everything had come. */
export class MissingRecord extends Error {
  override readonly name = 'MissingRecord';
  readonly id: string;

  constructor(id: string) {
    super(`the database lacks record ${id}, which was shipped`);
    this.id = id;
  }
}

/** Data, constraint and size errors are about the contents of a record; all else is about the database and will pass or be mended. */
const isRefused = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '');

/** Brings shipments into the database; knows which months have their partitions. */
export class RecordShipping {
  readonly #database: Database;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #months = new Set<string>();
  /** The newest record that was shipped. */
  #last: ShippedRecord | null = null;
  /** When the server was started to which it was. */
  #server: string | null = null;

  constructor(database: Database, log: Log, metrics: Metrics) {
    this.#database = database;
    this.#log = log;
    this.#metrics = metrics;
  }

  /**
   * Commits the shipments, all in one transaction. What PostgreSQL refuses for its contents is found by halving and kept aside, so that
   * one bad record never stops the ledger. @throws CodedError database_unavailable, MissingRecord: nothing may be taken as shipped then.
   */
  async ship(shipments: readonly Shipment[]): Promise<void> {
    if (shipments.length === 0) return;
    try {
      await this.#commit(shipments);
      this.#last = lastOf(shipments);
    } catch (error) {
      if (!isRefused(error)) throw error;
      await this.#shipApart(shipments, error);
    }
  }

  /** @param again whether this is the second try. */
  async #commit(shipments: readonly Shipment[], again = false): Promise<void> {
    await this.#ensureMonths(shipments);
    try {
      const rows = await this.#database.transaction(async (queries) => {
        await this.#seeServer(queries);
        return insertRecords(queries, payloadsOf(shipments, 'final'), payloadsOf(shipments, 'request'));
      });
      this.#metrics.count('archipel_ledger_rows_total', {}, rows);
    } catch (error) {
      if (!isRefused(error) || again) throw error;
      // It may be for a partition that somebody dropped: with those made again, once more, before anything is called bad.
      this.#months.clear();
      await this.#commit(shipments, true);
    }
  }

  /**
   * Each batch looks, inside its transaction, whether the server is the one of before or has what was shipped to that: a failover needs no failed statement.
   * What is missing on a server that ran all the time was taken away on purpose. @throws MissingRecord
   */
  async #seeServer(queries: Queries): Promise<void> {
    const { id = null, organisation = null } = this.#last ?? {};
    const [row] = await queries.query<{ server: string; is_there: boolean }>(seeServer, [organisation, id, id]);
    const isAnother = this.#server !== null && row?.server !== this.#server;
    this.#server = row?.server ?? null;
    if (!isAnother || id === null || row?.is_there === true) return;
    this.#last = null;
    // Another database may lack partitions as well.
    this.#months.clear();
    throw new MissingRecord(id);
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
