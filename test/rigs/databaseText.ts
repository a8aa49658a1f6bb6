import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** Where a data dir may hold an embedded database: a configuration's, and the sandbox's in its own corner. */
const accounts = ['postgres/postgres.json', 'sandbox/postgres/postgres.json'];

/** Rows of a table that are read at most. */
const rowsMax = 100_000;

interface Account {
  readonly password: string;
  readonly port: number;
}

/** Passwords of the embedded databases of a data dir. */
export const databaseAccounts = (dataDir: string): Account[] =>
  accounts
    .map((name) => join(dataDir, name))
    .filter((path) => existsSync(path))
    .map((path): Account => JSON.parse(readFileSync(path, 'utf8')));

const allTables = `
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`;

const textOf = async ({ password, port }: Account): Promise<string> => {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'archipel', password, database: 'postgres' });
  // A server that is shut down meanwhile ends the connection: what was read so far stands.
  client.on('error', () => {});
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(allTables);
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t LIMIT ${rowsMax}`);
      texts.push(`table ${name}: ${rows.length} rows`, ...rows.map(({ row }) => row));
    }
    return `${texts.join('\n')}\n`;
  } finally {
    await client.end();
  }
};

/** Every row of every table of a data dir's embedded databases, as text; says so where one does not answer. */
export const databaseText = async (dataDir: string): Promise<string> => {
  const texts = await Promise.all(
    databaseAccounts(dataDir).map((account) =>
      textOf(account).catch((error: unknown) => `not read: ${String(error)}\n`),
    ),
  );
  return texts.join('');
};
