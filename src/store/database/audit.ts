import type { Queries } from './Database.ts';

/** What somebody changed. */
export interface Audited {
  readonly actor: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Noun and verb: "key.revoke". */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One line of the audit. */
export interface AuditEntry extends Audited {
  readonly id: string;
}

/** Writes a line: in the transaction of the change, or before a change that no transaction makes. @throws CodedError database_unavailable */
export const keepAudit = async (
  queries: Queries,
  organisation: string,
  { atMs, actor, action, subject, detail }: Audited,
): Promise<void> => {
  await queries.query(
    'INSERT INTO archipel.audit (organisation_id, at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)',
    [organisation, new Date(atMs).toISOString(), actor, action, subject, JSON.stringify(detail)],
  );
};

/** The newest entries of the audit, newest first. */
export const listAudit = async (
  queries: Queries,
  organisation: string,
  entriesMax: number,
): Promise<readonly AuditEntry[]> => {
  const rows = await queries.query<{
    audit_id: string;
    at: Date;
    actor: string;
    action: string;
    subject: string;
    detail: Audited['detail'];
  }>(
    `SELECT audit_id, at, actor, action, subject, detail FROM archipel.audit
     WHERE organisation_id = $1 ORDER BY audit_id DESC LIMIT $2`,
    [organisation, entriesMax],
  );
  return rows.map(({ audit_id, at, ...entry }) => ({ id: audit_id, atMs: at.getTime(), ...entry }));
};
