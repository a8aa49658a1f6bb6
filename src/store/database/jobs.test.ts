import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog, type Log } from '../../kernel/index.ts';
import { placementLimits, summaryOf, type Job, type JobStore } from '../../placement/index.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import { aJob, anAttempt, submittedAtMs } from './aJob.fixture.ts';
import { jobStoreOn, migrate, organisationsWithJobs, type Queries } from './index.ts';
import { listJobs } from './jobs.ts';

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');
const keyed = (idempotencyKey: string | null, body = 'one') => ({ idempotencyKey, bodyHash: hashOf(body) });

let server: TemporaryPostgres;
let store: JobStore;

beforeAll(async () => {
  server = await temporaryPostgres();
  await migrate(server.database);
  store = jobStoreOn(server.database, 'default', silentLog);
});
afterAll(() => server.remove());
beforeEach(() => server.database.query('TRUNCATE archipel.job'));

const insert = async (...jobs: readonly Job[]): Promise<void> => {
  for (const job of jobs) expect(await store.insert(job, keyed(null))).toEqual({ ok: true, value: job });
};

const ended = (job: Job, state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded'): Job => ({
  ...job,
  version: job.version + 1,
  state,
  endedAtMs: job.submittedAtMs + 5_000,
});

describe('a job', () => {
  test('comes back as it was kept, to its own organisation only', async () => {
    const job = aJob();
    await insert(job);
    expect(await store.read(job.id)).toEqual(job);
    expect(await jobStoreOn(server.database, 'other', silentLog).read(job.id)).toBeNull();
    expect(await store.read(aJob().id)).toBeNull();
  });

  test('is found by its columns as the document says', async () => {
    const job = aJob();
    await insert(job);
    await store.update(ended(job));
    const rows = await server.database.query(
      'SELECT job_id, name, state, kind, team, submitted_at, ended_at, version FROM archipel.job',
    );
    expect(rows).toEqual([
      {
        job_id: job.id,
        name: 'own-small-train',
        state: 'succeeded',
        kind: 'train',
        team: 'research',
        submitted_at: new Date(submittedAtMs),
        ended_at: new Date(submittedAtMs + 5_000),
        version: 2,
      },
    ]);
  });

  test('of another organisation is not kept by mistake', () => {
    expect(() => store.insert(aJob({ organisation: 'other' }), keyed(null))).toThrow('its own organisation');
    expect(() => store.update(aJob({ organisation: 'other', version: 2 }))).toThrow('its own organisation');
  });

  test('survives whatever its ranks write, also what PostgreSQL has no place for', async () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(anyText, async (detail) => {
        const job = aJob({ evidence: [{ atMs: 0, what: 'rank_exited', detail: `${detail}\0\ud800.` }] });
        expect((await store.insert(job, keyed(null))).ok).toBe(true);
        expect((await store.read(job.id))?.evidence[0]?.detail).toBe(
          `${detail}\ufffd\ufffd.`.replaceAll('\0', '\ufffd').toWellFormed(),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('is no answer to an id that is none', async () => {
    await insert(aJob());
    await fc.assert(
      fc.asyncProperty(fc.string(), async (id) => {
        expect(await store.read(id)).toBeNull();
      }),
      { numRuns: 50 },
    );
    expect(await store.read("' OR true --")).toBeNull();
  });
});

describe('a submission', () => {
  test('that is sent again under its key makes no second job', async () => {
    const first = aJob();
    expect(await store.insert(first, keyed('k'))).toEqual({ ok: true, value: first });
    expect(await store.insert(aJob(), keyed('k'))).toEqual({ ok: true, value: first });
    expect(await store.list({ states: null, limit: 10 })).toEqual([summaryOf(first)]);
  });

  test('of another body under the same key is a conflict, and changes nothing', async () => {
    const first = aJob();
    await store.insert(first, keyed('k'));
    expect(await store.insert(aJob(), keyed('k', 'another'))).toEqual({ ok: false, fault: 'conflict' });
    expect(await store.list({ states: null, limit: 10 })).toEqual([summaryOf(first)]);
  });

  test('answers with the job as it stands, not as it was sent', async () => {
    const first = aJob();
    await store.insert(first, keyed('k'));
    await store.update(ended(first));
    expect(await store.insert(aJob(), keyed('k'))).toEqual({ ok: true, value: ended(first) });
  });

  test('without a key is a job of its own each time; the same job twice is one', async () => {
    const first = aJob();
    await insert(first, first, aJob({}, 1));
    expect(await store.list({ states: null, limit: 10 })).toHaveLength(2);
  });

  test('under the key of another organisation is none of its business', async () => {
    await store.insert(aJob(), keyed('k'));
    const other = jobStoreOn(server.database, 'other', silentLog);
    const job = aJob({ organisation: 'other' });
    expect(await other.insert(job, keyed('k', 'another'))).toEqual({ ok: true, value: job });
  });

  test('that many send at once makes one job, which all of them get', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => store.insert(aJob(), keyed('k'))));
    const ids = new Set(answers.map((answer) => (answer.ok ? answer.value.id : answer.fault)));
    expect(ids.size).toBe(1);
    expect(await store.list({ states: null, limit: 100 })).toHaveLength(1);
  });
});

describe('a change', () => {
  test('replaces the version before it, once', async () => {
    const job = aJob();
    await insert(job);
    const next: Job = { ...job, version: 2, state: 'starting' };
    expect(await store.update(next)).toBe(true);
    expect(await store.update(next)).toBe(false);
    expect(await store.update({ ...job, version: 4, state: 'running' })).toBe(false);
    expect(await store.read(job.id)).toEqual(next);
  });

  test('of one that is not there holds nothing', async () => {
    expect(await store.update(aJob({ version: 2 }))).toBe(false);
    expect(await store.list({ states: null, limit: 10 })).toEqual([]);
  });

  test('of several at once holds for one alone', async () => {
    const job = aJob();
    await insert(job);
    const states = ['starting', 'running', 'failed', 'cancelled', 'serving', 'stopping'] as const;
    const held = await Promise.all(states.map((state) => store.update({ ...job, version: 2, state })));
    expect(held.filter(Boolean)).toHaveLength(1);
    expect((await store.read(job.id))?.state).toBe(states[held.indexOf(true)]);
  });
});

describe('lists', () => {
  test('have the newest first, of the states that were asked for, up to the limit', async () => {
    const states = ['queued', 'running', 'queued', 'succeeded', 'running'] as const;
    const jobs = states.map((state, nth) => aJob({ state, endedAtMs: state === 'succeeded' ? 1 : null }, nth));
    await insert(...jobs);
    const summaries = jobs.map(summaryOf);
    const newestFirst = summaries.toReversed();
    expect(await store.list({ states: null, limit: 10 })).toEqual(newestFirst);
    expect(await store.list({ states: null, limit: 2 })).toEqual(newestFirst.slice(0, 2));
    expect(await store.list({ states: ['running'], limit: 10 })).toEqual([summaries[4], summaries[1]]);
    expect(await store.list({ states: ['running', 'succeeded'], limit: 2 })).toEqual([summaries[4], summaries[3]]);
    expect(await store.list({ states: [], limit: 10 })).toEqual([]);
  });

  test('tell of each job what its document says, as it changes', async () => {
    const job = aJob();
    const unknown = aJob({ written: { kind: 7 } }, 1);
    await insert(job, unknown);
    const list = () => store.list({ states: null, limit: 10 });
    expect(await list()).toEqual([summaryOf(unknown), summaryOf(job)]);
    expect(summaryOf(unknown)).toMatchObject({ kind: null, team: null });
    const placed: Job = {
      ...job,
      version: 2,
      name: 'renamed',
      state: 'running',
      attempts: [
        anAttempt({ costNanoUsd: '9007199254740993' }),
        anAttempt({ number: 2, site: 'south-1', costNanoUsd: '12345678901234567890' }),
      ],
    };
    expect(await store.update(placed)).toBe(true);
    expect(await list()).toEqual([summaryOf(unknown), summaryOf(placed)]);
    expect(await store.update({ ...ended(placed), endedAtMs: submittedAtMs + 1_234 })).toBe(true);
    expect((await list())[1]).toMatchObject({
      state: 'succeeded',
      site: 'south-1',
      attempts: 2,
      costNanoUsd: '12354686100489308883',
      endedAtMs: submittedAtMs + 1_234,
    });
  });

  test('read no document, which may be large', async () => {
    await insert(aJob());
    const asked: string[] = [];
    const watched: Queries = {
      query(sql, values) {
        asked.push(sql);
        return server.database.query(sql, values);
      },
    };
    expect(await listJobs(watched, 'default', { states: null, limit: 1_000 })).toHaveLength(1);
    expect(asked).toHaveLength(1);
    expect(asked[0]).not.toMatch(/document|\*/);
  });

  test('are of the ids that begin as asked, however many are newer', async () => {
    const jobs = [
      '01a21aa4-b93d-732e-9a06-f1efdb76e246',
      '01a21aa4-b93d-732f-8000-000000000000',
      '01a21aa4-ffff-7fff-bfff-ffffffffffff',
      '01a21aa5-0000-7000-8000-000000000000',
    ].map((id) => aJob({ id }));
    await insert(...jobs, aJob());
    const beginning = async (idPrefix: string, limit = 10) =>
      (await store.list({ states: null, idPrefix, limit })).map(({ id }) => jobs.findIndex((job) => job.id === id));
    expect(await beginning('01a21aa4')).toEqual([2, 1, 0]);
    expect(await beginning('01a21aa4-')).toEqual([2, 1, 0]);
    expect(await beginning('01a21aa4', 2)).toEqual([2, 1]);
    expect(await beginning('01a21aa4-b93d-732')).toEqual([1, 0]);
    expect(await beginning('01a21aa4-b93d-732e')).toEqual([0]);
    expect(await beginning(jobs[2]!.id)).toEqual([2]);
    expect(await beginning('02')).toEqual([]);
    expect(await store.list({ states: ['running'], idPrefix: '01a21aa4', limit: 10 })).toEqual([]);
    const other = jobStoreOn(server.database, 'other', silentLog);
    expect(await other.list({ states: null, idPrefix: '0', limit: 9 })).toEqual([]);
  });

  test('have for the beginning of an id exactly those that begin so, whatever is written', async () => {
    const jobs = Array.from({ length: 20 }, (_, nth) => aJob({}, nth * 40));
    await insert(...jobs);
    const ids = jobs.map(({ id }) => id).toReversed();
    const beginnings = fc.oneof(
      fc.tuple(fc.constantFrom(...ids), fc.nat(36)).map(([id, length]) => id.slice(0, length)),
      fc.string({ maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef-')), maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(beginnings, async (idPrefix) => {
        const found = await store.list({ states: null, idPrefix, limit: 100 });
        expect(found.map(({ id }) => id)).toEqual(ids.filter((id) => id.startsWith(idPrefix)));
      }),
      { numRuns: 60 },
    );
  });

  test('of what is open have the oldest first, page by page, and nothing that has ended', async () => {
    const jobs = Array.from({ length: 1_203 }, (_, nth) => aJob({}, nth));
    for (const part of [jobs.slice(0, 600), jobs.slice(600)])
      await Promise.all(part.map((job) => store.insert(job, keyed(null))));
    await store.update(ended(jobs[7]!, 'cancelled'));
    const open = await store.open();
    expect(open.map(({ id }) => id)).toEqual(jobs.filter((_, nth) => nth !== 7).map(({ id }) => id));
  });

  test('of what is open are bounded, with a loud sign', async () => {
    const most = placementLimits.openJobs;
    await server.database.query(
      `INSERT INTO archipel.job (organisation_id, job_id, name, state, attempts, cost_nano_usd, submitted_at, version, body_hash, document)
       SELECT 'default', id, 'x', 'queued', 0, 0, now(), 1, repeat('0', 64), jsonb_build_object('id', id, 'version', 1)
       FROM (SELECT uuidv7() AS id FROM generate_series(1, $1::integer)) AS made`,
      [most + 5],
    );
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (event, fields) => void lines.push(`${event} ${JSON.stringify(fields)}`) };
    expect(await jobStoreOn(server.database, 'default', log).open()).toHaveLength(most);
    expect(lines).toEqual([
      `more jobs are open than are run: the newest wait {"organisation":"default","most":${most}}`,
    ]);
    await server.database.query('DELETE FROM archipel.job WHERE ctid IN (SELECT ctid FROM archipel.job LIMIT 5)');
    expect(await jobStoreOn(server.database, 'default', log).open()).toHaveLength(most);
    expect(lines).toHaveLength(1);
  });
});

test('organisations with jobs are told by name, each once, whoever names them', async () => {
  expect(await organisationsWithJobs(server.database)).toEqual([]);
  for (const organisation of ['default', 'abroad', 'left', 'default', 'abroad'])
    await jobStoreOn(server.database, organisation, silentLog).insert(aJob({ organisation }), keyed(null));
  expect(await organisationsWithJobs(server.database)).toEqual(['abroad', 'default', 'left']);
});
