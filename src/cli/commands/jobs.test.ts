import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobStates, readJobStates, type JobsQuestion } from '../../http/index.ts';
import { failure, success } from '../../kernel/index.ts';
import { aShownAttempt, aShownJob, jobId } from '../aShownJob.fixture.ts';
import { UsageError } from '../Command.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import { jobsCancel, jobsExplain, jobsList, jobsShow } from './jobs.ts';

const control = new ScriptedControl();
beforeAll(() => control.listen());
afterAll(() => control.leave());
beforeEach(() => {
  control.asked.length = 0;
  control.script = {};
});

const row = (differences = {}) => ({
  id: jobId,
  name: 'own-small-train',
  kind: 'train',
  team: 'demo',
  state: 'running',
  site: 'north-1',
  submittedAt: '2027-01-04T09:00:00.000Z',
  endedAt: null,
  attempts: 2,
  costNanoUsd: '1230000000',
  ...differences,
});

const steering = '\x1b[2J\u202e\nsucceeded\r';
const shown = String.raw`\x1b[2J\u{202e}\x0asucceeded\x0d`;

describe('what would steer a terminal', () => {
  const candidate = { site: steering, accelerator: steering, basis: 'slot', contract: steering, reason: steering };
  const decision = { decidedAtMs: 0, attempt: 1, chosen: candidate, others: [candidate], weighed: 1, refused: {} };
  const evidence = [{ at: '2027-01-04T09:00:02.000Z', what: 'rank_exited', detail: steering }];
  const job = aShownJob({
    name: steering,
    team: steering,
    submittedBy: steering,
    evidence,
    attempts: [aShownAttempt({ checkpoint: steering, contract: steering, evidence })],
    serve: { model: steering, target: steering, url: steering },
  });

  test.each([
    ['list', jobsList, [], 2],
    ['show', jobsShow, [jobId], 10],
    ['explain', jobsExplain, [jobId], 9],
    ['cancel', jobsCancel, [jobId], 1],
  ] as const)('is shown by jobs %s, and is what it was for programs', async (_what, command, positionals, times) => {
    const cancelled = aShownJob({ state: steering });
    const explained = { id: jobId, state: 'running', decisions: [decision] };
    control.script = {
      jobs: () => success({ jobs: [row({ name: steering, team: steering })] }),
      job: () => success(job),
      explainJob: () => success(explained),
      cancelJob: () => success(cancelled),
    };
    const { stdout } = await control.run(command, positionals);
    expect(stdout.split(shown)).toHaveLength(times + 1);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(stdout).not.toMatch(/^succeeded/m);
    const { stdout: json } = await control.run(command, positionals, { json: true });
    expect(json).toContain(JSON.stringify(steering).slice(1, -1));
  });

  test('is shown also where a fault tells it, whose lines stay lines', async () => {
    control.script = { job: () => failure({ code: 'no_such_thing', message: 'one\x1b[1m\ntwo' }) };
    expect((await control.run(jobsShow, [jobId])).stderr).toBe('archipel: one\\x1b[1m\ntwo\n');
  });
});

const lines = (text: string): readonly string[] => text.split('\n');

describe('jobs list', () => {
  test('shows the newest jobs as a table', async () => {
    control.script = {
      jobs: () => success({ jobs: [row(), row({ id: 'x', state: 'queued', site: null, attempts: 0 })] }),
    };
    const { code, stdout, stderr } = await control.run(jobsList);
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toEqual([
      'JOB                                   NAME             KIND   TEAM  STATE    SITE     SUBMITTED             ATTEMPTS     COST',
      `${jobId}  own-small-train  train  demo  running  north-1  2027-01-04 09:00:00Z         2  $1.2300`,
      'x                                     own-small-train  train  demo  queued   -        2027-01-04 09:00:00Z         0  $1.2300',
      '',
    ]);
    expect(control.askedOf('jobs')).toEqual([[{ states: null, limit: 50 }]]);
  });

  test('asks for states and for as many as wanted, and says where there may be more', async () => {
    control.script = { jobs: () => success({ jobs: [row(), row()] }) };
    const { stdout } = await control.run(jobsList, [], { state: 'running,serving', limit: '2' });
    expect(control.askedOf('jobs')).toEqual([[{ states: ['running', 'serving'], limit: 2 }]]);
    expect(stdout).toMatch(/\n\nthe newest 2; see more with --limit\n$/);
  });

  test('is the answer itself for programs', async () => {
    control.script = { jobs: () => success({ jobs: [row()] }) };
    const { stdout } = await control.run(jobsList, [], { json: true });
    expect(JSON.parse(stdout)).toEqual({ jobs: [row()] });
  });

  test('says so where there are none', async () => {
    control.script = { jobs: () => success({ jobs: [] }) };
    expect((await control.run(jobsList)).stdout).toBe('none\n');
  });

  test.each(['0', '1001', 'x', '-1', '1e2', ''])('does not take --limit %j', async (limit) => {
    await expect(control.run(jobsList, [], { limit })).rejects.toThrow(/--limit takes a number from 1 to 1000/);
    expect(control.asked).toEqual([]);
  });

  test('takes states, and nothing else, whatever is written', async () => {
    control.script = { jobs: () => success({ jobs: [] }) };
    const word = fc.oneof(fc.constantFrom(...jobStates), fc.string({ maxLength: 10 }));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 3 }), async (words) => {
        control.asked.length = 0;
        const state = words.join(',');
        const states = readJobStates(state);
        const ended = await control.run(jobsList, [], { state }).catch((error: unknown) => error);
        if (states === null) expect(ended).toBeInstanceOf(UsageError);
        expect(control.askedOf('jobs')).toEqual(states === null ? [] : [[{ states, limit: 50 }]]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('jobs show', () => {
  test('tells how a job stands, what was seen of each attempt, what was lost and what it cost', async () => {
    const lost = aShownAttempt({
      state: 'lost',
      endedAt: '2027-01-04T10:00:00.000Z',
      evidence: [
        { at: '2027-01-04T09:00:02.000Z', what: 'started', detail: 'process 4711' },
        { at: '2027-01-04T10:00:00.000Z', what: 'lost', detail: 'process 4711 is gone' },
      ],
      lostSeconds: 1_800,
      lostNanoUsd: '12500000000',
      costNanoUsd: '25000000000',
      acceleratorSeconds: 14_400,
    });
    const next = aShownAttempt({
      attempt: 2,
      site: 'south-1',
      basis: 'onDemand',
      contract: null,
      step: null,
      checkpoint: null,
      evidence: [],
    });
    const job = aShownJob({
      site: 'south-1',
      attempts: [lost, next],
      lostSeconds: 1_800,
      lostNanoUsd: '12500000000',
      costNanoUsd: '25000000000',
      acceleratorSeconds: 14_400,
    });
    control.script = { job: () => success(job) };
    const { code, stdout } = await control.run(jobsShow, [jobId]);
    expect(code).toBe(0);
    expect(lines(stdout)).toEqual([
      'own-small-train (train, team demo): running, newest at south-1',
      `job ${jobId}, submitted 2027-01-04 09:00:00Z by ops`,
      '  2027-01-04 09:00:00Z  submitted: by ops',
      '',
      'attempt 1: lost at north-1 on 4 x GB200 (slot of north-slot)',
      '  2027-01-04 09:00:02Z  started: process 4711',
      '  2027-01-04 10:00:00Z  lost: process 4711 is gone',
      '  step 1,200, checkpoint step-1200.json',
      '  lost 0.5 h of work, which had cost $12.5000',
      '  cost $25.0000 for 4 accelerator-hours',
      '',
      'attempt 2: running at south-1 on 4 x GB200 (onDemand)',
      '  cost $0 for 0 accelerator-hours',
      '',
      'lost 0.5 h of work, which had cost $12.5000',
      'cost $25.0000 for 4 accelerator-hours',
      '',
    ]);
    expect(JSON.parse((await control.run(jobsShow, [jobId], { json: true })).stdout)).toEqual(job);
  });

  test('tells a loss of seconds in seconds, too', async () => {
    control.script = { job: () => success(aShownJob({ attempts: [], lostSeconds: 9, lostNanoUsd: '5' })) };
    const { stdout } = await control.run(jobsShow, [jobId]);
    expect(stdout).toContain('\nlost 0.0025 h (9 s) of work, which had cost $0.000000005\n');
  });

  test('tells where a job serves, or that it does not', async () => {
    const serve = { model: 'own-small', target: 'north-1.own-small/own-small', url: 'http://127.0.0.1:43121/v1' };
    control.script = { job: () => success(aShownJob({ serve })) };
    const { stdout } = await control.run(jobsShow, [jobId]);
    expect(stdout).toContain('\nserves own-small as north-1.own-small/own-small at http://127.0.0.1:43121/v1\n');
    control.script = { job: () => success(aShownJob({ serve: { ...serve, url: null } })) };
    expect((await control.run(jobsShow, [jobId])).stdout).toContain('\ndoes not serve own-small now\n');
  });

  test('of a job that has ended tells when', async () => {
    control.script = {
      job: () => success(aShownJob({ state: 'failed', attempts: [], site: null, endedAt: '2027-01-04T11:00:00.000Z' })),
    };
    const { stdout } = await control.run(jobsShow, [jobId]);
    expect(stdout).toContain('own-small-train (train, team demo): failed\n');
    expect(stdout).toContain('by ops, ended 2027-01-04 11:00:00Z\n');
  });

  test('of a job that is not there ends with 1', async () => {
    control.script = { job: () => failure({ code: 'no_such_thing', message: `There is no job ${jobId}.` }) };
    expect(await control.run(jobsShow, [jobId])).toEqual({
      code: 1,
      stdout: '',
      stderr: `archipel: There is no job ${jobId}.\n`,
    });
  });
});

describe('a job', () => {
  const ids = [jobId, '01a21aa4-ffff-7000-8000-000000000000', '01b00000-0000-7000-8000-000000000000'];
  // More than any list of the newest has, and all of them newer.
  const newer = Array.from(
    { length: 1_200 },
    (_, nth) => `01ff0000-${String(nth).padStart(4, '0')}-7000-8000-000000000000`,
  );
  const all = [...newer, ...ids];

  beforeEach(() => {
    control.script = {
      jobs: ({ idPrefix = '', limit }: JobsQuestion) =>
        success({
          jobs: all
            .filter((id) => id.startsWith(idPrefix))
            .slice(0, limit)
            .map((id) => row({ id })),
        }),
      job: () => success(aShownJob()),
    };
  });

  test.each(['01a21aa4-b', jobId.toUpperCase(), '01A21AA4-B93D', jobId])(
    'is named by its id or a beginning: %s',
    async (written) => {
      expect((await control.run(jobsShow, [written])).code).toBe(0);
      expect(control.askedOf('job')).toEqual([[jobId]]);
    },
  );

  test('is not asked for among others where its whole id is given', async () => {
    await control.run(jobsShow, [jobId]);
    expect(control.askedOf('jobs')).toEqual([]);
  });

  test('named by the beginning of several is not guessed', async () => {
    await expect(control.run(jobsShow, ['01a2'])).rejects.toThrow(
      `2 jobs begin with 01a2, such as ${ids[0]}, ${ids[1]}: write more of the id`,
    );
    expect(control.askedOf('job')).toEqual([]);
  });

  test('is found by its beginning however old it is, and nothing else is asked for', async () => {
    await control.run(jobsShow, ['01b']);
    expect(control.asked).toEqual([
      ['jobs', { states: null, limit: 4, idPrefix: '01b' }],
      ['job', ids[2]],
    ]);
  });

  test('named by the beginning of many is not guessed, nor are they counted', async () => {
    await expect(control.run(jobsShow, ['01ff'])).rejects.toThrow(
      `more than 3 jobs begin with 01ff, such as ${newer.slice(0, 3).join(', ')}: write more of the id`,
    );
  });

  test('named by a beginning that none has ends with 1', async () => {
    const { code, stderr } = await control.run(jobsCancel, ['02']);
    expect([code, stderr]).toEqual([
      1,
      'archipel: There is no job whose id begins with 02; "archipel jobs list" shows them.\n',
    ]);
    expect(control.askedOf('cancelJob')).toEqual([]);
  });

  test('cannot be named by anything else, and then nobody is asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (written) => {
        fc.pre(!/^[0-9a-fA-F][0-9a-fA-F-]{0,35}$/.test(written));
        await expect(control.run(jobsShow, [written])).rejects.toThrow(UsageError);
        expect(control.asked).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('that cannot be looked for tells why', async () => {
    control.script = { jobs: () => failure({ code: 'store_unavailable', message: 'PostgreSQL does not answer.' }) };
    const { code, stderr } = await control.run(jobsShow, ['01a2']);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'archipel: PostgreSQL does not answer.']);
  });
});

test('jobs cancel tells how the job stands then', async () => {
  control.script = { cancelJob: () => success(aShownJob({ state: 'stopping' })) };
  expect(await control.run(jobsCancel, [jobId])).toEqual({ code: 0, stdout: `${jobId} stopping\n`, stderr: '' });
  expect(control.askedOf('cancelJob')[0]?.[0]).toBe(jobId);
  const { stdout } = await control.run(jobsCancel, [jobId], { json: true });
  expect(JSON.parse(stdout)).toMatchObject({ id: jobId, state: 'stopping' });
});

describe('jobs explain', () => {
  const candidate = (differences = {}) => ({
    site: 'north-1',
    vendor: 'aurora',
    region: null,
    accelerator: 'GB200',
    basis: 'slot',
    contract: 'north-slot',
    accelerators: 4,
    expected: { usd: 0.0123, hours: 2.5, interruptions: 0, computeUsd: 0, restartUsd: 0, egressUsd: 0, restoreUsd: 0 },
    refusal: null,
    reason: 'the cheapest',
    source: 'file',
    ...differences,
  });
  const decision = (differences = {}) => ({
    decidedAtMs: Date.UTC(2027, 0, 4, 9),
    attempt: 1,
    chosen: candidate(),
    others: [
      candidate({
        site: 'south-1',
        basis: 'onDemand',
        contract: null,
        expected: { usd: 1_234.5, hours: 120 },
        reason: '$1,234.49 more',
      }),
      candidate({
        site: null,
        vendor: 'aws',
        region: 'us-east-1',
        expected: null,
        refusal: 'no_site',
        reason: 'no site stands for it',
      }),
    ],
    weighed: 2_086,
    refused: { no_site: 2_000, other_accelerator: 80 },
    ...differences,
  });

  test('shows what was chosen and what lost, with cost, hours and reason', async () => {
    const explanation = { id: jobId, state: 'running', decisions: [decision()] };
    control.script = { explainJob: () => success(explanation) };
    const { code, stdout } = await control.run(jobsExplain, [jobId]);
    expect(code).toBe(0);
    expect(lines(stdout)).toEqual([
      `job ${jobId} is running`,
      '',
      '2027-01-04 09:00:00Z  attempt 1 went to north-1',
      '    WHERE          TAKES      BASIS            EXPECTED COST  HOURS  REASON',
      '->  north-1        4 x GB200  slot north-slot        $0.0123    2.5  the cheapest',
      '    south-1        4 x GB200  onDemand             $1,234.50    120  $1,234.49 more',
      '    aws us-east-1  4 x GB200  slot north-slot              -      -  no site stands for it',
      'weighed 2,086 offers; refused: 2,000 no site, 80 other accelerator',
      '',
    ]);
    expect(JSON.parse((await control.run(jobsExplain, [jobId], { json: true })).stdout)).toEqual(explanation);
  });

  test('shows why a job waits before where it was', async () => {
    const waits = decision({ attempt: null, chosen: null, others: [], weighed: 0, refused: {} });
    control.script = { explainJob: () => success({ id: jobId, state: 'queued', decisions: [waits, decision()] }) };
    const { stdout } = await control.run(jobsExplain, [jobId]);
    expect(stdout).toContain('2027-01-04 09:00:00Z  nothing could be taken\nweighed 0 offers\n\n2027');
  });

  test('says so where nothing was decided yet', async () => {
    control.script = { explainJob: () => success({ id: jobId, state: 'queued', decisions: [] }) };
    expect((await control.run(jobsExplain, [jobId])).stdout).toBe(`job ${jobId} is queued; nothing was decided yet\n`);
  });
});
