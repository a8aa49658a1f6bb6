import type { HealthLimits } from './healthLimits.ts';
import { insertBounded } from './insertBounded.ts';
import type { TargetScope } from './TargetScope.ts';

/** Which targets serve the same model, as far as requests have gone there: who fails far more often than the others stands out. */
export class Siblings {
  readonly #limits: HealthLimits;
  readonly #models = new Map<string, Set<TargetScope>>();

  constructor(limits: HealthLimits) {
    this.#limits = limits;
  }

  /** A request for this model goes to this target. */
  note(model: string, target: TargetScope): void {
    const known = this.#models.get(model);
    if (known !== undefined) known.add(target);
    else insertBounded(this.#models, model, new Set([target]), this.#limits.entriesMax);
  }

  /** Of what is served now nothing is known yet. */
  forget(): void {
    this.#models.clear();
  }

  /** Whether a target's part of failures is large, and many times that of its siblings. */
  standsOut(target: TargetScope, nowMs: number): boolean {
    const { outlierRateMin, outlierRatio, outlierVolumeMin } = this.#limits;
    const { rate, volume } = target.rate;
    if (volume < outlierVolumeMin || rate < outlierRateMin) return false;
    let failures = 0;
    let total = 0;
    for (const sibling of this.#siblingsOf(target)) {
      const siblingVolume = sibling.rate.volumeAt(nowMs);
      failures += sibling.rate.rate * siblingVolume;
      total += siblingVolume;
    }
    return total >= outlierVolumeMin && rate >= (outlierRatio * failures) / total;
  }

  /** Each once, whatever models they share. */
  #siblingsOf(target: TargetScope): ReadonlySet<TargetScope> {
    const siblings = new Set<TargetScope>();
    for (const targets of this.#models.values())
      if (targets.has(target)) for (const other of targets) siblings.add(other);
    siblings.delete(target);
    return siblings;
  }
}
