import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Answer, Json, Operator } from '../../http/index.ts';
import { openTestLedger, type TestLedger } from '../openTestLedger.fixture.ts';
import { jobsFolder, openTestJobs, type TestJobs } from './openTestJobs.fixture.ts';
import { jobFile, jobId, twoSites } from './testJobs.fixture.ts';

let ledger: TestLedger;
const folder = jobsFolder();

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(async () => {
  await ledger.remove();
  folder.remove();
});

const operator: Operator = { name: 'ops', rights: new Set(), teams: null };

const sections = {
  ...twoSites,
  jobs: { lookMs: 50, pieceSeconds: 1, refusedSeconds: 1, restartSeconds: 1 },
};

const opened: TestJobs[] = [];
afterEach(async () => {
  // What a test has begun is ended by it, or here.
  const all = opened.splice(0);
  try {
    for (const { jobs } of all)
      for (const { id } of rowsOf(await jobs.desk.list({ states: null, limit: 100 }))) {
        await jobs.desk.cancel(id, operator);
        await untilState(jobs, id, ['succeeded', 'failed', 'cancelled']);
      }
  } finally {
    for (const one of all) await one.close();
  }
});

const open = async (options: { readonly isStarted?: boolean; readonly sandbox?: boolean } = {}): Promise<TestJobs> => {
  const { isStarted = true, sandbox = false } = options;
  const one = await openTestJobs(ledger, folder.path, sections, { sandbox });
  if (isStarted) {
    await one.jobs.start();
    opened.push(one);
  }
  return one;
};

const valueOf = (answer: Answer): Readonly<Record<string, Json>> => {
  if (!answer.ok) throw new Error(`${answer.fault.code}: ${answer.fault.message}`);
  return answer.value as Readonly<Record<string, Json>>;
};

interface Row {
  readonly id: string;
  readonly state: string;
}

const rowsOf = (answer: Answer): readonly Row[] => JSON.parse(JSON.stringify(valueOf(answer)['jobs']));

const untilState = async ({ desk }: TestJobs['jobs'], id: string, states: readonly string[]): Promise<void> => {
  await vi.waitFor(async () => expect(states).toContain(valueOf(await desk.show(id))['state']), {
    timeout: 25_000,
    interval: 20,
  });
};

const directory = realpathSync(import.meta.dirname);

/** A job that waits for ever: what it reads is not there. */
const waiting = (more: object = {}) =>
  jobFile({ directory, data: [{ name: 'corpus', uri: 'store:not-there' }], ...more });

const running = (program: string, more: object = {}) =>
  jobFile({ directory, command: ['node', '--eval', program], graceSeconds: 1, ...more });

describe('a submission', () => {
  test('is answered with id and state, and is in the list', async () => {
    const { desk } = (await open()).jobs;
    const submitted = valueOf(await desk.submit(waiting(), operator, null));
    expect(submitted).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), state: 'queued' });
    const { id } = submitted as { readonly id: string };
    expect(rowsOf(await desk.list({ states: ['queued'], limit: 5 }))).toMatchObject([{ id, state: 'queued' }]);
    expect(valueOf(await desk.show(id))).toMatchObject({ id, submittedBy: 'ops', team: 'research', serve: null });
  });

  test('under a key that was sent before is the job of before, and with another body a conflict', async () => {
    const { desk } = (await open()).jobs;
    const first = valueOf(await desk.submit(waiting(), operator, 'once'));
    expect(valueOf(await desk.submit(waiting(), operator, 'once'))).toEqual(first);
    expect(await desk.submit(waiting({ name: 'another' }), operator, 'once')).toMatchObject({
      ok: false,
      fault: { code: 'idempotency_conflict' },
    });
    expect(rowsOf(await desk.list({ states: ['queued'], limit: 9 }))).toHaveLength(1);
  });

  test('that is no job is refused with the places of its faults', async () => {
    const { desk } = (await open()).jobs;
    const refused = await desk.submit(jobFile({ team: 'reserch', directory: '.' }), operator, null);
    expect(refused).toMatchObject({ ok: false, fault: { code: 'job_invalid' } });
    expect(!refused.ok && refused.fault.message.split('\n')).toHaveLength(2);
  });

  test('that nothing known here can run is refused at once, and is in no list', async () => {
    const { desk } = (await open()).jobs;
    const accelerators = { anyOf: [{ kind: 'GB200', perRank: 4_000 }] };
    expect(await desk.submit(waiting({ accelerators }), operator, null)).toMatchObject({
      ok: false,
      fault: { code: 'job_unsatisfiable', message: expect.stringMatching(/.+: .+/) },
    });
    expect(rowsOf(await desk.list({ states: ['queued'], limit: 9 }))).toEqual([]);
  });

  test('is held against the sites of the last reload', async () => {
    const one = await open();
    const { desk } = one.jobs;
    const wanted = waiting({ accelerators: { anyOf: [{ kind: 'B300', perRank: 8 }] } });
    expect(await desk.submit(wanted, operator, null)).toMatchObject({ fault: { code: 'job_unsatisfiable' } });
    const west = { executor: 'local', vendor: 'cascade', accelerators: [{ kind: 'B300', count: 8 }] };
    const sites = { ...(twoSites['sites'] as object), west: { ...west, price: { B300: { hourUsd: '9' } } } };
    await one.reload({ ...sections, sites });
    expect(await desk.submit(wanted, operator, null)).toMatchObject({ ok: true });
  });

  test('has a name in the organisation of its team', async () => {
    const one = await openTestJobs(ledger, folder.path, {
      ...sections,
      organisations: { default: {}, abroad: {} },
      teams: { research: {}, far: { organisation: 'abroad' } },
    });
    opened.push(one);
    await one.jobs.start();
    const { id } = valueOf(await one.jobs.desk.submit(waiting({ team: 'far' }), operator, null)) as { id: string };
    const [row] = await ledger.database.query('SELECT organisation_id, team FROM archipel.job WHERE job_id = $1', [id]);
    expect(row).toEqual({ organisation_id: 'abroad', team: 'far' });
  });
});

describe('a process that does not run the jobs', () => {
  test('shows them out of the database, and changes none', async () => {
    const holder = await open();
    const { id } = valueOf(await holder.jobs.desk.submit(waiting(), operator, null)) as { id: string };
    const other = await open({ isStarted: false });
    const { desk } = other.jobs;
    try {
      await other.jobs.start();
      const elsewhere = { ok: false, fault: { code: 'jobs_run_elsewhere' } };
      expect(await desk.submit(waiting(), operator, null)).toMatchObject(elsewhere);
      expect(await desk.cancel(id, operator)).toMatchObject(elsewhere);
      expect(rowsOf(await desk.list({ states: null, limit: 1 }))).toMatchObject([{ id }]);
      expect(valueOf(await desk.show(id))).toMatchObject({ id, state: 'queued' });
      expect(valueOf(await desk.explain(id))).toMatchObject({ id });
      expect(other.jobs.serving()).toEqual([]);
      const { sites } = valueOf(desk.sites());
      expect(sites).toHaveLength(2);
    } finally {
      await other.close();
    }
  });

  test('says what is wrong with a job before it says who runs them', async () => {
    const other = await open({ isStarted: false });
    const answer = await other.jobs.desk.submit({}, operator, null);
    expect(answer).toMatchObject({ ok: false, fault: { code: 'job_invalid' } });
    await other.close();
  });
});

describe('an id that nobody knows', () => {
  test.each(['show', 'explain', 'cancel', 'logs'] as const)('is said to be none: %s', async (what) => {
    const { desk } = (await open()).jobs;
    const ask = {
      show: () => desk.show(jobId),
      explain: () => desk.explain(jobId),
      cancel: () => desk.cancel(jobId, operator),
      logs: () => desk.logs({ id: jobId, attempt: null, rank: 0, fromByte: 0 }),
    };
    expect(await ask[what]()).toEqual({
      ok: false,
      fault: { code: 'no_such_thing', message: `There is no job ${jobId}.` },
    });
  });
});

describe('logs', () => {
  test('of a job that has no place yet are none, and it says so', async () => {
    const { desk } = (await open()).jobs;
    const { id } = valueOf(await desk.submit(waiting(), operator, null)) as { id: string };
    for (const [attempt, message] of [
      [null, `Job ${id} has not been placed yet.`],
      [1, `Job ${id} has no attempt 1.`],
    ] as const)
      expect(await desk.logs({ id, attempt, rank: 0, fromByte: 0 })).toEqual({
        ok: false,
        fault: { code: 'no_such_thing', message },
      });
  });

  test('are what each rank wrote, piece by piece, also once it has ended', async () => {
    const { jobs } = await open();
    const { desk } = jobs;
    const program = "process.stdout.write('rank ' + process.env.ARCHIPEL_RANK)";
    const sent = running(program, { ranks: 2, accelerators: { anyOf: [{ kind: 'GB200', perRank: 2 }] } });
    const { id } = valueOf(await desk.submit(sent, operator, null)) as { id: string };
    await untilState(jobs, id, ['succeeded']);
    for (const rank of [0, 1])
      expect(valueOf(await desk.logs({ id, attempt: null, rank, fromByte: 0 }))).toEqual({
        attempt: 1,
        rank,
        text: `rank ${rank}`,
        nextByte: 6,
        ended: true,
      });
    expect(valueOf(await desk.logs({ id, attempt: 1, rank: 0, fromByte: 5 }))).toMatchObject({
      text: '0',
      nextByte: 6,
    });
    expect(valueOf(await desk.logs({ id, attempt: 1, rank: 0, fromByte: 6 }))).toMatchObject({ text: '', nextByte: 6 });
    expect(await desk.logs({ id, attempt: 2, rank: 0, fromByte: 0 })).toMatchObject({
      ok: false,
      fault: { code: 'no_such_thing', message: `Job ${id} has no attempt 2.` },
    });
    expect(await desk.logs({ id, attempt: null, rank: 2, fromByte: 0 })).toMatchObject({
      ok: false,
      fault: { code: 'bad_control_request', message: `Job ${id} has no rank 2: its ranks are 0 to 1.` },
    });
  });
});

describe('a job that is cancelled', () => {
  test('before it has a place is cancelled at once, and stays so', async () => {
    const { desk } = (await open()).jobs;
    const { id } = valueOf(await desk.submit(waiting(), operator, null)) as { id: string };
    expect(valueOf(await desk.cancel(id, operator))).toMatchObject({ state: 'cancelled' });
    const again = valueOf(await desk.cancel(id, operator));
    expect(again).toMatchObject({ state: 'cancelled' });
    expect(again['evidence']).toEqual(valueOf(await desk.show(id))['evidence']);
  });

  test('while it runs is ended, and who asked for it stands in its evidence', async () => {
    const { jobs } = await open();
    const { id } = valueOf(await jobs.desk.submit(running('setInterval(() => {}, 1000)'), operator, null)) as {
      id: string;
    };
    await untilState(jobs, id, ['running']);
    expect(valueOf(await jobs.desk.cancel(id, operator))).toMatchObject({ state: 'stopping' });
    await untilState(jobs, id, ['cancelled']);
    const { evidence } = valueOf(await jobs.desk.show(id)) as { readonly evidence: readonly { detail: string }[] };
    expect(evidence.map(({ detail }) => detail)).toContain('by ops');
    expect(await jobs.executor.list('north-1')).toEqual([]);
  });
});

describe('sites', () => {
  test('have weather in the sandbox alone, and say what runs there', async () => {
    const { jobs } = await open({ sandbox: true });
    const { id } = valueOf(await jobs.desk.submit(running('setInterval(() => {}, 1000)'), operator, null)) as {
      id: string;
    };
    await untilState(jobs, id, ['running']);
    const { sites } = valueOf(jobs.desk.sites());
    expect(sites).toMatchObject([
      {
        name: 'north-1',
        condition: 'none',
        jobs: [id],
        accelerators: [{ busy: 4, slots: [{ busy: 4 }] }, { busy: 0 }],
      },
      { name: 'south-1', condition: 'none', jobs: [] },
    ]);
    const real = await open({ isStarted: false });
    expect(valueOf(real.jobs.desk.sites())['sites']).toMatchObject([{ condition: null }, { condition: null }]);
    await real.close();
  });
});

describe('a server of a job', () => {
  test('is shown where it answers, gets requests while it does, and none once it is cancelled', async () => {
    const { jobs, state } = await open();
    const program = `
      const { createServer } = require('node:http');
      const { renameSync, writeFileSync } = require('node:fs');
      const server = createServer((request, response) => response.end('ready'));
      server.listen(0, '127.0.0.1', () => {
        const file = process.env.ARCHIPEL_HEARTBEAT_FILE;
        writeFileSync(file + '.new', JSON.stringify({ port: server.address().port }));
        renameSync(file + '.new', file);
      });`;
    const serve = { model: 'chat', drainSeconds: 0, readinessPath: '/ready' };
    const { id } = valueOf(
      await jobs.desk.submit(running(program, { kind: 'serve', name: 'own', serve }), operator, null),
    ) as { id: string };
    await untilState(jobs, id, ['serving']);
    const targets = () =>
      state.snapshot.models.get('chat')?.deployments.map(({ target }) => `${target.provider}/${target.model}`);
    await vi.waitFor(() => expect(targets()).toEqual(['north-1.own/chat', 'a/large']), { timeout: 10_000 });
    expect(valueOf(await jobs.desk.show(id))['serve']).toEqual({
      model: 'chat',
      target: 'north-1.own/chat',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
    });
    expect(valueOf(await jobs.desk.cancel(id, operator))['serve']).toMatchObject({ url: null });
    await untilState(jobs, id, ['cancelled']);
    expect(targets()).toEqual(['a/large']);
  });
});

test('a job file of a folder that is gone by then fails with the reason, and is not tried elsewhere', async () => {
  const { jobs } = await open();
  const gone = join(folder.path, 'gone');
  mkdirSync(gone);
  writeFileSync(join(gone, 'x'), '');
  const { id } = valueOf(await jobs.desk.submit(running('', { directory: join(gone, 'x') }), operator, null)) as {
    id: string;
  };
  await untilState(jobs, id, ['failed']);
  expect(valueOf(await jobs.desk.show(id))).toMatchObject({ attempts: [] });
});
