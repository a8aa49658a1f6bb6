import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { failure, silentLog, success, type Log } from '../kernel/index.ts';
import type { ServingState } from './ServingState.ts';
import { watchConfiguration, type FileLooks } from './watchConfiguration.ts';

/** A state whose reloads are counted and end as told. */
const stage = (reload: ServingState['reload']) => {
  const said: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void said.push(event) };
  const reloaded = vi.fn<ServingState['reload']>(reload);
  const state = { reload: reloaded, onChange: () => {}, filesBeside: [] };
  const stop = watchConfiguration({ kind: 'sandbox' }, state, log);
  onTestFinished(stop);
  return { reloaded, said, stop };
};

/** A file that a test writes; time passes when the watcher waits, and then what was planned for it happens. */
class FileOfTest implements FileLooks {
  /** What becomes of the file at each of the next pauses. */
  readonly plan: (string | null)[] = [];
  waitedMs = 0;
  #content: string | null = 'at first';
  #changed: () => void = () => {};

  watch(_path: string, changed: () => void): void {
    this.#changed = changed;
  }

  unwatch(): void {
    this.#changed = () => {};
  }

  look(): Promise<string | null> {
    return Promise.resolve(this.#content === '' ? null : this.#content);
  }

  pause(ms: number): Promise<void> {
    this.waitedMs += ms;
    const next = this.plan.shift();
    if (next !== undefined) this.#content = next;
    return Promise.resolve();
  }

  get content(): string | null {
    return this.#content;
  }

  /** Writes, and has the watcher see it. */
  write(content: string | null): void {
    this.#content = content;
    this.#changed();
  }
}

const watchFileOfTest = () => {
  const file = new FileOfTest();
  const read: (string | null)[] = [];
  const state: Pick<ServingState, 'reload' | 'onChange' | 'filesBeside'> = {
    reload: async () => {
      read.push(file.content);
      return success(null);
    },
    onChange: () => {},
    filesBeside: [],
  };
  const reload = vi.spyOn(state, 'reload');
  const stop = watchConfiguration({ kind: 'file', path: 'f.yaml' }, state, silentLog, file);
  onTestFinished(stop);
  return { file, read, reload, stop };
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
};

const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {});

describe('whoever watches the configuration', () => {
  test('reads it at SIGHUP, in the sandbox too, where the signal would else end the program', async () => {
    const { reloaded, stop } = stage(async () => success(null));
    process.emit('SIGHUP', 'SIGHUP');
    expect(reloaded).toHaveBeenCalledOnce();
    stop();
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  test('tries again where the ledger kept it from being read, until it is', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let isAway = true;
    const { reloaded, said } = stage(async () => {
      if (isAway) throw new Error('PostgreSQL does not answer');
      return success(null);
    });
    process.emit('SIGHUP', 'SIGHUP');
    await settled();
    expect(said).toEqual(['configuration was not read, the last one stays in force']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reloaded).toHaveBeenCalledTimes(2);
    isAway = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reloaded).toHaveBeenCalledTimes(3);
  });

  test('does not try a faulty file again, which only its writer can mend', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { reloaded } = stage(async () => failure({ code: 'configuration_invalid', message: 'f.yaml:1:1: wrong' }));
    process.emit('SIGHUP', 'SIGHUP');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reloaded).toHaveBeenCalledOnce();
  });
});

describe('a file that changes', () => {
  test('is read once it rests, not while it is written, and never by force', async () => {
    const { file, read, reload } = watchFileOfTest();
    file.plan.push('half', 'more', 'whole');
    file.write('');
    await turns();
    expect(read).toEqual(['whole']);
    expect(reload.mock.calls).toEqual([[]]);
  });

  test('twice at once is read once, as it stands then, and again when it changes later', async () => {
    const { file, read } = watchFileOfTest();
    file.write('one');
    file.write('two');
    await turns();
    expect(read).toEqual(['two']);
    file.write('three');
    await turns();
    expect(read).toEqual(['two', 'three']);
  });

  test('by being taken away and written anew is not read in between', async () => {
    const { file, read } = watchFileOfTest();
    file.plan.push(null, null, null, 'anew');
    file.write(null);
    await turns();
    expect(read).toEqual(['anew']);
  });

  test.each([null, ''])('and stays away or empty is read then, for its fault to be told (%j)', async (content) => {
    const { file, read } = watchFileOfTest();
    file.write(content);
    await turns();
    expect(read).toEqual([content]);
    expect(file.waitedMs).toBeGreaterThanOrEqual(1_000);
  });

  test('without end is read at last', async () => {
    const { file, read } = watchFileOfTest();
    file.plan.push(...Array.from({ length: 1_000 }, (_, index) => `version ${index}`));
    file.write('first');
    await turns();
    expect(read).toHaveLength(1);
    expect(file.waitedMs).toBeLessThanOrEqual(10_000);
  });

  test('when nobody watches any more is not read', async () => {
    const { file, read, stop } = watchFileOfTest();
    file.write('one');
    stop();
    await turns();
    expect(read).toEqual([]);
  });
});
