import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** An attempt as the ledger holds it. */
export interface AttemptRow {
  readonly attemptId: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly provider: string;
  readonly vendor: string;
  readonly target: string;
  readonly stream: boolean;
  readonly outcome: {
    readonly kind: string;
    readonly failure?: { readonly class: string; readonly cause: string; readonly status?: number };
  };
  readonly basis: 'reported' | 'estimated' | 'unknown';
  readonly input: number;
  readonly output: number;
  readonly amountNanoUsd: bigint;
  readonly lowNanoUsd: bigint;
  readonly highNanoUsd: bigint;
}

export interface RequestRow {
  readonly requestId: string;
  readonly status: number;
  readonly errorCode: string | null;
  readonly attemptIds: readonly string[];
  readonly decisions: readonly unknown[];
}

/** What the ledger holds, read past the program. */
export interface LedgerRows {
  readonly attempts: readonly AttemptRow[];
  readonly requests: readonly RequestRow[];
}

const selectAttempts = `
SELECT attempt_id, request_id, attempt, provider, vendor, target_model, stream, outcome, basis, usage_input::text AS input,
  (usage_output + usage_reasoning)::text AS output, amount_nano_usd::text AS amount, range_low_nano_usd::text AS low,
  range_high_nano_usd::text AS high
FROM archipel.attempt WHERE revision = 0 ORDER BY request_id, attempt`;

const selectRequests = `
SELECT request_id, status, error_code, attempt_ids::text[] AS attempt_ids, decisions FROM archipel.request ORDER BY request_id`;

interface Kept {
  readonly password: string;
  readonly port: number;
}

const withDatabase = async <Value>(dataDir: string, act: (client: pg.Client) => Promise<Value>): Promise<Value> => {
  const { password, port }: Kept = JSON.parse(readFileSync(join(dataDir, 'postgres/postgres.json'), 'utf8'));
  return withClient({ host: '127.0.0.1', port, user: 'archipel', password, database: 'postgres' }, act);
};

const withClient = async <Value>(
  config: string | pg.ClientConfig,
  act: (client: pg.Client) => Promise<Value>,
): Promise<Value> => {
  const client = new pg.Client(config);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
};

/** Reads the embedded database of a data dir, which must be running. What the program has not shipped yet is not there. */
export const ledgerRows = (dataDir: string): Promise<LedgerRows> => withDatabase(dataDir, rowsIn);

/** The same of a database elsewhere. */
export const ledgerRowsAt = (url: string): Promise<LedgerRows> => withClient(url, rowsIn);

const rowsIn = async (client: pg.Client): Promise<LedgerRows> => {
  const attempts = await client.query(selectAttempts);
  const requests = await client.query(selectRequests);
  return {
    attempts: attempts.rows.map((row) => ({
      attemptId: row.attempt_id,
      requestId: row.request_id,
      attempt: row.attempt,
      provider: row.provider,
      vendor: row.vendor,
      target: `${row.provider}/${row.target_model}`,
      stream: row.stream,
      outcome: row.outcome,
      basis: row.basis,
      input: Number(row.input),
      output: Number(row.output),
      amountNanoUsd: BigInt(row.amount),
      lowNanoUsd: BigInt(row.low),
      highNanoUsd: BigInt(row.high),
    })),
    requests: requests.rows.map((row) => ({
      requestId: row.request_id,
      status: row.status,
      errorCode: row.error_code,
      attemptIds: row.attempt_ids,
      decisions: row.decisions,
    })),
  };
};

/** What all attempts come to, with all that was corrected since. Nano-dollars. */
export const ledgerTotalAt = (url: string): Promise<bigint> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ total: string }>(
      'SELECT coalesce(sum(amount_nano_usd), 0)::text AS total FROM archipel.attempt',
    );
    return BigInt(rows[0]?.total ?? 0);
  });

const selectUnknown = `
SELECT extract(epoch FROM recorded_at) * 1000 AS at, range_high_nano_usd::text AS most FROM archipel.attempt
WHERE key_name = $1 AND outcome_kind = 'unknown' AND revision = 0 ORDER BY recorded_at`;

/** An attempt whose end nobody saw, since its process died. */
export interface UnknownCost {
  /** When the ledger had it; Unix milliseconds. */
  readonly atMs: number;
  /** Most that it can have cost, nano-dollars. */
  readonly mostNanoUsd: bigint;
}

/** Those of a key, in the order of time. */
export const unknownCostsAt = (url: string, key: string): Promise<readonly UnknownCost[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ at: string; most: string }>(selectUnknown, [key]);
    return rows.map(({ at, most }) => ({ atMs: Number(at), mostNanoUsd: BigInt(most) }));
  });

const selectWhole = `
SELECT attempt_id AS id, request_id AS request, outcome_kind AS outcome, journal_id AS journal, (to_jsonb(whole) - 'recorded_at' - 'journal_id')::text AS row FROM archipel.attempt AS whole`;

/** An attempt. Its row has every column but for when it was recorded, and by which journal: what a backup has in its spool alone is booked anew. */
export interface WholeAttempt {
  readonly id: string;
  readonly request: string;
  readonly outcome: string;
  readonly journal: string | null;
  readonly row: string;
}

/** Every attempt of an embedded database, whole. */
export const wholeAttempts = (dataDir: string): Promise<readonly WholeAttempt[]> =>
  withDatabase(dataDir, async (client) => (await client.query<WholeAttempt>(selectWhole)).rows);

/** Takes one attempt out of the ledger, as only a test would: the judges must miss it. */
export const forgetAttempt = (dataDir: string, attemptId: string): Promise<void> =>
  withDatabase(dataDir, (client) => forget(client, attemptId));

/** The same of a database elsewhere. */
export const forgetAttemptAt = (url: string, attemptId: string): Promise<void> =>
  withClient(url, (client) => forget(client, attemptId));

const forget = async (client: pg.Client, attemptId: string): Promise<void> => {
  // It is append-only but for a superuser who puts its guards aside.
  await client.query("SET session_replication_role = 'replica'");
  await client.query('DELETE FROM archipel.attempt WHERE attempt_id = $1', [attemptId]);
};
