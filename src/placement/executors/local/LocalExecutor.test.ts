import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../kernel/index.ts';
import type { AttemptTag, RankObservation, Submission } from '../Executor.ts';
import { evidenceWords } from '../evidenceWords.ts';
import { describeExecutor, newTag, pidsIn, programOf, soon, stays } from '../executorConformance.fixture.ts';
import { LocalExecutor, type LocalExecutorOptions } from './LocalExecutor.ts';
import { compiledFolder, openLocalRig, type LocalRig } from './openLocalRig.fixture.ts';
import { testClock, testProcesses } from './processTable.fixture.ts';
import { isPlainName } from './readHeartbeat.ts';
import { supervisorStarter } from './startSupervisor.ts';
import type { DyingServer } from './submitAndDie.fixture.ts';

describeExecutor('LocalExecutor', async () => openLocalRig());

const site = 'north-1';
const isLinux = process.platform === 'linux';

const openRig = (change: Partial<LocalExecutorOptions> = {}): LocalRig => {
  const rig = openLocalRig(change);
  onTestFinished(() => rig.close());
  return rig;
};

const submissionOf = (rig: LocalRig, change: Partial<Submission> = {}): Submission => ({
  tag: newTag(),
  site,
  ranks: 1,
  command: programOf(stays, join(rig.scratch, 'ran')),
  directory: rig.scratch,
  environment: {},
  graceMs: 200,
  ...change,
});

const submit = async (rig: LocalRig, change: Partial<Submission> = {}): Promise<AttemptTag> => {
  const submission = submissionOf(rig, change);
  expect(await rig.executor.submit(submission)).toEqual({ ok: true, value: null });
  return submission.tag;
};

const ranksOf = async (rig: LocalRig, tag: AttemptTag): Promise<readonly RankObservation[]> => {
  const observation = await rig.executor.observe(site, tag);
  if (observation.kind !== 'present') throw new Error(`${observation.kind}: ${observation.evidence}`);
  return observation.ranks;
};

const statesSoon = (rig: LocalRig, tag: AttemptTag, states: readonly RankObservation['state'][]) =>
  soon(async () => {
    const ranks = await ranksOf(rig, tag);
    expect(ranks.map(({ state }) => state)).toEqual(states);
    return ranks;
  });

const cancel = (rig: LocalRig, tag: AttemptTag): Promise<void> =>
  soon(async () => expect(await rig.executor.cancel(site, tag)).toBe(true));

/** A process that has nothing to do with any job, leader of its own group. */
const startBystander = (): ChildProcess => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void bystander.kill('SIGKILL'));
  return bystander;
};

const sessionOf = (pid: number): string | undefined => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
};

const dyingServer = join(import.meta.dirname, 'submitAndDie.fixture.ts');

describe('a server that is killed while it starts a gang', () => {
  test.each([0, 1, 2, 3].flatMap((startsMax) => (['observe', 'submit'] as const).map((next) => ({ startsMax, next }))))(
    'after $startsMax of 3 ranks: the next $next has each rank run, once',
    { timeout: 60_000 },
    async ({ startsMax, next }) => {
      const rig = openRig();
      const submission = submissionOf(rig, { ranks: 3 });
      const dying: DyingServer = { folder: rig.folder, submission, startsMax };
      const { signal } = spawnSync(process.execPath, [dyingServer, JSON.stringify(dying)], { stdio: 'inherit' });
      expect(signal).toBe('SIGKILL');
      expect(await rig.executor.list(site)).toEqual([submission.tag]);
      if (next === 'submit') await submit(rig, submission);
      await statesSoon(rig, submission.tag, ['running', 'running', 'running']);
      await soon(() => expect(pidsIn(join(rig.scratch, 'ran'))).toHaveLength(3));
      await submit(rig, submission);
      await cancel(rig, submission.tag);
      expect(pidsIn(join(rig.scratch, 'ran'))).toHaveLength(3);
      expect(await rig.processesLeft()).toEqual([]);
    },
  );

  test('before the attempt is written whole leaves nothing that counts, and it can be submitted', async () => {
    const rig = openRig();
    const submission = submissionOf(rig);
    const draft = join(rig.folder, site, `.${submission.tag.jobId}.1`);
    mkdirSync(join(draft, 'rank-0'), { recursive: true });
    mkdirSync(join(draft, 'rank-1'));
    expect(await rig.executor.list(site)).toEqual([]);
    expect(await rig.executor.observe(site, submission.tag)).toMatchObject({ kind: 'absent' });
    await submit(rig, submission);
    await statesSoon(rig, submission.tag, ['running']);
  });

  test('and of which a rank is lost already is not started further', async () => {
    let starts = 0;
    const rig: LocalRig = openRig({
      startSupervisor: (rankFolder) => {
        starts++;
        if (rankFolder.endsWith('rank-0')) return supervisorStarter({}, compiledFolder)(rankFolder);
        return Promise.resolve({ pid: 2 ** 22 + 1, hasEnded: () => false });
      },
    });
    const tag = await submit(rig, { ranks: 2 });
    await statesSoon(rig, tag, ['running', 'starting']);
    await rig.killSupervisor(site, tag, 0);
    await statesSoon(rig, tag, ['lost', 'starting']);
    // The supervisor of rank 1 was on its way in the server before; this one knows of none.
    await rig.restartController();
    const ranks = await statesSoon(rig, tag, ['lost', 'lost']);
    expect(ranks[1]?.evidence).toContain('rank 0 of its gang is lost');
    expect(starts).toBe(2);
  });
});

describe('the right to start a rank', () => {
  test('is taken once, however many supervisors come for it', async () => {
    const rig = openRig();
    const tag = await submit(rig);
    const start = supervisorStarter({}, compiledFolder);
    const more = await Promise.all([1, 2, 3].map(() => start(rig.rankFolder(site, tag, 0))));
    await statesSoon(rig, tag, ['running']);
    await soon(() => expect(more.filter(({ hasEnded }) => !hasEnded()).length).toBeLessThan(2));
    await soon(() => expect(pidsIn(join(rig.scratch, 'ran'))).toHaveLength(1));
    const supervisors = (await rig.processesLeft()).length;
    await soon(async () => expect(await rig.processesLeft()).toHaveLength(2));
    expect(supervisors).toBeGreaterThanOrEqual(2);
    expect(pidsIn(join(rig.scratch, 'ran'))).toHaveLength(1);
  });

  test.each(['terminate', 'cancel'] as const)(
    'is gone after %s: a supervisor that comes late starts nothing',
    async (act) => {
      const rig = openRig({ startSupervisor: async () => ({ pid: 2 ** 22 + 1, hasEnded: () => false }) });
      const tag = await submit(rig);
      const folder = rig.rankFolder(site, tag, 0);
      const start = supervisorStarter({}, compiledFolder);
      if (act === 'cancel') {
        expect(await rig.executor.cancel(site, tag)).toBe(true);
        // Its folder has gone from under it.
        await expect(start(folder)).rejects.toThrow('ENOENT');
      } else {
        await rig.executor.signal(site, tag, 'terminate');
        const late = await start(folder);
        await soon(() => expect(late.hasEnded()).toBe(true));
        expect(await ranksOf(rig, tag)).toMatchObject([{ state: 'lost', exitCode: null }]);
      }
      expect(existsSync(join(rig.scratch, 'ran'))).toBe(false);
    },
  );

  test('is given up when supervisors end before they begin', async () => {
    let starts = 0;
    const rig = openRig({ startSupervisor: async () => ({ pid: 2 ** 22 + ++starts, hasEnded: () => true }) });
    const tag = await submit(rig);
    const [lost] = await statesSoon(rig, tag, ['lost']);
    expect(lost?.evidence).toContain('3 times');
    expect(starts).toBe(3);
  });
});

describe('a supervisor', () => {
  test("is given no more of the server's environment than a job, and its files are nobody else's", async () => {
    const rig = openRig();
    const tag = await submit(rig, { environment: { TOKEN: 'of-the-job' } });
    await statesSoon(rig, tag, ['running']);
    for (const pid of isLinux ? await rig.processesLeft() : []) {
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(rig.canary.value);
      // It leads a session of its own: what ends the server's does not end it.
      expect(sessionOf(pid)).toBe(String(pid));
    }
    const folder = rig.rankFolder(site, tag, 0);
    expect(readdirSync(folder).toSorted()).toEqual(['claim.json', 'log', 'request.json', 'started.json']);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, 'request.json'), 'utf8')).toContain('of-the-job');
  });

  test('gives what a program leaves behind the time to end, and keeps the exit code of the program', async () => {
    const rig = openRig();
    const done = join(rig.scratch, 'done');
    const left = `process.on('SIGTERM', () => { require('fs').writeFileSync(process.argv[2], 'saved'); process.exit(); }); ${stays}`;
    const source = `
      require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(left)}, process.argv[1], process.argv[2]], { stdio: 'ignore' });
      setInterval(() => { if (require('fs').existsSync(process.argv[1])) process.exit(5); }, 10);`;
    const tag = await submit(rig, { command: programOf(source, join(rig.scratch, 'ran'), done), graceMs: 60_000 });
    const [rank] = await statesSoon(rig, tag, ['exited']);
    expect(rank?.exitCode).toBe(5);
    expect(readFileSync(done, 'utf8')).toBe('saved');
    // The exit is written down before the supervisor itself ends.
    await soon(async () => expect(await rig.processesLeft()).toEqual([]));
  });

  test('keeps so much of the output and says that it dropped the rest', async () => {
    const rig = openRig({ limits: { logBytes: 10_000 } });
    const tag = await submit(rig, {
      command: programOf(`process.stdout.write('x'.repeat(1_000_000)); console.error('e')`),
    });
    await statesSoon(rig, tag, ['exited']);
    const log = await rig.executor.logs(site, tag, 0, 0);
    expect(log?.text).toBe(`${'x'.repeat(10_000)}\narchipel: the log has reached 10000 bytes: the rest is dropped\n`);
  });

  test('that cannot write down what it started ends it: nothing may run that nobody knows of', async () => {
    const rig: LocalRig = openRig({
      startSupervisor: (rankFolder) => {
        // A full disk would do the same; this one is full for one name only.
        mkdirSync(join(rankFolder, 'started.json'));
        return supervisorStarter({}, compiledFolder)(rankFolder);
      },
    });
    const tag = await submit(rig);
    await soon(() => expect(existsSync(join(rig.rankFolder(site, tag, 0), 'claim.json'))).toBe(true));
    await soon(async () => expect(await rig.processesLeft()).toEqual([]));
    await statesSoon(rig, tag, ['lost']);
    expect((await rig.executor.logs(site, tag, 0, 0))?.text).toContain('started.json');
  });

  test('ends its rank when its folder is gone: nobody could ever find it', async () => {
    const rig = openRig({ limits: { folderLookMs: 50 } });
    const tag = await submit(rig);
    await statesSoon(rig, tag, ['running']);
    expect(await rig.processesLeft()).not.toEqual([]);
    rmSync(rig.folder, { recursive: true, force: true });
    await soon(async () => expect(await rig.processesLeft()).toEqual([]));
  });

  test('says why a program cannot be run', async () => {
    const rig = openRig();
    const file = join(rig.scratch, 'no-program');
    writeFileSync(file, 'just text', { mode: 0o644 });
    const tag = await submit(rig, { command: [file] });
    const [rank] = await statesSoon(rig, tag, ['exited']);
    expect(rank).toMatchObject({ exitCode: 126, evidence: expect.stringContaining('EACCES') });
    const tooLong = await submit(rig, { command: ['node', 'x'.repeat(300_000)] });
    const [other] = await statesSoon(rig, tooLong, ['exited']);
    expect(other).toMatchObject({ exitCode: 126, evidence: expect.stringContaining('E2BIG') });
  });
});

describe('ending', () => {
  test.skipIf(!isLinux)(
    'reaches a process that has left its group and session (Linux: environments can be read)',
    async () => {
      const rig = openRig();
      const source = `
      require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stays)}, process.argv[1]], { stdio: 'ignore', detached: true });
      setInterval(() => {}, 1000);`;
      const tag = await submit(rig, { command: programOf(source, join(rig.scratch, 'ran')) });
      await soon(() => expect(pidsIn(join(rig.scratch, 'ran'))).toHaveLength(1));
      await cancel(rig, tag);
      const [pid] = pidsIn(join(rig.scratch, 'ran'));
      expect(rig.lives(pid!)).toBe(false);
    },
  );

  test('ends a supervisor itself that does not do its part in time', async () => {
    const rig = openRig({ limits: { overtimeMs: 0 } });
    const tag = await submit(rig, { graceMs: 0 });
    await statesSoon(rig, tag, ['running']);
    const { supervisor } = JSON.parse(readFileSync(join(rig.rankFolder(site, tag, 0), 'claim.json'), 'utf8'));
    process.kill(supervisor.pid, 'SIGSTOP');
    await cancel(rig, tag);
    expect(rig.lives(supervisor.pid)).toBe(false);
    expect(await rig.processesLeft()).toEqual([]);
  });

  describe.skipIf(!isLinux)('by the number that a rank once had (Linux: start times are known)', () => {
    /** Ends an attempt whose record of its program was exchanged. */
    const cancelWith = async (rig: LocalRig, child: object): Promise<void> => {
      const tag = await submit(rig, { command: programOf('') });
      await statesSoon(rig, tag, ['exited']);
      await rig.restartController();
      writeFileSync(join(rig.rankFolder(site, tag, 0), 'started.json'), JSON.stringify({ child, atMs: 1 }));
      await cancel(rig, tag);
    };

    const otherBoot = (started: string): string => started.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));

    test('spares a later process that has it', async () => {
      const rig = openRig();
      const { pid = 0 } = startBystander();
      const { started } = testProcesses.identityOf(pid);
      for (const other of [`${started}0`, otherBoot(started!), null]) await cancelWith(rig, { pid, started: other });
      expect(rig.lives(pid)).toBe(true);
      // With the right one it is taken for the rank's: the record is what protects it.
      await cancelWith(rig, { pid, started });
      expect(rig.lives(pid)).toBe(false);
    });

    test('spares what is left of a session of another boot', async () => {
      const rig = openRig();
      const leader = spawn('sh', ['-c', 'sleep 1000 >&2 & echo $!'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      });
      const { pid, started } = testProcesses.identityOf(leader.pid!);
      const [told] = (await once(leader.stdout, 'data')) as [Buffer];
      const left = Number(told.toString());
      onTestFinished(() => void spawnSync('kill', ['-9', String(left)]));
      await soon(() => expect(rig.lives(pid)).toBe(false));
      await cancelWith(rig, { pid, started: otherBoot(started!) });
      expect(rig.lives(left)).toBe(true);
      await cancelWith(rig, { pid, started });
      expect(rig.lives(left)).toBe(false);
    });
  });

  test('keeps the logs of the last attempts, and nothing of what they were given', async () => {
    const rig = openRig({ limits: { endedAttempts: 2 } });
    const tags: AttemptTag[] = [];
    for (const word of ['one', 'two', 'three']) {
      const command = programOf(`console.log(process.argv[1])`, word);
      const tag = await submit(rig, { command, environment: { TOKEN: 'of-the-job' } });
      await statesSoon(rig, tag, ['exited']);
      await cancel(rig, tag);
      tags.push(tag);
    }
    const texts = await Promise.all(tags.map(async (tag) => (await rig.executor.logs(site, tag, 0, 0))?.text));
    expect(texts).toEqual([undefined, 'two\n', 'three\n']);
    const ended = join(rig.folder, site, 'ended');
    const kept = readdirSync(ended, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    expect(kept.length).toBeGreaterThan(2);
    for (const name of kept) expect(readFileSync(join(ended, name), 'utf8')).not.toContain('of-the-job');
  });
});

describe('a submission that can never start', () => {
  test.each<[string, Partial<Submission>]>([
    ['no site elsewhere is run here', { site: 'elsewhere' }],
    ['names no attempt', { tag: { jobId: '../../x', attempt: 1 } }],
    ['names no attempt', { tag: { ...newTag(), attempt: 0 } }],
    ['1 to 64 run together', { ranks: 65 }],
    ['1 to 64 run together', { ranks: 0 }],
    ['the command is empty', { command: [] }],
    ['the command is empty', { command: [''] }],
    ['NUL character', { command: ['node', 'a\0b'] }],
    ['half a character', { command: ['node', '\ud800'] }],
    ['no name of an environment variable', { environment: { 'A=B': '' } }],
    ['environment variable A', { environment: { A: '\0' } }],
    ['is not absolute', { directory: '.' }],
    ['is a file', { directory: import.meta.filename }],
    ['a grace of', { graceMs: Number.NaN }],
  ])('is refused: %s', async (message, change) => {
    const rig = openRig();
    const answer = await rig.executor.submit(submissionOf(rig, change));
    expect(answer).toMatchObject({ ok: false, fault: { class: 'invalid', message: expect.stringContaining(message) } });
  });
});

describe('who keeps the attempts of a folder', () => {
  const fileOf = (rig: LocalRig): string => join(rig.folder, '.executor.json');

  test('is written once, however many processes come first, and for nobody else to read', async () => {
    const rig = openRig();
    const executors = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        await rig.restartController();
        return rig.executor;
      }),
    );
    const owners = await Promise.all(executors.map((executor) => executor.owner()));
    expect(new Set(owners).size).toBe(1);
    expect(JSON.parse(readFileSync(fileOf(rig), 'utf8'))).toEqual({ owner: owners[0] });
    expect(readdirSync(rig.folder)).toEqual(['.executor.json']);
    expect(statSync(fileOf(rig)).mode & 0o077).toBe(0);
  });

  test.each(['', '{"owner":"me"}', '{"owner":'])(
    'is never replaced, even by %j: it is not known then',
    async (text) => {
      const rig = openRig();
      mkdirSync(rig.folder);
      writeFileSync(fileOf(rig), text);
      await expect(rig.executor.owner()).rejects.toThrow('names no owner');
      expect(readFileSync(fileOf(rig), 'utf8')).toBe(text);
      expect(readdirSync(rig.folder)).toEqual(['.executor.json']);
    },
  );

  test('is not known while the disk cannot tell, and is as soon as it can', async () => {
    const rig = openRig();
    writeFileSync(rig.folder, 'a file stands where the sites were to be');
    await expect(rig.executor.owner()).rejects.toThrow(/ENOTDIR|EEXIST/);
    rmSync(rig.folder);
    expect(await rig.executor.owner()).toMatch(/^[\da-f-]{36}$/);
  });
});

test('as many ranks as it says can run together, and no more', async () => {
  const rig = openRig({ limits: { ranks: 2 } });
  expect(rig.executor.ranksMax).toBe(2);
  const tag = await submit(rig, { ranks: 2 });
  await statesSoon(rig, tag, ['running', 'running']);
  expect(await rig.executor.submit(submissionOf(rig, { ranks: 3 }))).toMatchObject({ fault: { class: 'invalid' } });
});

describe('what is paid for since', () => {
  const billableSinceMs = async (rig: LocalRig, tag: AttemptTag): Promise<number> => {
    const observation = await rig.executor.observe(site, tag);
    if (observation.kind !== 'present') throw new Error(observation.evidence);
    return observation.billableSinceMs;
  };

  const recordOf = (rig: LocalRig, tag: AttemptTag): string => join(rig.rankFolder(site, tag, 0), '../attempt.json');

  test('is the acceptance, which is never before the folder of the attempt was there', async () => {
    const rig = openRig();
    const beforeMs = testClock.nowMs();
    const tag = await submit(rig);
    const sinceMs = await billableSinceMs(rig, tag);
    expect(sinceMs).toBeGreaterThanOrEqual(beforeMs);
    expect(JSON.parse(readFileSync(recordOf(rig, tag), 'utf8')).acceptedAtMs).toBe(sinceMs);
    await rig.restartController();
    expect(await billableSinceMs(rig, tag)).toBe(sinceMs);
  });

  test.each([
    ['is spoilt', 'torn{'],
    ['is too long', 'x'.repeat(100_000)],
    ['is gone', null],
    ['says nothing', '{}'],
    ['names a time before', '{"acceptedAtMs":1}'],
    ['names a time to come', `{"acceptedAtMs":${Number.MAX_SAFE_INTEGER}}`],
    ['names no time', '{"acceptedAtMs":-1.5}'],
  ])('is told by the folder where the record %s', async (_, text) => {
    const rig = openRig();
    const tag = await submit(rig);
    const sinceMs = await billableSinceMs(rig, tag);
    if (text === null) rmSync(recordOf(rig, tag));
    else writeFileSync(recordOf(rig, tag), text);
    // What a job can set of a folder's times does not count.
    utimesSync(join(recordOf(rig, tag), '..'), 1, 1);
    await rig.restartController();
    const toldMs = await billableSinceMs(rig, tag);
    expect(toldMs).toBeGreaterThan(sinceMs - 1_000);
    expect(toldMs).toBeLessThanOrEqual(testClock.nowMs());
    expect(await billableSinceMs(rig, tag)).toBe(toldMs);
  });

  test('is not in the future of a clock that was set back', async () => {
    let behindMs = 0;
    const clock = { ...testClock, nowMs: () => testClock.nowMs() - behindMs };
    const rig = openRig({ clock });
    const tag = await submit(rig);
    rmSync(recordOf(rig, tag));
    behindMs = 3_600_000;
    await rig.restartController();
    const sinceMs = await billableSinceMs(rig, tag);
    expect(sinceMs).toBeLessThanOrEqual(clock.nowMs());
    expect(sinceMs).toBeGreaterThan(clock.nowMs() - 60_000);
  });
});

describe('a job that lays traps in its folder', () => {
  test('is observed, ended and put away, and nothing waits for it or follows it elsewhere', async () => {
    const rig = openRig();
    const foreign = join(rig.scratch, 'foreign');
    writeFileSync(foreign, 'foreign words');
    const tag = await submit(rig);
    await statesSoon(rig, tag, ['running']);
    const folder = rig.rankFolder(site, tag, 0);
    rmSync(join(folder, 'log'));
    symlinkSync(foreign, join(folder, 'log'));
    expect(await rig.executor.logs(site, tag, 0, 0)).toBeNull();
    rmSync(join(folder, 'log'));
    const pipes = ['log', 'checkpoint.json.new', 'lost.json.new', '../ending.json.new', '../preempted.json.new'];
    spawnSync(
      'mkfifo',
      [...pipes, 'lost.json'].map((name) => join(folder, name)),
    );
    mkdirSync(join(folder, '../ending.json'));
    writeFileSync(join(folder, 'heartbeat.json'), '{"checkpoint":"step-1"}');
    expect((await ranksOf(rig, tag))[0]?.heartbeat?.checkpoint).toBe('step-1');
    expect(await rig.executor.logs(site, tag, 0, 0)).toBeNull();
    await rig.setCondition(site, 'preempt');
    await statesSoon(rig, tag, ['exited']);
    await cancel(rig, tag);
    expect(await rig.executor.list(site)).toEqual([]);
    expect(readFileSync(foreign, 'utf8')).toBe('foreign words');
  });

  test('names no checkpoint outside of its own [A21]', async () => {
    const rig = openRig();
    const tag = await submit(rig);
    const folder = rig.rankFolder(site, tag, 0);
    writeFileSync(join(folder, 'checkpoint.json'), '{"name":"../../other","atMs":1}');
    writeFileSync(join(folder, 'heartbeat.json'), '{"step":1}');
    expect((await ranksOf(rig, tag))[0]?.heartbeat).toMatchObject({ step: 1, checkpoint: null });
  });

  test.each([
    ['exit.json', { code: 3, atMs: 1, cause: 'WORDS' }],
    ['lost.json', { atMs: 1, evidence: 'WORDS' }],
    ['claim.json', { atMs: 1, why: 'WORDS' }],
  ])('has its words in %s told bounded and on one line', async (name, record) => {
    const rig = openRig({ startSupervisor: async () => ({ pid: 2 ** 22 + 1, hasEnded: () => false }) });
    const tag = await submit(rig);
    const words = `\u001b[2J\n\u2028\u2029\u0085\0${'x'.repeat(10_000)}`;
    const text = JSON.stringify(record).replace('"WORDS"', JSON.stringify(words));
    writeFileSync(join(rig.rankFolder(site, tag, 0), name), text);
    const { evidence } = (await ranksOf(rig, tag))[0]!;
    expect(evidence).toMatch(/^\ufffd\[2J\ufffd{5}x+/);
    expect(evidence).toHaveLength(500);
    expect(evidence).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});

describe('a disk that does not do its part', () => {
  test('is a site without capacity when it cannot write, and no fault of the job', async () => {
    const rig = openRig();
    rmSync(rig.folder, { recursive: true, force: true });
    writeFileSync(rig.folder, 'a file stands where the sites were to be');
    const submission = submissionOf(rig);
    expect(await rig.executor.submit(submission)).toMatchObject({ ok: false, fault: { class: 'capacity' } });
    expect(await rig.executor.list(site)).toBeNull();
  });
});

test('a table of processes that names them in another form is refused at once', () => {
  const identityOf = (pid: number) => ({ pid, started: 'yesterday' });
  expect(
    () =>
      new LocalExecutor({
        folder: '/nowhere',
        clock: testClock,
        log: silentLog,
        environment: {},
        sites: () => [],
        processes: { ...testProcesses, identityOf },
      }),
  ).toThrow('one form of identity');
});

test(
  'whatever a job writes into its folder, observing it does not throw, and what it says stays within bounds',
  { timeout: 60_000 },
  async () => {
    const rig = openRig({ startSupervisor: async () => ({ pid: 2 ** 22 + 1, hasEnded: () => false }) });
    const tag = await submit(rig);
    const folder = rig.rankFolder(site, tag, 0);
    const loose = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            step: fc.anything(),
            checkpoint: fc.oneof(
              fc.string(),
              fc.constantFrom('../up', '/root', 'a/../b', 'a//b', 'good', 'a/b', 'a\nb', '.'),
            ),
            port: fc.oneof(fc.integer({ min: -10, max: 70_000 }), fc.double(), fc.string()),
            metrics: fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.string())),
            code: fc.oneof(fc.integer({ min: -1, max: 300 }), fc.string()),
            atMs: fc.oneof(fc.integer(), fc.double()),
            child: fc.record({ pid: fc.constantFrom(-1, 0, 1, 2 ** 22 + 1, 'x'), started: fc.option(fc.string()) }),
            cause: fc.anything(),
            name: fc.constantFrom('../up', '/root', 'a\nb', 'good'),
            why: fc.string({ unit: 'binary' }),
            supervisor: fc.record({ pid: fc.constant(2 ** 22 + 1), started: fc.option(fc.string()) }),
          },
          { requiredKeys: [] },
        )
        .map((fields) => Buffer.from(JSON.stringify(fields))),
    );
    const files = ['heartbeat.json', 'started.json', 'exit.json', 'checkpoint.json', 'claim.json'];
    await fc.assert(
      fc.asyncProperty(fc.tuple(loose, loose, loose, loose, loose), async (contents) => {
        files.forEach((name, index) => writeFileSync(join(folder, name), contents[index]!));
        await rig.restartController();
        const [rank] = await ranksOf(rig, tag);
        const { heartbeat, exitCode, state, evidence } = rank!;
        expect(evidence).toBe(evidenceWords(evidence));
        if (exitCode !== null) expect(exitCode >= 0 && exitCode <= 255 && state === 'exited').toBe(true);
        if (heartbeat === null) return;
        const { port, checkpoint, step, metrics } = heartbeat;
        if (port !== null) expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true);
        if (checkpoint !== null) expect(isPlainName(checkpoint)).toBe(true);
        if (step !== null) expect(Number.isSafeInteger(step) && step >= 0).toBe(true);
        expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 150 },
    );
  },
);
