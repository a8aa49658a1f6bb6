import type { Queries } from './Database.ts';

const selectMonths = `
SELECT DISTINCT substring(c.relname from '_(\\d{4}_\\d{2})$') AS month
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'archipel' AND c.relname ~ '_\\d{4}_\\d{2}$'
ORDER BY month`;

/** First days of the months that have partitions, such as "2026-11-01". */
export const storedMonths = async (queries: Queries): Promise<readonly string[]> =>
  (await queries.query<{ month: string }>(selectMonths)).map(({ month }) => `${month.replace('_', '-')}-01`);
