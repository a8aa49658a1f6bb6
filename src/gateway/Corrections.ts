import type { Correction } from '../wire/index.ts';

const correctionsMax = 10_000;

const nothing: Correction = {};

const isEmpty = ({ drop = [], once: _once, ...others }: Correction): boolean =>
  drop.length === 0 && Object.values(others).every((one) => one === undefined);

/** Both corrections as one; where they rename the same thing back and forth, the later one holds. */
export const joined = (earlier: Correction | null, later: Correction | null): Correction => {
  if (later === null || isEmpty(later)) return earlier ?? nothing;
  if (earlier === null || isEmpty(earlier)) return later;
  const renames = Object.entries(later.rename ?? {});
  const kept = Object.entries(earlier.rename ?? {}).filter(
    ([from, to]) => !renames.some(([laterFrom, laterTo]) => laterFrom === to && laterTo === from),
  );
  return {
    drop: [...new Set([...(earlier.drop ?? []), ...(later.drop ?? [])])],
    rename: Object.fromEntries([...kept, ...renames]),
    ...(earlier.withoutThinking === true || later.withoutThinking === true ? { withoutThinking: true } : {}),
    ...(earlier.withoutReasoning === true || later.withoutReasoning === true ? { withoutReasoning: true } : {}),
    ...(earlier.shortCallIds === true || later.shortCallIds === true ? { shortCallIds: true } : {}),
    ...(earlier.plainRoles === true || later.plainRoles === true ? { plainRoles: true } : {}),
  };
};

/**
 * What was learnt about targets that refuse a parameter which can be said another way, so that it is learnt once. Only a correction that was
 * seen to work is learnt: what one client's mistake looks like must not change the requests of others.
 */
export class Corrections {
  readonly #byTarget = new Map<string, Correction>();

  /** @param target "provider/model". */
  of(target: string): Correction | null {
    return this.#byTarget.get(target) ?? null;
  }

  /** Adds to what is known of a target. */
  learn(target: string, correction: Correction): void {
    if (!this.#byTarget.has(target) && this.#byTarget.size >= correctionsMax) this.#byTarget.clear();
    this.#byTarget.set(target, joined(this.of(target), correction));
  }
}
