import { calendarWindow } from '../ledger/index.ts';

/** How long the period of one row is. Days and months are those of UTC. */
export type ChargePeriodName = 'hour' | 'day' | 'month';

export const chargePeriodNames: readonly ChargePeriodName[] = ['hour', 'day', 'month'];

/** A stretch of time: from inclusive, until exclusive, Unix milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The period that an instant lies in. */
export const chargePeriodOf = (name: ChargePeriodName, atMs: number): Stretch => calendarWindow(name, atMs, 'UTC');

/** What two stretches have in common; null where that is nothing. */
export const common = (one: Stretch, other: Stretch): Stretch | null => {
  const fromMs = Math.max(one.fromMs, other.fromMs);
  const untilMs = Math.min(one.untilMs, other.untilMs);
  return fromMs < untilMs ? { fromMs, untilMs } : null;
};

/** The periods that a stretch touches, in order, each cut to it. */
export function* chargePeriodsIn(name: ChargePeriodName, stretch: Stretch): Generator<Stretch> {
  for (let atMs = stretch.fromMs; atMs < stretch.untilMs;) {
    const { untilMs } = chargePeriodOf(name, atMs);
    yield { fromMs: atMs, untilMs: Math.min(untilMs, stretch.untilMs) };
    atMs = untilMs;
  }
}

/** The same, each also cut where a border lies in it. @param bordersMs in order. */
export function* cutPeriodsIn(
  name: ChargePeriodName,
  stretch: Stretch,
  bordersMs: readonly number[],
): Generator<Stretch> {
  for (const { fromMs, untilMs } of chargePeriodsIn(name, stretch)) {
    const cuts = [fromMs, ...bordersMs.filter((at) => fromMs < at && at < untilMs), untilMs];
    for (const [index, cutMs] of cuts.slice(1).entries()) yield { fromMs: cuts[index] ?? fromMs, untilMs: cutMs };
  }
}
