import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure, success } from '../../kernel/index.ts';
import { aShownAttempt, aShownJob, jobId } from '../aShownJob.fixture.ts';
import { UsageError } from '../Command.ts';
import { pause } from '../pause.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import { jobsWait } from './jobsWait.ts';

// Between two looks no time passes here.
vi.mock('../pause.ts', () => ({ pause: vi.fn<() => Promise<void>>(() => Promise.resolve()) }));

const control = new ScriptedControl();
beforeAll(() => control.listen());
afterAll(() => control.leave());
beforeEach(() => {
  control.asked.length = 0;
  vi.mocked(pause).mockImplementation(() => Promise.resolve());
});

/** The job is in these states, look by look, and stays in the last. */
const states = (...given: readonly string[]) => {
  const left = [...given];
  control.script = { job: () => success(aShownJob({ state: (left.length > 1 ? left.shift() : left[0]) ?? '' })) };
};

const wait = (goal: string, options = {}) => control.run(jobsWait, [jobId], { for: goal, ...options });

describe('jobs wait', () => {
  test.each([
    ['running', ['queued', 'starting', 'running']],
    ['running', ['queued', 'unreachable', 'serving']],
    ['running', ['queued', 'succeeded']],
    ['succeeded', ['queued', 'running', 'unreachable', 'queued', 'running', 'succeeded']],
  ])('for %s ends with 0 after %j', async (goal, given) => {
    states(...given);
    const last = given.at(-1) ?? '';
    const verb = last === 'succeeded' ? 'has' : 'is';
    expect(await wait(goal)).toEqual({ code: 0, stdout: `own-small-train ${verb} ${last}\n`, stderr: '' });
    expect(control.askedOf('job')).toHaveLength(given.length);
  });

  test.each([
    ['running', ['queued', 'failed'], 'has failed'],
    ['running', ['cancelled'], 'is cancelled'],
    ['succeeded', ['running', 'cancelled'], 'is cancelled'],
    ['succeeded', ['serving', 'failed'], 'has failed'],
  ])('for %s ends with 1 after %j, with the evidence in one line', async (goal, given, stands) => {
    states(...given);
    const { code, stdout, stderr } = await wait(goal);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`archipel jobs wait: own-small-train ${stands}, not ${goal}: started: process 4711\n`);
  });

  test('for serving ends at once where the job never will', async () => {
    states('running');
    const { code, stderr } = await wait('serving');
    expect([code, stderr]).toEqual([
      1,
      'archipel jobs wait: own-small-train is running and never serving, being of kind train: started: process 4711\n',
    ]);
    control.script = { job: () => success(aShownJob({ kind: 'serve', state: 'succeeded' })) };
    expect((await wait('serving')).code).toBe(1);
  });

  test.each(['queued', 'serving', 'unreachable'])(
    'for succeeded ends at once where the job is a server, which is %s',
    async (state) => {
      control.script = { job: () => success(aShownJob({ kind: 'serve', state })) };
      const { code, stdout, stderr } = await wait('succeeded');
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        `archipel jobs wait: own-small-train is ${state} and will never have succeeded, being of kind serve: started: process 4711\n`,
      ]);
      expect(control.askedOf('job')).toHaveLength(1);
    },
  );

  test('shows what would steer a terminal, and does not send it there', async () => {
    const name = 'own\x1b[2Jsmall';
    const evidence = [{ at: '2027-01-04T09:59:00.000Z', what: 'rank_exited', detail: 'said \x1b]0;x\x07\nand ended' }];
    control.script = { job: () => success(aShownJob({ name, state: 'failed', evidence })) };
    const { stderr } = await wait('running');
    expect(stderr).toBe(
      'archipel jobs wait: own\\x1b[2Jsmall has failed, not running: rank_exited: said \\x1b]0;x\\x07 and ended\n',
    );
    control.script = { job: () => success(aShownJob({ name })) };
    expect((await wait('running')).stdout).toBe('own\\x1b[2Jsmall is running\n');
  });

  test('for serving goes on while a server is made ready', async () => {
    const left = ['queued', 'starting', 'running', 'serving'];
    control.script = { job: () => success(aShownJob({ kind: 'serve', state: left.shift() ?? '' })) };
    expect((await wait('serving')).code).toBe(0);
  });

  test('ends at its time, with how the job stands', async () => {
    states('queued');
    const { code, stdout, stderr } = await wait('running', { timeout: '0' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'archipel jobs wait: own-small-train is queued, not running after 0 s: started: process 4711\n',
    );
    expect(control.askedOf('job')).toHaveLength(1);
  });

  test('is reached by the first look however short the time is', async () => {
    states('running');
    expect((await wait('running', { timeout: '0' })).code).toBe(0);
  });

  test('never sleeps beyond its time', async () => {
    states('queued', 'queued', 'running');
    const { code } = await wait('running', { timeout: '0.1' });
    expect(Math.max(...vi.mocked(pause).mock.calls.map(([ms]) => ms))).toBeLessThanOrEqual(100);
    expect(code).toBe(0);
  });

  test('ends at its time also where the server never answers', async () => {
    control.script = { job: () => new Promise(() => {}) };
    const { code, stderr } = await wait('running', { timeout: '0.01' });
    expect([code, stderr]).toEqual([
      1,
      `archipel jobs wait: job ${jobId} is not known to be running after 0.01 s: the server did not answer\n`,
    ]);
  });

  test('tells the newest evidence, of the job or of its newest attempt', async () => {
    const seen = (at: string, what: string) => ({ at: `2027-01-04T09:${at}.000Z`, what, detail: `at\n${at}` });
    const attempts = [
      aShownAttempt({ evidence: [seen('59:00', 'other')] }),
      aShownAttempt({ attempt: 2, evidence: [seen('10:00', 'started'), seen('20:00', 'rank_exited')] }),
    ];
    const failed = { state: 'failed', attempts };
    control.script = {
      job: () => success(aShownJob({ ...failed, evidence: [seen('00:00', 'submitted'), seen('20:00', 'failed')] })),
    };
    expect((await wait('running')).stderr).toContain(': failed: at 20:00\n');
    control.script = { job: () => success(aShownJob({ ...failed, evidence: [seen('00:00', 'submitted')] })) };
    expect((await wait('running')).stderr).toContain(': rank_exited: at 20:00\n');
    control.script = { job: () => success(aShownJob({ state: 'failed', attempts: [], evidence: [] })) };
    expect((await wait('running')).stderr).toContain(': nothing was seen of it\n');
  });

  test('tells programs how it ended', async () => {
    states('running');
    expect((await wait('running', { json: true })).stdout).toBe(`{"id":"${jobId}","state":"running","reached":true}\n`);
    states('failed');
    const { code, stdout } = await wait('running', { json: true });
    expect([code, stdout]).toEqual([1, `{"id":"${jobId}","state":"failed","reached":false}\n`]);
  });

  test('of a job that is not there ends with 1', async () => {
    control.script = { job: () => failure({ code: 'no_such_thing', message: 'There is no job.' }) };
    expect(await wait('running')).toEqual({ code: 1, stdout: '', stderr: 'archipel: There is no job.\n' });
  });

  test.each([
    [{}, 'say what to wait for: --for running|succeeded|serving'],
    [{ for: 'ended' }, '--for takes one of running, succeeded, serving, not ended'],
    [{ for: 'running', timeout: 'x' }, '--timeout takes seconds from 0 to 2000000, not x'],
    [{ for: 'running', timeout: '2000001' }, '--timeout takes seconds'],
    [{ for: 'running', timeout: '-1' }, '--timeout takes seconds'],
  ])('is not asked like this: %j', async (options, said) => {
    const refused = control.run(jobsWait, [jobId], options);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(said);
  });
});

describe('a server that goes away while a job is waited for', () => {
  test('is waited for, and found again', async () => {
    let looks = 0;
    control.script = { job: () => success(aShownJob({ state: ++looks < 3 ? 'queued' : 'running' })) };
    let pauses = 0;
    vi.mocked(pause).mockImplementation(async () => {
      pauses += 1;
      if (pauses === 1) await control.leave();
      if (pauses === 4) await control.comeAgain();
    });
    expect(await wait('running')).toMatchObject({ code: 0, stdout: 'own-small-train is running\n' });
    expect(pauses).toBeGreaterThan(4);
  });

  test('is found where it comes again, and nobody is asked where it was', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'archipel-wait-'));
    const tell = (pid: number | null): void =>
      writeFileSync(join(dataDir, 'control.json'), JSON.stringify({ adminUrl: control.url, adminKey: 'sk-ops', pid }), {
        mode: 0o600,
      });
    tell(process.pid);
    let looks = 0;
    control.script = { job: () => success(aShownJob({ state: ++looks < 2 ? 'queued' : 'running' })) };
    const before = control.url;
    const happenings = [
      async () => {
        await control.leave();
        tell(null);
      },
      () => {},
      async () => {
        await control.listen();
        tell(process.pid);
      },
    ];
    vi.mocked(pause).mockImplementation(async () => happenings.shift()?.());
    const found = { url: undefined, 'admin-key': undefined, 'data-dir': dataDir };
    expect(await wait('running', found)).toMatchObject({ code: 0 });
    expect(control.url).not.toBe(before);
    rmSync(dataDir, { recursive: true });
  });

  test('and cannot say anything for a time is asked again', async () => {
    let looks = 0;
    control.script = {
      job: () =>
        ++looks < 4
          ? failure({ code: 'store_unavailable', message: 'PostgreSQL does not answer.' })
          : success(aShownJob()),
    };
    expect((await wait('running')).code).toBe(0);
    expect(looks).toBe(4);
  });

  test('and stays away is given up, and named', async () => {
    states('queued');
    vi.mocked(pause).mockImplementationOnce(() => control.leave());
    await expect(wait('running')).rejects.toThrow(`${control.url} cannot be reached`);
    expect(vi.mocked(pause).mock.calls.length).toBeGreaterThan(100);
    await control.comeAgain();
  });

  test('before the first look is not waited for, and the wait has failed', async () => {
    const { code, stdout, stderr } = await wait('running', { url: undefined, 'data-dir': '/nowhere' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^archipel jobs wait: no server runs on this data directory: .*\n$/);
  });

  test('is told from one that was named wrongly', async () => {
    await expect(wait('running', { url: 'nowhere' })).rejects.toThrow(UsageError);
    await expect(wait('running', { 'admin-key': undefined })).rejects.toThrow('a URL was given without a key');
  });
});
