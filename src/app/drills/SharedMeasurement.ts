import type { Clock } from '../../kernel/index.ts';

export interface SharedMeasurementParts<Value> {
  readonly measure: () => Promise<Value>;
  /** What it is measured by: once that is another object, what was measured before does not count. */
  readonly by: () => object;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** What was measured is kept for so many times as long as it took: however often it is asked for, the database has a small part of its time to spend on it. */
const keptTimes = 20;
const keptMaxMs = 300_000;

/** A measurement that takes long and that many ask for: one at a time, of which all have the outcome. */
export class SharedMeasurement<Value> {
  readonly #parts: SharedMeasurementParts<Value>;
  #underWay: Promise<Value> | null = null;
  #kept: { readonly by: object; readonly value: Value; readonly untilMs: number } | null = null;

  constructor(parts: SharedMeasurementParts<Value>) {
    this.#parts = parts;
  }

  /** @param waitMs how long it is waited for. @returns null where it takes longer: it goes on for who asks next. Rejects as the measurement does. */
  async within(waitMs: number): Promise<Value | null> {
    const { by, clock } = this.#parts;
    const kept = this.#kept;
    if (kept !== null && kept.by === by() && clock.monotonicMs() < kept.untilMs) return kept.value;
    this.#underWay ??= this.#measure(by());
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), waitMs);
    try {
      return await Promise.race([this.#underWay, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #measure(by: object): Promise<Value> {
    const { measure, clock } = this.#parts;
    const sinceMs = clock.monotonicMs();
    try {
      const value = await measure();
      const nowMs = clock.monotonicMs();
      this.#kept = { by, value, untilMs: nowMs + Math.min(keptMaxMs, keptTimes * (nowMs - sinceMs)) };
      return value;
    } finally {
      this.#underWay = null;
    }
  }
}
