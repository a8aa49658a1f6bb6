import type { Queries } from '../database/Database.ts';
import { isFromBeforeRanges } from '../ship/spoolRange.ts';
import type { Checkpoint } from '../spool/Checkpoint.ts';
import type { LedgerFault, LedgerFaults } from './LedgerFaults.ts';

interface Range {
  readonly spool: string;
  readonly from: string;
  readonly to: string;
  /** End of the range before it; null for the first of its spool. */
  readonly before: string | null;
}

/** Ranges that are looked at in one go. */
const chunkRanges = 500;

/** $1 and $2 spool and start of the range behind which to go on, $3 how many. */
const selectRanges = `
SELECT spool, from_sequence AS "from", to_sequence AS "to", (
  SELECT max(earlier.to_sequence) FROM archipel.spool_range AS earlier
  WHERE earlier.spool = known.spool AND earlier.from_sequence < known.from_sequence
) AS before
FROM archipel.spool_range AS known
WHERE (spool, from_sequence) > ($1::uuid, $2::bigint)
ORDER BY spool, from_sequence LIMIT $3`;

const gapBefore = ({ spool, from, before }: Range, mayBeginLate: boolean): LedgerFault[] => {
  if (from === (before ?? '0') || (before === null && mayBeginLate)) return [];
  const detail = `records ${BigInt(before ?? 0) + 1n} to ${from} of this spool never came to this database`;
  return [{ kind: 'missing_range', id: spool, detail }];
};

/** What a checkpoint says is in the database, and what the database has. */
const checkEnd = async (
  queries: Queries,
  { instance, shipped }: Checkpoint,
  mayBeginLate: boolean,
): Promise<LedgerFault[]> => {
  const [last] = await queries.query<{ to: string | null }>(
    'SELECT max(to_sequence) AS "to" FROM archipel.spool_range WHERE spool = $1',
    [instance],
  );
  const to = last?.to ?? null;
  if (Number(to) >= shipped.sequence || (to === null && mayBeginLate)) return [];
  return [
    {
      kind: 'missing_range',
      id: instance,
      detail: `shipped up to record ${shipped.sequence}, the database has ${to ?? 'none'}`,
    },
  ];
};

/** Holds the ranges of each spool against each other, and those of the spool at hand against its checkpoint. @returns how many there are. */
export const checkRanges = async (
  queries: Queries,
  checkpoint: Checkpoint | null,
  faults: LedgerFaults,
): Promise<number> => {
  const mayBeginLate = await isFromBeforeRanges(queries);
  if (checkpoint !== null) faults.add(await checkEnd(queries, checkpoint, mayBeginLate));
  let [count, spool, from] = [0, '00000000-0000-0000-0000-000000000000', '-1'];
  for (;;) {
    const ranges = await queries.query<Range>(selectRanges, [spool, from, chunkRanges]);
    faults.add(ranges.flatMap((range) => gapBefore(range, mayBeginLate)));
    count += ranges.length;
    const last = ranges.at(-1);
    if (last === undefined) return count;
    ({ spool, from } = last);
  }
};
