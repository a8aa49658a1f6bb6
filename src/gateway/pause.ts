import type { Clock } from '../kernel/index.ts';
import type { Abandonment } from './Abandonment.ts';

/**
 * Waits at least so long by the clock, or until nobody waits any more. Never rejects.
 * A timer counts from the start of the loop's turn and so may end early; what is waited for would then still be closed.
 */
export const pause = (ms: number, abandonment: Abandonment, clock: Pick<Clock, 'monotonicMs'>): Promise<void> =>
  new Promise((resolve) => {
    if (abandonment.reason !== null) {
      resolve();
      return;
    }
    const untilMs = clock.monotonicMs() + ms;
    let timer: NodeJS.Timeout;
    const finish = (): void => {
      clearTimeout(timer);
      abandonment.unlisten(finish);
      resolve();
    };
    const wait = (): void => {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs > 0) timer = setTimeout(wait, Math.ceil(leftMs));
      else finish();
    };
    abandonment.listen(finish);
    wait();
  });
