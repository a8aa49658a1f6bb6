import { assert } from '../../kernel/index.ts';
import type { RateName, RateScope } from '../../vocabulary/index.ts';

/** The whole of a rate, in the millionths in which bases are told. */
export const wholeBase = 1_000_000;

/** How long a replica that hears nothing goes on with what it was granted. Milliseconds since it last asked with success, on the monotonic clock. */
export const rateLeaseMs = 15_000;

/** After so much silence nobody still has a lease that was granted before it: then each replica lets an equal share through. */
const equalAfterMs = 2 * rateLeaseMs + 5_000;

/** What may be let through here of a limit whose rest others let through. */
export interface RateGrant {
  /** "key:laptop". */
  readonly scope: string;
  readonly name: RateName;
  readonly units: number;
}

/** A limit of which replicas have more in use than there is: places of requests under way, which nobody gives up. */
export interface RateOverdraft {
  readonly scope: string;
  readonly name: string;
  readonly units: number;
}

const grantId = (scope: string, name: string): string => `${name} ${scope}`;

/**
 * The part of each rate that this process may let through. Alone it has all. As one of several it has a base of every rate, and grants of those that it uses; both come
 * from where all replicas ask, and whoever no longer hears from there keeps the grants for a while, then its base, then twice its base: that is an equal share,
 * which the others leave to it.
 */
export class RateShares {
  #base: number;
  /** Beside the base; below zero where more than that is withheld, since others have it in use. */
  #grants: ReadonlyMap<string, number> = new Map();
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #lacked: () => void = () => {};

  /** @param base Millionths of each rate that are known from before: as long as nothing is heard, twice as much is let through. */
  constructor(base: number = wholeBase) {
    assert(Number.isSafeInteger(base) && base >= 0 && base <= wholeBase, 'a base is told in millionths');
    this.#base = base;
  }

  get base(): number {
    return this.#base;
  }

  /** Whether others let a part of the rates through. */
  get isShared(): boolean {
    return this.#base < wholeBase;
  }

  /** What part an equal share of all replicas is, 0 to 1; of one that has heard of nobody yet, what was known before. */
  get equalPart(): number {
    return Math.min(1, (2 * this.#base) / wholeBase);
  }

  /**
   * Takes over what was settled.
   * @param nowMs monotonic milliseconds of the moment before it was asked for.
   * @param withheld So much less is let through here, until it is settled anew.
   */
  settle(base: number, grants: readonly RateGrant[], nowMs: number, withheld: readonly RateOverdraft[] = []): void {
    this.#base = base;
    const settled = new Map(grants.map(({ scope, name, units }) => [grantId(scope, name), units]));
    for (const { scope, name, units } of withheld) {
      const id = grantId(scope, name);
      settled.set(id, (settled.get(id) ?? 0) - units);
    }
    this.#grants = settled;
    this.#heardAtMs = nowMs;
  }

  /** Lets less through from now on; what was settled is otherwise as it was. */
  lower(base: number, grants: readonly RateGrant[]): void {
    this.#base = Math.min(this.#base, base);
    const lowered = new Map([...this.#grants].filter(([, units]) => units < 0));
    for (const { scope, name, units } of grants) {
      const id = grantId(scope, name);
      lowered.set(id, Math.min(units, this.#grants.get(id) ?? 0));
    }
    this.#grants = lowered;
  }

  /** What was granted beside the base, whether or not it still holds; negative where some of the base is withheld. */
  grantOf(scope: string, name: RateName): number {
    return this.#grants.get(grantId(scope, name)) ?? 0;
  }

  /** Units of a limit that every replica with this base has. */
  baseOf(limit: number, base = this.#base): number {
    return Math.floor((limit * base) / wholeBase);
  }

  /**
   * Most that may be let through here, of a limit that is set.
   * @param nowMs monotonic milliseconds.
   */
  limitOf(scope: RateScope, name: RateName, limit: number, nowMs: number): number {
    if (!this.isShared) return limit;
    const silentMs = nowMs - this.#heardAtMs;
    const grant = this.grantOf(scope.id, name);
    if (silentMs < rateLeaseMs) return Math.max(0, Math.min(limit, this.baseOf(limit) + grant));
    if (silentMs < equalAfterMs) return Math.max(0, this.baseOf(limit) + Math.min(0, grant));
    return Math.floor((limit * Math.min(wholeBase, 2 * this.#base)) / wholeBase);
  }

  /** Tells when a request was refused of which the limit itself had let more through. */
  onLack(listener: () => void): void {
    this.#lacked = listener;
  }

  lacked(): void {
    this.#lacked();
  }
}
