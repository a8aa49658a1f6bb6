import type { Clock, Log, Metrics } from '../kernel/index.ts';

/** How often the two clocks are compared. */
const lookMs = 1_000;
/** What the wall clock may run ahead or behind between two looks: more is no slewing. */
const jumpMsMin = 1_000;

/**
 * Tells when the wall clock jumps against the one that never does. Nothing that waits follows it; what follows it are keys that expire and windows of
 * budgets and shares, of which none that has begun is opened again.
 * @returns how to look once more, for the timer.
 */
export const clockLook = (clock: Clock, log: Log, metrics: Metrics): (() => void) => {
  const ahead = (): number => clock.nowMs() - clock.monotonicMs();
  let before = ahead();
  return () => {
    const now = ahead();
    const jumpMs = Math.round(now - before);
    before = now;
    if (Math.abs(jumpMs) < jumpMsMin) return;
    metrics.count('archipel_clock_jumps_total', { direction: jumpMs < 0 ? 'back' : 'forward' });
    log.warn('the wall clock jumped', {
      jumpMs,
      effect:
        jumpMs < 0
          ? 'windows of budgets and shares that have begun go on, and ids stay at the latest time that there was'
          : 'keys expire and windows of budgets and shares begin by the new time',
    });
  };
};

/** Looks at the clocks every second. @returns how to stop. */
export const watchClock = (clock: Clock, log: Log, metrics: Metrics): (() => void) => {
  const timer = setInterval(clockLook(clock, log, metrics), lookMs).unref();
  return () => clearInterval(timer);
};
