import type { Queries } from '../database/Database.ts';

/** Records of a spool that follow each other. */
export interface SpoolRange {
  /** UUID of the spool. */
  readonly spool: string;
  /** Behind this record, ... */
  readonly fromSequence: number;
  /** ... up to and with this one. */
  readonly toSequence: number;
}

interface RangeRow {
  readonly from: string;
  readonly to: string;
}

const selectLast = `
SELECT from_sequence AS "from", to_sequence AS "to" FROM archipel.spool_range WHERE spool = $1
ORDER BY from_sequence DESC LIMIT 1 FOR UPDATE`;

/** The last range that a database has of a spool, locked until the end of the transaction; null where it has none. */
export const lastRange = async (queries: Queries, spool: string): Promise<SpoolRange | null> => {
  const [row] = await queries.query<RangeRow>(selectLast, [spool]);
  return row === undefined ? null : { spool, fromSequence: Number(row.from), toSequence: Number(row.to) };
};

const hasOpening = `
SELECT EXISTS (SELECT FROM archipel.unbooked_month) OR EXISTS (SELECT FROM archipel.journal WHERE kind = 'opening') AS there`;

/** Whether a database has attempts of before there were ranges: what it lacks of a spool then is no gap. */
export const isFromBeforeRanges = async (queries: Queries): Promise<boolean> => {
  const [row] = await queries.query<{ there: boolean }>(hasOpening);
  return row?.there === true;
};

const insertOrGrow = `
INSERT INTO archipel.spool_range AS known (spool, from_sequence, to_sequence) VALUES ($1, $2, $3)
ON CONFLICT (spool, from_sequence) DO UPDATE SET to_sequence = greatest(known.to_sequence, excluded.to_sequence)`;

/**
 * Notes that a database has a range: the last one of the spool grows by it where it reaches so far, else a new one begins behind a gap.
 * @param last What `lastRange` gave in this transaction.
 */
export const noteRange = async (queries: Queries, range: SpoolRange, last: SpoolRange | null): Promise<void> => {
  const grows = last !== null && last.toSequence >= range.fromSequence;
  const fromSequence = grows ? last.fromSequence : range.fromSequence;
  await queries.query(insertOrGrow, [range.spool, fromSequence, range.toSequence]);
};
