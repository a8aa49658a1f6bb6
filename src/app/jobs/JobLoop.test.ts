import { afterEach, assert, describe, expect, test, vi } from 'vitest';
import { silentLog, UuidV7Maker } from '../../kernel/index.ts';
import { JobFolders, type ControllerPorts, type Executor, type Job } from '../../placement/index.ts';
import type { JobControl } from '../../store/index.ts';
import { JobLoop } from './JobLoop.ts';
import { rereadJob } from './readJob.ts';
import { aJob, jobId } from './testJobs.fixture.ts';

/** The right to run jobs, as a test gives and takes it. */
class ScriptedControl implements JobControl {
  readonly #lost = new AbortController();
  releases = 0;

  constructor(isHeld: boolean) {
    if (!isHeld) this.#lost.abort();
  }

  get held(): boolean {
    return !this.#lost.signal.aborted;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  lose(): void {
    this.#lost.abort();
  }

  release(): Promise<void> {
    this.releases += 1;
    this.#lost.abort();
    return Promise.resolve();
  }
}

const unasked = (): Promise<never> => Promise.reject(new Error('nothing runs here'));

/** An engine where nothing runs, asked what it holds. */
const engineWith = (list: Executor['list']): Executor => ({
  ranksMax: 1,
  owner: () => Promise.resolve('this machine'),
  submit: unasked,
  observe: unasked,
  signal: unasked,
  cancel: unasked,
  logs: unasked,
  list,
  hostOf: () => '127.0.0.1',
});

/** Something that a test lets through, once it likes. */
class Gate {
  #open: () => void = () => {};
  #passed: Promise<void> = Promise.resolve();

  shut(): void {
    this.#passed = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }

  pass(): Promise<void> {
    return this.#passed;
  }
}

/** For what comes at once on a machine that has nothing else to do. */
const patient = { timeout: 20_000, interval: 2 };

/** Between two rounds that nobody asks for: longer than any test. */
const neverMs = 3_600_000;

class Stage {
  readonly controls: ScriptedControl[] = [];
  /** Whether the next one that asks for the right gets it. */
  isFree = true;
  isDatabaseAway = false;
  areJobsAway = false;
  readonly loading = new Gate();
  readonly ticking = new Gate();
  ticks = 0;
  servedChanges = 0;
  jobs: readonly Job[] = [];
  readonly warnings: string[] = [];
  readonly loop: JobLoop;

  constructor() {
    const clock = { nowMs: () => 0, monotonicMs: () => 0 };
    // Each round asks it once.
    const executor = engineWith(async () => {
      this.ticks += 1;
      await this.ticking.pass();
      return [];
    });
    const ports: ControllerPorts = {
      store: {
        insert: () => Promise.reject(new Error('nothing is submitted here')),
        update: () => Promise.resolve(true),
        read: (id) => Promise.resolve(this.jobs.find((job) => job.id === id) ?? null),
        list: () => Promise.resolve([]),
        open: async () => {
          await this.loading.pass();
          if (this.areJobsAway) throw new Error('the jobs cannot be read');
          return this.jobs;
        },
      },
      executorOf: () => executor,
      sites: () => ['north-1'],
      market: { offers: () => [], priceOf: () => null, headroomUsd: () => Infinity, placeOf: () => null },
      folders: new JobFolders('/nowhere'),
      specOf: ({ written }) => rereadJob(written),
      book: () => Promise.reject(new Error('nothing is counted here')),
      probe: () => Promise.resolve(false),
      servedChanged: () => Promise.resolve(void (this.servedChanges += 1)),
      mayAct: () => true,
      ids: new UuidV7Maker((bytes) => void bytes.fill(7)),
      clock,
      log: silentLog,
      times: () => ({
        leaseMs: 1,
        pieceMs: 1,
        refusedMs: 1,
        restartMs: 1,
        reconcileMs: 0,
        keepMs: 1,
        decideAgainMs: 1,
      }),
    };
    this.loop = new JobLoop({
      ports,
      hold: () => {
        if (this.isDatabaseAway) return Promise.reject(new Error('the database is away'));
        const control = new ScriptedControl(this.isFree);
        this.controls.push(control);
        return Promise.resolve(control);
      },
      lookMs: () => neverMs,
      clock,
      log: { ...silentLog, warn: (message) => void this.warnings.push(message) },
    });
  }

  get control(): ScriptedControl {
    const control = this.controls.at(-1);
    if (control === undefined) throw new Error('nobody has asked for the right');
    return control;
  }

  /** Has a round begin and waits until it has. */
  async round(): Promise<void> {
    const before = this.ticks;
    this.loop.wake();
    await vi.waitFor(() => assert(this.ticks > before), patient);
  }
}

/** Long enough for whatever would happen by itself. */
const idle = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
};

const stages: Stage[] = [];
const open = (): Stage => {
  const stage = new Stage();
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  for (const { loop, loading, ticking } of stages.splice(0)) {
    loading.open();
    ticking.open();
    await loop.stop();
  }
});

describe('the loop of jobs', () => {
  test('runs here once this process has the right to', async () => {
    const stage = open();
    stage.jobs = [aJob()];
    expect(stage.loop.controller).toBeNull();
    await stage.loop.start();
    expect(await stage.loop.controller?.job(jobId)).toMatchObject({ id: jobId });
    await stage.round();
    await stage.round();
    expect(stage.controls).toHaveLength(1);
  });

  test('does nothing while another process has it, and asks again', async () => {
    const stage = open();
    stage.isFree = false;
    await stage.loop.start();
    await idle();
    expect(stage.loop.controller).toBeNull();
    expect(stage.ticks).toBe(0);
    const asked = stage.controls.length;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.controls.length).toBeGreaterThan(asked), patient);
    expect(stage.ticks).toBe(0);
    stage.isFree = true;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.loop.controller).not.toBeNull(), patient);
    await stage.round();
  });

  test('that has lost the right has no controller, takes it again and reads what happened meanwhile', async () => {
    const stage = open();
    stage.jobs = [aJob()];
    await stage.loop.start();
    const before = stage.loop.controller;
    await stage.round();
    stage.isFree = false;
    stage.control.lose();
    expect(stage.loop.controller).toBeNull();
    const ticks = stage.ticks;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.controls).toHaveLength(2), patient);
    await idle();
    expect(stage.ticks).toBe(ticks);
    expect(stage.controls[0]!.releases).toBeGreaterThan(0);

    stage.isFree = true;
    stage.jobs = [aJob({ version: 7, name: 'renamed' })];
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.loop.controller).not.toBeNull(), patient);
    expect(stage.loop.controller).not.toBe(before);
    expect(await stage.loop.controller?.job(jobId)).toMatchObject({ name: 'renamed' });
    await stage.round();
  });

  test('shows nobody a controller of before while it reads its jobs again', async () => {
    const stage = open();
    await stage.loop.start();
    stage.control.lose();
    stage.loading.shut();
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.controls).toHaveLength(2), patient);
    await idle();
    expect(stage.control.held).toBe(true);
    expect(stage.loop.controller).toBeNull();
    stage.loading.open();
    await vi.waitFor(() => expect(stage.loop.controller).not.toBeNull(), patient);
  });

  test('gives the right back where the jobs cannot be read, says so, and tries again', async () => {
    const stage = open();
    stage.areJobsAway = true;
    await stage.loop.start();
    await idle();
    expect(stage.loop.controller).toBeNull();
    expect(stage.warnings).not.toEqual([]);
    stage.areJobsAway = false;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.loop.controller).not.toBeNull(), patient);
    expect(stage.controls.slice(0, -1).every(({ held }) => !held)).toBe(true);
  });

  test('starts while the database is away, and runs once it is there', async () => {
    const stage = open();
    stage.isDatabaseAway = true;
    await stage.loop.start();
    expect(stage.loop.controller).toBeNull();
    for (let again = 0; again < 3; again += 1) {
      stage.loop.wake();
      await idle();
    }
    expect(stage.warnings, 'said once, not every time that it is tried').toHaveLength(1);
    stage.isDatabaseAway = false;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.loop.controller).not.toBeNull(), patient);
  });
});

describe('servers of jobs', () => {
  test('are left as they are while the database is away, and looked for anew once it is there', async () => {
    const stage = open();
    await stage.loop.start();
    await stage.round();
    stage.isDatabaseAway = true;
    stage.control.lose();
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.warnings).not.toEqual([]), patient);
    expect(stage.servedChanges).toBe(0);
    stage.isDatabaseAway = false;
    stage.loop.wake();
    await vi.waitFor(() => expect(stage.servedChanges).toBe(1), patient);
    expect(stage.loop.controller).not.toBeNull();
  });

  test('get no requests from a process whose jobs another one runs now, which is told once', async () => {
    const stage = open();
    await stage.loop.start();
    stage.isFree = false;
    stage.control.lose();
    for (const asked of [2, 3, 4]) {
      stage.loop.wake();
      await vi.waitFor(() => expect(stage.controls).toHaveLength(asked), patient);
      await idle();
      expect(stage.servedChanges).toBe(1);
    }
  });

  test('are not told of where nothing was run before', async () => {
    const stage = open();
    await stage.loop.start();
    await idle();
    expect(stage.servedChanges).toBe(0);
  });
});

describe('a round', () => {
  test('begins at once when it is asked for, also while another one is under way', async () => {
    const stage = open();
    await stage.loop.start();
    stage.ticking.shut();
    await stage.round();
    const ticks = stage.ticks;
    stage.loop.wake();
    stage.ticking.open();
    await vi.waitFor(() => expect(stage.ticks).toBe(ticks + 1), patient);
  });

  test('comes by itself no sooner than it should', async () => {
    const stage = open();
    await stage.loop.start();
    await stage.round();
    const ticks = stage.ticks;
    await idle();
    expect(stage.ticks).toBe(ticks);
  });
});

describe('a stop', () => {
  test('ends the loop and gives the right back', async () => {
    const stage = open();
    await stage.loop.start();
    await stage.round();
    const ticks = stage.ticks;
    await stage.loop.stop();
    expect(stage.control.releases).toBe(1);
    expect(stage.loop.controller).toBeNull();
    stage.loop.wake();
    await idle();
    expect(stage.ticks).toBe(ticks);
  });

  test('waits for the round that is under way, and for nothing more', async () => {
    const stage = open();
    await stage.loop.start();
    stage.ticking.shut();
    await stage.round();
    const ticks = stage.ticks;
    let hasStopped = false;
    const stopped = stage.loop.stop().then(() => (hasStopped = true));
    await idle();
    expect(hasStopped).toBe(false);
    expect(stage.control.held).toBe(true);
    stage.ticking.open();
    await stopped;
    expect(stage.ticks).toBe(ticks);
    expect(stage.control.held).toBe(false);
  });

  test('ends a loop that never had the right, and one that never began', async () => {
    const waiting = open();
    waiting.isFree = false;
    await waiting.loop.start();
    await waiting.loop.stop();
    await open().loop.stop();
    expect(waiting.ticks).toBe(0);
  });
});
