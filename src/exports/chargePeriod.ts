/** How long the period of one row is. Days and months are those of UTC. */
export type ChargePeriodName = 'hour' | 'day' | 'month';

export const chargePeriodNames: readonly ChargePeriodName[] = ['hour', 'day', 'month'];

/** A stretch of time: from inclusive, until exclusive, Unix milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

const lengthMs = { hour: 3_600_000, day: 86_400_000 } as const;

/** The month of UTC that an instant lies in. */
export const monthOf = (atMs: number): Stretch => {
  const at = new Date(atMs);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return { fromMs: Date.UTC(year, month), untilMs: Date.UTC(year, month + 1) };
};

/** The period that an instant lies in. */
export const chargePeriodOf = (name: ChargePeriodName, atMs: number): Stretch => {
  if (name === 'month') return monthOf(atMs);
  const fromMs = Math.floor(atMs / lengthMs[name]) * lengthMs[name];
  return { fromMs, untilMs: fromMs + lengthMs[name] };
};

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
