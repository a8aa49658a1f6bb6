import type { RequestEdits } from '../wire/index.ts';

export type Correction = Pick<RequestEdits, 'drop' | 'rename'>;

const correctionsMax = 10_000;

/** What was learnt about targets that refuse a parameter which can be said another way, so that it is learnt once. */
export class Corrections {
  readonly #byTarget = new Map<string, Correction>();

  /** @param target "provider/model". */
  of(target: string): Correction | null {
    return this.#byTarget.get(target) ?? null;
  }

  /** Adds to what is known of a target. */
  learn(target: string, correction: Correction): void {
    const known = this.#byTarget.get(target);
    if (known === undefined && this.#byTarget.size >= correctionsMax) this.#byTarget.clear();
    this.#byTarget.set(target, {
      drop: [...new Set([...(known?.drop ?? []), ...(correction.drop ?? [])])],
      rename: { ...known?.rename, ...correction.rename },
    });
  }
}
