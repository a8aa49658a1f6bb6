import { assert, failure, isUuidV7, success, type Log, type Result } from '../../kernel/index.ts';
import {
  placementLimits,
  summaryOf,
  type Job,
  type JobQuestion,
  type JobStore,
  type JobSummary,
  type SubmissionKey,
} from '../../placement/index.ts';
import { cleanRecord } from '../ship/cleanRecord.ts';
import type { Database, Queries, SqlValue } from './Database.ts';

interface JobRow {
  readonly version: number;
  readonly document: Job;
}

const jobOf = ({ version, document }: JobRow): Job => {
  assert(document.version === version, `job ${document.id} is kept under its own version`);
  return document;
};

const instantOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const documentOf = (job: Job): string => cleanRecord(JSON.stringify(job));

/** What of a row a change replaces, after what it is found by: $1 to $10. */
const changingColumns = (job: Job): readonly SqlValue[] => {
  const { name, state, site, attempts, costNanoUsd } = summaryOf(job);
  const endedAt = instantOrNull(job.endedAtMs);
  return [job.organisation, job.id, name, state, site, attempts, costNanoUsd, endedAt, job.version, documentOf(job)];
};

/** Without a target: a job that was kept before the answer was lost is as much in the way as a key that is taken. */
const insertRow = `
INSERT INTO archipel.job
  (organisation_id, job_id, name, state, site, attempts, cost_nano_usd, ended_at, version, document,
   kind, team, submitted_at, idempotency_key, body_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT DO NOTHING
RETURNING version, document`;

const selectEarlier = `
SELECT version, document, body_hash FROM archipel.job
WHERE organisation_id = $1 AND (idempotency_key = $3 OR (job_id = $2 AND $3::text IS NULL))`;

/** The job that was kept under the same key, or under the same id where there is none. */
const earlierJob = async (queries: Queries, job: Job, key: SubmissionKey): Promise<Result<Job, 'conflict'>> => {
  const [earlier] = await queries.query<JobRow & { readonly body_hash: string }>(selectEarlier, [
    job.organisation,
    job.id,
    key.idempotencyKey,
  ]);
  assert(earlier, 'rows of jobs are never removed: what was in the way is there');
  return earlier.body_hash === key.bodyHash ? success(jobOf(earlier)) : failure('conflict');
};

/** Keeps a new job once. @returns it, or the one that came before it under the same key. @throws CodedError database_unavailable */
export const insertJob = async (queries: Queries, job: Job, key: SubmissionKey): Promise<Result<Job, 'conflict'>> => {
  const { kind, team } = summaryOf(job);
  const [row] = await queries.query<JobRow>(insertRow, [
    ...changingColumns(job),
    kind,
    team,
    instantOrNull(job.submittedAtMs),
    key.idempotencyKey,
    key.bodyHash,
  ]);
  return row ? success(jobOf(row)) : earlierJob(queries, job, key);
};

/** Replaces a job that is still of the version expected. @returns false where it is not, or is not there: nothing was changed. */
export const updateJob = async (queries: Queries, job: Job, expectedVersion: number): Promise<boolean> => {
  assert(job.version === expectedVersion + 1, 'a change of a job is the version after the one that it replaces');
  const changed = await queries.query(
    `UPDATE archipel.job
     SET name = $3, state = $4, site = $5, attempts = $6, cost_nano_usd = $7, ended_at = $8, version = $9, document = $10
     WHERE organisation_id = $1 AND job_id = $2 AND version = $11
     RETURNING job_id`,
    [...changingColumns(job), expectedVersion],
  );
  return changed.length === 1;
};

/** A job; null where there is none of this id. */
export const readJobById = async (queries: Queries, organisation: string, id: string): Promise<Job | null> => {
  if (!isUuidV7(id)) return null;
  const [row] = await queries.query<JobRow>(
    'SELECT version, document FROM archipel.job WHERE organisation_id = $1 AND job_id = $2',
    [organisation, id],
  );
  return row ? jobOf(row) : null;
};

const idLength = 36;

const idShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The first and the last id that begin so; null where none can. */
const idsThatBegin = (prefix: string): readonly [string, string] | null => {
  if (prefix.length > idLength) return null;
  const ends = ['0', 'f'].map(
    (digit) => prefix + '00000000-0000-0000-0000-000000000000'.slice(prefix.length).replaceAll('0', digit),
  );
  const [first = '', last = ''] = ends;
  return idShape.test(first) ? [first, last] : null;
};

const selectSummaries = `
SELECT job_id, version, name, kind, team, state, site, submitted_at, ended_at, attempts, cost_nano_usd FROM archipel.job
WHERE organisation_id = $1 AND ($2::text[] IS NULL OR state = ANY ($2)) AND job_id BETWEEN $3 AND $4
ORDER BY job_id DESC LIMIT $5`;

interface SummaryRow extends Pick<JobSummary, 'version' | 'name' | 'kind' | 'team' | 'state' | 'site' | 'attempts'> {
  readonly job_id: string;
  readonly submitted_at: Date;
  readonly ended_at: Date | null;
  readonly cost_nano_usd: string;
}

const toSummary = ({ job_id, submitted_at, ended_at, cost_nano_usd, ...same }: SummaryRow): JobSummary => ({
  ...same,
  id: job_id,
  submittedAtMs: submitted_at.getTime(),
  endedAtMs: ended_at?.getTime() ?? null,
  costNanoUsd: cost_nano_usd,
});

/** Jobs in the order of their ids, which is that of their submission: the newest first. It reads no document, however many they are. */
export const listJobs = async (
  queries: Queries,
  organisation: string,
  { states, idPrefix = '', limit }: JobQuestion,
): Promise<readonly JobSummary[]> => {
  const ids = idsThatBegin(idPrefix);
  if (ids === null) return [];
  const rows = await queries.query<SummaryRow>(selectSummaries, [organisation, states, ...ids, limit]);
  return rows.map(toSummary);
};

/** Jobs of one answer of PostgreSQL, whose documents can be large. */
const pageRows = 500;

/** Jobs that have not ended, oldest first, page by page. @param most How many at most. */
export const openJobs = async (queries: Queries, organisation: string, most: number): Promise<readonly Job[]> => {
  const jobs: Job[] = [];
  for (;;) {
    const rows = await queries.query<JobRow>(
      `SELECT version, document FROM archipel.job
       WHERE organisation_id = $1 AND ended_at IS NULL AND ($2::uuid IS NULL OR job_id > $2)
       ORDER BY job_id LIMIT $3`,
      [organisation, jobs.at(-1)?.id ?? null, Math.min(pageRows, most - jobs.length)],
    );
    jobs.push(...rows.map(jobOf));
    if (rows.length < pageRows || jobs.length >= most) return jobs;
  }
};

/** The jobs of one organisation. @param log Hears where more jobs are open than are run. */
export const jobStoreOn = (database: Database, organisation: string, log: Log): JobStore => ({
  insert(job, key) {
    assert(job.organisation === organisation, 'a job is kept with its own organisation');
    return insertJob(database, job, key);
  },
  update(job) {
    assert(job.organisation === organisation, 'a job is kept with its own organisation');
    return updateJob(database, job, job.version - 1);
  },
  read: (id) => readJobById(database, organisation, id),
  list: (question) => listJobs(database, organisation, question),
  async open() {
    const { openJobs: most } = placementLimits;
    const jobs = await openJobs(database, organisation, most + 1);
    if (jobs.length > most) log.error('more jobs are open than are run: the newest wait', { organisation, most });
    return jobs.slice(0, most);
  },
});
