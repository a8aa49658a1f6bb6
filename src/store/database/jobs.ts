import { assert, failure, isUuidV7, success, type Log, type Result } from '../../kernel/index.ts';
import {
  placementLimits,
  type Job,
  type JobQuestion,
  type JobStore,
  type SubmissionKey,
} from '../../placement/index.ts';
import { cleanRecord } from '../ship/cleanRecord.ts';
import type { Database, Queries } from './Database.ts';

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

/** The team that a job is counted for, which stands in its file. */
const teamOf = ({ written }: Job): string =>
  typeof written === 'object' && written !== null && 'team' in written && typeof written.team === 'string'
    ? written.team
    : '';

/** Without a target: a job that was kept before the answer was lost is as much in the way as a key that is taken. */
const insertRow = `
INSERT INTO archipel.job
  (organisation_id, job_id, name, state, team, submitted_at, ended_at, version, idempotency_key, body_hash, document)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
  const [row] = await queries.query<JobRow>(insertRow, [
    job.organisation,
    job.id,
    job.name,
    job.state,
    teamOf(job),
    instantOrNull(job.submittedAtMs),
    instantOrNull(job.endedAtMs),
    job.version,
    key.idempotencyKey,
    key.bodyHash,
    documentOf(job),
  ]);
  return row ? success(jobOf(row)) : earlierJob(queries, job, key);
};

/** Replaces a job that is still of the version expected. @returns false where it is not, or is not there: nothing was changed. */
export const updateJob = async (queries: Queries, job: Job, expectedVersion: number): Promise<boolean> => {
  assert(job.version === expectedVersion + 1, 'a change of a job is the version after the one that it replaces');
  const changed = await queries.query(
    `UPDATE archipel.job SET state = $4, ended_at = $5, version = $6, document = $7
     WHERE organisation_id = $1 AND job_id = $2 AND version = $3
     RETURNING job_id`,
    [job.organisation, job.id, expectedVersion, job.state, instantOrNull(job.endedAtMs), job.version, documentOf(job)],
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

/** Jobs in the order of their ids, which is that of their submission: the newest first. */
export const listJobs = async (
  queries: Queries,
  organisation: string,
  { states, limit }: JobQuestion,
): Promise<readonly Job[]> => {
  const rows = await queries.query<JobRow>(
    `SELECT version, document FROM archipel.job
     WHERE organisation_id = $1 AND ($2::text[] IS NULL OR state = ANY ($2))
     ORDER BY job_id DESC LIMIT $3`,
    [organisation, states, limit],
  );
  return rows.map(jobOf);
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
