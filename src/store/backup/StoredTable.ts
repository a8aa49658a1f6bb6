import type { Queries } from '../database/Database.ts';

/** A table of the schema with the statements that a backup needs. PostgreSQL itself wrote the names into them, from its catalogue. */
export interface StoredTable {
  readonly name: string;
  /** In the order of both statements. */
  readonly columns: readonly string[];
  readonly copyOut: string;
  readonly copyIn: string;
  /** Selects `there`: whether it has a row. */
  readonly anyRow: string;
  /** Moves the counters of its columns behind the largest value; null where it has none. */
  readonly moveCounters: string | null;
}

const selectTables = `
SELECT
  c.relname::text AS name,
  array_agg(a.attname::text ORDER BY a.attnum) AS columns,
  format('COPY (SELECT %s FROM archipel.%I) TO STDOUT', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), c.relname) AS "copyOut",
  format('COPY archipel.%I (%s) FROM STDIN', c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)) AS "copyIn",
  format('SELECT EXISTS (SELECT FROM archipel.%I) AS there', c.relname) AS "anyRow",
  string_agg(
    format(
      'SELECT setval(%L::regclass, max(%I)) FROM archipel.%I HAVING max(%I) IS NOT NULL',
      pg_get_serial_sequence(format('archipel.%I', c.relname), a.attname), a.attname, c.relname, a.attname
    ),
    '; ' ORDER BY a.attnum
  ) FILTER (WHERE pg_get_serial_sequence(format('archipel.%I', c.relname), a.attname) IS NOT NULL) AS "moveCounters"
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE n.nspname = 'archipel' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('migration', 'replica', 'rate_lease')
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.oid, c.relname
ORDER BY c.relname`;

/**
 * Every table of the schema, partitions under the one that they are part of; migrations apart, since they are applied and not copied, and without who runs now,
 * which is true of one moment only.
 */
export const storedTables = (queries: Queries): Promise<readonly StoredTable[]> =>
  queries.query<StoredTable>(selectTables);
