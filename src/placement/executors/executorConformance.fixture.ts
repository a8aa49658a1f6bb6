import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UuidV7Maker } from '../../kernel/index.ts';
import { placementLimits } from '../limits.ts';
import type { AttemptTag, Executor, Observation, RankObservation, Submission } from './Executor.ts';

/** An executor under test, with the means to break what it leans on. Sites have room for at least four ranks each. */
export interface ExecutorRig {
  readonly sites: readonly [string, string];
  /** As the controller holds it now. */
  readonly executor: Executor;
  /** The controller dies without a word and comes back: `executor` is a new one, over whatever the old one left. */
  restartController(): Promise<void>;
  /** Folder that jobs on every site can write. */
  readonly scratch: string;
  /** Name and value of a secret in the server's environment. */
  readonly canary: { readonly name: string; readonly value: string };
  /** Ends a rank's program the hard way, behind the executor's back. */
  killProgram(site: string, tag: AttemptTag, rank: number): Promise<void>;
  /** Ends what the engine watches a rank with, the hard way. */
  killSupervisor(site: string, tag: AttemptTag, rank: number): Promise<void>;
  setCondition(site: string, condition: 'none' | 'down' | 'unreachable' | 'preempt'): Promise<void>;
  /** From now on no place is found for this rank of any attempt; null for places enough. */
  refuseRank(rank: number | null): void;
  /** Whether a process of a job lives. */
  lives(pid: number): boolean;
  /** All that runs of what was ever submitted. */
  processesLeft(): Promise<readonly number[]>;
  /** Ends and removes everything. */
  close(): Promise<void>;
}

type Present = Extract<Observation, { readonly kind: 'present' }>;

const ids = new UuidV7Maker((target) => void crypto.getRandomValues(target));

export const newTag = (): AttemptTag => ({ jobId: ids.next(Date.now()), attempt: 1 });

/** A job as a small program; its words follow in `process.argv` from 1 on. */
export const programOf = (source: string, ...words: readonly string[]): readonly string[] => [
  'node',
  '-e',
  source,
  ...words,
];

/** Adds a line "<rank> <pid>" to the file that it is given, which is then proof that it ran, and stays. */
const notesItself = `require('fs').appendFileSync(process.argv[1], process.env.ARCHIPEL_RANK + ' ' + process.pid + '\\n');`;
export const stays = `${notesItself} setInterval(() => {}, 1000);`;
/** Runs until a file is there, then ends with the code that the file holds. */
const staysUntilTold = `${notesItself}
  const fs = require('fs');
  setInterval(() => { if (fs.existsSync(process.argv[2])) process.exit(Number(fs.readFileSync(process.argv[2], 'utf8'))); }, 10);`;
const ignoresTermination = `process.on('SIGTERM', () => {}); ${stays}`;
/** Starts a process of its own that does not listen to SIGTERM, then waits. */
const startsAnother = `
  require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(ignoresTermination)}, process.argv[1]], { stdio: 'ignore' });
  setInterval(() => {}, 1000);`;
/** Writes the words that it was given, one heartbeat for each, whenever the file of that number appears. */
const beats = `
  const fs = require('fs');
  const file = process.env.ARCHIPEL_HEARTBEAT_FILE;
  const [, folder, ...words] = process.argv;
  let next = 0;
  setInterval(() => {
    if (next >= words.length || !fs.existsSync(folder + '/beat-' + next)) return;
    fs.writeFileSync(file + '.new', words[next++]);
    fs.renameSync(file + '.new', file);
  }, 10);`;

/** Waits for something that is on its way; the limit only ends a test that hangs. */
export const soon = <Answer>(look: () => Answer | Promise<Answer>): Promise<Answer> =>
  vi.waitFor(look, { timeout: 20_000, interval: 20 });

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];

/** Numbers of the processes that noted themselves in a file. */
export const pidsIn = (path: string): readonly number[] => linesOf(path).map((line) => Number(line.split(' ')[1]));

/** What every implementation of the port keeps. */
export const describeExecutor = (name: string, open: () => Promise<ExecutorRig>): void => {
  describe(`${name} as an executor`, { timeout: 60_000 }, () => {
    let rig: ExecutorRig;
    let site = '';
    let other = '';

    beforeEach(async () => {
      rig = await open();
      [site, other] = rig.sites;
    });

    afterEach(async () => {
      rig.refuseRank(null);
      for (const each of rig.sites) await rig.setCondition(each, 'none');
      for (const each of rig.sites)
        for (const tag of (await rig.executor.list(each)) ?? []) await cancelled(tag, each).catch(() => false);
      const left = await rig.processesLeft();
      await rig.close();
      expect(left, 'nothing is left running').toEqual([]);
    });

    const scratch = (file: string): string => join(rig.scratch, file);

    const submission = (change: Partial<Submission> = {}): Submission => ({
      tag: newTag(),
      site,
      ranks: 1,
      command: programOf(stays, scratch('ran')),
      directory: rig.scratch,
      environment: {},
      graceMs: 200,
      ...change,
    });

    const submitted = async (change: Partial<Submission> = {}): Promise<AttemptTag> => {
      const whole = submission(change);
      expect(await rig.executor.submit(whole)).toEqual({ ok: true, value: null });
      return whole.tag;
    };

    const seen = async (tag: AttemptTag, at = site): Promise<Present> => {
      const observation = await rig.executor.observe(at, tag);
      if (observation.kind !== 'present') throw new Error(`${observation.kind}: ${observation.evidence}`);
      return observation;
    };

    const seenRank = async (tag: AttemptTag, rank = 0, at = site): Promise<RankObservation> =>
      (await seen(tag, at)).ranks[rank]!;

    const reaches = (tag: AttemptTag, state: RankObservation['state'], rank = 0, at = site): Promise<RankObservation> =>
      soon(async () => {
        const observation = await seenRank(tag, rank, at);
        expect(observation).toMatchObject({ state });
        return observation;
      });

    const cancelled = (tag: AttemptTag, at = site): Promise<boolean> =>
      soon(async () => {
        expect(await rig.executor.cancel(at, tag)).toBe(true);
        return true;
      });

    /** Processes that have noted themselves, once there are so many. */
    const noted = (count: number, file = 'ran'): Promise<readonly number[]> =>
      soon(() => {
        expect(pidsIn(scratch(file))).toHaveLength(count);
        return pidsIn(scratch(file));
      });

    const wholeLog = async (tag: AttemptTag, at = site): Promise<string> => {
      let text = '';
      let fromByte = 0;
      await soon(async () => {
        const piece = await rig.executor.logs(at, tag, 0, fromByte);
        text += piece?.text ?? '';
        fromByte = piece?.nextByte ?? 0;
        expect(piece?.ended).toBe(true);
      });
      return text;
    };

    describe('what runs', () => {
      test.each([0, 3])('a program that ends with %i is told so', async (code) => {
        const tag = await submitted({ command: programOf(`process.exit(${code})`) });
        const rank = await reaches(tag, 'exited');
        expect(rank).toMatchObject({ rank: 0, exitCode: code });
        expect(rank.endedAtMs).toBeGreaterThan(1_700_000_000_000);
        expect((await seen(tag)).billableSinceMs).toBeLessThanOrEqual(rank.endedAtMs!);
      });

      test('one that was never submitted is absent, and ending it is already done', async () => {
        expect(await rig.executor.observe(site, newTag())).toMatchObject({ kind: 'absent' });
        expect(await rig.executor.cancel(site, newTag())).toBe(true);
        expect(await rig.executor.logs(site, newTag(), 0, 0)).toBeNull();
        expect(await rig.executor.signal(site, newTag(), 'terminate')).toMatchObject({ ok: false });
      });

      test('a program that is not there is an exit with its cause, and no fault of the submission', async () => {
        const tag = await submitted({ command: ['there-is-no-such-program'] });
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 127 });
        expect(await wholeLog(tag)).toContain('there-is-no-such-program');
      });

      test('a folder that is not there is refused with what to do', async () => {
        const refused = await rig.executor.submit(submission({ directory: scratch('nowhere') }));
        expect(refused).toMatchObject({ ok: false, fault: { class: 'invalid' } });
        expect(!refused.ok && refused.fault.message).toMatch(/nowhere.*make it/);
        expect(await rig.executor.list(site)).toEqual([]);
      });

      test('by whoever has lost the right to meanwhile starts nothing', async () => {
        let asked = 0;
        const refused = await rig.executor.submit(submission(), () => {
          asked += 1;
          return false;
        });
        expect([refused, asked]).toEqual([expect.objectContaining({ ok: false }), 1]);
        expect(!refused.ok && refused.fault.class).toBe('unreachable');
        expect(await rig.executor.list(site)).toEqual([]);
        expect(existsSync(scratch('ran'))).toBe(false);
      });

      test('it starts in its folder, with its input closed', async () => {
        const tag = await submitted({
          command: programOf(`process.stdin.on('end', () => console.log(process.cwd())).resume()`),
        });
        expect(await wholeLog(tag)).toBe(`${rig.scratch}\n`);
      });
    });

    describe('who it is', () => {
      test('stays over a restart, and is the same for all who ask', async () => {
        const { executor } = rig;
        const [owner, ...others] = await Promise.all([executor.owner(), executor.owner()]);
        expect(owner).toMatch(/^[!-~]{1,100}$/);
        await submitted();
        await rig.restartController();
        expect(rig.executor).not.toBe(executor);
        expect(new Set([owner, ...others, await rig.executor.owner(), await executor.owner()]).size).toBe(1);
      });

      test('is told from another, which knows nothing of what this one runs', async () => {
        const tag = await submitted();
        const elsewhere = await open();
        try {
          expect(await elsewhere.executor.observe(site, tag)).toMatchObject({ kind: 'absent' });
          expect(await elsewhere.executor.owner()).not.toBe(await rig.executor.owner());
        } finally {
          await elsewhere.close();
        }
        await reaches(tag, 'running');
      });
    });

    test('more ranks than it can ever run together are refused as they are written, and nothing starts', async () => {
      const { ranksMax } = rig.executor;
      expect(Number.isSafeInteger(ranksMax) && ranksMax >= 4).toBe(true);
      const refused = await rig.executor.submit(submission({ ranks: ranksMax + 1 }));
      expect(refused).toMatchObject({ ok: false, fault: { class: 'invalid' } });
      expect(!refused.ok && refused.fault.message).toContain(String(ranksMax));
      expect(await rig.executor.list(site)).toEqual([]);
    });

    describe('words that a job has chosen', () => {
      const areBounded = (words: string): void => {
        expect(words).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(words.isWellFormed()).toBe(true);
        expect(words.length).toBeLessThanOrEqual(placementLimits.evidenceCharacters);
      };

      test.each([
        ['steers a screen', 'no-such\u001b[2J\u0007\n\u2028\u2029\u009bprogram'],
        ['is too long for any file', `no-such${'\n'.repeat(100_000)}program`],
      ])('are told bounded and on one line: a program whose name %s', async (_, program) => {
        const tag = await submitted({ command: [program] });
        const { evidence, exitCode } = await reaches(tag, 'exited');
        expect([126, 127]).toContain(exitCode);
        expect(evidence).toContain('no-such');
        areBounded(evidence);
      });

      test.each<[string, Partial<Submission>]>([
        ['a folder', { directory: `/no\u001b[2J\u2028${'where'.repeat(1_000)}` }],
        ['a variable', { environment: { [`=\u007f\u2028${'A'.repeat(1_000)}`]: '' } }],
        ['a site', { site: `no\n\u2029${'site'.repeat(1_000)}` }],
      ])('are told so where %s is refused', async (_, change) => {
        const refused = await rig.executor.submit(submission(change));
        if (refused.ok) throw new Error('it was taken');
        areBounded(refused.fault.message);
      });
    });

    describe('what reaches a job', () => {
      const odd = ['', ' ', 'a b', `"'`, '$HOME', '`id`', '$(id)', 'a\nb', '*', '~', '\\', '-x', '%s', 'é→🜁', ';&|<>#'];

      test('words and variables arrive byte for byte: no shell has seen them', async () => {
        const variables = Object.fromEntries(odd.map((word, index) => [`ODD_${index}`, word]));
        const source = `require('fs').writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env]))`;
        const tag = await submitted({
          command: programOf(source, scratch('told'), '--', ...odd),
          environment: variables,
        });
        await reaches(tag, 'exited');
        const [words, environment] = JSON.parse(readFileSync(scratch('told'), 'utf8'));
        expect(words.slice(words[0] === '--' ? 1 : 0)).toEqual(odd);
        expect(environment).toMatchObject(variables);
      });

      test("it knows who it is, and nothing of the server's secrets unless it is given them", async () => {
        const source = `require('fs').writeFileSync(process.argv[1], JSON.stringify(process.env))`;
        const toldTo = async (file: string, environment: Record<string, string>): Promise<Record<string, string>> => {
          const whole = submission({ command: programOf(source, scratch(file)), environment });
          await submitted(whole);
          await reaches(whole.tag, 'exited');
          const told = JSON.parse(readFileSync(scratch(file), 'utf8'));
          expect(told).toMatchObject({
            ARCHIPEL_JOB_ID: whole.tag.jobId,
            ARCHIPEL_ATTEMPT: '1',
            ARCHIPEL_RANK: '0',
            ARCHIPEL_RANKS: '1',
            ARCHIPEL_SITE: site,
          });
          return told;
        };
        const { name, value } = rig.canary;
        expect(process.env[name] ?? value).toBe(value);
        expect(JSON.stringify(await toldTo('without', { ARCHIPEL_RANK: '7' }))).not.toContain(value);
        expect(JSON.stringify(await toldTo('with', { MINE: value }))).toContain(value);
      });
    });

    describe('gangs', () => {
      test('all ranks start, each with its number', async () => {
        const tag = await submitted({ ranks: 3 });
        for (const rank of [0, 1, 2]) await reaches(tag, 'running', rank);
        await noted(3);
        expect(new Set(linesOf(scratch('ran')).map((line) => line.split(' ')[0]))).toEqual(new Set(['0', '1', '2']));
      });

      test('one that finds no place for a rank leaves nothing, and the same gang starts once there is place', async () => {
        rig.refuseRank(2);
        const whole = submission({ ranks: 3 });
        expect(await rig.executor.submit(whole)).toMatchObject({ ok: false, fault: { class: 'capacity' } });
        await soon(async () => {
          expect(await rig.executor.observe(site, whole.tag)).toMatchObject({ kind: 'absent' });
        });
        expect(await rig.executor.list(site)).toEqual([]);
        expect(await rig.processesLeft()).toEqual([]);
        rig.refuseRank(null);
        await submitted(whole);
        for (const rank of [0, 1, 2]) await reaches(whole.tag, 'running', rank);
      });

      test('a rank that is killed is told, and the others are still there', async () => {
        const tag = await submitted({ ranks: 3 });
        const pids = await noted(3);
        for (const rank of [0, 1, 2]) await reaches(tag, 'running', rank);
        await rig.killProgram(site, tag, 1);
        const killed = await soon(async () => {
          const rank = await seenRank(tag, 1);
          expect(rank.state === 'lost' || rank.exitCode === 137, rank.evidence).toBe(true);
          return rank;
        });
        expect(killed.endedAtMs).not.toBeNull();
        expect((await seen(tag)).ranks.map(({ state }) => state === 'running')).toEqual([true, false, true]);
        expect(pids.filter((pid) => rig.lives(pid))).toHaveLength(2);
      });
    });

    describe('submitting twice', () => {
      test('at once and later, before and after a restart, starts once', async () => {
        const whole = submission({ ranks: 2 });
        const answers = await Promise.all([1, 2, 3].map(() => rig.executor.submit(whole)));
        expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
        await submitted(whole);
        await rig.restartController();
        await submitted(whole);
        for (const rank of [0, 1]) await reaches(whole.tag, 'running', rank);
        const pids = await noted(2);
        await submitted(whole);
        // Another number is another attempt: what is counted would show a second start.
        const { tag } = whole;
        const again = await submitted({ ...whole, tag: { ...tag, attempt: 2 } });
        for (const rank of [0, 1]) await reaches(again, 'running', rank);
        expect((await noted(4)).slice(0, 2)).toEqual(pids);
      });

      test('does not bring back what was ended', async () => {
        const whole = submission();
        await submitted(whole);
        await noted(1);
        await cancelled(whole.tag);
        await rig.executor.submit(whole);
        expect(await rig.executor.list(site)).toEqual([]);
        expect(await rig.processesLeft()).toEqual([]);
      });
    });

    describe('ending', () => {
      test.each([
        ['a program that ends by itself when asked', stays, 1],
        ['a program that does not listen', ignoresTermination, 1],
        ['what a program has started, which does not listen', startsAnother, 1],
      ])('leaves nothing of %s', async (_what, source, processes) => {
        const tag = await submitted({ command: programOf(source, scratch('ran')), ranks: 2 });
        const pids = await noted(2 * processes);
        expect(pids.every((pid) => rig.lives(pid))).toBe(true);
        await cancelled(tag);
        expect(pids.filter((pid) => rig.lives(pid))).toEqual([]);
        expect(await rig.processesLeft()).toEqual([]);
        expect(await rig.executor.list(site)).toEqual([]);
        expect(await rig.executor.observe(site, tag)).toMatchObject({ kind: 'absent' });
        expect(await rig.executor.cancel(site, tag)).toBe(true);
      });

      test('does not wait: while something is still ending the answer is no', async () => {
        const tag = await submitted({
          command: programOf(ignoresTermination, scratch('ran')),
          graceMs: 60_000,
        });
        const [pid] = await noted(1);
        expect(await rig.executor.cancel(site, tag)).toBe(false);
        expect(await rig.executor.list(site)).toEqual([tag]);
        expect(await seenRank(tag)).toMatchObject({ state: 'running' });
        process.kill(pid!, 'SIGKILL');
        await cancelled(tag);
      });

      test('reaches an attempt that has hardly been submitted', async () => {
        const tag = await submitted({ ranks: 3 });
        await cancelled(tag);
        expect(await rig.processesLeft()).toEqual([]);
      });

      test('takes an attempt off the list that has ended by itself', async () => {
        const tag = await submitted({ command: programOf('') });
        await reaches(tag, 'exited');
        expect(await rig.executor.list(site)).toEqual([tag]);
        await cancelled(tag);
        expect(await rig.executor.list(site)).toEqual([]);
      });

      test('goes on over a restart', async () => {
        const tag = await submitted({ command: programOf(ignoresTermination, scratch('ran')) });
        const [pid] = await noted(1);
        await rig.executor.cancel(site, tag);
        await rig.restartController();
        await cancelled(tag);
        expect(rig.lives(pid!)).toBe(false);
      });

      test('by signal leaves a program the time to end as it wants', async () => {
        const source = `process.on('SIGTERM', () => process.exit(7)); ${stays}`;
        const tag = await submitted({ command: programOf(source, scratch('ran')), graceMs: 60_000 });
        await noted(1);
        expect(await rig.executor.signal(site, tag, 'terminate')).toMatchObject({ ok: true });
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 7 });
      });

      test('by signal is final after the grace', async () => {
        const tag = await submitted({ command: programOf(ignoresTermination, scratch('ran')), graceMs: 100 });
        await noted(1);
        await rig.executor.signal(site, tag, 'terminate');
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 137 });
      });
    });

    describe('what is lost', () => {
      test('a rank whose supervisor is killed is lost, and nothing of it lives by then', async () => {
        const tag = await submitted({ command: programOf(startsAnother, scratch('ran')) });
        const [pid] = await noted(1);
        await reaches(tag, 'running');
        await rig.killSupervisor(site, tag, 0);
        const lost = await reaches(tag, 'lost');
        expect(lost).toMatchObject({ exitCode: null });
        expect(lost.endedAtMs).not.toBeNull();
        expect(rig.lives(pid!)).toBe(false);
        await rig.restartController();
        expect(await seenRank(tag)).toMatchObject({ state: 'lost', endedAtMs: lost.endedAtMs });
      });

      test('a site that dies takes all it ran with it, takes nothing new, and the other site goes on', async () => {
        const there = await submitted({ ranks: 2 });
        const elsewhere = await submitted({ site: other, command: programOf(stays, scratch('elsewhere')) });
        const pids = await noted(2);
        const [safe] = await noted(1, 'elsewhere');
        for (const rank of [0, 1]) await reaches(there, 'running', rank);
        await rig.setCondition(site, 'down');
        for (const rank of [0, 1]) expect((await reaches(there, 'lost', rank)).evidence).toContain(site);
        expect(pids.filter((pid) => rig.lives(pid))).toEqual([]);
        expect(await rig.executor.submit(submission())).toMatchObject({ ok: false, fault: { class: 'capacity' } });
        expect(rig.lives(safe!)).toBe(true);
        expect(await seenRank(elsewhere, 0, other)).toMatchObject({ state: 'running' });
        await rig.setCondition(site, 'none');
        expect(await seenRank(there)).toMatchObject({ state: 'lost' });
        await cancelled(there);
        await submitted();
      });

      test('a site that dies while a gang starts leaves nothing of it', async () => {
        const whole = submission({ ranks: 3 });
        const [answer] = await Promise.all([rig.executor.submit(whole), rig.setCondition(site, 'down')]);
        if (answer.ok) for (const rank of [0, 1, 2]) await reaches(whole.tag, 'lost', rank);
        await soon(async () => expect(await rig.processesLeft()).toEqual([]));
      });
    });

    describe('what cannot be reached', () => {
      test('is not lost: it runs on, nobody can ask, and it is there again afterwards', async () => {
        const tag = await submitted({ command: programOf(staysUntilTold, scratch('ran'), scratch('end')) });
        const [pid] = await noted(1);
        await reaches(tag, 'running');
        await rig.setCondition(site, 'unreachable');
        const { executor } = rig;
        expect(await executor.observe(site, tag)).toMatchObject({ kind: 'unreachable' });
        expect(await executor.observe(site, newTag())).toMatchObject({ kind: 'unreachable' });
        expect(await executor.cancel(site, tag)).toBe(false);
        expect(await executor.logs(site, tag, 0, 0)).toBeNull();
        expect(await executor.list(site)).toBeNull();
        const silence = { ok: false, fault: { class: 'unreachable' } };
        expect(await executor.submit(submission())).toMatchObject(silence);
        expect(await executor.signal(site, tag, 'terminate')).toMatchObject(silence);
        expect(await executor.list(other)).toEqual([]);
        expect(rig.lives(pid!)).toBe(true);
        await rig.setCondition(site, 'none');
        expect(await executor.list(site)).toEqual([tag]);
        expect(await seenRank(tag)).toMatchObject({ state: 'running' });
        await rig.setCondition(site, 'unreachable');
        writeFileSync(scratch('end'), '5');
        await soon(() => expect(rig.lives(pid!)).toBe(false));
        expect(await executor.observe(site, tag)).toMatchObject({ kind: 'unreachable' });
        await rig.setCondition(site, 'none');
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 5 });
      });
    });

    describe('capacity that is taken away', () => {
      test('is told beforehand: the ranks may write a checkpoint, and the attempt is known as preempted', async () => {
        const source = `process.on('SIGTERM', () => process.exit(9)); ${stays}`;
        const tag = await submitted({ command: programOf(source, scratch('ran')), graceMs: 60_000 });
        await noted(1);
        expect((await seen(tag)).preempted).toBe(false);
        await rig.setCondition(site, 'preempt');
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 9 });
        expect((await seen(tag)).preempted).toBe(true);
        expect(await rig.executor.submit(submission())).toMatchObject({ ok: false, fault: { class: 'capacity' } });
        await rig.setCondition(site, 'none');
        await rig.restartController();
        expect((await seen(tag)).preempted).toBe(true);
        const after = await submitted();
        expect((await seen(after)).preempted).toBe(false);
      });

      test('is gone after the grace', async () => {
        const tag = await submitted({ command: programOf(ignoresTermination, scratch('ran')) });
        await noted(1);
        await rig.setCondition(site, 'preempt');
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 137 });
      });
    });

    describe('a controller that dies', () => {
      test('finds what runs again, and is told how it ends', async () => {
        const tag = await submitted({ command: programOf(staysUntilTold, scratch('ran'), scratch('end')), ranks: 2 });
        for (const rank of [0, 1]) await reaches(tag, 'running', rank);
        const { billableSinceMs } = await seen(tag);
        const pids = await noted(2);
        await rig.restartController();
        expect(await rig.executor.list(site)).toEqual([tag]);
        expect(await seen(tag)).toMatchObject({ billableSinceMs, ranks: [{ state: 'running' }, { state: 'running' }] });
        expect(await noted(2)).toEqual(pids);
        expect(pids.every((pid) => rig.lives(pid))).toBe(true);
        writeFileSync(scratch('end'), '4');
        for (const rank of [0, 1]) expect(await reaches(tag, 'exited', rank)).toMatchObject({ exitCode: 4 });
      });

      test('is told of what ended while it was away', async () => {
        const tag = await submitted({ command: programOf(staysUntilTold, scratch('ran'), scratch('end')) });
        const [pid] = await noted(1);
        writeFileSync(scratch('end'), '6');
        await soon(() => expect(rig.lives(pid!)).toBe(false));
        await rig.restartController();
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 6 });
      });

      test('right after a submission changes nothing', async () => {
        const tag = await submitted({ ranks: 3 });
        await rig.restartController();
        for (const rank of [0, 1, 2]) await reaches(tag, 'running', rank);
        await noted(3);
      });
    });

    test('attempts of one job on two sites are two things', async () => {
      const first = await submitted();
      const second = await submitted({
        tag: { jobId: first.jobId, attempt: 2 },
        site: other,
        command: programOf(stays, scratch('second')),
      });
      await reaches(first, 'running');
      await reaches(second, 'running', 0, other);
      const [pid] = await noted(1, 'second');
      await cancelled(first);
      expect(await rig.executor.list(site)).toEqual([]);
      expect(await rig.executor.list(other)).toEqual([second]);
      expect(rig.lives(pid!)).toBe(true);
    });

    describe('what a job says', () => {
      test('is its newest readable heartbeat; a checkpoint stays known, with the time of its first mention', async () => {
        const words = [
          '{"step":1,"metrics":{"loss":2.5}}',
          '{"step":2,"checkpoint":"step-2.json","port":43121}',
          '{"step":3,"checkpoint":"step-2.json","port":70000,"metrics":{"loss":"low","left":3}}',
          '{"step":4,"checkpo',
          '{"step":"five","checkpoint":"../../else","port":0,"metrics":[]}',
          `{"step":6,"checkpoint":"/etc/passwd","more":"${'x'.repeat(100_000)}"}`,
          '[7]',
          '{"step":8,"checkpoint":"deep/step-8"}',
        ];
        const tag = await submitted({ command: programOf(beats, rig.scratch, ...words) });
        await reaches(tag, 'running');
        expect((await seenRank(tag)).heartbeat).toBeNull();
        const says = (index: number, expected: object): Promise<number | null> => {
          writeFileSync(scratch(`beat-${index}`), '');
          return soon(async () => {
            const { heartbeat, state } = await seenRank(tag);
            expect({ ...heartbeat, state }).toMatchObject({ ...expected, state: 'running' });
            return heartbeat!.checkpointAtMs;
          });
        };
        expect(await says(0, { step: 1, checkpoint: null, port: null, metrics: { loss: 2.5 } })).toBeNull();
        const atMs = await says(1, { step: 2, checkpoint: 'step-2.json', port: 43_121, metrics: {} });
        expect(await says(2, { step: 3, checkpoint: 'step-2.json', port: null, metrics: { left: 3 } })).toBe(atMs);
        await rig.restartController();
        expect(await says(3, { checkpoint: 'step-2.json', checkpointAtMs: atMs })).toBe(atMs);
        expect(await says(4, { step: null, checkpoint: 'step-2.json', port: null, metrics: {} })).toBe(atMs);
        await says(5, { checkpoint: 'step-2.json' });
        await says(6, { checkpoint: 'step-2.json' });
        const nextMs = await says(7, { step: 8, checkpoint: 'deep/step-8' });
        expect(nextMs).toBeGreaterThanOrEqual(atMs!);
      });

      test('can name a checkpoint that it was asked for', async () => {
        const source = `
          const say = (word) => require('fs').writeFileSync(process.env.ARCHIPEL_HEARTBEAT_FILE, JSON.stringify(word));
          process.on('SIGUSR1', () => say({ step: 1, checkpoint: 'asked' }));
          say({ step: 1 });
          ${stays}`;
        const tag = await submitted({ command: programOf(source, scratch('ran')) });
        await soon(async () => expect((await seenRank(tag)).heartbeat).toMatchObject({ step: 1, checkpoint: null }));
        expect(await rig.executor.signal(site, tag, 'checkpoint')).toMatchObject({ ok: true });
        await soon(async () => expect((await seenRank(tag)).heartbeat).toMatchObject({ checkpoint: 'asked' }));
        expect(await seenRank(tag)).toMatchObject({ state: 'running' });
      });

      test('comes first: one that has said nothing yet is not asked, because the signal would end it', async () => {
        const command = ['sh', '-c', 'echo "0 $$" >> "$0"; exec sleep 1000', scratch('ran')];
        const tag = await submitted({ command, graceMs: 60_000 });
        await noted(1);
        expect(await rig.executor.signal(site, tag, 'checkpoint')).toMatchObject({ ok: true });
        expect(await seenRank(tag)).toMatchObject({ heartbeat: null });
        expect(await rig.executor.signal(site, tag, 'terminate')).toMatchObject({ ok: true });
        // What ended it is the second signal: 128 + 15.
        expect(await reaches(tag, 'exited')).toMatchObject({ exitCode: 143 });
      });
    });

    describe('logs', () => {
      test('are followed from byte to byte, whole characters at a time, and stay after the end', async () => {
        const source = `
          const fs = require('fs');
          process.stdout.write('begins: ');
          process.stderr.write(Buffer.from('é→🜁').subarray(0, 6));
          setInterval(() => {
            if (!fs.existsSync(process.argv[1])) return;
            process.stderr.write(Buffer.from('é→🜁').subarray(6));
            process.stdout.write(' ends\\n', () => process.exit(0));
          }, 10);`;
        const tag = await submitted({ command: programOf(source, scratch('end')) });
        const begun = await soon(async () => {
          const piece = await rig.executor.logs(site, tag, 0, 0);
          expect(piece?.text).toBe('begins: é→');
          return piece!;
        });
        expect(begun).toMatchObject({ nextByte: 13, ended: false });
        expect(await rig.executor.logs(site, tag, 0, begun.nextByte)).toEqual({ text: '', nextByte: 13, ended: false });
        writeFileSync(scratch('end'), '');
        await reaches(tag, 'exited');
        const last = await rig.executor.logs(site, tag, 0, begun.nextByte);
        expect(last).toEqual({ text: '🜁 ends\n', nextByte: 23, ended: true });
        expect(await rig.executor.logs(site, tag, 0, 23)).toEqual({ text: '', nextByte: 23, ended: true });
        expect(await rig.executor.logs(site, tag, 1, 0)).toBeNull();
        await cancelled(tag);
        expect((await rig.executor.logs(site, tag, 0, 0))?.text).toBe('begins: é→🜁 ends\n');
      });

      test('come in pieces of a bounded size', async () => {
        const tag = await submitted({ command: programOf(`process.stdout.write('→'.repeat(100_000))`) });
        await reaches(tag, 'exited');
        const first = await rig.executor.logs(site, tag, 0, 0);
        expect(first?.text.length).toBeLessThan(100_000);
        expect(await wholeLog(tag)).toBe('→'.repeat(100_000));
      });
    });
  });
};
