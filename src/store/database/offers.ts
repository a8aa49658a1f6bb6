import type { Queries } from './Database.ts';

/** A list of offers as it was imported. */
export interface StoredOfferList {
  readonly name: string;
  /** Day of the prices, "2026-07-02"; null where nobody told. */
  readonly date: string | null;
  /** Unix milliseconds. */
  readonly importedAtMs: number;
  /** Name of the admin key. */
  readonly importedBy: string;
  /** The comma-separated values to the letter. */
  readonly csv: string;
}

interface OfferListRow {
  readonly name: string;
  readonly source_date: string | null;
  readonly imported_at: Date;
  readonly imported_by: string;
  readonly csv: string;
}

/** Keeps a list; an older one of its name is gone. @throws CodedError database_unavailable */
export const saveOfferList = async (queries: Queries, list: StoredOfferList): Promise<void> => {
  await queries.query(
    `INSERT INTO archipel.offer_list (name, source_date, imported_at, imported_by, csv) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) DO UPDATE SET
       source_date = excluded.source_date, imported_at = excluded.imported_at, imported_by = excluded.imported_by, csv = excluded.csv`,
    [list.name, list.date, new Date(list.importedAtMs).toISOString(), list.importedBy, list.csv],
  );
};

/** All lists, by name. @throws CodedError database_unavailable */
export const readOfferLists = async (queries: Queries): Promise<readonly StoredOfferList[]> => {
  const rows = await queries.query<OfferListRow>(
    `SELECT name, to_char(source_date, 'YYYY-MM-DD') AS source_date, imported_at, imported_by, csv
     FROM archipel.offer_list ORDER BY name`,
  );
  return rows.map((row) => ({
    name: row.name,
    date: row.source_date,
    importedAtMs: row.imported_at.getTime(),
    importedBy: row.imported_by,
    csv: row.csv,
  }));
};
