import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Answer, JobLogQuestion } from '../../http/index.ts';
import { failure, success } from '../../kernel/index.ts';
import { aShownAttempt, aShownJob, jobId } from '../aShownJob.fixture.ts';
import { pause } from '../pause.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import { jobsLogs } from './jobsLogs.ts';

// Between two looks no time passes here.
vi.mock('../pause.ts', () => ({ pause: vi.fn<() => Promise<void>>(() => Promise.resolve()) }));

const control = new ScriptedControl();

/** A job whose output grows as a test tells. */
const world = {
  state: 'running',
  /** Output of rank 0, by attempt; null where there is none to be had. */
  outputs: [''] as (string | null)[],
  /** What happens at each pause, in order. */
  atPauses: [] as (() => void | Promise<void>)[],
  /** Most bytes of one answer. */
  pieceBytes: 1_000,
};

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled'];
const instantOrNull = (isOver: boolean): string | null => (isOver ? '2027-01-04T10:00:00.000Z' : null);

const shown = (): Answer => {
  const last = world.outputs.length;
  const isOver = ends.includes(world.state);
  const attempts = world.outputs.map((_, index) =>
    aShownAttempt({
      attempt: index + 1,
      site: index % 2 === 0 ? 'north-1' : 'south-1',
      endedAt: instantOrNull(isOver || index + 1 < last),
    }),
  );
  return success(aShownJob({ state: world.state, endedAt: instantOrNull(isOver), attempts }));
};

const piece = ({ attempt, rank, fromByte }: JobLogQuestion): Answer => {
  const number = attempt ?? world.outputs.length;
  const output = rank === 0 ? (world.outputs[number - 1] ?? null) : null;
  if (output === null) return failure({ code: 'no_such_thing', message: `There is no output of rank ${rank}.` });
  const text = output.slice(fromByte, fromByte + world.pieceBytes);
  return success({ attempt: number, rank, text, nextByte: fromByte + text.length, ended: ends.includes(world.state) });
};

beforeAll(() => control.listen());
afterAll(() => control.leave());
beforeEach(() => {
  control.asked.length = 0;
  control.script = { job: shown, jobLogs: piece };
  Object.assign(world, { state: 'running', outputs: [''], atPauses: [], pieceBytes: 1_000 });
  vi.mocked(pause).mockImplementation(async () => {
    const next = world.atPauses.shift();
    if (next === undefined) throw new Error('the test expected an end by now');
    await next();
  });
});

const logs = (options = {}) => control.run(jobsLogs, [jobId], options);

describe('jobs logs', () => {
  test('prints all there is of the newest attempt, piece by piece, byte for byte', async () => {
    world.outputs = ['old', 'loss 2.31\nloss 2.30\n\u001b[1mdone'];
    world.pieceBytes = 7;
    expect(await logs()).toEqual({ code: 0, stdout: 'loss 2.31\nloss 2.30\n\u001b[1mdone', stderr: '' });
  });

  test('prints nothing where nothing was written yet', async () => {
    expect(await logs()).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('prints of the attempt and rank that are asked for', async () => {
    world.outputs = ['old', 'new'];
    expect((await logs({ attempt: '1', rank: '0' })).stdout).toBe('old');
    expect(control.askedOf('jobLogs')[0]).toEqual([{ id: jobId, attempt: 1, rank: 0, fromByte: 0 }]);
    expect(await logs({ rank: '7' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'archipel: There is no output of rank 7.\n',
    });
  });

  test('prints each piece as a line of JSON for programs', async () => {
    world.outputs = ['abcdef'];
    world.pieceBytes = 4;
    const { stdout } = await logs({ json: true });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { attempt: 1, rank: 0, text: 'abcd', nextByte: 4 },
      { attempt: 1, rank: 0, text: 'ef', nextByte: 6 },
    ]);
  });

  test.each([
    [{ rank: '-1' }, '--rank takes a whole number from 0 on, not -1'],
    [{ rank: 'x' }, '--rank takes'],
    [{ attempt: '0' }, '--attempt takes a whole number from 1 on, not 0'],
  ])('does not take %j', async (options, said) => {
    await expect(logs(options)).rejects.toThrow(said);
    expect(control.asked).toEqual([]);
  });
});

describe('jobs logs --follow', () => {
  const follow = (options = {}) => logs({ follow: true, ...options });

  test('goes on until the job has ended, and prints what came last', async () => {
    world.outputs = ['one\n'];
    world.atPauses = [
      () => void (world.outputs = ['one\ntwo\n']),
      () => {},
      () => void Object.assign(world, { outputs: ['one\ntwo\nthree\n'], state: 'succeeded' }),
    ];
    expect(await follow()).toEqual({ code: 0, stdout: 'one\ntwo\nthree\n', stderr: '' });
  });

  test('ends by itself where the job has ended before', async () => {
    Object.assign(world, { outputs: ['all\n'], state: 'failed' });
    expect(await follow()).toEqual({ code: 0, stdout: 'all\n', stderr: '' });
  });

  test('ends with 4 at its next look once the admin key has ended, and prints nothing more [A7]', async () => {
    world.outputs = ['one\n'];
    world.atPauses = [
      () => {
        world.outputs = ['one\nsecret\n'];
        const ended = failure({ code: 'operator_key_invalid', message: 'This path needs an admin key.' } as const);
        control.script = { job: () => ended, jobLogs: () => ended };
      },
    ];
    expect(await follow()).toEqual({
      code: 4,
      stdout: 'one\n',
      stderr: expect.stringContaining('needs an admin key'),
    });
  });

  test('goes over to each attempt that comes, and tells which on stderr', async () => {
    world.outputs = ['a1\n'];
    world.atPauses = [
      () => void (world.outputs = ['a1\nlast words\n', 'a2\n', 'a3\n']),
      () => void Object.assign(world, { outputs: ['a1\nlast words\n', 'a2\n', 'a3\nend\n'], state: 'succeeded' }),
    ];
    expect(await follow()).toEqual({
      code: 0,
      stdout: 'a1\nlast words\na2\na3\nend\n',
      stderr: '-- attempt 2 at south-1 --\n-- attempt 3 at north-1 --\n',
    });
  });

  test('of one attempt ends with it', async () => {
    world.outputs = ['a1\n'];
    world.atPauses = [() => void (world.outputs = ['a1\nlast words\n', 'a2\n'])];
    expect(await follow({ attempt: '1' })).toEqual({ code: 0, stdout: 'a1\nlast words\n', stderr: '' });
  });

  test('waits for a job that was not placed yet', async () => {
    world.outputs = [];
    world.atPauses = [() => {}, () => void (world.outputs = ['begun\n']), () => void (world.state = 'succeeded')];
    expect(await follow()).toEqual({ code: 0, stdout: 'begun\n', stderr: '' });
  });

  test('waits while the site cannot be reached, and loses nothing of what was written meanwhile', async () => {
    world.outputs = ['one\n'];
    world.atPauses = [
      () => void (world.outputs = [null]),
      () => void (world.outputs = ['one\ntwo\n']),
      () => void (world.state = 'succeeded'),
    ];
    expect((await follow()).stdout).toBe('one\ntwo\n');
  });

  test('survives a restart of the server, and goes on where it was', async () => {
    world.outputs = ['one\n'];
    world.atPauses = [
      () => control.leave(),
      () => {},
      async () => {
        Object.assign(world, { outputs: ['one\ntwo\n'], state: 'succeeded' });
        await control.comeAgain();
      },
    ];
    expect(await follow()).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
  });

  test('ends where the key is no longer good, or the job is not there', async () => {
    control.script = { job: () => failure({ code: 'no_such_thing', message: 'There is no job.' }) };
    expect(await follow()).toEqual({ code: 1, stdout: '', stderr: 'archipel: There is no job.\n' });
    control.script = { job: shown, jobLogs: () => failure({ code: 'operator_forbidden', message: 'No.' }) };
    expect(await follow()).toMatchObject({ code: 4, stdout: '' });
  });
});
