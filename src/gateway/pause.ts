import type { Clock } from '../kernel/index.ts';

/**
 * Waits at least so long by the clock, or until the signal is aborted. Never rejects.
 * A timer counts from the start of the loop's turn and so may end early; what is waited for would then still be closed.
 */
export const pause = (ms: number, signal: AbortSignal, clock: Pick<Clock, 'monotonicMs'>): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const untilMs = clock.monotonicMs() + ms;
    let timer: NodeJS.Timeout;
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const wait = (): void => {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs > 0) timer = setTimeout(wait, Math.ceil(leftMs));
      else finish();
    };
    signal.addEventListener('abort', finish, { once: true });
    wait();
  });
