import { hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog, UuidV7Maker } from '../../kernel/index.ts';
import type { Job, JobStore } from '../../placement/index.ts';
import { openTestLedger, type TestLedger } from '../openTestLedger.fixture.ts';
import { jobStores } from './jobStores.ts';
import { aJob, noonMs } from './testJobs.fixture.ts';

let ledger: TestLedger;
let store: JobStore;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
beforeEach(async () => {
  await ledger.database.query('DELETE FROM archipel.job');

  store = jobStores(ledger.database, silentLog);
});

const maker = new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes));

const keyed = (idempotencyKey: string | null, body = '') => ({ idempotencyKey, bodyHash: hash('sha256', body) });

/** Jobs of the two in turn, each a second after the one before. */
const fill = async (count: number): Promise<readonly Job[]> => {
  const jobs: Job[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const organisation = nth % 2 === 0 ? 'default' : 'abroad';
    const job = aJob({ id: maker.next(noonMs + nth * 1_000), organisation, name: `job-${nth}` });
    expect(await store.insert(job, keyed(null))).toEqual({ ok: true, value: job });
    jobs.push(job);
  }
  return jobs;
};

const names = (jobs: readonly Pick<Job, 'name'>[]): readonly string[] => jobs.map(({ name }) => name);

describe('the jobs of two organisations', () => {
  test('are found by their ids alone', async () => {
    const jobs = await fill(4);
    for (const job of jobs) expect(await store.read(job.id)).toEqual(job);
    expect(await store.read(maker.next(noonMs))).toBeNull();
    expect(await store.read('no id')).toBeNull();
  });

  test('are one list, the newest first, as long as it is asked for', async () => {
    await fill(5);
    const all = ['job-4', 'job-3', 'job-2', 'job-1', 'job-0'];
    for (const limit of [1, 2, 4, 5, 50])
      expect(names(await store.list({ states: null, limit }))).toEqual(all.slice(0, limit));
  });

  test('are listed by state', async () => {
    const [first, second] = await fill(3);
    expect(await store.update({ ...first!, state: 'running', version: 2 })).toBe(true);
    expect(await store.update({ ...second!, state: 'failed', endedAtMs: noonMs, version: 2 })).toBe(true);
    expect(names(await store.list({ states: ['running', 'failed'], limit: 9 }))).toEqual(['job-1', 'job-0']);
    expect(names(await store.list({ states: ['queued'], limit: 9 }))).toEqual(['job-2']);
    expect(names(await store.open())).toEqual(['job-0', 'job-2']);
  });

  test('are taken over oldest first, whosever they are', async () => {
    await fill(5);
    expect(names(await store.open())).toEqual(['job-0', 'job-1', 'job-2', 'job-3', 'job-4']);
  });

  test('are changed each in its own place, and once for each version', async () => {
    const [ours, theirs] = await fill(2);
    expect(await store.update({ ...theirs!, name: 'renamed', version: 2 })).toBe(true);
    expect(await store.update({ ...theirs!, name: 'again', version: 2 })).toBe(false);
    expect(await store.read(ours!.id)).toEqual(ours);
    expect(await store.read(theirs!.id)).toMatchObject({ name: 'renamed', organisation: 'abroad' });
  });

  test('may have been sent under one key each: whoever chose it chose it for his own', async () => {
    const jobs = ['default', 'abroad'].map((organisation) => aJob({ id: maker.next(noonMs), organisation }));
    for (const job of jobs) expect(await store.insert(job, keyed('again'))).toEqual({ ok: true, value: job });
    const [first] = jobs;
    const sentAgain = aJob({ id: maker.next(noonMs) });
    expect(await store.insert(sentAgain, keyed('again'))).toEqual({ ok: true, value: first });
    expect(await store.insert(sentAgain, keyed('again', 'other'))).toEqual({ ok: false, fault: 'conflict' });
    expect(await store.list({ states: null, limit: 9 })).toHaveLength(2);
  });
});
