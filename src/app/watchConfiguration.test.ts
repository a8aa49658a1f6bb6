import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { failure, silentLog, success, type Log } from '../kernel/index.ts';
import type { ServingState } from './ServingState.ts';
import { watchConfiguration } from './watchConfiguration.ts';

/** A state whose reloads are counted and end as told. */
const stage = (reload: ServingState['reload']) => {
  const said: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void said.push(event) };
  const reloaded = vi.fn<ServingState['reload']>(reload);
  const state = { reload: reloaded, onChange: () => {}, secretFiles: [] };
  const stop = watchConfiguration({ kind: 'sandbox' }, state, log);
  onTestFinished(stop);
  return { reloaded, said, stop };
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
